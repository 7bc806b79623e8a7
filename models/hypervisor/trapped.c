#include "models/hypervisor/trapped.h"

#include "models/hypervisor/vm_private.h"

/* The store itself never retires: its cycles are the exit's. */
static int64_t write_cycles(const struct device_access *access)
{
    (void)access;
    return 0;
}

static struct trapped_access *access_of(struct device_access *base)
{
    return SIM_CONTAINER_OF(base, struct trapped_access, base);
}

static void call_device(struct cpu_context *thread, void *self)
{
    const struct trapped_call *call = self;
    const struct trapped_access *access = call->access;
    if (call->result)
        access->ops->read(access->device, thread, call->reg, call->index, call->result);
    else
        access->ops->write(access->device, thread, call->reg, call->index, call->value);
}

static void trap(struct cpu_context *ctx, const struct trapped_call *call, enum exit_site site)
{
    struct vcpu *vcpu = vcpu_of(ctx);
    vcpu->call = *call;
    vcpu_exit(vcpu, ctx, call->access->reason, site, call_device, &vcpu->call);
}

static void trapped_write(struct device_access *base, struct cpu_context *ctx, enum device_register reg,
                          unsigned index, uint64_t value)
{
    struct trapped_access *access = access_of(base);
    struct trapped_call call = {.access = access, .reg = reg, .index = index, .value = value};
    struct vcpu *vcpu = vcpu_of(ctx);
    enum exit_site site = access->write_site[reg];
    if (site != EXIT_SITE_COALESCED) {
        trap(ctx, &call, site);
        return;
    }
    struct coalesced_write write = {access, reg, index, value};
    if (coalesced_put(&vcpu->vm->coalesced, &write))
        vcpu_exit(vcpu, ctx, access->reason, EXIT_SITE_COALESCED, NULL, NULL);
    else
        trap(ctx, &call, EXIT_SITE_USER);
}

static void trapped_read(struct device_access *base, struct cpu_context *ctx, enum device_register reg,
                         unsigned index, uint64_t *value)
{
    struct trapped_access *access = access_of(base);
    struct trapped_call call = {.access = access, .reg = reg, .index = index, .result = value};
    trap(ctx, &call, access->read_site[reg]);
}

static const struct device_access_ops trapped_ops = {
    .write_cycles = write_cycles,
    .write = trapped_write,
    .read = trapped_read,
};

static bool has_device_model(enum exit_site site)
{
    return site == EXIT_SITE_USER || site == EXIT_SITE_KERNEL;
}

void trapped_access_init(struct trapped_access *access, const struct emulated_device_ops *ops, void *device,
                         enum exit_reason reason, enum exit_site site)
{
    SIM_ASSERT(has_device_model(site));
    *access =
        (struct trapped_access){.base.ops = &trapped_ops, .ops = ops, .device = device, .reason = reason};
    for (unsigned reg = 0; reg < REGISTERS; reg++) {
        access->write_site[reg] = site;
        access->read_site[reg] = site;
    }
}

void trapped_set_write_site(struct trapped_access *access, enum device_register reg, enum exit_site site)
{
    access->write_site[reg] = site;
}

void trapped_set_read_site(struct trapped_access *access, enum device_register reg, enum exit_site site)
{
    SIM_ASSERT(has_device_model(site));
    access->read_site[reg] = site;
}
