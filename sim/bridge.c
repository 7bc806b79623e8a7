/*
 * Methods on SystemC's side.
 *
 * Which of several methods that become runnable in one evaluation phase runs first is SystemC's to choose, and
 * its choice depends on how often the drain was notified: it would differ between decoupled and lock-step.
 * So each activation serves, of the methods that are due in this phase, the one that was notified first.
 * There are as many activations as due methods, hence each is served once, in the phase in which it is due.
 */
#include <stdlib.h>

#include "sim/kernel.h"

enum { KIND_SC_METHOD = 255 };

struct sim_sc_method {
    struct sim *sim;
    struct shim_method *process;
    sim_sc_fn *fire;
    void *context;
    uint16_t component;
    bool waiting;  /* notified and not yet triggered */
    sim_time when; /* [ps] while waiting */
    struct sim_sc_method *next_waiting;
    struct sim_sc_method *next_due;
    struct sim_sc_method *next;
};

/* SystemC triggers together all that waits for this instant: moves it to the due list. */
static void take_due(struct sim *sim)
{
    struct sim_sc_method **tail = &sim->due;
    while (sim->waiting != NULL && sim->waiting->when == sim->clock.now) {
        struct sim_sc_method *method = sim->waiting;
        sim->waiting = method->next_waiting;
        method->waiting = false;
        method->next_due = NULL;
        *tail = method;
        tail = &method->next_due;
    }
}

static void serve_due(void *context)
{
    struct sim *sim = context;
    if (sim->closing)
        return;
    SIM_ASSERT(shim_time() >= sim->clock.now);
    sim->clock.now = shim_time();
    if (sim->due == NULL)
        take_due(sim);
    struct sim_sc_method *method = sim->due;
    SIM_ASSERT(method != NULL);
    sim->due = method->next_due;
    sim->component = method->component;
    sim->fingerprint =
        sim_mix(sim->fingerprint, sim_event_word(sim->clock.now, method->component, KIND_SC_METHOD));
    method->fire(sim, method->context);
    sim->component = 0;
    sim_arm_for_queue(sim);
}

struct sim_sc_method *sim_sc_method_create(struct sim *sim, const char *name, sim_sc_fn *fire, void *context)
{
    SIM_ASSERT(!sim->started);
    struct sim_sc_method *method = calloc(1, sizeof(*method));
    SIM_ASSERT(method != NULL);
    method->sim = sim;
    method->fire = fire;
    method->context = context;
    method->component = sim_component(sim, name);
    method->process = shim_method_create(name, serve_due, sim);
    method->next = sim->methods;
    sim->methods = method;
    return method;
}

void sim_sc_methods_free(struct sim *sim)
{
    while (sim->methods != NULL) {
        struct sim_sc_method *method = sim->methods;
        sim->methods = method->next;
        free(method);
    }
}

static void stop_waiting(struct sim *sim, struct sim_sc_method *method)
{
    struct sim_sc_method **link = &sim->waiting;
    while (*link != method)
        link = &(*link)->next_waiting;
    *link = method->next_waiting;
}

static void start_waiting(struct sim *sim, struct sim_sc_method *method, sim_time when)
{
    struct sim_sc_method **link = &sim->waiting;
    while (*link != NULL && (*link)->when <= when)
        link = &(*link)->next_waiting;
    method->waiting = true;
    method->when = when;
    method->next_waiting = *link;
    *link = method;
}

void sim_sc_notify(struct sim_sc_method *method, sim_time delay)
{
    struct sim *sim = method->sim;
    SIM_ASSERT(delay >= 0 && delay < SIM_TIME_MAX - sim->clock.now);
    sim_time when = sim->clock.now + delay;
    if (method->waiting) {
        if (method->when <= when)
            return;
        stop_waiting(sim, method);
    }
    start_waiting(sim, method, when);
    if (when < sim->bound)
        sim->bound = when;
    shim_notify(method->process, when - shim_time());
}
