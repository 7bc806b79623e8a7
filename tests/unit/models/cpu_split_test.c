#include <criterion/criterion.h>

#include "tests/unit/models/cpu_fixture.h"

TestSuite(cpu_split, .init = fixture_setup, .fini = fixture_teardown);

/* ---- split and hook ---- */

struct poller {
    struct cpu_context ctx;
    struct cpu *core;
    struct cpu_part rest[CPU_PARTS_MAX];
    unsigned count;
    bool split; /* by the hook */
    int hooked;
};

static void poller_blocked(struct cpu_context *ctx, void *self)
{
    note(9);
    cpu_block(ctx, poller_blocked, self);
}

static void poller_start(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, 100);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, 0);
    cpu_add(ctx, CPU_POLL, SHARE_BACKGROUND, 500);
    cpu_add(ctx, CPU_APP, SHARE_PACKET, 20);
    cpu_run(ctx, poller_blocked, self);
}

static void poller_continue(struct cpu_context *ctx, void *self)
{
    note(8);
    cpu_add(ctx, CPU_APP, SHARE_PACKET, 50);
    cpu_run(ctx, poller_blocked, self);
}

static void poller_split(void *self)
{
    struct poller *poller = self;
    poller->count = cpu_split(&poller->ctx, poller->rest);
    expect_conserved(poller->core);
    cpu_run(&poller->ctx, poller_continue, poller);
    expect_conserved(poller->core);
}

static void poller_init(struct poller *poller, struct cpu *core)
{
    *poller = (struct poller){.core = core};
    cpu_context_init(&poller->ctx, core, "poller", CPU_TASK, poller_start, poller);
}

Test(cpu_split, a_split_ends_the_segment_at_the_next_boundary_and_returns_the_rest)
{
    int64_t hz = 2100000000;
    struct cpu *core = core_at(hz);
    struct poller poller;
    poller_init(&poller, core);
    cpu_wake(&poller.ctx);
    sim_time boundary = sim_cycles_to_time(150, hz);
    at(boundary - 100, poller_split, &poller);
    at(boundary - 50, check_action, core);
    sim_run(sim, SIM_US);
    cr_assert_eq(poller.count, 2);
    cr_expect_eq(poller.rest[0].cycles, 450);
    cr_expect_eq(poller.rest[0].account, ACCOUNT_HOST + CPU_POLL);
    cr_expect_eq(poller.rest[1].cycles, 20);
    EXPECT_LOG(0, 8, boundary);
    EXPECT_LOG(1, 9, sim_cycles_to_time(200, hz));
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_HOST + CPU_POLL], 50);
    expect_conserved(core);
    cpu_destroy(core);
}

Test(cpu_split, a_preempted_segment_can_be_split)
{
    struct cpu *core = core_at(1000000000);
    struct poller poller;
    struct job irq;
    poller_init(&poller, core);
    job_init(&irq, core, 1, CPU_HARDIRQ, 100);
    cpu_wake(&poller.ctx);
    at(60 * SIM_NS, wake_action, &irq.ctx);
    at(70 * SIM_NS, poller_split, &poller);
    sim_run(sim, SIM_US);
    cr_assert_eq(poller.count, 3);
    cr_expect_eq(poller.rest[0].cycles, 40);
    EXPECT_LOG(2, 8, 160 * SIM_NS);
    EXPECT_LOG(3, 9, 210 * SIM_NS);
    cpu_destroy(core);
}

static void poller_raise(void *self)
{
    struct poller *poller = self;
    poller->count = cpu_split(&poller->ctx, poller->rest);
    cpu_run_at(&poller->ctx, CPU_HARDIRQ, poller_continue, poller);
}

Test(cpu_split, a_preempted_context_that_is_raised_preempts_in_turn)
{
    struct cpu *core = core_at(1000000000);
    struct poller poller;
    struct job softirq;
    poller_init(&poller, core);
    job_init(&softirq, core, 1, CPU_SOFTIRQ, 100);
    cpu_wake(&poller.ctx);
    at(60 * SIM_NS, wake_action, &softirq.ctx);
    at(70 * SIM_NS, poller_raise, &poller);
    sim_run(sim, SIM_US);
    EXPECT_LOG(1, 8, 70 * SIM_NS);
    EXPECT_LOG(2, 9, 120 * SIM_NS);
    EXPECT_LOG(3, 101, 210 * SIM_NS);
    expect_conserved(core);
    cpu_destroy(core);
}

static void poller_stop(void *self)
{
    struct poller *poller = self;
    poller->count = cpu_split(&poller->ctx, poller->rest);
    cpu_block(&poller->ctx, poller_blocked, poller);
}

Test(cpu_split, a_split_context_may_block_and_leave_the_core_idle)
{
    struct cpu *core = core_at(3000000000);
    struct poller poller;
    poller_init(&poller, core);
    cpu_wake(&poller.ctx);
    at(500, poller_stop, &poller); /* cycle 2 ends at 667 */
    at(600, check_action, core);
    at(667, check_action, core);
    at(700, check_action, core);
    sim_run(sim, SIM_US);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_HOST + CPU_STACK], 2);
    cr_expect_eq(cpu_ledger(core)->idle, SIM_US - 667);
    cpu_destroy(core);
}

static void poller_hook(struct cpu_context *ctx, void *self)
{
    struct poller *poller = self;
    poller->hooked++;
    note(7);
    if (!poller->split)
        return;
    poller->count = cpu_split(ctx, poller->rest);
    cpu_add_exit(ctx, 1, 30);
    cpu_run_at(ctx, CPU_HARDIRQ, poller_blocked, poller);
}

static void run_hook(bool split)
{
    struct cpu *core = core_at(1000000000);
    struct poller poller;
    struct job irq;
    poller_init(&poller, core);
    poller.split = split;
    cpu_set_preempt_hook(&poller.ctx, poller_hook, &poller);
    job_init(&irq, core, 1, CPU_HARDIRQ, 100);
    cpu_wake(&poller.ctx);
    at(59500, wake_action, &irq.ctx);
    sim_run(sim, 10 * SIM_US);
    cr_expect_eq(poller.hooked, 1);
    EXPECT_LOG(0, 7, 60 * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_EXIT + 1], split ? 30 : 0);
    expect_conserved(core);
    cpu_destroy(core);
}

Test(cpu_split, a_hook_may_run_something_first)
{
    run_hook(true);
    EXPECT_LOG(1, 9, 90 * SIM_NS);
    EXPECT_LOG(2, 1, 90 * SIM_NS);
    EXPECT_LOG(3, 101, 190 * SIM_NS);
}

Test(cpu_split, a_hook_may_let_the_preemption_happen)
{
    run_hook(false);
    EXPECT_LOG(1, 1, 60 * SIM_NS);
    EXPECT_LOG(2, 101, 160 * SIM_NS);
    EXPECT_LOG(3, 9, 720 * SIM_NS);
}
