/* Units, labels and marks: what is done to a figure's numbers so that they can be read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/metric.h"
#include "analysis/plot_private.h"
#include "analysis/quantity.h"
#include "sim/assert.h"

enum { STEPS = 5 };

struct step {
    const char *text;
    double size; /* in the plain unit */
};

/* What a plain unit may be shown in, smallest first. */
static const struct ladder {
    const char *plain;
    struct step steps[STEPS];
} ladders[] = {
    {"s", {{"ns", 1e-9}, {"\302\265s", 1e-6}, {"ms", 1e-3}, {"s", 1}}},
    {"packets/s", {{"packets/s", 1}, {"kpps", 1e3}, {"Mpps", 1e6}}},
    {"bit/s", {{"b/s", 1}, {"kb/s", 1e3}, {"Mb/s", 1e6}, {"Gb/s", 1e9}, {"Tb/s", 1e12}}},
    {"Hz", {{"Hz", 1}, {"kHz", 1e3}, {"MHz", 1e6}, {"GHz", 1e9}}},
    {"cycles", {{"cycles", 1}, {"kcycles", 1e3}, {"Mcycles", 1e6}}},
};

/* The largest step that the typical value reaches: on a log scale the middle, else the largest. */
static struct step choose(const char *plain, double base, enum plot_scale scale, struct figure_span span)
{
    struct step chosen = {plain, 1};
    if (span.least > span.most)
        return chosen;
    double typical = scale == PLOT_LOG ? sqrt(span.least * span.most) : span.most;
    for (size_t i = 0; i < sizeof(ladders) / sizeof(ladders[0]); i++) {
        if (strcmp(ladders[i].plain, plain) != 0)
            continue;
        chosen = ladders[i].steps[0];
        for (size_t j = 1; j < STEPS && ladders[i].steps[j].text; j++)
            if (typical * base >= ladders[i].steps[j].size * 0.9995)
                chosen = ladders[i].steps[j];
    }
    return chosen;
}

/* "text [unit]", or what there is of the two. */
static char *label_of(const char *text, const char *unit)
{
    size_t size = strlen(text) + strlen(unit) + sizeof(" []");
    char *label = malloc(size);
    SIM_ASSERT(label);
    snprintf(label, size, *text && *unit ? "%s [%s]" : "%s%s", text, unit);
    return label;
}

struct figure_measure figure_measure_of(const char *metric, const char *given)
{
    struct figure_measure measure = {.text = given ? given : metric_title(metric)};
    measure.unit = metric_plain_unit(metric, &measure.base);
    return measure;
}

/* The unit that a metric has in the results; it is not changed to fit. */
static const char *own_unit(const struct figure_measure *measure)
{
    if (measure->base == 1)
        return measure->unit;
    return measure->base < 1 ? "ns" : "Gb/s";
}

struct figure_measure figure_measure_y(const struct scenario_plot *plot)
{
    struct figure_measure measure = figure_measure_of(plot->y[0], plot->y_label);
    for (size_t i = 1; i < plot->y_count; i++) {
        struct figure_measure other = figure_measure_of(plot->y[i], NULL);
        if (strcmp(other.unit, measure.unit) != 0 || other.base != measure.base)
            return (struct figure_measure){
                .text = measure.text, .unit = own_unit(&measure), .base = 1, .fixed = true};
    }
    return measure;
}

void figure_number(double value, char *text, size_t size)
{
    if (fabs(value) < 999.5)
        snprintf(text, size, "%.3g", value);
    else
        quantity_plain(value, text, size);
}

const char *figure_tick_text(const struct figure_axis *axis, double value, char *text, size_t size)
{
    return axis->scaled ? quantity_plain(value, text, size) : quantity_tick(value, text, size);
}

/* ---- marks on a log scale ---- */

static const int mantissas[] = {1, 2, 5};
enum { MANTISSAS = 3 };

/* mantissas[number mod 3] x 10^(number div 3) */
static double mark(int number)
{
    int decade = (number + 300) / MANTISSAS - 100;
    double value = mantissas[(number + 300) % MANTISSAS];
    for (; decade > 0; decade--)
        value *= 10;
    double divisor = 1;
    for (; decade < 0; decade++)
        divisor *= 10;
    return value / divisor;
}

void figure_mark_log(struct figure_axis *axis, struct figure_span span)
{
    char text[QUANTITY_SIZE];
    if (span.least > span.most)
        return;
    int first = -60, last = 60;
    while (first < last && mark(first + 1) <= span.least)
        first++;
    while (last > first && mark(last - 1) >= span.most)
        last--;
    if (first == last) {
        first--;
        last++;
    }
    bool crowded = last - first > 2 * MANTISSAS + 2;
    axis->from = mark(first);
    axis->to = mark(last);
    for (int i = first; i <= last; i++) {
        bool bare = crowded && (i + 300) % MANTISSAS != 0;
        figure_tick_text(axis, mark(i), text, sizeof(text));
        figure_add_tick(bare ? &axis->minor : &axis->ticks, bare ? "" : text, mark(i));
    }
}

/* ---- axes ---- */

double figure_scale_axis(struct figure_axis *axis, const struct figure_measure *measure,
                         enum plot_scale scale, struct figure_span span)
{
    double factor = 1;
    if (strchr(measure->text, '[')) {
        axis->label = label_of(measure->text, "");
    } else {
        struct step step = {measure->unit, 1};
        if (!measure->fixed)
            step = choose(measure->unit, measure->base, scale, span);
        factor = measure->base / step.size;
        axis->label = label_of(measure->text, step.text);
        axis->scaled = *step.text;
    }
    return factor;
}

static struct figure_span span_of(const struct scenario_axis *values)
{
    struct figure_span span = {INFINITY, -INFINITY};
    for (size_t i = 0; i < values->count; i++) {
        double number = axis_number(&values->values[i]);
        span.least = number > 0 && number < span.least ? number : span.least;
        span.most = number > span.most ? number : span.most;
    }
    return span;
}

/* With a unit in the label, or none at all, the texts are the scenario's. */
void figure_scale_categories(struct figure_axis *axis, const struct scenario_axis *values, const char *label)
{
    const char *unit = axis_unit(values), *text = label ? label : values->name;
    char number[QUANTITY_SIZE];
    struct step step = choose(unit, 1, PLOT_LOG, span_of(values));
    bool scaled = *unit && !strchr(text, '[');
    axis->categories = true;
    axis->label = label_of(text, scaled ? step.text : "");
    for (size_t i = 0; i < values->count; i++) {
        const struct scenario_value *value = &values->values[i];
        if (scaled)
            quantity_plain(axis_number(value) / step.size, number, sizeof(number));
        figure_add_tick(&axis->ticks, scaled ? number : value->text, (double)i);
    }
}

void figure_value_text(const struct scenario_axis *axis, const struct scenario_value *value, char *text,
                       size_t size)
{
    char number[QUANTITY_SIZE];
    double plain = axis_number(value);
    struct step step = choose(axis_unit(axis), 1, PLOT_LINEAR, (struct figure_span){plain, plain});
    if (!*step.text)
        snprintf(text, size, "%.20s", value->text);
    else
        snprintf(text, size, "%.20s %s", quantity_plain(plain / step.size, number, sizeof(number)),
                 step.text);
}

/* ---- styles ---- */

size_t figure_strategy_style(const char *name)
{
    static const char *const strategies[FIGURE_STYLE_OTHER] = {"native", "emulation", "virtio",
                                                               "passthrough"};
    size_t style = 0;
    while (style < FIGURE_STYLE_OTHER && strcmp(strategies[style], name) != 0)
        style++;
    return style;
}

size_t figure_style(const char *name, const json_t *result, size_t number)
{
    size_t style = figure_strategy_style(name);
    const char *strategy = json_string_value(json_object_get(result, "strategy"));
    if (style == FIGURE_STYLE_OTHER && strategy)
        style = figure_strategy_style(strategy);
    return style == FIGURE_STYLE_OTHER ? FIGURE_STYLE_OTHER + number : style;
}
