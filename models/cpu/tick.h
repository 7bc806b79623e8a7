/*
 * The timer tick of one cpu, as Linux runs it: a one-shot timer that is programmed for the next multiple
 * of 1/HZ, again and again, from its own interrupt handler. Expiries lie at phase + k * period exactly; a
 * tick that is handled after the next expiry has passed is not made up for, the timer goes on with the one
 * after.
 *
 * In mode TICK_IDLE the tick is stopped while the cpu is in its idle loop (NO_HZ_IDLE): from when nothing
 * is left to run until a thread runs again; interrupts and softirqs alone do not restart it.
 *
 * On a core the tick is a context of hard-interrupt level that runs `cycles`, CPU_TICK and
 * SHARE_BACKGROUND. With a lapic (a vCPU) it is an interrupt of that lapic, whose handler runs the same
 * cycles and then programs the timer. The binding's operations say what programming costs (a trapped write
 * of the TSC deadline) and what an expiry causes before the interrupt can be raised (an exit by the
 * preemption timer).
 *
 * Jiffies count the expiries that time has passed, whatever became of the tick: they need no tick.
 */
#ifndef MODELS_CPU_TICK_H
#define MODELS_CPU_TICK_H

#include <stdint.h>

#include "models/cpu/cpu.h"
#include "models/cpu/lapic.h"

enum tick_mode {
    TICK_OFF,    /* no ticks (the cpu is isolated) */
    TICK_IDLE,   /* stopped in the idle loop */
    TICK_ALWAYS, /* never stopped */
};

struct tick_config {
    int mode;        /* enum tick_mode */
    sim_time period; /* [ps] 1/HZ, > 0 */
    sim_time phase;  /* [ps] 0 .. period - 1: no expiry is at time 0 */
    int64_t cycles;  /* [cycles] of one tick's work */
};

struct tick;

/* The binding; NULL members mean that it costs nothing and happens at once. */
struct tick_ops {
    /* Programs the timer for `when` [ps], SIM_TIME_MAX to stop it, from ctx (at hard-interrupt level), then
     * cpu_return(ctx). Called after each tick, and when the idle loop is entered and left in TICK_IDLE. */
    void (*arm)(struct tick *tick, struct cpu_context *ctx, sim_time when, void *self);
    /* The programmed time has come: the binding calls tick_raise(), now or when it can deliver. */
    void (*expire)(struct tick *tick, void *self);
};

/* A tick for `cpu`; runs from now on. `config` and `ops` (NULL: native) are copied; `lapic` may be NULL.
 * Takes the cpu's idle hook in TICK_IDLE. */
struct tick *tick_create(struct cpu *cpu, struct lapic *lapic, const struct tick_config *config,
                         const struct tick_ops *ops, void *self);
void tick_destroy(struct tick *tick);

/* The tick's interrupt reaches the cpu now. Only for a binding's expire(). */
void tick_raise(struct tick *tick);

/* What the timer is programmed for [ps]; SIM_TIME_MAX while the tick is stopped. */
sim_time tick_deadline(const struct tick *tick);

uint64_t tick_expired(const struct tick *tick); /* expiries of the programmed timer */
uint64_t tick_handled(const struct tick *tick); /* ticks whose work was run */
uint64_t tick_armed(const struct tick *tick);   /* calls of arm() */

/* Expiries in (0, now] of a timer of this configuration, in any mode; `now` [ps, >= 0]. */
int64_t tick_jiffies(const struct tick_config *config, sim_time now);

/* The first expiry after `now` [ps]. */
sim_time tick_next(const struct tick_config *config, sim_time now);

#endif
