/* The guest's timer: what ends a thread's sleep in guest mode, in root mode and while halted, and the writes that arm it. */
#include "sim/random.h"
#include "tests/unit/models/vm_bench.h"

static void host_handler(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void raise_on_host(void *self)
{
    struct vm_bench *bench = self;
    lapic_raise(bench->core_lapic, lapic_allocate(bench->core_lapic, host_handler, NULL, false));
}

static void tick_create_bench(struct vm_bench *bench, enum tick_mode mode)
{
    bench_prepare(bench, 1000000000, 0, 0);
    bench->config.guest_tick = mode;
    bench->config.guest_hz = 250;
    bench_finish(bench);
}

struct nap {
    struct bench_work work;
    struct kernel_timer timer;
};

static void sleep_is_over(void *self)
{
    struct nap *nap = self;
    kernel_timer_expire(&nap->timer);
}

static void nap_init(struct vm_bench *bench, struct nap *nap)
{
    bench_work_init(&nap->work, bench->cpu, 100);
    kernel_timer_init(&nap->timer, &vm_kernel(bench->vm)->cpus[0], &nap->work.ctx);
}

Test(guest_timer, in_guest_mode_it_is_a_preemption_timer_exit)
{
    struct vm_bench bench;
    struct bench_work busy;
    struct nap nap;
    struct bench_call call;
    bench_create(&bench, true);
    nap_init(&bench, &nap);
    bench_work_init(&busy, bench.cpu, 10000);
    cpu_wake(&busy.ctx);
    vm_start(bench.vm);
    bench_at(&bench, &call, 5000 * CYCLE, sleep_is_over, &nap);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 1);
    cr_assert_eq(busy.done, (10000 + 1301 + 100 + 200 + 30 + 50) * CYCLE); /* its handler wakes the thread */
    cr_assert_eq(nap.work.started, busy.done);
    bench_destroy(&bench);
}

Test(guest_timer, in_root_mode_the_entry_exits_again_at_once)
{
    struct vm_bench bench;
    struct bench_work busy;
    struct nap nap;
    struct bench_call calls[2];
    bench_create(&bench, true);
    nap_init(&bench, &nap);
    bench_work_init(&busy, bench.cpu, 10000);
    cpu_wake(&busy.ctx);
    vm_start(bench.vm);
    bench_at(&bench, &calls[0], 5000 * CYCLE, raise_on_host, &bench);
    bench_at(&bench, &calls[1], 5200 * CYCLE, sleep_is_over, &nap);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_EXTERNAL_INTERRUPT), 1);
    cr_assert_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 1);
    cr_assert_eq(busy.done, (10000 + 1301 + HOST_IRQ + 1301 + 100 + 200 + 30 + 50) * CYCLE);
    bench_destroy(&bench);
}

Test(guest_timer, while_halted_it_is_a_timer_interrupt_of_the_host)
{
    struct vm_bench bench;
    struct nap nap;
    struct bench_call call;
    bench_create(&bench, true);
    nap_init(&bench, &nap);
    vm_start(bench.vm);
    bench_at(&bench, &call, 5000 * CYCLE, sleep_is_over, &nap);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 0);
    int64_t host = HOST_IRQ + 60 + 200;
    cr_assert_eq(nap.work.started, (5000 + host + ENTRY_HALF + 100 + 200 + 30 + 50) * CYCLE);
    bench_destroy(&bench);
}

Test(guest_timer, on_its_way_to_sleep_it_is_not_lost)
{
    for (int64_t at = 1; at <= EXIT_HALF + 800 + 90 + 1; at += 15) {
        struct vm_bench bench;
        struct nap nap;
        struct bench_call call;
        bench_create(&bench, at % 2);
        nap_init(&bench, &nap);
        vm_start(bench.vm);
        bench_at(&bench, &call, at * CYCLE, sleep_is_over, &nap);
        sim_run(bench.sim, SIM_MS);
        cr_assert_eq(nap.work.rounds, 1);
        bench_destroy(&bench);
    }
}

/* ---- the guest arms its timer ---- */

/* A guest thread that sleeps until given times, one after the other: works, arms, sleeps. */
struct napper {
    struct cpu_context ctx;
    struct kernel_timer timer;
    struct bench_call call;
    sim_time until[4];
    int naps, next;
    sim_time woken[4];
};

static void nap_over(void *self)
{
    struct napper *napper = self;
    kernel_timer_expire(&napper->timer);
}

static void nap_ended(struct cpu_context *ctx, void *self);

static void nap_armed(struct cpu_context *ctx, void *self)
{
    cpu_block(ctx, nap_ended, self);
}

static void nap_next(struct cpu_context *ctx, void *self)
{
    struct napper *napper = self;
    if (napper->next == napper->naps) {
        cpu_block(ctx, nap_next, napper);
        return;
    }
    cpu_push(ctx, nap_armed, napper);
    kernel_timer_arm(&napper->timer, ctx, napper->until[napper->next]);
}

static void nap_ended(struct cpu_context *ctx, void *self)
{
    struct napper *napper = self;
    napper->woken[napper->next++] = sim_now(cpu_sim(ctx->cpu));
    nap_next(ctx, napper);
}

static void napper_init(struct vm_bench *bench, struct napper *napper, sim_time until)
{
    *napper = (struct napper){.until = {until}, .naps = 1};
    cpu_context_init(&napper->ctx, bench->cpu, "napper", CPU_TASK, nap_next, napper);
    kernel_timer_init(&napper->timer, &vm_kernel(bench->vm)->cpus[0], &napper->ctx);
    bench_at(bench, &napper->call, until, nap_over, napper);
    cpu_wake(&napper->ctx);
}

enum { TIMER_WRITE = 1301 + 350 };

Test(guest_timer, a_sleep_is_a_write_and_its_end_another)
{
    struct vm_bench bench;
    struct napper napper;
    bench_create(&bench, true);
    napper_init(&bench, &napper, 50000 * CYCLE);
    vm_start(bench.vm);
    sim_run(bench.sim, 49000 * CYCLE);
    cr_expect_eq(bench_exits(&bench, EXIT_MSR_WRITE), 1);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench_exits(&bench, EXIT_MSR_WRITE), 2);
    cr_expect_eq(vcpu_counters(bench.vcpu)->sites[EXIT_SITE_FAST], 2);
    cr_expect_eq(cpu_ledger(bench.core)->cycles[ACCOUNT_EXIT + EXIT_MSR_WRITE], 2 * TIMER_WRITE);
    int64_t host = HOST_IRQ + 60 + 200, handler = 100 + 200 + TIMER_WRITE + 30 + 50;
    cr_expect_eq(napper.woken[0], (50000 + host + ENTRY_HALF + handler) * CYCLE);
    bench_destroy(&bench);
}

Test(guest_timer, a_sleep_in_guest_mode_ends_by_a_preemption_timer_exit_and_a_write)
{
    struct vm_bench bench;
    struct bench_work busy;
    struct napper napper;
    bench_create(&bench, true);
    napper_init(&bench, &napper, 50000 * CYCLE);
    bench_work_init(&busy, bench.cpu, 100000);
    cpu_wake(&busy.ctx);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 1);
    cr_expect_eq(bench_exits(&bench, EXIT_MSR_WRITE), 2);
    cr_expect_eq(busy.done, (TIMER_WRITE + 100000 + 1301 + 100 + 200 + TIMER_WRITE + 30 + 50) * CYCLE);
    bench_destroy(&bench);
}

/* Writes of two threads that go to sleep until two times. */
static int64_t writes_of(sim_time first, sim_time second)
{
    struct vm_bench bench;
    struct napper nappers[2];
    bench_create(&bench, true);
    napper_init(&bench, &nappers[0], first);
    napper_init(&bench, &nappers[1], second);
    vm_start(bench.vm);
    sim_run(bench.sim, 20 * SIM_US);
    int64_t writes = bench_exits(&bench, EXIT_MSR_WRITE);
    sim_run(bench.sim, 200 * SIM_US);
    bench_destroy(&bench);
    return writes;
}

/* Only what is to end first is in the register. */
Test(guest_timer, a_later_sleep_is_not_written)
{
    cr_expect_eq(writes_of(50 * SIM_US, 60 * SIM_US), 1);
    cr_expect_eq(writes_of(60 * SIM_US, 50 * SIM_US), 2);
    cr_expect_eq(writes_of(50 * SIM_US, 50 * SIM_US), 1, "equal times");
    cr_expect_eq(writes_of(50 * SIM_US, 50 * SIM_US - 1), 2, "a picosecond earlier");
}

/* A tick that comes before is there already. */
static int64_t writes_before(sim_time tick_ahead)
{
    struct vm_bench bench;
    struct napper napper;
    tick_create_bench(&bench, TICK_ALWAYS);
    struct random_stream stream = random_stream_make(1, 0, "vm0", "tick phase");
    sim_time tick = (sim_time)random_below(&stream, (uint64_t)(SIM_SECOND / 250));
    napper_init(&bench, &napper, tick + tick_ahead);
    vm_start(bench.vm);
    sim_run(bench.sim, tick / 2);
    int64_t writes = bench_exits(&bench, EXIT_MSR_WRITE);
    bench_destroy(&bench);
    return writes;
}

Test(guest_timer, a_sleep_beyond_the_tick_is_not_written)
{
    cr_expect_eq(writes_before(1), 0);
    cr_expect_eq(writes_before(0), 0);
    cr_expect_eq(writes_before(-1), 1);
}

/* The tick stops with the sleep's time in the register, and starts anew: two writes for a sleep longer than a period, and
 * one by the sleep's handler. */
Test(guest_timer, with_a_tick_that_stops_a_long_sleep_is_three_writes)
{
    struct vm_bench bench;
    struct napper napper;
    tick_create_bench(&bench, TICK_IDLE);
    napper_init(&bench, &napper, 50 * SIM_MS);
    vm_start(bench.vm);
    sim_run(bench.sim, 40 * SIM_MS);
    int64_t writes = bench_exits(&bench, EXIT_MSR_WRITE);
    cr_expect_eq(writes, 2, "the tick starts, and stops");
    sim_run(bench.sim, 49 * SIM_MS);
    cr_expect_eq(bench_exits(&bench, EXIT_MSR_WRITE), writes);
    sim_run(bench.sim, 50 * SIM_MS + 100 * SIM_US);
    cr_expect_eq(bench_exits(&bench, EXIT_MSR_WRITE), writes + 3, "the handler; the tick starts, and stops");
    bench_destroy(&bench);
}

static struct napper cancelled;

static void cancel(struct cpu_context *ctx, void *self)
{
    cpu_push(ctx, nap_armed, self);
    kernel_timer_cancel(&cancelled.timer, ctx);
}

/* Cancelling what ends first is a write, cancelling what does not is none. */
Test(guest_timer, cancelling_the_first_is_a_write)
{
    for (int first = 0; first < 2; first++) {
        struct vm_bench bench;
        struct napper other;
        struct cpu_context canceller;
        bench_create(&bench, true);
        napper_init(&bench, &cancelled, first ? 90 * SIM_US : 95 * SIM_US);
        napper_init(&bench, &other, first ? 95 * SIM_US : 90 * SIM_US);
        cpu_context_init(&canceller, bench.cpu, "canceller", CPU_TASK, cancel, &other);
        vm_start(bench.vm);
        sim_run(bench.sim, 40 * SIM_US);
        int64_t writes = bench_exits(&bench, EXIT_MSR_WRITE);
        cpu_wake(&canceller);
        sim_run(bench.sim, 80 * SIM_US);
        cr_expect_eq(bench_exits(&bench, EXIT_MSR_WRITE), writes + first);
        sim_cancel(bench.sim, &cancelled.call.event);
        sim_cancel(bench.sim, &other.call.event);
        bench_destroy(&bench);
    }
}
