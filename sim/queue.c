#include "sim/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAPACITY = 63,
    CACHE_LINE = 64,
    /* Keys before heap[0], so that heap[1], the first group of four children, starts a cache line. */
    LEAD = CACHE_LINE / sizeof(sim_queue_key) - 1,
    SENTINELS = 3,
};

static_assert(sizeof(sim_queue_key) == 16, "four keys make a cache line");

void sim_queue_init(struct sim_queue *queue)
{
    memset(queue, 0, sizeof(*queue));
    sim_queue_grow(queue);
}

void sim_queue_free(struct sim_queue *queue)
{
    free(queue->heap_block);
    free(queue->place);
    free(queue->owner);
    free(queue->free_slots);
    memset(queue, 0, sizeof(*queue));
}

static void grow_heap(struct sim_queue *queue, uint32_t capacity)
{
    size_t keys = (LEAD + (size_t)capacity + SENTINELS + 3) / 4 * 4;
    sim_queue_key *block = aligned_alloc(CACHE_LINE, keys * sizeof(*block));
    SIM_ASSERT(block != NULL);
    for (size_t i = 0; i < keys; i++)
        block[i] = SIM_QUEUE_LAST;
    if (queue->count > 0)
        memcpy(block + LEAD, queue->heap, queue->count * sizeof(*block));
    free(queue->heap_block);
    queue->heap_block = block;
    queue->heap = block + LEAD;
}

void sim_queue_grow(struct sim_queue *queue)
{
    uint32_t capacity = queue->capacity == 0 ? FIRST_CAPACITY : 2 * queue->capacity + 1;
    if (capacity > SIM_QUEUE_SLOT_MASK)
        capacity = SIM_QUEUE_SLOT_MASK;
    SIM_ASSERT(capacity > queue->capacity);
    grow_heap(queue, capacity);
    queue->place = realloc(queue->place, (capacity + 1) * sizeof(*queue->place));
    queue->owner = realloc(queue->owner, (capacity + 1) * sizeof(struct sim_event *));
    queue->free_slots = realloc(queue->free_slots, capacity * sizeof(*queue->free_slots));
    SIM_ASSERT(queue->place != NULL && queue->owner != NULL && queue->free_slots != NULL);
    for (uint32_t slot = capacity; slot > queue->capacity; slot--)
        queue->free_slots[queue->free_count++] = slot;
    queue->capacity = capacity;
}
