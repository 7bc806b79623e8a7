#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8, CACHE_LINE = 64 };

void sim_queue_init(struct sim_queue *queue)
{
    memset(queue, 0, sizeof(*queue));
    sim_queue_grow(queue);
}

void sim_queue_free(struct sim_queue *queue)
{
    free(queue->nodes);
    free(queue->owner);
    free(queue->free_slots);
    memset(queue, 0, sizeof(*queue));
}

/* A tree of `capacity` leaves that begin with those of the present one. */
static void grow_tree(struct sim_queue *queue, uint32_t capacity)
{
    sim_queue_key *nodes = aligned_alloc(CACHE_LINE, 2 * (size_t)capacity * sizeof(*nodes));
    SIM_ASSERT(nodes != NULL);
    nodes[0] = SIM_QUEUE_NEVER;
    for (uint32_t slot = 0; slot < capacity; slot++)
        nodes[capacity + slot] =
            slot < queue->capacity ? queue->nodes[queue->capacity + slot] : SIM_QUEUE_NEVER;
    for (uint32_t node = capacity - 1; node > 0; node--)
        nodes[node] = sim_queue_earlier(nodes[2 * node], nodes[2 * node + 1]);
    free(queue->nodes);
    queue->nodes = nodes;
}

void sim_queue_grow(struct sim_queue *queue)
{
    uint32_t capacity = queue->capacity == 0 ? FIRST_CAPACITY : 2 * queue->capacity;
    SIM_ASSERT(capacity <= SIM_QUEUE_SLOT_LIMIT);
    grow_tree(queue, capacity);
    queue->owner = realloc(queue->owner, capacity * sizeof(struct sim_event *));
    queue->free_slots = realloc(queue->free_slots, capacity * sizeof(*queue->free_slots));
    SIM_ASSERT(queue->owner != NULL && queue->free_slots != NULL);
    for (uint32_t slot = capacity - 1; slot >= queue->capacity && slot > 0; slot--)
        queue->free_slots[queue->free_count++] = slot;
    queue->capacity = capacity;
}
