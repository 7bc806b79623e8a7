/*
 * Figures drawn by gnuplot: a data file, a script that draws it as SVG and PNG, and the drawing itself. gnuplot is
 * wanted, not required: without it data and script are there, to be drawn anywhere by `gnuplot NAME.gp`.
 *
 * The SVG is equal to the byte for equal results: fixed size and fonts, no dates, no random names. Colours are Okabe and
 * Ito's, told apart by colour-blind eyes; dashes, point shapes and hatching differ as well.
 */
#ifndef ANALYSIS_GNUPLOT_H
#define ANALYSIS_GNUPLOT_H

#include "analysis/outfile.h"
#include "analysis/plot.h"

enum gnuplot_result {
    GNUPLOT_DRAWN,
    GNUPLOT_EMPTY,   /* there is nothing to draw: data and script only */
    GNUPLOT_MISSING, /* there is no gnuplot: data and script only */
    GNUPLOT_FAILED   /* reported */
};

/* Writes the figure's data: blocks of series, two empty lines between them. */
void gnuplot_data(const struct figure *figure, FILE *out);

/* Writes the script, which reads `NAME.dat` and makes `NAME.svg` and `NAME.png` in the working folder. */
void gnuplot_script(const struct figure *figure, FILE *out);

/* Writes NAME.dat, NAME.gp, NAME.svg and NAME.png into `folder`, which exists; each appears when it is complete. */
enum gnuplot_result gnuplot_draw(const struct figure *figure, const char *folder, struct diag *diag);

#endif
