/* The parts that make a figure, one a kind. */
#ifndef ANALYSIS_PLOT_PRIVATE_H
#define ANALYSIS_PLOT_PRIVATE_H

#include "analysis/plot.h"

/* Adds an empty series; `name` is copied. Valid until the next one is added. */
struct figure_series *figure_add_series(struct figure *figure, const char *name);
void figure_add_row(struct figure_series *series, struct figure_row row);
void figure_add_tick(struct figure_ticks *ticks, const char *text, double at);

/* Whether a group of replications belongs to the plot and has a result. */
bool figure_has(const struct figure *figure, const struct campaign *campaign, size_t first);

/* line, points, bar (plot_series.c) */
void figure_make_series(struct figure *figure, const struct campaign *campaign);
/* stack (plot_stack.c) */
void figure_make_stack(struct figure *figure, const struct campaign *campaign);
/* map (plot_map.c) */
void figure_make_map(struct figure *figure, const struct campaign *campaign);

#endif
