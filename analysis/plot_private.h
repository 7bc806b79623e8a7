/* The parts that make a figure, one a kind. */
#ifndef ANALYSIS_PLOT_PRIVATE_H
#define ANALYSIS_PLOT_PRIVATE_H

#include "analysis/plot.h"

/* Adds an empty series; `name` is copied. Valid until the next one is added. */
struct figure_series *figure_add_series(struct figure *figure, const char *name);
void figure_add_row(struct figure_series *series, struct figure_row row);
void figure_add_tick(struct figure_ticks *ticks, const char *text, double at);

/* What values are: the text of their label, and what they count in, `base` of the plain unit `unit` ("s", "" for none). */
struct figure_measure {
    const char *text;
    const char *unit;
    double base;
    bool fixed; /* the unit is not changed to fit */
};

/* The measure of a metric; `given` replaces the text unless it is NULL. */
struct figure_measure figure_measure_of(const char *metric, const char *given);

/* The measure of all that a plot shows upwards: of its first metric, in its own unit if they differ in it. */
struct figure_measure figure_measure_y(const struct scenario_plot *plot);

/* Ends of what is drawn. */
struct figure_span {
    double least, most; /* least > most: there is nothing */
};

/* Chooses the unit for a span and labels the axis. Returns what to multiply values by. */
double figure_scale_axis(struct figure_axis *axis, const struct figure_measure *measure,
                         enum plot_scale scale, struct figure_span span);

/* Marks a log scale at 1, 2 and 5 of each decade; over several decades only the 1 has a text. The span is above 0. */
void figure_mark_log(struct figure_axis *axis, struct figure_span span);

/* The values of a swept axis as categories, their unit in the label. */
void figure_scale_categories(struct figure_axis *axis, const struct scenario_axis *values, const char *label);

/* Writes a value in at most three digits, or whole. */
void figure_number(double value, char *text, size_t size);

/* A value of a swept axis with the unit that fits it: "50 us"; the scenario's own text if it has no unit. */
void figure_value_text(const struct scenario_axis *axis, const struct scenario_value *value, char *text,
                       size_t size);

/* A mark's text; without a unit that was chosen to fit, large and small numbers get a prefix. Returns `text`. */
const char *figure_tick_text(const struct figure_axis *axis, double value, char *text, size_t size);

/* The style of a strategy; FIGURE_STYLE_OTHER if the name is no strategy's. */
size_t figure_strategy_style(const char *name);

/* The style of an alternative: of its strategy, by its name or by what `result` (may be NULL) says; else by its number. */
size_t figure_style(const char *name, const json_t *result, size_t number);

/* Whether a group of replications belongs to the plot and has a result. */
bool figure_has(const struct figure *figure, const struct campaign *campaign, size_t first);

/* line, points, bar (plot_series.c) */
void figure_make_series(struct figure *figure, const struct campaign *campaign);
/* stack (plot_stack.c) */
void figure_make_stack(struct figure *figure, const struct campaign *campaign);
/* map (plot_map.c) */
void figure_make_map(struct figure *figure, const struct campaign *campaign);

#endif
