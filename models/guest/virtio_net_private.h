/* The virtio-net driver's structs: private to models/guest/virtio_net*.c. */
#ifndef MODELS_GUEST_VIRTIO_NET_PRIVATE_H
#define MODELS_GUEST_VIRTIO_NET_PRIVATE_H

#include "models/guest/transmit.h"
#include "models/guest/virtio_net.h"
#include "sim/assert.h"

enum {
    TX_STOP_BELOW = 2 + 17, /* [slots] 2 + MAX_SKB_FRAGS */
    TX_SMALL_BUFFER = 2048, /* [B] header and frame */
    TX_FRAGMENT = 32768,    /* [B] of a large packet's payload */
    TX_PARTS_MAX = 4,       /* headers, up to 64 KiB of fragments */
    RX_GOOD_PACKET = 1518,  /* [B] GOOD_PACKET_LEN: frame with VLAN tag */
    RX_SMALL_BUFFER = 2048, /* [B] */
    RX_BIG_PARTS = 2 + 17,  /* header, rest of its page, MAX_SKB_FRAGS pages */
    RX_BIG_OFFSET = 64,     /* [B] of the first page behind the header */
    RX_BIG_BUFFER = 18 * PAGE_SIZE,
    RX_AVERAGE_WEIGHT = 64, /* of the moving average of packet lengths */
};

enum rx_buffers { RX_MERGEABLE, RX_SMALL, RX_BIG };

/* What the driver keeps of a chain, by id. */
struct virtio_slot {
    uint64_t buffer;           /* address in the guest's space */
    uint64_t hpa;              /* the same */
    bool large;                /* transmit: from the pool of large buffers */
    struct send_charge charge; /* transmit */
};

struct virtio_net_pair {
    struct virtio_net *net;
    unsigned index;
    struct napi tx_napi, rx_napi;
    struct virtqueue tx, rx;
    int64_t kicks[2]; /* receive, transmit */
    struct virtio_slot *tx_slots, *rx_slots;
    struct buffer_pool *tx_small, *tx_large, *rx_buffers;
    bool stopped;
    unsigned prepaid; /* used transmit chains whose reclaiming is paid for and yet to be done */
    uint32_t average; /* [B] of received packets, moving */
    unsigned refill;  /* receive chains that the running segment replaces */
};

struct virtio_net {
    struct netdev netdev;
    struct virtio_net_config config;
    uint32_t header; /* [B] */
    enum rx_buffers rx_kind;
    struct virtio_net_pair *pairs;
    struct virtio_net_counters counters;
    uint64_t isr; /* as last read */
};

/* Notifies the device of virtqueue `queue`; ends by cpu_return(ctx). */
void virtio_net_kick(struct virtio_net *net, struct cpu_context *ctx, unsigned queue);

/* Transmit (virtio_net_tx.c). */
extern const struct netdev_ops virtio_netdev_ops;
extern const struct napi_ops virtio_tx_napi_ops;
void virtio_net_tx_start(struct virtio_net_pair *pair);
/* The transmit queue's interrupt callback. */
void virtio_net_tx_callback(struct virtio_net_pair *pair);
/* Adds what reclaiming now would cost to ctx's segment; reclaims when it has run, interrupts asked for late
 * again, and wakes; ends by cpu_return(ctx). */
unsigned virtio_net_tx_pay(struct virtio_net_pair *pair, struct cpu_context *ctx);
void virtio_net_tx_reclaim_late(struct virtio_net_pair *pair, struct cpu_context *ctx);

/* Receive (virtio_net_rx.c). */
extern const struct napi_ops virtio_rx_napi_ops;
void virtio_net_rx_start(struct virtio_net_pair *pair);
void virtio_net_rx_callback(struct virtio_net_pair *pair);

#endif
