/*
 * The user-space virtio-net backend: QEMU's main loop serves all queue pairs of a VM (hw/net/virtio-net.c,
 * net/tap.c).
 *
 * Transmit. A kick makes the loop run the queue's handler, which turns kicks off and schedules a bottom half;
 * that takes up to 256 packets, each written to the tap by a system call of its own, published and, if the
 * guest asks for it, signalled one by one. After less than a full burst it turns kicks on and tries once
 * more; if that finds anything it turns them off and schedules itself again.
 *
 * Receive. A readable tap makes the loop read packet by packet, at most 50 before it looks at the rest of the
 * world. A packet is copied twice: by the read and into the guest's buffers. Without buffers the tap is left
 * alone until the guest kicks the receive queue.
 */
#ifndef MODELS_BACKEND_QEMU_VIRTIO_H
#define MODELS_BACKEND_QEMU_VIRTIO_H

#include "models/backend/virtio_pair.h"
#include "models/backend/worker.h"

enum { QEMU_TX_BURST = 256, QEMU_READ_BURST = 50 };

struct qemu_virtio;

struct qemu_virtio_queue {
    struct qemu_virtio *device;
    struct virtio_pair pair;
    struct worker_work tx_kicked, tx_bottom_half, rx_kicked, readable;
    bool tx_scheduled; /* the bottom half will run */
    bool tx_retry;     /* it is trying once more, kicks on again */
    bool rx_stalled;   /* the guest has no buffers: the tap is not read */
    struct virtio_sent sending;
    struct packet *receiving;
    unsigned burst; /* packets of the loop under way */
};

struct qemu_virtio {
    struct worker loop;
    const struct costs *costs;
    struct qemu_virtio_queue *queues;
    unsigned count;
    struct virtio_interrupt *interrupt; /* being raised */
};

/* Prepares the main loop on `core` for `count` queue pairs, to be started one by one. `name` is borrowed. */
void qemu_virtio_init(struct qemu_virtio *device, unsigned count, const struct costs *costs, struct cpu *core,
                      const char *name);
void qemu_virtio_destroy(struct qemu_virtio *device);

/* Serves this queue pair from now on; `pair` is copied, its tap wakes the loop. */
void qemu_virtio_start(struct qemu_virtio *device, unsigned index, const struct virtio_pair *pair);

/* The guest has kicked the transmit (or receive) queue of pair `index`: run by `thread`, the vCPU's, in the
 * exit's handler; ends by cpu_return(thread). */
void qemu_virtio_kick(struct qemu_virtio *device, unsigned index, struct cpu_context *thread, bool tx);

/* Fetched and not with the tap yet, read and not yet published, and what the taps have. */
void qemu_virtio_census(const struct qemu_virtio *device, struct census *census);

#endif
