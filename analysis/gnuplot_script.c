/* The script that draws a figure. */
#include <math.h>
#include <string.h>

#include "analysis/gnuplot.h"
#include "analysis/gnuplot_private.h"
#include "sim/report_number.h"

/* Characters that fit beside each other: in the title, below a figure, below one with its key beside it. */
enum { TITLE_WIDTH = 76, LINE_WIDTH = 80, NARROW_WIDTH = 54, STACK_WIDTH = 48 };

/* Components of a stack: not those of the strategies, which are what the bars stand for. */
static const char *const components[] = {"#0072B2", "#E69F00", "#009E73", "#CC79A7",
                                         "#56B4E9", "#D55E00", "#666666", "#F0E442"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A string in single quotes, on one line. */
static void put_part(const char *text, size_t length, FILE *out)
{
    fputc('\'', out);
    for (size_t i = 0; i < length; i++) {
        char one[2] = {text[i], '\0'};
        gnuplot_put_line(one, out);
        if (text[i] == '\'')
            fputc('\'', out);
    }
    fputc('\'', out);
}

static void put_string(const char *text, FILE *out)
{
    put_part(text, strlen(text), out);
}

static void set_string(const char *what, const char *text, FILE *out)
{
    fprintf(out, "set %s ", what);
    put_string(text, out);
    fputc('\n', out);
}

/* ---- texts of several lines ---- */

/* Where the line that begins at `text` ends: at a blank, or at the end; at least one word. */
static size_t line_length(const char *text, size_t width)
{
    size_t end = strcspn(text, " ");
    while (text[end] && end + 1 + strcspn(text + end + 1, " ") <= width)
        end += 1 + strcspn(text + end + 1, " ");
    return end;
}

/* Returns the number of lines. */
static int put_lines(const char *text, size_t width, FILE *out)
{
    int lines = 0;
    do {
        size_t length = line_length(text, width);
        fputs(lines++ ? ".\"\\n\"." : "", out);
        put_part(text, length, out);
        text += length + (text[length] == ' ');
    } while (*text);
    return lines;
}

/* One series needs no key, the axis says what it is; in a map the cells do. */
static bool has_key(const struct figure *figure)
{
    if (figure->plot->kind == PLOT_MAP)
        return false;
    return figure->count > 1 || figure->plot->kind == PLOT_STACK;
}

/* Characters for the text of a category. */
static size_t room_for(const struct figure *figure)
{
    size_t width = has_key(figure) ? NARROW_WIDTH : LINE_WIDTH;
    if (figure->plot->kind == PLOT_STACK)
        width = STACK_WIDTH;
    size_t each = width / (figure->x.ticks.count ? figure->x.ticks.count : 1);
    return each > 2 ? each - 1 : 1;
}

static size_t longest_word(const struct figure_ticks *ticks)
{
    size_t longest = 0;
    for (size_t i = 0; i < ticks->count; i++)
        for (const char *at = ticks->items[i].text; *at; at += strspn(at, " ")) {
            size_t length = strcspn(at, " ");
            longest = length > longest ? length : longest;
            at += length;
        }
    return longest;
}

/* ---- axes ---- */

static void put_ticks(const struct figure_ticks *ticks, size_t width, const char *level, bool first,
                      FILE *out)
{
    char number[REPORT_NUMBER_SIZE];
    for (size_t i = 0; i < ticks->count; i++) {
        fputs(i || !first ? ", " : "", out);
        put_lines(ticks->items[i].text, width, out);
        fprintf(out, " %s%s", report_double(ticks->items[i].at, number, sizeof(number)), level);
    }
}

/* The most lines that a tick's text takes. */
static int line_count(const struct figure_ticks *ticks, size_t width)
{
    int most = 1;
    for (size_t i = 0; i < ticks->count; i++) {
        const char *text = ticks->items[i].text;
        int lines = 1;
        for (size_t length = line_length(text, width); text[length]; length = line_length(text, width)) {
            text += length + 1;
            lines++;
        }
        most = lines > most ? lines : most;
    }
    return most;
}

/* Categories are wrapped at blanks where there is room for their words, and slanted where there is none. */
static void set_ticks(const char *name, const struct figure_axis *axis, size_t room, FILE *out)
{
    bool slanted = room > 0 && longest_word(&axis->ticks) > room;
    fprintf(out, "set %stics (", name);
    put_ticks(&axis->ticks, room == 0 || slanted ? 1000 : room, "", true, out);
    put_ticks(&axis->minor, 1000, " 1", false, out);
    fprintf(out, ")%s\n", slanted ? " rotate by -25" : "");
    int lines = room == 0 || slanted ? 1 : line_count(&axis->ticks, room);
    if (lines > 1) /* more than one line is not reckoned with by itself */
        fprintf(out, "set bmargin %d.5\n", lines + (*axis->label ? 2 : 1));
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
    double room = (most - least) * (figure->labels ? 0.12 : 0.04);
    if (figure->plot->x_scale == PLOT_LOG)
        fprintf(out, "set logscale x\nset xrange [%.6g:%.6g]\n", least / 1.15, most * 1.15);
    else
        fprintf(out, "set xrange [%.6g:%.6g]\n", least >= 0 && least < most / 4 ? 0 : least - room,
                most + room);
}

static void set_x(const struct figure *figure, FILE *out)
{
    set_string("xlabel", figure->x.label, out);
    if (figure->x.categories)
        fprintf(out, "set xrange [-0.6:%zu.6]\n", figure->x.ticks.count > 0 ? figure->x.ticks.count - 1 : 0);
    else
        set_x_range(figure, out);
    if (figure->x.ticks.count > 0)
        set_ticks("x", &figure->x, figure->x.categories ? room_for(figure) : 0, out);
}

static void set_y(const struct figure *figure, FILE *out)
{
    set_string("ylabel", figure->y.label, out);
    if (figure->y.ticks.count > 0)
        set_ticks("y", &figure->y, 0, out);
    if (figure->y.categories)
        fprintf(out, "set yrange [-0.6:%zu.6]\n", figure->y.ticks.count - 1);
    else if (figure->plot->y_scale == PLOT_LOG)
        fputs("set logscale y\n", out);
    else
        fputs(figure->labels ? "set yrange [0:*]\nset offsets 0, 0, graph 0.07, 0\n" : "set yrange [0:*]\n",
              out);
    if (!isnan(figure->y.from))
        fprintf(out, "set yrange [%.6g:%.6g]\n", figure->y.from, figure->y.to);
}

/* ---- what is drawn ---- */

static void draw_overlay(const struct figure *figure, size_t index, FILE *out)
{
    fprintf(out, "index %zu using 1:2 with lines linecolor rgb '#%06X' linewidth 2", index,
            (unsigned)gnuplot_colour(figure->series[index].style));
}

static bool has_overlay(const struct figure *figure)
{
    for (size_t i = 0; i < figure->count; i++)
        if (figure->series[i].overlay)
            return true;
    return false;
}

/* Where a closed form is drawn as a line, what was simulated are points. */
static void draw_series(const struct figure *figure, size_t index, FILE *out)
{
    bool points = figure->plot->kind == PLOT_POINTS || has_overlay(figure);
    const struct figure_series *series = &figure->series[index];
    if (series->errors)
        fprintf(out, "index %zu using 1:2:3:4 with %s", index, points ? "yerrorbars" : "yerrorlines");
    else
        fprintf(out, "index %zu using 1:2 with %s", index, points ? "points" : "linespoints");
    gnuplot_put_style(series->style, series->variant, out);
}

/* Bars of a cluster stand beside each other, 0.8 wide in all; every second one is hatched. */
static void draw_bars(const struct figure *figure, size_t index, size_t number, size_t bars, FILE *out)
{
    const struct figure_series *series = &figure->series[index];
    double width = 0.8 / (double)bars, offset = ((double)number + 0.5) * width - 0.4;
    const char *colour = !figure->painted ? "" : figure->labels ? ":6" : ":5";
    fprintf(out, "index %zu using ($1%+.4f):2:%s(%.4f)%s with %s", index, offset,
            series->errors ? "3:4:" : "", width * 0.92, colour, series->errors ? "boxerrorbars" : "boxes");
    if (figure->painted)
        fputs(" linecolor rgb variable", out);
    else
        fprintf(out, " linecolor rgb '#%06X'", (unsigned)gnuplot_colour(series->style));
    fprintf(out, " linewidth 1.5 fill %s", number % 2 ? "pattern 2" : "solid 0.8");
    if (figure->labels)
        fprintf(out,
                " notitle, \\\n     data index %zu using ($1%+.4f):4:5 with labels font ',17' offset 0,0.6",
                index, offset);
}

static size_t count_plain(const struct figure *figure)
{
    size_t count = 0;
    for (size_t i = 0; i < figure->count; i++)
        count += !figure->series[i].overlay;
    return count;
}

static void put_title(const struct figure *figure, size_t index, FILE *out)
{
    if (figure->series[index].overlay || figure->plot->kind == PLOT_BAR) {
        fputs(" notitle", out);
        return;
    }
    fputs(" title ", out);
    put_string(figure->series[index].name, out);
}

/* Keys that stand for no one series: which of the clustered bars is which, and what the lines are. */
static void put_key_entries(const struct figure *figure, FILE *out)
{
    for (size_t i = 0; figure->plot->kind == PLOT_BAR && has_key(figure) && i < figure->count; i++) {
        uint32_t colour = figure->painted ? 0x777777 : gnuplot_colour(figure->series[i].style);
        fprintf(out, ", \\\n     keyentry with boxes linecolor rgb '#%06X' fill %s title ", (unsigned)colour,
                i % 2 ? "pattern 2" : "solid 0.8");
        put_string(figure->series[i].name, out);
    }
    if (has_overlay(figure))
        fputs(", \\\n     keyentry with lines linecolor rgb '#000000' linewidth 2 title 'closed form'", out);
}

static void draw_labels(const struct figure *figure, size_t index, FILE *out)
{
    if (figure->labels && figure->plot->kind != PLOT_BAR)
        fprintf(out,
                ", \\\n     data index %zu using 1:2:5 with labels left font ',17' offset 0.9,0.5 notitle",
                index);
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
        put_title(figure, i, out);
        draw_labels(figure, i, out);
    }
    put_key_entries(figure, out);
    fputc('\n', out);
}

/* Exits are hatched; more components than colours are hatched otherwise. */
static void plot_stack(const struct figure *figure, FILE *out)
{
    for (size_t i = 0; i < figure->count; i++) {
        const struct figure_series *series = &figure->series[i];
        bool rest = series->style == FIGURE_STYLE_REST;
        fprintf(out, "%sdata using %zu linecolor rgb '%s' fill ", i ? ", \\\n     " : "plot ", i + 2,
                rest ? "#cccccc" : components[i % COUNT(components)]);
        if (strncmp(series->name, "exit.", strlen("exit.")) == 0)
            fputs("pattern 2", out);
        else
            fputs(rest || i < COUNT(components) ? "solid 0.85" : "pattern 5", out);
        fputs(" title ", out);
        put_string(figure->series[i].name, out);
    }
    fputc('\n', out);
}

static void plot_map(const struct figure *figure, FILE *out)
{
    int size = figure->x.ticks.count > 5 ? 14 : 16;
    fputs("plot data using 1:2:(0.485):(0.485):6 with boxxyerror linecolor rgb variable fill solid 1 notitle",
          out);
    fprintf(out, ", \\\n     data using 1:2:3 with labels font ',%d' offset 0,1.1 notitle", size);
    fprintf(out, ", \\\n     data using 1:2:4 with labels font ',%d' offset 0,0 notitle", size);
    fprintf(out, ", \\\n     data using 1:2:5 with labels font ',%d' offset 0,-1.2 notitle\n", size - 2);
}

static void set_key(const struct figure *figure, FILE *out)
{
    if (figure->plot->kind == PLOT_STACK)
        fputs("set key outside right top vertical maxcols 1 invert samplen 2 font ',17'\n"
              "set style data histograms\nset style histogram rowstacked\nset boxwidth 0.7\n",
              out);
    else if (!has_key(figure))
        fputs("set key off\n", out);
    else
        fputs("set key outside right top vertical maxcols 1 Left reverse samplen 2.5 spacing 1.3 width -1\n",
              out);
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

/* A heading from the left edge, in as many lines as it needs. */
static void set_title(const struct figure *figure, FILE *out)
{
    fputs("set label 1 ", out);
    int lines = put_lines(figure->plot->title, TITLE_WIDTH, out);
    fputs(" at screen 0.02, screen 0.955 left font ',24'\n", out);
    double top = 0.945 - 0.05 * lines;
    if (figure->plot->kind == PLOT_MAP) {
        fprintf(out,
                "set label 2 'in each cell: the best, its value, and %s; darker is a longer lead' at screen "
                "0.02, screen %.3f left font ',15'\n",
                figure->plot->best_is_max ? "the next with how many times less it reaches"
                                          : "the next with how many times as much it takes",
                top + 0.005);
        top -= 0.04;
    }
    fprintf(out, "set tmargin at screen %.3f\n", top);
}

void gnuplot_script(const struct figure *figure, FILE *out)
{
    const char *name = figure->plot->name;
    fprintf(out, "# Draws %s.svg and %s.png from %s.dat: gnuplot %s.gp\n", name, name, name, name);
    fprintf(out, "data = '%s.dat'\n", name);
    fputs("scale = 0.6 # of points, which SVG draws larger\n", out);
    fputs("set encoding utf8\nset datafile missing 'NaN'\n", out);
    fputs("set terminal svg size 960,600 noenhanced font 'sans-serif,20' background rgb 'white' name '", out);
    put_identifier(name, out);
    fputs("'\n", out);
    fprintf(out, "set output '%s.svg'\n", name);
    set_title(figure, out);
    set_x(figure, out);
    set_y(figure, out);
    fputs("set border 3\nset tics nomirror\nset grid linecolor rgb '#cccccc' linewidth 1 dashtype solid\n"
          "set errorbars 1.5 linewidth 1.5\n",
          out);
    set_key(figure, out);
    put_plot(figure, out);
    if (figure->empty)
        return;
    fputs("if (strstrt(GPVAL_TERMINALS, 'pngcairo')) {\n", out);
    fputs("    set terminal pngcairo size 1440,900 noenhanced font 'sans-serif,20' fontscale 1.125 linewidth "
          "1.5 "
          "pointscale 1.4 background rgb 'white'\n",
          out);
    fprintf(out, "    scale = 1\n    set output '%s.png'\n    replot\n}\n", name);
    fputs("set output\n", out);
}
