/*
 * One core of a host's kernel with unit costs that tell themselves apart, packets that go nowhere, and threads that
 * work: what NAPI, applications and the tap are tested on without a NIC. The clock is 1 GHz: a cycle is 1000 ps.
 */
#ifndef TESTS_UNIT_MODELS_KERNEL_BENCH_H
#define TESTS_UNIT_MODELS_KERNEL_BENCH_H

#include <criterion/criterion.h>

#include "models/guest/kernel.h"
#include "models/traffic/path.h"
#include "sim/pool.h"
#include "tests/unit/models/system_bench.h"

struct kernel_bench {
    struct sim *sim;
    struct costs costs;
    struct memory *memory;
    struct address_space *space;
    struct sim_pool *packets;
    struct cpu *core;
    struct lapic *lapic;
    struct kernel kernel;
    struct kernel_cpu *cpu;
    struct path path;
    struct sim_event events[64]; /* for kernel_bench_at() */
    unsigned event_count;
};

static inline void kernel_bench_create(struct kernel_bench *bench, sim_time slice)
{
    struct sim_config sim = {.seed = 1};
    struct memory_config memory = {.nodes = 1, .node_size = 64 << 20};
    *bench = (struct kernel_bench){.sim = sim_create(&sim), .costs = system_bench_costs};
    const struct costs *costs = &bench->costs;
    struct cpu_core_config core = {.hz = 1000000000, .switch_cycles = costs->context_switch, .slice = slice};
    struct lapic_costs lapic = {.entry = costs->irq_entry, .exit = costs->irq_exit, .eoi = costs->eoi};
    bench->memory = memory_create(bench->sim, &memory);
    bench->space = address_space_create(bench->memory, true);
    bench->packets = sim_pool_create(sizeof(struct packet), 64);
    bench->core = cpu_core_create(bench->sim, "core0", &core);
    bench->lapic = lapic_create(bench->core, &lapic, NULL, NULL);
    kernel_init(&bench->kernel, bench->sim, "host0", costs, bench->space, bench->memory, false);
    bench->cpu = &bench->kernel.cpus[kernel_add_cpu(&bench->kernel, bench->core, bench->lapic)];
    path_init(&bench->path, bench->sim, "path", bench->packets);
}

/* Every test ends with it: packets and time are conserved. */
static inline void kernel_bench_destroy(struct kernel_bench *bench)
{
    cr_expect(path_check(&bench->path));
    cr_expect_eq(path_in_flight(&bench->path) + bench->path.fragments,
                 (int64_t)sim_pool_live(bench->packets));
    cr_expect(!cpu_check(bench->core, sim_now(bench->sim)));
    path_destroy(&bench->path);
    kernel_destroy(&bench->kernel);
    lapic_destroy(bench->lapic);
    cpu_destroy(bench->core);
    sim_pool_destroy(bench->packets);
    address_space_destroy(bench->space);
    memory_destroy(bench->memory);
    sim_destroy(bench->sim);
}

/* Calls `fire` at `when` [ps]; it finds the bench by kernel_bench_of(). */
static inline void kernel_bench_at(struct kernel_bench *bench, sim_time when, sim_event_fn *fire)
{
    static uint16_t component;
    struct sim_event *event = &bench->events[bench->event_count];
    cr_assert_lt(bench->event_count, 64);
    if (bench->event_count == 0)
        component = sim_component(bench->sim, "bench");
    sim_event_init(event, fire, component, (uint8_t)bench->event_count++);
    sim_schedule(bench->sim, event, when);
}

/* Cycles charged to a category of the host's. */
static inline int64_t kernel_bench_cycles(struct kernel_bench *bench, enum cpu_category category)
{
    return cpu_ledger(bench->core)->cycles[ACCOUNT_HOST + category];
}

/* ---- a thread that works ---- */

struct bench_thread {
    struct cpu_context ctx;
    int64_t cycles; /* of one segment */
    unsigned left;  /* segments to run */
    sim_time done;  /* [ps] when the last one ended */
};

static inline void bench_thread_step(struct cpu_context *ctx, void *self)
{
    struct bench_thread *thread = self;
    if (thread->left == 0) {
        thread->done = sim_now(cpu_sim(ctx->cpu));
        cpu_block(ctx, bench_thread_step, thread);
        return;
    }
    thread->left--;
    cpu_add(ctx, CPU_APP, SHARE_BACKGROUND, thread->cycles);
    cpu_run(ctx, bench_thread_step, thread);
}

static inline void bench_thread_init(struct bench_thread *thread, struct kernel_bench *bench, int64_t cycles,
                                     unsigned segments)
{
    thread->cycles = cycles;
    thread->left = segments;
    thread->done = -1;
    cpu_context_init(&thread->ctx, bench->core, "work", CPU_TASK, bench_thread_step, thread);
}

#endif
