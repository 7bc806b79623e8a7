/* What a figure's data file holds. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "analysis/gnuplot.h"
#include "analysis/gnuplot_private.h"
#include "analysis/plot_private.h"
#include "analysis/quantity.h"
#include "sim/report_number.h"

enum { CELL_TEXT = 120 };

static void put_number(double value, FILE *out)
{
    char text[REPORT_NUMBER_SIZE];
    fputs(isfinite(value) ? report_double(value, text, sizeof(text)) : "NaN", out);
}

void gnuplot_put_line(const char *text, FILE *out)
{
    for (; *text; text++)
        fputc(iscntrl((unsigned char)*text) ? ' ' : *text, out);
}

/* A word in double quotes, as a column. */
static void put_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++)
        fputc(*text == '"' || iscntrl((unsigned char)*text) ? '\'' : *text, out);
    fputc('"', out);
}

/* x y low high [label] [colour]: where there is no interval, or no place for it on a log scale, the ends are y. */
static void put_row(const struct figure *figure, const struct figure_row *row, FILE *out)
{
    double half_width = isfinite(row->half_width) ? row->half_width : 0;
    double low = row->y - half_width;
    if (figure->plot->y_scale == PLOT_LOG && low <= 0)
        low = row->y;
    put_number(row->x, out);
    fputc(' ', out);
    put_number(row->y, out);
    fputc(' ', out);
    put_number(low, out);
    fputc(' ', out);
    put_number(row->y + half_width, out);
    if (figure->labels) {
        fputc(' ', out);
        put_quoted(row->label, out);
    }
    if (figure->painted)
        fprintf(out, " 0x%06X", (unsigned)gnuplot_colour(row->style));
    fputc('\n', out);
}

static void series_data(const struct figure *figure, FILE *out)
{
    fprintf(out, "# columns: x y low high (95 %% interval)%s%s\n", figure->labels ? " label" : "",
            figure->painted ? " colour" : "");
    for (size_t i = 0; i < figure->count; i++) {
        const struct figure_series *series = &figure->series[i];
        fprintf(out, "%s# ", i ? "\n\n" : "");
        gnuplot_put_line(series->name, out);
        fputc('\n', out);
        for (size_t j = 0; j < series->count; j++)
            put_row(figure, &series->rows[j], out);
    }
}

static double stack_value(const struct figure_series *series, size_t bar)
{
    for (size_t i = 0; i < series->count; i++)
        if (series->rows[i].x == (double)bar)
            return series->rows[i].y;
    return 0;
}

/* A row a bar: its name, then the components. */
static void stack_data(const struct figure *figure, FILE *out)
{
    fputs("# columns: bar", out);
    for (size_t i = 0; i < figure->count; i++) {
        fputc(' ', out);
        put_quoted(figure->series[i].name, out);
    }
    fputc('\n', out);
    for (size_t bar = 0; bar < figure->x.ticks.count; bar++) {
        put_quoted(figure->x.ticks.items[bar].text, out);
        for (size_t i = 0; i < figure->count; i++) {
            fputc(' ', out);
            put_number(stack_value(&figure->series[i], bar), out);
        }
        fputc('\n', out);
    }
}

/* What is written in a cell below the winner's name: its value with the unit, and how far behind the next is. */
static void put_cell_text(const struct figure *figure, const struct figure_row *row, FILE *out)
{
    char text[CELL_TEXT], lead[QUANTITY_SIZE];
    snprintf(text, sizeof(text), "%s%s%s", row->label, *figure->value_unit ? " " : "", figure->value_unit);
    put_quoted(text, out);
    fputc(' ', out);
    figure_number(row->lead, lead, sizeof(lead));
    snprintf(text, sizeof(text), "%.60s %s %s", row->next ? row->next : "",
             figure->plot->best_is_max ? "\303\267" : "\303\227", lead);
    put_quoted(row->next ? text : "", out);
}

/* The more it leads, the stronger its colour: from 0.2 when it leads by nothing towards 0.65. */
static uint32_t cell_colour(const struct figure_series *series, const struct figure_row *row)
{
    double lead = row->lead >= 1 ? row->lead : 1;
    return gnuplot_pale(series->style, 0.65 - 0.45 / lead);
}

/* x y, the alternative's name, its value as written in the cell, the next best's, the colour and the value. */
static void map_data(const struct figure *figure, FILE *out)
{
    fprintf(out, "# columns: x y best value-as-text next-as-text colour value\n");
    for (size_t i = 0; i < figure->count; i++) {
        const struct figure_series *series = &figure->series[i];
        fputs(i ? "\n\n" : "", out);
        for (size_t j = 0; j < series->count; j++) {
            const struct figure_row *row = &series->rows[j];
            fprintf(out, "%g %g ", row->x, row->y);
            put_quoted(series->name, out);
            fputc(' ', out);
            put_cell_text(figure, row, out);
            fprintf(out, " 0x%06X ", (unsigned)cell_colour(series, row));
            put_number(row->value, out);
            fputc('\n', out);
        }
    }
}

void gnuplot_data(const struct figure *figure, FILE *out)
{
    fputs("# ", out);
    gnuplot_put_line(figure->plot->title, out);
    fputs("\n# x: ", out);
    gnuplot_put_line(figure->x.label, out);
    fputs("\n# y: ", out);
    gnuplot_put_line(figure->y.label, out);
    fputc('\n', out);
    if (figure->plot->kind == PLOT_STACK)
        stack_data(figure, out);
    else if (figure->plot->kind == PLOT_MAP)
        map_data(figure, out);
    else
        series_data(figure, out);
}
