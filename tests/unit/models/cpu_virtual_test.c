#include <criterion/criterion.h>
#include <signal.h>

#include "tests/unit/models/cpu_vm_fixture.h"

TestSuite(cpu_virtual, .init = fixture_setup, .fini = fixture_teardown);

/* At 1 GHz a cycle is a nanosecond. */
static struct cpu *core;
static struct vm vm;

static void start(int64_t hz)
{
    core = core_at(hz);
    vm_init(&vm, core);
}

static int64_t cycles_of(int account)
{
    return cpu_ledger(core)->cycles[account];
}

static void finish(void)
{
    expect_conserved(core);
    cpu_destroy(vm.vcpu);
    cpu_destroy(core);
}

Test(cpu_virtual, a_guest_segment_runs_as_the_thread_s_and_is_charged_as_guest)
{
    start(1000000000);
    struct job app;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 500);
    cr_expect(cpu_is_virtual(vm.vcpu));
    cr_expect_not(cpu_is_virtual(core));
    cr_expect_eq(cpu_hz(vm.vcpu), 1000000000);
    cr_expect_eq(cpu_thread(vm.vcpu), &vm.thread);
    cpu_wake(&app.ctx);
    cr_expect_not(cpu_is_idle(vm.vcpu));
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 1, 0);
    EXPECT_LOG(1, 101, 500 * SIM_NS);
    cr_expect_eq(cycles_of(ACCOUNT_GUEST + CPU_APP), 500);
    cr_expect_eq(cycles_of(ACCOUNT_EXIT + EXIT_HLT), COST_HLT);
    cr_expect_eq(vm.exits[EXIT_HLT], 1);
    cr_expect_eq(cpu_ledger(core)->idle, 10 * SIM_US - 800 * SIM_NS);
    cr_expect_not(cpu_is_supplied(vm.vcpu));
    cr_expect(cpu_is_idle(vm.vcpu));
    finish();
}

Test(cpu_virtual, a_higher_guest_level_preempts_inside_the_guest_without_an_exit)
{
    int64_t hz = 2100000000;
    start(hz);
    struct job app, irq;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 5000);
    job_init(&irq, vm.vcpu, 2, CPU_HARDIRQ, 100);
    cpu_wake(&app.ctx);
    sim_time boundary = sim_cycles_to_time(1000, hz);
    at(boundary - 1, wake_action, &irq.ctx);
    at(boundary - 1, check_action, core);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(1, 2, boundary);
    EXPECT_LOG(2, 102, sim_cycles_to_time(1100, hz));
    EXPECT_LOG(3, 101, sim_cycles_to_time(5100, hz));
    cr_expect_eq(vm.exits[EXIT_INTERRUPT], 0);
    cr_expect_eq(vm.exits[EXIT_HLT], 1);
    finish();
}

static void wake_equal(int64_t hz, sim_time when, sim_time expected)
{
    start(hz);
    struct job app, irq;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 5000);
    job_init(&irq, vm.vcpu, 2, CPU_SOFTIRQ, 100);
    cpu_wake(&app.ctx);
    at(when, wake_action, &irq.ctx);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(1, 2, expected);
    finish();
}

Test(cpu_virtual, guest_preemption_at_a_boundary_is_at_that_boundary)
{
    wake_equal(3000000000, sim_cycles_to_time(1000, 3000000000), sim_cycles_to_time(1000, 3000000000));
}

Test(cpu_virtual, guest_preemption_after_a_boundary_is_at_the_next)
{
    wake_equal(3000000000, sim_cycles_to_time(1000, 3000000000) + 1, sim_cycles_to_time(1001, 3000000000));
}

static sim_time guest_ends[2];

static void guest_parts_ended(struct cpu_context *ctx, void *self)
{
    guest_ends[0] = cpu_part_end(ctx, 0);
    guest_ends[1] = cpu_part_end(ctx, 1);
    cpu_block(ctx, guest_parts_ended, self);
}

static void guest_parts(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, 1000);
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, 500);
    cpu_run(ctx, guest_parts_ended, self);
}

Test(cpu_virtual, host_work_ends_guest_mode_first_and_the_guest_s_segment_goes_on_later)
{
    start(1000000000);
    struct cpu_context app;
    struct job irq;
    cpu_context_init(&app, vm.vcpu, "app", CPU_TASK, guest_parts, NULL);
    job_init(&irq, core, 2, CPU_HARDIRQ, 100);
    cpu_wake(&app);
    at(400 * SIM_NS - 1, wake_action, &irq.ctx);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 2, 600 * SIM_NS); /* the exit: 400 .. 600 */
    EXPECT_LOG(1, 102, 700 * SIM_NS);
    cr_expect_eq(guest_ends[0], 1300 * SIM_NS);
    cr_expect_eq(guest_ends[1], 1800 * SIM_NS);
    cr_expect_eq(vm.exits[EXIT_INTERRUPT], 1);
    cr_expect_eq(cycles_of(ACCOUNT_GUEST + CPU_COPY), 1000);
    cr_expect_eq(cycles_of(ACCOUNT_GUEST + CPU_STACK), 500);
    cr_expect_eq(cycles_of(ACCOUNT_EXIT + EXIT_INTERRUPT), COST_INTERRUPT);
    finish();
}

Test(cpu_virtual, without_a_hook_the_guest_s_segment_is_paused)
{
    start(1000000000);
    cpu_set_preempt_hook(&vm.thread, NULL, NULL);
    struct job app, irq, guest_irq;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 1000);
    job_init(&irq, core, 2, CPU_HARDIRQ, 100);
    job_init(&guest_irq, vm.vcpu, 3, CPU_HARDIRQ, 10);
    cpu_wake(&app.ctx);
    at(400 * SIM_NS, wake_action, &irq.ctx);
    at(450 * SIM_NS, wake_action, &guest_irq.ctx); /* waits: the thread is not on the core */
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(1, 2, 400 * SIM_NS);
    EXPECT_LOG(3, 3, 500 * SIM_NS);
    EXPECT_LOG(4, 103, 510 * SIM_NS);
    EXPECT_LOG(5, 101, 1110 * SIM_NS);
    cr_expect_eq(vm.exits[EXIT_INTERRUPT], 0);
    finish();
}

/* ---- traps ---- */

static void after_access(struct cpu_context *ctx, void *self)
{
    note(3);
    cpu_run(ctx, job_end, self);
}

static void access_device(struct cpu_context *ctx, void *self)
{
    note(2);
    vm_trap(&vm, ctx, after_access, self);
}

static void access_start(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_MMIO, SHARE_PACKET, 10);
    cpu_run(ctx, access_device, self);
}

Test(cpu_virtual, a_trapped_access_runs_the_exit_on_the_thread_and_then_goes_on)
{
    start(1000000000);
    struct job app = {.id = 1};
    cpu_context_init(&app.ctx, vm.vcpu, "app", CPU_TASK, access_start, &app);
    cpu_wake(&app.ctx);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 2, 10 * SIM_NS);
    EXPECT_LOG(1, 3, 1010 * SIM_NS);
    EXPECT_LOG(2, 101, 1010 * SIM_NS);
    cr_expect_eq(cycles_of(ACCOUNT_EXIT + EXIT_MISCONFIG), COST_MISCONFIG);
    finish();
}

Test(cpu_virtual, after_a_trap_only_a_higher_guest_level_goes_first)
{
    start(1000000000);
    struct job app = {.id = 1}, irq, thread;
    cpu_context_init(&app.ctx, vm.vcpu, "app", CPU_TASK, access_start, &app);
    job_init(&irq, vm.vcpu, 5, CPU_HARDIRQ, 100);
    job_init(&thread, vm.vcpu, 6, CPU_TASK, 100);
    cpu_wake(&app.ctx);
    at(500 * SIM_NS, wake_action, &thread.ctx);
    at(600 * SIM_NS, wake_action, &irq.ctx);
    sim_run(sim, 10 * SIM_US);
    const struct entry expected[] = {{2, 10},     {5, 1010}, {105, 1110}, {3, 1110},
                                     {101, 1110}, {6, 1110}, {106, 1210}};
    for (unsigned i = 0; i < 7; i++)
        EXPECT_LOG(i, expected[i].who, expected[i].when * SIM_NS);
    finish();
}

static void supply_too_early(struct cpu_context *ctx, void *self)
{
    (void)ctx;
    (void)self;
    cpu_supply(vm.vcpu);
}

static void trap_wrongly(struct cpu_context *ctx, void *self)
{
    cpu_trap(ctx, after_access, self);
    cpu_run(&vm.thread, supply_too_early, NULL);
}

Test(cpu_virtual, supplying_a_vcpu_whose_context_is_trapped_trips_an_assertion, .signal = SIGABRT)
{
    start(1000000000);
    struct cpu_context app;
    cpu_context_init(&app, vm.vcpu, "app", CPU_TASK, trap_wrongly, NULL);
    cpu_wake(&app);
    sim_run(sim, SIM_US);
}

/* ---- guest mode ended from outside ---- */

Test(cpu_virtual, the_supply_may_be_taken_away_at_any_time)
{
    int64_t hz = 2800000000;
    start(hz);
    struct job app;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 1000);
    cpu_wake(&app.ctx);
    sim_time boundary = sim_cycles_to_time(300, hz);
    at(boundary - 100, vm_timer, &vm);
    at(boundary - 100, check_action, core);
    at(boundary - 50, check_action, core);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(1, 101, sim_cycles_to_time(1000 + COST_TIMER, hz));
    cr_expect_eq(cycles_of(ACCOUNT_EXIT + EXIT_TIMER), COST_TIMER);
    cr_expect_eq(cycles_of(ACCOUNT_GUEST + CPU_APP), 1000);
    finish();
}

static void guest_read_done(struct cpu_context *ctx, void *self)
{
    note(2);
    cpu_block(ctx, guest_read_done, self);
}

static void guest_read(struct cpu_context *ctx, void *self)
{
    note(1);
    cpu_stall(ctx, guest_read_done, self);
}

Test(cpu_virtual, a_stalled_guest_loses_its_supply_at_the_completion)
{
    start(1000000000);
    struct cpu_context app;
    cpu_context_init(&app, vm.vcpu, "app", CPU_TASK, guest_read, NULL);
    cpu_wake(&app);
    at(100 * SIM_NS, vm_timer, &vm);
    at(150 * SIM_NS, check_action, core);
    at(800 * SIM_NS, resume_action, &app);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 1, 0);
    EXPECT_LOG(1, 2, (800 + COST_TIMER) * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->time[ACCOUNT_GUEST + CPU_STALL], 800 * SIM_NS);
    finish();
}

Test(cpu_virtual, a_stalled_guest_is_not_preempted_by_the_host)
{
    start(1000000000);
    struct cpu_context app;
    struct job irq;
    cpu_context_init(&app, vm.vcpu, "app", CPU_TASK, guest_read, NULL);
    job_init(&irq, core, 5, CPU_HARDIRQ, 100);
    cpu_wake(&app);
    at(100 * SIM_NS, wake_action, &irq.ctx);
    at(800 * SIM_NS, resume_action, &app);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(1, 5, 1000 * SIM_NS); /* the exit first */
    EXPECT_LOG(2, 105, 1100 * SIM_NS);
    EXPECT_LOG(3, 2, 1100 * SIM_NS);
    cr_expect_eq(vm.exits[EXIT_INTERRUPT], 1);
    finish();
}

/* ---- sharing a core ---- */

static void spin_on(struct cpu_context *ctx, void *self)
{
    struct job *job = self;
    note(job->id);
    if (sim_now(sim) >= 4 * SIM_US) {
        cpu_block(ctx, spin_on, job);
        return;
    }
    cpu_add(ctx, CPU_APP, SHARE_PACKET, job->cycles);
    cpu_run(ctx, spin_on, job);
}

Test(cpu_virtual, a_thread_that_shares_its_core_leaves_guest_mode_when_its_slice_is_over)
{
    struct cpu_core_config config = {.hz = 1000000000, .switch_cycles = 50, .slice = SIM_US};
    core = cpu_core_create(sim, "core0", &config);
    vm_init(&vm, core);
    struct job guest = {.id = 1, .cycles = 400}, host = {.id = 2, .cycles = 400};
    cpu_context_init(&guest.ctx, vm.vcpu, "guest", CPU_TASK, spin_on, &guest);
    cpu_context_init(&host.ctx, core, "host", CPU_TASK, spin_on, &host);
    cpu_wake(&guest.ctx);
    at(10 * SIM_NS, wake_action, &host.ctx);
    sim_run(sim, 20 * SIM_US);
    /* guest 0 .. 1200, exit .. 1400, switch .. 1450, host .. 2650, switch .. 2700, guest from 2700 */
    const struct entry expected[] = {{1, 0},    {1, 400},  {1, 800},  {1, 1200}, {2, 1450},
                                     {2, 1850}, {2, 2250}, {2, 2650}, {1, 3100}, {1, 3500}};
    for (unsigned i = 0; i < 10; i++)
        EXPECT_LOG(i, expected[i].who, expected[i].when * SIM_NS);
    cr_expect_eq(cycles_of(ACCOUNT_HOST + CPU_SCHED) % 50, 0);
    cr_expect_geq(vm.exits[EXIT_INTERRUPT], 1);
    finish();
}

static void unsupply_and_block(void *self)
{
    cpu_unsupply(vm.vcpu);
    vm_block(&vm.thread, self);
}

Test(cpu_virtual, a_thread_loses_the_supply_while_it_is_being_switched_to)
{
    struct cpu_core_config config = {.hz = 1000000000, .switch_cycles = 50, .slice = SIM_US};
    core = cpu_core_create(sim, "core0", &config);
    vm_init(&vm, core);
    cpu_set_preempt_hook(&vm.thread, NULL, NULL);
    struct job guest = {.id = 1, .cycles = 500}, host;
    cpu_context_init(&guest.ctx, vm.vcpu, "guest", CPU_TASK, spin_on, &guest);
    job_init(&host, core, 2, CPU_TASK, 500);
    cpu_wake(&guest.ctx);
    at(10 * SIM_NS, wake_action, &host.ctx);
    at(1560 * SIM_NS, unsupply_and_block, &vm); /* in the switch back, 1550 .. 1600 */
    at(3000 * SIM_NS, wake_action, &vm.thread);
    at(1570 * SIM_NS, check_action, core);
    sim_run(sim, 20 * SIM_US);
    /* guest 0 .. 1000, switch .. 1050, host .. 1550, switch .. 1560 and 3000 .. 3040 */
    EXPECT_LOG(2, 1, 1000 * SIM_NS);
    EXPECT_LOG(3, 2, 1050 * SIM_NS);
    EXPECT_LOG(4, 102, 1550 * SIM_NS);
    EXPECT_LOG(5, 1, 3540 * SIM_NS);
    cr_expect_eq(cycles_of(ACCOUNT_HOST + CPU_SCHED), 100);
    finish();
}

Test(cpu_virtual, guest_threads_are_scheduled_by_the_vcpu)
{
    start(1000000000);
    cpu_set_scheduler(vm.vcpu, 30, 100 * SIM_NS);
    struct job a = {.id = 1, .cycles = 2000}, b = {.id = 2, .cycles = 2000};
    cpu_context_init(&a.ctx, vm.vcpu, "a", CPU_TASK, spin_on, &a);
    cpu_context_init(&b.ctx, vm.vcpu, "b", CPU_TASK, spin_on, &b);
    cpu_wake(&a.ctx);
    cpu_wake(&b.ctx);
    sim_run(sim, 20 * SIM_US);
    EXPECT_LOG(0, 1, 0);
    EXPECT_LOG(1, 1, 2000 * SIM_NS);
    EXPECT_LOG(2, 2, 2030 * SIM_NS);
    cr_expect_eq(cycles_of(ACCOUNT_GUEST + CPU_SCHED), 60);
    cr_expect_eq(vm.exits[EXIT_INTERRUPT], 0);
    finish();
}

static void vcpu_idle_hook(struct cpu *cpu, bool idle, void *self)
{
    (void)cpu;
    note(idle ? 50 : 51);
    if (idle)
        cpu_wake(self);
}

Test(cpu_virtual, the_guest_s_idle_loop_is_entered_before_it_halts)
{
    start(1000000000);
    struct job app, timer;
    job_init(&app, vm.vcpu, 1, CPU_TASK, 100);
    job_init(&timer, vm.vcpu, 2, CPU_HARDIRQ, 40);
    cpu_set_idle_hook(vm.vcpu, vcpu_idle_hook, &timer.ctx);
    cpu_wake(&app.ctx);
    sim_run(sim, 10 * SIM_US);
    const struct entry expected[] = {{51, 0}, {1, 0}, {101, 100}, {50, 100}, {2, 100}, {102, 140}};
    cr_expect_eq(log_count, 6);
    for (unsigned i = 0; i < 6; i++)
        EXPECT_LOG(i, expected[i].who, expected[i].when * SIM_NS);
    cr_expect_eq(vm.exits[EXIT_HLT], 1);
    finish();
}
