/* The ring driver's structs: private to models/guest/ring_*.c. */
#ifndef MODELS_GUEST_RING_PRIVATE_H
#define MODELS_GUEST_RING_PRIVATE_H

#include "models/guest/ring_driver.h"
#include "models/guest/transmit.h"

struct ring_slot {
    uint64_t buffer;           /* address in the kernel's space; 0 = none */
    struct buffer_pool *pool;  /* where the buffer goes back to */
    uint64_t hpa;              /* the same */
    struct packet *packet;     /* transmit: until reclaimed it is the ring's, though the packet may be gone */
    struct send_charge charge; /* transmit: likewise */
};

/* One direction of a queue pair. */
struct ring {
    uint64_t base;   /* in the kernel's space */
    uint64_t *pages; /* the HPA of each of its pages */
    uint32_t size;
    uint32_t next_to_use;   /* where the driver writes next */
    uint32_t next_to_clean; /* where the device's write-back is looked for next */
    struct ring_slot *slots;
    struct buffer_pool *buffers;
    struct buffer_pool *large; /* transmit: for what segmentation offload takes; NULL without */
};

/* A handler's register accesses being carried out. The interrupt's may come in between those that enable it. */
struct ring_sequence {
    struct ring_queue *queue;
    const struct driver_step *steps;
    unsigned count, next;
    uint64_t value; /* what the last register read gave */
    cpu_fn *then;   /* (ctx, queue) behind the last */
};

struct ring_queue {
    struct ring_driver *driver;
    unsigned index;
    struct napi napi;
    struct napi tx_napi; /* of transmit, if the personality has one */
    struct ring tx, rx;
    bool split;         /* transmit has a vector of its own */
    uint32_t cleaned;   /* receive slots to be put back */
    uint32_t reclaimed; /* transmit slots reclaimed by the running segment */
    struct ring_sequence on_interrupt, on_enable;
    void *moderation_state;
    struct moderation_setting setting;
    int64_t interrupts, tx_packets, tx_bytes;
};

struct ring_driver {
    struct netdev netdev;
    struct ring_driver_config config;
    struct ring_queue *queues;
};

/* The descriptor `index` as bytes in host memory. */
static inline void *ring_descriptor(const struct ring *ring, struct memory *memory, uint32_t index)
{
    uint64_t offset = (uint64_t)index * 16;
    return memory_bytes(memory, ring->pages[offset / PAGE_SIZE] + offset % PAGE_SIZE);
}

static inline uint32_t ring_next(const struct ring *ring, uint32_t index)
{
    return index + 1 == ring->size ? 0 : index + 1;
}

/* Slots that the driver may still fill: one is kept empty, as the hardware's head == tail means empty. */
static inline uint32_t ring_room(const struct ring *ring)
{
    uint32_t used = ring->next_to_use >= ring->next_to_clean
                        ? ring->next_to_use - ring->next_to_clean
                        : ring->next_to_use + ring->size - ring->next_to_clean;
    return ring->size - 1 - used;
}

/* Buffers of RING_BUFFER, larger packets in those of `large` [B, 0 = none]. */
void ring_init(struct ring *ring, struct kernel *kernel, uint32_t size, uint32_t large, int node);
void ring_destroy(struct ring *ring);

/* Transmit side (ring_tx.c). */
extern const struct netdev_ops ring_netdev_ops;
unsigned ring_tx_clean(void *self, struct cpu_context *ctx);
cpu_fn ring_tx_cleaned;

/* Receive side (ring_rx.c). */
void ring_rx_fill(struct ring_queue *queue);
struct packet *ring_rx_take(void *self, struct cpu_context *ctx);
void ring_rx_taken(void *self, struct cpu_context *ctx);
void ring_rx_poll_end(void *self, struct cpu_context *ctx);

#endif
