/* Receive: virtnet_poll(), receive_buf() and try_fill_recv() of drivers/net/virtio_net.c. */
#include <string.h>

#include "models/guest/virtio_net_private.h"
#include "sim/pool.h"

static const struct costs *costs_of(const struct virtio_net_pair *pair)
{
    return pair->net->netdev.kernel->costs;
}

/* ---- buffers ---- */

/* get_mergeable_buf_len(): a page at most, by the average packet. */
static uint32_t mergeable_length(const struct virtio_net_pair *pair)
{
    uint32_t header = pair->net->header;
    uint32_t length = pair->average < RX_GOOD_PACKET ? RX_GOOD_PACKET : pair->average;
    if (length > PAGE_SIZE - header)
        length = PAGE_SIZE - header;
    return (length + header + LINE_SIZE - 1) / LINE_SIZE * LINE_SIZE;
}

static unsigned big_parts(const struct virtio_net_pair *pair, uint64_t buffer, struct virtqueue_part *parts)
{
    unsigned count = 0;
    parts[count++] = (struct virtqueue_part){buffer, pair->net->header, true};
    parts[count++] = (struct virtqueue_part){buffer + RX_BIG_OFFSET, PAGE_SIZE - RX_BIG_OFFSET, true};
    while (count < RX_BIG_PARTS) {
        parts[count] = (struct virtqueue_part){buffer + (uint64_t)(count - 1) * PAGE_SIZE, PAGE_SIZE, true};
        count++;
    }
    return count;
}

static unsigned buffer_parts(const struct virtio_net_pair *pair, uint64_t buffer,
                             struct virtqueue_part *parts)
{
    if (pair->net->rx_kind == RX_BIG)
        return big_parts(pair, buffer, parts);
    uint32_t length =
        pair->net->rx_kind == RX_MERGEABLE ? mergeable_length(pair) : pair->net->header + RX_GOOD_PACKET;
    parts[0] = (struct virtqueue_part){buffer, length, true};
    return 1;
}

static unsigned buffer_slots(const struct virtio_net_pair *pair)
{
    return virtqueue_slots(&pair->rx, pair->net->rx_kind == RX_BIG ? RX_BIG_PARTS : 1);
}

static void add_buffer(struct virtio_net_pair *pair)
{
    struct virtqueue_part parts[RX_BIG_PARTS];
    struct virtio_slot slot = {.buffer = buffer_pool_take(pair->rx_buffers)};
    slot.hpa = address_space_translate(pair->net->netdev.kernel->space, slot.buffer);
    unsigned count = buffer_parts(pair, slot.buffer, parts);
    pair->rx_slots[virtqueue_add(&pair->rx, parts, count)] = slot;
}

/* Takes the next used chain off the ring and recycles its buffer; returns where the buffer was. */
static bool get_buffer(struct virtio_net_pair *pair, uint64_t *hpa)
{
    uint16_t id;
    uint32_t length;
    if (!virtqueue_get(&pair->rx, &id, &length))
        return false;
    struct virtio_slot *slot = &pair->rx_slots[id];
    *hpa = slot->hpa;
    buffer_pool_give(pair->rx_buffers, slot->buffer);
    slot->buffer = 0;
    return true;
}

/* ---- taking a packet ---- */

static void read_header(const struct virtio_net_pair *pair, uint64_t hpa, struct virtio_net_header *header)
{
    *header = (struct virtio_net_header){.buffers = 1};
    memcpy(header, memory_bytes(pair->net->netdev.kernel->memory, hpa), pair->net->header);
}

/* The chains that a packet takes. */
static unsigned chains_of(const struct virtio_net_pair *pair, const struct virtio_net_header *header)
{
    return pair->net->rx_kind == RX_MERGEABLE ? header->buffers : 1;
}

/* INJECT until the softirq that polls began, then the packet's turn. */
static void mark_wait(const struct virtio_net_pair *pair, struct packet *packet)
{
    if (packet->last < pair->rx_napi.started)
        packet_mark(packet, STAGE_INJECT, pair->rx_napi.started);
    packet_mark(packet, STAGE_POLL_WAIT, sim_now(pair->net->netdev.kernel->sim));
}

static struct packet *rx_take(void *self, struct cpu_context *ctx)
{
    struct virtio_net_pair *pair = self;
    struct virtio_net_header header;
    uint64_t hpa;
    if (!get_buffer(pair, &hpa))
        return NULL;
    read_header(pair, hpa, &header);
    struct packet *packet =
        sim_pool_at(pair->net->config.packets, memory_tag_at(pair->net->netdev.kernel->memory, hpa));
    SIM_ASSERT(packet);
    unsigned chains = chains_of(pair, &header);
    for (unsigned i = 1; i < chains; i++) {
        bool more = get_buffer(pair, &hpa);
        SIM_ASSERT(more); /* all of a packet are published together */
    }
    pair->average = pair->average
                        ? (pair->average * (RX_AVERAGE_WEIGHT - 1) + packet->length) / RX_AVERAGE_WEIGHT
                        : packet->length;
    mark_wait(pair, packet);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, (int64_t)chains * costs_of(pair)->virtio_receive);
    return packet;
}

static void rx_taken(void *self, struct cpu_context *ctx)
{
    (void)self;
    cpu_return(ctx);
}

/* ---- refill ---- */

/* The barrier between enabling interrupts and looking again: in the segment that leaves polling mode. */
static void add_complete_barrier(struct virtio_net_pair *pair, struct cpu_context *ctx)
{
    if (pair->rx_napi.budget_left > 0)
        cpu_add(ctx, CPU_CACHE, SHARE_BATCH, costs_of(pair)->barrier);
    cpu_return(ctx);
}

static void refill_notified(struct cpu_context *ctx, void *self)
{
    add_complete_barrier(self, ctx);
}

static void refilled(struct cpu_context *ctx, void *self)
{
    struct virtio_net_pair *pair = self;
    for (; pair->refill > 0; pair->refill--)
        add_buffer(pair);
    pair->net->counters.refills++;
    cpu_push(ctx, refill_notified, pair);
    if (virtqueue_kick_prepare(&pair->rx))
        virtio_net_kick(pair->net, ctx, virtio_rx_queue(pair->index));
    else
        cpu_return(ctx);
}

static bool refill_due(const struct virtio_net_pair *pair)
{
    unsigned size = pair->rx.config.size;
    return virtqueue_free(&pair->rx) > (size < NAPI_BUDGET ? size : NAPI_BUDGET) / 2 &&
           virtqueue_free(&pair->rx) >= buffer_slots(pair);
}

static void poll_end(void *self, struct cpu_context *ctx)
{
    struct virtio_net_pair *pair = self;
    const struct costs *costs = costs_of(pair);
    if (!refill_due(pair)) {
        add_complete_barrier(pair, ctx);
        return;
    }
    pair->refill = virtqueue_free(&pair->rx) / buffer_slots(pair);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, (int64_t)pair->refill * costs->virtio_refill);
    cpu_add(ctx, CPU_CACHE, SHARE_BATCH, costs->barrier);
    cpu_run(ctx, refilled, pair);
}

/* ---- polling mode ---- */

static void schedule_napi(struct virtio_net_pair *pair)
{
    virtqueue_disable_interrupts(&pair->rx);
    napi_schedule(&pair->rx_napi);
}

void virtio_net_rx_callback(struct virtio_net_pair *pair)
{
    if (virtqueue_interrupted(&pair->rx))
        schedule_napi(pair);
}

static void complete(void *self, struct cpu_context *ctx)
{
    struct virtio_net_pair *pair = self;
    virtqueue_enable_interrupts(&pair->rx);
    if (virtqueue_has_used(&pair->rx))
        schedule_napi(pair);
    cpu_return(ctx);
}

/* Each poll reclaims the transmit queue too (virtnet_poll_cleantx()). */
static unsigned tx_clean(void *self, struct cpu_context *ctx)
{
    struct virtio_net_pair *pair = self;
    if (!pair->net->config.virtio->tx_interrupts)
        return 0;
    unsigned count = virtio_net_tx_pay(pair, ctx);
    cpu_add(ctx, CPU_CACHE, SHARE_BATCH, costs_of(pair)->barrier);
    return count;
}

static void tx_cleaned(struct cpu_context *ctx, void *self)
{
    struct virtio_net_pair *pair = self;
    if (pair->net->config.virtio->tx_interrupts)
        virtio_net_tx_reclaim_late(pair, ctx);
    else
        cpu_return(ctx);
}

const struct napi_ops virtio_rx_napi_ops = {
    .tx_clean = tx_clean,
    .tx_cleaned = tx_cleaned,
    .rx_take = rx_take,
    .rx_taken = rx_taken,
    .poll_end = poll_end,
    .complete = complete,
};

void virtio_net_rx_start(struct virtio_net_pair *pair)
{
    while (virtqueue_free(&pair->rx) >= buffer_slots(pair))
        add_buffer(pair);
    virtqueue_kick_prepare(&pair->rx);
    virtqueue_disable_interrupts(&pair->rx); /* the first poll (virtnet_napi_enable()) */
    virtqueue_enable_interrupts(&pair->rx);
}
