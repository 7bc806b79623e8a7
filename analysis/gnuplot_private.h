/* What the parts of the gnuplot writer share. */
#ifndef ANALYSIS_GNUPLOT_PRIVATE_H
#define ANALYSIS_GNUPLOT_PRIVATE_H

#include <stdio.h>

/* Writes `text` with blanks for control characters, so that it stays on one line. */
void gnuplot_put_line(const char *text, FILE *out);

#endif
