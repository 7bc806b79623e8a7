#include "models/backend/emulated_nic.h"

#include <stdio.h>

#include "models/backend/emulated_private.h"
#include "models/cpu/work.h"
#include "sim/assert.h"

void *emulated_descriptor(struct emulated_nic *nic, const struct emulated_ring *ring, uint32_t index)
{
    struct kernel *host = nic->tap.bridge->host;
    uint64_t gpa = ring->base + (uint64_t)index * 16;
    return memory_bytes(host->memory, address_space_translate(vm_space(nic->config.vm), gpa));
}

/* ---- registers: the effect comes when the model's code for the access has run ---- */

static struct emulated_call *call_take(struct emulated_nic *nic, enum device_register reg, uint64_t value)
{
    for (unsigned i = 0; i < EMULATED_CALLS; i++) {
        struct emulated_call *call = &nic->calls[i];
        if (call->nic)
            continue;
        *call = (struct emulated_call){.nic = nic, .reg = reg, .value = value};
        return call;
    }
    SIM_ASSERT(!"more accesses in flight than vCPUs");
    return NULL;
}

static void tx_tail(struct emulated_nic *nic, struct cpu_context *ctx, uint32_t tail)
{
    nic->tx.tail = tail;
    nic->doorbell = emulated_now(nic);
    if (nic->config.emulation->synchronous) {
        emulated_transmit(nic, ctx);
        return;
    }
    nic->transmit_wanted = true;
    emulated_notify(nic, ctx);
}

static void moderate(void *self, unsigned queue, const struct moderation_setting *setting)
{
    (void)queue;
    emulated_moderate(self, *setting);
}

static void unmask(struct emulated_nic *nic, struct cpu_context *ctx, uint64_t value)
{
    if (nic->config.signal == EMULATED_LINE) {
        nic->mask |= (uint32_t)value;
        emulated_evaluate(nic, ctx);
        return;
    }
    bool transmit = nic->config.signal == EMULATED_MSIX && value == RING_MASK_TX;
    emulated_unmask(nic, ctx, transmit ? 1 : 0);
}

static void write_now(struct cpu_context *ctx, void *self)
{
    struct emulated_call *call = self;
    struct emulated_nic *nic = call->nic;
    uint64_t value = call->value;
    call->nic = NULL;
    switch (call->reg) {
    case REG_TX_TAIL:
        tx_tail(nic, ctx, (uint32_t)value);
        return;
    case REG_RX_TAIL:
        nic->rx.tail = (uint32_t)value;
        emulated_rx_tail_moved(nic, ctx);
        return;
    case REG_MASK_SET:
        unmask(nic, ctx, value);
        return;
    case REG_MASK_CLEAR:
        nic->mask &= ~(uint32_t)value;
        emulated_evaluate(nic, ctx);
        return;
    case REG_THROTTLE:
        emulated_moderate(nic, moderation_decode(value));
        break;
    default:
        break;
    }
    cpu_return(ctx);
}

static void write_register(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                           uint64_t value)
{
    struct emulated_nic *nic = self;
    (void)index;
    cpu_add(thread, CPU_EMULATION, SHARE_BATCH, nic->config.costs->emulate_register);
    cpu_run(thread, write_now, call_take(nic, reg, value));
}

static void read_now(struct cpu_context *ctx, void *self)
{
    struct emulated_call *call = self;
    struct emulated_nic *nic = call->nic;
    call->nic = NULL;
    if (call->reg != REG_CAUSE) {
        *call->result = 0;
        cpu_return(ctx);
        return;
    }
    *call->result = emulated_cause_take(nic);
    emulated_evaluate(nic, ctx);
}

static void read_register(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                          uint64_t *value)
{
    struct emulated_nic *nic = self;
    (void)index;
    struct emulated_call *call = call_take(nic, reg, 0);
    call->result = value;
    cpu_add(thread, CPU_EMULATION, SHARE_BATCH, nic->config.costs->emulate_register);
    cpu_run(thread, read_now, call);
}

static const struct emulated_device_ops device_ops = {.write = write_register, .read = read_register};

/* ---- set-up ---- */

static void setup(void *self, unsigned queue, const struct nic_ring *ring)
{
    struct emulated_nic *nic = self;
    SIM_ASSERT(queue == 0);
    nic->tx = (struct emulated_ring){.base = ring->tx_base, .size = ring->tx_size};
    nic->rx = (struct emulated_ring){.base = ring->rx_base, .size = ring->rx_size};
    nic->mask = ~0u;
}

static void first_tail(void *self, unsigned queue, uint32_t tail)
{
    struct emulated_nic *nic = self;
    (void)queue;
    nic->rx.tail = tail;
}

static sim_time last_interrupt(const void *self, unsigned queue)
{
    const struct emulated_nic *nic = self;
    (void)queue;
    return nic->vectors[0].last;
}

/* The descriptor in work is the tap's when its last frame has been handed over. */
static uint32_t tx_head(const void *self, unsigned queue)
{
    const struct emulated_nic *nic = self;
    bool handed = nic->frames_left > 0 && !nic->sending;
    (void)queue;
    if (!handed)
        return nic->tx.head;
    return nic->tx.head + 1 == nic->tx.size ? 0 : nic->tx.head + 1;
}

static struct sleeper *tap_readable(struct tap *tap, void *self)
{
    struct emulated_nic *nic = self;
    (void)tap;
    return nic->asleep ? &nic->sleeper : NULL;
}

/* QEMU's e1000 lets KVM coalesce writes to all registers but MDIC, ICR, ICS, IMS, IMC, TCTL and TDT: of those that a
 * running driver writes, RDT and ITR. */
static void coalesce(struct emulated_nic *nic)
{
    trapped_set_write_site(&nic->access, REG_RX_TAIL, EXIT_SITE_COALESCED);
    trapped_set_write_site(&nic->access, REG_THROTTLE, EXIT_SITE_COALESCED);
}

void emulated_nic_init(struct emulated_nic *nic, const struct emulated_nic_config *config,
                       struct bridge *bridge, unsigned station, unsigned uplink_queue)
{
    *nic = (struct emulated_nic){
        .config = *config,
        .device = {.setup = setup,
                   .moderate = moderate,
                   .first_tail = first_tail,
                   .last_interrupt = last_interrupt,
                   .tx_head = tx_head,
                   .self = nic,
                   .emulated = true,
                   .split_vectors = config->signal == EMULATED_MSIX},
    };
    tap_init(&nic->tap, bridge, station, uplink_queue, (uint32_t)config->emulation->tap_queue);
    nic->tap.readable = tap_readable;
    nic->tap.self = nic;
    trapped_access_init(&nic->access, &device_ops, nic, EXIT_EPT_MISCONFIG, EXIT_SITE_USER);
    if (config->signal == EMULATED_LINE && !config->auto_mask)
        coalesce(nic);
    cpu_context_init(&nic->thread, config->core->cpu, config->name, CPU_TASK, emulated_thread, nic);
    cpu_work_set_owner(&nic->thread, vm_kernel(config->vm)->name);
    sleeper_init(&nic->sleeper, &nic->thread, NULL);
    kernel_timer_init(&nic->timer, config->core, &nic->thread);
    nic->asleep = true;
    char name[128];
    snprintf(name, sizeof(name), "%s.%s", vm_kernel(config->vm)->name, config->name);
    emulated_irq_init(nic, sim_component(bridge->host->sim, name));
}

/* What it sends is on the guest's ring until the tap has it. */
void emulated_nic_census(const struct emulated_nic *nic, struct census *census)
{
    tap_census(&nic->tap, census);
    census_packet(census, nic->receiving);
}
