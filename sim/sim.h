/*
 * The simulation: one run of simulated time, from 0 to its end.
 *
 * SystemC is the authority on time. A single SystemC method process drains the C event queue up to the next
 * pending SystemC activity ("exact temporal decoupling"): the bound is read once per activation, lowered by
 * every SystemC notification that a callback makes, and the queue is drained strictly below it, so that at
 * equal times SystemC goes first. In lock-step mode the process returns to SystemC at every timestamp; the
 * fingerprint is identical. SystemC's context is a singleton, hence one struct sim a process at a time;
 * parallel work forks before any is created.
 *
 * Fingerprint: a 64-bit hash over (time, kind, component) of every event fired and over what models add
 * with sim_fingerprint_add() (completions). Tracing and progress reports add no events to it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/event.h"
#include "sim/time.h"

enum sim_mode {
    SIM_DECOUPLED, /* drain the C queue between SystemC activities */
    SIM_LOCKSTEP,  /* return to SystemC at every timestamp */
};

struct sim_config {
    uint64_t seed;        /* the key of every random stream (sim/random.h) */
    uint32_t replication; /* repeats of one scenario differ by this alone */
    enum sim_mode mode;
    const char *vcd_path; /* NULL: no VCD; else the file's path without ".vcd"; implies SIM_LOCKSTEP */
};

struct sim;

/*
 * Starts a simulation at time 0. Aborts (our mistake) if one exists in this process. Returns NULL, with errno
 * set, only when the VCD file cannot be created.
 */
struct sim *sim_create(const struct sim_config *config);
void sim_destroy(struct sim *sim);

/*
 * Runs until `end` [ps] or until sim_stop(); events at exactly `end` fire. Returns the time reached; time
 * is `end` afterwards even when nothing was left to do. May be called again with a later end.
 */
sim_time sim_run(struct sim *sim, sim_time end);

/* Makes sim_run() return after the current event; a later sim_run() goes on where it stopped. Does nothing
 * outside sim_run(). */
void sim_stop(struct sim *sim);

/* What struct sim begins with. */
struct sim_clock {
    sim_time now; /* [ps] */
};

/* The time [ps]: of the event that fires, else what sim_run() returned. */
static inline sim_time sim_now(const struct sim *sim)
{
    return ((const struct sim_clock *)(const void *)sim)->now;
}

const struct sim_config *sim_get_config(const struct sim *sim);

/*
 * Registers a component under a hierarchical name ("host0.rc0.port1", copied) and returns its number, from
 * 1, in order of registration. Names must be unique. At most 65535.
 */
uint16_t sim_component(struct sim *sim, const char *name);
const char *sim_component_name(const struct sim *sim, uint16_t component);

/* Mixes a completion into the fingerprint: what, when [ps], how it ended. */
void sim_fingerprint_add(struct sim *sim, uint64_t subject, sim_time when, uint64_t outcome);
uint64_t sim_fingerprint(const struct sim *sim);

/* Events fired so far. */
uint64_t sim_event_count(const struct sim *sim);

/*
 * A 32-bit value traced into the VCD whenever it changes, if a VCD is written; else costs one test. The
 * pointer must stay valid until sim_destroy(). Before the first sim_run() only. The dots of the name make the
 * VCD's scopes.
 */
void sim_trace_value(struct sim *sim, const char *name, const uint32_t *value);

/*
 * The bridge for components that live on SystemC's side: a SystemC method process `fire` made sensitive to
 * one SystemC event, notified by sim_sc_notify() after `delay` [ps]. An earlier notification replaces a later
 * one, a later one is dropped, as sc_event defines it. Methods of one time fire in the order of their
 * notifications. Before the first sim_run() only. `name` is registered as a component, and each activation is
 * mixed into the fingerprint. A C callback must reach SystemC through sim_sc_notify() alone. Used by adapters
 * and by the kernel's own tests.
 */
struct sim_sc_method;
typedef void sim_sc_fn(struct sim *sim, void *context);
struct sim_sc_method *sim_sc_method_create(struct sim *sim, const char *name, sim_sc_fn *fire, void *context);
void sim_sc_notify(struct sim_sc_method *method, sim_time delay);

#endif
