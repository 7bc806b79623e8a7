/*
 * A 4-ary heap of 16-byte keys as a contender of queue_hold.c. `place` says where a slot's key is, as eager
 * cancelling needs it; three keys later than any other follow the last, so that four children can always be
 * compared; the hole that a pop leaves at the root is filled by the next push.
 */
#ifndef TESTS_BENCH_KERNEL_QUEUE_HEAP_H
#define TESTS_BENCH_KERNEL_QUEUE_HEAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "sim/event.h"

enum { HEAP_SLOTS = 1 << 17, HEAP_SLOT_BITS = 20 };

typedef unsigned __int128 heap_key;

struct item {
    struct sim_event event;
};

struct queue {
    heap_key *heap;
    uint32_t count;
    bool hole;
    uint32_t *place;
    struct item **owner;
    uint32_t *free_slots;
    uint32_t free_count;
    uint64_t sequence;
};

static inline void queue_init(struct queue *queue)
{
    /* heap[1], the first group of four children, starts a cache line. */
    queue->heap = (heap_key *)aligned_alloc(64, (HEAP_SLOTS + 8) * sizeof(heap_key)) + 3;
    for (uint32_t i = 0; i < HEAP_SLOTS + 4; i++)
        queue->heap[i] = ~(heap_key)0;
    queue->place = calloc(HEAP_SLOTS, sizeof(*queue->place));
    queue->owner = calloc(HEAP_SLOTS, sizeof(struct item *));
    queue->free_slots = calloc(HEAP_SLOTS, sizeof(*queue->free_slots));
    for (uint32_t slot = HEAP_SLOTS - 1; slot > 0; slot--)
        queue->free_slots[queue->free_count++] = slot;
}

static inline uint32_t heap_slot(heap_key key)
{
    return (uint32_t)key & ((1u << HEAP_SLOT_BITS) - 1);
}

static inline void heap_put(struct queue *queue, uint32_t index, heap_key key)
{
    queue->heap[index] = key;
    queue->place[heap_slot(key)] = index;
}

static inline void heap_sift_down(struct queue *queue, heap_key key)
{
    const heap_key *heap = queue->heap;
    uint32_t index = 0;
    for (uint32_t child = 1; child < queue->count; child = 4 * index + 1) {
        uint32_t low = child + (heap[child + 1] < heap[child]);
        uint32_t high = child + 2 + (heap[child + 3] < heap[child + 2]);
        uint32_t least = heap[high] < heap[low] ? high : low;
        if (key < heap[least])
            break;
        heap_put(queue, index, heap[least]);
        index = least;
    }
    heap_put(queue, index, key);
}

static inline void heap_sift_up(struct queue *queue, uint32_t index, heap_key key)
{
    while (index > 0 && key < queue->heap[(index - 1) / 4]) {
        heap_put(queue, index, queue->heap[(index - 1) / 4]);
        index = (index - 1) / 4;
    }
    heap_put(queue, index, key);
}

static inline void queue_push(struct queue *queue, struct item *item)
{
    uint32_t slot = queue->free_slots[--queue->free_count];
    queue->owner[slot] = item;
    item->event.position = slot;
    uint64_t order =
        (uint64_t)item->event.priority << 61 | ++queue->sequence << HEAP_SLOT_BITS | item->event.position;
    heap_key key = (heap_key)(uint64_t)item->event.when << 64 | order;
    if (queue->hole)
        heap_sift_down(queue, key);
    else
        heap_sift_up(queue, queue->count++, key);
    queue->hole = false;
}

static inline struct item *queue_pop(struct queue *queue)
{
    if (queue->hole) {
        queue->hole = false;
        heap_key key = queue->heap[--queue->count];
        queue->heap[queue->count] = ~(heap_key)0;
        heap_sift_down(queue, key);
    }
    uint32_t slot = heap_slot(queue->heap[0]);
    queue->free_slots[queue->free_count++] = slot;
    queue->hole = true;
    queue->owner[slot]->event.position = 0;
    return queue->owner[slot];
}

#endif
