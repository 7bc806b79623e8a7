#include "analysis/csv.h"

#include "analysis/axis.h"
#include "analysis/estimate.h"
#include "tests/unit/analysis/campaign_fixture.h"

static const char swept[] = "name: \"a, \\\"b\\\"\"\nsweep:\n"
                            "  - {path: traffic.rate, values: [1kpps, 1.5kpps]}\n"
                            "  - {path: nic.model, values: [e1000, virtio]}\n"
                            "compare: [native, virtio]\n";

/* Field `index` of a line, with the quotes that it may have. */
static void field(const char *line, size_t index, char *buffer)
{
    bool quoted = false;
    for (; *line != '\n' && *line != '\0'; line++) {
        quoted = quoted != (*line == '"');
        if (*line == ',' && !quoted) {
            if (index-- == 0)
                break;
        } else if (index == 0) {
            *buffer++ = *line;
        }
    }
    *buffer = '\0';
}

static size_t find_column(const char *header, const char *name)
{
    char text[200];
    for (size_t i = 0; i < 100; i++) {
        field(header, i, text);
        if (strcmp(text, name) == 0)
            return i;
    }
    cr_assert_fail("there is no column %s", name);
    return 0;
}

static size_t count_fields(const char *line)
{
    size_t count = 1;
    bool quoted = false;
    for (; *line; line++) {
        quoted = quoted != (*line == '"');
        count += *line == ',' && !quoted;
    }
    return count;
}

static char *header_of(const struct campaign *campaign)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out, csv_header(campaign->scenario, out));
    return text;
}

static char *row_of(const struct campaign *campaign, size_t point)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out,
                 csv_row(campaign->scenario, scenario_point(campaign->scenario, point),
                         campaign_result(campaign, point), campaign->failures[point], out));
    return text;
}

static void expect_field(const struct campaign *campaign, size_t point, const char *column,
                         const char *wanted)
{
    char *header = header_of(campaign), *row = row_of(campaign, point), text[200];
    field(row, find_column(header, column), text);
    cr_expect_str_eq(text, wanted, "%s is `%s`, not `%s`", column, text, wanted);
    free(header);
    free(row);
}

Test(csv, numeric_axes_have_two_columns)
{
    struct campaign campaign = fixture_campaign("sweep: [{path: traffic.rate, values: [1kpps, 1.5kpps]},"
                                                " {path: nic.model, values: [e1000]}]\n");
    fixture_result(&campaign, 1, "{\"strategy\": \"virtio\", \"seed\": 7, \"exits\": {\"HLT\": 3}}");
    expect_field(&campaign, 1, "rate", "1.5kpps");
    expect_field(&campaign, 1, "rate_number", "1500");
    expect_field(&campaign, 1, "model", "e1000");
    expect_field(&campaign, 1, "strategy", "virtio");
    expect_field(&campaign, 1, "seed", "7");
    expect_field(&campaign, 1, "exits", "3");
    expect_field(&campaign, 1, "throughput_pps", "");
    expect_field(&campaign, 1, "error", "");
    fixture_destroy(&campaign);
}

Test(csv, failed_points_have_rows)
{
    struct campaign campaign = fixture_campaign("sweep: [{path: traffic.rate, values: [1kpps]}]\n");
    campaign.failures[0] = strdup("signal 9");
    expect_field(&campaign, 0, "rate", "1kpps");
    expect_field(&campaign, 0, "error", "signal 9");
    fixture_destroy(&campaign);
}

Test(csv, quotes_what_needs_it)
{
    struct campaign campaign = fixture_campaign(swept);
    char *header = header_of(&campaign), *row = row_of(&campaign, 0);
    cr_expect_eq(
        strncmp(row, "\"a, \"\"b\"\"\",\"rate=1kpps,model=e1000,strategy=native\",1kpps,1000,e1000,native,0,",
                78),
        0, "%s", row);
    cr_expect_eq(count_fields(row), count_fields(header));
    cr_expect_eq(row[strlen(row) - 1], '\n');
    free(header);
    free(row);
    fixture_destroy(&campaign);
}

Test(axis, numbers_are_in_plain_units)
{
    struct campaign campaign =
        fixture_campaign("sweep: [{path: a.delay, values: [0, 2us]}, {path: b, values: [25%]},"
                         " {path: c, values: [64KiB]}, {path: d, values: [1us, virtio]}]\n");
    const struct experiment *experiment = scenario_experiment(campaign.scenario);
    cr_expect(axis_is_numeric(&experiment->axes[0]));
    cr_expect_eq(axis_number(&experiment->axes[0].values[1]), 2e-6);
    cr_expect_str_eq(axis_unit(axis_find(experiment, "a.delay")), "s");
    cr_expect_str_eq(axis_unit(&experiment->axes[3]), "");
    cr_expect_eq(axis_number(&experiment->axes[1].values[0]), 0.25);
    cr_expect_eq(axis_number(&experiment->axes[2].values[0]), 65536);
    cr_expect_not(axis_is_numeric(&experiment->axes[3]));
    cr_expect_null(axis_find(experiment, "rate"));
    fixture_destroy(&campaign);
}

/* The half width for 1, 2, 3 is t(0.975, 2) / sqrt(3) = 4.30265 / 1.73205. */
Test(estimate, mean_and_interval_of_replications)
{
    struct campaign campaign = fixture_campaign("repeat: 3\ncompare: [native, virtio]\n");
    fixture_numbers(&campaign, (const double[]){1, 2, 3, 7, 7, 7});
    struct estimate estimate;
    cr_assert(estimate_metric(&campaign, 0, "m", &estimate));
    cr_expect_eq(estimate.n, 3);
    cr_expect_float_eq(estimate.value, 2, 1e-12);
    cr_expect_float_eq(estimate.half_width, 2.484138, 1e-5);
    cr_assert(estimate_metric(&campaign, 3, "m", &estimate));
    cr_expect_float_eq(estimate.half_width, 0, 1e-12);
    cr_expect_not(estimate_metric(&campaign, 3, "n", &estimate));
    char *name = estimate_name(&campaign, 3);
    cr_expect_str_eq(name, "strategy=virtio");
    free(name);
    fixture_destroy(&campaign);
}

Test(estimate, one_run_has_its_own_interval)
{
    struct campaign campaign = fixture_campaign("");
    struct estimate estimate;
    fixture_result(&campaign, 0, "{\"latency_ns\": {\"mean\": 10, \"ci95\": 0.5, \"p50\": 9}}");
    cr_assert(estimate_metric(&campaign, 0, "latency_ns.mean", &estimate));
    cr_expect_eq(estimate.half_width, 0.5);
    cr_assert(estimate_metric(&campaign, 0, "latency_ns.p50", &estimate));
    cr_expect(estimate.half_width != estimate.half_width, "not known");
    fixture_destroy(&campaign);
}
