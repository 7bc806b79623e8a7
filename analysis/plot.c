#include "analysis/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/closed_form.h"
#include "analysis/estimate.h"
#include "analysis/plot_private.h"
#include "sim/assert.h"

struct figure_series *figure_add_series(struct figure *figure, const char *name)
{
    figure->series = realloc(figure->series, (figure->count + 1) * sizeof(*figure->series));
    SIM_ASSERT(figure->series);
    struct figure_series *series = &figure->series[figure->count++];
    *series = (struct figure_series){.name = strdup(name), .style = figure->count - 1};
    SIM_ASSERT(series->name);
    return series;
}

void figure_add_row(struct figure_series *series, struct figure_row row)
{
    series->rows = realloc(series->rows, (series->count + 1) * sizeof(*series->rows));
    SIM_ASSERT(series->rows);
    series->rows[series->count++] = row;
    series->errors = series->errors || row.half_width > 0;
}

void figure_add_tick(struct figure_ticks *ticks, const char *text, double at)
{
    ticks->items = realloc(ticks->items, (ticks->count + 1) * sizeof(*ticks->items));
    SIM_ASSERT(ticks->items);
    ticks->items[ticks->count] = (struct figure_tick){.text = strdup(text), .at = at};
    SIM_ASSERT(ticks->items[ticks->count].text);
    ticks->count++;
}

bool figure_has(const struct figure *figure, const struct campaign *campaign, size_t first)
{
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    return scenario_matches(campaign->scenario, &figure->plot->where, point) &&
           estimate_result(campaign, first);
}

/* Whether a series has a row that can be drawn: on a log scale, one above 0. */
static bool is_drawable(const struct figure *figure, const struct figure_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        bool x = figure->plot->x_scale == PLOT_LINEAR || figure->x.categories || series->rows[i].x > 0;
        bool y = figure->plot->y_scale == PLOT_LINEAR || series->rows[i].y > 0;
        if (figure->plot->kind == PLOT_MAP || figure->plot->kind == PLOT_STACK || (x && y))
            return true;
    }
    return false;
}

static void free_series(struct figure_series *series)
{
    free(series->name);
    free(series->rows);
}

/* A series that cannot be drawn would stop the drawing program. */
static void drop_empty(struct figure *figure)
{
    size_t kept = 0;
    for (size_t i = 0; i < figure->count; i++) {
        if (is_drawable(figure, &figure->series[i]))
            figure->series[kept++] = figure->series[i];
        else
            free_series(&figure->series[i]);
    }
    figure->count = kept;
    figure->empty = kept == 0;
}

void figure_create(struct figure *figure, const struct campaign *campaign, const struct scenario_plot *plot)
{
    *figure = (struct figure){.plot = plot, .x = {.from = NAN, .to = NAN}, .y = {.from = NAN, .to = NAN}};
    if (plot->kind == PLOT_STACK)
        figure_make_stack(figure, campaign);
    else if (plot->kind == PLOT_MAP)
        figure_make_map(figure, campaign);
    else
        figure_make_series(figure, campaign);
    drop_empty(figure);
}

static void free_ticks(struct figure_ticks *ticks)
{
    for (size_t i = 0; i < ticks->count; i++)
        free(ticks->items[i].text);
    free(ticks->items);
}

static void free_axis(struct figure_axis *axis)
{
    free(axis->label);
    free_ticks(&axis->ticks);
    free_ticks(&axis->minor);
}

void figure_destroy(struct figure *figure)
{
    for (size_t i = 0; i < figure->count; i++)
        free_series(&figure->series[i]);
    free(figure->series);
    free_axis(&figure->x);
    free_axis(&figure->y);
    free(figure->value_unit);
}

void figure_select(const struct scenario *scenario, const struct scenario_plot *plot, bool *selected)
{
    for (size_t i = 0; i < scenario_point_count(scenario); i++)
        if (scenario_matches(scenario, &plot->where, scenario_point(scenario, i)))
            selected[i] = true;
}

static bool is_form(const char *name, size_t *count)
{
    for (*count = 0; closed_form_names[*count]; (*count)++)
        if (strcmp(closed_form_names[*count], name) == 0)
            return true;
    return false;
}

static void unknown_form(const struct scenario_plot *plot, struct diag *diag)
{
    char allowed[512];
    size_t count = 0, length = 0;
    for (; closed_form_names[count]; count++)
        if (length < sizeof(allowed))
            length += (size_t)snprintf(allowed + length, sizeof(allowed) - length, "%s%s", count ? ", " : "",
                                       closed_form_names[count]);
    const char *nearest = diag_nearest(plot->overlay, closed_form_names, count);
    diag_error(diag, &plot->overlay_place, "unknown closed form: `%.100s` for `overlay`; allowed: %s%s%s%s",
               plot->overlay, allowed, nearest ? "; did you mean `" : "", nearest ? nearest : "",
               nearest ? "`?" : "");
}

bool figure_check(const struct scenario *scenario, struct diag *diag)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    size_t before = diag_error_count(diag);
    for (size_t i = 0; i < experiment->plot_count; i++) {
        const struct scenario_plot *plot = &experiment->plots[i];
        size_t count = 0;
        if (!plot->overlay || is_form(plot->overlay, &count))
            continue;
        unknown_form(plot, diag);
    }
    return diag_error_count(diag) == before;
}
