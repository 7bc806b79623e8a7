/*
 * Reading `expect:`.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/complain.h"
#include "scenarios/directives.h"
#include "scenarios/override.h"

static bool refuse(struct reading *reading, const struct node *node, const char *what, const char *value,
                   const char *wanted)
{
    char cut[CLIP_SIZE];
    diag_error(reading->diag, &node->place, "%s: `%s` in `expect`; wanted: %s", what, clip(value, cut),
               wanted);
    return false;
}

/* A bound is a plain decimal number: a metric's unit is in its name. */
static bool read_real(struct reading *reading, const struct node *node, double *value)
{
    char *end;
    const char *text = node->text;
    if (strspn(text, "+-.0123456789eE") == strlen(text) && *text) {
        *value = strtod(text, &end);
        if (*end == '\0' && isfinite(*value))
            return true;
    }
    return refuse(reading, node, "not a number", text, "a plain number, in the unit of the metric's name");
}

static bool check_metric(struct reading *reading, const struct node *node)
{
    if (node->text[0] && node->text[strcspn(node->text, " \t\r\n")] == '\0')
        return true;
    return refuse(reading, node, "not a metric", node->text, "a path in the results, as `latency_ns.mean`");
}

/* The long form of another metric: {metric, where, times}. */
static bool read_other_rows(struct reading *reading, struct node *node, struct scenario_other *other)
{
    struct other_rows rows = {0};
    const struct node *times = node_get(node, "times"), *metric = node_get(node, "metric");
    if (!directive_bind(reading, &other_table, node, &rows, "expect"))
        return false;
    if (metric && !check_metric(reading, metric))
        return false;
    if (rows.metric) {
        other->metric = rows.metric;
        other->metric_place = metric->place;
    }
    if (times && !read_real(reading, times, &other->times))
        return false;
    if (times && other->times <= 0)
        return refuse(reading, times, "not a factor", times->text, "a number above 0");
    return filter_read(reading, rows.where, &other->where);
}

/* Another metric as a bound: a path, or the long form; what it leaves out is as in the expectation. */
static bool read_other(struct reading *reading, struct node *node,
                       const struct scenario_expectation *expectation, struct scenario_other *other)
{
    if (!node)
        return true;
    *other = (struct scenario_other){.metric = expectation->metric, .times = 1, .where = expectation->where};
    if (node->kind == NODE_MAPPING)
        return read_other_rows(reading, node, other);
    if (node->kind != NODE_SCALAR || node_empty(node)) {
        complain_type(reading->diag, node, "expect", "a metric, or {metric, where, times}");
        return false;
    }
    other->metric = node->text;
    other->metric_place = node->place;
    return check_metric(reading, node);
}

static bool read_bounds(struct reading *reading, const struct node *node,
                        struct scenario_expectation *expectation)
{
    const struct node *min = node_get(node, "min"), *max = node_get(node, "max");
    struct node *less = node_get(node, "less_than"), *greater = node_get(node, "greater_than");
    expectation->has_min = min != NULL;
    expectation->has_max = max != NULL;
    if (!min && !max && !less && !greater)
        return directive_missing(reading, node, "max", "expect",
                                 "`min`, `max`, `less_than` or `greater_than`");
    if ((min && !read_real(reading, min, &expectation->min)) ||
        (max && !read_real(reading, max, &expectation->max)))
        return false;
    if (min && max && expectation->min > expectation->max)
        return refuse(reading, max, "empty range", max->text, "at least `min`");
    return read_other(reading, less, expectation, &expectation->less_than) &&
           read_other(reading, greater, expectation, &expectation->greater_than);
}

/* The cause: "path=value", or a mapping of several. */
static bool read_cause(struct reading *reading, const struct node *node,
                       struct scenario_expectation *expectation)
{
    struct override *overrides;
    if (!node)
        return true;
    if (node->kind == NODE_MAPPING) {
        bool fine = override_parse_mapping(reading->arena, node, &overrides, &expectation->cause_count,
                                           reading->diag);
        expectation->cause = overrides;
        return fine;
    }
    if (node->kind != NODE_SCALAR || !strchr(node->text, '=')) {
        complain_type(reading->diag, node, "cause", "path=value, or {path: value}");
        return false;
    }
    overrides = arena_alloc(reading->arena, sizeof(*overrides));
    expectation->cause = overrides;
    expectation->cause_count = 1;
    return override_parse_at(reading->arena, node->text, node->place, overrides, reading->diag);
}

static bool read_expectation(struct reading *reading, const struct expect_rows *rows, const struct node *node,
                             size_t index)
{
    struct scenario_expectation *expectation = &reading->experiment->expectations[index];
    expectation->name = rows->name ? rows->name : arena_format(reading->arena, "expect[%zu]", index);
    expectation->metric = rows->metric;
    expectation->because = rows->because;
    expectation->place = node->place;
    expectation->metric_place = node_get(node, "metric")->place;
    if (!check_metric(reading, node_get(node, "metric")))
        return false;
    if (!filter_read(reading, rows->where, &expectation->where))
        return false;
    return read_bounds(reading, node, expectation) && read_cause(reading, rows->cause, expectation);
}

bool expectations_read(struct reading *reading, const struct param_list *list, const struct node *node)
{
    bool fine = true;
    struct experiment *experiment = reading->experiment;
    experiment->expectation_count = list->count;
    experiment->expectations = arena_alloc(reading->arena, list->count * sizeof(*experiment->expectations));
    for (size_t i = 0; i < list->count; i++)
        fine =
            read_expectation(reading, (const struct expect_rows *)list->items + i, node->items[i], i) && fine;
    return fine;
}
