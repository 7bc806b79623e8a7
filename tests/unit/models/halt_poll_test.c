/* HLT: halt polling as kvm_vcpu_halt() adapts it, sleep and wake-up. */
#include "tests/unit/models/vm_bench.h"

/* From the guest's HLT to the start of the halt, and from its end to the guest. */
enum { HALTING = EXIT_HALF + 800, RESUMING = ENTRY_HALF };

enum { HALTS = 64 };

/* A guest that halts and is woken again and again; each halt, from its start to the wake-up, lasts as given. */
struct fixture {
    struct vm_bench bench;
    struct bench_work work;
    const sim_time *lengths;
    int count, next;
    sim_time halt_start;
    struct sim_event alarm;
};

static void alarm_rings(struct sim *sim, struct sim_event *event)
{
    struct fixture *f = SIM_CONTAINER_OF(event, struct fixture, alarm);
    (void)sim;
    cpu_wake(&f->work.ctx);
}

static void halt_again(struct cpu_context *ctx, void *self)
{
    struct fixture *f = self;
    if (f->next < f->count) {
        f->halt_start = sim_now(f->bench.sim) + HALTING * CYCLE;
        sim_schedule(f->bench.sim, &f->alarm, f->halt_start + f->lengths[f->next++]);
    }
    cpu_block(ctx, halt_again, f);
}

static void fixture_create(struct fixture *f, sim_time halt_poll)
{
    *f = (struct fixture){0};
    bench_prepare(&f->bench, 1000000000, 0, 0);
    f->bench.config.halt_poll = halt_poll;
    f->bench.config.halt_poll_start = 10 * SIM_US;
    bench_finish(&f->bench);
    sim_event_init(&f->alarm, alarm_rings, 0, 0);
    cpu_context_init(&f->work.ctx, f->bench.cpu, "halting", CPU_TASK, halt_again, f);
}

static void fixture_run(struct fixture *f, const sim_time *lengths, int count)
{
    f->lengths = lengths;
    f->count = count;
    f->next = 0;
    cpu_wake(&f->work.ctx);
    if (sim_now(f->bench.sim) == 0)
        vm_start(f->bench.vm);
    sim_run(f->bench.sim, sim_now(f->bench.sim) + SIM_SECOND);
}

static sim_time polled(const struct fixture *f)
{
    return cpu_ledger(f->bench.core)->time[ACCOUNT_HOST + CPU_POLL];
}

/* The lengths' polls add up to `poll` [us]; the last halt never ends and polls `last` [us]. */
static void expect_polls(const sim_time *lengths, int count, sim_time longest, int hits, int misses,
                         sim_time poll)
{
    static struct fixture f;
    fixture_create(&f, longest);
    fixture_run(&f, lengths, count);
    const struct vcpu_counters *counters = vcpu_counters(f.bench.vcpu);
    cr_assert_eq(counters->halts, count + 1);
    cr_assert_eq(counters->halt_polls_hit, hits);
    cr_assert_eq(counters->halt_polls_missed, misses);
    cr_assert_eq(polled(&f), poll);
    cr_assert_eq(bench_exits(&f.bench, EXIT_HLT), count + 1);
    bench_destroy(&f.bench);
}

Test(halt_poll, grows_from_10us_by_2_until_it_hits)
{
    /* polls 0, 10, 20, 40 in vain, then 80: hits after 50; the halt that never ends polls 80. */
    sim_time lengths[8];
    for (int i = 0; i < 8; i++)
        lengths[i] = 50 * SIM_US;
    expect_polls(lengths, 8, 200 * SIM_US, 4, 4, (10 + 20 + 40 + 4 * 50 + 80) * SIM_US);
}

Test(halt_poll, never_exceeds_the_maximum)
{
    /* polls 0, 10, 20 in vain, then 40 cut to 30: hits; so do the next two. */
    sim_time lengths[6];
    for (int i = 0; i < 6; i++)
        lengths[i] = 29 * SIM_US;
    expect_polls(lengths, 6, 30 * SIM_US, 3, 3, (10 + 20 + 3 * 29 + 30) * SIM_US);
}

Test(halt_poll, a_long_halt_shrinks_it_to_nothing)
{
    /* 0 grows to 10, missed and grows to 20; the long one polls 20 and shrinks; then 0, and 10 again. */
    const sim_time lengths[] = {100 * SIM_US, 100 * SIM_US, 300 * SIM_US, 100 * SIM_US};
    expect_polls(lengths, 4, 200 * SIM_US, 0, 3, (10 + 20 + 0 + 10) * SIM_US);
}

Test(halt_poll, a_long_halt_does_not_grow_it)
{
    const sim_time lengths[] = {300 * SIM_US, 300 * SIM_US};
    expect_polls(lengths, 2, 200 * SIM_US, 0, 0, 0);
}

Test(halt_poll, off_is_off)
{
    const sim_time lengths[] = {5 * SIM_US, 5 * SIM_US, 5 * SIM_US};
    expect_polls(lengths, 3, 0, 0, 0, 0);
}

/* One halt grows polling to 10 us; the next lasts `length`. Does it get to sleep? When does the guest go on? */
static void at_the_end_of_polling(sim_time length, bool sleeps, sim_time poll, sim_time resumed)
{
    static struct fixture f;
    const sim_time lengths[] = {20 * SIM_US, length};
    fixture_create(&f, 200 * SIM_US);
    f.lengths = lengths;
    f.count = 2;
    cpu_wake(&f.work.ctx);
    vm_start(f.bench.vm);
    sim_run(f.bench.sim, 100 * SIM_US);
    const struct vcpu_counters *counters = vcpu_counters(f.bench.vcpu);
    cr_assert_eq(counters->halts, 3);
    cr_assert_eq(counters->halt_polls_hit, !sleeps);
    cr_assert_eq(counters->wakeups, 1 + sleeps);
    sim_time start = (HALTING + RESUMING + HALTING) * CYCLE + 20 * SIM_US;
    cr_assert_eq(counters->exit_time[EXIT_HLT] + 0, start + resumed + RESUMING * CYCLE);
    /* The halt at the end polls 10 us, 20 if the poll before was too short. */
    cr_assert_eq(polled(&f), poll);
    bench_destroy(&f.bench);
}

Test(halt_poll, an_interrupt_at_the_last_moment_hits)
{
    at_the_end_of_polling(10 * SIM_US - 1, false, 20 * SIM_US, 10 * SIM_US);
}

Test(halt_poll, what_comes_before_the_thread_sleeps_hits_too)
{
    at_the_end_of_polling((10000 + 90) * CYCLE - 1, false, 30 * SIM_US, (10000 + 90) * CYCLE);
}

Test(halt_poll, what_finds_the_thread_asleep_misses)
{
    at_the_end_of_polling((10000 + 90) * CYCLE + 1, true, 30 * SIM_US, (10000 + 90) * CYCLE + 1);
}

/* ---- who else wants the core ---- */

static void wake(void *self)
{
    cpu_wake(self);
}

/* A vCPU whose next halt polls 80 us; returns when that halt starts. */
static sim_time halt_polling_80us(struct fixture *f)
{
    static const sim_time lengths[] = {50 * SIM_US, 50 * SIM_US, 50 * SIM_US, 50 * SIM_US};
    fixture_create(f, 200 * SIM_US);
    f->lengths = lengths;
    f->count = 4;
    cpu_wake(&f->work.ctx);
    vm_start(f->bench.vm);
    return (4 * (HALTING + RESUMING) + HALTING) * CYCLE + 200 * SIM_US;
}

enum { POLLED_BEFORE = 10 + 20 + 40 };

Test(halt_poll, polling_goes_on_to_its_end_when_nobody_wants_the_core)
{
    static struct fixture f;
    sim_time start = halt_polling_80us(&f);
    sim_run(f.bench.sim, start + 80 * SIM_US + 89 * CYCLE);
    cr_assert_not(vcpu_is_asleep(f.bench.vcpu));
    sim_run(f.bench.sim, start + 80 * SIM_US + 90 * CYCLE);
    cr_assert(vcpu_is_asleep(f.bench.vcpu));
    cr_assert_eq(polled(&f), (POLLED_BEFORE + 80) * SIM_US);
    bench_destroy(&f.bench);
}

/* It has the core when the vCPU's thread has fallen asleep (90 cycles): the vCPU blocks, it does not yield. */
Test(halt_poll, another_thread_gets_the_core_within_10us_and_ends_polling)
{
    static struct fixture f;
    static struct bench_work worker;
    static struct bench_call call;
    sim_time start = halt_polling_80us(&f);
    bench_work_init(&worker, f.bench.core, 5000);
    bench_at(&f.bench, &call, start + 25 * SIM_US, wake, &worker.ctx);
    sim_run(f.bench.sim, start + 79 * SIM_US);
    cr_assert_eq(worker.started, start + 30 * SIM_US + 90 * CYCLE);
    cr_assert_eq(polled(&f), (POLLED_BEFORE + 30) * SIM_US);
    cr_assert(vcpu_is_asleep(f.bench.vcpu));
    bench_destroy(&f.bench);
}

Test(halt_poll, polling_does_not_start_when_another_thread_is_ready)
{
    static struct fixture f;
    static struct bench_work worker;
    static struct bench_call call;
    sim_time start = halt_polling_80us(&f);
    bench_work_init(&worker, f.bench.core, 5000);
    bench_at(&f.bench, &call, start - 100 * CYCLE, wake, &worker.ctx);
    sim_run(f.bench.sim, start + 79 * SIM_US);
    cr_assert_eq(worker.started, start + 90 * CYCLE);
    cr_assert(vcpu_is_asleep(f.bench.vcpu));
    cr_assert_eq(polled(&f), POLLED_BEFORE * SIM_US);
    bench_destroy(&f.bench);
}

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

Test(halt_poll, interrupts_of_the_host_neither_end_nor_lengthen_it)
{
    static struct fixture f;
    static struct bench_call call;
    sim_time start = halt_polling_80us(&f);
    bench_at(&f.bench, &call, start + 75 * SIM_US, raise_on_host, &f.bench);
    sim_run(f.bench.sim, start + 80 * SIM_US + 90 * CYCLE);
    cr_assert(vcpu_is_asleep(f.bench.vcpu));
    cr_assert_eq(polled(&f), (POLLED_BEFORE + 80) * SIM_US - HOST_IRQ * CYCLE);
    bench_destroy(&f.bench);
}

static void handler(struct cpu_context *ctx, void *self)
{
    *(sim_time *)self = sim_now(cpu_sim(ctx->cpu));
    cpu_return(ctx);
}

struct source {
    struct vm_bench *bench;
    unsigned vector;
};

static void post(void *self)
{
    struct source *source = self;
    vcpu_post(source->bench->vcpu, source->vector);
}

static void interrupt(void *self)
{
    struct source *source = self;
    vcpu_interrupt(source->bench->vcpu, source->vector);
}

/* Polling notices an interrupt at once; one from hardware comes with a notification that the host acknowledges. */
static void ended_by(void (*deliver)(void *), int64_t before_the_guest)
{
    static struct fixture f;
    static struct bench_call call;
    sim_time handled = 0;
    sim_time start = halt_polling_80us(&f);
    struct source source = {&f.bench, lapic_allocate(vcpu_lapic(f.bench.vcpu), handler, &handled, false)};
    bench_at(&f.bench, &call, start + 33 * SIM_US, deliver, &source);
    sim_run(f.bench.sim, start + 60 * SIM_US);
    cr_assert_eq(handled, start + 33 * SIM_US + (before_the_guest + RESUMING + 100) * CYCLE);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->halt_polls_hit, 1);
    bench_destroy(&f.bench);
}

Test(halt_poll, an_interrupt_from_software_ends_it_at_once)
{
    ended_by(interrupt, 0);
}

Test(halt_poll, a_posted_interrupt_ends_it_at_once)
{
    ended_by(post, HOST_IRQ);
}
