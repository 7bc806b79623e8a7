/*
 * vhost-net: the kernel thread that serves one queue pair (drivers/vhost/net.c; facts C7).
 *
 * Transmit. Kicks are off while the queue is being emptied. Chains are fetched, their packets built (copied)
 * and collected in a batch, which goes to the tap one sendmsg after the other when it is full, before a
 * packet larger than a page, or when the queue is empty; then its chains are published as used at once and
 * the guest interrupted if it asks for it. An empty queue turns kicks on, looks again (the race), and ends
 * the run. A run also ends after `vhost_weight` packets or 512 KiB: the work goes to the end of the worker's
 * list.
 *
 * Receive. As long as the tap has packets and the guest has buffers, packets are copied; used chains are
 * published when there are more than 64 or the tap is empty. Without buffers the packets stay in the tap,
 * kicks of the receive queue are turned on, and the guest's refill starts the worker again: losses show as a
 * full tap.
 *
 * What is fetched at once (all that is available, at most a batch) is one segment of the worker: nothing of
 * it is visible to anybody before it is published or sent.
 *
 * Busy polling. Before it sleeps the worker looks at both rings and the tap for `busy_poll`, kicks still off;
 * a look takes costs.vhost_poll, and what comes in is seen at the end of the look under way. It stops for any
 * other thread that wants the core.
 *
 * Zero copy. Packets of at least 256 B are sent from guest memory, at most min(128, size / 4) at a time,
 * others are copied; no batches. The guest gets its buffers back when the NIC has read them: at the first
 * time after that when the uplink's driver reclaims sent packets.
 */
#ifndef MODELS_BACKEND_VHOST_H
#define MODELS_BACKEND_VHOST_H

#include "models/backend/virtio_pair.h"
#include "models/backend/worker.h"

enum {
    VHOST_BATCH_MAX = 64,
    VHOST_BYTE_WEIGHT = 0x80000, /* [B] a run */
    VHOST_ZERO_COPY_MIN = 256,   /* [B] */
    VHOST_ZERO_COPY_MAX = 128,   /* packets in flight */
};

/* A zero-copy packet that the NIC may not have read yet. */
struct vhost_pending {
    uint64_t handle;
    uint16_t id, slots;
    bool done;
};

struct vhost {
    struct worker worker;
    struct virtio_pair pair;
    struct worker_work tx_work, rx_work;
    uint32_t run_packets;
    int64_t run_bytes; /* [B] */

    struct virtio_sent batch[VHOST_BATCH_MAX];
    unsigned built, sent;   /* of the batch */
    struct packet *fetched; /* zero copy: the one that is not with the tap yet */
    bool run_over;          /* transmit: the run ends when the batch has gone */
    bool flush_first;       /* transmit: the next packet goes alone */

    struct packet *received[2 * VHOST_BATCH_MAX]; /* placed, not yet published */
    unsigned received_count, received_chains;
    bool rx_starved; /* the guest's buffers do not do for the tap's next packet */

    struct vhost_pending pending[VHOST_ZERO_COPY_MAX]; /* a FIFO */
    unsigned pending_head, pending_count, pending_done;
    struct send_waiter reclaimed;

    struct virtio_interrupt *interrupt; /* being raised */
    bool polling;                       /* for work, before it sleeps */
    bool spinning;                      /* ... and a segment of it is under way */
    bool spun;                          /* polled in vain since it last had work */
    int64_t spin_cycles;                /* of the segment under way */
    sim_time poll_end;                  /* [ps] */
};

/* Prepares the worker on `core`; `pair` is copied, `name` borrowed. The pair's tap wakes it from now on. */
void vhost_init(struct vhost *vhost, const struct virtio_pair *pair, struct cpu *core, const char *name);

/* The guest has kicked the transmit (or receive) queue: run by `thread`, the vCPU's, in the exit's handler;
 * ends by cpu_return(thread). */
void vhost_kick(struct vhost *vhost, struct cpu_context *thread, bool tx);

/* Fetched and not with the tap yet; placed and not yet published; and what the tap has. */
void vhost_census(const struct vhost *vhost, struct census *census);

#endif
