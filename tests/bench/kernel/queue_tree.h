/* The kernel's queue, a tournament tree, as a contender of queue_hold.c. */
#ifndef TESTS_BENCH_KERNEL_QUEUE_TREE_H
#define TESTS_BENCH_KERNEL_QUEUE_TREE_H

#include "sim/queue.h"

struct item {
    struct sim_event event;
};

struct queue {
    struct sim_queue tree;
};

static inline void queue_init(struct queue *queue)
{
    sim_queue_init(&queue->tree);
}

static inline void queue_push(struct queue *queue, struct item *item)
{
    sim_queue_push(&queue->tree, &item->event);
}

static inline struct item *queue_pop(struct queue *queue)
{
    return SIM_CONTAINER_OF(sim_queue_pop(&queue->tree), struct item, event);
}

#endif
