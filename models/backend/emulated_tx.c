/*
 * The emulated NIC's transmit side: start_xmit() of QEMU's e1000. Every descriptor up to the tail is read, its payload
 * copied, out of the guest and by write() into the tap, frame by frame, and written back; the causes are set once at the
 * end.
 */
#include <string.h>

#include "models/backend/emulated_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

static void next_descriptor(struct cpu_context *ctx, void *self);

static void write_back(struct emulated_nic *nic)
{
    struct tx_descriptor *descriptor = emulated_descriptor(nic, &nic->tx, nic->tx.head);
    descriptor->status = DESC_DD;
    nic->tx.head = nic->tx.head + 1 == nic->tx.size ? 0 : nic->tx.head + 1;
    nic->sent = nic->delayed = true;
}

static void send_frame(struct emulated_nic *nic, struct cpu_context *ctx);

static void frame_sent(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    if (--nic->frames_left > 0) {
        send_frame(nic, ctx);
        return;
    }
    write_back(nic);
    next_descriptor(ctx, nic);
}

static void send_frame(struct emulated_nic *nic, struct cpu_context *ctx)
{
    cpu_add(ctx, CPU_SYSCALL, SHARE_PACKET, nic->config.costs->syscall);
    cpu_push(ctx, frame_sent, nic);
    struct packet *packet = nic->sending;
    if (nic->frames_left == 1)
        nic->sending = NULL;
    tap_send(&nic->tap, ctx, nic->config.emulation->segmentation ? transmit_next_frame(packet) : packet,
             false);
}

static void copied(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    packet_mark(nic->sending, STAGE_BACKEND, emulated_now(nic));
    send_frame(nic, ctx);
}

static struct packet *described(struct emulated_nic *nic)
{
    struct tx_descriptor descriptor;
    memcpy(&descriptor, emulated_descriptor(nic, &nic->tx, nic->tx.head), sizeof(descriptor));
    struct memory *memory = nic->tap.bridge->host->memory;
    uint64_t hpa = address_space_translate(vm_space(nic->config.vm), descriptor.address);
    struct packet *packet = sim_pool_at(nic->config.packets, memory_tag_at(memory, hpa));
    SIM_ASSERT(packet && packet->length == descriptor.length);
    return packet;
}

static void next_descriptor(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    const struct costs *costs = nic->config.costs;
    if (nic->tx.head == nic->tx.tail) {
        nic->transmitting = false;
        emulated_cause_set(nic, ctx, nic->sent ? CAUSE_TX : 0);
        return;
    }
    struct packet *packet = nic->sending = described(nic);
    bool cut = packet->gso_size && nic->config.emulation->segmentation;
    nic->frames_left = cut ? packet->segments : 1;
    if (packet->last < nic->doorbell)
        packet_mark(packet, STAGE_NOTIFY, nic->doorbell);
    packet_mark(packet, STAGE_BACKEND_WAIT, emulated_now(nic));
    cpu_add(ctx, CPU_EMULATION, SHARE_PACKET, costs->emulate_descriptor);
    if (cut)
        cpu_add(ctx, CPU_EMULATION, SHARE_PACKET, (int64_t)packet->segments * costs->gso_segment);
    if (nic->config.emulation->copies)
        cpu_add(ctx, CPU_COPY, SHARE_PACKET, 2 * costs_copy(costs, packet->length));
    cpu_run(ctx, copied, nic);
}

void emulated_transmit(struct emulated_nic *nic, struct cpu_context *ctx)
{
    if (nic->transmitting) {
        cpu_return(ctx); /* whoever is at it sees the new tail */
        return;
    }
    nic->transmitting = true;
    nic->sent = false;
    next_descriptor(ctx, nic);
}
