#include "models/backend/qemu_virtio.h"

#include <stdlib.h>

#include "models/traffic/path.h"
#include "sim/assert.h"

static sim_time queue_now(const struct qemu_virtio_queue *queue)
{
    return sim_now(cpu_sim(queue->device->loop.thread.cpu));
}

/* One iteration of the loop: for a file descriptor that has become ready, or a bottom half that scheduled
 * itself. */
static void add_dispatch(const struct qemu_virtio_queue *queue, struct cpu_context *ctx)
{
    cpu_add(ctx, CPU_EMULATION, SHARE_BATCH, queue->device->costs->qemu_dispatch);
}

/* ---- interrupting the guest ---- */

static void signalled(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio *device = self;
    device->interrupt->raised++;
    device->interrupt->raise(device->interrupt, ctx);
}

/* virtio_notify(): an eventfd is written if the guest asks for an interrupt; then cpu_return(ctx). */
static void notify(struct qemu_virtio_queue *queue, struct cpu_context *ctx, struct virtqueue *ring,
                   struct virtio_interrupt *interrupt)
{
    const struct costs *costs = queue->device->costs;
    if (!virtqueue_wants_interrupt(ring)) {
        cpu_return(ctx);
        return;
    }
    queue->device->interrupt = interrupt;
    cpu_add(ctx, CPU_SYSCALL, SHARE_BATCH, costs->syscall);
    cpu_add(ctx, CPU_INJECT, SHARE_BATCH, costs->irqfd + interrupt->cycles(interrupt));
    cpu_run(ctx, signalled, queue->device);
}

/* ---- transmit ---- */

static void flush(struct cpu_context *ctx, void *self);

static void schedule_bottom_half(struct qemu_virtio_queue *queue)
{
    queue->tx_scheduled = true;
    worker_queue(&queue->tx_bottom_half);
}

static void tx_written(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    virtqueue_use(queue->pair.tx, queue->sending.id, queue->sending.slots, 0);
    virtqueue_publish(queue->pair.tx);
    queue->burst++;
    cpu_push(ctx, flush, queue);
    notify(queue, ctx, queue->pair.tx, queue->pair.tx_interrupt);
}

static void tx_write(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    struct packet *packet = queue->sending.packet;
    packet_mark(packet, STAGE_BACKEND, queue_now(queue));
    queue->sending.packet = NULL;
    cpu_push(ctx, tx_written, queue);
    tap_send(queue->pair.tap, ctx, packet, false);
}

/* A flush has ended for want of packets, or because the burst is full (virtio_net_tx_bh()). */
static void flushed(struct qemu_virtio_queue *queue, struct cpu_context *ctx)
{
    if (queue->burst >= QEMU_TX_BURST || (queue->tx_retry && queue->burst > 0)) {
        virtqueue_disable_kicks(queue->pair.tx);
        schedule_bottom_half(queue);
        add_dispatch(queue, ctx);
        cpu_run(ctx, worker_done, &queue->device->loop);
    } else if (queue->tx_retry) {
        cpu_run(ctx, worker_done, &queue->device->loop);
    } else {
        queue->tx_retry = true;
        queue->burst = 0;
        virtqueue_enable_kicks(queue->pair.tx);
        flush(ctx, queue);
    }
}

/* The next packet: taken off the ring, written to the tap, used, and so on (virtio_net_flush_tx()). */
static void flush(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    const struct costs *costs = queue->device->costs;
    if (queue->burst >= QEMU_TX_BURST || !virtio_pair_fetch(&queue->pair, &queue->sending)) {
        flushed(queue, ctx);
        return;
    }
    struct packet *packet = queue->sending.packet;
    virtio_pair_mark_fetched(&queue->pair, packet, queue->device->loop.activated);
    cpu_add(ctx, CPU_EMULATION, SHARE_PACKET, costs->qemu_virtio_packet);
    cpu_add(ctx, CPU_SYSCALL, SHARE_PACKET, costs->syscall);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, costs_copy(costs, packet->length));
    cpu_run(ctx, tx_write, queue);
}

static void tx_bottom_half(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    queue->tx_scheduled = false;
    queue->tx_retry = false;
    queue->burst = 0;
    flush(ctx, queue);
}

static void tx_dispatched(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    if (!queue->tx_scheduled) {
        virtqueue_disable_kicks(queue->pair.tx);
        schedule_bottom_half(queue);
    }
    worker_done(ctx, &queue->device->loop);
}

static void tx_kicked(struct cpu_context *ctx, void *self)
{
    add_dispatch(self, ctx);
    cpu_run(ctx, tx_dispatched, self);
}

/* ---- receive ---- */

static void read_next(struct cpu_context *ctx, void *self);

static void rx_copied(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    cpu_push(ctx, read_next, queue);
    if (!queue->receiving) {
        cpu_return(ctx);
        return;
    }
    packet_mark(queue->receiving, STAGE_BACKEND_RECEIVE, queue_now(queue));
    queue->receiving = NULL;
    virtqueue_publish(queue->pair.rx);
    notify(queue, ctx, queue->pair.rx, queue->pair.rx_interrupt);
}

/* The packet has been read; one that no buffer can hold is lost. */
static void take(struct qemu_virtio_queue *queue, struct cpu_context *ctx, enum virtio_placed result)
{
    const struct costs *costs = queue->device->costs;
    struct packet *packet = tap_receive(queue->pair.tap);
    int64_t copy = costs_copy(costs, packet->length);
    queue->burst++;
    cpu_add(ctx, CPU_SYSCALL, SHARE_PACKET, costs->syscall);
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, costs->tap_receive);
    cpu_add(ctx, CPU_EMULATION, SHARE_PACKET, costs->qemu_virtio_packet);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, 2 * copy);
    queue->receiving = result == VIRTIO_PLACED ? packet : NULL;
    if (!queue->receiving)
        path_drop(packet->path, packet, DROP_OVERSIZE);
    cpu_run(ctx, rx_copied, queue);
}

/* No buffers: true if some have come in since (virtio_net_has_buffers()). */
static bool buffers_after_all(struct qemu_virtio_queue *queue)
{
    queue->rx_stalled = !virtqueue_enable_kicks(queue->pair.rx);
    return !queue->rx_stalled;
}

/* The tap has been read dry: the read that says so. */
static void read_dry(struct qemu_virtio_queue *queue, struct cpu_context *ctx)
{
    cpu_add(ctx, CPU_SYSCALL, SHARE_BATCH, queue->device->costs->syscall);
    cpu_run(ctx, worker_done, &queue->device->loop);
}

static void read_next(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    const struct packet *packet = queue->pair.tap->queue.head;
    unsigned chains = 0;
    if (!packet) {
        read_dry(queue, ctx);
        return;
    }
    if (queue->burst >= QEMU_READ_BURST) {
        worker_queue(&queue->readable);
        cpu_run(ctx, worker_done, &queue->device->loop);
        return;
    }
    enum virtio_placed result = virtio_pair_place(&queue->pair, packet, &chains);
    if (result != VIRTIO_NO_BUFFER) {
        virtqueue_disable_kicks(queue->pair.rx);
        take(queue, ctx, result);
    } else if (buffers_after_all(queue)) {
        read_next(ctx, queue);
    } else {
        cpu_run(ctx, worker_done, &queue->device->loop);
    }
}

static void rx_readable(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    if (queue->rx_stalled) {
        worker_done(ctx, &queue->device->loop);
        return;
    }
    queue->burst = 0;
    add_dispatch(queue, ctx);
    read_next(ctx, queue);
}

static void rx_kicked(struct cpu_context *ctx, void *self)
{
    struct qemu_virtio_queue *queue = self;
    queue->rx_stalled = false;
    queue->burst = 0;
    add_dispatch(queue, ctx);
    read_next(ctx, queue);
}

/* ---- the world outside ---- */

static struct sleeper *tap_readable(struct tap *tap, void *self)
{
    struct qemu_virtio_queue *queue = self;
    (void)tap;
    return worker_add(&queue->readable);
}

void qemu_virtio_kick(struct qemu_virtio *device, unsigned index, struct cpu_context *thread, bool tx)
{
    struct qemu_virtio_queue *queue = &device->queues[index];
    worker_signal(tx ? &queue->tx_kicked : &queue->rx_kicked, thread, device->costs->wakeup);
}

void qemu_virtio_init(struct qemu_virtio *device, unsigned count, const struct costs *costs, struct cpu *core,
                      const char *name)
{
    *device = (struct qemu_virtio){.costs = costs, .count = count};
    device->queues = calloc(count, sizeof(*device->queues));
    SIM_ASSERT(device->queues);
    worker_init(&device->loop, core, name);
}

void qemu_virtio_destroy(struct qemu_virtio *device)
{
    free(device->queues);
    device->queues = NULL;
}

void qemu_virtio_start(struct qemu_virtio *device, unsigned index, const struct virtio_pair *pair)
{
    struct qemu_virtio_queue *queue = &device->queues[index];
    *queue = (struct qemu_virtio_queue){.device = device, .pair = *pair};
    worker_work_init(&queue->tx_kicked, &device->loop, tx_kicked, queue);
    worker_work_init(&queue->tx_bottom_half, &device->loop, tx_bottom_half, queue);
    worker_work_init(&queue->rx_kicked, &device->loop, rx_kicked, queue);
    worker_work_init(&queue->readable, &device->loop, rx_readable, queue);
    pair->tap->readable = tap_readable;
    pair->tap->self = queue;
}

void qemu_virtio_census(const struct qemu_virtio *device, struct census *census)
{
    for (unsigned i = 0; i < device->count; i++) {
        const struct qemu_virtio_queue *queue = &device->queues[i];
        tap_census(queue->pair.tap, census);
        census_packet(census, queue->sending.packet);
        census_packet(census, queue->receiving);
    }
}
