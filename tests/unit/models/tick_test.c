#include <criterion/criterion.h>

#include "models/cpu/tick.h"
#include "tests/unit/models/cpu_vm_fixture.h"

TestSuite(tick, .init = fixture_setup, .fini = fixture_teardown);

/* HZ = 250 at a phase of 1 ms; on the 1 GHz cores below a tick of 2000 cycles takes 2 us. */
static const struct tick_config always = {
    .mode = TICK_ALWAYS, .period = 4 * SIM_MS, .phase = SIM_MS, .cycles = 2000};

static struct tick_config with_mode(enum tick_mode mode)
{
    struct tick_config config = always;
    config.mode = mode;
    return config;
}

/* ---- jiffies ---- */

Test(tick, jiffies_count_the_expiries_passed)
{
    cr_expect_eq(tick_jiffies(&always, 0), 0);
    cr_expect_eq(tick_jiffies(&always, SIM_MS - 1), 0);
    cr_expect_eq(tick_jiffies(&always, SIM_MS), 1);
    cr_expect_eq(tick_jiffies(&always, 5 * SIM_MS - 1), 1);
    cr_expect_eq(tick_jiffies(&always, 5 * SIM_MS), 2);
    struct tick_config in_phase = always;
    in_phase.phase = 0;
    cr_expect_eq(tick_jiffies(&in_phase, 0), 0);
    cr_expect_eq(tick_jiffies(&in_phase, 4 * SIM_MS - 1), 0);
    cr_expect_eq(tick_jiffies(&in_phase, 4 * SIM_MS), 1);
}

Test(tick, the_next_expiry_is_strictly_later)
{
    cr_expect_eq(tick_next(&always, 0), SIM_MS);
    cr_expect_eq(tick_next(&always, SIM_MS - 1), SIM_MS);
    cr_expect_eq(tick_next(&always, SIM_MS), 5 * SIM_MS);
    struct tick_config in_phase = always;
    in_phase.phase = 0;
    cr_expect_eq(tick_next(&in_phase, 0), 4 * SIM_MS);
    cr_expect_eq(tick_next(&in_phase, 4 * SIM_MS), 8 * SIM_MS);
}

/* ---- on a core ---- */

static uint64_t ticks_of(enum tick_mode mode, sim_time busy_from, int64_t busy_cycles)
{
    struct cpu *core = core_at(1000000000);
    struct tick_config config = with_mode(mode);
    struct tick *tick = tick_create(core, NULL, &config, NULL, NULL);
    struct job job;
    job_init(&job, core, 1, CPU_TASK, busy_cycles);
    at(busy_from, wake_action, &job.ctx);
    sim_run(sim, 101 * SIM_MS - 1); /* 25 expiries: 1, 5, ... 97 ms */
    uint64_t handled = tick_handled(tick);
    cr_expect_eq(tick_expired(tick), handled);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_HOST + CPU_TICK], (int64_t)handled * 2000);
    cr_expect_eq(cpu_ledger(core)->shared[SHARE_BACKGROUND], (int64_t)handled * 2000);
    expect_conserved(core);
    tick_destroy(tick);
    cpu_destroy(core);
    return handled;
}

Test(tick, ticks_come_at_every_expiry)
{
    cr_expect_eq(ticks_of(TICK_ALWAYS, 0, 1), 25);
}

Test(tick, no_tick_comes_when_it_is_off)
{
    cr_expect_eq(ticks_of(TICK_OFF, 0, 90000000), 0);
}

/* Busy from 10 to 20 ms: expiries at 13 and 17. */
Test(tick, an_idle_core_has_no_tick)
{
    cr_expect_eq(ticks_of(TICK_IDLE, 10 * SIM_MS, 10000000), 2);
}

Test(tick, a_thread_that_ends_just_before_the_expiry_has_no_tick)
{
    cr_expect_eq(ticks_of(TICK_IDLE, 10 * SIM_MS, 2999999), 0);
}

Test(tick, a_thread_that_ends_just_after_the_expiry_has_one)
{
    cr_expect_eq(ticks_of(TICK_IDLE, 10 * SIM_MS, 3000001), 1);
}

Test(tick, a_tick_preempts_at_its_expiry)
{
    struct cpu *core = core_at(1000000000);
    struct tick *tick = tick_create(core, NULL, &always, NULL, NULL);
    struct job job;
    job_init(&job, core, 1, CPU_TASK, 1500000);
    cpu_wake(&job.ctx);
    sim_run(sim, 3 * SIM_MS);
    EXPECT_LOG(1, 101, 1502 * SIM_US);
    tick_destroy(tick);
    cpu_destroy(core);
}

Test(tick, interrupts_alone_do_not_restart_a_stopped_tick)
{
    struct cpu *core = core_at(1000000000);
    struct tick_config config = with_mode(TICK_IDLE);
    struct tick *tick = tick_create(core, NULL, &config, NULL, NULL);
    struct job softirq;
    job_init(&softirq, core, 1, CPU_SOFTIRQ, 10000000);
    cpu_wake(&softirq.ctx);
    sim_run(sim, 20 * SIM_MS);
    cr_expect_eq(tick_handled(tick), 0);
    tick_destroy(tick);
    cpu_destroy(core);
}

Test(tick, a_tick_handled_late_goes_on_with_the_expiry_after)
{
    struct cpu *core = core_at(1000000000);
    struct tick *tick = tick_create(core, NULL, &always, NULL, NULL);
    struct job irq;
    job_init(&irq, core, 1, CPU_HARDIRQ, 9000000); /* 0 .. 9 ms: over the expiries at 1, 5 and 9 */
    cpu_wake(&irq.ctx);
    sim_run(sim, 17 * SIM_MS - 1);
    cr_expect_eq(tick_handled(tick), 2); /* at 9 and 13 ms */
    cr_expect_eq(tick_expired(tick), 2);
    tick_destroy(tick);
    cpu_destroy(core);
}

static void raise_action(void *self)
{
    tick_raise(self);
}

static void expire_late(struct tick *tick, void *self)
{
    (void)self;
    at(sim_now(sim) + SIM_MS, raise_action, tick);
}

static void arm_free(struct tick *tick, struct cpu_context *ctx, sim_time when, void *self)
{
    (void)tick;
    (void)when;
    (void)self;
    cpu_return(ctx);
}

Test(tick, a_tick_delivered_after_the_cpu_went_idle_does_not_start_the_next)
{
    struct cpu *core = core_at(1000000000);
    const struct tick_ops late_ops = {.arm = arm_free, .expire = expire_late};
    struct tick_config config = with_mode(TICK_IDLE);
    struct tick *tick = tick_create(core, NULL, &config, &late_ops, NULL);
    struct job job;
    job_init(&job, core, 1, CPU_TASK, 1000001); /* until just after the expiry at 1 ms */
    cpu_wake(&job.ctx);
    sim_run(sim, 20 * SIM_MS);
    cr_expect_eq(tick_expired(tick), 1);
    cr_expect_eq(tick_handled(tick), 1);
    cr_expect_eq(tick_armed(tick), 2, "on leaving and on entering the idle loop");
    tick_destroy(tick);
    cpu_destroy(core);
}

/* ---- on a vCPU ---- */

static struct vm vm;
static sim_time armed[16];
static unsigned arms;

static void arm_done(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

/* A write of the TSC deadline that exits. */
static void arm(struct tick *tick, struct cpu_context *ctx, sim_time when, void *self)
{
    (void)tick;
    cr_assert_lt(arms, 16);
    armed[arms++] = when;
    vm_trap(&vm, ctx, arm_done, self);
}

static void expire(struct tick *tick, void *self)
{
    vm_timer(self);
    tick_raise(tick);
}

static const struct tick_ops vm_ops = {.arm = arm, .expire = expire};
static const struct lapic_costs no_costs;

Test(tick, a_guest_s_tick_exits_at_expiry_and_when_it_is_armed)
{
    struct cpu *core = core_at(1000000000);
    vm_init(&vm, core);
    struct lapic *lapic = lapic_create(vm.vcpu, &no_costs, NULL, NULL);
    struct tick *tick = tick_create(vm.vcpu, lapic, &always, &vm_ops, &vm);
    struct job app;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 6000000);
    cpu_wake(&app.ctx);
    sim_run(sim, 8 * SIM_MS);
    cr_expect_eq(tick_handled(tick), 2);
    cr_expect_eq(tick_armed(tick), 2);
    cr_expect_eq(vm.exits[EXIT_TIMER], 2);
    cr_expect_eq(vm.exits[EXIT_MISCONFIG], 2);
    cr_expect_eq(armed[0], 5 * SIM_MS);
    cr_expect_eq(armed[1], 9 * SIM_MS);
    EXPECT_LOG(1, 101, (6000000 + 2 * (COST_TIMER + 2000 + COST_MISCONFIG)) * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_GUEST + CPU_TICK], 4000);
    expect_conserved(core);
    tick_destroy(tick);
    lapic_destroy(lapic);
    cpu_destroy(vm.vcpu);
    cpu_destroy(core);
}

Test(tick, a_halted_guest_is_woken_by_a_tick_that_is_never_stopped)
{
    struct cpu *core = core_at(1000000000);
    vm_init(&vm, core);
    struct lapic *lapic = lapic_create(vm.vcpu, &no_costs, NULL, NULL);
    struct tick *tick = tick_create(vm.vcpu, lapic, &always, &vm_ops, &vm);
    sim_run(sim, 8 * SIM_MS);
    cr_expect_eq(tick_handled(tick), 2);
    cr_expect_eq(vm.exits[EXIT_TIMER], 0, "the guest is not in guest mode");
    cr_expect_eq(vm.exits[EXIT_HLT], 2);
    tick_destroy(tick);
    lapic_destroy(lapic);
    cpu_destroy(vm.vcpu);
    cpu_destroy(core);
}

Test(tick, a_guest_arms_on_leaving_the_idle_loop_and_disarms_on_entering_it)
{
    struct cpu *core = core_at(1000000000);
    vm_init(&vm, core);
    struct lapic *lapic = lapic_create(vm.vcpu, &no_costs, NULL, NULL);
    struct tick_config config = with_mode(TICK_IDLE);
    struct tick *tick = tick_create(vm.vcpu, lapic, &config, &vm_ops, &vm);
    struct job app;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 100);
    at(2 * SIM_MS, wake_action, &app.ctx);
    at(6 * SIM_MS, wake_action, &app.ctx);
    sim_run(sim, 20 * SIM_MS);
    cr_expect_eq(tick_expired(tick), 0);
    cr_expect_eq(arms, 4);
    cr_expect_eq(armed[0], 5 * SIM_MS);
    cr_expect_eq(armed[1], SIM_TIME_MAX);
    cr_expect_eq(armed[2], 9 * SIM_MS);
    cr_expect_eq(armed[3], SIM_TIME_MAX);
    EXPECT_LOG(0, 1, 2 * SIM_MS + COST_MISCONFIG * SIM_NS);
    cr_expect_eq(vm.exits[EXIT_HLT], 2);
    expect_conserved(core);
    tick_destroy(tick);
    lapic_destroy(lapic);
    cpu_destroy(vm.vcpu);
    cpu_destroy(core);
}
