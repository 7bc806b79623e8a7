#include "sim/kernel.h"

#include <stdlib.h>

static struct sim *the_sim;

const struct sim *sim_current(void)
{
    return the_sim;
}

/* ---- events ---- */

void sim_event_init(struct sim_event *event, sim_event_fn *fire, uint16_t component, uint8_t kind)
{
    sim_event_init_priority(event, fire, component, kind, SIM_PRIORITY_DEFAULT);
}

void sim_event_init_priority(struct sim_event *event, sim_event_fn *fire, uint16_t component, uint8_t kind,
                             enum sim_priority priority)
{
    SIM_ASSERT(priority >= SIM_PRIORITY_FIRST && priority <= SIM_PRIORITY_LAST);
    *event =
        (struct sim_event){.fire = fire, .component = component, .kind = kind, .priority = (uint8_t)priority};
}

void sim_schedule(struct sim *sim, struct sim_event *event, sim_time when)
{
    SIM_ASSERT(!sim_event_pending(event));
    SIM_ASSERT(when >= sim->clock.now && when < SIM_TIME_MAX);
    event->when = when;
    sim_queue_push(&sim->queue, event);
}

void sim_cancel(struct sim *sim, struct sim_event *event)
{
    if (sim_event_pending(event))
        sim_queue_cancel(&sim->queue, event);
}

void sim_reschedule(struct sim *sim, struct sim_event *event, sim_time when)
{
    SIM_ASSERT(when >= sim->clock.now && when < SIM_TIME_MAX);
    event->when = when;
    if (sim_event_pending(event))
        sim_queue_move(&sim->queue, event);
    else
        sim_queue_push(&sim->queue, event);
}

/* ---- the drain ---- */

static void arm(struct sim *sim, sim_time when)
{
    sim->armed = when;
    shim_notify(sim->drain, when - shim_time());
}

void sim_arm_for_queue(struct sim *sim)
{
    sim_time next = sim_queue_next(&sim->queue);
    if (next < sim->armed)
        arm(sim, next);
}

static void fire_before_bound(struct sim *sim)
{
    sim_time when;
    while ((when = sim_queue_next(&sim->queue)) < sim->bound) {
        struct sim_event *event = sim_queue_pop(&sim->queue);
        sim->clock.now = when;
        sim->component = event->component;
        sim->event_count++;
        sim->fingerprint = sim_mix(sim->fingerprint, sim_event_word(when, event->component, event->kind));
        event->fire(sim, event);
    }
    sim->component = 0;
}

/* How far this activation may go: SystemC goes first at equal times, and events at `end` still fire. */
static sim_time drain_bound(const struct sim *sim, sim_time here)
{
    sim_time bound = sim->end + 1;
    if (sim->config.mode == SIM_LOCKSTEP && here + 1 < bound)
        bound = here + 1;
    sim_time activity = shim_next_activity();
    return activity < bound ? activity : bound;
}

static void drain(void *context)
{
    struct sim *sim = context;
    if (sim->closing || sim->stopped)
        return;
    sim_time here = shim_time();
    sim->armed = SIM_TIME_MAX;
    sim->bound = drain_bound(sim, here);
    fire_before_bound(sim);
    if (sim->stopped)
        return;
    sim_time next = sim_queue_next(&sim->queue);
    if (here == sim->end && sim->bound > sim->end && next > sim->end)
        shim_pause();
    else
        arm(sim, next < sim->end ? next : sim->end);
}

/* ---- the simulation ---- */

struct sim *sim_create(const struct sim_config *config)
{
    SIM_ASSERT(the_sim == NULL);
    struct sim *sim = calloc(1, sizeof(*sim));
    SIM_ASSERT(sim != NULL);
    sim->config = *config;
    shim_open();
    if (config->vcd_path != NULL && !sim_vcd_open(sim, config->vcd_path)) {
        shim_close();
        free(sim);
        return NULL;
    }
    the_sim = sim;
    sim_queue_init(&sim->queue);
    sim_components_init(&sim->components);
    sim->fingerprint = UINT64_C(0xcbf29ce484222325);
    sim->drain = shim_method_create("drain", drain, sim);
    return sim;
}

void sim_destroy(struct sim *sim)
{
    SIM_ASSERT(!sim->running);
    sim->closing = true;
    if (sim->vcd_path != NULL)
        sim_vcd_close(sim);
    shim_close();
    sim_sc_methods_free(sim);
    sim_components_free(&sim->components);
    sim_queue_free(&sim->queue);
    the_sim = NULL;
    free(sim);
}

sim_time sim_run(struct sim *sim, sim_time end)
{
    SIM_ASSERT(end >= sim->clock.now && end < SIM_TIME_MAX);
    SIM_ASSERT(!sim->running);
    sim->started = true;
    sim->running = true;
    sim->stopped = false;
    sim->end = end;
    arm(sim, shim_time());
    shim_run();
    sim->running = false;
    if (!sim->stopped)
        sim->clock.now = end;
    return sim->clock.now;
}

void sim_stop(struct sim *sim)
{
    if (!sim->running)
        return;
    sim->stopped = true;
    sim->bound = 0;
    shim_pause();
}

const struct sim_config *sim_get_config(const struct sim *sim)
{
    return &sim->config;
}

uint16_t sim_component(struct sim *sim, const char *name)
{
    return sim_components_add(&sim->components, name);
}

const char *sim_component_name(const struct sim *sim, uint16_t component)
{
    return sim_components_name(&sim->components, component);
}

void sim_fingerprint_add(struct sim *sim, uint64_t subject, sim_time when, uint64_t outcome)
{
    uint64_t hash = sim_mix(sim->fingerprint, subject);
    hash = sim_mix(hash, (uint64_t)when);
    sim->fingerprint = sim_mix(hash, outcome);
}

uint64_t sim_fingerprint(const struct sim *sim)
{
    return sim->fingerprint;
}

uint64_t sim_event_count(const struct sim *sim)
{
    return sim->event_count;
}
