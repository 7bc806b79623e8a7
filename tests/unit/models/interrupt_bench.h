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

/* A host thread on a core of its own that interrupts the guest when it is woken: it has run vcpu_post_cycles(), and
 * notes when it is done with what comes on top. */
struct sender {
    struct handler *handler;
    struct cpu *core;
    struct cpu_context ctx;
    sim_time raised, done; /* [ps] */
    int sent;
};

static inline void sender_begin(struct cpu_context *ctx, void *self);

static inline void sender_done(struct cpu_context *ctx, void *self)
{
    struct sender *sender = self;
    sender->done = sim_now(cpu_sim(ctx->cpu));
    sender->sent++;
    cpu_block(ctx, sender_begin, sender);
}

static inline void sender_raise(struct cpu_context *ctx, void *self)
{
    struct sender *sender = self;
    sender->raised = sim_now(cpu_sim(ctx->cpu));
    cpu_push(ctx, sender_done, sender);
    vcpu_interrupt_from(ctx, sender->handler->bench->vcpu, sender->handler->vector);
}

static inline void sender_begin(struct cpu_context *ctx, void *self)
{
    struct sender *sender = self;
    cpu_add(ctx, CPU_INJECT, SHARE_BATCH, vcpu_post_cycles(sender->handler->bench->vcpu));
    cpu_run(ctx, sender_raise, sender);
}

static inline void sender_init(struct sender *sender, struct handler *handler, const char *name)
{
    struct cpu_core_config config = {.hz = 1000000000};
    *sender = (struct sender){.handler = handler};
    sender->core = cpu_core_create(handler->bench->sim, name, &config);
    cpu_context_init(&sender->ctx, sender->core, "sender", CPU_TASK, sender_begin, sender);
}

static inline void sender_wake(void *self)
{
    struct sender *sender = self;
    cpu_wake(&sender->ctx);
}

static inline int64_t sender_cycles(struct sender *sender)
{
    return cpu_ledger(sender->core)->cycles[ACCOUNT_HOST + CPU_INJECT];
}

static inline void sender_end(struct sender *sender)
{
    cr_assert(ledger_check(cpu_ledger(sender->core), sim_now(cpu_sim(sender->core))));
    cpu_destroy(sender->core);
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
