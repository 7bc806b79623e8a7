/* Maps: which alternative is best at each combination of two axes' values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/estimate.h"
#include "analysis/plot_private.h"
#include "sim/assert.h"

static char *make_direction(const struct scenario_axis *axis, const char *label, struct figure_ticks *ticks)
{
    for (size_t i = 0; axis && i < axis->count; i++)
        figure_add_tick(ticks, axis->values[i].text, (double)i);
    char *copied = strdup(label ? label : axis ? axis->name : "");
    SIM_ASSERT(copied);
    return copied;
}

struct cell {
    double best; /* NAN: none yet */
    size_t alternative;
};

static size_t index_at(const struct experiment *experiment, const struct scenario_axis *axis,
                       const struct scenario_point *point)
{
    return axis ? (size_t)(axis_value_at(experiment, axis, point) - axis->values) : 0;
}

/* Of equal alternatives, the first is best. */
static void consider(struct cell *cell, double value, size_t alternative, bool best_is_max)
{
    if (!isnan(cell->best) && (best_is_max ? value <= cell->best : value >= cell->best))
        return;
    *cell = (struct cell){.best = value, .alternative = alternative};
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

/* A series for each alternative, of the cells that it won. */
static void take_cells(struct figure *figure, const struct experiment *experiment, const struct cell *cells,
                       size_t width, size_t height)
{
    size_t alternatives = experiment->alternative_count ? experiment->alternative_count : 1;
    for (size_t i = 0; i < alternatives; i++) {
        const char *name =
            experiment->alternative_count ? experiment->alternatives[i].name : figure->plot->value;
        struct figure_series *series = figure_add_series(figure, name);
        for (size_t cell = 0; cell < width * height; cell++)
            if (!isnan(cells[cell].best) && cells[cell].alternative == i)
                figure_add_row(series, (struct figure_row){.x = (double)(cell % width),
                                                           .y = (double)(cell / width),
                                                           .half_width = NAN,
                                                           .value = cells[cell].best});
    }
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
        cells[i].best = NAN;
    figure->x_categories = true;
    figure->x_label = make_direction(x, figure->plot->x_label, &figure->x_ticks);
    figure->y_label = make_direction(y, figure->plot->y_label, &figure->y_ticks);
    fill_cells(figure, campaign, cells, x, y);
    take_cells(figure, experiment, cells, width, height);
    free(cells);
}
