/*
 * The allocator of one node's physical pages, or of any other range of page-aligned addresses: fresh pages in
 * ascending order, freed areas reused last in, first out. Some 2 MiB blocks cannot be had whole, because one page of
 * them belongs to somebody else. Private to models/memory.
 */
#ifndef MODELS_MEMORY_AREA_H
#define MODELS_MEMORY_AREA_H

#include <stddef.h>
#include <stdint.h>

#define AREA_BLOCK (UINT64_C(2) << 20)
#define AREA_NONE UINT64_MAX

struct area {
    uint64_t start, size; /* [B] */
};

struct area_pool {
    uint64_t next, end;    /* what was never handed out: [next, end) */
    uint64_t seed;         /* which blocks are broken is a function of it and of the block's number alone */
    uint32_t broken_share; /* [1e-6] of the blocks */
    struct area *freed;    /* the last is reused first; neighbours are joined */
    size_t freed_count, freed_capacity;
};

/* A pool of the pages in [start, end). */
void area_pool_init(struct area_pool *pool, uint64_t start, uint64_t end, uint64_t seed,
                    uint32_t broken_share);
void area_pool_destroy(struct area_pool *pool);

/* `size` bytes in whole pages, aligned to `align`, a power of two; AREA_NONE if there is no such area. */
uint64_t area_pool_take(struct area_pool *pool, uint64_t size, uint64_t align);
void area_pool_give(struct area_pool *pool, uint64_t start, uint64_t size);

/* The page of a block that is somebody else's, AREA_NONE if the block is whole. */
uint64_t area_pool_hole(const struct area_pool *pool, uint64_t block);

#endif
