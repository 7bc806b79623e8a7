/*
 * Scenarios: YAML files that say what to simulate. This is the room's public header.
 *
 * A scenario is loaded once, with what it includes and with the overrides of the command line, and describes
 * one or more points: the sweep's values times the alternatives of `compare:` times the replications. Each
 * point is bound to a fresh configuration struct of the models' parameter table (models/registry.h); binding
 * reads no file twice, so that thousands of points cost little. The room knows no model by name.
 *
 *     struct diag *diag = diag_create();
 *     struct scenario *scenario = scenario_load("a.yaml", &options, diag);
 *     for (size_t i = 0; scenario && i < scenario_point_count(scenario); i++) {
 *         struct scenario_binding *binding = scenario_bind(scenario, scenario_point(scenario, i), root, diag);
 *         const struct config *config = scenario_config(binding);
 *
 * Whatever a user gets wrong is reported to `diag` with its place, and the function returns NULL or false.
 * Nothing here is safe to be called from two threads on one scenario; forked processes are fine.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include <stdio.h>

#include "scenarios/experiment.h"
#include "scenarios/library.h"
#include "sim/param.h"

struct scenario;         /* a loaded file */
struct scenario_binding; /* a filled configuration struct with the memory that it points to */

struct scenario_options {
    const char *library;     /* the library folder (library_folder()); NULL: none; borrowed */
    const char *const *sets; /* "path=value" of the command line, in order; borrowed during the load */
    size_t set_count;
    bool no_files; /* open no other file: includes and profiles are errors */
};

/* One run of an experiment. Belongs to its scenario. */
struct scenario_point {
    size_t index;     /* from 0: the order of results */
    const char *name; /* "rate=10kpps,strategy=virtio,repeat=1"; "base" when nothing varies */
    const struct scenario_value *const *values;     /* one for each axis of the experiment */
    const struct scenario_alternative *alternative; /* NULL: nothing is compared */
    int64_t replication;                            /* from 0 */
};

/*
 * Loads a scenario. `options` may be NULL. The second form reads it from memory; `name` is what messages call
 * it, and the file that its includes are relative to. NULL, reported, when anything is wrong.
 */
struct scenario *scenario_load(const char *path, const struct scenario_options *options, struct diag *diag);
struct scenario *scenario_load_text(const char *name, const char *data, size_t size,
                                    const struct scenario_options *options, struct diag *diag);
void scenario_destroy(struct scenario *scenario); /* NULL is allowed */

/* The directives: sweep, compare, plot, expect, ... */
const struct experiment *scenario_experiment(const struct scenario *scenario);

/* The points, at least 1, at most 100000: first axis slowest, then alternatives, then replications. */
size_t scenario_point_count(const struct scenario *scenario);
const struct scenario_point *scenario_point(const struct scenario *scenario, size_t index);

/* Whether the filter of a plot or expectation selects the point. */
bool scenario_matches(const struct scenario *scenario, const struct scenario_filter *filter,
                      const struct scenario_point *point);

/*
 * Fills a configuration struct of `root` for a point; NULL as the point means the file as it stands, without
 * sweep and comparison. Overrides apply in this order: the axes, the alternative, the command line. Every
 * mistake in the whole configuration is reported. The binding may outlive the scenario.
 */
struct scenario_binding *scenario_bind(const struct scenario *scenario, const struct scenario_point *point,
                                       const struct param_table *root, struct diag *diag);

/* The same with further overrides on top: an expectation's cause. */
struct scenario_binding *scenario_bind_cause(const struct scenario *scenario,
                                             const struct scenario_point *point,
                                             const struct scenario_expectation *expectation,
                                             const struct param_table *root, struct diag *diag);
void scenario_binding_destroy(struct scenario_binding *binding); /* NULL is allowed */

/* The filled struct, root->size bytes; it and all that it points to live as long as the binding. */
const void *scenario_config(const struct scenario_binding *binding);

/*
 * Where the user wrote the parameter `path` ("vms[0].memory") of a binding, for a model that finds values
 * which do not go together: the value, or else the nearest group around it that is in the file. The place
 * borrows from the scenario. False when `path` is no path.
 */
bool scenario_binding_place(const struct scenario_binding *binding, const char *path,
                            struct diag_place *place);

/* The same for the file as it stands. */
bool scenario_place(const struct scenario *scenario, const char *path, struct diag_place *place);

/* The text of the scalar at `path` of a binding; NULL if nothing was written there, or no scalar. Borrowed. */
const char *scenario_binding_text(const struct scenario_binding *binding, const char *path);

/* Whether the user wrote something at `path`, in a file or on the command line: not a profile, and no default. */
bool scenario_binding_written(const struct scenario_binding *binding, const char *path);

/*
 * Writes the resolved scenario as YAML that loads again, without includes and profiles, every value followed
 * by where it comes from: "file:line", "--set" or "default". With a point, the configuration of that one run;
 * with NULL, the whole scenario with its directives.
 */
bool scenario_explain(const struct scenario *scenario, const struct scenario_point *point,
                      const struct param_table *root, FILE *out, struct diag *diag);

/*
 * The same, with the parameters at the `count` paths of `idle` as comments: defaults beside which other values have no
 * effect, and which nobody wrote.
 */
bool scenario_explain_idle(const struct scenario *scenario, const struct scenario_point *point,
                           const struct param_table *root, const char *const *idle, size_t count, FILE *out,
                           struct diag *diag);

/* Writes a JSON Schema (draft 2020-12) of the language with the parameters of `root`, for editors. */
void scenario_schema(const struct param_table *root, FILE *out);

/* Writes the reference page of all directives and parameters, in Markdown. */
void scenario_reference(const struct param_table *root, FILE *out);

#endif
