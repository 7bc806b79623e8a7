/*
 * Flow-control credits of one class of TLPs (posted, non-posted, completion) as a transmitter sees them: the gate
 * before a TLP may go (section 2.6.1), and the UpdateFCs that are on their way to it. Private to models/pcie.
 *
 * When credits come back is known before they do; the gate takes them into account at their time and nobody needs
 * an event for them unless a TLP is waiting.
 */
#ifndef MODELS_PCIE_CREDIT_H
#define MODELS_PCIE_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

/* One kind of credits: counters of `bits` bits, as UpdateFC carries them. */
struct credit_counter {
    uint32_t limit;    /* CREDIT_LIMIT, modulo 2^bits */
    uint32_t consumed; /* CREDITS_CONSUMED, likewise */
    uint32_t bits;     /* 8 (headers) or 12 (data); 4 more with scaled flow control; 0 = infinite */
};

struct credit_return {
    sim_time at;
    uint32_t headers, data;
};

/* A FIFO of returns in order of time. */
struct credit_ring {
    struct credit_return *items;
    uint32_t capacity; /* a power of two */
    uint32_t head, count;
};

struct credit_class {
    struct credit_counter headers, data;
    struct credit_ring coming;
};

/* Advertised credits: 0 = infinite; at most 2047 headers and 32767 data. */
void credit_init(struct credit_class *credits, int64_t headers, int64_t data);
void credit_destroy(struct credit_class *credits);

/* True if nothing ever comes back, because nothing is counted. */
static inline bool credit_infinite(const struct credit_class *credits)
{
    return (credits->headers.bits | credits->data.bits) == 0;
}

/* The gate: takes what a TLP needs if it is there at `now` [ps], or says that it is not. */
bool credit_take(struct credit_class *credits, uint32_t headers, uint32_t data, sim_time now);

/* Counts the UpdateFCs that have arrived by `now` [ps]; credit_take() does so itself. */
void credit_settle(struct credit_class *credits, sim_time now);

/* True if a TLP with `data` credits gives back anything that is counted. */
bool credit_returns(const struct credit_class *credits, uint32_t data);

/* An UpdateFC with these credits will arrive at `at` [ps, non-decreasing]. */
void credit_give(struct credit_class *credits, uint32_t headers, uint32_t data, sim_time at);

/* When the next UpdateFC arrives [ps]; SIM_TIME_MAX if none is on its way. */
sim_time credit_next(const struct credit_class *credits);

void credit_ring_init(struct credit_ring *ring, uint32_t capacity);
void credit_ring_push(struct credit_ring *ring, struct credit_return item);
struct credit_return credit_ring_pop(struct credit_ring *ring);
static inline const struct credit_return *credit_ring_head(const struct credit_ring *ring)
{
    return ring->count ? &ring->items[ring->head] : 0;
}

#endif
