/*
 * Running one point: from a bound configuration to a result. One simulation is possible a process (SystemC's context is
 * a singleton), so campaigns fork for each point; this is what the forked process does.
 */
#ifndef ANALYSIS_RUN_H
#define ANALYSIS_RUN_H

#include "analysis/result.h"
#include "scenarios/scenario.h"

struct run_options {
    bool lockstep;   /* SystemC at every time stamp; the result is the same */
    const char *vcd; /* a wave file's path without ".vcd"; NULL: none */
    bool last; /* the process ends after it: the system's memory need not be given back piece by piece */
};

/* Why there is no result. */
struct run_error {
    char text[512];
    bool internal; /* our mistake: a conservation law was broken; else the scenario's */
};

/*
 * Runs `config`, checks conservation (models/host/system.h) and returns the result. NULL, with *error filled in, if the
 * system could not be built, or if what was counted is not conserved: then its numbers are not to be had.
 */
json_t *run_config(const struct config *config, const struct result_labels *labels,
                   const struct run_options *options, struct run_error *error);

/* The labels' values of a point: {"rate": "10kpps", ...}; a new reference. */
json_t *run_point_values(const struct scenario *scenario, const struct scenario_point *point);

#endif
