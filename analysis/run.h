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
};

/*
 * Runs `config` and returns its result, with conservation checked: a broken law aborts, as it is our mistake.
 * NULL, with *error in words, if the system could not be built.
 */
json_t *run_config(const struct config *config, const struct result_labels *labels,
                   const struct run_options *options, char *error, size_t error_size);

/* The labels' values of a point: {"rate": "10kpps", ...}; a new reference. */
json_t *run_point_values(const struct scenario *scenario, const struct scenario_point *point);

#endif
