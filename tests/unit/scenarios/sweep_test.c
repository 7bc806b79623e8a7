#include "tests/unit/scenarios/sample.h"

/* The points' names of a text behind SAMPLE_HEAD, joined by blanks, to be freed; messages when it is wrong. */
static char *points(const char *text, const char *const *sets)
{
    struct diag *diag = diag_create();
    char *whole = malloc(strlen(SAMPLE_HEAD) + strlen(text) + 1), *names = NULL;
    size_t size;
    strcpy(whole, SAMPLE_HEAD);
    strcat(whole, text);
    struct scenario *scenario = sample_load(whole, sets, diag);
    if (!scenario) {
        names = sample_messages(diag);
    } else {
        FILE *stream = open_memstream(&names, &size);
        for (size_t i = 0; i < scenario_point_count(scenario); i++)
            fprintf(stream, "%s%s", i ? " " : "", scenario_point(scenario, i)->name);
        fclose(stream);
    }
    scenario_destroy(scenario);
    diag_destroy(diag);
    free(whole);
    return names;
}

static void expect_points(const char *text, const char *const *sets, const char *expected)
{
    char *names = points(text, sets);
    cr_assert_str_eq(names, expected);
    free(names);
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define AXIS(text) "sweep:\n  - {path: traffic.rate, " text "}\n"

Test(sweep, nothing_varies)
{
    expect_points("", NULL, "base");
    expect_points("sweep: []\n", NULL, "base");
}

Test(sweep, the_first_axis_is_the_slowest_then_alternatives_then_replications)
{
    expect_points(
        "sweep:\n"
        "  - {path: traffic.rate, values: [1kpps, 2kpps]}\n"
        "  - {path: traffic.size, values: [64B]}\n"
        "compare: [native, virtio]\nrepeat: 2\n",
        NULL,
        "rate=1kpps,size=64B,strategy=native,repeat=0 rate=1kpps,size=64B,strategy=native,repeat=1 "
        "rate=1kpps,size=64B,strategy=virtio,repeat=0 rate=1kpps,size=64B,strategy=virtio,repeat=1 "
        "rate=2kpps,size=64B,strategy=native,repeat=0 rate=2kpps,size=64B,strategy=native,repeat=1 "
        "rate=2kpps,size=64B,strategy=virtio,repeat=0 rate=2kpps,size=64B,strategy=virtio,repeat=1");
}

Test(sweep, linear_ranges)
{
    expect_points(AXIS("from: 1kpps, to: 2kpps, step: 500pps"), NULL, "rate=1kpps rate=1.5kpps rate=2kpps");
    expect_points(AXIS("from: 1kpps, to: 2kpps, step: 300pps"), NULL,
                  "rate=1kpps rate=1.3kpps rate=1.6kpps rate=1.9kpps");
    expect_points(AXIS("from: 0, to: 2kpps, points: 3"), NULL, "rate=0 rate=1kpps rate=2kpps");
    expect_points("sweep: [{path: traffic.load, from: 0, to: 1, points: 5}]\n", NULL,
                  "load=0 load=0.25 load=0.5 load=0.75 load=1");
    expect_points("sweep: [{path: traffic.load, from: 10%, to: 50%, step: 20%}]\n", NULL,
                  "load=10% load=30% load=50%");
}

Test(sweep, log_ranges_are_rounded_to_3_digits_and_end_where_they_should)
{
    expect_points(AXIS("from: 1kpps, to: 1Mpps, points: 7, scale: log"), NULL,
                  "rate=1kpps rate=3.16kpps rate=10kpps rate=31.6kpps rate=100kpps rate=316kpps rate=1Mpps");
    expect_points("sweep: [{path: traffic.size, from: 64B, to: 1518B, points: 4, scale: log}]\n", NULL,
                  "size=64B size=184B size=528B size=1518B");
    expect_points("sweep: [{path: \"nics[0].queues\", from: 1, to: 64, points: 7, scale: log}]\n", NULL,
                  "queues=1 queues=2 queues=4 queues=8 queues=16 queues=32 queues=64");
    expect_points("sweep: [{path: \"nics[0].queues\", from: 1, to: 4, points: 8, scale: log}]\n", NULL,
                  "queues=1 queues=2 queues=3 queues=4"); /* whole, and each once */
    expect_points("sweep: [{path: traffic.load, from: 0.01, to: 1, points: 3, scale: log}]\n", NULL,
                  "load=0.01 load=0.1 load=1");
}

/* The points of a log range must be the nearest ones to 10^(i/100): a table of known values guards the integers. */
Test(sweep, log_points_are_exact_at_every_decade)
{
    char *names = points("sweep: [{path: duration, from: 1ns, to: 1000s, points: 13, scale: log}]\n", NULL);
    cr_assert_str_eq(names,
                     "duration=1ns duration=10ns duration=100ns duration=1us duration=10us duration=100us "
                     "duration=1ms duration=10ms duration=100ms duration=1s duration=10s duration=100s "
                     "duration=1000s");
    free(names);
    names = points("sweep: [{path: duration, from: 1ps, to: 1048576ps, points: 21, scale: log}]\n", NULL);
    cr_assert_not_null(strstr(names, "duration=512ps duration=1.02ns duration=2.05ns"));
    free(names);
}

Test(sweep, zip_moves_axes_together)
{
    expect_points("sweep:\n"
                  "  - zip:\n"
                  "      - {path: traffic.rate, values: [1kpps, 2kpps]}\n"
                  "      - {path: traffic.size, values: [64B, 1500B]}\n"
                  "  - {path: seed, values: [1, 2]}\n",
                  NULL,
                  "rate=1kpps,size=64B,seed=1 rate=1kpps,size=64B,seed=2 rate=2kpps,size=1500B,seed=1 "
                  "rate=2kpps,size=1500B,seed=2");
}

Test(sweep, names_of_axes)
{
    expect_points("sweep:\n"
                  "  - {path: traffic.rate, values: [1kpps]}\n"
                  "  - {path: \"nics[0].rate\", values: [1Gbps]}\n"
                  "  - {path: traffic.size, name: bytes, values: [64B]}\n",
                  NULL, "rate=1kpps,nics[0].rate=1Gbps,bytes=64B");
}

Test(sweep, where_leaves_points_out)
{
    expect_points(
        AXIS("values: [1kpps, 2kpps, 3kpps, 4kpps]") "where: [{path: rate, min: 2kpps, max: 3kpps}]\n", NULL,
        "rate=2kpps rate=3kpps");
    expect_points("sweep:\n"
                  "  - {path: seed, values: [1, 2, 3]}\n"
                  "  - {path: host.cores, values: [2, 3]}\n"
                  "where: [{path: seed, less_than: host.cores}]\n",
                  NULL, "seed=1,cores=2 seed=1,cores=3 seed=2,cores=3");
    expect_points("host: {cores: 3}\n"
                  "sweep: [{path: seed, values: [1, 2, 3, 4]}]\n"
                  "where: [{path: seed, less_than: host.cores}]\n",
                  NULL, "seed=1 seed=2");
}

Test(sweep, the_command_line_takes_an_axis_out)
{
    expect_points(AXIS("values: [1kpps, 2kpps]"), SETS("traffic.rate=9kpps"), "rate=9kpps");
    expect_points("sweep:\n"
                  "  - zip:\n"
                  "      - {path: traffic.rate, values: [1kpps, 2kpps]}\n"
                  "      - {path: traffic.size, values: [64B, 1500B]}\n",
                  SETS("traffic.rate=9kpps"), "rate=9kpps,size=64B rate=9kpps,size=1500B");
    expect_points("compare: [native, virtio]\n", SETS("strategy=virtio"), "strategy=virtio");
    expect_points("compare: [native, virtio]\n", SETS("strategy=passthrough"), "base");
    expect_points(
        AXIS("values: [1kpps]"), SETS("traffic.rate=[1]"),
        "command line: error: wrong type: a list for `traffic.rate`; wanted: one value, since it is "
        "swept\n");
}

Test(sweep, values_reach_the_configuration)
{
    struct diag *diag = diag_create();
    struct scenario *scenario =
        sample_load(SAMPLE_HEAD AXIS("values: [1kpps, 2kpps]") "compare: [native, virtio]\n", NULL, diag);
    static const int64_t rates[] = {1000000, 1000000, 2000000, 2000000};
    for (size_t i = 0; i < 4; i++) {
        const struct scenario_point *point = scenario_point(scenario, i);
        struct scenario_binding *binding = scenario_bind(scenario, point, &sample_table, diag);
        const struct sample_config *config = scenario_config(binding);
        cr_assert_eq(point->index, i);
        cr_assert_eq(config->traffic.rate, rates[i]);
        cr_assert_eq(config->strategy, i % 2 ? 2 : 0);
        cr_assert_eq(point->values[0]->number, rates[i]);
        cr_assert_eq(point->values[0]->dimension, UNIT_PACKET_RATE);
        scenario_binding_destroy(binding);
    }
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(sweep, a_wrong_value_is_reported_where_it_stands)
{
    SAMPLE_EXPECT(AXIS("values: [1kpps, 2us]"),
                  "a.yaml:4:42: error: wrong unit: `2us` for `traffic.rate` is a time; "
                  "wanted: a packet rate in mpps, pps, kpps or Mpps\n");
    SAMPLE_EXPECT(
        "sweep: [{path: traffic.rat, values: [1kpps]}]\n",
        "a.yaml:3:16: error: unknown key: `rat` in `traffic`; allowed: rate, size, load, sizes, arrival, "
        "capture, include; did you mean `rate`?\n");
    SAMPLE_EXPECT("sweep: [{path: \"vms[0].rate\", values: [1kpps]}]\n",
                  "a.yaml:3:16: error: unknown list: `vms` in `vms[0].rate`; allowed: nics\n");
}

struct mistake {
    const char *text, *message;
};

#define S4 "a.yaml:4:"
#define S3 "a.yaml:3:"

static const struct mistake mistakes[] = {
    {"sweep: 5\n", S3 "8: error: wrong type: `5` for `sweep`; wanted: a list of groups of keys\n"},
    {AXIS("valus: [1]"),
     S4 "26: error: unknown key: `valus` in `sweep[0]`; allowed: path, name, values, from, to, "
        "step, points, scale, zip, include; did you mean `values`?\n"},
    {AXIS("values: 5kpps"),
     S4 "34: error: wrong type: `5kpps` for `values`; wanted: a list of at least one value\n"},
    {AXIS("values: []"),
     S4 "34: error: wrong type: a list for `values`; wanted: a list of at least one value\n"},
    {AXIS("values: [[1]]"),
     S4 "35: error: wrong type: a list for `values`; wanted: a number with its unit, or a name\n"},
    {"sweep: [{values: [1]}]\n",
     S3 "9: error: missing key: `path` in `sweep`; wanted: the parameter to sweep, or a `zip`\n"},
    {"sweep: [{path: \"a..b\", values: [1]}]\n",
     S3 "16: error: not a path: `a..b`; wanted: keys and list positions "
        "as in `nics[0].rate`\n"},
    {AXIS("values: [1], from: 1"),
     S4 "5: error: too much in `sweep`: both `values` and a range; wanted: one\n"},
    {AXIS("from: 1kpps"),
     S4 "5: error: missing key: `to` in `sweep`; wanted: a quantity, for a range from, to, step or points\n"},
    {AXIS("from: 1kpps, to: 2kpps"),
     S4 "5: error: missing key: `points` in `sweep`; wanted: at least 2, or a `step`\n"},
    {AXIS("from: 1kpps, to: 2kpps, points: 1"),
     S4 "5: error: missing key: `points` in `sweep`; wanted: at least 2, or a `step`\n"},
    {AXIS("from: 1kpps, to: 2us, points: 2"),
     S4 "43: error: wrong unit: `2us` in `sweep`; wanted: one of the dimension of `from`\n"},
    {AXIS("from: 1kpps, to: 2kpps, step: 1us"),
     S4 "56: error: wrong unit: `1us` in `sweep`; wanted: one of the dimension of `from`\n"},
    {AXIS("from: 2kpps, to: 1kpps, points: 2"),
     S4 "43: error: empty range: `1kpps` in `sweep`; wanted: more than `from`\n"},
    {AXIS("from: slow, to: 1kpps, points: 2"),
     S4 "32: error: not a quantity: `slow` in `sweep`; wanted: a number with its unit, 0 or more\n"},
    {AXIS("from: 1kpps, to: 2kpps, step: 0"), S4 "56: error: no step: `0` in `sweep`; wanted: more than 0\n"},
    {AXIS("from: 1kpps, to: 2kpps, step: 1pps, points: 3"),
     S4 "56: error: too much: `1pps` in `sweep`; wanted: either `step` or `points`, `scale`\n"},
    {AXIS("from: 1kpps, to: 2Mpps, step: 1pps"),
     S4 "56: error: too many points: `1pps` in `sweep`; wanted: at most 10000 points\n"},
    {AXIS("from: 0, to: 2Mpps, points: 3, scale: log"),
     S4 "32: error: out of range: `0` in `sweep`; wanted: more than 0 for a log scale\n"},
    {AXIS("from: 1kpps, to: 2kpps, points: 3, scale: exp"),
     S4 "68: error: unknown value: `exp` in `sweep[0].scale`; allowed: linear, log\n"},
    {AXIS("values: [1kpps]") "  - {path: traffic.rate, values: [1kpps]}\n",
     "a.yaml:5:12: error: swept twice: `traffic.rate`; it is in line 4 already\n"},
    {"sweep:\n  - zip:\n      - {path: seed, values: [1, 2]}\n      - {path: host.cores, values: [1]}\n",
     "a.yaml:5:7: error: uneven zip: `seed` has 2 values, `cores` has 1; wanted: as many in each\n"},
    {"sweep: [{zip: []}]\n", S3 "15: error: wrong type: a list for `zip`; wanted: a list of axes\n"},
    {"sweep: [{zip: [{zip: []}]}]\n",
     S3 "16: error: missing key: `path` in `zip`; wanted: the parameter to sweep; a zip has no zip\n"},
    {"sweep: [{zip: [5]}]\n", S3 "16: error: wrong type: `5` for `zip`; wanted: a group of keys\n"},
    {"sweep: [{zip: [], path: seed}]\n",
     S3 "9: error: too much in `sweep`: both `zip` and an axis; wanted: one\n"},
    {AXIS("values: [1kpps]") "where: [{path: rat, min: 1kpps}]\n",
     "a.yaml:5:16: error: unknown parameter: `rat` in `where`; allowed: rate; did you mean `rate`?\n"},
    {AXIS("values: [1kpps]") "where: [{path: rate}]\n",
     "a.yaml:5:9: error: missing key: `max` in `where`; wanted: `min`, `max` or `less_than`\n"},
    {AXIS("values: [1kpps]") "where: [{path: rate, max: 1us}]\n",
     "a.yaml:5:27: error: wrong unit: `1us` in `where`; wanted: a quantity of the dimension of `path`\n"},
    {AXIS("values: [1kpps]") "where: [{path: rate, less_than: \"nics[0].rate\"}]\n",
     "a.yaml:5:33: error: wrong unit: `nics[0].rate` in `where`; wanted: a quantity of the dimension of "
     "`path`\n"},
    {AXIS("values: [1kpps]") "where: [{path: rate, min: 2kpps}]\n",
     "a.yaml:5:9: error: no point left: `where` leaves out every value of `sweep`\n"},
    {"repeat: 10000\ncompare: [a, b, c, d, e, f, g, h, i, j, k]\n",
     "a.yaml:1:1: error: too many points in `sweep`, `compare` and `repeat`; allowed: 100000\n"},
    {"sweep:\n  - {path: a, from: 0, to: 999, step: 1}\n  - {path: b, from: 0, to: 999, step: 1}\n",
     "a.yaml:1:1: error: too many points in `sweep`, `compare` and `repeat`; allowed: 100000\n"},
};

Test(sweep, mistakes)
{
    for (size_t i = 0; i < PARAM_COUNT(mistakes); i++)
        expect_points(mistakes[i].text, NULL, mistakes[i].message);
}
