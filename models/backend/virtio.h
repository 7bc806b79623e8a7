/*
 * The virtio-net data path: parameters of the device and its backends, and what driver and device agree on.
 */
#ifndef MODELS_BACKEND_VIRTIO_H
#define MODELS_BACKEND_VIRTIO_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/param.h"

enum virtio_layout { VIRTIO_SPLIT, VIRTIO_PACKED };
enum virtio_backend { VIRTIO_VHOST, VIRTIO_QEMU };
enum virtio_notify { VIRTIO_NOTIFY_MMIO, VIRTIO_NOTIFY_PORT };

struct virtio_config {
    int layout;           /* enum virtio_layout */
    int backend;          /* enum virtio_backend: vhost-net or user space */
    int notify;           /* enum virtio_notify: modern MMIO or legacy port I/O */
    bool transitional;    /* PCI id 0x1000 with subsystem id 1; else 0x1041 */
    bool event_index;     /* VIRTIO_F_RING_EVENT_IDX */
    bool indirect;        /* VIRTIO_F_RING_INDIRECT_DESC */
    bool mergeable;       /* VIRTIO_NET_F_MRG_RXBUF */
    bool gso;             /* HOST_TSO4 / GUEST_TSO4 */
    bool tx_interrupts;   /* interrupt on transmit completion (NAPI-TX) */
    int64_t queue_size;   /* entries, each queue */
    int64_t queues;       /* queue pairs */
    int64_t vhost_weight; /* packets a worker run */
    int64_t vhost_batch;  /* packets handed to the tap at once */
    int64_t busy_poll;    /* [ps] busyloop_timeout; 0 = off */
    bool zero_copy;
    bool interrupts_msix; /* MSI-X; else INTx with ISR reads */
};

extern const struct param_table virtio_table;

/* What single parameters cannot see, as a message, or NULL: `key` is then the parameter at fault. */
const char *virtio_config_problem(const struct virtio_config *config, const char **key);

/* What precedes every frame in a buffer (virtio 1.2, section 5.1.6); little-endian. */
struct virtio_net_header {
    uint8_t flags;    /* 1: checksum to be completed */
    uint8_t gso_type; /* 0 none, 1 TCP over IPv4 */
    uint16_t header_length;
    uint16_t gso_size; /* [B] payload of a segment */
    uint16_t checksum_start;
    uint16_t checksum_offset;
    uint16_t buffers; /* receive: chains that the frame takes; absent in the 10-byte form */
};
_Static_assert(sizeof(struct virtio_net_header) == 12, "the header with its buffer count is 12 bytes");

enum { VIRTIO_HEADER_LEGACY = 10, VIRTIO_HEADER = 12, VIRTIO_GSO_MAX = 65536 };

/* A legacy device without mergeable buffers leaves the last field out [B]. */
static inline uint32_t virtio_header_size(const struct virtio_config *config)
{
    return config->notify == VIRTIO_NOTIFY_PORT && !config->mergeable ? VIRTIO_HEADER_LEGACY : VIRTIO_HEADER;
}

/* Queue pair q is virtqueues 2q (receive) and 2q + 1 (transmit). */
static inline unsigned virtio_rx_queue(unsigned pair)
{
    return 2 * pair;
}
static inline unsigned virtio_tx_queue(unsigned pair)
{
    return 2 * pair + 1;
}

#endif
