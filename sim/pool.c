#include "sim/pool.h"

#include <stdalign.h>
#include <stdlib.h>

#include "sim/assert.h"

enum { ALIGNMENT = 16 };

/* Stands before each object; `generation` is odd while the object is taken. */
struct header {
    alignas(ALIGNMENT) uint32_t index;
    uint32_t generation;
    struct header *next_free;
};

struct sim_pool {
    struct header *free;
    char **blocks; /* each of 1 << shift objects */
    uint32_t block_count;
    uint32_t shift;
    size_t stride; /* header and object */
    uint32_t live;
};

static struct header *header_of(const void *object)
{
    return (struct header *)object - 1;
}

static void *object_of(struct header *header)
{
    return header + 1;
}

static struct header *header_at(const struct sim_pool *pool, uint32_t index)
{
    uint32_t within = index & ((1u << pool->shift) - 1);
    return (struct header *)(pool->blocks[index >> pool->shift] + within * pool->stride);
}

struct sim_pool *sim_pool_create(size_t size, uint32_t first_block)
{
    SIM_ASSERT(size > 0 && first_block > 0 && first_block <= 1u << 20);
    struct sim_pool *pool = calloc(1, sizeof(*pool));
    SIM_ASSERT(pool != NULL);
    pool->stride = sizeof(struct header) + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    while (1u << pool->shift < first_block)
        pool->shift++;
    return pool;
}

void sim_pool_destroy(struct sim_pool *pool)
{
    if (pool == NULL)
        return;
    for (uint32_t i = 0; i < pool->block_count; i++)
        free(pool->blocks[i]);
    free(pool->blocks);
    free(pool);
}

/* Adds a block; its objects will be taken in the order of their indices. */
static void grow(struct sim_pool *pool)
{
    uint32_t objects = 1u << pool->shift;
    uint32_t first = pool->block_count << pool->shift;
    SIM_ASSERT(first <= UINT32_MAX - objects);
    pool->blocks = realloc(pool->blocks, (pool->block_count + 1) * sizeof(char *));
    SIM_ASSERT(pool->blocks != NULL);
    char *block = aligned_alloc(ALIGNMENT, objects * pool->stride);
    SIM_ASSERT(block != NULL);
    pool->blocks[pool->block_count++] = block;
    for (uint32_t i = objects; i-- > 0;) {
        struct header *header = (struct header *)(block + i * pool->stride);
        *header = (struct header){.index = first + i, .next_free = pool->free};
        pool->free = header;
    }
}

void *sim_pool_take(struct sim_pool *pool)
{
    if (pool->free == NULL)
        grow(pool);
    struct header *header = pool->free;
    pool->free = header->next_free;
    header->generation++;
    pool->live++;
    return object_of(header);
}

void sim_pool_give(struct sim_pool *pool, void *object)
{
    struct header *header = header_of(object);
    SIM_ASSERT(header->generation % 2 == 1);
    SIM_DEBUG_ASSERT(header_at(pool, header->index) == header);
    header->generation++;
    header->next_free = pool->free;
    pool->free = header;
    pool->live--;
}

uint64_t sim_pool_handle(const struct sim_pool *pool, const void *object)
{
    const struct header *header = header_of(object);
    SIM_ASSERT(header->generation % 2 == 1);
    SIM_DEBUG_ASSERT(header_at(pool, header->index) == header);
    (void)pool;
    return (uint64_t)header->generation << 32 | header->index;
}

void *sim_pool_at(const struct sim_pool *pool, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    uint32_t generation = (uint32_t)(handle >> 32);
    if (generation % 2 == 0 || index >> pool->shift >= pool->block_count)
        return NULL;
    struct header *header = header_at(pool, index);
    return header->generation == generation ? object_of(header) : NULL;
}

uint32_t sim_pool_live(const struct sim_pool *pool)
{
    return pool->live;
}
