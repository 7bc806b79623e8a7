/*
 * The event queue: pending events in the total order (time, priority, sequence). Internal to sim/.
 *
 * It is a tournament tree, a complete binary tree whose leaves are slots. A pending event owns a slot (struct
 * sim_event.position, from 1) whose leaf holds the event's key; every inner node holds the earlier of its two
 * children's keys, so that the root holds the first. Pushing, moving and cancelling are all the same: set a
 * leaf, then play again the matches on its way up. Which nodes these are is known beforehand and each match
 * is decided without a branch, whereas each level of a heap waits for the one above. Measured by the hold model
 * (tests/bench/kernel), it is 1.3 to 1.7 times as fast as a 4-ary heap from 16 to 4096 pending events, and
 * faster than a hierarchical timing wheel but for thousands of them.
 *
 * A key is `when`, priority (3 bits), sequence (41 bits) and slot (20 bits) as one 128-bit integer. Popping
 * leaves the leaf as it is, a hole that the next push takes: most callbacks schedule an event.
 *
 * Limits: 2^20 - 1 pending events, 2^41 pushes and moves; both are asserted. The tree doubles when all slots
 * are taken and never shrinks.
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/assert.h"
#include "sim/event.h"

#define SIM_QUEUE_SLOT_BITS 20
#define SIM_QUEUE_SLOT_LIMIT (UINT32_C(1) << SIM_QUEUE_SLOT_BITS)
#define SIM_QUEUE_PRIORITY_SHIFT 61
#define SIM_QUEUE_SEQUENCE_LIMIT (UINT64_C(1) << (SIM_QUEUE_PRIORITY_SHIFT - SIM_QUEUE_SLOT_BITS))

/* `when` [ps] in the upper half. An integer, not a struct: compilers keep it in two registers. */
typedef unsigned __int128 sim_queue_key;

/* The key of a slot that is not taken. */
#define SIM_QUEUE_NEVER ((sim_queue_key)SIM_TIME_MAX << 64 | UINT64_MAX)

struct sim_queue {
    sim_queue_key *nodes;     /* nodes[1] is the root, 2i and 2i + 1 are i's children, the last half leaves */
    uint32_t capacity;        /* leaves, a power of two; slot 0 stays free for "not pending" */
    uint32_t hole;            /* the slot popped last, if its leaf still has its key; else 0 */
    struct sim_event **owner; /* by slot */
    uint32_t *free_slots;     /* a stack */
    uint32_t free_count;
    uint64_t sequence; /* pushes and moves so far */
};

void sim_queue_init(struct sim_queue *queue);

/* Frees the queue's memory; events that are still pending keep their position and are not touched. */
void sim_queue_free(struct sim_queue *queue);

/* Doubles the number of slots. */
void sim_queue_grow(struct sim_queue *queue);

/* The lesser of two keys. The hint has compilers move conditionally; a branch would often be mispredicted. */
static inline sim_queue_key sim_queue_earlier(sim_queue_key a, sim_queue_key b)
{
    return __builtin_expect_with_probability(b < a, 1, 0.5) ? b : a;
}

/* Gives a slot's leaf a key and plays its matches up to the root. Nodes go by their offset in bytes. */
static inline void sim_queue_set(struct sim_queue *queue, uint32_t slot, sim_queue_key key)
{
    char *nodes = (char *)queue->nodes;
    size_t node = ((size_t)queue->capacity + slot) * sizeof(key);
    *(sim_queue_key *)(nodes + node) = key;
    while (node > sizeof(key)) {
        key = sim_queue_earlier(key, *(const sim_queue_key *)(nodes + (node ^ sizeof(key))));
        node = node / 2 & -sizeof(key);
        *(sim_queue_key *)(nodes + node) = key;
    }
}

/* Gives `event`, which owns a slot, its key with the next sequence number. */
static inline void sim_queue_place(struct sim_queue *queue, const struct sim_event *event)
{
    queue->sequence++;
    SIM_ASSERT(queue->sequence < SIM_QUEUE_SEQUENCE_LIMIT);
    uint64_t order = (uint64_t)event->priority << SIM_QUEUE_PRIORITY_SHIFT |
                     queue->sequence << SIM_QUEUE_SLOT_BITS | event->position;
    sim_queue_set(queue, event->position, (sim_queue_key)(uint64_t)event->when << 64 | order);
}

static inline void sim_queue_vacate(struct sim_queue *queue, uint32_t slot)
{
    queue->free_slots[queue->free_count++] = slot;
    sim_queue_set(queue, slot, SIM_QUEUE_NEVER);
}

/* Vacates the hole, if there is one: the root is then the first pending event's. */
static inline void sim_queue_settle(struct sim_queue *queue)
{
    if (queue->hole == 0)
        return;
    sim_queue_vacate(queue, queue->hole);
    queue->hole = 0;
}

static inline uint32_t sim_queue_take_slot(struct sim_queue *queue)
{
    uint32_t slot = queue->hole;
    queue->hole = 0;
    if (slot != 0)
        return slot;
    if (queue->free_count == 0)
        sim_queue_grow(queue);
    return queue->free_slots[--queue->free_count];
}

/* Adds an event that is not pending; event->when and event->priority are set. */
static inline void sim_queue_push(struct sim_queue *queue, struct sim_event *event)
{
    event->position = sim_queue_take_slot(queue);
    queue->owner[event->position] = event;
    sim_queue_place(queue, event);
}

/* Puts a pending event, whose `when` was changed, where it now belongs, with a new sequence number. */
static inline void sim_queue_move(struct sim_queue *queue, struct sim_event *event)
{
    sim_queue_place(queue, event);
}

/* Takes a pending event out. */
static inline void sim_queue_cancel(struct sim_queue *queue, struct sim_event *event)
{
    sim_queue_vacate(queue, event->position);
    event->position = 0;
}

/* The first event's time [ps]; SIM_TIME_MAX if none is pending. */
static inline sim_time sim_queue_next(struct sim_queue *queue)
{
    sim_queue_settle(queue);
    return (sim_time)(queue->nodes[1] >> 64);
}

/* The first event, left in the queue; NULL if none is pending. */
static inline struct sim_event *sim_queue_peek(struct sim_queue *queue)
{
    sim_queue_settle(queue);
    if (queue->nodes[1] == SIM_QUEUE_NEVER)
        return NULL;
    return queue->owner[(uint64_t)queue->nodes[1] % SIM_QUEUE_SLOT_LIMIT];
}

/* Takes the first event out; one must be pending. */
static inline struct sim_event *sim_queue_pop(struct sim_queue *queue)
{
    sim_queue_settle(queue);
    SIM_DEBUG_ASSERT(queue->nodes[1] != SIM_QUEUE_NEVER);
    uint32_t slot = (uint64_t)queue->nodes[1] % SIM_QUEUE_SLOT_LIMIT;
    struct sim_event *event = queue->owner[slot];
    queue->hole = slot;
    event->position = 0;
    return event;
}

/* How many events are pending. */
static inline uint32_t sim_queue_count(const struct sim_queue *queue)
{
    return queue->capacity - 1 - queue->free_count - (queue->hole != 0);
}

#endif
