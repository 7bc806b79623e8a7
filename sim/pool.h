/*
 * Pools of equal-sized objects with stable addresses and small integer handles: packets and TLPs. Objects are
 * taken and given back without calling the allocator; a pool grows by whole blocks only when it is empty.
 * A handle packs (index, generation), so that a stale handle is recognised.
 */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/assert.h"

enum { SIM_POOL_ALIGNMENT = 16 };

/* What follows is the pool's own; it is here so that taking and giving back need no call. */

/* Stands before each object; `generation` is odd while the object is taken. */
struct sim_pool_header {
    alignas(SIM_POOL_ALIGNMENT) uint32_t index;
    uint32_t generation;
    struct sim_pool_header *next_free;
};

struct sim_pool {
    struct sim_pool_header *free;
    char **blocks; /* each of 1 << shift objects */
    uint32_t block_count;
    uint32_t shift;
    size_t stride; /* header and object */
    uint32_t live;
};

/* A pool of objects of `size` bytes, aligned to 16; the object's first 8 bytes are free for the user. */
struct sim_pool *sim_pool_create(size_t size, uint32_t first_block);
void sim_pool_destroy(struct sim_pool *pool);

/* Adds a block; its objects will be taken in the order of their indices. */
void sim_pool_grow(struct sim_pool *pool);

static inline struct sim_pool_header *sim_pool_header_of(const void *object)
{
    return (struct sim_pool_header *)object - 1;
}

static inline struct sim_pool_header *sim_pool_header_at(const struct sim_pool *pool, uint32_t index)
{
    uint32_t within = index & ((1u << pool->shift) - 1);
    return (struct sim_pool_header *)(pool->blocks[index >> pool->shift] + within * pool->stride);
}

/* Takes an object; contents are unspecified. Never NULL. */
static inline void *sim_pool_take(struct sim_pool *pool)
{
    if (pool->free == NULL)
        sim_pool_grow(pool);
    struct sim_pool_header *header = pool->free;
    pool->free = header->next_free;
    header->generation++;
    pool->live++;
    return header + 1;
}

static inline void sim_pool_give(struct sim_pool *pool, void *object)
{
    struct sim_pool_header *header = sim_pool_header_of(object);
    SIM_ASSERT(header->generation % 2 == 1);
    SIM_DEBUG_ASSERT(sim_pool_header_at(pool, header->index) == header);
    header->generation++;
    header->next_free = pool->free;
    pool->free = header;
    pool->live--;
}

/* The handle of a live object, never 0, and back: NULL if the object was given back since. */
uint64_t sim_pool_handle(const struct sim_pool *pool, const void *object);
void *sim_pool_at(const struct sim_pool *pool, uint64_t handle);

/* An object's index, and back: NULL unless it is taken. Indices are below the capacity. */
static inline uint32_t sim_pool_index(const void *object)
{
    return ((const struct sim_pool_header *)object - 1)->index;
}
void *sim_pool_object(const struct sim_pool *pool, uint32_t index);
uint32_t sim_pool_capacity(const struct sim_pool *pool);

/* Whether an object of a pool, taken or not, is taken. */
static inline bool sim_pool_is_live(const void *object)
{
    return ((const struct sim_pool_header *)object - 1)->generation % 2 == 1;
}

/* Objects taken and not given back. */
uint32_t sim_pool_live(const struct sim_pool *pool);

#endif
