/* A virtqueue in a small guest's memory, its ring seen as bytes. */
#ifndef TESTS_UNIT_MODELS_VIRTQUEUE_FIXTURE_H
#define TESTS_UNIT_MODELS_VIRTQUEUE_FIXTURE_H

#include <criterion/criterion.h>
#include <string.h>

#include "models/backend/virtqueue.h"

struct ring_fixture {
    struct sim *sim;
    struct memory *memory;
    struct address_space *space;
    struct virtqueue queue;
};

static inline void ring_create(struct ring_fixture *f, struct virtqueue_config config)
{
    struct sim_config sim = {.seed = 1};
    struct memory_config memory = {.nodes = 1, .node_size = 64 << 20};
    f->sim = sim_create(&sim);
    f->memory = memory_create(f->sim, &memory);
    f->space = address_space_create(f->memory, false);
    config.space = f->space;
    config.memory = f->memory;
    virtqueue_init(&f->queue, &config);
}

static inline void ring_destroy_fixture(struct ring_fixture *f)
{
    virtqueue_destroy(&f->queue);
    address_space_destroy(f->space);
    memory_destroy(f->memory);
    sim_destroy(f->sim);
}

/* `size` bytes at guest address `address`, little-endian. */
static inline uint64_t ring_peek(const struct ring_fixture *f, uint64_t address, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        uint64_t hpa = address_space_translate(f->space, address + i);
        value |= (uint64_t)*memory_bytes(f->memory, hpa) << 8 * i;
    }
    return value;
}

static inline void ring_poke16(const struct ring_fixture *f, uint64_t address, uint16_t value)
{
    for (unsigned i = 0; i < 2; i++)
        *memory_bytes(f->memory, address_space_translate(f->space, address + i)) = (uint8_t)(value >> 8 * i);
}

/* Adds a chain of one part. */
static inline uint16_t ring_add_one(struct ring_fixture *f, uint64_t address)
{
    struct virtqueue_part part = {.address = address, .length = 64};
    return virtqueue_add(&f->queue, &part, 1);
}

/* The device takes a chain and uses it at once. */
static inline bool ring_serve_one(struct ring_fixture *f)
{
    struct virtqueue_chain chain;
    if (!virtqueue_take(&f->queue, &chain))
        return false;
    virtqueue_use(&f->queue, chain.id, chain.slots, 0);
    virtqueue_publish(&f->queue);
    return true;
}

static inline unsigned ring_reclaim(struct ring_fixture *f)
{
    uint16_t id;
    uint32_t length;
    unsigned count = 0;
    while (virtqueue_get(&f->queue, &id, &length))
        count++;
    return count;
}

/* A small generator for random walks. */
static inline uint32_t ring_random(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

#endif
