/* What a figure's data file holds. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "analysis/gnuplot.h"
#include "analysis/gnuplot_private.h"
#include "analysis/metric.h"
#include "analysis/quantity.h"
#include "sim/report_number.h"

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

/* x y low high: where there is no interval, or no place for it on a log scale, the ends are y. */
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
    fputc('\n', out);
}

static void series_data(const struct figure *figure, FILE *out)
{
    fprintf(out, "# columns: x y low high (95 %% interval)\n");
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
    for (size_t bar = 0; bar < figure->x_ticks.count; bar++) {
        put_quoted(figure->x_ticks.items[bar].text, out);
        for (size_t i = 0; i < figure->count; i++) {
            fputc(' ', out);
            put_number(stack_value(&figure->series[i], bar), out);
        }
        fputc('\n', out);
    }
}

/* x y, the alternative's name and its value as written in the cell. */
static void map_data(const struct figure *figure, FILE *out)
{
    char text[QUANTITY_SIZE];
    fprintf(out, "# columns: x y best value-as-text value\n");
    for (size_t i = 0; i < figure->count; i++) {
        const struct figure_series *series = &figure->series[i];
        fputs(i ? "\n\n" : "", out);
        for (size_t j = 0; j < series->count; j++) {
            const struct figure_row *row = &series->rows[j];
            fprintf(out, "%g %g ", row->x, row->y);
            put_quoted(series->name, out);
            fputc(' ', out);
            put_quoted(metric_text(figure->plot->value, row->value, text, sizeof(text)), out);
            fputc(' ', out);
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
    gnuplot_put_line(figure->x_label, out);
    fputs("\n# y: ", out);
    gnuplot_put_line(figure->y_label, out);
    fputc('\n', out);
    if (figure->plot->kind == PLOT_STACK)
        stack_data(figure, out);
    else if (figure->plot->kind == PLOT_MAP)
        map_data(figure, out);
    else
        series_data(figure, out);
}
