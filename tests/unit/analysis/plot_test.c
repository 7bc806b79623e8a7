#include "analysis/plot.h"

#include <math.h>
#include <unistd.h>

#include "analysis/gnuplot.h"
#include "tests/unit/analysis/campaign_fixture.h"

#ifndef IOVSIM_SOURCE_DIR
#define IOVSIM_SOURCE_DIR "."
#endif
#define LIBRARY IOVSIM_SOURCE_DIR "/scenarios/library"

static const char swept[] = "compare: [native, virtio]\n"
                            "sweep: [{path: traffic.rate, values: [1kpps, 10kpps, 100kpps]}]\n";

/* A figure of `directives` with one plot of the given keys; points have the metric `m` in order. */
struct drawn {
    struct campaign campaign;
    struct figure figure;
};

static struct drawn prepare(const char *directives, const char *keys)
{
    char text[1024];
    struct drawn drawn;
    snprintf(text, sizeof(text), "%splot:\n  - {name: f, title: T, %s}\n", directives, keys);
    drawn.campaign = fixture_campaign(text);
    return drawn;
}

static void draw(struct drawn *drawn)
{
    figure_create(&drawn->figure, &drawn->campaign, &scenario_experiment(drawn->campaign.scenario)->plots[0]);
}

static struct drawn draw_numbers(const char *directives, const char *keys, const double *numbers)
{
    struct drawn drawn = prepare(directives, keys);
    fixture_numbers(&drawn.campaign, numbers);
    draw(&drawn);
    return drawn;
}

static void release(struct drawn *drawn)
{
    figure_destroy(&drawn->figure);
    fixture_destroy(&drawn->campaign);
}

static void expect_data(const struct figure *figure, const char *wanted)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out, gnuplot_data(figure, out));
    cr_expect_str_eq(text, wanted);
    free(text);
}

static void expect_in_script(const struct figure *figure, const char *wanted)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out, gnuplot_script(figure, out));
    cr_expect_not_null(strstr(text, wanted), "`%s` is in the script:\n%s", wanted, text);
    free(text);
}

#define NUMBERS(...) ((const double[]){__VA_ARGS__})

Test(plot, a_line_for_each_alternative)
{
    struct drawn drawn = draw_numbers(swept, "x: rate, y: m", NUMBERS(1, 2, 3, 4, 5, 6));
    expect_data(&drawn.figure, "# T\n# x: rate [kpps]\n# y: m\n# columns: x y low high (95 % interval)\n"
                               "# native\n1 1 1 1\n10 3 3 3\n100 5 5 5\n\n\n"
                               "# virtio\n1 2 2 2\n10 4 4 4\n100 6 6 6\n");
    release(&drawn);
}

Test(plot, series_by_axis_over_alternatives)
{
    struct drawn drawn =
        draw_numbers(swept, "kind: bar, x: compare, y: m, series: rate", NUMBERS(1, 2, 3, 4, 5, 6));
    cr_assert_eq(drawn.figure.count, 3);
    cr_expect(drawn.figure.x.categories);
    cr_expect_str_eq(drawn.figure.series[1].name, "10kpps");
    cr_expect_eq(drawn.figure.series[1].rows[1].x, 1);
    cr_expect_eq(drawn.figure.series[1].rows[1].y, 4);
    cr_expect_str_eq(drawn.figure.x.ticks.items[1].text, "virtio");
    release(&drawn);
}

Test(plot, several_metrics_are_named)
{
    struct drawn drawn = prepare(swept, "x: rate, y: [latency_ns.mean, n], where: native, x_scale: log");
    for (size_t i = 0; i < 6; i++)
        fixture_result(&drawn.campaign, i, "{\"latency_ns\": {\"mean\": 4, \"ci95\": 1}, \"n\": 2}");
    draw(&drawn);
    cr_assert_eq(drawn.figure.count, 2);
    cr_expect_str_eq(drawn.figure.series[0].name, "native, mean latency");
    cr_expect_str_eq(drawn.figure.series[1].name, "native, n");
    cr_expect(drawn.figure.series[0].errors);
    cr_expect_not(drawn.figure.series[1].errors);
    cr_expect_str_eq(drawn.figure.y.label, "mean latency [ns]");
    expect_in_script(&drawn.figure, "set xtics ('1' 1, '10' 10, '100' 100)\n");
    expect_in_script(&drawn.figure, "index 0 using 1:2:3:4 with yerrorlines linecolor rgb '#999999'");
    expect_in_script(
        &drawn.figure,
        "index 1 using 1:2 with linespoints linecolor rgb '#999999' linewidth 2.5 dashtype (10,5)");
    release(&drawn);
}

Test(plot, a_metric_may_be_x)
{
    struct drawn drawn = prepare("compare: [native, virtio]\n", "kind: points, x: n, y: m");
    fixture_result(&drawn.campaign, 0, "{\"m\": 1, \"n\": 5}");
    fixture_result(&drawn.campaign, 1, "{\"m\": 2}");
    draw(&drawn);
    cr_assert_eq(drawn.figure.count, 1, "a point without x has no place");
    cr_expect_eq(drawn.figure.series[0].rows[0].x, 5);
    release(&drawn);
}

Test(plot, replications_have_error_bars)
{
    struct drawn drawn = draw_numbers("repeat: 2\n", "x: m, y: m", NUMBERS(1, 3));
    cr_assert_eq(drawn.figure.series[0].count, 1);
    cr_expect_float_eq(drawn.figure.series[0].rows[0].y, 2, 1e-12);
    cr_expect_float_eq(drawn.figure.series[0].rows[0].half_width, 12.7062, 1e-3);
    release(&drawn);
}

Test(plot, styles_do_not_depend_on_what_is_missing)
{
    struct drawn drawn = prepare("compare: [native, virtio]\n", "x: m, y: m");
    fixture_result(&drawn.campaign, 1, "{\"m\": 1}");
    draw(&drawn);
    cr_assert_eq(drawn.figure.count, 1);
    cr_expect_str_eq(drawn.figure.series[0].name, "virtio");
    cr_expect_eq(drawn.figure.series[0].style, 2, "the third of the strategies");
    release(&drawn);
}

Test(plot, nothing_to_draw)
{
    struct drawn drawn = draw_numbers(swept, "x: rate, y: n", NUMBERS(1, 2, 3, 4, 5, 6));
    cr_expect(drawn.figure.empty);
    release(&drawn);
    drawn = draw_numbers(swept, "x: rate, y: m, y_scale: log", NUMBERS(0, 0, 0, 0, 0, 0));
    cr_expect(drawn.figure.empty, "zeros have no place on a log scale");
    release(&drawn);
}

Test(plot, log_scale_has_no_end_below_zero)
{
    struct drawn drawn = prepare("", "x: latency_ns.mean, y: latency_ns.mean, y_scale: log");
    fixture_result(&drawn.campaign, 0, "{\"latency_ns\": {\"mean\": 4, \"ci95\": 5}}");
    draw(&drawn);
    expect_data(&drawn.figure, "# T\n# x: mean latency [ns]\n# y: mean latency [ns]\n"
                               "# columns: x y low high (95 % interval)\n# mean latency\n4 4 4 9\n");
    release(&drawn);
}

/* ---- units, labels and looks ---- */

/* The middle of 2 us to 2 ms on a log scale is 63 us; of a linear one the largest counts. */
Test(plot, the_unit_fits_the_range)
{
    static const char *const scales[] = {"log", "linear"}, *const labels[] = {"delay [\302\265s]",
                                                                              "delay [ms]"};
    for (int i = 0; i < 2; i++) {
        char keys[100];
        snprintf(keys, sizeof(keys), "x: m, y: latency_ns.p50, y_label: delay, y_scale: %s", scales[i]);
        struct drawn drawn = prepare("compare: [native, virtio]\n", keys);
        fixture_result(&drawn.campaign, 0, "{\"m\": 1, \"latency_ns\": {\"p50\": 2000}}");
        fixture_result(&drawn.campaign, 1, "{\"m\": 2, \"latency_ns\": {\"p50\": 2000000}}");
        draw(&drawn);
        cr_expect_str_eq(drawn.figure.y.label, labels[i]);
        cr_expect_float_eq(drawn.figure.series[1].rows[0].y, i == 0 ? 2000 : 2, 1e-9);
        release(&drawn);
    }
}

Test(plot, a_unit_in_the_label_stands)
{
    struct drawn drawn = prepare("", "x: m, y: latency_ns.p50, y_label: \"wait [ns]\"");
    fixture_result(&drawn.campaign, 0, "{\"m\": 1, \"latency_ns\": {\"p50\": 2000}}");
    draw(&drawn);
    cr_expect_str_eq(drawn.figure.y.label, "wait [ns]");
    cr_expect_eq(drawn.figure.series[0].rows[0].y, 2000);
    release(&drawn);
}

Test(plot, metrics_of_different_units_are_left_as_they_are)
{
    struct drawn drawn = prepare("", "x: m, y: [throughput_pps, latency_ns.p50]");
    fixture_result(&drawn.campaign, 0,
                   "{\"m\": 1, \"latency_ns\": {\"p50\": 2000}, \"throughput_pps\": 5000}");
    draw(&drawn);
    cr_expect_str_eq(drawn.figure.y.label, "throughput [packets/s]");
    cr_expect_eq(drawn.figure.series[0].rows[0].y, 5000);
    cr_expect_eq(drawn.figure.series[1].rows[0].y, 2000);
    release(&drawn);
}

Test(plot, a_single_value_has_room_on_a_log_scale)
{
    struct drawn drawn = draw_numbers("", "x: m, y: m, y_scale: log", NUMBERS(5));
    expect_in_script(&drawn.figure, "set yrange [2:10]\n");
    release(&drawn);
}

/* 3 to 40: from 2 to 50, each mark with a text; 3 to 4000: from 2 to 5000, only decades have one. */
Test(plot, log_scales_have_marks_at_1_2_and_5)
{
    struct drawn drawn =
        draw_numbers("compare: [native, virtio]\n", "x: compare, y: m, y_scale: log", NUMBERS(3, 40));
    expect_in_script(&drawn.figure, "set ytics ('2' 2, '5' 5, '10' 10, '20' 20, '50' 50)\n");
    expect_in_script(&drawn.figure, "set yrange [2:50]\n");
    release(&drawn);
    drawn = draw_numbers("compare: [native, virtio]\n", "x: compare, y: m, y_scale: log", NUMBERS(3, 4000));
    expect_in_script(&drawn.figure, "set ytics ('10' 10, '100' 100, '1000' 1000, '' 2 1, '' 5 1, '' 20 1,");
    expect_in_script(&drawn.figure, "set yrange [2:5000]\n");
    release(&drawn);
}

Test(plot, bars_have_the_colours_of_their_strategies_and_their_values)
{
    struct drawn drawn =
        draw_numbers("compare: [virtio, other]\n", "kind: bar, x: compare, y: m", NUMBERS(3, 0.25));
    expect_data(&drawn.figure, "# T\n# x: \n# y: m\n# columns: x y low high (95 % interval) label colour\n"
                               "# m\n0 3 3 3 \"3\" 0x0072B2\n1 0.25 0.25 0.25 \"0.25\" 0xE69F00\n");
    release(&drawn);
}

Test(plot, points_over_a_metric_carry_the_swept_value)
{
    struct drawn drawn =
        prepare("sweep: [{path: a.delay, values: [500ns, 20us]}]\n", "kind: points, x: n, y: m");
    fixture_result(&drawn.campaign, 0, "{\"m\": 1, \"n\": 5}");
    fixture_result(&drawn.campaign, 1, "{\"m\": 2, \"n\": 6}");
    draw(&drawn);
    cr_expect_str_eq(drawn.figure.series[0].rows[0].label, "500 ns");
    cr_expect_str_eq(drawn.figure.series[0].rows[1].label, "20 \302\265s");
    expect_in_script(&drawn.figure, "using 1:2:5 with labels");
    release(&drawn);
}

Test(plot, long_titles_and_categories_are_wrapped)
{
    struct drawn drawn =
        draw_numbers("compare: [{name: one two three four five six seven, set: {}}, b, c, d]\n",
                     "kind: bar, x: compare, y: m", NUMBERS(1, 2, 3, 4));
    expect_in_script(&drawn.figure, "set xtics ('one two three four'.\"\\n\".'five six seven' 0, 'b' 1");
    expect_in_script(&drawn.figure, "set bmargin");
    release(&drawn);
}

/* ---- stacks ---- */

Test(plot, stack_of_stages)
{
    struct drawn drawn = prepare("compare: [native, virtio]\n", "kind: stack, x: compare, y: stages");
    fixture_result(&drawn.campaign, 0,
                   "{\"stages\": [{\"stage\": \"send\", \"mean_ns\": 60},"
                   " {\"stage\": \"wire\", \"mean_ns\": 40}]}");
    fixture_result(&drawn.campaign, 1,
                   "{\"stages\": [{\"stage\": \"send\", \"mean_ns\": 50},"
                   " {\"stage\": \"kick\", \"mean_ns\": 30}]}");
    draw(&drawn);
    expect_data(&drawn.figure,
                "# T\n# x: \n# y: mean latency [ns]\n# columns: bar \"send\" \"wire\" \"kick\"\n"
                "\"native\" 60 40 0\n\"virtio\" 50 0 30\n");
    release(&drawn);
}

Test(plot, stack_of_categories_is_a_packets)
{
    struct drawn drawn = prepare("", "kind: stack, x: m, y: cpu.by_category");
    fixture_result(&drawn.campaign, 0,
                   "{\"strategy\": \"virtio\", \"cpu\": {\"cycles_per_packet\": 200,"
                   " \"by_category\": {\"a\": 300, \"b\": 100}}}");
    draw(&drawn);
    cr_assert_eq(drawn.figure.count, 2);
    cr_expect_eq(drawn.figure.series[0].rows[0].y, 150);
    cr_expect_eq(drawn.figure.series[1].rows[0].y, 50);
    cr_expect_str_eq(drawn.figure.x.ticks.items[0].text, "virtio");
    release(&drawn);
}

/* Of 1000: 20 is not under 2 %, 19 and 11 are; together they keep the bar's height. */
Test(plot, small_components_are_merged)
{
    struct drawn drawn = prepare("", "kind: stack, x: m, y: stages");
    fixture_result(&drawn.campaign, 0,
                   "{\"strategy\": \"s\", \"stages\": [{\"stage\": \"a\", \"mean_ns\": 950},"
                   " {\"stage\": \"b\", \"mean_ns\": 19}, {\"stage\": \"c\", \"mean_ns\": 20},"
                   " {\"stage\": \"d\", \"mean_ns\": 11}]}");
    draw(&drawn);
    cr_assert_eq(drawn.figure.count, 3);
    cr_expect_str_eq(drawn.figure.series[1].name, "c");
    cr_expect_str_eq(drawn.figure.series[2].name, "2 others");
    cr_expect_float_eq(drawn.figure.series[2].rows[0].y, 0.03, 1e-12, "in us");
    release(&drawn);
}

/* ---- maps ---- */

static const char grid[] = "compare: [native, virtio]\n"
                           "sweep: [{path: a.rate, values: [1, 2]}, {path: a.size, values: [64B, 128B]}]\n";

/* Points: (1, 64B), (1, 128B), (2, 64B), (2, 128B), native before virtio. */
Test(plot, map_shows_the_best)
{
    struct drawn drawn = draw_numbers(grid, "kind: map, x: rate, y: size, value: m, best: min",
                                      NUMBERS(1, 2, 4, 3, 5, 5, 7, 6));
    expect_data(&drawn.figure, "# T\n# x: rate\n# y: size [B]\n"
                               "# columns: x y best value-as-text next-as-text colour value\n"
                               "0 0 \"native\" \"1\" \"virtio \303\227 2\" 0xD4D4D4 1\n"
                               "1 0 \"native\" \"5\" \"virtio \303\227 1\" 0xEBEBEB 5\n\n\n"
                               "0 1 \"virtio\" \"3\" \"native \303\227 1.33\" 0xAFD3E7 3\n"
                               "1 1 \"virtio\" \"6\" \"native \303\227 1.17\" 0xBCDAEB 6\n");
    release(&drawn);
}

Test(plot, map_of_the_largest)
{
    struct drawn drawn =
        draw_numbers(grid, "kind: map, x: rate, y: size, value: m", NUMBERS(1, 2, 4, 3, 5, 5, 7, 6));
    cr_expect_eq(drawn.figure.series[0].count, 3);
    cr_expect_eq(drawn.figure.series[1].count, 1);
    cr_expect_eq(drawn.figure.series[1].rows[0].value, 2);
    release(&drawn);
}

/* ---- selection and checks ---- */

Test(plot, selects_the_points_it_needs)
{
    struct drawn drawn = prepare(swept, "x: rate, y: m, where: virtio");
    bool selected[6] = {false};
    figure_select(drawn.campaign.scenario, &scenario_experiment(drawn.campaign.scenario)->plots[0], selected);
    for (size_t i = 0; i < 6; i++)
        cr_expect_eq(selected[i], i % 2 == 1);
    fixture_destroy(&drawn.campaign);
}

Test(plot, an_overlay_must_exist)
{
    struct drawn drawn = prepare("", "x: m, y: m, overlay: no_such_form");
    struct diag *diag = diag_create();
    cr_expect_not(figure_check(drawn.campaign.scenario, diag));
    cr_expect_eq(diag_error_count(diag), 1);
    diag_destroy(diag);
    fixture_destroy(&drawn.campaign);
}

/* A library scenario with a number of each point made up, its one plot that has an overlay drawn. */
static struct figure draw_library(const char *name, const char *result, struct campaign *campaign)
{
    char path[400];
    struct figure figure = {0};
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = LIBRARY};
    snprintf(path, sizeof(path), LIBRARY "/textbook/%s.yaml", name);
    struct scenario *scenario = scenario_load(path, &options, diag);
    diag_print(diag, stderr);
    diag_destroy(diag);
    cr_assert_not_null(scenario);
    campaign_prepare(campaign, scenario);
    campaign->run = campaign->count;
    for (size_t i = 0; i < campaign->count; i++)
        fixture_result(campaign, i, result);
    const struct experiment *experiment = scenario_experiment(scenario);
    for (size_t i = 0; i < experiment->plot_count; i++)
        if (experiment->plots[i].overlay && !figure.plot)
            figure_create(&figure, campaign, &experiment->plots[i]);
    cr_assert_not_null(figure.plot, "%s has an overlay", name);
    return figure;
}

static size_t count_overlays(const struct figure *figure)
{
    size_t overlays = 0;
    for (size_t i = 0; i < figure->count; i++)
        overlays += figure->series[i].overlay;
    return overlays;
}

/* What the wire carries is the same for all four strategies; what was simulated are points beside it. */
Test(plot, a_limit_of_all_series_is_drawn_once)
{
    struct campaign campaign;
    struct figure figure = draw_library("size-sweep", "{\"throughput_gbps\": 2}", &campaign);
    cr_expect_eq(figure.count, 5);
    cr_assert_eq(count_overlays(&figure), 1);
    /* 1518 B of 1538 that the wire is busy with */
    const struct figure_series *wire = &figure.series[1];
    cr_assert(wire->overlay);
    cr_expect_float_eq(wire->rows[wire->count - 1].y, 10 * 1518.0 / 1538, 1e-6);
    expect_in_script(&figure, "index 0 using 1:2 with points linecolor rgb '#999999'");
    expect_in_script(&figure, "index 1 using 1:2 with lines linecolor rgb '#444444'");
    figure_destroy(&figure);
    fixture_destroy(&campaign);
}

Test(plot, closed_forms_that_differ_are_a_line_each)
{
    struct campaign campaign;
    struct figure figure = draw_library("rate-sweep", "{\"cpu\": {\"utilization\": 0.5}}", &campaign);
    cr_expect_eq(count_overlays(&figure), 4);
    figure_destroy(&figure);
    fixture_destroy(&campaign);
}

/* ---- drawing ---- */

static char *read_file(const char *folder, const char *name)
{
    char *path = outfile_path(folder, name), *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    free(path);
    return text;
}

Test(plot, title_with_quotes_stays_a_string)
{
    struct drawn drawn = draw_numbers("", "x: m, y: m, x_label: \"it's\"", NUMBERS(1));
    expect_in_script(&drawn.figure, "set xlabel 'it''s'");
    release(&drawn);
}

Test(plot, drawing_is_equal_to_the_byte)
{
    struct drawn drawn = draw_numbers(swept, "x: rate, y: m", NUMBERS(1, 2, 3, 4, 5, 6));
    struct diag *diag = diag_create();
    char folder[] = "/tmp/iovsim-plot-XXXXXX";
    char *svg[2];
    cr_assert_not_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        enum gnuplot_result result = gnuplot_draw(&drawn.figure, folder, diag);
        free(read_file(folder, "f.dat"));
        free(read_file(folder, "f.gp"));
        if (result == GNUPLOT_MISSING)
            cr_skip_test("there is no gnuplot");
        cr_assert_eq(result, GNUPLOT_DRAWN);
        svg[i] = read_file(folder, "f.svg");
        free(read_file(folder, "f.png"));
    }
    cr_expect_str_eq(svg[0], svg[1]);
    cr_expect_not_null(strstr(svg[0], "rate [kpps]"));
    cr_expect_eq(rmdir(folder), 0, "nothing else is left in the folder");
    free(svg[0]);
    free(svg[1]);
    diag_destroy(diag);
    release(&drawn);
}
