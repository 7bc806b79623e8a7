/*
 * Wake-ups of threads: at what moment they are asked for and paid, what one on another vCPU of the guest costs, and that
 * a host sends no interrupt for it. A VM of two vCPUs, each on a core of its own.
 */
#include "tests/unit/models/vm_bench.h"

enum { IPI_WRITE = 1301 + 350, PI_UPDATE = 60, WAKEUP = 200, IPI = 120 };

static struct vm_bench bench;
static struct cpu *other_core;
static struct lapic *other_lapic;
static struct kernel_cpu *cpus;

static void create(bool apicv)
{
    struct cpu_core_config config = {.hz = 1000000000};
    struct lapic_costs costs = {.entry = 100, .exit = 50, .eoi = 30};
    bench_prepare(&bench, 1000000000, 0, 0);
    bench.config.apicv = apicv;
    bench_finish(&bench);
    other_core = cpu_core_create(bench.sim, "core1", &config);
    other_lapic = lapic_create(other_core, &costs, NULL, NULL);
    vm_add_vcpu(bench.vm, other_core, other_lapic);
    cpus = vm_kernel(bench.vm)->cpus;
}

static void destroy(void)
{
    cr_expect(ledger_check(cpu_ledger(other_core), sim_now(bench.sim)));
    bench_destroy(&bench);
    lapic_destroy(other_lapic);
    cpu_destroy(other_core);
}

static struct vcpu *vcpu(unsigned index)
{
    return vm_vcpu(bench.vm, index);
}

static int64_t exits(unsigned index, enum exit_reason reason)
{
    return vcpu_counters(vcpu(index))->exits[reason];
}

/* A thread of vCPU 0 that wakes up to two others, one after the other, after `before` cycles of work. */
struct waker {
    struct cpu_context ctx;
    struct sleeper *sleepers[2];
    unsigned count, next;
    int64_t before;
    sim_time begun, done; /* [ps] its work over, and all wakings */
};

static void wake_next(struct cpu_context *ctx, void *self)
{
    struct waker *waker = self;
    waker->done = sim_now(bench.sim);
    if (waker->next == waker->count) {
        cpu_block(ctx, wake_next, waker);
        return;
    }
    cpu_push(ctx, wake_next, waker);
    sleeper_wake(ctx, waker->sleepers[waker->next++], WAKEUP);
}

static void worked(struct cpu_context *ctx, void *self)
{
    struct waker *waker = self;
    waker->begun = sim_now(bench.sim);
    wake_next(ctx, waker);
}

static void work_first(struct cpu_context *ctx, void *self)
{
    struct waker *waker = self;
    cpu_add(ctx, CPU_APP, SHARE_BATCH, waker->before);
    cpu_run(ctx, worked, waker);
}

static void waker_init(struct waker *waker, struct cpu *cpu, struct sleeper *sleeper, int64_t before)
{
    *waker = (struct waker){.sleepers = {sleeper}, .count = 1, .before = before};
    cpu_context_init(&waker->ctx, cpu, "waker", CPU_TASK, work_first, waker);
    cpu_wake(&waker->ctx);
}

static struct waker waker;
static struct bench_work readers[2];
static struct sleeper sleepers[2];

static void reader_init(unsigned index, struct kernel_cpu *cpu, int64_t cycles)
{
    bench_work_init(&readers[index], cpu->cpu, cycles);
    sleeper_init(&sleepers[index], &readers[index].ctx, cpu);
}

/* ---- another vCPU ---- */

/* The whole way: the write traps, the halted target's thread is woken, its guest takes the interrupt, the thread runs. */
Test(guest_wake, an_idle_vcpu_is_sent_an_interrupt)
{
    create(true);
    reader_init(0, &cpus[1], 1000);
    waker_init(&waker, cpus[0].cpu, &sleepers[0], 50000);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    int64_t told = 50000 + WAKEUP + EXIT_HALF + 350 + PI_UPDATE + WAKEUP;
    cr_expect_eq(waker.done, (told + ENTRY_HALF) * CYCLE);
    cr_expect_eq(readers[0].started, (told + ENTRY_HALF + 100 + 30 + 50) * CYCLE);
    cr_expect_eq(exits(0, EXIT_MSR_WRITE), 1);
    cr_expect_eq(vcpu_counters(vcpu(0))->sites[EXIT_SITE_FAST], 1);
    cr_expect_eq(vcpu_counters(vcpu(0))->ipis, 1);
    cr_expect_eq(exits(1, EXIT_HLT), 2);
    cr_expect_eq(lapic_handled(vcpu_lapic(vcpu(1))), 1);
    cr_expect_eq(cpu_ledger(bench.core)->cycles[ACCOUNT_HOST + CPU_INJECT], PI_UPDATE + WAKEUP);
    destroy();
}

Test(guest_wake, without_apicv_the_target_s_eoi_traps_too)
{
    create(false);
    reader_init(0, &cpus[1], 1000);
    waker_init(&waker, cpus[0].cpu, &sleepers[0], 50000);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    int64_t told = 50000 + WAKEUP + EXIT_HALF + 350 + WAKEUP;
    cr_expect_eq(waker.done, (told + ENTRY_HALF) * CYCLE);
    cr_expect_eq(readers[0].started, (told + 150 + ENTRY_HALF + 100 + 1301 + 800 + 50) * CYCLE);
    cr_expect_eq(exits(1, EXIT_MSR_WRITE), 1);
    destroy();
}

/* A vCPU with a thread to run needs no interrupt: it finds the other one when that blocks. */
Test(guest_wake, a_busy_vcpu_is_not)
{
    create(true);
    reader_init(0, &cpus[1], 1000);
    bench_work_init(&readers[1], cpus[1].cpu, 90000);
    cpu_wake(&readers[1].ctx);
    waker_init(&waker, cpus[0].cpu, &sleepers[0], 50000);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(waker.done, (50000 + WAKEUP) * CYCLE);
    cr_expect_eq(exits(0, EXIT_MSR_WRITE), 0);
    cr_expect_eq(readers[0].started, 90000 * CYCLE);
    cr_expect_eq(lapic_handled(vcpu_lapic(vcpu(1))), 0);
    destroy();
}

Test(guest_wake, its_own_vcpu_is_not)
{
    create(true);
    reader_init(0, &cpus[0], 1000);
    waker_init(&waker, cpus[0].cpu, &sleepers[0], 50000);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(exits(0, EXIT_MSR_WRITE), 0);
    cr_expect_eq(readers[0].started, (50000 + WAKEUP) * CYCLE);
    destroy();
}

/* In its idle loop, but in guest mode for an interrupt: the idle task has the cpu, and the vector is posted. */
static void handled(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void handle_long(struct cpu_context *ctx, void *self)
{
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, 20000);
    cpu_run(ctx, handled, self);
}

static unsigned long_vector;

static void raise_long(void *self)
{
    (void)self;
    vcpu_interrupt(vcpu(1), long_vector);
}

Test(guest_wake, one_that_only_handles_an_interrupt_is)
{
    struct bench_call call;
    create(true);
    reader_init(0, &cpus[1], 1000);
    long_vector = lapic_allocate(vcpu_lapic(vcpu(1)), handle_long, NULL, false);
    bench_at(&bench, &call, 40000 * CYCLE, raise_long, NULL);
    waker_init(&waker, cpus[0].cpu, &sleepers[0], 50000);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(vcpu_counters(vcpu(0))->ipis, 1);
    cr_expect_eq(vcpu_counters(vcpu(1))->posted, 1);
    cr_expect_eq(cpu_ledger(bench.core)->cycles[ACCOUNT_HOST + CPU_INJECT], PI_UPDATE + IPI);
    cr_expect_eq(readers[0].started, (40000 + ENTRY_HALF + 100 + 20000 + 30 + 50 + 100 + 30 + 50) * CYCLE);
    destroy();
}

/* ---- sequence: two threads, one interrupt ---- */

/* The second finds the list not empty, from a third vCPU's point of view as from the first's: here both wakings are over
 * before the interrupt is taken, as its target handles a long one. */
Test(guest_wake, an_interrupt_on_its_way_serves_whoever_is_woken_meanwhile)
{
    struct bench_call call;
    create(true);
    reader_init(0, &cpus[1], 1000);
    reader_init(1, &cpus[1], 1000);
    long_vector = lapic_allocate(vcpu_lapic(vcpu(1)), handle_long, NULL, false);
    bench_at(&bench, &call, 40000 * CYCLE, raise_long, NULL);
    waker_init(&waker, cpus[0].cpu, &sleepers[0], 50000);
    waker.sleepers[1] = &sleepers[1];
    waker.count = 2;
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(vcpu_counters(vcpu(0))->ipis, 1);
    cr_expect_eq(exits(0, EXIT_MSR_WRITE), 1);
    cr_expect_eq(waker.done, waker.begun + (WAKEUP + IPI_WRITE + PI_UPDATE + IPI + WAKEUP) * CYCLE);
    cr_expect_eq(readers[1].started, readers[0].done, "in their order");
    destroy();
}

/* ---- when it is asked for ---- */

/* A thread of vCPU 0 that blocks at `blocks`, and one of the host's own that wakes it at 50000 cycles. */
static int64_t waking_cycles(int64_t blocks)
{
    struct sleeper sleeper;
    struct bench_work thread;
    bench_create(&bench, true);
    bench_work_init(&thread, bench.core, blocks);
    cpu_wake(&thread.ctx);
    sleeper_init(&sleeper, &thread.ctx, NULL);
    struct cpu_core_config config = {.hz = 1000000000};
    other_core = cpu_core_create(bench.sim, "core1", &config);
    waker_init(&waker, other_core, &sleeper, 50000);
    sim_run(bench.sim, SIM_MS);
    int64_t cycles = cpu_ledger(other_core)->cycles[ACCOUNT_HOST + CPU_SCHED];
    cr_expect_eq(thread.rounds, cycles > 0 ? 2 : 1, "woken once, or it sees for itself");
    cr_expect_eq(lapic_raised(bench.core_lapic), 0, "its idle core polls: no interrupt");
    bench_destroy(&bench);
    cpu_destroy(other_core);
    return cycles;
}

/* Not what the thread does when the waker's work begins, but what it does when the waker gets to it. */
Test(guest_wake, a_thread_that_blocks_just_before_costs_its_waking)
{
    cr_expect_eq(waking_cycles(49999), WAKEUP);
}

Test(guest_wake, a_thread_that_blocks_just_after_costs_nothing)
{
    cr_expect_eq(waking_cycles(50001), 0);
}

/* Two that wake one thread at the same time: the second leaves it to the first. */
Test(guest_wake, one_of_two_wakers_pays)
{
    static struct waker second;
    create(true);
    reader_init(0, &cpus[1], 1000);
    waker_init(&waker, bench.core, &sleepers[0], 50000);
    waker_init(&second, other_core, &sleepers[0], 50100);
    sleepers[0].cpu = NULL;
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(waker.done, (50000 + WAKEUP) * CYCLE);
    cr_expect_eq(second.done, 50100 * CYCLE);
    destroy();
}
