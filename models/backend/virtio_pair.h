/*
 * A queue pair as its backend sees it: the two virtqueues from the device's side, the tap, and the way to
 * interrupt the guest. What vhost and the user-space backend have in common is here: reading a transmitted
 * packet out of guest memory, placing a received one into the guest's buffers, deciding whether to interrupt.
 * Nothing here takes simulated time.
 */
#ifndef MODELS_BACKEND_VIRTIO_PAIR_H
#define MODELS_BACKEND_VIRTIO_PAIR_H

#include "models/backend/tap.h"
#include "models/backend/virtio.h"
#include "models/backend/virtqueue.h"
#include "models/host/costs.h"
#include "sim/pool.h"

/* How an interrupt of one virtqueue reaches the guest. */
struct virtio_interrupt {
    /* What it takes the backend before the interrupt is raised, whatever the guest's state [cycles]. */
    int64_t (*cycles)(const struct virtio_interrupt *interrupt);
    /* Raises it from ctx, which pays for what the state asks for then; ends by cpu_return(ctx). */
    void (*raise)(struct virtio_interrupt *interrupt, struct cpu_context *ctx);
    int64_t raised;
};

struct virtio_pair {
    const struct virtio_config *config;
    const struct costs *costs;
    struct virtqueue *rx, *tx;
    struct virtio_interrupt *rx_interrupt, *tx_interrupt;
    struct tap *tap;
    struct address_space *space; /* of the guest */
    struct memory *memory;
    struct sim_pool *packets;
    void (*sent)(void *self, unsigned pair,
                 const struct packet *packet); /* tells a multiqueue tap; may be NULL */
    void *sent_self;
    unsigned index;
};

/* A transmitted packet whose chain the backend holds. */
struct virtio_sent {
    struct packet *packet;
    uint16_t id, slots;
};

/* Takes the next chain of the transmit queue; false if there is none. */
bool virtio_pair_fetch(struct virtio_pair *pair, struct virtio_sent *sent);

/* Marks what a fetched packet waited for: until `activated` [ps] the backend to act, since then its turn. */
void virtio_pair_mark_fetched(const struct virtio_pair *pair, struct packet *packet, sim_time activated);

enum virtio_placed {
    VIRTIO_PLACED,
    VIRTIO_NO_BUFFER, /* the guest has not offered enough: nothing was taken */
    VIRTIO_TOO_LARGE, /* no buffer of the guest's can hold it */
};

/*
 * Places a received packet into the guest's buffers: header and payload are written and the chains noted as
 * used, to be published by the caller. *chains counts them up. A packet larger than a mergeable buffer spans
 * as many as it needs; a segmentation-offload packet (GUEST_TSO4; only for a guest with `gso`) is one of them
 * like any other.
 */
enum virtio_placed virtio_pair_place(struct virtio_pair *pair, const struct packet *packet, unsigned *chains);

#endif
