/* Where a vCPU's time goes: guest mode, exits, halts, and steal while it is runnable without its core. */
#include "tests/unit/models/vm_bench.h"

/* From the guest's HLT to the start of the halt, and from its end to the guest. */
enum { HALTING = EXIT_HALF + 800, RESUMING = ENTRY_HALF, WORK = 5000 };

static void wake(void *ctx)
{
    cpu_wake(ctx);
}

/* All times up to `when` [ps], and that they are all of it. */
static void expect_times(struct vm_bench *bench, sim_time when, sim_time guest, sim_time exit, sim_time steal)
{
    sim_run(bench->sim, when);
    vcpu_update_times(bench->vcpu);
    const sim_time *time = vcpu_counters(bench->vcpu)->time;
    cr_expect_eq(time[VCPU_TIME_GUEST], guest, "guest: %ld ps at %ld", (long)time[VCPU_TIME_GUEST],
                 (long)when);
    cr_expect_eq(time[VCPU_TIME_EXIT], exit, "exit: %ld ps at %ld", (long)time[VCPU_TIME_EXIT], (long)when);
    cr_expect_eq(time[VCPU_TIME_STEAL], steal, "steal: %ld ps at %ld", (long)time[VCPU_TIME_STEAL],
                 (long)when);
    cr_expect_eq(time[VCPU_TIME_HALTED], when - guest - exit - steal, "halted: %ld ps at %ld",
                 (long)time[VCPU_TIME_HALTED], (long)when);
}

Test(vcpu_times, states_follow_each_other)
{
    struct vm_bench bench;
    struct bench_work work;
    struct bench_call again;
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, WORK);
    cpu_wake(&work.ctx);
    bench_at(&bench, &again, 20000 * CYCLE, wake, &work.ctx);
    vm_start(bench.vm);
    sim_time halt = (WORK + HALTING) * CYCLE, resumed = (20000 + RESUMING) * CYCLE;
    expect_times(&bench, WORK * CYCLE, WORK * CYCLE, 0, 0);
    expect_times(&bench, WORK * CYCLE + 1, WORK * CYCLE, 1, 0);
    expect_times(&bench, halt, WORK * CYCLE, HALTING * CYCLE, 0);
    expect_times(&bench, halt + 1, WORK * CYCLE, HALTING * CYCLE, 0);
    expect_times(&bench, 20000 * CYCLE + 1, WORK * CYCLE, HALTING * CYCLE + 1, 0);
    expect_times(&bench, resumed, WORK * CYCLE, (HALTING + RESUMING) * CYCLE, 0);
    expect_times(&bench, resumed + 1, WORK * CYCLE + 1, (HALTING + RESUMING) * CYCLE, 0);
    expect_times(&bench, 100000 * CYCLE, 2 * WORK * CYCLE, (2 * HALTING + RESUMING) * CYCLE, 0);
    bench_destroy(&bench);
}

/* Another thread has the core from 10 000 to 40 000 cycles, the vCPU has work at 20 000. */
Test(vcpu_times, waiting_for_the_core_is_steal)
{
    struct vm_bench bench;
    struct bench_work work, other;
    struct bench_call calls[2];
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, WORK);
    bench_work_init(&other, bench.core, 30000);
    cpu_wake(&work.ctx);
    bench_at(&bench, &calls[0], 10000 * CYCLE, wake, &other.ctx);
    bench_at(&bench, &calls[1], 20000 * CYCLE, wake, &work.ctx);
    vm_start(bench.vm);
    expect_times(&bench, 20000 * CYCLE, WORK * CYCLE, HALTING * CYCLE, 0);
    expect_times(&bench, 20000 * CYCLE + 1, WORK * CYCLE, HALTING * CYCLE, 1);
    expect_times(&bench, 40000 * CYCLE, WORK * CYCLE, HALTING * CYCLE, 20000 * CYCLE);
    expect_times(&bench, 40000 * CYCLE + 1, WORK * CYCLE, HALTING * CYCLE + 1, 20000 * CYCLE);
    expect_times(&bench, 100000 * CYCLE, 2 * WORK * CYCLE, (2 * HALTING + RESUMING) * CYCLE, 20000 * CYCLE);
    bench_destroy(&bench);
}

/* The core's way out of idle is a wait as well, as Linux' run_delay has it. */
Test(vcpu_times, an_idle_core_that_wakes_up_is_waited_for)
{
    struct vm_bench bench;
    struct bench_work work;
    struct bench_call call;
    bench_prepare(&bench, 1000000000, 2 * SIM_US, 0);
    bench_finish(&bench);
    bench_work_init(&work, bench.cpu, WORK);
    bench_at(&bench, &call, 20 * SIM_US, wake, &work.ctx);
    vm_start(bench.vm);
    expect_times(&bench, 2 * SIM_US, 0, 0, 2 * SIM_US);
    expect_times(&bench, 20 * SIM_US, 0, HALTING * CYCLE, 2 * SIM_US);
    expect_times(&bench, 22 * SIM_US, 0, HALTING * CYCLE, 4 * SIM_US);
    expect_times(&bench, 50 * SIM_US, WORK * CYCLE, (2 * HALTING + RESUMING) * CYCLE, 4 * SIM_US);
    bench_destroy(&bench);
}

/* A host interrupt on top of the vCPU makes it exit, and does not take the core from it. */
Test(vcpu_times, a_host_interrupt_is_no_steal)
{
    struct vm_bench bench;
    struct bench_work work, irq;
    struct bench_call call;
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, WORK);
    bench_work_init(&irq, bench.core, 700);
    cpu_context_init(&irq.ctx, bench.core, "irq", CPU_HARDIRQ, bench_work_begin, &irq);
    cpu_wake(&work.ctx);
    bench_at(&bench, &call, 1000 * CYCLE, wake, &irq.ctx);
    vm_start(bench.vm);
    expect_times(&bench, 1000 * CYCLE, 1000 * CYCLE, 0, 0);
    sim_time away = (EXIT_HALF + 700 + ENTRY_HALF) * CYCLE;
    expect_times(&bench, 1000 * CYCLE + away, 1000 * CYCLE, away, 0);
    expect_times(&bench, 50000 * CYCLE, WORK * CYCLE, away + HALTING * CYCLE, 0);
    bench_destroy(&bench);
}
