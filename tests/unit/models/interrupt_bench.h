/*
 * The vm_bench with a guest that has an interrupt handler and, to be interrupted, work to do.
 */
#ifndef TESTS_UNIT_MODELS_INTERRUPT_BENCH_H
#define TESTS_UNIT_MODELS_INTERRUPT_BENCH_H

#include "tests/unit/models/vm_bench.h"

enum { HANDLER_LOG = 16 };

/* A guest interrupt handler that logs when it starts and runs `cycles`. */
struct handler {
    struct vm_bench *bench;
    unsigned vector;
    int64_t cycles;
    int count;
    sim_time at[HANDLER_LOG];
    int eois; /* of the listener */
    int still_asserted;
};

static inline void handler_done(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static inline void handle(struct cpu_context *ctx, void *self)
{
    struct handler *handler = self;
    cr_assert_lt(handler->count, HANDLER_LOG);
    handler->at[handler->count++] = sim_now(handler->bench->sim);
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, handler->cycles);
    cpu_run(ctx, handler_done, handler);
}

static inline void handler_init(struct handler *handler, struct vm_bench *bench, bool level)
{
    *handler = (struct handler){.bench = bench};
    handler->vector = lapic_allocate(vcpu_lapic(bench->vcpu), handle, handler, level);
}

static inline void interrupt(void *self)
{
    struct handler *handler = self;
    vcpu_interrupt(handler->bench->vcpu, handler->vector);
}

static inline void post(void *self)
{
    struct handler *handler = self;
    vcpu_post(handler->bench->vcpu, handler->vector);
}

/* A busy guest with one handler, started at time 0. */
struct fixture {
    struct vm_bench bench;
    struct bench_work work;
    struct handler handler;
    struct bench_call calls[4];
};

static inline void fixture_create(struct fixture *fixture, bool apicv, int64_t work)
{
    *fixture = (struct fixture){0};
    bench_create(&fixture->bench, apicv);
    handler_init(&fixture->handler, &fixture->bench, false);
    bench_work_init(&fixture->work, fixture->bench.cpu, work);
    if (work > 0)
        cpu_wake(&fixture->work.ctx);
    vm_start(fixture->bench.vm);
}

static inline void fixture_end(struct fixture *fixture)
{
    bench_destroy(&fixture->bench);
}

#endif
