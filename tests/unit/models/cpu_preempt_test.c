#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/models/cpu_fixture.h"

TestSuite(cpu_preempt, .init = fixture_setup, .fini = fixture_teardown);

static const int64_t frequencies[] = {2100000000, 3000000000, 2800000000, 2350000000, 1000000007, 2999999999};
enum { FREQUENCIES = sizeof(frequencies) / sizeof(frequencies[0]) };

/* ---- preemption ---- */

/* When an interrupt that arrives at `when` starts, on a core busy since 0. */
static sim_time irq_start(int64_t hz, sim_time when, int number)
{
    char name[16];
    snprintf(name, sizeof(name), "core%d", number);
    sim_time from = sim_now(sim);
    struct cpu *core = cpu_core_create(sim, name, &(struct cpu_core_config){.hz = hz});
    struct job task, irq;
    job_init(&task, core, 1, CPU_TASK, 10000);
    job_init(&irq, core, 2, CPU_HARDIRQ, 70);
    cpu_wake(&task.ctx);
    at(from + when, wake_action, &irq.ctx);
    log_count = 0;
    sim_run(sim, from + 100 * SIM_US);
    cr_assert_eq(log_count, 4);
    cr_expect_eq(log_entries[1].who, 2);
    cr_expect_eq(log_entries[3].when - from, sim_cycles_to_time(10070, hz));
    cr_expect(ledger_check(cpu_ledger(core), sim_now(sim) - from));
    cpu_destroy(core);
    return log_entries[1].when - from;
}

Test(cpu_preempt, preemption_is_at_the_first_boundary_at_or_after_the_interrupt)
{
    int number = 0;
    for (int i = 0; i < FREQUENCIES; i++) {
        int64_t hz = frequencies[i];
        for (int64_t cycle = 1000; cycle < 1005; cycle++) {
            sim_time boundary = sim_cycles_to_time(cycle, hz);
            cr_expect_eq(irq_start(hz, boundary - 1, number++), boundary);
            cr_expect_eq(irq_start(hz, boundary, number++), boundary);
            cr_expect_eq(irq_start(hz, boundary + 1, number++), sim_cycles_to_time(cycle + 1, hz));
        }
    }
}

Test(cpu_preempt, a_segment_that_ends_at_the_interrupt_has_ended)
{
    struct cpu *core = core_at(2100000000);
    sim_time end = sim_cycles_to_time(1001, 2100000000);
    struct job task, irq;
    job_init(&task, core, 1, CPU_TASK, 1001);
    job_init(&irq, core, 2, CPU_HARDIRQ, 70);
    cpu_wake(&task.ctx);
    at(end - 1, wake_action, &irq.ctx);
    at(end - 1, check_action, core);
    sim_run(sim, SIM_US);
    EXPECT_LOG(1, 101, end);
    EXPECT_LOG(2, 2, end);
    EXPECT_LOG(3, 102, sim_cycles_to_time(1071, 2100000000));
    cpu_destroy(core);
}

Test(cpu_preempt, levels_nest_and_a_level_is_first_come_first_served)
{
    struct cpu *core = core_at(1000000000);
    struct job job[6];
    const enum cpu_level level[6] = {CPU_TASK,    CPU_SOFTIRQ, CPU_HYPERVISOR,
                                     CPU_HARDIRQ, CPU_HARDIRQ, CPU_SOFTIRQ};
    for (int i = 0; i < 6; i++)
        job_init(&job[i], core, i, level[i], 100);
    for (int i = 0; i < 6; i++)
        at(10 * i * SIM_NS, wake_action, &job[i].ctx);
    sim_run(sim, SIM_US);
    const struct entry expected[12] = {{0, 0},     {1, 10},    {2, 20},    {3, 30},  {103, 130}, {4, 130},
                                       {104, 230}, {102, 320}, {101, 410}, {5, 410}, {105, 510}, {100, 600}};
    for (unsigned i = 0; i < 12; i++)
        EXPECT_LOG(i, expected[i].who, expected[i].when * SIM_NS);
    expect_conserved(core);
    cpu_destroy(core);
}

static void raised_lower(struct cpu_context *ctx, void *self)
{
    note(20);
    cpu_run_at(ctx, CPU_TASK, job_start, self);
}

static void raised_start(struct cpu_context *ctx, void *self)
{
    note(10);
    cpu_add(ctx, CPU_APP, SHARE_PACKET, 100);
    cpu_run_at(ctx, CPU_HARDIRQ, raised_lower, self);
}

Test(cpu_preempt, a_thread_at_hard_interrupt_level_is_not_preempted_until_it_lowers)
{
    struct cpu *core = core_at(1000000000);
    struct job thread = {.id = 1, .cycles = 50}, irq;
    cpu_context_init(&thread.ctx, core, "thread", CPU_TASK, raised_start, &thread);
    job_init(&irq, core, 2, CPU_HARDIRQ, 30);
    cpu_wake(&thread.ctx);
    at(40 * SIM_NS, wake_action, &irq.ctx);
    sim_run(sim, SIM_US);
    EXPECT_LOG(1, 20, 100 * SIM_NS);
    EXPECT_LOG(2, 2, 100 * SIM_NS);
    EXPECT_LOG(3, 102, 130 * SIM_NS);
    EXPECT_LOG(4, 1, 130 * SIM_NS);
    EXPECT_LOG(5, 101, 180 * SIM_NS);
    cpu_destroy(core);
}

/* ---- stalls ---- */

struct reader {
    struct cpu_context ctx;
    int64_t after;
};

static void reader_done(struct cpu_context *ctx, void *self)
{
    note(3);
    cpu_block(ctx, reader_done, self);
}

static void reader_resumed(struct cpu_context *ctx, void *self)
{
    struct reader *reader = self;
    note(2);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, reader->after);
    cpu_run(ctx, reader_done, reader);
}

static void reader_stall(struct cpu_context *ctx, void *self)
{
    note(1);
    cpu_stall(ctx, reader_resumed, self);
}

static void reader_start(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_MMIO, SHARE_PACKET, 10);
    cpu_run(ctx, reader_stall, self);
}

Test(cpu_preempt, a_stall_holds_the_core_and_anchors_what_follows_at_the_completion)
{
    int64_t hz = 2100000000;
    struct cpu *core = core_at(hz);
    struct reader reader = {.after = 11};
    struct job irq;
    cpu_context_init(&reader.ctx, core, "reader", CPU_TASK, reader_start, &reader);
    job_init(&irq, core, 5, CPU_HARDIRQ, 7);
    cpu_wake(&reader.ctx);
    at(100 * SIM_NS, wake_action, &irq.ctx);
    at(333 * SIM_NS, check_action, core);
    at(800001, resume_action, &reader.ctx);
    sim_run(sim, SIM_US);
    EXPECT_LOG(0, 1, sim_cycles_to_time(10, hz));
    EXPECT_LOG(1, 5, 800001);
    EXPECT_LOG(2, 105, 800001 + sim_cycles_to_time(7, hz));
    EXPECT_LOG(3, 2, 800001 + sim_cycles_to_time(7, hz));
    EXPECT_LOG(4, 3, 800001 + sim_cycles_to_time(18, hz));
    const struct ledger *ledger = cpu_ledger(core);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_STALL], 800001 - sim_cycles_to_time(10, hz));
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_STALL], 0);
    expect_conserved(core);
    cpu_destroy(core);
}

static void reader_resume_now(struct cpu_context *ctx, void *self)
{
    cpu_stall(ctx, reader_resumed, self);
    cpu_resume(ctx);
}

Test(cpu_preempt, a_stall_may_end_before_its_continuation_returns)
{
    struct cpu *core = core_at(1000000000);
    struct reader reader = {.after = 5};
    cpu_context_init(&reader.ctx, core, "reader", CPU_TASK, reader_resume_now, &reader);
    cpu_wake(&reader.ctx);
    sim_run(sim, SIM_US);
    EXPECT_LOG(0, 2, 0);
    EXPECT_LOG(1, 3, 5 * SIM_NS);
    cpu_destroy(core);
}
