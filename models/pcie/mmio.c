#include "models/pcie/mmio.h"

#include "models/pcie/dma_private.h"
#include "sim/assert.h"

enum { REGISTER_BYTES = 4 };

/* Sends an access that takes `latency` [ps] from the core to the port; accesses of all cores keep their order. */
static void send_access(struct dma *dma, unsigned function, struct tlp *tlp, sim_time latency)
{
    struct root_port *port = &dma->port;
    sim_time when = sim_now(dma->sim) + latency;
    port->core_send = when > port->core_send ? when : port->core_send;
    dma->functions[function].counters.bytes_down += tlp->wire;
    link_send_at(&port->down, tlp, port->core_send);
}

void mmio_write(struct dma *dma, unsigned function, uint32_t offset, uint64_t value)
{
    SIM_ASSERT(function < dma->function_count && offset >> MMIO_SHIFT == 0 && dma->target.write != NULL);
    struct tlp *tlp = sim_pool_take(dma->root->tlps);
    tlp_make_write(tlp, 0, mmio_address(function, offset), value >> 32 ? 2 * REGISTER_BYTES : REGISTER_BYTES);
    tlp->payload = value;
    dma->functions[function].counters.mmio_writes++;
    send_access(dma, function, tlp, dma->root->config.mmio_write_latency);
}

/* The core goes on: its stall is over. */
static void return_to_caller(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

void mmio_read(struct dma *dma, unsigned function, uint32_t offset, struct cpu_context *ctx, uint64_t *value)
{
    SIM_ASSERT(function < dma->function_count && offset >> MMIO_SHIFT == 0 && dma->target.read != NULL);
    struct mmio_access *access = sim_pool_take(dma->root->mmio_reads);
    *access = (struct mmio_access){.ctx = ctx, .value = value};
    struct tlp *tlp = sim_pool_take(dma->root->tlps);
    tlp_make_read(tlp, 0, 0, mmio_address(function, offset), REGISTER_BYTES);
    tlp->context = access;
    dma->functions[function].counters.mmio_reads++;
    send_access(dma, function, tlp, mmio_way_in(&dma->root->config));
    cpu_stall(ctx, return_to_caller, NULL);
}

void mmio_arrive(struct dma *dma, struct tlp *tlp)
{
    const struct register_target *target = &dma->target;
    unsigned function = mmio_function(tlp->address);
    uint32_t offset = mmio_offset(tlp->address);
    if (tlp_class(tlp) == TLP_POSTED) {
        target->write(target->self, function, offset, tlp->payload);
        return;
    }
    struct tlp *completion = sim_pool_take(dma->root->tlps);
    tlp_make_completion(completion, tlp, tlp->address, tlp->bytes, tlp->bytes);
    completion->completer = dma->functions[function].requester_id;
    completion->payload = target->read(target->self, function, offset);
    dma_send(dma, function, completion);
}

void mmio_complete(struct root_complex *root, const struct tlp *completion)
{
    struct mmio_access *access = completion->context;
    struct cpu_context *ctx = access->ctx;
    *access->value = completion->payload;
    sim_pool_give(root->mmio_reads, access);
    cpu_resume(ctx);
}
