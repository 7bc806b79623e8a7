/* The NIC's parts: private to models/nic. */
#ifndef MODELS_NIC_NIC_PRIVATE_H
#define MODELS_NIC_NIC_PRIVATE_H

#include "models/nic/nic.h"

enum { DESCRIPTOR_SIZE = 16, WRITE_BACK_MAX = 4 /* descriptors of one cache line */ };

/* Interrupt causes as REG_CAUSE reads them: ICR bits of 82540EM, data sheet section 13.4.17. */
enum { CAUSE_TXDW = 0x1, CAUSE_RXT0 = 0x80 };

struct nic_queue;

/*
 * How a ring's descriptors come onto the NIC: made visible by the tail (posted), read in bursts (requested, fetched),
 * put to use in ring order (taken), done with (freed). All five count descriptors, modulo 2^32. What was requested and
 * not freed has a slot in the on-chip window, at its number modulo the window's size.
 */
struct fetcher {
    struct nic_queue *queue;
    uint64_t base; /* IOVA; the ring is set up if size > 0 */
    uint32_t size; /* descriptors */
    uint32_t tail; /* as last written */
    uint32_t next; /* ring index of the next fetch */
    uint32_t posted, requested, fetched, taken, freed;
    uint32_t burst;  /* descriptors a fetch, at most */
    uint32_t window; /* slots, a power of two */
    bool fetching;   /* one fetch at a time */
    struct dma_request request;
    uint8_t *bytes; /* of one burst */
    void (*arrived)(struct nic_queue *queue, uint32_t first,
                    uint32_t count); /* descriptor numbers; bytes has them */
};

/* A transmit descriptor's life: FREE, FETCHED, READING its payload, READ, then in ring order to the wire. */
enum tx_state { TX_FREE, TX_FETCHED, TX_READING, TX_READ };

struct tx_slot {
    enum tx_state state;
    uint32_t index; /* on the ring */
    struct tx_descriptor descriptor;
    struct nic_queue *queue;
    struct packet *packet;
    sim_time line_time; /* [ps] that it takes of the transmit FIFO */
    sim_time doorbell;  /* [ps] when its tail write arrived */
    sim_time fetched;   /* [ps] */
    sim_time read;      /* [ps] */
    struct dma_request request;
};

struct tx_queue {
    struct fetcher fetcher;
    sim_time *doorbell; /* [ps] by ring index: when the tail write that covered it arrived */
    struct tx_slot *slots;
    uint32_t reading; /* payload reads outstanding */
    bool waiting;     /* in the NIC's list, for room in the transmit FIFO */
    struct nic_queue *wait_next;
    struct dma_request write_back;
    struct tx_descriptor written[WRITE_BACK_MAX];
    uint32_t write_index; /* ring index of written[0] */
    uint32_t write_count;
    uint32_t returned; /* descriptors written back, modulo 2^32 */
};

struct rx_slot {
    uint32_t index; /* on the ring */
    struct rx_descriptor descriptor;
    struct nic_queue *queue;
    struct packet *packet;
    struct dma_request payload;
    struct dma_request write_back;
};

struct rx_queue {
    struct fetcher fetcher;
    struct rx_slot *slots;
    struct packet_queue waiting; /* frames in the FIFO without a fetched descriptor */
};

struct nic_vector {
    struct moderator moderator;
    struct nic *nic;
    unsigned function;
    uint64_t msi_address;
    uint32_t msi_data;
    bool auto_mask;
    uint32_t causes;
    int64_t interrupts;
    sim_time last; /* [ps] of the last message */
};

/* One queue pair. */
struct nic_queue {
    struct nic *nic;
    unsigned function;
    struct tx_queue tx;
    struct rx_queue rx;
    struct nic_vector rx_vector; /* of both directions unless split */
    struct nic_vector own_tx_vector;
    struct nic_vector *tx_vector; /* one of these two */
    struct nic_queue_counters counters;
};

struct nic {
    struct sim *sim;
    char *name;
    struct nic_config config;
    struct sim_pool *packets;
    struct dma *dma;
    struct wire *wire;
    struct wire_end end;
    struct nic_queue *queues;                /* by function and queue */
    sim_time tx_fifo;                        /* [ps] the transmit FIFO's size as line time */
    sim_time tx_reserved;                    /* [ps] of it taken by payload reads outstanding */
    struct nic_queue *wait_head, *wait_tail; /* queues that wait for room in it */
    struct sim_event tx_room;
    int64_t rx_fifo_used; /* [B] */
};

static inline unsigned nic_functions(const struct nic *nic)
{
    return (unsigned)nic->config.vfs + 1;
}

static inline struct nic_queue *nic_queue_of(const struct nic *nic, unsigned function, unsigned queue)
{
    return &nic->queues[function * (unsigned)nic->config.queues + queue];
}

static inline uint32_t ring_after(const struct fetcher *fetcher, uint32_t index)
{
    return index + 1 == fetcher->size ? 0 : index + 1;
}

void *nic_allocate(size_t count, size_t size); /* zeroed; asserts */

/* fetch.c. A window of at least 2 bursts and `more` slots. */
void fetcher_init(struct fetcher *fetcher, struct nic_queue *queue, uint64_t base, uint32_t size,
                  int64_t burst, int64_t more,
                  void (*arrived)(struct nic_queue *queue, uint32_t first, uint32_t count));
void fetcher_free(struct fetcher *fetcher);
/* A new tail: returns how many descriptors it makes visible. */
uint32_t fetcher_post(struct fetcher *fetcher, uint32_t tail);
/* Fetches if it is time to. */
void fetcher_advance(struct fetcher *fetcher);

/* tx.c */
void tx_setup(struct nic_queue *queue, const struct nic_ring *ring);
void tx_free(struct nic_queue *queue);
void tx_doorbell(struct nic_queue *queue, uint32_t tail);
sim_event_fn tx_room_found;

/* rx.c */
void rx_setup(struct nic_queue *queue, const struct nic_ring *ring);
void rx_free(struct nic_queue *queue);
void rx_census(const struct nic_queue *queue, struct census *census);
uint32_t rx_carrying(const struct nic_queue *queue); /* descriptors whose frame is on its way to memory */
void rx_refill(struct nic_queue *queue, uint32_t tail);
void rx_receive(struct wire_end *end, struct packet *packet);

/* interrupt.c. A vector's number in register accesses: the queue's, or queues + queue for a split transmit vector. */
void vectors_setup(struct nic_queue *queue, const struct nic_ring *ring, uint16_t component);
void vector_event(struct nic_vector *vector, uint32_t cause, int64_t count);
struct nic_vector *vector_by_number(struct nic *nic, unsigned function, unsigned number);
uint32_t vector_take_causes(struct nic_vector *vector);

/* registers.c */
void nic_register_write(void *self, unsigned function, uint32_t offset, uint64_t value);
uint64_t nic_register_read(void *self, unsigned function, uint32_t offset);

#endif
