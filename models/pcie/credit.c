#include "models/pcie/credit.h"

#include <stdlib.h>

#include "sim/assert.h"

enum { HEADER_BITS = 8, DATA_BITS = 12, SCALED_BITS = 4 };

static uint32_t mask_of(uint32_t bits)
{
    return (UINT32_C(1) << bits) - 1;
}

/* At most half of the counter's range less one may be advertised, section 2.6.1; more needs scaled flow control. */
static void counter_init(struct credit_counter *counter, int64_t advertised, uint32_t bits)
{
    if (advertised >= INT64_C(1) << (bits - 1))
        bits += SCALED_BITS;
    SIM_ASSERT(advertised >= 0 && advertised < INT64_C(1) << (bits - 1));
    *counter = (struct credit_counter){.limit = (uint32_t)advertised, .bits = advertised ? bits : 0};
}

/* (CREDIT_LIMIT - (CREDITS_CONSUMED + needed)) mod 2^n <= 2^n / 2 */
static bool counter_allows(const struct credit_counter *counter, uint32_t needed)
{
    if (counter->bits == 0)
        return true;
    uint32_t left = (counter->limit - (counter->consumed + needed)) & mask_of(counter->bits);
    return left <= UINT32_C(1) << (counter->bits - 1);
}

static void counter_consume(struct credit_counter *counter, uint32_t needed)
{
    counter->consumed = (counter->consumed + needed) & mask_of(counter->bits);
}

static void counter_return(struct credit_counter *counter, uint32_t returned)
{
    counter->limit = (counter->limit + returned) & mask_of(counter->bits);
}

void credit_ring_init(struct credit_ring *ring, uint32_t capacity)
{
    uint32_t size = 1;
    while (size < capacity)
        size *= 2;
    *ring = (struct credit_ring){.capacity = size};
    ring->items = calloc(size, sizeof(struct credit_return));
    SIM_ASSERT(ring->items != NULL);
}

void credit_ring_push(struct credit_ring *ring, struct credit_return item)
{
    SIM_ASSERT(ring->count < ring->capacity);
    ring->items[(ring->head + ring->count++) & (ring->capacity - 1)] = item;
}

struct credit_return credit_ring_pop(struct credit_ring *ring)
{
    SIM_ASSERT(ring->count > 0);
    struct credit_return item = ring->items[ring->head];
    ring->head = (ring->head + 1) & (ring->capacity - 1);
    ring->count--;
    return item;
}

void credit_init(struct credit_class *credits, int64_t headers, int64_t data)
{
    counter_init(&credits->headers, headers, HEADER_BITS);
    counter_init(&credits->data, data, DATA_BITS);
    /* Each return gives back at least one credit of a kind that is counted. */
    credit_ring_init(&credits->coming, (uint32_t)(headers ? headers : data ? data : 1));
}

void credit_destroy(struct credit_class *credits)
{
    free(credits->coming.items);
}

bool credit_returns(const struct credit_class *credits, uint32_t data)
{
    return credits->headers.bits != 0 || (credits->data.bits != 0 && data != 0);
}

void credit_settle(struct credit_class *credits, sim_time now)
{
    const struct credit_return *next;
    while ((next = credit_ring_head(&credits->coming)) && next->at <= now) {
        struct credit_return item = credit_ring_pop(&credits->coming);
        counter_return(&credits->headers, item.headers);
        counter_return(&credits->data, item.data);
    }
}

bool credit_take(struct credit_class *credits, uint32_t headers, uint32_t data, sim_time now)
{
    if (credit_infinite(credits))
        return true;
    credit_settle(credits, now);
    if (!counter_allows(&credits->headers, headers) || !counter_allows(&credits->data, data))
        return false;
    counter_consume(&credits->headers, headers);
    counter_consume(&credits->data, data);
    return true;
}

void credit_give(struct credit_class *credits, uint32_t headers, uint32_t data, sim_time at)
{
    if (credit_returns(credits, data))
        credit_ring_push(&credits->coming, (struct credit_return){at, headers, data});
}

sim_time credit_next(const struct credit_class *credits)
{
    const struct credit_return *next = credit_ring_head(&credits->coming);
    return next ? next->at : SIM_TIME_MAX;
}
