/*
 * Figures: what a `plot:` of a scenario shows, taken from a campaign's results, as data that is independent of who draws
 * it. analysis/gnuplot.h writes it for gnuplot.
 *
 *     line, points   a series for each alternative (or value of an axis) and metric; x an axis, `compare` or a metric
 *     bar            the same, in clusters over the values of x
 *     stack          a bar for each selected point, cut into components: several metrics, or all stages ("stages") or
 *                    cycle categories ("cpu.by_category", as cycles a packet); small ones are drawn as one
 *     map            over two axes, which alternative is best by a metric
 *
 * Replications are one point, their mean; error bars are 95 % intervals. A plot that names no series has one for each
 * alternative that it selects.
 */
#ifndef ANALYSIS_PLOT_H
#define ANALYSIS_PLOT_H

#include "analysis/campaign.h"

/* A value with its interval, or a cell of a map (then y counts the second axis' values). */
struct figure_row {
    double x, y;
    double half_width; /* NAN: none */
    double value;      /* MAP: the best alternative's metric */
};

struct figure_series {
    char *name;
    struct figure_row *rows;
    size_t count;
    size_t style; /* its colour and shape: its number among all series, those without results included */
    bool errors;  /* some rows have an interval */
    bool overlay; /* a closed form of the series before it */
};

/* A place on an axis: where, and what is written there. */
struct figure_tick {
    char *text;
    double at;
};

struct figure_ticks {
    struct figure_tick *items;
    size_t count;
};

struct figure {
    const struct scenario_plot *plot; /* borrowed */
    char *x_label, *y_label;
    bool x_categories;            /* x counts x_ticks, from 0 */
    struct figure_ticks x_ticks;  /* none: where the drawing program likes */
    struct figure_ticks y_ticks;  /* MAP */
    struct figure_series *series; /* STACK: components, x counting the bars; MAP: alternatives */
    size_t count;
    bool empty; /* there is nothing to draw */
};

/* Makes a figure of a campaign; `plot` is one of its scenario's. */
void figure_create(struct figure *figure, const struct campaign *campaign, const struct scenario_plot *plot);
void figure_destroy(struct figure *figure);

/* Marks the points that a plot needs. `selected` has a flag for each point. */
void figure_select(const struct scenario *scenario, const struct scenario_plot *plot, bool *selected);

/* Reports what is wrong with the scenario's plots beyond their form (an overlay that does not exist). */
bool figure_check(const struct scenario *scenario, struct diag *diag);

#endif
