/* Transmit: start_xmit(), skb_xmit_done() and virtnet_poll_tx() of drivers/net/virtio_net.c. */
#include <string.h>

#include "models/guest/virtio_net_private.h"
#include "sim/pool.h"

static bool has_napi(const struct virtio_net_pair *pair)
{
    return pair->net->config.virtio->tx_interrupts;
}

static struct virtio_net_pair *pair_of(struct netdev *netdev, unsigned queue)
{
    return &SIM_CONTAINER_OF(netdev, struct virtio_net, netdev)->pairs[queue];
}

static struct transmit_queue *transmit_of(const struct virtio_net_pair *pair)
{
    return &pair->net->netdev.transmit[pair->index];
}

static const struct costs *costs_of(const struct virtio_net_pair *pair)
{
    return pair->net->netdev.kernel->costs;
}

/* ---- reclaiming ---- */

unsigned virtio_net_tx_pay(struct virtio_net_pair *pair, struct cpu_context *ctx)
{
    unsigned used = virtqueue_used(&pair->tx);
    if (used <= pair->prepaid)
        return used;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, (int64_t)(used - pair->prepaid) * costs_of(pair)->virtio_clean);
    pair->prepaid = used;
    return used;
}

static void free_chain(struct virtio_net_pair *pair, uint16_t id)
{
    struct virtio_slot *slot = &pair->tx_slots[id];
    buffer_pool_give(slot->large ? pair->tx_large : pair->tx_small, slot->buffer);
    slot->buffer = 0;
    send_charge_free(&slot->charge, transmit_of(pair));
}

/* free_old_xmit_skbs(): returns how many of them have not been paid for: they were used since. */
static unsigned reclaim(struct virtio_net_pair *pair)
{
    uint16_t id;
    uint32_t length;
    unsigned count = 0;
    while (virtqueue_get(&pair->tx, &id, &length)) {
        free_chain(pair, id);
        count++;
    }
    unsigned unpaid = count > pair->prepaid ? count - pair->prepaid : 0;
    pair->prepaid -= count - unpaid;
    return unpaid;
}

/* Adds what reclaiming the unpaid costs, behind the fact; false: nothing. */
static bool add_late(const struct virtio_net_pair *pair, struct cpu_context *ctx, unsigned unpaid)
{
    if (unpaid > 0)
        cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, (int64_t)unpaid * costs_of(pair)->virtio_clean);
    return unpaid > 0;
}

static void wake_queue(struct virtio_net_pair *pair)
{
    if (!pair->stopped || virtqueue_free(&pair->tx) < TX_STOP_BELOW)
        return;
    pair->stopped = false;
    transmit_reclaimed(&pair->net->netdev, pair->index);
}

/* Reclaims everything, then asks for a late interrupt. No time passes in between: nothing slips in. */
static unsigned reclaim_and_enable_late(struct virtio_net_pair *pair)
{
    virtqueue_disable_interrupts(&pair->tx);
    unsigned unpaid = reclaim(pair);
    bool quiet = virtqueue_enable_interrupts_delayed(&pair->tx);
    SIM_ASSERT(quiet);
    return unpaid;
}

void virtio_net_tx_reclaim_late(struct virtio_net_pair *pair, struct cpu_context *ctx)
{
    add_late(pair, ctx, reclaim_and_enable_late(pair));
    wake_queue(pair);
    transmit_wake(ctx, transmit_of(pair));
}

/* ---- sending ---- */

static bool can_send(struct netdev *netdev, unsigned queue, const struct packet *packet)
{
    (void)packet;
    return !pair_of(netdev, queue)->stopped;
}

static void prepare(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                    bool more)
{
    struct virtio_net_pair *pair = pair_of(netdev, queue);
    const struct costs *costs = costs_of(pair);
    (void)packet;
    virtio_net_tx_pay(pair, ctx);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, costs->virtio_send);
    if (!more) /* before the kick decision, and before the look at the used ring */
        cpu_add(ctx, CPU_CACHE, SHARE_PACKET, (has_napi(pair) ? 2 : 1) * costs->barrier);
}

static void write_header(struct virtio_net_pair *pair, uint64_t hpa, const struct packet *packet)
{
    struct virtio_net_header header = {.flags = 1, .checksum_start = 34, .checksum_offset = 6};
    if (packet->gso_size) {
        header.gso_type = 1;
        header.header_length = FRAME_HEADERS;
        header.gso_size = (uint16_t)packet->gso_size;
        header.checksum_offset = 16;
    }
    memcpy(memory_bytes(pair->net->netdev.kernel->memory, hpa), &header, pair->net->header);
}

/* The chain of a packet whose header and bytes begin at `buffer`; returns its number of parts. */
static unsigned split_parts(const struct virtio_net_pair *pair, uint64_t buffer, const struct packet *packet,
                            struct virtqueue_part parts[TX_PARTS_MAX])
{
    uint32_t linear = pair->net->header + (packet->gso_size ? FRAME_HEADERS : packet->length);
    uint32_t left = pair->net->header + packet->length - linear;
    unsigned count = 0;
    parts[count++] = (struct virtqueue_part){.address = buffer, .length = linear};
    buffer += linear;
    while (left > 0) {
        uint32_t length = left < TX_FRAGMENT ? left : TX_FRAGMENT;
        SIM_ASSERT(count < TX_PARTS_MAX);
        parts[count++] = (struct virtqueue_part){.address = buffer, .length = length};
        buffer += length;
        left -= length;
    }
    return count;
}

/* Without NAPI the packet is nobody's from here on (skb_orphan()): when it will be reclaimed is anybody's guess. */
static void expose(struct virtio_net_pair *pair, struct packet *packet)
{
    struct kernel *kernel = pair->net->netdev.kernel;
    uint32_t length = pair->net->header + packet->length;
    bool large = length > TX_SMALL_BUFFER;
    struct virtio_slot slot = {.large = large, .charge = send_charge_move(packet)};
    if (!has_napi(pair))
        send_charge_free(&slot.charge, transmit_of(pair));
    struct virtqueue_part parts[TX_PARTS_MAX];
    slot.buffer = buffer_pool_take(large ? pair->tx_large : pair->tx_small);
    slot.hpa = address_space_translate(kernel->space, slot.buffer);
    memory_tag(kernel->memory, slot.hpa, length, sim_pool_handle(pair->net->config.packets, packet));
    write_header(pair, slot.hpa, packet);
    unsigned count = split_parts(pair, slot.buffer, packet, parts);
    pair->tx_slots[virtqueue_add(&pair->tx, parts, count)] = slot;
}

static void kick(struct cpu_context *ctx, void *self)
{
    struct virtio_net_pair *pair = self;
    if (virtqueue_kick_prepare(&pair->tx))
        virtio_net_kick(pair->net, ctx, virtio_tx_queue(pair->index));
    else
        cpu_return(ctx);
}

static void no_kick(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

/* Too few slots are left for another packet of any kind: the queue is stopped until enough have been used. */
static bool stop_if_full(struct virtio_net_pair *pair)
{
    if (virtqueue_free(&pair->tx) >= TX_STOP_BELOW)
        return false;
    pair->stopped = true;
    pair->net->counters.stops++;
    bool quiet = virtqueue_enable_interrupts_delayed(&pair->tx);
    SIM_ASSERT(quiet); /* what was used up to now has just been reclaimed */
    return true;
}

/* free_old_xmit_skbs(), before a packet; returns how many have not been paid for. */
static unsigned reclaim_before(struct virtio_net_pair *pair, bool more)
{
    if (!has_napi(pair))
        return reclaim(pair);
    if (!more)
        return reclaim_and_enable_late(pair);
    virtqueue_disable_interrupts(&pair->tx);
    return reclaim(pair);
}

/*
 * False if the packet finds no room and is lost ("Unexpected TXQ queue failure"). Without NAPI an interrupt for what
 * was reclaimed already starts the queue again, however full it is.
 */
static bool add_or_lose(struct virtio_net_pair *pair, struct packet *packet)
{
    struct virtqueue_part parts[TX_PARTS_MAX];
    unsigned slots = virtqueue_slots(&pair->tx, split_parts(pair, 0, packet, parts));
    if (slots > virtqueue_free(&pair->tx)) {
        transmit_lose(transmit_of(pair), packet);
        return false;
    }
    expose(pair, packet);
    return true;
}

static void commit(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                   bool more)
{
    struct virtio_net_pair *pair = pair_of(netdev, queue);
    unsigned unpaid = reclaim_before(pair, more);
    bool stopped = add_or_lose(pair, packet) && stop_if_full(pair);
    cpu_fn *next = !more || stopped ? kick : no_kick;
    bool late = add_late(pair, ctx, unpaid);
    if (more && stopped) {
        cpu_add(ctx, CPU_CACHE, SHARE_PACKET, costs_of(pair)->barrier);
        late = true;
    }
    cpu_push(ctx, next, pair);
    if (late)
        cpu_run(ctx, transmit_wake, transmit_of(pair));
    else
        transmit_wake(ctx, transmit_of(pair));
}

const struct netdev_ops virtio_netdev_ops = {.can_send = can_send, .prepare = prepare, .commit = commit};

/* ---- completion ---- */

static void schedule_napi(struct virtio_net_pair *pair)
{
    virtqueue_disable_interrupts(&pair->tx);
    napi_schedule(&pair->tx_napi);
}

void virtio_net_tx_callback(struct virtio_net_pair *pair)
{
    if (!virtqueue_interrupted(&pair->tx))
        return;
    if (has_napi(pair)) {
        schedule_napi(pair);
        return;
    }
    virtqueue_disable_interrupts(&pair->tx);
    pair->stopped = false; /* the next packet sent reclaims */
    transmit_reclaimed(&pair->net->netdev, pair->index);
}

static unsigned napi_clean(void *self, struct cpu_context *ctx)
{
    return virtio_net_tx_pay(self, ctx);
}

static void napi_cleaned(struct cpu_context *ctx, void *self)
{
    struct virtio_net_pair *pair = self;
    virtqueue_disable_interrupts(&pair->tx);
    add_late(pair, ctx, reclaim(pair));
    wake_queue(pair);
    transmit_wake(ctx, transmit_of(pair));
}

static struct packet *napi_take_nothing(void *self, struct cpu_context *ctx)
{
    (void)self, (void)ctx;
    return NULL;
}

static void napi_taken_nothing(void *self, struct cpu_context *ctx)
{
    (void)self;
    cpu_return(ctx);
}

/* The barrier between enabling interrupts and looking again: in the segment that leaves polling mode. */
static void napi_poll_end(void *self, struct cpu_context *ctx)
{
    cpu_add(ctx, CPU_CACHE, SHARE_BATCH, costs_of(self)->barrier);
    cpu_return(ctx);
}

static void napi_complete(void *self, struct cpu_context *ctx)
{
    struct virtio_net_pair *pair = self;
    virtqueue_enable_interrupts(&pair->tx);
    if (virtqueue_has_used(&pair->tx))
        schedule_napi(pair);
    cpu_return(ctx);
}

const struct napi_ops virtio_tx_napi_ops = {
    .tx_clean = napi_clean,
    .tx_cleaned = napi_cleaned,
    .rx_take = napi_take_nothing,
    .rx_taken = napi_taken_nothing,
    .poll_end = napi_poll_end,
    .complete = napi_complete,
};

/* With NAPI a first poll, that finds nothing. Without, interrupts are as a fresh ring has them: on, until the first. */
void virtio_net_tx_start(struct virtio_net_pair *pair)
{
    if (!has_napi(pair))
        return;
    virtqueue_disable_interrupts(&pair->tx);
    virtqueue_enable_interrupts(&pair->tx);
}
