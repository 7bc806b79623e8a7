#include <stdlib.h>

#include "models/cpu/cpu_private.h"

enum { EVENT_SEGMENT };

struct core *core_of(struct cpu *cpu)
{
    SIM_ASSERT(!cpu->is_virtual);
    return (struct core *)cpu;
}

/* Counts cycles from a later anchor that is exactly as many picoseconds on: boundaries stay where they
 * are. */
static void rebase(struct core *core)
{
    int64_t periods = core->done / core->clock.den;
    core->anchor += periods * core->clock.num;
    core->done -= periods * core->clock.den;
}

sim_time core_under_way(const struct core *core)
{
    bool runs = core->running || core->mode == CORE_STALLED;
    sim_time elapsed = sim_now(core->cpu.sim) - core->settled;
    return runs && elapsed > 0 ? elapsed : 0;
}

static void start_segment(struct core *core, struct cpu_context *leaf)
{
    if (core->done > core->clock.safe / 2)
        rebase(core);
    leaf->started = true;
    core->running = leaf;
    core->target = core->done + leaf->left;
    sim_schedule(core->cpu.sim, &core->event, core->anchor + core_clock_time(&core->clock, core->target));
}

/* The segment is over: its effect becomes visible in the continuation. */
static void finish_segment(struct core *core, struct cpu_context *leaf)
{
    while (leaf->part_done < leaf->part_count) { /* a segment of dropped parts was never started */
        SIM_ASSERT(leaf->parts[leaf->part_done].cycles == 0);
        leaf->part_end[leaf->part_done++] = core->settled;
    }
    context_take_segment(leaf);
    leaf->next.fn(leaf, leaf->next.self);
    SIM_ASSERT(!leaf->undecided);
}

/* A hook guards a thread that carries a vCPU in guest mode only, any other context at CPU_TASK always. */
static bool hook_applies(const struct cpu_context *ctx)
{
    return ctx->preempt_hook && ctx->level == CPU_TASK && (!ctx->vcpu || ctx->supplied);
}

static struct cpu_context *pick_context(struct core *core)
{
    struct cpu_context *ctx = core->cpu.current;
    SIM_ASSERT(!ctx || !ctx->undecided);
    if (ctx && !core->cpu.ready) /* the common case: nothing else wants the core */
        return ctx;
    if (cpu_must_give_way(&core->cpu) && hook_applies(ctx)) {
        ctx->preempt_hook(ctx, ctx->preempt_self);
        SIM_ASSERT(!ctx->undecided);
    }
    return cpu_pick(&core->cpu);
}

/* Takes the next step at the boundary that has been reached; false when there is nothing more to do now. */
static bool step(struct core *core)
{
    if (core->mode == CORE_STALLED)
        return false;
    struct cpu_context *ctx = pick_context(core);
    if (!ctx) {
        if (cpu_enter_idle_loop(&core->cpu))
            return true;
        core->mode = CORE_IDLE;
        return false;
    }
    struct cpu_context *leaf = ctx->supplied && !context_has_work(ctx) ? vcpu_leaf(ctx) : ctx;
    if (!leaf)
        return true;
    if (context_has_work(leaf)) {
        start_segment(core, leaf);
        return false;
    }
    finish_segment(core, leaf);
    return true;
}

/* Settles up to the boundary that the event stood for. A segment that ends here has ended, whatever else is
 * ready by now. */
static void reach_boundary(struct core *core)
{
    struct cpu_context *leaf = core->running;
    if (core->mode == CORE_WAKING) {
        core_charge_idle(core, sim_now(core->cpu.sim));
        core->mode = CORE_BUSY;
    } else if (leaf) {
        core_settle(core, core->target);
        core->running = NULL;
        if (!context_has_work(leaf) && !leaf->supplied)
            finish_segment(core, leaf);
    }
}

static void core_fire(struct sim *sim, struct sim_event *event)
{
    struct core *core = SIM_CONTAINER_OF(event, struct core, event);
    core->dispatching = true;
    reach_boundary(core);
    SIM_ASSERT(core->settled == sim_now(sim));
    while (step(core))
        ;
    core->dispatching = false;
}

/* Something more important than what runs has become ready. */
void core_poke(struct core *core)
{
    struct sim *sim = core->cpu.sim;
    if (core->dispatching)
        return;
    if (core->mode == CORE_IDLE) {
        core->mode = CORE_WAKING;
        sim_schedule(sim, &core->event, sim_now(sim) + core->idle_wake);
    } else if (core->mode == CORE_BUSY && core->running) {
        int64_t boundary = core_clock_boundary(&core->clock, sim_now(sim) - core->anchor);
        if (boundary < core->done)
            boundary = core->done;
        if (boundary < core->target) {
            core->target = boundary;
            sim_reschedule(sim, &core->event, core->anchor + core_clock_time(&core->clock, boundary));
        }
    }
}

/* Takes the running segment off the core at the next boundary, where the core then decides anew. */
void core_detach(struct core *core)
{
    SIM_ASSERT(!core->dispatching && core->running);
    core_poke(core);
    core_settle(core, core->target);
    core->running = NULL;
}

void core_stall(struct core *core, uint16_t account)
{
    SIM_ASSERT(core->dispatching && core->mode == CORE_BUSY);
    core->mode = CORE_STALLED;
    core->stall_account = account;
}

void core_end_stall(struct core *core)
{
    SIM_ASSERT(core->mode == CORE_STALLED);
    core_charge_stall(core, sim_now(core->cpu.sim));
    core->mode = CORE_BUSY;
    if (!core->dispatching)
        sim_schedule(core->cpu.sim, &core->event, core->settled);
}

struct cpu *cpu_core_create(struct sim *sim, const char *name, const struct cpu_core_config *config)
{
    SIM_ASSERT(config->idle_wake >= 0);
    struct core *core = calloc(1, sizeof(*core));
    SIM_ASSERT(core != NULL);
    cpu_scheduler_init(&core->cpu, sim, name);
    cpu_set_scheduler(&core->cpu, config->switch_cycles, config->slice);
    core->cpu.core = core;
    core->cpu.accounts = ACCOUNT_HOST;
    core->clock = core_clock_make(config->hz);
    core->idle_wake = config->idle_wake;
    core->node = config->node;
    core->settled = sim_now(sim);
    sim_event_init(&core->event, core_fire, sim_component(sim, name), EVENT_SEGMENT);
    return &core->cpu;
}

void cpu_destroy(struct cpu *cpu)
{
    if (!cpu)
        return;
    if (cpu->is_virtual)
        vcpu_unlink(vcpu_of(cpu));
    else
        sim_cancel(cpu->sim, &core_of(cpu)->event);
    while (!cpu->is_virtual && core_of(cpu)->vcpus)
        vcpu_unlink(core_of(cpu)->vcpus);
    if (!cpu->is_virtual)
        core_free_work(core_of(cpu));
    free(cpu->name);
    free(cpu);
}

int64_t cpu_hz(const struct cpu *cpu)
{
    return cpu->core->clock.hz;
}

int cpu_node(const struct cpu *cpu)
{
    return cpu->core->node;
}

const uint32_t *cpu_mode(const struct cpu *core)
{
    SIM_ASSERT(!core->is_virtual);
    return (const uint32_t *)&core->core->mode;
}
