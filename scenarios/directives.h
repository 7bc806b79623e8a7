/*
 * The directives as parameter tables: what a scenario file may say beside the models' parameters. Reading
 * them makes a struct experiment. Internal to scenarios/.
 */
#ifndef SCENARIOS_DIRECTIVES_H
#define SCENARIOS_DIRECTIVES_H

#include "scenarios/experiment.h"
#include "scenarios/node.h"
#include "sim/param.h"

#define POINTS_MAX 100000 /* of an experiment; values of an axis, too */

/* The directives as they stand in the file. ANY fields hold struct node. */
struct directives {
    int64_t schema_version;
    const char *name, *description, *look_at;
    struct param_list sweep; /* struct axis_rows */
    struct param_list where; /* struct constraint_rows */
    int64_t repeat;
    const void *compare;
    struct param_list plot;   /* struct plot_rows */
    struct param_list expect; /* struct expect_rows */
};

struct axis_rows {
    const char *path, *name, *from, *to, *step;
    const void *values, *zip;
    int64_t points; /* 0: not given */
    int scale;      /* of plot_scales */
};

struct constraint_rows {
    const char *path, *min, *max, *less_than;
};

struct alternative_rows {
    const char *name;
    const void *set;
};

struct plot_rows {
    const char *name, *title, *x, *value, *series, *x_label, *y_label, *overlay, *look_at;
    const void *y, *where;
    int kind, best, x_scale, y_scale;
};

struct expect_rows {
    const char *name, *metric, *min, *max, *because;
    const void *where, *less_than, *greater_than, *cause;
};

struct other_rows {
    const char *metric, *times;
    const void *where;
};

extern const struct param_table directives_table, axis_table, constraint_table, alternative_table, plot_table,
    expect_table, other_table;
extern const char *const plot_scales[], *const plot_kinds[];

/* What the readers of the directives share. */
struct reading {
    struct arena *arena;
    struct diag *diag;
    struct node *root;
    struct experiment *experiment;
    const struct override *pins; /* of the command line: they take what they set out of the sweep */
    size_t pin_count;
    const char **removed; /* alternatives that a pin took out */
    size_t removed_count;
};

/* Reads `sweep:`, bound as `list`, whose node is `node`. */
bool sweep_read(struct reading *reading, const struct param_list *list, const struct node *node);

/* Fills the values of an axis from a range: from, to and step or points. */
bool range_read(struct reading *reading, const struct axis_rows *rows, const struct node *node,
                struct scenario_axis *axis);

/* The pin on this path, NULL when the command line leaves it alone. */
const struct override *reading_pin(const struct reading *reading, const struct path *path);

/* Reads a text as a value of an axis. */
struct scenario_value sweep_value(const char *text, struct diag_place place);

/* Reads `where:` of the sweep. The sweep must have been read. */
bool constraints_read(struct reading *reading, const struct param_list *list, const struct node *node);

/* Reads `compare:`. */
bool compare_read(struct reading *reading, struct node *node);

/* Reads `plot:`. Sweep and comparison must have been read. */
bool plots_read(struct reading *reading, const struct param_list *list, const struct node *node);

/* Reads `expect:`. Sweep and comparison must have been read. */
bool expectations_read(struct reading *reading, const struct param_list *list, const struct node *node);

/* Reads the `where:` of a plot or expectation; `node` may be NULL. */
bool filter_read(struct reading *reading, const struct node *node, struct scenario_filter *filter);

/* Binds a directive's mapping that tables cannot reach: `in` is its path for messages. */
bool directive_bind(struct reading *reading, const struct param_table *table, struct node *node, void *rows,
                    const char *in);

/* Whether two values can be compared: both are quantities of one dimension, or one is 0. */
bool sweep_comparable(const struct scenario_value *a, const struct scenario_value *b);

/* The axis of this name or path, NULL when there is none. */
const struct scenario_axis *experiment_axis(const struct experiment *experiment, const char *name);

/* Reports that `rows` at `node` lack `key`; returns false. */
bool directive_missing(struct reading *reading, const struct node *node, const char *key, const char *in,
                       const char *wanted);

/*
 * Reads all directives of reading->root into *reading->experiment. Keys that are no directives are left
 * alone. Reports and returns false when something is wrong.
 */
bool experiment_read(struct reading *reading);

#endif
