/*
 * Pools of equal-sized objects with stable addresses and small integer handles: packets and TLPs. Objects are
 * taken and given back without calling the allocator; a pool grows by whole blocks only when it is empty.
 * A handle packs (index, generation), so that a stale handle is recognised.
 */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include <stddef.h>
#include <stdint.h>

struct sim_pool;

/* A pool of objects of `size` bytes, aligned to 16; the object's first 8 bytes are free for the user. */
struct sim_pool *sim_pool_create(size_t size, uint32_t first_block);
void sim_pool_destroy(struct sim_pool *pool);

/* Takes an object; contents are unspecified. Never NULL. */
void *sim_pool_take(struct sim_pool *pool);
void sim_pool_give(struct sim_pool *pool, void *object);

/* The handle of a live object, never 0, and back: NULL if the object was given back since. */
uint64_t sim_pool_handle(const struct sim_pool *pool, const void *object);
void *sim_pool_at(const struct sim_pool *pool, uint64_t handle);

/* Objects taken and not given back. */
uint32_t sim_pool_live(const struct sim_pool *pool);

#endif
