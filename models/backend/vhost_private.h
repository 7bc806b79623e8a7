/* What vhost's sources share. */
#ifndef MODELS_BACKEND_VHOST_PRIVATE_H
#define MODELS_BACKEND_VHOST_PRIVATE_H

#include "models/backend/vhost.h"
#include "sim/assert.h"

static inline sim_time vhost_now(const struct vhost *vhost)
{
    return sim_now(cpu_sim(vhost->worker.thread.cpu));
}

/* A run has had its share. */
static inline bool vhost_exceeds_weight(const struct vhost *vhost)
{
    return vhost->run_packets >= vhost->pair.config->vhost_weight || vhost->run_bytes >= VHOST_BYTE_WEIGHT;
}

static inline void vhost_begin_run(struct vhost *vhost)
{
    vhost->run_packets = 0;
    vhost->run_bytes = 0;
    vhost->spun = false;
}

static inline void vhost_count(struct vhost *vhost, const struct packet *packet)
{
    vhost->run_packets++;
    vhost->run_bytes += packet->length;
}

/* Interrupts the guest if `queue` asks for it, then cpu_return(ctx). */
void vhost_signal(struct vhost *vhost, struct cpu_context *ctx, struct virtqueue *queue,
                  struct virtio_interrupt *interrupt);

/* vhost_tx.c, vhost_rx.c, vhost_zero_copy.c: the works' functions; self is the struct vhost. */
cpu_fn vhost_handle_tx;
cpu_fn vhost_handle_rx;
cpu_fn vhost_handle_tx_zero_copy;

/* The transmit queue is empty: turns kicks on unless the worker will poll; true if there is more. */
bool vhost_tx_has_more(struct vhost *vhost);

/* Zero copy: prepares the waiting for the uplink's reclaim. */
void vhost_zero_copy_init(struct vhost *vhost);

#endif
