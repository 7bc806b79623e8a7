/*
 * What struct sim is made of. Internal to sim/: models see sim/sim.h only.
 */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/component.h"
#include "sim/queue.h"
#include "sim/sim.h"
#include "sim/systemc/shim.h"

struct sim {
    struct sim_clock clock; /* first: sim_now() reads it without knowing the rest */
    sim_time bound;         /* C events strictly before it may fire in this activation */
    struct sim_queue queue;
    uint64_t fingerprint;
    uint64_t event_count;
    uint16_t component; /* of the event that fires now; 0: none */
    bool running;       /* sim_run() is active */
    bool stopped;       /* sim_stop() was called in this sim_run() */
    bool closing;       /* sim_destroy(): SystemC's processes do nothing any more */
    bool started;       /* sim_run() was called */
    sim_time end;       /* [ps] of this sim_run() */
    sim_time armed;     /* [ps] when `drain` will be activated; SIM_TIME_MAX while it is active */
    struct shim_method *drain;
    struct sim_sc_method *methods; /* all, for sim_destroy() */
    struct sim_sc_method *waiting; /* notified, by (time, order of notification) */
    struct sim_sc_method *due;     /* triggered in this evaluation phase, likewise ordered */
    struct sim_components components;
    struct sim_config config;
    char *vcd_path; /* NULL: no VCD */
};

/* The simulation that exists in this process, or NULL. */
const struct sim *sim_current(void);

static inline uint64_t sim_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* One word of (time, component, kind); the multiplication is off the hash's critical path. */
static inline uint64_t sim_event_word(sim_time when, uint16_t component, uint8_t kind)
{
    return (uint64_t)when + ((uint64_t)component << 8 | kind) * UINT64_C(0xd6e8feb86659fd93);
}

/* Makes sure that the drain is activated for the queue's first event: after SystemC's side may have scheduled. */
void sim_arm_for_queue(struct sim *sim);

/* sim/bridge.c: frees all methods. */
void sim_sc_methods_free(struct sim *sim);

/* sim/vcd.c. Opening fails with errno set when the file cannot be created. */
bool sim_vcd_open(struct sim *sim, const char *path);
void sim_vcd_close(struct sim *sim);

#endif
