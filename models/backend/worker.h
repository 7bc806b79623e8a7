/*
 * A backend's thread: a context on a host core that carries out works in the order in which they were queued,
 * and sleeps when there is none. A work that is queued already is not queued again, one that is being carried
 * out is. vhost's worker (drivers/vhost/vhost.c) and QEMU's main loop are both of this form.
 */
#ifndef MODELS_BACKEND_WORKER_H
#define MODELS_BACKEND_WORKER_H

#include <stdbool.h>

#include "models/guest/wake.h"

struct worker;

struct worker_work {
    struct worker *worker;
    cpu_fn *run; /* may take simulated time; ends by worker_done() */
    void *self;
    struct worker_work *next;
    bool queued;
};

struct worker {
    struct cpu_context thread;
    struct sleeper sleeper;
    struct worker_work *head, *tail;
    bool asleep;        /* for want of work; until it runs again */
    sim_time activated; /* [ps] when it last began to work after a sleep */
    /* Called when nothing is queued, before sleeping; may queue work, or decide what ctx does next and return
     * true. */
    bool (*idle)(struct worker *worker, struct cpu_context *ctx);
    /* Called when a work is queued while the thread is awake; may be NULL. */
    void (*queued)(struct worker *worker);
};

/* Prepares the thread, asleep, on `core`; `name` is borrowed. */
void worker_init(struct worker *worker, struct cpu *core, const char *name);

void worker_work_init(struct worker_work *work, struct worker *worker, cpu_fn *run, void *self);

/* Queues `work` and wakes the thread at no price: for what the thread does itself. */
void worker_queue(struct worker_work *work);

/* Queues `work` and leaves the thread asleep: the caller wakes whom this returns by sleeper_wake(), NULL if the thread is
 * awake. */
struct sleeper *worker_add(struct worker_work *work);

/* The work being carried out is over: the next one, or sleep. `self` is the struct worker. */
cpu_fn worker_done;

/* As worker_queue() from the context of another thread, which pays `wakeup` [cycles] if this one sleeps then; ends
 * by cpu_return(from). For the handler of an eventfd's signal. */
void worker_signal(struct worker_work *work, struct cpu_context *from, int64_t wakeup);

#endif
