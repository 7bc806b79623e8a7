#include "analysis/plot.h"

#include <math.h>
#include <unistd.h>

#include "analysis/gnuplot.h"
#include "tests/unit/analysis/campaign_fixture.h"

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
    expect_data(&drawn.figure, "# T\n# x: rate [packets/s]\n# y: m\n# columns: x y low high (95 % interval)\n"
                               "# native\n1000 1 1 1\n10000 3 3 3\n100000 5 5 5\n\n\n"
                               "# virtio\n1000 2 2 2\n10000 4 4 4\n100000 6 6 6\n");
    release(&drawn);
}

Test(plot, series_by_axis_over_alternatives)
{
    struct drawn drawn =
        draw_numbers(swept, "kind: bar, x: compare, y: m, series: rate", NUMBERS(1, 2, 3, 4, 5, 6));
    cr_assert_eq(drawn.figure.count, 3);
    cr_expect(drawn.figure.x_categories);
    cr_expect_str_eq(drawn.figure.series[1].name, "10kpps");
    cr_expect_eq(drawn.figure.series[1].rows[1].x, 1);
    cr_expect_eq(drawn.figure.series[1].rows[1].y, 4);
    cr_expect_str_eq(drawn.figure.x_ticks.items[1].text, "virtio");
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
    cr_expect_str_eq(drawn.figure.y_label, "mean latency [ns]");
    expect_in_script(&drawn.figure, "set xtics ('1000' 1000, '10k' 10000, '100k' 100000)\n");
    expect_in_script(&drawn.figure, "index 0 using 1:2:3:4 with yerrorlines linetype 1");
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
    cr_expect_eq(drawn.figure.series[0].style, 1);
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
    cr_expect_str_eq(drawn.figure.x_ticks.items[0].text, "virtio");
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
    cr_expect_str_eq(drawn.figure.series[2].name, "2 under 2 %");
    cr_expect_eq(drawn.figure.series[2].rows[0].y, 30);
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
    expect_data(&drawn.figure, "# T\n# x: rate\n# y: size\n# columns: x y best value-as-text value\n"
                               "0 0 \"native\" \"1\" 1\n1 0 \"native\" \"5\" 5\n\n\n"
                               "0 1 \"virtio\" \"3\" 3\n1 1 \"virtio\" \"6\" 6\n");
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
    cr_expect_not_null(strstr(svg[0], "rate [packets/s]"));
    cr_expect_eq(rmdir(folder), 0, "nothing else is left in the folder");
    free(svg[0]);
    free(svg[1]);
    diag_destroy(diag);
    release(&drawn);
}
