#include "models/memory/area.h"

#include <stdlib.h>
#include <string.h>

#include "models/memory/memory.h"
#include "sim/assert.h"

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

/* splitmix64's finaliser. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

void area_pool_init(struct area_pool *pool, uint64_t start, uint64_t end, uint64_t seed,
                    uint32_t broken_share)
{
    *pool = (struct area_pool){.next = start, .end = end, .seed = seed, .broken_share = broken_share};
}

void area_pool_destroy(struct area_pool *pool)
{
    free(pool->freed);
}

uint64_t area_pool_hole(const struct area_pool *pool, uint64_t block)
{
    uint64_t drawn = mix(pool->seed ^ mix(block + 1));
    if (drawn % 1000000 >= pool->broken_share)
        return AREA_NONE;
    return block * AREA_BLOCK + (drawn >> 32) % (AREA_BLOCK / PAGE_SIZE) * PAGE_SIZE;
}

/* The first hole in [start, start + size), AREA_NONE if there is none. */
static uint64_t first_hole(const struct area_pool *pool, uint64_t start, uint64_t size)
{
    if (pool->broken_share == 0)
        return AREA_NONE;
    for (uint64_t block = start / AREA_BLOCK; block * AREA_BLOCK < start + size; block++) {
        uint64_t hole = area_pool_hole(pool, block);
        if (hole != AREA_NONE && hole >= start && hole < start + size)
            return hole;
    }
    return AREA_NONE;
}

static void freed_append(struct area_pool *pool, uint64_t start, uint64_t size)
{
    if (size == 0)
        return;
    if (pool->freed_count == pool->freed_capacity) {
        pool->freed_capacity = pool->freed_capacity ? 2 * pool->freed_capacity : 16;
        pool->freed = realloc(pool->freed, pool->freed_capacity * sizeof(struct area));
        SIM_ASSERT(pool->freed != NULL);
    }
    pool->freed[pool->freed_count++] = (struct area){start, size};
}

static void freed_remove(struct area_pool *pool, size_t index)
{
    pool->freed_count--;
    memmove(&pool->freed[index], &pool->freed[index + 1], (pool->freed_count - index) * sizeof(struct area));
}

/* Out of a freed area, the youngest that fits; what is left of it stays free. */
static uint64_t take_freed(struct area_pool *pool, uint64_t size, uint64_t align)
{
    for (size_t i = pool->freed_count; i-- > 0;) {
        struct area area = pool->freed[i];
        uint64_t start = align_up(area.start, align);
        if (start + size > area.start + area.size)
            continue;
        freed_remove(pool, i);
        freed_append(pool, start + size, area.start + area.size - start - size);
        freed_append(pool, area.start, start - area.start);
        return start;
    }
    return AREA_NONE;
}

/* Keeps [next, until), without its holes, for smaller requests. */
static void skip_to(struct area_pool *pool, uint64_t until)
{
    while (pool->next < until) {
        uint64_t hole = first_hole(pool, pool->next, until - pool->next);
        uint64_t stop = hole == AREA_NONE ? until : hole;
        freed_append(pool, pool->next, stop - pool->next);
        pool->next = hole == AREA_NONE ? until : hole + PAGE_SIZE;
    }
}

static uint64_t take_fresh(struct area_pool *pool, uint64_t size, uint64_t align)
{
    uint64_t start = align_up(pool->next, align);
    uint64_t hole;
    while (start + size <= pool->end && (hole = first_hole(pool, start, size)) != AREA_NONE)
        start = align_up(hole + PAGE_SIZE, align);
    if (start + size > pool->end)
        return AREA_NONE;
    skip_to(pool, start);
    pool->next = start + size;
    return start;
}

uint64_t area_pool_take(struct area_pool *pool, uint64_t size, uint64_t align)
{
    SIM_ASSERT(align >= PAGE_SIZE && (align & (align - 1)) == 0);
    size = align_up(size, PAGE_SIZE);
    if (size == 0 || size > pool->end)
        return AREA_NONE;
    uint64_t start = take_freed(pool, size, align);
    return start != AREA_NONE ? start : take_fresh(pool, size, align);
}

/* Takes a freed area that ends where [*start, *start + *size) begins, or the reverse, into it. */
static void join(struct area_pool *pool, uint64_t *start, uint64_t *size)
{
    for (size_t i = pool->freed_count; i-- > 0;) {
        struct area area = pool->freed[i];
        if (area.start + area.size != *start && *start + *size != area.start)
            continue;
        *start = area.start < *start ? area.start : *start;
        *size += area.size;
        freed_remove(pool, i);
    }
}

void area_pool_give(struct area_pool *pool, uint64_t start, uint64_t size)
{
    size = align_up(size, PAGE_SIZE);
    SIM_ASSERT(start % PAGE_SIZE == 0 && start + size <= pool->next);
    join(pool, &start, &size);
    freed_append(pool, start, size);
}
