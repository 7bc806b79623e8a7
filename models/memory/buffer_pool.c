#include <stdlib.h>

#include "models/memory/memory.h"
#include "sim/assert.h"

struct buffer_pool {
    struct address_space *space;
    int node;
    uint32_t buffer_size;
    uint64_t *stack; /* free buffers */
    size_t count, capacity;
};

struct buffer_pool *buffer_pool_create(struct address_space *space, struct memory *memory, int node,
                                       uint32_t buffer_size)
{
    SIM_ASSERT(space != NULL && memory != NULL && buffer_size > 0);
    struct buffer_pool *pool = calloc(1, sizeof *pool);
    SIM_ASSERT(pool != NULL);
    pool->space = space;
    pool->node = node;
    pool->buffer_size = (buffer_size + LINE_SIZE - 1) / LINE_SIZE * LINE_SIZE;
    return pool;
}

void buffer_pool_destroy(struct buffer_pool *pool)
{
    if (!pool)
        return;
    free(pool->stack);
    free(pool);
}

uint64_t buffer_pool_area(struct buffer_pool *pool, uint64_t size)
{
    uint64_t pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    uint64_t address = address_space_allocate(pool->space, pool->node, pages * PAGE_SIZE);
    SIM_ASSERT(address != 0);
    return address;
}

/* Buffers smaller than a page share one and never cross it; larger ones are whole pages. */
static void buffer_pool_refill(struct buffer_pool *pool)
{
    uint64_t area = buffer_pool_area(pool, pool->buffer_size);
    uint64_t buffers = pool->buffer_size < PAGE_SIZE ? PAGE_SIZE / pool->buffer_size : 1;
    for (uint64_t i = buffers; i-- > 0;)
        buffer_pool_give(pool, area + i * pool->buffer_size);
}

uint64_t buffer_pool_take(struct buffer_pool *pool)
{
    if (pool->count == 0)
        buffer_pool_refill(pool);
    return pool->stack[--pool->count];
}

void buffer_pool_give(struct buffer_pool *pool, uint64_t address)
{
    if (pool->count == pool->capacity) {
        pool->capacity = pool->capacity ? 2 * pool->capacity : 64;
        pool->stack = realloc(pool->stack, pool->capacity * sizeof(uint64_t));
        SIM_ASSERT(pool->stack != NULL);
    }
    pool->stack[pool->count++] = address;
}
