/* Interrupts on their way into a guest under APICv: by the state of the vCPU. */
#include "tests/unit/models/interrupt_bench.h"

/* ---- APICv, guest mode ---- */

Test(interrupt, posted_in_guest_mode_is_taken_at_once_without_an_exit)
{
    static struct fixture f;
    fixture_create(&f, true, 10000);
    bench_at(&f.bench, &f.calls[0], 5000 * CYCLE, post, &f.handler);
    sim_run(f.bench.sim, 9000 * CYCLE);
    cr_assert_eq(bench_all_exits(&f.bench), 0);
    cr_assert_eq(f.handler.at[0], (5000 + 100) * CYCLE);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->posted, 1);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.work.done, (10000 + 100 + 30 + 50) * CYCLE);
    cr_assert_eq(bench_all_exits(&f.bench), 1); /* the HLT at the end */
    cr_assert_eq(lapic_raised(f.bench.core_lapic), 0);
    fixture_end(&f);
}

Test(interrupt, from_software_in_guest_mode_comes_by_notification_without_an_exit)
{
    static struct fixture f;
    fixture_create(&f, true, 10000);
    bench_at(&f.bench, &f.calls[0], 5000 * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, 9000 * CYCLE);
    cr_assert_eq(bench_all_exits(&f.bench), 0);
    cr_assert_eq(f.handler.at[0], (5000 + 600 + 100) * CYCLE);
    fixture_end(&f);
}

Test(interrupt, two_vectors_share_a_notification)
{
    static struct fixture f;
    static struct handler other;
    fixture_create(&f, true, 10000);
    handler_init(&other, &f.bench, false);
    bench_at(&f.bench, &f.calls[0], 5000 * CYCLE, interrupt, &f.handler);
    bench_at(&f.bench, &f.calls[1], 5300 * CYCLE, interrupt, &other);
    sim_run(f.bench.sim, 9000 * CYCLE);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->posted, 1);
    cr_assert_eq(other.at[0], 5700 * CYCLE); /* the higher vector first */
    cr_assert_eq(f.handler.at[0], (5700 + 30 + 50 + 100) * CYCLE);
    fixture_end(&f);
}

/* ---- around an exit ---- */

static void run_long(struct cpu_context *thread, void *self)
{
    (void)self;
    cpu_add(thread, CPU_EMULATION, SHARE_BATCH, 4000);
    cpu_run(thread, handler_done, NULL);
}

static void accessed(struct cpu_context *ctx, void *self)
{
    struct bench_work *work = self;
    bench_work_begin(ctx, work);
}

static void make_access(struct cpu_context *ctx, void *self)
{
    struct fixture *f = self;
    cpu_push(ctx, accessed, &f->work);
    vcpu_exit(f->bench.vcpu, ctx, EXIT_EPT_MISCONFIG, EXIT_SITE_USER, run_long, NULL);
}

static void work_then_access(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_APP, SHARE_BATCH, 5000);
    cpu_run(ctx, make_access, self);
}

/* A guest that leaves guest mode at 5000 cycles for an exit of 651 + 5003 + 4000 + 650. */
static void exiting_create(struct fixture *f)
{
    *f = (struct fixture){0};
    bench_create(&f->bench, true);
    handler_init(&f->handler, &f->bench, false);
    f->work.cycles = 10000;
    cpu_context_init(&f->work.ctx, f->bench.cpu, "exiting", CPU_TASK, work_then_access, f);
    cpu_wake(&f->work.ctx);
    vm_start(f->bench.vm);
}

enum { LEFT = 5000, REENTERED = 5000 + 651 + 5003 + 4000 + 650 };

/* An interrupt sent so that its notification arrives at `arrival`: is it taken in guest mode? */
static void around_the_exit(sim_time arrival, bool posted, sim_time handled)
{
    static struct fixture f;
    exiting_create(&f);
    bench_at(&f.bench, &f.calls[0], arrival - 600 * SIM_NS, interrupt, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->posted, posted);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->synced, !posted);
    cr_assert_eq(lapic_handled(f.bench.core_lapic), !posted); /* the host acknowledges what came too late */
    cr_assert_eq(f.handler.count, 1);
    cr_assert_eq(f.handler.at[0], handled);
    cr_assert_eq(bench_exits(&f.bench, EXIT_EXTERNAL_INTERRUPT), 0);
    fixture_end(&f);
}

Test(interrupt, a_notification_a_cycle_before_the_exit_is_handled_first)
{
    around_the_exit((LEFT - 1) * CYCLE, true, (LEFT - 1 + 100) * CYCLE);
}

Test(interrupt, a_notification_just_before_the_exit_is_accepted_and_waits_for_the_entry)
{
    around_the_exit(LEFT * CYCLE - 1, true, (REENTERED + 100) * CYCLE);
}

Test(interrupt, a_notification_just_after_the_exit_is_taken_at_the_entry)
{
    around_the_exit(LEFT * CYCLE + 1, false, (REENTERED + HOST_IRQ + 100) * CYCLE);
}

Test(interrupt, a_notification_before_the_entry_is_acknowledged_by_the_host)
{
    static struct fixture f;
    exiting_create(&f);
    bench_at(&f.bench, &f.calls[0], (REENTERED - 1) * CYCLE, post, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->posted, 0);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->synced, 1);
    cr_assert_eq(f.handler.at[0], (REENTERED + HOST_IRQ + 100) * CYCLE);
    fixture_end(&f);
}

Test(interrupt, a_notification_just_after_the_entry_is_posted)
{
    static struct fixture f;
    exiting_create(&f);
    bench_at(&f.bench, &f.calls[0], REENTERED * CYCLE + 1, post, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->posted, 1);
    cr_assert_eq(f.handler.at[0], (REENTERED + 1 + 100) * CYCLE);
    fixture_end(&f);
}

Test(interrupt, software_sends_no_notification_to_root_mode)
{
    static struct fixture f;
    exiting_create(&f);
    bench_at(&f.bench, &f.calls[0], 7000 * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.at[0], (REENTERED + 100) * CYCLE);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->synced, 1);
    cr_assert_eq(lapic_raised(f.bench.core_lapic), 0);
    fixture_end(&f);
}

Test(interrupt, hardware_notifies_root_mode_once)
{
    static struct fixture f;
    exiting_create(&f);
    bench_at(&f.bench, &f.calls[0], 7000 * CYCLE, post, &f.handler);
    bench_at(&f.bench, &f.calls[1], 8000 * CYCLE, post, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.count, 1);
    cr_assert_eq(f.handler.at[0], (REENTERED + HOST_IRQ + 100) * CYCLE);
    cr_assert_eq(lapic_raised(f.bench.core_lapic), 1); /* ON was set the second time */
    fixture_end(&f);
}

/* ---- a sleeping vCPU ---- */

/* The first thing a vCPU without work does is to halt and, with polling off, to sleep. */
enum { ASLEEP_AT = EXIT_HALF + 800 + 90 };

Test(interrupt, software_wakes_a_sleeping_vcpu)
{
    static struct fixture f;
    fixture_create(&f, true, 0);
    sim_run(f.bench.sim, ASLEEP_AT * CYCLE);
    cr_assert(vcpu_is_asleep(f.bench.vcpu));
    bench_at(&f.bench, &f.calls[0], 50000 * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.at[0], (50000 + ENTRY_HALF + 100) * CYCLE);
    cr_assert_eq(bench_exits(&f.bench, EXIT_HLT), 2);
    cr_assert_eq(bench_all_exits(&f.bench), 2);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->wakeups, 1);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->exit_time[EXIT_HLT], (50000 + ENTRY_HALF) * CYCLE);
    fixture_end(&f);
}

Test(interrupt, hardware_wakes_a_sleeping_vcpu_by_the_wakeup_vector)
{
    static struct fixture f;
    fixture_create(&f, true, 0);
    bench_at(&f.bench, &f.calls[0], 50000 * CYCLE, post, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(lapic_handled(f.bench.core_lapic), 1);
    cr_assert_eq(f.handler.at[0], (50000 + HOST_IRQ + 200 + ENTRY_HALF + 100) * CYCLE);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->posted, 0);
    fixture_end(&f);
}

Test(interrupt, an_idle_core_wakes_first)
{
    static struct fixture f;
    bench_prepare(&f.bench, 1000000000, 2 * SIM_US, 0);
    bench_finish(&f.bench);
    handler_init(&f.handler, &f.bench, false);
    vm_start(f.bench.vm);
    bench_at(&f.bench, &f.calls[0], 50000 * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.at[0], (50000 + 2000 + ENTRY_HALF + 100) * CYCLE);
    fixture_end(&f);
}

Test(interrupt, the_wakeup_vector_costs_another_vm_on_that_core_an_exit)
{
    static struct fixture f;
    static struct bench_work neighbour;
    fixture_create(&f, true, 0);
    struct vm *other = bench_vm(&f.bench, "vm1");
    bench_work_init(&neighbour, vm_kernel(other)->cpus[0].cpu, 100000);
    cpu_wake(&neighbour.ctx);
    vm_start(other);
    bench_at(&f.bench, &f.calls[0], 50000 * CYCLE, post, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.count, 1);
    cr_assert_eq(vcpu_counters(vm_vcpu(other, 0))->exits[EXIT_EXTERNAL_INTERRUPT], 1);
    cr_assert_eq(bench_exits(&f.bench, EXIT_EXTERNAL_INTERRUPT), 0);
    bench_check(&f.bench, other);
    vm_destroy(other);
    fixture_end(&f);
}

Test(interrupt, posting_to_a_scheduled_out_vcpu_notifies_nobody)
{
    static struct fixture f;
    static struct bench_work worker;
    bench_prepare(&f.bench, 1000000000, 0, 3 * SIM_US);
    bench_finish(&f.bench);
    handler_init(&f.handler, &f.bench, false);
    bench_work_init(&worker, f.bench.core, 20000); /* on the host */
    f.work.cycles = 10000;
    cpu_context_init(&f.work.ctx, f.bench.cpu, "exiting", CPU_TASK, work_then_access, &f);
    cpu_wake(&f.work.ctx);
    vm_start(f.bench.vm);
    cpu_wake(&worker.ctx);
    bench_at(&f.bench, &f.calls[0], 15000 * CYCLE, post, &f.handler);
    sim_run(f.bench.sim, 14999 * CYCLE);
    cr_assert_not(vcpu_in_guest(f.bench.vcpu));
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(lapic_raised(f.bench.core_lapic), 0);
    cr_assert_eq(f.handler.count, 1);
    cr_assert_gt(f.handler.at[0], worker.done);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->synced, 1);
    fixture_end(&f);
}
