/*
 * The guest's virtio-net driver (Linux: drivers/net/virtio_net.c, drivers/virtio/virtio_ring.c; facts E4).
 *
 * Transmit. A packet is a chain: the header sits in front of the frame in one buffer (any_header_sg), so that
 * a frame is one part; a segmentation-offload packet is its headers and its payload in 32 KiB fragments, two
 * parts or more, which take one slot of the ring with indirect descriptors and one each without. Before it
 * exposes a packet the driver reclaims what was used; unless another packet follows at once it then asks the
 * device, behind a full barrier, whether to kick. With fewer than 2 + MAX_SKB_FRAGS slots left the queue is
 * stopped.
 *
 * With `tx_interrupts` a completion interrupt, wanted when about 3/4 of what is outstanding has been used,
 * schedules a NAPI instance that reclaims; without, sent buffers are reclaimed when sending, and by an
 * interrupt only while the queue is stopped.
 *
 * Receive. NAPI; buffers are replaced together when more than min(64, size) / 2 slots are free, with at most
 * one kick. Buffers hold a page or less each by the average frame length (mergeable), one frame (small), or,
 * with segmentation offload but without mergeable buffers, 64 KiB in 19 parts (big). Leaving polling mode,
 * interrupts are enabled and the ring is looked at again.
 */
#ifndef MODELS_GUEST_VIRTIO_NET_H
#define MODELS_GUEST_VIRTIO_NET_H

#include "models/backend/virtio.h"
#include "models/backend/virtqueue.h"
#include "models/guest/device_access.h"
#include "models/guest/kernel.h"
#include "models/traffic/census.h"

struct virtio_net;
struct virtio_net_pair;

struct virtio_net_config {
    const struct virtio_config *virtio;
    struct kernel *kernel;
    struct device_access *access; /* REG_NOTIFY by virtqueue number, REG_ISR */
    struct sim_pool *packets;
};

/* Counted since time 0. */
struct virtio_net_counters {
    int64_t tx_kicks, rx_kicks;
    int64_t tx_interrupts, rx_interrupts; /* handled; with INTx all count as rx */
    int64_t stops;                        /* of a transmit queue */
    int64_t refills;                      /* batches of receive buffers */
};

/* Creates the device's driver with its virtqueues in the kernel's memory; `name` is borrowed, `config`
 * copied. */
struct virtio_net *virtio_net_create(const struct virtio_net_config *config, const char *name);
void virtio_net_destroy(struct virtio_net *net);
struct netdev *virtio_net_netdev(struct virtio_net *net);
struct virtio_net_pair *virtio_net_pair(struct virtio_net *net, unsigned pair);

/* The virtqueues of a pair, to be handed to its backend. */
struct virtqueue *virtio_net_rx_queue(struct virtio_net_pair *pair);
struct virtqueue *virtio_net_tx_queue(struct virtio_net_pair *pair);

/* Binds a pair to the cpu that takes its interrupts and fills its receive queue, before the device runs: no
 * kick. */
void virtio_net_start(struct virtio_net_pair *pair, struct kernel_cpu *cpu);

const struct virtio_net_counters *virtio_net_counters(const struct virtio_net *net);
/* Kicks of virtqueue `queue` since time 0. */
int64_t virtio_net_kicks(const struct virtio_net *net, unsigned queue);

/* Interrupt handlers for lapic_allocate(): MSI-X, self is the pair; INTx, self is the struct virtio_net. */
cpu_fn virtio_net_rx_interrupt;
cpu_fn virtio_net_tx_interrupt;
cpu_fn virtio_net_line_interrupt;

/* Packets that the device has yet to take, those that it has put into buffers, and those in work. */
void virtio_net_census(struct virtio_net *net, struct census *census);

#endif
