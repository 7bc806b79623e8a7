/* Maps: which alternative is best at each combination of two axes' values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/estimate.h"
#include "analysis/plot_private.h"
#include "sim/assert.h"

static void make_direction(struct figure_axis *direction, const struct scenario_axis *axis, const char *label)
{
    if (axis) {
        figure_scale_categories(direction, axis, label);
        return;
    }
    direction->label = strdup(label ? label : "");
    SIM_ASSERT(direction->label);
}

struct cell {
    double best, next; /* NAN: none yet */
    size_t alternative, next_alternative;
};

static size_t index_at(const struct experiment *experiment, const struct scenario_axis *axis,
                       const struct scenario_point *point)
{
    return axis ? (size_t)(axis_value_at(experiment, axis, point) - axis->values) : 0;
}

static bool is_better(double value, double than, bool best_is_max)
{
    return isnan(than) || (best_is_max ? value > than : value < than);
}

/* Of equal alternatives, the first is best. */
static void consider(struct cell *cell, double value, size_t alternative, bool best_is_max)
{
    if (is_better(value, cell->best, best_is_max)) {
        cell->next = cell->best;
        cell->next_alternative = cell->alternative;
        cell->best = value;
        cell->alternative = alternative;
    } else if (is_better(value, cell->next, best_is_max)) {
        cell->next = value;
        cell->next_alternative = alternative;
    }
}

static void fill_cells(const struct figure *figure, const struct campaign *campaign, struct cell *cells,
                       const struct scenario_axis *x, const struct scenario_axis *y)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    size_t width = x ? x->count : 1;
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        const struct scenario_point *point = scenario_point(campaign->scenario, i);
        struct estimate estimate;
        if (!figure_has(figure, campaign, i) || !estimate_metric(campaign, i, figure->plot->value, &estimate))
            continue;
        size_t alternative = point->alternative ? (size_t)(point->alternative - experiment->alternatives) : 0;
        size_t cell = index_at(experiment, y, point) * width + index_at(experiment, x, point);
        consider(&cells[cell], estimate.value, alternative, figure->plot->best_is_max);
    }
}

static struct figure_row row_of(const struct cell *cell, const struct experiment *experiment, size_t index,
                                size_t width)
{
    struct figure_row row = {.x = (double)(index % width),
                             .y = (double)(index / width),
                             .half_width = NAN,
                             .value = cell->best,
                             .lead = NAN};
    double less = cell->best < cell->next ? cell->best : cell->next;
    double more = cell->best < cell->next ? cell->next : cell->best;
    if (!isnan(cell->next) && less > 0) {
        row.lead = more / less;
        row.next = experiment->alternatives[cell->next_alternative].name;
    }
    return row;
}

/* A series for each alternative, of the cells that it won. */
static void take_cells(struct figure *figure, const struct experiment *experiment, const struct cell *cells,
                       size_t width, size_t height)
{
    size_t alternatives = experiment->alternative_count ? experiment->alternative_count : 1;
    for (size_t i = 0; i < alternatives; i++) {
        const char *name =
            experiment->alternative_count ? experiment->alternatives[i].name : figure->plot->value;
        struct figure_series *series = figure_add_series(figure, name);
        series->style = figure_style(name, NULL, i);
        for (size_t cell = 0; cell < width * height; cell++)
            if (!isnan(cells[cell].best) && cells[cell].alternative == i)
                figure_add_row(series, row_of(&cells[cell], experiment, cell, width));
    }
}

/* Cells are written in one unit, that of the middle of their range. */
static void scale_values(struct figure *figure)
{
    struct figure_span span = {INFINITY, -INFINITY};
    struct figure_measure measure = figure_measure_of(figure->plot->value, NULL);
    struct figure_axis values = {0};
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++) {
            double value = figure->series[i].rows[j].value;
            span.least = value > 0 && value < span.least ? value : span.least;
            span.most = value > span.most ? value : span.most;
        }
    measure.text = "";
    double factor = figure_scale_axis(&values, &measure, PLOT_LOG, span);
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++) {
            struct figure_row *row = &figure->series[i].rows[j];
            row->value *= factor;
            figure_number(row->value, row->label, sizeof(row->label));
        }
    figure->value_unit = values.label;
}

void figure_make_map(struct figure *figure, const struct campaign *campaign)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    const struct scenario_axis *x = axis_find(experiment, figure->plot->x);
    const struct scenario_axis *y = axis_find(experiment, figure->plot->y[0]);
    size_t width = x ? x->count : 1, height = y ? y->count : 1;
    struct cell *cells = calloc(width * height, sizeof(*cells));
    SIM_ASSERT(cells);
    for (size_t i = 0; i < width * height; i++)
        cells[i].best = cells[i].next = NAN;
    make_direction(&figure->x, x, figure->plot->x_label);
    make_direction(&figure->y, y, figure->plot->y_label);
    fill_cells(figure, campaign, cells, x, y);
    take_cells(figure, experiment, cells, width, height);
    scale_values(figure);
    free(cells);
}
