/* The script that draws a figure. */
#include <math.h>
#include <string.h>

#include "analysis/gnuplot.h"
#include "analysis/gnuplot_private.h"
#include "analysis/quantity.h"
#include "sim/report_number.h"

/* Okabe and Ito, without black and yellow, which do not show well as lines on white; then darker ones. */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#56B4E9", "#444444"};
static const int shapes[] = {7, 5, 9, 13, 11, 6, 4, 8, 12, 10};
static const char *const dashes[] = {"solid", "(14,5)", "(4,4)",         "(14,5,3,5)",
                                     "(8,3)", "(2,3)",  "(18,4,4,4,4,4)"};

/* Characters that fit beside each other below a figure, and below one with its key beside it. */
enum { LINE_WIDTH = 76, NARROW_WIDTH = 42 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A string in single quotes, on one line. */
static void put_string(const char *text, FILE *out)
{
    fputc('\'', out);
    for (; *text; text++) {
        char one[2] = {*text, '\0'};
        gnuplot_put_line(one, out);
        if (*text == '\'')
            fputc('\'', out);
    }
    fputc('\'', out);
}

static void set_string(const char *what, const char *text, FILE *out)
{
    fprintf(out, "set %s ", what);
    put_string(text, out);
    fputc('\n', out);
}

/* Whether the texts of neighbours would touch on a line of `width` characters, on which they are equally spaced. */
static bool is_crowded(const struct figure_ticks *ticks, size_t width)
{
    for (size_t i = 1; i < ticks->count; i++) {
        size_t both = strlen(ticks->items[i - 1].text) + strlen(ticks->items[i].text);
        if ((both + 4) * ticks->count > 2 * width)
            return true;
    }
    return false;
}

static void set_ticks(const char *axis, const struct figure_ticks *ticks, bool categories, FILE *out)
{
    char number[REPORT_NUMBER_SIZE];
    fprintf(out, "set %stics (", axis);
    for (size_t i = 0; i < ticks->count; i++) {
        fputs(i ? ", " : "", out);
        put_string(ticks->items[i].text, out);
        fprintf(out, " %s", report_double(ticks->items[i].at, number, sizeof(number)));
    }
    fputs(")", out);
    if (strcmp(axis, "x") == 0 && categories && is_crowded(ticks, LINE_WIDTH))
        fputs(" rotate by -25", out);
    fputc('\n', out);
}

/* Whether marks may carry SI prefixes: not before a unit that has one itself. */
static bool takes_prefix(const char *label)
{
    static const char *const units[] = {"[s]", "[packets/s]", "[B]", "[Hz]", "[bit/s]", "[cycles]"};
    for (size_t i = 0; i < COUNT(units); i++)
        if (strstr(label, units[i]))
            return true;
    return false;
}

static void set_scale(const char *axis, enum plot_scale scale, const char *label, FILE *out)
{
    bool prefixes = scale == PLOT_LOG && takes_prefix(label);
    fprintf(out, "set format %s '%s'\n", axis, prefixes ? "%.0s%c" : "%.10g");
    if (scale == PLOT_LOG)
        fprintf(out, "set logscale %s\n", axis);
}

/* A little room on both sides of what is drawn; a linear axis that begins near 0 begins at 0. */
static void set_x_range(const struct figure *figure, FILE *out)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < figure->count; i++)
        for (size_t j = 0; j < figure->series[i].count; j++) {
            double x = figure->series[i].rows[j].x;
            if (figure->plot->x_scale == PLOT_LOG && x <= 0)
                continue;
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
    if (!(least < most))
        return;
    double room = (most - least) * 0.04;
    if (figure->plot->x_scale == PLOT_LOG)
        fprintf(out, "set xrange [%.6g:%.6g]\n", least / 1.15, most * 1.15);
    else
        fprintf(out, "set xrange [%.6g:%.6g]\n", least >= 0 && least < most / 4 ? 0 : least - room,
                most + room);
}

static void set_axes(const struct figure *figure, FILE *out)
{
    const struct scenario_plot *plot = figure->plot;
    fputs("set xlabel ", out);
    put_string(figure->x_label, out);
    fputs("\n", out);
    set_string("ylabel", figure->y_label, out);
    set_scale("x", figure->x_categories ? PLOT_LINEAR : plot->x_scale, figure->x_label, out);
    set_scale("y", plot->kind == PLOT_MAP ? PLOT_LINEAR : plot->y_scale, figure->y_label, out);
    if (figure->x_categories && plot->kind != PLOT_STACK)
        fprintf(out, "set xrange [-0.6:%zu.6]\n", figure->x_ticks.count - 1);
    else if (plot->kind != PLOT_STACK)
        set_x_range(figure, out);
    if (figure->x_ticks.count > 0 && plot->kind != PLOT_STACK)
        set_ticks("x", &figure->x_ticks, figure->x_categories, out);
    if (plot->kind == PLOT_STACK && is_crowded(&figure->x_ticks, NARROW_WIDTH))
        fputs("set xtics rotate by -25\n", out);
    if (figure->y_ticks.count > 0) {
        set_ticks("y", &figure->y_ticks, true, out);
        fprintf(out, "set yrange [-0.6:%zu.6]\n", figure->y_ticks.count - 1);
    } else if (plot->y_scale == PLOT_LINEAR) {
        fprintf(out, "set yrange [0:*]\n");
    }
}

/* Styles 1, 2, ... of the series: colour, dash, shape. */
static void set_styles(FILE *out)
{
    for (size_t i = 0; i < 2 * COUNT(colours); i++)
        fprintf(out,
                "set linetype %zu linecolor rgb '%s' linewidth 2 dashtype %s pointtype %d pointsize 1.1\n",
                i + 1, colours[i % COUNT(colours)], dashes[i % COUNT(dashes)], shapes[i % COUNT(shapes)]);
}

/* ---- what is drawn ---- */

static void draw_overlay(const struct figure *figure, size_t index, FILE *out)
{
    fprintf(out, "index %zu using 1:2 with lines linecolor rgb '%s' linewidth 1.2 dashtype (2,4)", index,
            colours[figure->series[index].style % COUNT(colours)]);
}

static void draw_series(const struct figure *figure, size_t index, FILE *out)
{
    bool points = figure->plot->kind == PLOT_POINTS;
    const struct figure_series *series = &figure->series[index];
    if (series->errors)
        fprintf(out, "index %zu using 1:2:3:4 with %s", index, points ? "yerrorbars" : "yerrorlines");
    else
        fprintf(out, "index %zu using 1:2 with %s", index, points ? "points" : "linespoints");
    fprintf(out, " linetype %zu", series->style + 1);
}

/* Bars of a cluster stand beside each other, 0.8 wide in all; every second one is hatched. */
static void draw_bars(const struct figure *figure, size_t index, size_t number, size_t bars, FILE *out)
{
    const struct figure_series *series = &figure->series[index];
    double width = 0.8 / (double)bars, offset = ((double)number + 0.5) * width - 0.4;
    fprintf(out, "index %zu using ($1%+.4f):2:%s(%.4f) with %s", index, offset, series->errors ? "3:4:" : "",
            width * 0.92, series->errors ? "boxerrorbars" : "boxes");
    fprintf(out, " linetype %zu dashtype solid linewidth 1 fill %s", series->style + 1,
            number % 2 ? "pattern 2" : "solid 0.8");
}

static size_t count_plain(const struct figure *figure)
{
    size_t count = 0;
    for (size_t i = 0; i < figure->count; i++)
        count += !figure->series[i].overlay;
    return count;
}

static void plot_series(const struct figure *figure, FILE *out)
{
    size_t number = 0, plain = count_plain(figure);
    for (size_t i = 0; i < figure->count; i++) {
        fprintf(out, "%sdata ", i ? ", \\\n     " : "plot ");
        if (figure->series[i].overlay)
            draw_overlay(figure, i, out);
        else if (figure->plot->kind == PLOT_BAR)
            draw_bars(figure, i, number++, plain, out);
        else
            draw_series(figure, i, out);
        fputs(" title ", out);
        put_string(figure->series[i].name, out);
    }
    fputc('\n', out);
}

/* More components than colours: the second round is hatched, the third hatched otherwise. */
static void plot_stack(const struct figure *figure, FILE *out)
{
    for (size_t i = 0; i < figure->count; i++) {
        size_t round = i / COUNT(colours);
        fprintf(out, "%sdata using %zu:xtic(1) linecolor rgb '%s' dashtype solid fill ",
                i ? ", \\\n     " : "plot ", i + 2, colours[i % COUNT(colours)]);
        if (round == 0)
            fputs("solid 0.85", out);
        else
            fprintf(out, "pattern %zu", round % 2 ? 2 + 3 * (round / 2) : 1 + round);
        fputs(" title ", out);
        put_string(figure->series[i].name, out);
    }
    fputc('\n', out);
}

static void plot_map(const struct figure *figure, FILE *out)
{
    for (size_t i = 0; i < figure->count; i++) {
        fprintf(out,
                "%sdata index %zu using 1:2:(0.49):(0.49) with boxxyerror dashtype solid linecolor rgb '%s' "
                "fill solid 0.35 "
                "title ",
                i ? ", \\\n     " : "plot ", i, colours[figure->series[i].style % COUNT(colours)]);
        put_string(figure->series[i].name, out);
    }
    int size = figure->x_ticks.count > 5 ? 13 : 17;
    fprintf(out, ", \\\n     data using 1:2:3 with labels font ',%d' offset 0,0.6 notitle", size);
    fprintf(out, ", \\\n     data using 1:2:4 with labels font ',%d' offset 0,-0.6 notitle\n", size);
}

/* One series needs no key: the axis says what it is. */
static void set_key(const struct figure *figure, FILE *out)
{
    if (figure->plot->kind == PLOT_STACK)
        fputs("set key outside right top vertical maxcols 1 invert samplen 2\n"
              "set style data histograms\nset style histogram rowstacked\nset boxwidth 0.7\n",
              out);
    else if (figure->count == 1 && figure->plot->kind != PLOT_MAP)
        fputs("set key off\n", out);
    else
        fputs("set key outside top center horizontal samplen 3\n", out);
}

static void put_plot(const struct figure *figure, FILE *out)
{
    if (figure->empty)
        fputs("print 'there is nothing to draw'\n", out);
    else if (figure->plot->kind == PLOT_STACK)
        plot_stack(figure, out);
    else if (figure->plot->kind == PLOT_MAP)
        plot_map(figure, out);
    else
        plot_series(figure, out);
}

/* The names of an SVG's elements begin with this. */
static void put_identifier(const char *name, FILE *out)
{
    for (; *name; name++)
        fputc(*name == '-' ? '_' : *name, out);
}

void gnuplot_script(const struct figure *figure, FILE *out)
{
    const char *name = figure->plot->name;
    fprintf(out, "# Draws %s.svg and %s.png from %s.dat: gnuplot %s.gp\n", name, name, name, name);
    fprintf(out, "data = '%s.dat'\n", name);
    fputs("set encoding utf8\nset datafile missing 'NaN'\n", out);
    fputs("set terminal svg size 900,560 noenhanced font 'Helvetica,20' background rgb 'white' name '", out);
    put_identifier(name, out);
    fputs("'\n", out);
    fprintf(out, "set output '%s.svg'\n", name);
    set_string("title", figure->plot->title, out);
    set_axes(figure, out);
    set_styles(out);
    fputs("set border 3\nset tics nomirror\nset grid linecolor rgb '#cccccc' linewidth 1 dashtype solid\n",
          out);
    set_key(figure, out);
    put_plot(figure, out);
    if (figure->empty)
        return;
    fputs("if (strstrt(GPVAL_TERMINALS, 'pngcairo')) {\n", out);
    fputs("    set terminal pngcairo size 900,560 noenhanced font 'Sans,15' background rgb 'white'\n", out);
    fprintf(out, "    set output '%s.png'\n    replot\n}\n", name);
    fputs("set output\n", out);
}
