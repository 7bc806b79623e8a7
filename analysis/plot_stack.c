/* Stacked bars: a bar for each selected point, its components series. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/estimate.h"
#include "analysis/metric.h"
#include "analysis/plot_private.h"
#include "sim/assert.h"

enum { LABEL_SIZE = 300 };

/* "virtio", "rate=10kpps", "rate=10kpps virtio". */
static void bar_name(const struct campaign *campaign, size_t first, char *name)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    size_t length = 0;
    name[0] = '\0';
    for (size_t i = 0; i < experiment->axis_count && length < LABEL_SIZE; i++)
        length += (size_t)snprintf(name + length, LABEL_SIZE - length, "%s%s", i ? " " : "",
                                   point->values[i]->text);
    if (point->alternative && length < LABEL_SIZE)
        snprintf(name + length, LABEL_SIZE - length, "%s%s", length ? " " : "", point->alternative->name);
    if (name[0] == '\0')
        snprintf(name, LABEL_SIZE, "%s",
                 json_string_value(json_object_get(estimate_result(campaign, first), "strategy")));
}

static struct figure_series *component(struct figure *figure, const char *name)
{
    for (size_t i = 0; i < figure->count; i++)
        if (strcmp(figure->series[i].name, name) == 0)
            return &figure->series[i];
    return figure_add_series(figure, name);
}

static void add(struct figure *figure, const char *name, size_t bar, double value)
{
    figure_add_row(component(figure, name),
                   (struct figure_row){.x = (double)bar, .y = value, .half_width = NAN});
}

static void add_stages(struct figure *figure, const json_t *stages, size_t bar)
{
    size_t index;
    json_t *stage;
    json_array_foreach((json_t *)stages, index, stage)
    {
        double mean = json_number_value(json_object_get(stage, "mean_ns"));
        add(figure, json_string_value(json_object_get(stage, "stage")), bar, mean);
    }
}

/* Categories are counted in cycles of the window: what a packet took of each is its share of the cycles a packet. */
static void add_categories(struct figure *figure, const json_t *result, const json_t *categories, size_t bar)
{
    const char *name;
    json_t *cycles;
    double each = 0, total = 0;
    result_number(result, "cpu.cycles_per_packet", &each);
    json_object_foreach((json_t *)categories, name, cycles) total += json_number_value(cycles);
    json_object_foreach((json_t *)categories, name, cycles)
        add(figure, name, bar, json_number_value(cycles) / total * each);
}

static void add_bar(struct figure *figure, const struct campaign *campaign, size_t first, size_t bar)
{
    const json_t *result = estimate_result(campaign, first);
    for (size_t i = 0; i < figure->plot->y_count; i++) {
        const char *metric = figure->plot->y[i];
        const json_t *value = result_at(result, metric);
        struct estimate estimate;
        if (json_is_array(value))
            add_stages(figure, value, bar);
        else if (json_is_object(value))
            add_categories(figure, result, value, bar);
        else if (estimate_metric(campaign, first, metric, &estimate))
            add(figure, metric_title(metric), bar, estimate.value);
    }
}

/* ---- small components are drawn as one ---- */

static const double small_share = 0.02; /* of the tallest bar */

static double tallest_bar(const struct figure *figure, size_t bars)
{
    double tallest = 0;
    for (size_t bar = 0; bar < bars; bar++) {
        double height = 0;
        for (size_t i = 0; i < figure->count; i++)
            for (size_t j = 0; j < figure->series[i].count; j++)
                height += figure->series[i].rows[j].x == (double)bar ? figure->series[i].rows[j].y : 0;
        tallest = height > tallest ? height : tallest;
    }
    return tallest;
}

static bool is_small(const struct figure_series *series, double limit)
{
    for (size_t i = 0; i < series->count; i++)
        if (series->rows[i].y >= limit)
            return false;
    return true;
}

/* Adds a component's rows to those of the rest. */
static void merge(struct figure_series *rest, const struct figure_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        size_t j = 0;
        while (j < rest->count && rest->rows[j].x != series->rows[i].x)
            j++;
        if (j == rest->count)
            figure_add_row(rest, (struct figure_row){.x = series->rows[i].x, .half_width = NAN});
        rest->rows[j].y += series->rows[i].y;
    }
}

static void merge_small(struct figure *figure, size_t bars)
{
    double limit = tallest_bar(figure, bars) * small_share;
    struct figure_series rest = {.name = NULL};
    char name[LABEL_SIZE];
    size_t kept = 0, merged = 0;
    for (size_t i = 0; i < figure->count; i++)
        merged += is_small(&figure->series[i], limit);
    if (merged < 2)
        return;
    for (size_t i = 0; i < figure->count; i++) {
        if (!is_small(&figure->series[i], limit)) {
            figure->series[kept] = figure->series[i];
            figure->series[kept].style = kept;
            kept++;
            continue;
        }
        merge(&rest, &figure->series[i]);
        free(figure->series[i].name);
        free(figure->series[i].rows);
    }
    figure->count = kept;
    snprintf(name, sizeof(name), "%zu others", merged);
    struct figure_series *last = figure_add_series(figure, name);
    last->style = FIGURE_STYLE_REST;
    last->rows = rest.rows;
    last->count = rest.count;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static struct figure_measure measure_of(const struct scenario_plot *plot)
{
    if (ends_with(plot->y[0], "by_category"))
        return figure_measure_of("cpu.cycles_per_packet", plot->y_label);
    if (ends_with(plot->y[0], "stages"))
        return figure_measure_of("latency_ns.mean", plot->y_label);
    return figure_measure_y(plot);
}

static void scale(struct figure *figure, size_t bars)
{
    struct figure_measure measure = measure_of(figure->plot);
    struct figure_span span = {0, tallest_bar(figure, bars)};
    double factor = figure_scale_axis(&figure->y, &measure, PLOT_LINEAR, span);
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++)
            figure->series[i].rows[j].y *= factor;
}

void figure_make_stack(struct figure *figure, const struct campaign *campaign)
{
    size_t bar = 0;
    figure->x.categories = true;
    figure->x.label = strdup(figure->plot->x_label ? figure->plot->x_label : "");
    SIM_ASSERT(figure->x.label);
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        char name[LABEL_SIZE];
        if (!figure_has(figure, campaign, i))
            continue;
        bar_name(campaign, i, name);
        figure_add_tick(&figure->x.ticks, name, (double)bar);
        add_bar(figure, campaign, i, bar++);
    }
    merge_small(figure, bar);
    scale(figure, bar);
}
