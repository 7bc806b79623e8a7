#include "sim/pool.h"

#include <stdlib.h>

#include "sim/assert.h"

struct sim_pool *sim_pool_create(size_t size, uint32_t first_block)
{
    SIM_ASSERT(size > 0 && first_block > 0 && first_block <= 1u << 20);
    struct sim_pool *pool = calloc(1, sizeof(*pool));
    SIM_ASSERT(pool != NULL);
    pool->stride = sizeof(struct sim_pool_header) +
                   (size + SIM_POOL_ALIGNMENT - 1) / SIM_POOL_ALIGNMENT * SIM_POOL_ALIGNMENT;
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

void sim_pool_grow(struct sim_pool *pool)
{
    uint32_t objects = 1u << pool->shift;
    uint32_t first = pool->block_count << pool->shift;
    SIM_ASSERT(first <= UINT32_MAX - objects);
    pool->blocks = realloc(pool->blocks, (pool->block_count + 1) * sizeof(char *));
    SIM_ASSERT(pool->blocks != NULL);
    char *block = aligned_alloc(SIM_POOL_ALIGNMENT, objects * pool->stride);
    SIM_ASSERT(block != NULL);
    pool->blocks[pool->block_count++] = block;
    for (uint32_t i = objects; i-- > 0;) {
        struct sim_pool_header *header = (struct sim_pool_header *)(block + i * pool->stride);
        *header = (struct sim_pool_header){.index = first + i, .next_free = pool->free};
        pool->free = header;
    }
}

uint64_t sim_pool_handle(const struct sim_pool *pool, const void *object)
{
    const struct sim_pool_header *header = sim_pool_header_of(object);
    SIM_ASSERT(header->generation % 2 == 1);
    SIM_DEBUG_ASSERT(sim_pool_header_at(pool, header->index) == header);
    (void)pool;
    return (uint64_t)header->generation << 32 | header->index;
}

void *sim_pool_at(const struct sim_pool *pool, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    uint32_t generation = (uint32_t)(handle >> 32);
    if (generation % 2 == 0 || index >> pool->shift >= pool->block_count)
        return NULL;
    struct sim_pool_header *header = sim_pool_header_at(pool, index);
    return header->generation == generation ? (void *)(header + 1) : NULL;
}

uint32_t sim_pool_capacity(const struct sim_pool *pool)
{
    return pool->block_count << pool->shift;
}

void *sim_pool_object(const struct sim_pool *pool, uint32_t index)
{
    SIM_ASSERT(index < sim_pool_capacity(pool));
    struct sim_pool_header *header = sim_pool_header_at(pool, index);
    return header->generation % 2 == 1 ? (void *)(header + 1) : NULL;
}

uint32_t sim_pool_live(const struct sim_pool *pool)
{
    return pool->live;
}
