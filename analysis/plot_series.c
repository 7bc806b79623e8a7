/* Series over x: line, points and bar. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/closed_form.h"
#include "analysis/estimate.h"
#include "analysis/metric.h"
#include "analysis/plot_private.h"
#include "analysis/quantity.h"
#include "models/registry.h"
#include "sim/assert.h"

enum { NAME_SIZE = 300 };

/* Marks stand at least this share of the axis apart, so that their texts do. */
static const double mark_distance = 0.075;

/* What x is, and what tells the series apart. */
struct layout {
    const struct experiment *experiment;
    const struct scenario_axis *x_axis; /* NULL: `compare` or a metric */
    bool x_compare;
    bool by_compare;                         /* a series for each alternative */
    const struct scenario_axis *series_axis; /* a series for each of its values; NULL: not so */
};

static struct layout layout_of(const struct figure *figure, const struct experiment *experiment)
{
    const struct scenario_plot *plot = figure->plot;
    struct layout layout = {.experiment = experiment, .x_axis = axis_find(experiment, plot->x)};
    layout.x_compare = !layout.x_axis && strcmp(plot->x, "compare") == 0;
    if (plot->series && strcmp(plot->series, "compare") != 0)
        layout.series_axis = axis_find(experiment, plot->series);
    else if (plot->series || !layout.x_compare)
        layout.by_compare = experiment->alternative_count > 0;
    return layout;
}

/* ---- x ---- */

static size_t alternative_index(const struct experiment *experiment, const struct scenario_point *point)
{
    return point->alternative ? (size_t)(point->alternative - experiment->alternatives) : 0;
}

static void axis_categories(struct figure *figure, const struct scenario_axis *axis)
{
    figure->x_categories = true;
    for (size_t i = 0; i < axis->count; i++)
        figure_add_tick(&figure->x_ticks, axis->values[i].text, (double)i);
}

static void compare_categories(struct figure *figure, const struct experiment *experiment)
{
    figure->x_categories = true;
    for (size_t i = 0; i < experiment->alternative_count; i++)
        figure_add_tick(&figure->x_ticks, experiment->alternatives[i].name, (double)i);
}

/* On a log scale the swept values themselves are the marks, as far as there is room. */
static void axis_marks(struct figure *figure, const struct scenario_axis *axis)
{
    char text[QUANTITY_SIZE];
    double first = axis_number(&axis->values[0]), last = axis_number(&axis->values[axis->count - 1]);
    if (figure->plot->x_scale != PLOT_LOG || first <= 0 || last <= first)
        return;
    double step = log(last / first) * mark_distance, free_from = log(first);
    for (size_t i = 0; i < axis->count; i++) {
        double number = axis_number(&axis->values[i]);
        if (number <= 0 || log(number) < free_from)
            continue;
        figure_add_tick(&figure->x_ticks, quantity_tick(number, text, sizeof(text)), number);
        free_from = log(number) + step;
    }
}

static void make_x(struct figure *figure, const struct layout *layout)
{
    if (layout->x_compare)
        compare_categories(figure, layout->experiment);
    else if (layout->x_axis && (figure->plot->kind == PLOT_BAR || !axis_is_numeric(layout->x_axis)))
        axis_categories(figure, layout->x_axis);
    else if (layout->x_axis)
        axis_marks(figure, layout->x_axis);
}

/* The place of a group on x; NAN: it has none. */
static double x_of(const struct figure *figure, const struct layout *layout, const struct campaign *campaign,
                   size_t first)
{
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    struct estimate estimate;
    if (layout->x_compare)
        return (double)alternative_index(layout->experiment, point);
    if (!layout->x_axis)
        return estimate_metric(campaign, first, figure->plot->x, &estimate) ? estimate.value : NAN;
    const struct scenario_value *value = axis_value_at(layout->experiment, layout->x_axis, point);
    return figure->x_categories ? (double)(value - layout->x_axis->values) : axis_number(value);
}

/* ---- series ---- */

static size_t key_count(const struct layout *layout)
{
    if (layout->series_axis)
        return layout->series_axis->count;
    return layout->by_compare ? layout->experiment->alternative_count : 1;
}

static size_t key_of(const struct layout *layout, const struct scenario_point *point)
{
    if (layout->series_axis)
        return (size_t)(axis_value_at(layout->experiment, layout->series_axis, point) -
                        layout->series_axis->values);
    return layout->by_compare ? alternative_index(layout->experiment, point) : 0;
}

/* "virtio", "virtio, p99 latency" if there are several metrics, "p99 latency" if there are no keys. */
static void series_name(const struct layout *layout, const struct scenario_plot *plot, size_t key,
                        size_t metric, char *name)
{
    const char *title = metric_title(plot->y[metric]), *of = NULL;
    if (layout->series_axis)
        of = layout->series_axis->values[key].text;
    else if (layout->by_compare)
        of = layout->experiment->alternatives[key].name;
    if (!of)
        snprintf(name, NAME_SIZE, "%.150s", title);
    else if (plot->y_count == 1)
        snprintf(name, NAME_SIZE, "%.100s", of);
    else
        snprintf(name, NAME_SIZE, "%.100s, %.150s", of, title);
}

static void fill_series(struct figure *figure, const struct layout *layout, const struct campaign *campaign,
                        size_t key, size_t metric)
{
    char name[NAME_SIZE];
    series_name(layout, figure->plot, key, metric, name);
    struct figure_series *series = figure_add_series(figure, name);
    series->style = key * figure->plot->y_count + metric;
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        struct estimate estimate;
        if (!figure_has(figure, campaign, i) || key_of(layout, scenario_point(campaign->scenario, i)) != key)
            continue;
        double x = x_of(figure, layout, campaign, i);
        if (isnan(x) || !estimate_metric(campaign, i, figure->plot->y[metric], &estimate))
            continue;
        figure_add_row(series,
                       (struct figure_row){.x = x, .y = estimate.value, .half_width = estimate.half_width});
    }
}

static bool form_at(const struct figure *figure, const struct campaign *campaign, size_t first, double *value)
{
    struct diag *unheard = diag_create();
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    struct scenario_binding *binding = scenario_bind(campaign->scenario, point, registry_root(), unheard);
    bool known = binding && closed_form_value(figure->plot->overlay, scenario_config(binding), value);
    scenario_binding_destroy(binding);
    diag_destroy(unheard);
    return known;
}

/* The closed form beside a series, where it holds. */
static void fill_overlay(struct figure *figure, const struct layout *layout, const struct campaign *campaign,
                         size_t key)
{
    char of[NAME_SIZE], name[NAME_SIZE + 32];
    series_name(layout, figure->plot, key, 0, of);
    snprintf(name, sizeof(name), "%s, closed form", of);
    struct figure_series *series = figure_add_series(figure, name);
    series->overlay = true;
    series->style = key * figure->plot->y_count;
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        double value;
        if (!figure_has(figure, campaign, i) || key_of(layout, scenario_point(campaign->scenario, i)) != key)
            continue;
        double x = x_of(figure, layout, campaign, i);
        if (!isnan(x) && form_at(figure, campaign, i, &value))
            figure_add_row(series, (struct figure_row){.x = x, .y = value, .half_width = NAN});
    }
}

static char *copy(const char *text)
{
    char *copied = strdup(text);
    SIM_ASSERT(copied);
    return copied;
}

static void make_labels(struct figure *figure, const struct layout *layout)
{
    const struct scenario_plot *plot = figure->plot;
    char label[NAME_SIZE];
    if (plot->x_label)
        figure->x_label = copy(plot->x_label);
    else if (layout->x_compare)
        figure->x_label = copy("");
    else if (figure->x_categories)
        figure->x_label = copy(layout->x_axis->name);
    else if (layout->x_axis)
        figure->x_label = copy(axis_label(layout->x_axis, label, sizeof(label)));
    else
        figure->x_label = copy(metric_label(plot->x, label, sizeof(label)));
    figure->y_label = copy(plot->y_label ? plot->y_label : metric_label(plot->y[0], label, sizeof(label)));
}

void figure_make_series(struct figure *figure, const struct campaign *campaign)
{
    struct layout layout = layout_of(figure, scenario_experiment(campaign->scenario));
    make_x(figure, &layout);
    make_labels(figure, &layout);
    for (size_t key = 0; key < key_count(&layout); key++) {
        for (size_t metric = 0; metric < figure->plot->y_count; metric++)
            fill_series(figure, &layout, campaign, key, metric);
        if (figure->plot->overlay)
            fill_overlay(figure, &layout, campaign, key);
    }
}
