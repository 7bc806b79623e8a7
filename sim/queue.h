/*
 * The event queue: pending events in the total order (time, priority, sequence). Internal to sim/.
 *
 * It is a 4-ary heap of 16-byte keys. A key holds all that comparisons need, so that sifting never touches an
 * event: `when`, and `order` = priority (3 bits), sequence (41 bits) and slot (20 bits), as one integer. A pending event owns a slot (struct sim_event.position, from 1); `place[slot]` says
 * where its key is now, so that cancelling and moving are eager, O(log n) and leave nothing behind. Behind the
 * last key there are always three keys that are later than any other: four children are compared without
 * asking whether all of them exist.
 *
 * Popping leaves a hole at the root, which the next push fills with one sift: most callbacks schedule an event.
 *
 * Limits: 2^20 - 1 pending events, 2^41 pushes and moves; both are asserted.
 * tests/bench/kernel has the measurement by which the heap was chosen over a timing wheel.
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/assert.h"
#include "sim/event.h"

#define SIM_QUEUE_SLOT_BITS 20
#define SIM_QUEUE_SLOT_MASK ((UINT64_C(1) << SIM_QUEUE_SLOT_BITS) - 1)
#define SIM_QUEUE_PRIORITY_SHIFT 61
#define SIM_QUEUE_SEQUENCE_LIMIT (UINT64_C(1) << (SIM_QUEUE_PRIORITY_SHIFT - SIM_QUEUE_SLOT_BITS))

/* `when` [ps] in the upper half, `order` in the lower. An integer, not a struct: it stays in registers. */
typedef unsigned __int128 sim_queue_key;

struct sim_queue {
    sim_queue_key *heap;      /* heap[0] is first; heap[count .. count+2] are SIM_QUEUE_LAST */
    uint32_t count;           /* keys in the heap, the hole included */
    bool hole;                /* heap[0] was popped: its key is 0, before any other */
    uint32_t *place;          /* by slot: index in the heap */
    struct sim_event **owner; /* by slot */
    uint32_t *free_slots;     /* a stack */
    uint32_t free_count;
    uint32_t capacity; /* slots, slot 0 not included */
    uint64_t sequence; /* pushes and moves so far */
    void *heap_block;  /* what `heap` is allocated in: its groups of children start on cache lines */
};

#define SIM_QUEUE_LAST ((sim_queue_key)INT64_MAX << 64 | UINT64_MAX)

void sim_queue_init(struct sim_queue *queue);

/* Frees the queue's memory; the events that are still pending keep their position and are not touched. */
void sim_queue_free(struct sim_queue *queue);

/* Doubles the number of slots. */
void sim_queue_grow(struct sim_queue *queue);

static inline uint32_t sim_queue_slot(sim_queue_key key)
{
    return (uint32_t)((uint64_t)key & SIM_QUEUE_SLOT_MASK);
}

static inline void sim_queue_put(struct sim_queue *queue, uint32_t index, sim_queue_key key)
{
    queue->heap[index] = key;
    queue->place[sim_queue_slot(key)] = index;
}

/* Puts `key` where it belongs in the subtree of `index`, whose own key is taken to be gone. */
static inline void sim_queue_sift_down(struct sim_queue *queue, uint32_t index, sim_queue_key key)
{
    const sim_queue_key *heap = queue->heap;
    for (;;) {
        uint32_t child = 4 * index + 1;
        if (child >= queue->count)
            break;
        uint32_t low = child + (heap[child + 1] < heap[child]);
        uint32_t high = child + 2 + (heap[child + 3] < heap[child + 2]);
        uint32_t least = (heap[high] < heap[low]) ? high : low;
        if (!(heap[least] < key))
            break;
        sim_queue_put(queue, index, heap[least]);
        index = least;
    }
    sim_queue_put(queue, index, key);
}

/* Puts `key` at `index` or, as far as it is earlier than the keys there, at one of index's ancestors. */
static inline void sim_queue_sift_up(struct sim_queue *queue, uint32_t index, sim_queue_key key)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 4;
        if (!(key < queue->heap[parent]))
            break;
        sim_queue_put(queue, index, queue->heap[parent]);
        index = parent;
    }
    sim_queue_put(queue, index, key);
}

/* Puts `key` at `index` of a heap that is in order but for that place. */
static inline void sim_queue_sift(struct sim_queue *queue, uint32_t index, sim_queue_key key)
{
    if (index > 0 && (key < queue->heap[(index - 1) / 4]))
        sim_queue_sift_up(queue, index, key);
    else
        sim_queue_sift_down(queue, index, key);
}

/* Takes the last key off the heap. */
static inline sim_queue_key sim_queue_drop_last(struct sim_queue *queue)
{
    sim_queue_key key = queue->heap[--queue->count];
    queue->heap[queue->count] = SIM_QUEUE_LAST;
    return key;
}

/* Fills the hole at the root, if there is one. */
static inline void sim_queue_settle(struct sim_queue *queue)
{
    if (!queue->hole)
        return;
    queue->hole = false;
    sim_queue_key key = sim_queue_drop_last(queue);
    if (queue->count > 0)
        sim_queue_sift_down(queue, 0, key);
}

/* The key of `event` with the next sequence number. */
static inline sim_queue_key sim_queue_next_key(struct sim_queue *queue, const struct sim_event *event)
{
    queue->sequence++;
    SIM_ASSERT(queue->sequence < SIM_QUEUE_SEQUENCE_LIMIT);
    uint64_t order = (uint64_t)event->priority << SIM_QUEUE_PRIORITY_SHIFT |
                     queue->sequence << SIM_QUEUE_SLOT_BITS | event->position;
    return (sim_queue_key)(uint64_t)event->when << 64 | order;
}

/* How many events are pending. */
static inline uint32_t sim_queue_count(const struct sim_queue *queue)
{
    return queue->count - queue->hole;
}

/* Adds an event that is not pending; event->when and event->priority are set. */
static inline void sim_queue_push(struct sim_queue *queue, struct sim_event *event)
{
    if (queue->free_count == 0)
        sim_queue_grow(queue);
    event->position = queue->free_slots[--queue->free_count];
    queue->owner[event->position] = event;
    sim_queue_key key = sim_queue_next_key(queue, event);
    if (queue->hole) {
        queue->hole = false;
        sim_queue_sift_down(queue, 0, key);
    } else {
        sim_queue_sift_up(queue, queue->count++, key);
    }
}

/* The first event's time [ps]; SIM_TIME_MAX if none is pending. */
static inline sim_time sim_queue_next(struct sim_queue *queue)
{
    sim_queue_settle(queue);
    return (sim_time)(queue->heap[0] >> 64);
}

/* The first event, left in the queue; NULL if none is pending. */
static inline struct sim_event *sim_queue_peek(struct sim_queue *queue)
{
    sim_queue_settle(queue);
    return queue->count == 0 ? NULL : queue->owner[sim_queue_slot(queue->heap[0])];
}

static inline void sim_queue_release(struct sim_queue *queue, struct sim_event *event)
{
    queue->free_slots[queue->free_count++] = event->position;
    event->position = 0;
}

/* Takes the first event out; one must be pending. */
static inline struct sim_event *sim_queue_pop(struct sim_queue *queue)
{
    sim_queue_settle(queue);
    SIM_ASSERT(queue->count > 0);
    struct sim_event *event = queue->owner[sim_queue_slot(queue->heap[0])];
    sim_queue_release(queue, event);
    queue->heap[0] = 0;
    queue->hole = true;
    return event;
}

/* Takes a pending event out. */
static inline void sim_queue_cancel(struct sim_queue *queue, struct sim_event *event)
{
    uint32_t index = queue->place[event->position];
    sim_queue_release(queue, event);
    sim_queue_key last = sim_queue_drop_last(queue);
    if (index < queue->count)
        sim_queue_sift(queue, index, last);
}

/* Puts a pending event, whose `when` was changed, where it now belongs, with a new sequence number. */
static inline void sim_queue_move(struct sim_queue *queue, struct sim_event *event)
{
    sim_queue_sift(queue, queue->place[event->position], sim_queue_next_key(queue, event));
}

#endif
