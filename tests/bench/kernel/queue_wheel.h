/*
 * A hierarchical timing wheel as a contender of queue_hold.c: 11 levels of 64 slots; a level's slot is 64 times
 * as wide as the slot of the level below, from 1 ps. An item's level is that of the highest digit in which its
 * time differs from `base`. The first slot that holds anything is either spread over the levels below or, when
 * it holds few, sorted into `front`, from whose end items are popped. Items before `front_end` go to the front
 * at once; a front that grows too long is spread again. Lists are linked both ways, as cancelling needs it.
 */
#ifndef TESTS_BENCH_KERNEL_QUEUE_WHEEL_H
#define TESTS_BENCH_KERNEL_QUEUE_WHEEL_H

#include <stddef.h>
#include <stdint.h>

#include "sim/event.h"

enum { WHEEL_BITS = 6, WHEEL_SLOTS = 64, WHEEL_LEVELS = 11, WHEEL_FEW = 8, WHEEL_LONG = 32 };

struct item {
    struct sim_event event;
    uint64_t order; /* priority and sequence */
    struct item *next, **previous;
};

struct queue {
    struct item *front[1 << 17]; /* the last is first */
    uint32_t front_count;
    uint64_t base, front_end; /* [ps] */
    uint64_t sequence;
    uint32_t levels;                 /* bit l: level l holds something */
    uint64_t occupied[WHEEL_LEVELS]; /* bit s: slot s holds something */
    struct item *slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

static inline void queue_init(struct queue *queue)
{
    queue->front_count = 0;
}

static inline int wheel_later(const struct item *a, const struct item *b)
{
    if (a->event.when != b->event.when)
        return a->event.when > b->event.when;
    return a->order > b->order;
}

static inline void wheel_to_front(struct queue *queue, struct item *item)
{
    uint32_t i = queue->front_count++;
    for (; i > 0 && wheel_later(item, queue->front[i - 1]); i--)
        queue->front[i] = queue->front[i - 1];
    queue->front[i] = item;
}

static inline void wheel_to_slot(struct queue *queue, struct item *item)
{
    uint64_t when = (uint64_t)item->event.when;
    uint32_t level = (uint32_t)(63 - __builtin_clzll((when ^ queue->base) | 1)) / WHEEL_BITS;
    uint32_t slot = when >> (level * WHEEL_BITS) & (WHEEL_SLOTS - 1);
    struct item **head = &queue->slots[level][slot];
    item->next = *head;
    item->previous = head;
    if (*head != NULL)
        (*head)->previous = &item->next;
    *head = item;
    queue->occupied[level] |= UINT64_C(1) << slot;
    queue->levels |= 1u << level;
}

static inline void wheel_spread_front(struct queue *queue)
{
    queue->base = queue->front_end = (uint64_t)queue->front[queue->front_count - 1]->event.when;
    while (queue->front_count > 0)
        wheel_to_slot(queue, queue->front[--queue->front_count]);
}

/* Takes the first slot that holds anything off the wheel; time begins there. Returns its level. */
static inline uint32_t wheel_take_slot(struct queue *queue, struct item **items)
{
    uint32_t level = (uint32_t)__builtin_ctz(queue->levels);
    uint64_t slot = (uint64_t)__builtin_ctzll(queue->occupied[level]);
    *items = queue->slots[level][slot];
    queue->slots[level][slot] = NULL;
    queue->occupied[level] &= queue->occupied[level] - 1;
    if (queue->occupied[level] == 0)
        queue->levels &= queue->levels - 1;
    uint32_t shift = level * WHEEL_BITS;
    uint64_t above = queue->base >> shift & ~(uint64_t)(WHEEL_SLOTS - 1);
    queue->base = (above | slot) << shift;
    queue->front_end = queue->base + (UINT64_C(1) << shift);
    return level;
}

static inline void wheel_fill_front(struct queue *queue)
{
    while (queue->front_count == 0) {
        struct item *items;
        int few = wheel_take_slot(queue, &items) == 0;
        uint32_t count = 0;
        for (struct item *item = items; !few && item != NULL && count <= WHEEL_FEW; item = item->next)
            count++;
        few |= count <= WHEEL_FEW;
        for (struct item *next; items != NULL; items = next) {
            next = items->next;
            if (few)
                wheel_to_front(queue, items);
            else
                wheel_to_slot(queue, items);
        }
    }
}

static inline void queue_push(struct queue *queue, struct item *item)
{
    item->order = (uint64_t)item->event.priority << 61 | ++queue->sequence;
    if ((uint64_t)item->event.when >= queue->front_end)
        wheel_to_slot(queue, item);
    else
        wheel_to_front(queue, item);
    if (queue->front_count > WHEEL_LONG)
        wheel_spread_front(queue);
}

static inline struct item *queue_pop(struct queue *queue)
{
    if (queue->front_count == 0)
        wheel_fill_front(queue);
    return queue->front[--queue->front_count];
}

#endif
