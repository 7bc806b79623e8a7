/*
 * Wake-ups: try_to_wake_up() as the waker sees it. Whether there is anything to do is asked when the waker comes to it,
 * not when its work was begun: a thread that is not blocked, or that somebody else is waking already, costs nothing and
 * sees what there is to see before it next sleeps.
 *
 * Where the thread's cpu sleeps in MWAIT, as a host's idle loop does, setting its need-resched flag wakes it and no
 * interrupt is sent (TIF_POLLING_NRFLAG). A guest's idle loop executes HLT: a waker on another of its cpus puts the
 * thread on that cpu's wake list and, if the list was empty, sends an interprocessor interrupt, whose handler makes the
 * thread ready (ttwu_queue_wakelist()). A cpu that has threads to run needs no interrupt in either.
 */
#ifndef MODELS_GUEST_WAKE_H
#define MODELS_GUEST_WAKE_H

#include <stdbool.h>

#include "models/cpu/cpu.h"

struct kernel_cpu;

/* A thread that sleeps until somebody wakes it. Lives in its owner's struct. */
struct sleeper {
    struct cpu_context *thread;
    struct kernel_cpu *cpu; /* of a guest's kernel; NULL: the host's, whose idle loop polls */
    struct sleeper *next;   /* on its cpu's wake list */
    bool waking;            /* somebody is at it */
};

/* Both are borrowed. */
void sleeper_init(struct sleeper *sleeper, struct cpu_context *thread, struct kernel_cpu *cpu);

/* Wakes the thread from ctx, another context of the same kernel, for `cycles` of CPU_SCHED, SHARE_BATCH, and what an
 * interprocessor interrupt takes; ends by cpu_return(ctx). NULL: there is nobody to wake. */
void sleeper_wake(struct cpu_context *ctx, struct sleeper *sleeper, int64_t cycles);

/* Wakes the thread at once and at no price: what nobody in the model does. NULL likewise. */
void sleeper_wake_now(struct sleeper *sleeper);

/* The handler of that interrupt (ctx, struct kernel_cpu *): private to models/guest. */
cpu_fn wake_list_interrupt;

#endif
