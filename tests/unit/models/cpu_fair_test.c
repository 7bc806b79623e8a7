/* Threads that share a cpu fairly: shares over a long run, wake-ups that preempt, and what does not rotate. */
#include "tests/unit/models/cpu_fixture.h"

TestSuite(cpu_fair, .init = fixture_setup, .fini = fixture_teardown);

#define CYCLE SIM_NS

/* Works in segments of so many cycles, for so many of them. */
struct worker {
    struct cpu_context ctx;
    int64_t segment, left;
    sim_time first, last; /* [ps] when its first segment began and its last ended */
    sim_time busy;        /* [ps] */
    bool held;
};

static void worker_step(struct cpu_context *ctx, void *self);

static void worker_segment_end(struct cpu_context *ctx, void *self)
{
    struct worker *worker = self;
    worker->busy += worker->segment * CYCLE;
    worker->last = sim_now(sim);
    worker_step(ctx, worker);
}

static void worker_step(struct cpu_context *ctx, void *self)
{
    struct worker *worker = self;
    if (worker->left-- == 0) {
        cpu_block(ctx, worker_step, worker);
        return;
    }
    if (worker->first < 0)
        worker->first = sim_now(sim);
    cpu_hold(ctx, worker->held);
    cpu_add(ctx, CPU_APP, SHARE_PACKET, worker->segment);
    cpu_run(ctx, worker_segment_end, worker);
}

static void worker_init(struct worker *worker, struct cpu *cpu, int64_t segment, int64_t count)
{
    *worker = (struct worker){.segment = segment, .left = count, .first = -1};
    cpu_context_init(&worker->ctx, cpu, "worker", CPU_TASK, worker_step, worker);
}

/* A cycle is a nanosecond. */
static struct cpu *fair_core(sim_time slice, unsigned cpus)
{
    struct cpu_core_config config = {.hz = 1000000000, .slice = slice};
    struct cpu *core = cpu_core_create(sim, "core0", &config);
    cpu_set_fair(core, cpus);
    return core;
}

enum { ALWAYS = 1 << 30 };

/* Whatever their segments, and however long it goes on, no thread is a slice and two segments behind another. */
Test(cpu_fair, shares_are_equal_however_long_it_takes)
{
    static const int64_t segments[] = {100, 1700, 33300, 1000000};
    struct worker workers[4];
    struct cpu *core = fair_core(3 * SIM_MS, 8);
    for (int i = 0; i < 4; i++) {
        worker_init(&workers[i], core, segments[i], ALWAYS);
        cpu_wake(&workers[i].ctx);
    }
    for (int round = 1; round <= 5; round++) {
        sim_run(sim, round * 77 * SIM_MS);
        for (int i = 0; i < 4; i++)
            cr_expect_leq(llabs(workers[i].busy - round * 77 * SIM_MS / 4), 3 * SIM_MS + 2 * SIM_MS,
                          "worker %d after %d ms: %ld us", i, 77 * round, (long)(workers[i].busy / SIM_US));
    }
    expect_conserved(core);
    cpu_destroy(core);
}

/* When a thread that wakes up at `wake` beside one that has had the core since 0 begins. */
static sim_time begins(unsigned cpus, sim_time wake, bool held)
{
    struct worker hog, sleeper;
    fixture_teardown();
    fixture_setup();
    struct cpu *core = fair_core(20 * SIM_MS, cpus);
    worker_init(&hog, core, 1000, ALWAYS);
    worker_init(&sleeper, core, 1000, 1);
    hog.held = held;
    cpu_wake(&hog.ctx);
    at(wake, wake_action, &sleeper.ctx);
    sim_run(sim, 40 * SIM_MS);
    cpu_destroy(core);
    return sleeper.first;
}

/* At the granularity the running thread goes on, past it the other is next; kernel/sched/fair.c's scaling. */
Test(cpu_fair, a_wake_up_preempts_past_the_granularity)
{
    static const struct {
        unsigned cpus;
        sim_time granularity;
    } cases[] = {{1, SIM_MS},     {2, 2 * SIM_MS}, {3, 2 * SIM_MS}, {4, 3 * SIM_MS},
                 {7, 3 * SIM_MS}, {8, 4 * SIM_MS}, {64, 4 * SIM_MS}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sim_time granularity = cases[i].granularity;
        cr_expect_eq(begins(cases[i].cpus, granularity, false), 20 * SIM_MS, "%u cpus", cases[i].cpus);
        cr_expect_eq(begins(cases[i].cpus, granularity + 1, false), granularity + SIM_US, "%u cpus",
                     cases[i].cpus);
    }
}

Test(cpu_fair, without_it_who_wakes_up_waits_for_the_slice)
{
    cr_expect_eq(begins(0, 10 * SIM_MS, false), 20 * SIM_MS);
}

Test(cpu_fair, a_held_thread_does_not_rotate)
{
    cr_expect_lt(begins(1, 2 * SIM_MS, true), 0, "it never begins");
}

/* The sleeper was away for 100 ms and is counted 3 ms behind: it has 3 ms, then they take turns. */
Test(cpu_fair, a_long_sleep_counts_for_three_granularities)
{
    struct worker hog, sleeper;
    struct cpu *core = fair_core(SIM_MS, 1);
    worker_init(&hog, core, 1000, ALWAYS);
    worker_init(&sleeper, core, 1000, ALWAYS);
    cpu_wake(&hog.ctx);
    at(100 * SIM_MS, wake_action, &sleeper.ctx);
    sim_run(sim, 103 * SIM_MS);
    cr_expect_eq(sleeper.first, 100 * SIM_MS);
    cr_expect_eq(sleeper.busy, 3 * SIM_MS, "%ld us", (long)(sleeper.busy / SIM_US));
    sim_run(sim, 113 * SIM_MS);
    cr_expect_eq(sleeper.busy, 8 * SIM_MS, "%ld us", (long)(sleeper.busy / SIM_US));
    cpu_destroy(core);
}

/* An interrupt on top of a thread is no occasion for another to take its place. */
Test(cpu_fair, an_interrupted_thread_goes_on)
{
    struct worker hog, other;
    struct job irq;
    struct cpu *core = fair_core(20 * SIM_MS, 1);
    worker_init(&hog, core, 1000, ALWAYS);
    worker_init(&other, core, 1000, 1);
    job_init(&irq, core, 1, CPU_HARDIRQ, 500);
    cpu_wake(&hog.ctx);
    at(900 * SIM_US, wake_action, &other.ctx);
    for (int i = 0; i < 10; i++)
        at((1000 + 100 * i) * SIM_US + SIM_NS, wake_action, &irq.ctx);
    sim_run(sim, 10 * SIM_MS);
    cr_expect_eq(other.first, -1);
    cr_expect_eq(cpu_waited(&other.ctx), 9100 * SIM_US);
    cr_expect_eq(cpu_waited(&hog.ctx), 0);
    expect_conserved(core);
    cpu_destroy(core);
}
