#include "analysis/expect.h"

#include "tests/unit/analysis/campaign_fixture.h"

static const char compared[] = "compare: [native, virtio]\n"
                               "sweep: [{path: traffic.rate, values: [1kpps, 2kpps]}]\n";

/* A campaign over `directives` with the metric `m` of the points in order, and its verdicts. */
struct held {
    struct campaign campaign;
    struct verdicts verdicts;
};

static struct held hold(const char *before, const char *expectation, const double *numbers)
{
    char text[1024];
    struct held held;
    snprintf(text, sizeof(text), "%sexpect:\n  - {metric: m, because: it must, %s}\n", before, expectation);
    held.campaign = fixture_campaign(text);
    fixture_numbers(&held.campaign, numbers);
    verdicts_create(&held.verdicts, &held.campaign, NULL);
    return held;
}

static void release(struct held *held)
{
    verdicts_destroy(&held->verdicts);
    fixture_destroy(&held->campaign);
}

static void expect_held(const char *before, const char *expectation, const double *numbers, size_t checks,
                        bool wanted)
{
    struct held held = hold(before, expectation, numbers);
    cr_assert_eq(held.verdicts.count, 1);
    cr_expect_eq(held.verdicts.items[0].count, checks, "%s: %zu checks", expectation,
                 held.verdicts.items[0].count);
    cr_expect_eq(held.verdicts.items[0].held, wanted, "%s", expectation);
    cr_expect_eq(held.verdicts.missed, wanted ? 0 : 1);
    release(&held);
}

#define NUMBERS(...) ((const double[]){__VA_ARGS__})

Test(expect, fixed_bounds_are_inclusive)
{
    expect_held("", "min: 2", NUMBERS(2), 1, true);
    expect_held("", "min: 2", NUMBERS(1.99999), 1, false);
    expect_held("", "max: 2", NUMBERS(2), 1, true);
    expect_held("", "max: 2", NUMBERS(2.00001), 1, false);
    expect_held("", "min: 1, max: 2", NUMBERS(1.5), 2, true);
}

Test(expect, is_checked_at_every_selected_point)
{
    expect_held(compared, "min: 2", NUMBERS(2, 3, 4, 5), 4, true);
    expect_held(compared, "min: 2", NUMBERS(2, 3, 1, 5), 4, false);
    expect_held(compared, "where: virtio, min: 2", NUMBERS(0, 3, 0, 5), 2, true);
    expect_held(compared, "where: {rate: 2kpps}, min: 2", NUMBERS(0, 0, 4, 5), 2, true);
}

/* Order of points: 1kpps native, 1kpps virtio, 2kpps native, 2kpps virtio. */
Test(expect, other_side_is_paired_by_what_it_does_not_set)
{
    const char *less = "where: native, less_than: {where: virtio}";
    expect_held(compared, less, NUMBERS(1, 2, 10, 11), 2, true);
    expect_held(compared, less, NUMBERS(1, 2, 10, 9), 2, false);
    expect_held(compared, less, NUMBERS(1, 1, 10, 11), 2, false); /* strict */
    expect_held(compared, "where: native, greater_than: {where: virtio, times: 0.5}", NUMBERS(1, 1.9, 1, 1),
                2, true);
    expect_held(compared, "where: {compare: native, rate: 1kpps}, less_than: {where: {rate: 2kpps}}",
                NUMBERS(1, 0, 2, 0), 1, true);
}

Test(expect, other_metric)
{
    expect_held("", "less_than: n", NUMBERS(1), 1, false); /* there is no n */
    expect_held("", "less_than: {metric: m, times: 2}", NUMBERS(1), 1, true);
}

Test(expect, replications_count_as_their_mean)
{
    expect_held("repeat: 3\n", "min: 2, max: 2", NUMBERS(1, 2, 3), 2, true);
    expect_held("repeat: 2\n", "min: 2", NUMBERS(1, 2), 1, false);
}

Test(expect, number_that_is_not_there_is_missed)
{
    struct held held = hold("", "max: 5", NUMBERS(1));
    fixture_result(&held.campaign, 0, "{}");
    verdicts_destroy(&held.verdicts);
    verdicts_create(&held.verdicts, &held.campaign, NULL);
    cr_expect_eq(held.verdicts.missed, 1);
    release(&held);
}

Test(expect, points_that_were_not_run_are_not_checked)
{
    struct held held = hold(compared, "where: native, less_than: {where: virtio}", NUMBERS(1, 0, 3, 0));
    for (size_t i = 1; i < 4; i += 2)
        archive_put(held.campaign.archive, i, NULL, 0);
    held.campaign.run = 2;
    verdicts_destroy(&held.verdicts);
    verdicts_create(&held.verdicts, &held.campaign, NULL);
    cr_expect_eq(held.verdicts.count, 0);
    release(&held);
}

Test(expect, a_failed_point_is_missed)
{
    struct held held = hold("", "max: 5", NUMBERS(1));
    archive_put(held.campaign.archive, 0, NULL, 0);
    held.campaign.failures[0] = strdup("died");
    verdicts_destroy(&held.verdicts);
    verdicts_create(&held.verdicts, &held.campaign, NULL);
    cr_expect_eq(held.verdicts.missed, 1);
    release(&held);
}

/* `where:` of the sweep leaves out the only point that the expectation is about. */
Test(expect, without_a_point_it_is_missed)
{
    const char *without = "compare: [native, virtio]\nsweep: [{path: traffic.rate, values: [1kpps, 2kpps]}]\n"
                          "where: [{path: rate, max: 1kpps}]\n";
    expect_held(without, "where: {rate: 2kpps}, max: 5", NUMBERS(1, 1), 0, false);
}

Test(expect, says_what_was_missed_and_why)
{
    struct held held =
        hold(compared, "name: quick, where: native, less_than: {where: virtio}", NUMBERS(1, 2, 9, 8));
    char *text = NULL;
    FIXTURE_TEXT(text, out, verdicts_print(&held.verdicts, &held.campaign, out));
    cr_expect_str_eq(text, "MISSED  quick (m, 2 checks)\n"
                           "        m is 9 at rate=2kpps,strategy=native; wanted: less than 8 (m at "
                           "rate=2kpps,strategy=virtio)\n"
                           "        because: it must\n");
    free(text);
    release(&held);
}

Test(expect, json_has_every_check)
{
    struct held held = hold("", "name: n, min: 1", NUMBERS(3));
    json_t *json = verdicts_json(&held.verdicts, &held.campaign);
    char *text = json_dumps(json, JSON_COMPACT);
    cr_expect_str_eq(text,
                     "[{\"name\":\"n\",\"metric\":\"m\",\"because\":\"it must\",\"held\":true,\"checks\":[{"
                     "\"point\":\"base\",\"value\":3.0,\"bound\":\"at least 1\",\"held\":true}]}]");
    free(text);
    json_decref(json);
    release(&held);
}
