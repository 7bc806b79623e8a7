#include "models/backend/vhost_private.h"

#define POLL_LOOK (10 * SIM_US) /* between two looks whether another thread wants the core */

/* ---- interrupting the guest ---- */

static void signalled(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    vhost->interrupt->raised++;
    vhost->interrupt->raise(vhost->interrupt, ctx);
}

void vhost_signal(struct vhost *vhost, struct cpu_context *ctx, struct virtqueue *queue,
                  struct virtio_interrupt *interrupt)
{
    if (!virtqueue_wants_interrupt(queue)) {
        cpu_return(ctx);
        return;
    }
    vhost->interrupt = interrupt;
    cpu_add(ctx, CPU_INJECT, SHARE_BATCH, vhost->pair.costs->irqfd + interrupt->cycles(interrupt));
    cpu_run(ctx, signalled, vhost);
}

/* ---- busy polling ---- */

/* The rings' and the tap's state as the worker's loop looks at it. */
static bool tx_ready(const struct vhost *vhost)
{
    return virtqueue_has_available(vhost->pair.tx);
}

static bool rx_ready(const struct vhost *vhost)
{
    return vhost->pair.tap->queue.head && !vhost->rx_starved;
}

bool vhost_tx_has_more(struct vhost *vhost)
{
    if (vhost->pair.config->busy_poll > 0)
        return tx_ready(vhost); /* kicks stay off until the worker sleeps */
    if (!virtqueue_enable_kicks(vhost->pair.tx))
        return false;
    virtqueue_disable_kicks(vhost->pair.tx);
    return true;
}

/* The polling is over: with work, or in vain. */
static void poll_over(struct vhost *vhost, struct cpu_context *ctx)
{
    vhost->polling = false;
    if (vhost->worker.head)
        vhost->worker.activated = vhost_now(vhost);
    else
        vhost->spun = true;
    worker_done(ctx, &vhost->worker);
}

/* Goes on spinning unless there is work, time is over, or others want the core (need_resched()). */
static void spin(struct cpu_context *ctx, void *self)
{
    struct vhost *vhost = self;
    sim_time now = vhost_now(vhost);
    vhost->spinning = false;
    if (vhost->worker.head || now >= vhost->poll_end || cpu_others_wait(ctx)) {
        poll_over(vhost, ctx);
        return;
    }
    sim_time span = vhost->poll_end - now < POLL_LOOK ? vhost->poll_end - now : POLL_LOOK;
    vhost->spin_cycles = sim_time_to_cycles(span, cpu_hz(ctx->cpu));
    vhost->spinning = true;
    cpu_add(ctx, CPU_POLL, SHARE_BACKGROUND, vhost->spin_cycles);
    cpu_run(ctx, spin, vhost);
}

static void start_polling(struct vhost *vhost, struct cpu_context *ctx)
{
    vhost->polling = true;
    vhost->poll_end = vhost_now(vhost) + vhost->pair.config->busy_poll;
    spin(ctx, vhost);
}

static void found(struct cpu_context *ctx, void *self)
{
    poll_over(self, ctx);
}

/* Something has come in while the worker spins: it sees it at the end of the look under way. */
static void stop_spinning(struct vhost *vhost)
{
    struct cpu_part rest[CPU_PARTS_MAX];
    struct cpu_context *ctx = &vhost->worker.thread;
    if (!vhost->spinning)
        return;
    vhost->spinning = false;
    unsigned count = cpu_split(ctx, rest);
    int64_t left = count > 0 ? rest[0].cycles : 0;
    int64_t look = vhost->pair.costs->vhost_poll;
    int64_t into = look > 0 ? (vhost->spin_cycles - left) % look : 0;
    int64_t finish = into > 0 ? look - into : 0;
    cpu_add(ctx, CPU_POLL, SHARE_BACKGROUND, finish < left ? finish : left);
    cpu_run(ctx, found, vhost);
}

static void work_queued(struct worker *worker)
{
    stop_spinning(SIM_CONTAINER_OF(worker, struct vhost, worker));
}

/* A polling worker sees chains without a kick. */
static void chains_added(void *self)
{
    struct vhost *vhost = self;
    if (vhost->polling)
        worker_queue(&vhost->tx_work);
}

/* Nothing is queued: with busy polling the worker looks for itself, spins, and only then turns kicks on. */
static bool idle(struct worker *worker, struct cpu_context *ctx)
{
    struct vhost *vhost = SIM_CONTAINER_OF(worker, struct vhost, worker);
    if (tx_ready(vhost))
        worker_queue(&vhost->tx_work);
    else if (rx_ready(vhost))
        worker_queue(&vhost->rx_work);
    if (worker->head)
        return false;
    if (!vhost->spun) {
        start_polling(vhost, ctx);
        return true;
    }
    virtqueue_enable_kicks(vhost->pair.tx);
    return false;
}

/* ---- the world outside ---- */

static struct sleeper *tap_readable(struct tap *tap, void *self)
{
    struct vhost *vhost = self;
    (void)tap;
    return worker_add(&vhost->rx_work);
}

void vhost_kick(struct vhost *vhost, struct cpu_context *thread, bool tx)
{
    worker_signal(tx ? &vhost->tx_work : &vhost->rx_work, thread, vhost->pair.costs->wakeup);
}

void vhost_init(struct vhost *vhost, const struct virtio_pair *pair, struct cpu *core, const char *name)
{
    *vhost = (struct vhost){.pair = *pair};
    worker_init(&vhost->worker, core, name);
    worker_work_init(&vhost->tx_work, &vhost->worker,
                     pair->config->zero_copy ? vhost_handle_tx_zero_copy : vhost_handle_tx, vhost);
    worker_work_init(&vhost->rx_work, &vhost->worker, vhost_handle_rx, vhost);
    vhost_zero_copy_init(vhost);
    pair->tap->readable = tap_readable;
    pair->tap->self = vhost;
    if (pair->config->busy_poll == 0)
        return;
    vhost->spun = true;
    vhost->worker.idle = idle;
    vhost->worker.queued = work_queued;
    pair->tx->watch = chains_added;
    pair->tx->watcher = vhost;
}

void vhost_census(const struct vhost *vhost, struct census *census)
{
    tap_census(vhost->pair.tap, census);
    census_packet(census, vhost->fetched);
    for (unsigned i = vhost->sent; i < vhost->built; i++)
        census_packet(census, vhost->batch[i].packet);
    for (unsigned i = 0; i < vhost->received_count; i++)
        census_packet(census, vhost->received[i]);
}
