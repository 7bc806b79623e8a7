/* Transmit with copies: handle_tx_copy() of drivers/vhost/net.c. */
#include "models/backend/vhost_private.h"

static void collect(struct cpu_context *ctx, void *self);

/* vhost_net_build_xdp(): larger ones do not go into a batch. */
static bool is_large(const struct packet *packet)
{
    return packet->length > PAGE_SIZE;
}

/* ---- sending a batch ---- */

static void run_ended(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    if (vhost_exceeds_weight(vhost))
        worker_queue(&vhost->tx_work);
    worker_done(ctx, &vhost->worker);
}

static void publish(struct cpu_context *ctx, struct vhost *vhost)
{
    for (unsigned i = 0; i < vhost->built; i++)
        virtqueue_use(vhost->pair.tx, vhost->batch[i].id, vhost->batch[i].slots, 0);
    virtqueue_publish(vhost->pair.tx);
    vhost->built = vhost->sent = 0;
    cpu_push(ctx, vhost->run_over ? run_ended : collect, vhost);
    vhost_signal(vhost, ctx, vhost->pair.tx, vhost->pair.tx_interrupt);
}

static void send_next(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    if (vhost->sent == vhost->built) {
        publish(ctx, vhost);
        return;
    }
    struct packet *packet = vhost->batch[vhost->sent++].packet;
    packet_mark(packet, STAGE_BACKEND, vhost_now(vhost));
    cpu_push(ctx, send_next, vhost);
    tap_send(vhost->pair.tap, ctx, packet, vhost->sent < vhost->built);
}

/* Hands the batch to the tap; afterwards the run goes on or, with `over`, ends. */
static void flush(struct vhost *vhost, struct cpu_context *ctx, bool over)
{
    vhost->run_over = over;
    vhost->sent = 0;
    if (vhost->built == 0) {
        cpu_run(ctx, run_ended, vhost);
        return;
    }
    if (!is_large(vhost->batch[0].packet))
        cpu_add(ctx, CPU_VHOST, SHARE_BATCH, vhost->pair.costs->vhost_batch);
    send_next(ctx, vhost);
}

/* ---- building it ---- */

static bool batch_is_full(const struct vhost *vhost)
{
    return vhost->built >= vhost->pair.config->vhost_batch ||
           (vhost->built > 0 && is_large(vhost->batch[vhost->built - 1].packet));
}

/* Fetches one more packet for the batch; false if none is available or it has to go alone. */
static bool fetch(struct vhost *vhost)
{
    struct virtio_sent *next = &vhost->batch[vhost->built];
    if (!virtio_pair_fetch(&vhost->pair, next))
        return false;
    if (vhost->built > 0 && is_large(next->packet)) {
        virtqueue_untake(vhost->pair.tx, 1, next->slots);
        vhost->flush_first = true;
        return false;
    }
    virtio_pair_mark_fetched(&vhost->pair, next->packet, vhost->worker.activated);
    vhost_count(vhost, next->packet);
    vhost->built++;
    return true;
}

static void built(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    if (vhost_exceeds_weight(vhost))
        flush(vhost, ctx, true);
    else if (batch_is_full(vhost) || vhost->flush_first)
        flush(vhost, ctx, false);
    else
        collect(ctx, vhost);
}

/* The next segment: all that is available, as far as the batch and the run's share go. */
static void collect(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    const struct costs *costs = vhost->pair.costs;
    unsigned before = vhost->built;
    int64_t copies = 0;
    vhost->flush_first = false;
    while (!batch_is_full(vhost) && !vhost_exceeds_weight(vhost) && fetch(vhost))
        copies += costs_copy(costs, vhost->batch[vhost->built - 1].packet->length);
    if (vhost->built > before) {
        cpu_add(ctx, CPU_VHOST, SHARE_PACKET, (int64_t)(vhost->built - before) * costs->vhost_packet);
        cpu_add(ctx, CPU_COPY, SHARE_PACKET, copies);
        cpu_run(ctx, built, vhost);
    } else if (vhost->flush_first) {
        flush(vhost, ctx, false);
    } else if (vhost_tx_has_more(vhost)) {
        collect(ctx, vhost);
    } else {
        flush(vhost, ctx, true);
    }
}

void vhost_handle_tx(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    vhost_begin_run(vhost);
    virtqueue_disable_kicks(vhost->pair.tx);
    cpu_add(ctx, CPU_VHOST, SHARE_BATCH, vhost->pair.costs->vhost_work);
    collect(ctx, vhost);
}
