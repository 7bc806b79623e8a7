#include "scenarios/directives.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/complain.h"

const char *const plot_scales[] = {"linear", "log", NULL};
const char *const plot_kinds[] = {"line", "points", "bar", "stack", "map", NULL};
static const char *const bests[] = {"max", "min", NULL};

#define TABLE(rows, type, title, text)                                                                       \
    {                                                                                                        \
        .name = (title), .help = (text), .size = sizeof(type), .params = (rows), .count = PARAM_COUNT(rows)  \
    }

static const struct param axis_params[] = {
    PARAM_TEXT_ROW(struct axis_rows, path, NULL, false, "the swept parameter, as `nics[0].rate`"),
    PARAM_TEXT_ROW(struct axis_rows, name, NULL, false, "a short name; the path's last key if not given"),
    PARAM_ANY_ROW(struct axis_rows, values, "the list of values"),
    PARAM_TEXT_ROW(struct axis_rows, from, NULL, false, "the first value of a range"),
    PARAM_TEXT_ROW(struct axis_rows, to, NULL, false, "the last value of a range"),
    PARAM_TEXT_ROW(struct axis_rows, step, NULL, false, "the distance of a range's values"),
    PARAM_INTEGER_ROW(struct axis_rows, points, 0, 10000, "0", "how many values a range has; 0: by step"),
    PARAM_CHOICE_ROW(struct axis_rows, scale, plot_scales, "linear", "how a range's points are spaced"),
    PARAM_ANY_ROW(struct axis_rows, zip, "a list of axes that move together"),
};
const struct param_table axis_table =
    TABLE(axis_params, struct axis_rows, "sweep", "one swept parameter, or several that move together");

static const struct param constraint_params[] = {
    PARAM_TEXT_ROW(struct constraint_rows, path, NULL, true, "a swept parameter, or one that is set"),
    PARAM_TEXT_ROW(struct constraint_rows, min, NULL, false, "its least value"),
    PARAM_TEXT_ROW(struct constraint_rows, max, NULL, false, "its greatest value"),
    PARAM_TEXT_ROW(struct constraint_rows, less_than, NULL, false, "a parameter that must be greater"),
};
const struct param_table constraint_table =
    TABLE(constraint_params, struct constraint_rows, "where", "leaves out points of the sweep");

static const struct param alternative_params[] = {
    PARAM_TEXT_ROW(struct alternative_rows, name, NULL, true, "what the alternative is called"),
    PARAM_ANY_ROW(struct alternative_rows, set, "the parameters that make it: {path: value}"),
};
const struct param_table alternative_table =
    TABLE(alternative_params, struct alternative_rows, "compare", "one of the alternatives compared");

static const struct param plot_params[] = {
    PARAM_TEXT_ROW(struct plot_rows, name, NULL, true, "the figure's file name, without an ending"),
    PARAM_TEXT_ROW(struct plot_rows, title, NULL, true, "the figure's title"),
    PARAM_CHOICE_ROW(struct plot_rows, kind, plot_kinds, "line", "how it is drawn"),
    PARAM_TEXT_ROW(struct plot_rows, x, NULL, true, "what goes right: an axis, `compare` or a metric"),
    PARAM_ANY_ROW(struct plot_rows, y, "what goes up: a metric or a list of them; of a map, an axis"),
    PARAM_TEXT_ROW(struct plot_rows, value, NULL, false, "of a map: the metric that decides who is best"),
    PARAM_CHOICE_ROW(struct plot_rows, best, bests, "max", "of a map: whether more or less is better"),
    PARAM_TEXT_ROW(struct plot_rows, series, NULL, false, "a line for each value of an axis or `compare`"),
    PARAM_TEXT_ROW(struct plot_rows, x_label, NULL, false,
                   "the label of x; the unit that fits is added unless it has one in brackets"),
    PARAM_TEXT_ROW(struct plot_rows, y_label, NULL, false,
                   "the label of y; the unit that fits is added unless it has one in brackets"),
    PARAM_CHOICE_ROW(struct plot_rows, x_scale, plot_scales, "linear", "how x is spaced"),
    PARAM_CHOICE_ROW(struct plot_rows, y_scale, plot_scales, "linear", "how y is spaced"),
    PARAM_TEXT_ROW(struct plot_rows, overlay, NULL, false, "a closed form to draw over it"),
    PARAM_TEXT_ROW(struct plot_rows, look_at, NULL, false, "what to see in the figure"),
    PARAM_ANY_ROW(struct plot_rows, where, "the points that it shows"),
};
const struct param_table plot_table =
    TABLE(plot_params, struct plot_rows, "plot", "one figure of the results");

static const struct param other_params[] = {
    PARAM_TEXT_ROW(struct other_rows, metric, NULL, false, "the other metric; the same if not given"),
    PARAM_TEXT_ROW(struct other_rows, times, "1", false, "the factor that the other metric is taken by"),
    PARAM_ANY_ROW(struct other_rows, where, "the points that the other metric is taken from"),
};
const struct param_table other_table =
    TABLE(other_params, struct other_rows, "bound", "another metric as a bound");

static const struct param expect_params[] = {
    PARAM_TEXT_ROW(struct expect_rows, name, NULL, false, "what the expectation is called"),
    PARAM_TEXT_ROW(struct expect_rows, metric, NULL, true, "a path in the results, as `latency_ns.mean`"),
    PARAM_ANY_ROW(struct expect_rows, where, "the points that it is about"),
    PARAM_TEXT_ROW(struct expect_rows, min, NULL, false, "the least number allowed"),
    PARAM_TEXT_ROW(struct expect_rows, max, NULL, false, "the greatest number allowed"),
    PARAM_ANY_ROW(struct expect_rows, less_than, "a metric, or {metric, where, times}, that is greater"),
    PARAM_ANY_ROW(struct expect_rows, greater_than, "a metric, or {metric, where, times}, that is less"),
    PARAM_TEXT_ROW(struct expect_rows, because, NULL, true, "why it must hold"),
    PARAM_ANY_ROW(struct expect_rows, cause, "path=value or {path: value} that takes its cause away"),
};
const struct param_table expect_table =
    TABLE(expect_params, struct expect_rows, "expect", "a bound that the results must keep");

static const struct param directive_params[] = {
    PARAM_INTEGER_ROW(struct directives, schema_version, 1, 1, NULL, "the language's version"),
    PARAM_TEXT_ROW(struct directives, name, NULL, false, "what the scenario is called"),
    PARAM_TEXT_ROW(struct directives, description, NULL, false, "what it is"),
    PARAM_TEXT_ROW(struct directives, look_at, NULL, false, "what to look at in its results, and why"),
    PARAM_LIST_ROW(struct directives, sweep, &axis_table, 0, 16, "parameters to run through"),
    PARAM_LIST_ROW(struct directives, where, &constraint_table, 0, 64, "leaves out points of the sweep"),
    PARAM_INTEGER_ROW(struct directives, repeat, 1, 10000, "1", "replications of each point"),
    PARAM_ANY_ROW(struct directives, compare, "strategies, or {name, set: {path: value}}, side by side"),
    PARAM_LIST_ROW(struct directives, plot, &plot_table, 0, 64, "figures of the results"),
    PARAM_LIST_ROW(struct directives, expect, &expect_table, 0, 256, "bounds that the results must keep"),
};
const struct param_table directives_table =
    TABLE(directive_params, struct directives, "scenario", "what a scenario file says beside its models");

bool directive_missing(struct reading *reading, const struct node *node, const char *key, const char *in,
                       const char *wanted)
{
    diag_error(reading->diag, &node->place, "missing key: `%s` in `%s`; wanted: %s", key, in, wanted);
    return false;
}

bool directive_bind(struct reading *reading, const struct param_table *table, struct node *node, void *rows,
                    const char *in)
{
    struct binder binder = {.arena = reading->arena, .diag = reading->diag};
    struct bind_frame frame = {.key = in};
    return bind_mapping(&binder, table, node, rows, &frame);
}

bool experiment_read(struct reading *reading)
{
    struct experiment *experiment = reading->experiment;
    struct directives *read = arena_alloc(reading->arena, sizeof(*read));
    struct binder binder = {.arena = reading->arena, .diag = reading->diag, .lenient = true};
    struct node *root = reading->root;
    *experiment = (struct experiment){0};
    if (!bind_mapping(&binder, &directives_table, root, read, NULL))
        return false;
    experiment->name = read->name;
    experiment->description = read->description;
    experiment->look_at = read->look_at;
    experiment->repeat = read->repeat;
    bool fine = sweep_read(reading, &read->sweep, node_get(root, "sweep"));
    fine = fine && constraints_read(reading, &read->where, node_get(root, "where"));
    fine = compare_read(reading, node_get(root, "compare")) && fine;
    if (!fine)
        return false; /* what follows refers to axes and alternatives */
    fine = plots_read(reading, &read->plot, node_get(root, "plot"));
    return expectations_read(reading, &read->expect, node_get(root, "expect")) && fine;
}
