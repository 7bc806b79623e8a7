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
static const double mark_distance = 0.1;

/* More bars than that carry no values: they would overlap. */
static const size_t most_labelled = 12;

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

static char *copy(const char *text)
{
    char *copied = strdup(text);
    SIM_ASSERT(copied);
    return copied;
}

static void axis_categories(struct figure *figure, const struct scenario_axis *axis)
{
    figure_scale_categories(&figure->x, axis, figure->plot->x_label);
}

static void compare_categories(struct figure *figure, const struct experiment *experiment)
{
    figure->x.categories = true;
    figure->x.label = copy(figure->plot->x_label ? figure->plot->x_label : "");
    for (size_t i = 0; i < experiment->alternative_count; i++)
        figure_add_tick(&figure->x.ticks, experiment->alternatives[i].name, (double)i);
}

/* On a log scale the swept values themselves are the marks, the ends first, as far as there is room. */
static void axis_marks(struct figure *figure, const struct scenario_axis *axis, double factor)
{
    char text[QUANTITY_SIZE];
    double first = axis_number(&axis->values[0]), last = axis_number(&axis->values[axis->count - 1]);
    if (figure->plot->x_scale != PLOT_LOG || first <= 0 || last <= first)
        return;
    double step = log(last / first) * mark_distance, free_from = log(first);
    double free_to = log(last) - step;
    for (size_t i = 0; i < axis->count; i++) {
        double number = axis_number(&axis->values[i]);
        bool fits =
            number > 0 && (i + 1 == axis->count || (log(number) >= free_from && log(number) <= free_to));
        figure_tick_text(&figure->x, number * factor, text, sizeof(text));
        figure_add_tick(fits ? &figure->x.ticks : &figure->x.minor, fits ? text : "", number * factor);
        if (fits)
            free_from = log(number) + step;
    }
}

static void make_categories(struct figure *figure, const struct layout *layout)
{
    if (layout->x_compare)
        compare_categories(figure, layout->experiment);
    else if (layout->x_axis && (figure->plot->kind == PLOT_BAR || !axis_is_numeric(layout->x_axis)))
        axis_categories(figure, layout->x_axis);
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
    return figure->x.categories ? (double)(value - layout->x_axis->values) : axis_number(value);
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

/* The first result of a key; NULL: it has none. */
static const json_t *result_of(const struct layout *layout, const struct campaign *campaign, size_t key)
{
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign))
        if (key_of(layout, scenario_point(campaign->scenario, i)) == key && estimate_result(campaign, i))
            return estimate_result(campaign, i);
    return NULL;
}

static size_t unshared_style(const struct layout *layout, const struct campaign *campaign, size_t key)
{
    const char *name = layout->by_compare ? layout->experiment->alternatives[key].name : "";
    return figure_style(name, result_of(layout, campaign, key), key);
}

/* Of alternatives with one strategy the first has the strategy's style; values of an axis have none of a strategy. */
static size_t style_of(const struct layout *layout, const struct campaign *campaign, size_t key)
{
    if (layout->series_axis)
        return FIGURE_STYLE_OTHER + key;
    size_t style = unshared_style(layout, campaign, key);
    for (size_t i = 0; i < key; i++)
        if (unshared_style(layout, campaign, i) == style)
            return FIGURE_STYLE_OTHER + key;
    return style;
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

/* A point's place in the sweep, where no axis shows it. */
static void label_point(struct figure *figure, const struct layout *layout,
                        const struct scenario_point *point, struct figure_row *row)
{
    for (size_t i = 0; i < layout->experiment->axis_count; i++) {
        const struct scenario_axis *axis = &layout->experiment->axes[i];
        if (axis == layout->series_axis || axis->count < 2)
            continue;
        figure_value_text(axis, axis_value_at(layout->experiment, axis, point), row->label,
                          sizeof(row->label));
        figure->labels = true;
        return;
    }
}

static struct figure_row row_of(struct figure *figure, const struct layout *layout,
                                const struct campaign *campaign, size_t first,
                                const struct estimate *estimate)
{
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    struct figure_row row = {.y = estimate->value, .half_width = estimate->half_width};
    if (layout->x_compare && figure->plot->kind == PLOT_BAR && !layout->series_axis)
        row.style =
            figure_style(point->alternative ? point->alternative->name : "", estimate_result(campaign, first),
                         alternative_index(layout->experiment, point));
    if (!layout->x_axis && !layout->x_compare)
        label_point(figure, layout, point, &row);
    return row;
}

static void fill_series(struct figure *figure, const struct layout *layout, const struct campaign *campaign,
                        size_t key, size_t metric)
{
    char name[NAME_SIZE];
    series_name(layout, figure->plot, key, metric, name);
    struct figure_series *series = figure_add_series(figure, name);
    series->style = style_of(layout, campaign, key);
    series->variant = metric;
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        struct estimate estimate;
        if (!figure_has(figure, campaign, i) || key_of(layout, scenario_point(campaign->scenario, i)) != key)
            continue;
        double x = x_of(figure, layout, campaign, i);
        if (isnan(x) || !estimate_metric(campaign, i, figure->plot->y[metric], &estimate))
            continue;
        struct figure_row row = row_of(figure, layout, campaign, i, &estimate);
        row.x = x;
        figure_add_row(series, row);
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
    series->style = style_of(layout, campaign, key);
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        double value;
        if (!figure_has(figure, campaign, i) || key_of(layout, scenario_point(campaign->scenario, i)) != key)
            continue;
        double x = x_of(figure, layout, campaign, i);
        if (!isnan(x) && form_at(figure, campaign, i, &value))
            figure_add_row(series, (struct figure_row){.x = x, .y = value, .half_width = NAN});
    }
}

static bool is_equal(const struct figure_series *one, const struct figure_series *other)
{
    bool equal = one->count == other->count;
    for (size_t i = 0; equal && i < one->count; i++)
        equal = one->rows[i].x == other->rows[i].x && one->rows[i].y == other->rows[i].y;
    return equal;
}

/* A limit that is the same for all series is one line, in a colour of its own. */
static void join_overlays(struct figure *figure)
{
    struct figure_series *first = NULL;
    size_t overlays = 0;
    for (size_t i = 0; i < figure->count; i++) {
        struct figure_series *series = &figure->series[i];
        if (!series->overlay)
            continue;
        first = first ? first : series;
        if (!is_equal(first, series))
            return;
        overlays++;
    }
    if (overlays < 2)
        return;
    first->style = FIGURE_STYLE_SHARED;
    for (size_t i = 0; i < figure->count; i++)
        if (figure->series[i].overlay && &figure->series[i] != first)
            figure->series[i].count = 0; /* an empty series is not drawn */
}

/* ---- units ---- */

static bool is_shown(double value, enum plot_scale scale)
{
    return isfinite(value) && (scale == PLOT_LINEAR || value > 0);
}

static void widen(struct figure_span *span, double value, enum plot_scale scale)
{
    if (!is_shown(value, scale))
        return;
    span->least = value < span->least ? value : span->least;
    span->most = value > span->most ? value : span->most;
}

static void find_spans(const struct figure *figure, struct figure_span *x, struct figure_span *y)
{
    *x = *y = (struct figure_span){INFINITY, -INFINITY};
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++) {
            const struct figure_row *row = &figure->series[i].rows[j];
            double half_width = isfinite(row->half_width) ? row->half_width : 0;
            widen(x, row->x, figure->plot->x_scale);
            widen(y, row->y - half_width, figure->plot->y_scale);
            widen(y, row->y + half_width, figure->plot->y_scale);
        }
}

static void multiply(struct figure *figure, double x, double y)
{
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++) {
            struct figure_row *row = &figure->series[i].rows[j];
            row->x *= x;
            row->y *= y;
            row->half_width *= y;
        }
}

static double scale_x(struct figure *figure, const struct layout *layout, struct figure_span span)
{
    const struct scenario_plot *plot = figure->plot;
    struct figure_measure measure = {.text = plot->x_label, .base = 1};
    if (figure->x.categories)
        return 1;
    if (!layout->x_axis) {
        measure = figure_measure_of(plot->x, plot->x_label);
        return figure_scale_axis(&figure->x, &measure, plot->x_scale, span);
    }
    measure.text = plot->x_label ? plot->x_label : layout->x_axis->name;
    measure.unit = axis_unit(layout->x_axis);
    return figure_scale_axis(&figure->x, &measure, plot->x_scale, span);
}

/* Bars carry their values, if there are not too many of them. */
static void label_bars(struct figure *figure)
{
    size_t bars = 0;
    for (size_t i = 0; i < figure->count; i++)
        bars += figure->series[i].count;
    if (figure->plot->kind != PLOT_BAR || bars > most_labelled)
        return;
    figure->labels = true;
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++)
            figure_number(figure->series[i].rows[j].y, figure->series[i].rows[j].label, FIGURE_LABEL);
}

static void scale(struct figure *figure, const struct layout *layout)
{
    struct figure_span x, y;
    find_spans(figure, &x, &y);
    struct figure_measure measure = figure_measure_y(figure->plot);
    double x_factor = scale_x(figure, layout, x);
    double y_factor = figure_scale_axis(&figure->y, &measure, figure->plot->y_scale, y);
    multiply(figure, x_factor, y_factor);
    if (figure->plot->y_scale == PLOT_LOG)
        figure_mark_log(&figure->y, (struct figure_span){y.least * y_factor, y.most * y_factor});
    if (layout->x_axis && !figure->x.categories)
        axis_marks(figure, layout->x_axis, x_factor);
    else if (!figure->x.categories && figure->plot->x_scale == PLOT_LOG)
        figure_mark_log(&figure->x, (struct figure_span){x.least * x_factor, x.most * x_factor});
}

void figure_make_series(struct figure *figure, const struct campaign *campaign)
{
    struct layout layout = layout_of(figure, scenario_experiment(campaign->scenario));
    make_categories(figure, &layout);
    for (size_t key = 0; key < key_count(&layout); key++) {
        for (size_t metric = 0; metric < figure->plot->y_count; metric++)
            fill_series(figure, &layout, campaign, key, metric);
        if (figure->plot->overlay)
            fill_overlay(figure, &layout, campaign, key);
    }
    join_overlays(figure);
    figure->painted = layout.x_compare && figure->plot->kind == PLOT_BAR && !layout.series_axis;
    scale(figure, &layout);
    label_bars(figure);
}
