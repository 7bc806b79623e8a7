/*
 * A test bench for the hypervisor: one core with its lapic, one VM of one vCPU, unit costs that tell themselves
 * apart. The core's clock is 1 GHz unless a test says otherwise: a cycle is 1000 ps and every boundary is exact.
 */
#ifndef TESTS_UNIT_MODELS_VM_BENCH_H
#define TESTS_UNIT_MODELS_VM_BENCH_H

#include <criterion/criterion.h>

#include "models/hypervisor/vm.h"

#define CYCLE SIM_NS

static const struct costs bench_costs = {
    .irq_entry = 100,
    .irq_exit = 50,
    .irq_handler = 70,
    .eoi = 30,
    .wakeup = 200,
    .tick = 500,
    .exit = 1301,
    .exit_kernel = 800,
    .exit_fast = 350,
    .exit_ioeventfd = 300,
    .exit_user = 5003,
    .inject = 150,
    .irqfd = 250,
    .ipi = 120,
    .ipi_latency = 600 * SIM_NS,
    .pi_update = 60,
    .halt_block = 90,
};

/* The halves of bench_costs.exit. */
enum { EXIT_HALF = 651, ENTRY_HALF = 650 };

/* What a host interrupt with an empty handler takes. */
enum { HOST_IRQ = 100 + 30 + 50 };

struct vm_bench {
    struct sim *sim;
    struct costs costs;
    struct hypervisor_config config;
    struct memory *memory;
    struct cpu *core;
    struct lapic *core_lapic;
    struct vm *vm;
    struct vcpu *vcpu;
    struct cpu *cpu; /* the vCPU's */
};

static inline void bench_core(struct vm_bench *bench, int64_t hz, sim_time idle_wake, sim_time slice)
{
    struct cpu_core_config config = {.hz = hz, .idle_wake = idle_wake, .slice = slice};
    struct lapic_costs costs = {.entry = 100, .exit = 50, .eoi = 30};
    bench->core = cpu_core_create(bench->sim, "core0", &config);
    bench->core_lapic = lapic_create(bench->core, &costs, NULL, NULL);
}

static inline struct vm *bench_vm(struct vm_bench *bench, const char *name)
{
    struct vm *vm = vm_create(bench->sim, name, &bench->config, &bench->costs, bench->memory, 0, 4 << 20);
    cr_assert_not_null(vm);
    vm_add_vcpu(vm, bench->core, bench->core_lapic);
    return vm;
}

/* A bench without its VM; the configuration may still be changed. */
static inline void bench_prepare(struct vm_bench *bench, int64_t hz, sim_time idle_wake, sim_time slice)
{
    struct sim_config sim = {.seed = 1};
    struct memory_config memory = {.nodes = 1, .node_size = 64 << 20};
    *bench = (struct vm_bench){
        .sim = sim_create(&sim),
        .costs = bench_costs,
        .config = {.apicv = true, .posted_interrupts = true, .halt_poll_grow = 2, .guest_tick = TICK_OFF},
    };
    bench->memory = memory_create(bench->sim, &memory);
    bench_core(bench, hz, idle_wake, slice);
}

static inline void bench_finish(struct vm_bench *bench)
{
    bench->vm = bench_vm(bench, "vm0");
    bench->vcpu = vm_vcpu(bench->vm, 0);
    bench->cpu = vm_kernel(bench->vm)->cpus[0].cpu;
}

static inline void bench_create(struct vm_bench *bench, bool apicv)
{
    bench_prepare(bench, 1000000000, 0, 0);
    bench->config.apicv = apicv;
    bench_finish(bench);
}

/* Every test ends with it: time and exits are conserved. */
static inline void bench_check(struct vm_bench *bench, const struct vm *vm)
{
    cr_assert(!cpu_check(bench->core, sim_now(bench->sim)));
    const struct vcpu_counters *counters = vcpu_counters(vm_vcpu((struct vm *)vm, 0));
    int64_t exits = 0, sites = 0;
    for (int i = 0; i < EXIT_REASONS; i++)
        exits += counters->exits[i];
    for (int i = 0; i < EXIT_SITES; i++)
        sites += counters->sites[i];
    cr_assert_eq(exits, sites);
}

static inline void bench_destroy(struct vm_bench *bench)
{
    bench_check(bench, bench->vm);
    vm_destroy(bench->vm);
    lapic_destroy(bench->core_lapic);
    cpu_destroy(bench->core);
    memory_destroy(bench->memory);
    sim_destroy(bench->sim);
}

static inline int64_t bench_exits(const struct vm_bench *bench, enum exit_reason reason)
{
    return vcpu_counters(bench->vcpu)->exits[reason];
}

static inline int64_t bench_all_exits(const struct vm_bench *bench)
{
    int64_t exits = 0;
    for (int i = 0; i < EXIT_REASONS; i++)
        exits += vcpu_counters(bench->vcpu)->exits[i];
    return exits;
}

/* A guest thread that computes for `cycles`, once each time it is woken. */
struct bench_work {
    struct cpu_context ctx;
    int64_t cycles;
    sim_time started, done; /* [ps] of the last time */
    int rounds;
};

static inline void bench_work_begin(struct cpu_context *ctx, void *self);

static inline void bench_work_end(struct cpu_context *ctx, void *self)
{
    struct bench_work *work = self;
    work->done = sim_now(cpu_sim(ctx->cpu));
    work->rounds++;
    cpu_block(ctx, bench_work_begin, work);
}

static inline void bench_work_begin(struct cpu_context *ctx, void *self)
{
    struct bench_work *work = self;
    work->started = sim_now(cpu_sim(ctx->cpu));
    cpu_add(ctx, CPU_APP, SHARE_BATCH, work->cycles);
    cpu_run(ctx, bench_work_end, work);
}

static inline void bench_work_init(struct bench_work *work, struct cpu *cpu, int64_t cycles)
{
    *work = (struct bench_work){.cycles = cycles};
    cpu_context_init(&work->ctx, cpu, "work", CPU_TASK, bench_work_begin, work);
}

/* Calls fn(self) at a time. */
struct bench_call {
    struct sim_event event;
    void (*fn)(void *self);
    void *self;
};

static inline void bench_call_fire(struct sim *sim, struct sim_event *event)
{
    struct bench_call *call = SIM_CONTAINER_OF(event, struct bench_call, event);
    (void)sim;
    call->fn(call->self);
}

static inline void bench_at(struct vm_bench *bench, struct bench_call *call, sim_time when,
                            void (*fn)(void *), void *self)
{
    *call = (struct bench_call){.fn = fn, .self = self};
    sim_event_init(&call->event, bench_call_fire, 0, 0);
    sim_schedule(bench->sim, &call->event, when);
}

#endif
