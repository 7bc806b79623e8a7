/*
 * Experiments: what a scenario file says beside the configuration itself. These directives belong to
 * scenarios/, whatever models there are:
 *
 *     schema_version: 1              required
 *     name: text                     what the scenario is called
 *     description: text              what it is
 *     look_at: text                  what the reader should look at, and why
 *     sweep: [axis...]               values to run through; axes multiply, axes in a `zip:` move together
 *     where: [constraint...]         leaves out points of the sweep
 *     repeat: n                      replications of each point
 *     compare: [alternative...]      strategies, or named sets of overrides, to run side by side
 *     plot: [plot...]                figures of the results
 *     expect: [expectation...]       bounds that the results must keep
 *
 * An axis is {path, values: [...]}, {path, from, to, step} or {path, from, to, points, scale: linear | log},
 * each with an optional `name:`; log points are rounded to 3 significant digits (whole numbers when from and
 * to are). All strings here belong to the scenario.
 */
#ifndef SCENARIOS_EXPERIMENT_H
#define SCENARIOS_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/diag.h"
#include "sim/unit.h"

struct path;
struct node;
struct override;

/* One value of an axis. */
struct scenario_value {
    const char *text;              /* as written, or as a range makes it: "10kpps" */
    bool numeric;                  /* a quantity: the two that follow are meaningful */
    enum unit_dimension dimension; /* UNIT_RATIO for numbers without a unit */
    int64_t number;                /* in the dimension's base unit; 1/1000000 for UNIT_RATIO */
    struct diag_place place;
};

/* One swept parameter. Axes with the same `group` are in one `zip:` and move together. */
struct scenario_axis {
    const char *name; /* short, unique among the axes: the path's last key unless `name:` is given */
    const char *path; /* "traffic[0].rate" */
    struct scenario_value *values;
    size_t count; /* >= 1 */
    size_t group; /* from 0, ascending */
    bool pinned;  /* --set took it out of the sweep: it has the one value set there */
    const struct path *steps;
    struct diag_place place;
};

/* A constraint on the points of the sweep: those that break it are left out. */
struct scenario_constraint {
    const char *path;                       /* a swept parameter's path or name, or one that the file sets */
    const struct scenario_value *min, *max; /* inclusive; NULL: none */
    const char *less_than;                  /* strictly below the value of this path or name; NULL: none */
    struct diag_place place;
};

/* One of the things compared. */
struct scenario_alternative {
    const char *name; /* unique: "virtio" */
    const struct override *overrides;
    size_t override_count;
    struct diag_place place;
};

/* One value of one axis. */
struct scenario_match {
    size_t axis;  /* index among the experiment's axes */
    size_t value; /* index among the axis' values */
};

/* Which points something is about: those of the alternative at which every match holds. */
struct scenario_filter {
    const char *alternative; /* a name of `compare:`; NULL: all */
    struct scenario_match *matches;
    size_t count;
    bool never; /* it asks for a value or alternative that --set took out: no point matches */
};

enum plot_kind { PLOT_LINE, PLOT_POINTS, PLOT_BAR, PLOT_STACK, PLOT_MAP };
enum plot_scale { PLOT_LINEAR, PLOT_LOG };

/* One figure. A metric is a path in a run's results: "latency_ns.mean". */
struct scenario_plot {
    const char *name; /* of the file, without an ending: letters, digits, '-', '_' */
    const char *title;
    enum plot_kind kind;
    const char *x;                 /* an axis' name or path, "compare", or a metric */
    const char **y;                /* metrics; the second axis' name when kind is PLOT_MAP */
    size_t y_count;                /* >= 1 */
    const char *value;             /* MAP: the metric that decides; else NULL */
    bool best_is_max;              /* MAP: whether more of it is better */
    const char *series;            /* a line for each value of this axis, or "compare"; NULL: none */
    const char *x_label, *y_label; /* NULL: from the metric */
    enum plot_scale x_scale, y_scale;
    const char *overlay; /* the name of a closed form; NULL: none */
    const char *look_at; /* what to see in it; NULL: none */
    struct scenario_filter where;
    struct diag_place place;
    struct diag_place x_place, value_place, overlay_place; /* of what is given */
    struct diag_place *y_places;                           /* one for each of y */
};

/* The other side of a comparison of two metrics: factor * metric of the points that `where` selects. */
struct scenario_other {
    const char *metric; /* NULL: there is no such bound */
    double times;       /* the factor */
    struct scenario_filter where;
    struct diag_place metric_place;
};

/* One expectation of the results. */
struct scenario_expectation {
    const char *name;   /* "expect[0]" unless given */
    const char *metric; /* a path in the results: "throughput_gbps" */
    struct scenario_filter where;
    bool has_min, has_max;
    double min, max;                               /* inclusive */
    struct scenario_other less_than, greater_than; /* strict */
    const char *because;                           /* why it must hold */
    const struct override *cause; /* without what the cause sets, it must not hold; may be none */
    size_t cause_count;
    struct diag_place place, metric_place;
};

/* The parsed directives. */
struct experiment {
    const char *name, *description, *look_at; /* NULL: not given */
    int64_t repeat;                           /* >= 1 */
    struct scenario_axis *axes;
    size_t axis_count;
    size_t group_count; /* how many axes or zips multiply */
    struct scenario_constraint *constraints;
    size_t constraint_count;
    struct scenario_alternative *alternatives;
    size_t alternative_count;
    struct scenario_plot *plots;
    size_t plot_count;
    struct scenario_expectation *expectations;
    size_t expectation_count;
};

#endif
