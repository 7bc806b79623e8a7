#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

#include "sim/random.h"
#include "tests/unit/models/cpu_fixture.h"

TestSuite(cpu, .init = fixture_setup, .fini = fixture_teardown);

static const int64_t frequencies[] = {2100000000, 3000000000, 2800000000, 2350000000, 1000000007, 2999999999};
enum { FREQUENCIES = sizeof(frequencies) / sizeof(frequencies[0]) };

/* ---- smoke and closed form ---- */

Test(cpu, a_segment_ends_after_its_cycles)
{
    struct cpu *core = core_at(3000000000);
    struct job job;
    job_init(&job, core, 1, CPU_TASK, 900);
    cr_expect(cpu_is_idle(core));
    cr_expect(cpu_wake(&job.ctx));
    cr_expect_not(cpu_is_idle(core));
    cr_expect_eq(log_count, 0, "nothing runs inside cpu_wake()");
    sim_run(sim, SIM_US);
    EXPECT_LOG(0, 1, 0);
    EXPECT_LOG(1, 101, 300 * SIM_NS);
    const struct ledger *ledger = cpu_ledger(core);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_APP], 300 * SIM_NS);
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_APP], 900);
    cr_expect_eq(ledger->shared[SHARE_PACKET], 900);
    cr_expect_eq(ledger->idle, 700 * SIM_NS);
    cr_expect(cpu_is_idle(core));
    cr_expect_str_eq(cpu_name(core), "core0");
    cr_expect_eq(cpu_hz(core), 3000000000);
    cpu_destroy(core);
}

/* A context that runs segment after segment, each checked against the closed form. */
struct runner {
    struct cpu_context ctx;
    struct random_stream random;
    int64_t hz;
    sim_time start;
    int64_t cycles; /* since start */
    int left;
    int checked;
};

static void runner_step(struct cpu_context *ctx, void *self)
{
    struct runner *runner = self;
    cr_assert_eq(sim_now(sim), runner->start + sim_cycles_to_time(runner->cycles, runner->hz));
    runner->checked++;
    if (runner->left-- == 0) {
        cpu_block(ctx, runner_step, runner);
        return;
    }
    for (int i = 0; i < 4; i++) {
        int64_t cycles = (int64_t)random_below(&runner->random, 5000000);
        runner->cycles += cycles;
        cpu_add(ctx, CPU_STACK, SHARE_BATCH, cycles);
    }
    cpu_run(ctx, runner_step, runner);
}

Test(cpu, segments_end_at_cumulative_cycles_at_any_frequency)
{
    for (int i = 0; i < FREQUENCIES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "core%d", i);
        struct cpu_core_config config = {.hz = frequencies[i], .idle_wake = 1234567};
        struct cpu *core = cpu_core_create(sim, name, &config);
        sim_time from = sim_now(sim);
        struct runner runner = {.hz = frequencies[i], .start = from + 777 + 1234567, .left = 2000};
        runner.random = random_stream_make(7, 0, "test", "cycles");
        cpu_context_init(&runner.ctx, core, "runner", CPU_TASK, runner_step, &runner);
        at(from + 777, wake_action, &runner.ctx);
        sim_run(sim, from + 100 * SIM_SECOND);
        cr_expect_eq(runner.checked, 2001);
        const struct ledger *ledger = cpu_ledger(core);
        cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_STACK],
                     sim_cycles_to_time(runner.cycles, frequencies[i]));
        cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_STACK], runner.cycles);
        cr_expect(ledger_check(ledger, sim_now(sim) - from));
        cpu_destroy(core);
    }
}

/* ---- parts ---- */

static sim_time ends[5];

static void parts_ended(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_APP, SHARE_PACKET, 1); /* building the next segment leaves the ends readable */
    for (unsigned i = 0; i < 5; i++)
        ends[i] = cpu_part_end(ctx, i);
    cpu_run(ctx, job_end, self);
}

static void parts_start(struct cpu_context *ctx, void *self)
{
    const int64_t cycles[5] = {0, 100, 0, 250, 0};
    for (unsigned i = 0; i < 5; i++)
        cpu_add(ctx, i == 1 ? CPU_COPY : CPU_STACK, SHARE_PACKET, cycles[i]);
    cpu_run(ctx, parts_ended, self);
}

Test(cpu, a_part_s_end_is_known_and_a_dropped_part_ends_with_its_predecessor)
{
    struct cpu *core = core_at(2100000000);
    struct job job = {.id = 1};
    cpu_context_init(&job.ctx, core, "parts", CPU_TASK, parts_start, &job);
    cpu_wake(&job.ctx);
    sim_run(sim, SIM_US);
    sim_time first = sim_cycles_to_time(100, 2100000000);
    sim_time second = sim_cycles_to_time(350, 2100000000);
    const sim_time expected[5] = {0, first, first, second, second};
    for (unsigned i = 0; i < 5; i++)
        cr_expect_eq(ends[i], expected[i], "part %u at %lld", i, (long long)ends[i]);
    const struct ledger *ledger = cpu_ledger(core);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_COPY], first);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_STACK], second - first);
    expect_conserved(core);
    cpu_destroy(core);
}

struct preempted_parts {
    struct cpu_context ctx;
    sim_time end[2];
};

static void preempted_ended(struct cpu_context *ctx, void *self)
{
    struct preempted_parts *parts = self;
    parts->end[0] = cpu_part_end(ctx, 0);
    parts->end[1] = cpu_part_end(ctx, 1);
    cpu_block(ctx, preempted_ended, self);
}

static void preempted_start(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, 1000);
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, 1000);
    cpu_run(ctx, preempted_ended, self);
}

Test(cpu, preemption_splits_the_part_it_falls_in_and_moves_the_later_ends)
{
    struct cpu *core = core_at(1000000000); /* 1 cycle = 1 ns */
    struct preempted_parts parts;
    struct job irq;
    cpu_context_init(&parts.ctx, core, "parts", CPU_TASK, preempted_start, &parts);
    job_init(&irq, core, 1, CPU_HARDIRQ, 300);
    cpu_wake(&parts.ctx);
    at(400 * SIM_NS, wake_action, &irq.ctx);
    at(1500 * SIM_NS, wake_action, &irq.ctx);
    at(1500 * SIM_NS, check_action, core);
    sim_run(sim, 10 * SIM_US);
    cr_expect_eq(parts.end[0], 1300 * SIM_NS);
    cr_expect_eq(parts.end[1], 2600 * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->time[ACCOUNT_HOST + CPU_COPY], 1000 * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->time[ACCOUNT_HOST + CPU_STACK], 1000 * SIM_NS);
    expect_conserved(core);
    cpu_destroy(core);
}

/* ---- the trampoline ---- */

static int spins;
static bool inside;

static void spin(struct cpu_context *ctx, void *self)
{
    cr_assert_not(inside, "a continuation ran inside cpu_run()");
    inside = true;
    if (spins++ < 1000000)
        cpu_run(ctx, spin, self);
    else
        cpu_block(ctx, spin, self);
    inside = false;
}

Test(cpu, empty_segments_end_at_once_without_an_event_or_recursion)
{
    struct cpu *core = core_at(2800000000);
    struct cpu_context ctx;
    cpu_context_init(&ctx, core, "spinner", CPU_TASK, spin, NULL);
    cpu_wake(&ctx);
    sim_run(sim, SIM_NS);
    cr_expect_eq(spins, 1000001);
    cr_expect_eq(sim_event_count(sim), 1, "the wake-up's alone");
    cpu_destroy(core);
}

static void call_inner(struct cpu_context *ctx, void *self)
{
    note(2);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, 10);
    (void)self;
    cpu_return(ctx);
}

static void call_after(struct cpu_context *ctx, void *self)
{
    note(3);
    cpu_run(ctx, job_end, self);
}

static void call_outer(struct cpu_context *ctx, void *self)
{
    note(1);
    cpu_push(ctx, call_after, self);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, 5);
    cpu_run(ctx, call_inner, self);
}

Test(cpu, a_call_returns_to_the_continuation_pushed_last)
{
    struct cpu *core = core_at(1000000000);
    struct job job = {.id = 4};
    cpu_context_init(&job.ctx, core, "caller", CPU_TASK, call_outer, &job);
    cpu_wake(&job.ctx);
    sim_run(sim, SIM_US);
    EXPECT_LOG(0, 1, 0);
    EXPECT_LOG(1, 2, 5 * SIM_NS);
    EXPECT_LOG(2, 3, 5 * SIM_NS);
    EXPECT_LOG(3, 104, 15 * SIM_NS);
    cpu_destroy(core);
}

Test(cpu, the_continuation_stack_overflows_by_assertion, .signal = SIGABRT)
{
    struct cpu *core = core_at(1000000000);
    struct cpu_context ctx;
    cpu_context_init(&ctx, core, "caller", CPU_TASK, spin, NULL);
    for (int i = 0; i <= CPU_CALLS_MAX; i++)
        cpu_push(&ctx, spin, NULL);
}

static void undecided(struct cpu_context *ctx, void *self)
{
    (void)ctx;
    (void)self;
}

Test(cpu, a_continuation_that_decides_nothing_trips_an_assertion, .signal = SIGABRT)
{
    struct cpu *core = core_at(1000000000);
    struct cpu_context ctx;
    cpu_context_init(&ctx, core, "lost", CPU_TASK, undecided, NULL);
    cpu_wake(&ctx);
    sim_run(sim, SIM_US);
}

/* ---- the ledger ---- */

static void expect_running_share(void *self)
{
    const struct ledger *ledger = cpu_ledger(self);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_APP], 500);
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_APP], 1);
    cr_expect(ledger_check(ledger, 500));
}

Test(cpu, the_ledger_shows_a_running_segment_in_whole_cycles_and_all_its_time)
{
    struct cpu *core = core_at(3000000000); /* boundaries at 334, 667, 1000 */
    struct job job;
    job_init(&job, core, 1, CPU_TASK, 3);
    cpu_wake(&job.ctx);
    at(500, expect_running_share, core);
    sim_run(sim, SIM_NS);
    EXPECT_LOG(1, 101, 1000);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_HOST + CPU_APP], 3);
    cpu_destroy(core);
}

Test(cpu, a_double_charge_trips_the_ledger_s_check)
{
    struct cpu *core = core_at(2100000000);
    struct job job;
    job_init(&job, core, 1, CPU_TASK, 5000);
    cpu_wake(&job.ctx);
    sim_run(sim, 10 * SIM_US);
    struct ledger ledger = *cpu_ledger(core);
    cr_expect(ledger_check(&ledger, 10 * SIM_US));
    cr_expect_not(ledger_check(&ledger, 10 * SIM_US - 1));
    ledger.time[ACCOUNT_HOST + CPU_APP]++;
    cr_expect_not(ledger_check(&ledger, 10 * SIM_US), "a picosecond twice");
    ledger.time[ACCOUNT_HOST + CPU_APP]--;
    ledger.cycles[ACCOUNT_HOST + CPU_APP] += 5000;
    cr_expect_not(ledger_check(&ledger, 10 * SIM_US), "cycles without a share");
    ledger.cycles[ACCOUNT_HOST + CPU_APP] -= 5000;
    ledger.idle -= 20 * SIM_US;
    ledger.time[ACCOUNT_HOST + CPU_APP] += 20 * SIM_US;
    cr_expect_not(ledger_check(&ledger, 10 * SIM_US), "idle as what is left over");
    cpu_destroy(core);
}

Test(cpu, accounts_have_the_names_that_reports_use)
{
    cr_expect_str_eq(account_name(ACCOUNT_GUEST + CPU_STACK), "guest.stack");
    cr_expect_str_eq(account_name(ACCOUNT_HOST + CPU_BRIDGE), "host.bridge");
    cr_expect_str_eq(account_name(ACCOUNT_EXIT + 49), "exit.EPT_MISCONFIG");
    cr_expect_str_eq(account_name(ACCOUNT_EXIT + 5), "exit.unnamed");
    cr_expect_str_eq(cpu_category_name(CPU_SOFTIRQ_POLL), "softirq_poll");
    cr_expect_str_eq(exit_reason_name(7), "PENDING_INTERRUPT");
    cr_expect_null(exit_reason_name(5));
    cr_expect_null(exit_reason_name(80));
    cr_expect_null(exit_reason_name(-1));
    for (int category = 0; category < CPU_CATEGORIES; category++)
        cr_expect_not_null(cpu_category_name(category));
}
