#include "models/guest/native_access.h"

static int64_t write_cycles(const struct device_access *base)
{
    return ((const struct native_access *)base)->costs->mmio_write;
}

static void native_write(struct device_access *base, struct cpu_context *ctx, enum device_register reg,
                         unsigned index, uint64_t value)
{
    struct native_access *access = SIM_CONTAINER_OF(base, struct native_access, base);
    mmio_write(access->dma, access->function, device_register_offset(reg, index), value);
    cpu_return(ctx);
}

static void native_read(struct device_access *base, struct cpu_context *ctx, enum device_register reg,
                        unsigned index, uint64_t *value)
{
    struct native_access *access = SIM_CONTAINER_OF(base, struct native_access, base);
    mmio_read(access->dma, access->function, device_register_offset(reg, index), ctx, value);
}

static const struct device_access_ops native_ops = {
    .write_cycles = write_cycles,
    .write = native_write,
    .read = native_read,
};

void native_access_init(struct native_access *access, struct dma *dma, unsigned function,
                        const struct costs *costs)
{
    *access =
        (struct native_access){.base.ops = &native_ops, .dma = dma, .function = function, .costs = costs};
}
