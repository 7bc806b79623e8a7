/* What the parts of the gnuplot writer share. */
#ifndef ANALYSIS_GNUPLOT_PRIVATE_H
#define ANALYSIS_GNUPLOT_PRIVATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes `text` with blanks for control characters, so that it stays on one line. */
void gnuplot_put_line(const char *text, FILE *out);

/* The colour of a style (analysis/plot.h), 0xRRGGBB. */
uint32_t gnuplot_colour(size_t style);

/* The same, paler: `share` of it, the rest white. */
uint32_t gnuplot_pale(size_t style, double share);

/* Writes what draws a series of a style by lines and points: colour, width, dash and shape, its size times gnuplot's `scale`. */
void gnuplot_put_style(size_t style, size_t variant, FILE *out);

#endif
