#include <criterion/criterion.h>

#include "tests/unit/models/cpu_fixture.h"

TestSuite(cpu_thread, .init = fixture_setup, .fini = fixture_teardown);

/* ---- blocking and waking ---- */

Test(cpu_thread, waking_a_running_context_makes_its_next_block_return)
{
    struct cpu *core = core_at(1000000000);
    struct job job;
    job_init(&job, core, 1, CPU_TASK, 100);
    cpu_wake(&job.ctx);
    at(50 * SIM_NS, wake_action, &job.ctx);
    at(60 * SIM_NS, wake_action, &job.ctx);
    sim_run(sim, SIM_US);
    cr_expect_eq(log_count, 4, "two wake-ups while it ran are one");
    EXPECT_LOG(2, 1, 100 * SIM_NS);
    EXPECT_LOG(3, 101, 200 * SIM_NS);
    cr_expect_not(cpu_has_ready(core, CPU_TASK));
    cr_expect(cpu_wake(&job.ctx));
    cr_expect_not(cpu_wake(&job.ctx));
    cr_expect(cpu_has_ready(core, CPU_TASK));
    cr_expect_not(cpu_has_ready(core, CPU_SOFTIRQ));
    cpu_destroy(core);
}

Test(cpu_thread, an_idle_core_wakes_after_its_delay_which_is_idle_time)
{
    struct cpu_core_config config = {.hz = 3000000000, .idle_wake = 2 * SIM_US};
    struct cpu *core = cpu_core_create(sim, "core0", &config);
    struct job job, late;
    job_init(&job, core, 1, CPU_SOFTIRQ, 3000);
    job_init(&late, core, 2, CPU_HARDIRQ, 3000);
    at(500 * SIM_NS, wake_action, &job.ctx);
    at(700 * SIM_NS, wake_action, &late.ctx); /* does not wait anew, and goes first */
    at(700 * SIM_NS, check_action, core);
    at(2600 * SIM_NS, check_action, core);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 2, 2500 * SIM_NS);
    EXPECT_LOG(1, 102, 3500 * SIM_NS);
    EXPECT_LOG(3, 101, 4500 * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->idle, 8 * SIM_US);
    expect_conserved(core);
    cpu_destroy(core);
}

/* ---- threads ---- */

/* Runs `left` segments of 100 cycles, then blocks. */
struct thread {
    struct cpu_context ctx;
    int id;
    int left;
    bool yields;
};

static void thread_step(struct cpu_context *ctx, void *self);

static void thread_segment_end(struct cpu_context *ctx, void *self)
{
    struct thread *thread = self;
    note(thread->id);
    if (thread->yields)
        cpu_yield(ctx, thread_step, thread);
    else
        thread_step(ctx, thread);
}

static void thread_step(struct cpu_context *ctx, void *self)
{
    struct thread *thread = self;
    if (thread->left-- == 0) {
        cpu_block(ctx, thread_step, thread);
        return;
    }
    cpu_add(ctx, CPU_APP, SHARE_PACKET, 100);
    cpu_run(ctx, thread_segment_end, thread);
}

static void run_threads(struct cpu *core, int count, bool yields)
{
    static struct thread threads[4];
    for (int i = 0; i < count; i++) {
        threads[i] = (struct thread){.id = i, .left = 4, .yields = yields};
        cpu_context_init(&threads[i].ctx, core, "thread", CPU_TASK, thread_step, &threads[i]);
        cpu_wake(&threads[i].ctx);
    }
    sim_run(sim, sim_now(sim) + 10 * SIM_US);
    expect_conserved(core);
}

static void expect_order(const char *order)
{
    char seen[LOG_MAX + 1];
    for (unsigned i = 0; i < log_count; i++)
        seen[i] = (char)('0' + log_entries[i].who);
    seen[log_count] = 0;
    cr_expect_str_eq(seen, order);
}

Test(cpu_thread, a_thread_without_a_time_slice_runs_until_it_blocks)
{
    struct cpu *core = core_at(1000000000);
    run_threads(core, 2, false);
    expect_order("00001111");
    cpu_destroy(core);
}

Test(cpu_thread, threads_rotate_at_the_end_of_a_segment_when_the_slice_is_over)
{
    struct cpu_core_config config = {.hz = 1000000000, .slice = 150 * SIM_NS};
    struct cpu *core = cpu_core_create(sim, "core0", &config);
    run_threads(core, 3, false);
    expect_order("001122001122");
    cpu_destroy(core);
}

Test(cpu_thread, the_slice_is_over_at_its_last_picosecond_and_not_before)
{
    struct cpu_core_config config = {.hz = 1000000000, .slice = 200 * SIM_NS};
    struct cpu *core = cpu_core_create(sim, "core0", &config);
    run_threads(core, 2, false);
    expect_order("00110011");
    cpu_set_scheduler(core, 0, 200 * SIM_NS + 1);
    log_count = 0;
    run_threads(core, 2, false);
    expect_order("00011101");
    cpu_destroy(core);
}

Test(cpu_thread, yielding_lets_the_others_run_first)
{
    struct cpu *core = core_at(1000000000);
    run_threads(core, 3, true);
    expect_order("012012012012");
    cpu_destroy(core);
}

Test(cpu_thread, a_switch_is_paid_for_another_thread_than_the_last_and_for_nothing_else)
{
    struct cpu_core_config config = {.hz = 1000000000, .switch_cycles = 40};
    struct cpu *core = cpu_core_create(sim, "core0", &config);
    struct job a, b, irq;
    job_init(&a, core, 1, CPU_TASK, 100);
    job_init(&b, core, 2, CPU_TASK, 100);
    job_init(&irq, core, 3, CPU_HARDIRQ, 10);
    at(0, wake_action, &a.ctx);
    at(1 * SIM_US, wake_action, &a.ctx);
    at(2 * SIM_US, wake_action, &b.ctx);
    at(2020 * SIM_NS, wake_action, &irq.ctx); /* in the middle of the switch */
    at(2025 * SIM_NS, check_action, core);
    at(2120 * SIM_NS, check_action, core);
    at(3 * SIM_US, wake_action, &a.ctx);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 1, 0);
    EXPECT_LOG(2, 1, 1000 * SIM_NS);
    EXPECT_LOG(4, 3, 2020 * SIM_NS);
    EXPECT_LOG(6, 2, 2050 * SIM_NS);
    EXPECT_LOG(7, 102, 2150 * SIM_NS);
    EXPECT_LOG(8, 1, 3040 * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_HOST + CPU_SCHED], 80);
    cr_expect_eq(cpu_ledger(core)->shared[SHARE_BACKGROUND], 80);
    expect_conserved(core);
    cpu_destroy(core);
}

/* ---- the idle loop ---- */

static void idle_hook(struct cpu *core, bool idle, void *self)
{
    (void)core;
    note(idle ? 50 : 51);
    if (self)
        cpu_wake(self);
}

Test(cpu_thread, only_a_thread_leaves_the_idle_loop)
{
    struct cpu *core = core_at(1000000000);
    struct job irq, thread;
    cpu_set_idle_hook(core, idle_hook, NULL);
    job_init(&irq, core, 1, CPU_SOFTIRQ, 100);
    job_init(&thread, core, 2, CPU_TASK, 100);
    at(100 * SIM_NS, wake_action, &irq.ctx);
    at(300 * SIM_NS, wake_action, &irq.ctx);
    at(310 * SIM_NS, wake_action, &thread.ctx);
    cr_expect(cpu_in_idle_loop(core));
    sim_run(sim, SIM_US);
    const struct entry expected[8] = {{1, 100},  {101, 200}, {1, 300},   {101, 400},
                                      {51, 400}, {2, 400},   {102, 500}, {50, 500}};
    cr_expect_eq(log_count, 8);
    for (unsigned i = 0; i < 8; i++)
        EXPECT_LOG(i, expected[i].who, expected[i].when * SIM_NS);
    cpu_destroy(core);
}

Test(cpu_thread, what_the_idle_hook_wakes_runs_before_the_core_idles)
{
    struct cpu *core = core_at(1000000000);
    struct job irq, thread;
    job_init(&irq, core, 1, CPU_HARDIRQ, 10);
    job_init(&thread, core, 2, CPU_TASK, 100);
    cpu_set_idle_hook(core, idle_hook, &irq.ctx);
    cpu_wake(&thread.ctx);
    sim_run(sim, SIM_US);
    const struct entry expected[8] = {{51, 0},    {1, 0},    {101, 10}, {2, 10},
                                      {102, 110}, {50, 110}, {1, 110},  {101, 120}};
    cr_expect_eq(log_count, 8);
    for (unsigned i = 0; i < 8; i++)
        EXPECT_LOG(i, expected[i].who, expected[i].when * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->idle, 880 * SIM_NS);
    cpu_destroy(core);
}
