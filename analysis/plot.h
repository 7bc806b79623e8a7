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
 *
 * Units. A label that names no unit in brackets gets one that fits the range (ns, us, ms; kpps, Mpps), and the values
 * are given in it; with a unit in the label, values stay in the metric's own unit, or in the axis' plain SI unit.
 *
 * Looks. A strategy has the same colour and shape in every figure. Where x is a metric each point carries the value of the
 * sweep that it belongs to; bars carry their values.
 */
#ifndef ANALYSIS_PLOT_H
#define ANALYSIS_PLOT_H

#include "analysis/campaign.h"

enum {
    FIGURE_STYLE_OTHER =
        4, /* styles from here on are of what is no strategy; those before, of the four strategies */
    FIGURE_STYLE_SHARED = 7,  /* of a closed form that is the same for all series */
    FIGURE_STYLE_REST = 1000, /* of a stack: the components that are too small to tell apart */
    FIGURE_LABEL = 32,
};

/* A value with its interval, or a cell of a map (then y counts the second axis' values). */
struct figure_row {
    double x, y;
    double half_width; /* NAN: none */
    double value;      /* MAP: the best alternative's metric */
    double lead;       /* MAP: how many times better it is than the next, >= 1; NAN: there is no next */
    const char *next;  /* MAP: the next best alternative; NULL: none. Borrowed */
    size_t style;      /* BAR: its colour */
    char label[FIGURE_LABEL]; /* what is written at it; "": nothing */
};

struct figure_series {
    char *name;
    struct figure_row *rows;
    size_t count;
    size_t style;   /* its colour and shape, whether or not other series have results */
    size_t variant; /* 0, 1, ...: the metric, of several that are shown of the same thing */
    bool errors;    /* some rows have an interval */
    bool overlay;   /* a closed form of the series before it */
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

struct figure_axis {
    char *label;               /* with its unit */
    bool scaled;               /* the unit was chosen to fit */
    bool categories;           /* values count ticks, from 0 */
    struct figure_ticks ticks; /* none: where the drawing program likes */
    struct figure_ticks minor; /* marks without a text between those */
    double from, to;           /* its ends; NAN: where the drawing program likes */
};

struct figure {
    const struct scenario_plot *plot; /* borrowed */
    struct figure_axis x, y;
    char *value_unit;             /* MAP: of the cells' values */
    struct figure_series *series; /* STACK: components, x counting the bars; MAP: alternatives */
    size_t count;
    bool labels;  /* rows have labels */
    bool painted; /* rows have styles of their own */
    bool empty;   /* there is nothing to draw */
};

/* Makes a figure of a campaign; `plot` is one of its scenario's. */
void figure_create(struct figure *figure, const struct campaign *campaign, const struct scenario_plot *plot);
void figure_destroy(struct figure *figure);

/* Marks the points that a plot needs. `selected` has a flag for each point. */
void figure_select(const struct scenario *scenario, const struct scenario_plot *plot, bool *selected);

/* Reports what is wrong with the scenario's plots beyond their form (an overlay that does not exist). */
bool figure_check(const struct scenario *scenario, struct diag *diag);

#endif
