/*
 * The emulated NIC's own thread, QEMU's main loop: receives from the tap into the guest's buffers, transmits when the
 * device is asynchronous, and sends what timers have made due.
 */
#include <string.h>

#include "models/backend/emulated_private.h"
#include "sim/pool.h"

static void thread_next(struct cpu_context *ctx, void *self);

static void store(struct emulated_nic *nic, struct packet *packet)
{
    struct memory *memory = nic->tap.bridge->host->memory;
    struct rx_descriptor *descriptor = emulated_descriptor(nic, &nic->rx, nic->rx.head);
    uint64_t hpa = address_space_translate(vm_space(nic->config.vm), descriptor->address);
    memory_tag(memory, hpa, packet->length, sim_pool_handle(nic->config.packets, packet));
    descriptor->length = packet->length;
    descriptor->status = DESC_DD | DESC_EOP;
    nic->rx.head = nic->rx.head + 1 == nic->rx.size ? 0 : nic->rx.head + 1;
}

static void stored(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    packet_mark(nic->receiving, STAGE_BACKEND_RECEIVE, emulated_now(nic));
    store(nic, nic->receiving);
    nic->receiving = NULL;
    cpu_push(ctx, thread_next, nic);
    emulated_cause_set(nic, ctx, CAUSE_RX);
}

/* read() from the tap into the process, then into the guest's buffer. */
static void receive(struct emulated_nic *nic, struct cpu_context *ctx, struct packet *packet)
{
    const struct costs *costs = nic->config.costs;
    nic->receiving = packet;
    cpu_add(ctx, CPU_SYSCALL, SHARE_PACKET, costs->syscall);
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, costs->tap_receive);
    cpu_add(ctx, CPU_EMULATION, SHARE_PACKET, costs->emulate_descriptor);
    if (nic->config.emulation->copies)
        cpu_add(ctx, CPU_COPY, SHARE_PACKET, 2 * costs_copy(costs, packet->length));
    cpu_run(ctx, stored, nic);
}

static bool take(bool *wanted)
{
    bool was = *wanted;
    *wanted = false;
    return was;
}

static bool message_due(const struct emulated_nic *nic)
{
    return nic->config.signal != EMULATED_LINE && (nic->vectors[0].due || nic->vectors[1].due);
}

static void thread_next(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    if (take(&nic->evaluate_wanted) || message_due(nic)) {
        cpu_push(ctx, thread_next, nic);
        emulated_evaluate(nic, ctx);
        return;
    }
    if (take(&nic->transmit_wanted)) {
        cpu_push(ctx, thread_next, nic);
        emulated_transmit(nic, ctx);
        return;
    }
    bool room = nic->rx.head != nic->rx.tail;
    struct packet *packet = room ? tap_receive(&nic->tap) : NULL;
    if (packet) {
        receive(nic, ctx, packet);
        return;
    }
    nic->asleep = true;
    cpu_block(ctx, emulated_thread, nic);
}

void emulated_thread(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    nic->asleep = false;
    cpu_add(ctx, CPU_EMULATION, SHARE_BATCH, nic->config.costs->qemu_dispatch);
    cpu_run(ctx, thread_next, nic);
}

/* qemu_notify_event(): a loop that sleeps is woken by a write to its eventfd. */
static void notify(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    sleeper_wake(ctx, &nic->sleeper, nic->config.costs->wakeup);
}

void emulated_notify(struct emulated_nic *nic, struct cpu_context *ctx)
{
    if (!nic->asleep || !cpu_is_blocked(&nic->thread)) {
        cpu_return(ctx);
        return;
    }
    cpu_add(ctx, CPU_SYSCALL, SHARE_BATCH, nic->config.costs->syscall);
    cpu_run(ctx, notify, nic);
}

void emulated_rx_tail_moved(struct emulated_nic *nic, struct cpu_context *ctx)
{
    if (nic->tap.queue.count > 0)
        emulated_notify(nic, ctx);
    else
        cpu_return(ctx);
}
