/*
 * Faults planted into a run: a function that looks every 50 ns from 1 ms on whether it can do its damage, and tells when
 * it has. The run goes on to its end, and what system_check() says then is what the test is about.
 */
#ifndef TESTS_UNIT_MODELS_PLANTED_FAULT_H
#define TESTS_UNIT_MODELS_PLANTED_FAULT_H

#include "tests/unit/models/system_bench.h"

enum { FAULT_LOOK = 50 * SIM_NS };

struct planted_fault {
    struct sim_event event;
    struct system_bench bench;
    bool (*plant)(struct planted_fault *fault); /* true: done */
    int detail;                                 /* what else it needs to know */
    bool done;
};

static inline void fault_look(struct sim *sim, struct sim_event *event)
{
    struct planted_fault *fault = SIM_CONTAINER_OF(event, struct planted_fault, event);
    fault->done = fault->plant(fault);
    if (!fault->done)
        sim_schedule(sim, event, sim_now(sim) + FAULT_LOOK);
}

/* A run of 4 ms of 1000 bursts of 8 packets a second, to be changed until fault_run(). */
static inline void fault_prepare(struct planted_fault *fault, int strategy, int direction)
{
    *fault = (struct planted_fault){0};
    system_bench_prepare(&fault->bench, strategy);
    fault->bench.config.duration = 4 * SIM_MS;
    fault->bench.traffic[0].direction = direction;
    fault->bench.traffic[0].rate = 8 * 1000 * 1000;
    fault->bench.traffic[0].burst = 8;
}

/* Runs; returns what system_check() finds, NULL if nothing. */
static inline const char *fault_run(struct planted_fault *fault, bool (*plant)(struct planted_fault *fault),
                                    int detail)
{
    fault->plant = plant;
    fault->detail = detail;
    system_bench_start(&fault->bench);
    sim_event_init(&fault->event, fault_look, sim_component(fault->bench.sim, "fault"), 0);
    sim_schedule(fault->bench.sim, &fault->event, SIM_MS);
    system_run(fault->bench.system);
    cr_assert(fault->done, "there was no occasion for the fault");
    return system_check(fault->bench.system);
}

static inline void fault_expect(struct planted_fault *fault, const char *broken, const char *law)
{
    cr_assert_not_null(broken, "the fault went unnoticed: %s", law);
    cr_expect_not_null(strstr(broken, law), "expected %s, found %s", law, broken);
    sim_cancel(fault->bench.sim, &fault->event);
    system_bench_destroy(&fault->bench);
}

#endif
