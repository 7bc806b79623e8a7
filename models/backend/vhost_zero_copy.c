/*
 * Transmit without copies: handle_tx_zerocopy() and vhost_zerocopy_signal_used() of drivers/vhost/net.c. The
 * page references' release, when the uplink's driver reclaims a sent packet, tells the worker.
 */
#include "models/backend/vhost_private.h"

enum { TELL_EVERY = 16 }; /* releases, while more are in flight */

static unsigned pending_max(const struct vhost *vhost)
{
    int64_t quarter = vhost->pair.config->queue_size / 4;
    return quarter < VHOST_ZERO_COPY_MAX ? (unsigned)quarter : VHOST_ZERO_COPY_MAX;
}

static struct vhost_pending *pending_at(struct vhost *vhost, unsigned index)
{
    return &vhost->pending[(vhost->pending_head + index) % VHOST_ZERO_COPY_MAX];
}

/* ---- releases ---- */

/* The NIC has read the payload of a packet whose fetch stage is over, and of one that is no more. */
static bool was_read(const struct vhost *vhost, const struct vhost_pending *pending)
{
    const struct packet *packet = sim_pool_at(vhost->pair.packets, pending->handle);
    return !packet || packet->stage[STAGE_PAYLOAD_FETCH] > 0 || packet->stage[STAGE_WIRE] > 0;
}

static void uplink_reclaims(struct send_waiter *waiter)
{
    struct vhost *vhost = SIM_CONTAINER_OF(waiter, struct vhost, reclaimed);
    while (vhost->pending_done < vhost->pending_count &&
           was_read(vhost, pending_at(vhost, vhost->pending_done)))
        vhost->pending_done++;
    bool all = vhost->pending_done == vhost->pending_count;
    if (vhost->pending_done >= TELL_EVERY || (all && vhost->pending_done > 0))
        worker_queue(&vhost->tx_work);
    if (!all)
        netdev_wait(vhost->pair.tap->bridge->uplink, waiter);
}

void vhost_zero_copy_init(struct vhost *vhost)
{
    vhost->reclaimed.wake = uplink_reclaims;
}

static void give_back_released(struct vhost *vhost)
{
    for (; vhost->pending_done > 0; vhost->pending_done--) {
        const struct vhost_pending *pending = pending_at(vhost, 0);
        virtqueue_use(vhost->pair.tx, pending->id, pending->slots, 0);
        vhost->pending_head = (vhost->pending_head + 1) % VHOST_ZERO_COPY_MAX;
        vhost->pending_count--;
    }
    virtqueue_publish(vhost->pair.tx);
}

/* ---- sending ---- */

static void next_packet(struct cpu_context *ctx, void *self);

static void run_ended(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    if (vhost_exceeds_weight(vhost))
        worker_queue(&vhost->tx_work);
    worker_done(ctx, &vhost->worker);
}

static bool goes_uncopied(const struct vhost *vhost, const struct packet *packet)
{
    return packet->length >= VHOST_ZERO_COPY_MIN && vhost->pending_count < pending_max(vhost);
}

static void sent(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    cpu_push(ctx, next_packet, vhost);
    if (vhost->built == 0) { /* it went uncopied: used when released */
        cpu_return(ctx);
        return;
    }
    virtqueue_use(vhost->pair.tx, vhost->batch[0].id, vhost->batch[0].slots, 0);
    virtqueue_publish(vhost->pair.tx);
    vhost_signal(vhost, ctx, vhost->pair.tx, vhost->pair.tx_interrupt);
}

static void hand_over(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    const struct virtio_sent *packet = &vhost->batch[0];
    bool more = !vhost_exceeds_weight(vhost) && virtqueue_has_available(vhost->pair.tx);
    packet_mark(packet->packet, STAGE_BACKEND, vhost_now(vhost));
    if (vhost->built == 0) {
        *pending_at(vhost, vhost->pending_count++) = (struct vhost_pending){
            .handle = sim_pool_handle(vhost->pair.packets, packet->packet),
            .id = packet->id,
            .slots = packet->slots,
        };
        netdev_wait(vhost->pair.tap->bridge->uplink, &vhost->reclaimed);
    }
    vhost->fetched = NULL;
    cpu_push(ctx, sent, vhost);
    tap_send(vhost->pair.tap, ctx, packet->packet, more);
}

static void next_packet(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    const struct costs *costs = vhost->pair.costs;
    struct virtio_sent *next = &vhost->batch[0];
    if (vhost_exceeds_weight(vhost) || !virtio_pair_fetch(&vhost->pair, next)) {
        if (!vhost_exceeds_weight(vhost) && vhost_tx_has_more(vhost))
            next_packet(ctx, vhost);
        else
            cpu_run(ctx, run_ended, vhost);
        return;
    }
    virtio_pair_mark_fetched(&vhost->pair, next->packet, vhost->worker.activated);
    vhost_count(vhost, next->packet);
    vhost->fetched = next->packet;
    vhost->built = vhost->sent = goes_uncopied(vhost, next->packet) ? 0 : 1;
    cpu_add(ctx, CPU_VHOST, SHARE_PACKET, costs->vhost_packet);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, vhost->built ? costs_copy(costs, next->packet->length) : 0);
    cpu_run(ctx, hand_over, vhost);
}

/* The guest gets back what was released since the last run. */
static void released(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    give_back_released(vhost);
    cpu_push(ctx, next_packet, vhost);
    vhost_signal(vhost, ctx, vhost->pair.tx, vhost->pair.tx_interrupt);
}

void vhost_handle_tx_zero_copy(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    const struct costs *costs = vhost->pair.costs;
    vhost_begin_run(vhost);
    virtqueue_disable_kicks(vhost->pair.tx);
    cpu_add(ctx, CPU_VHOST, SHARE_BATCH, costs->vhost_work);
    if (vhost->pending_done == 0) {
        next_packet(ctx, vhost);
        return;
    }
    cpu_add(ctx, CPU_SCHED, SHARE_BATCH, costs->wakeup); /* of this thread by the release */
    cpu_run(ctx, released, vhost);
}
