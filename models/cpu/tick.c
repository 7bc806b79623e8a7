#include "models/cpu/tick.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/assert.h"

enum { EVENT_EXPIRY, NAME_SIZE = 128 };

struct tick {
    struct cpu *cpu;
    struct lapic *lapic;
    unsigned vector;
    struct tick_config config;
    struct tick_ops ops;
    void *ops_self;
    struct sim_event event;
    bool stopped;               /* the cpu is in its idle loop; an expiry still pending means nothing */
    struct cpu_context handler; /* without a lapic */
    struct cpu_context idle;    /* programs the timer on entering and leaving the idle loop */
    uint64_t expired;
    uint64_t handled;
    uint64_t armed;
    char name[NAME_SIZE];
};

int64_t tick_jiffies(const struct tick_config *config, sim_time now)
{
    if (config->phase == 0)
        return now / config->period;
    return now < config->phase ? 0 : (now - config->phase) / config->period + 1;
}

sim_time tick_next(const struct tick_config *config, sim_time now)
{
    sim_time first = config->phase == 0 ? config->period : config->phase;
    return first + tick_jiffies(config, now) * config->period;
}

/* ---- programming the timer ---- */

static sim_time program(struct tick *tick)
{
    struct sim *sim = cpu_sim(tick->cpu);
    sim_time when = tick_next(&tick->config, sim_now(sim));
    if (!sim_event_pending(&tick->event) || tick->event.when != when)
        sim_reschedule(sim, &tick->event, when);
    return when;
}

static void arm(struct tick *tick, struct cpu_context *ctx, sim_time when)
{
    tick->armed++;
    tick->ops.arm(tick, ctx, when, tick->ops_self);
}

/* ---- the tick itself ---- */

static void ticked(struct cpu_context *ctx, void *self)
{
    struct tick *tick = self;
    tick->handled++;
    if (tick->stopped) {
        cpu_return(ctx);
        return;
    }
    sim_time when = program(tick);
    if (tick->ops.arm)
        arm(tick, ctx, when);
    else
        cpu_return(ctx);
}

static void handle(struct cpu_context *ctx, void *self)
{
    struct tick *tick = self;
    cpu_add(ctx, CPU_TICK, SHARE_BACKGROUND, tick->config.cycles);
    cpu_run(ctx, ticked, tick);
}

static void handle_native(struct cpu_context *ctx, void *self);

static void block_native(struct cpu_context *ctx, void *self)
{
    cpu_block(ctx, handle_native, self);
}

static void handle_native(struct cpu_context *ctx, void *self)
{
    cpu_push(ctx, block_native, self);
    handle(ctx, self);
}

void tick_raise(struct tick *tick)
{
    if (tick->lapic)
        lapic_raise(tick->lapic, tick->vector);
    else
        cpu_wake(&tick->handler);
}

static void expire(struct sim *sim, struct sim_event *event)
{
    struct tick *tick = SIM_CONTAINER_OF(event, struct tick, event);
    (void)sim;
    if (tick->stopped)
        return;
    tick->expired++;
    if (tick->ops.expire)
        tick->ops.expire(tick, tick->ops_self);
    else
        tick_raise(tick);
}

/* ---- the idle loop ---- */

static void arm_for_idle(struct cpu_context *ctx, void *self);

static void block_idle(struct cpu_context *ctx, void *self)
{
    cpu_block(ctx, arm_for_idle, self);
}

static void arm_for_idle(struct cpu_context *ctx, void *self)
{
    struct tick *tick = self;
    cpu_push(ctx, block_idle, tick);
    arm(tick, ctx, tick->stopped ? SIM_TIME_MAX : tick->event.when);
}

/* A stopped timer's event is left where it is: most idle periods end before it. */
static void idle_changed(struct cpu *cpu, bool idle, void *self)
{
    struct tick *tick = self;
    (void)cpu;
    tick->stopped = idle;
    if (!idle)
        program(tick);
    if (tick->ops.arm)
        cpu_wake(&tick->idle);
}

struct tick *tick_create(struct cpu *cpu, struct lapic *lapic, const struct tick_config *config,
                         const struct tick_ops *ops, void *self)
{
    SIM_ASSERT(config->period > 0 && config->phase >= 0 && config->phase < config->period);
    struct tick *tick = calloc(1, sizeof(*tick));
    SIM_ASSERT(tick != NULL);
    tick->cpu = cpu;
    tick->lapic = lapic;
    tick->config = *config;
    tick->ops_self = self;
    if (ops)
        tick->ops = *ops;
    snprintf(tick->name, sizeof(tick->name), "%s.tick", cpu_name(cpu));
    sim_event_init(&tick->event, expire, sim_component(cpu_sim(cpu), tick->name), EVENT_EXPIRY);
    cpu_context_init(&tick->handler, cpu, tick->name, CPU_HARDIRQ, handle_native, tick);
    cpu_context_init(&tick->idle, cpu, tick->name, CPU_HARDIRQ, arm_for_idle, tick);
    if (lapic)
        tick->vector = lapic_allocate(lapic, handle, tick, false);
    if (config->mode == TICK_IDLE) {
        tick->stopped = cpu_in_idle_loop(cpu);
        cpu_set_idle_hook(cpu, idle_changed, tick);
    }
    if (config->mode != TICK_OFF && !tick->stopped)
        program(tick);
    return tick;
}

void tick_destroy(struct tick *tick)
{
    if (!tick)
        return;
    sim_cancel(cpu_sim(tick->cpu), &tick->event);
    free(tick);
}

sim_time tick_deadline(const struct tick *tick)
{
    bool runs = !tick->stopped && sim_event_pending(&tick->event);
    return runs ? tick->event.when : SIM_TIME_MAX;
}

uint64_t tick_expired(const struct tick *tick)
{
    return tick->expired;
}

uint64_t tick_handled(const struct tick *tick)
{
    return tick->handled;
}

uint64_t tick_armed(const struct tick *tick)
{
    return tick->armed;
}
