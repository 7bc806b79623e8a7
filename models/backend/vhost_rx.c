/* Receive: handle_rx() of drivers/vhost/net.c. */
#include "models/backend/vhost_private.h"
#include "models/traffic/path.h"

static void collect(struct cpu_context *ctx, void *self);

static void run_ended(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    if (vhost_exceeds_weight(vhost))
        worker_queue(&vhost->rx_work);
    worker_done(ctx, &vhost->worker);
}

/* The guest may have what was placed; then goes on with `next`. */
static void publish(struct vhost *vhost, struct cpu_context *ctx, cpu_fn *next)
{
    if (vhost->received_count == 0) {
        cpu_run(ctx, next, vhost);
        return;
    }
    virtqueue_publish(vhost->pair.rx);
    for (unsigned i = 0; i < vhost->received_count; i++)
        packet_mark(vhost->received[i], STAGE_BACKEND_RECEIVE, vhost_now(vhost));
    vhost->received_count = 0;
    vhost->received_chains = 0;
    cpu_push(ctx, next, vhost);
    vhost_signal(vhost, ctx, vhost->pair.rx, vhost->pair.rx_interrupt);
}

static void placed(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    if (vhost_exceeds_weight(vhost))
        publish(vhost, ctx, run_ended);
    else if (vhost->received_chains > VHOST_BATCH_MAX)
        publish(vhost, ctx, collect);
    else
        collect(ctx, vhost);
}

/* Takes the tap's first packet, which has been placed, or is too large for any buffer: then it is lost. */
static struct packet *take(struct vhost *vhost, enum virtio_placed result)
{
    struct packet *packet = tap_receive(vhost->pair.tap);
    vhost_count(vhost, packet);
    if (result == VIRTIO_PLACED) {
        vhost->received[vhost->received_count++] = packet;
        return packet;
    }
    path_drop(packet->path, packet, DROP_OVERSIZE);
    return NULL;
}

/* The tap is empty, or the guest has no buffers: then it is to kick when it has. */
static void nothing_more(struct vhost *vhost, struct cpu_context *ctx)
{
    if (vhost->rx_starved && virtqueue_enable_kicks(vhost->pair.rx)) {
        virtqueue_disable_kicks(vhost->pair.rx);
        collect(ctx, vhost);
        return;
    }
    publish(vhost, ctx, run_ended);
}

/* The next segment: all that is in the tap, at most a batch, as far as buffers and the run's share go. */
static void collect(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    const struct costs *costs = vhost->pair.costs;
    int64_t copy = 0;
    unsigned count = 0;
    vhost->rx_starved = false;
    for (; count < VHOST_BATCH_MAX && !vhost_exceeds_weight(vhost) && vhost->pair.tap->queue.head; count++) {
        enum virtio_placed result =
            virtio_pair_place(&vhost->pair, vhost->pair.tap->queue.head, &vhost->received_chains);
        vhost->rx_starved = result == VIRTIO_NO_BUFFER;
        if (vhost->rx_starved)
            break;
        const struct packet *packet = take(vhost, result);
        copy += packet ? costs_copy(costs, packet->length) : 0;
    }
    if (count == 0) {
        nothing_more(vhost, ctx);
        return;
    }
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, (int64_t)count * costs->tap_receive);
    cpu_add(ctx, CPU_VHOST, SHARE_PACKET, (int64_t)count * costs->vhost_packet);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, copy);
    cpu_run(ctx, placed, vhost);
}

void vhost_handle_rx(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    vhost_begin_run(vhost);
    virtqueue_disable_kicks(vhost->pair.rx);
    cpu_add(ctx, CPU_VHOST, SHARE_BATCH, vhost->pair.costs->vhost_work);
    collect(ctx, vhost);
}
