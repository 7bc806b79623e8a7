/*
 * compare, plot, expect, and the directives that are plain values.
 */
#include "scenarios/override.h"
#include "tests/unit/scenarios/sample.h"

static struct scenario *load_good(const char *text, const char *const *sets)
{
    struct diag *diag = diag_create();
    char whole[4000];
    snprintf(whole, sizeof(whole), "%s%s", SAMPLE_HEAD, text);
    struct scenario *scenario = sample_load(whole, sets, diag);
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages, "");
    free(messages);
    diag_destroy(diag);
    return scenario;
}

#define SWEEP                                                                                                \
    "sweep:\n  - {path: traffic.rate, values: [1kpps, 10kpps]}\n"                                            \
    "compare:\n  - native\n  - {name: fast-vf, set: {strategy: passthrough, traffic.size: 64B}}\n"

Test(experiment, plain_values)
{
    struct scenario *scenario = load_good("name: a\ndescription: \"b\\nc\"\nlook_at: d\nrepeat: 3\n", NULL);
    const struct experiment *experiment = scenario_experiment(scenario);
    cr_assert_str_eq(experiment->name, "a");
    cr_assert_str_eq(experiment->description, "b\nc");
    cr_assert_str_eq(experiment->look_at, "d");
    cr_assert_eq(experiment->repeat, 3);
    scenario_destroy(scenario);
}

Test(experiment, alternatives_set_what_they_say)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = load_good(SWEEP, NULL);
    struct scenario_binding *binding =
        scenario_bind(scenario, scenario_point(scenario, 1), &sample_table, diag);
    const struct sample_config *config = scenario_config(binding);
    cr_assert_str_eq(scenario_point(scenario, 1)->name, "rate=1kpps,compare=fast-vf");
    cr_assert_eq(config->strategy, 3);
    cr_assert_eq(config->traffic.size, 64);
    scenario_binding_destroy(binding);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(experiment, a_plot)
{
    struct scenario *scenario =
        load_good(SWEEP "plot:\n"
                        "  - name: fig-1\n"
                        "    title: Latency\n"
                        "    x: rate\n"
                        "    y: [latency_ns.mean, latency_ns.p99]\n"
                        "    series: compare\n"
                        "    x_scale: log\n"
                        "    overlay: md1\n"
                        "    where: {rate: 10000pps}\n"
                        "  - {name: map, title: Best, kind: map, x: rate, y: compare, "
                        "value: throughput_gbps, best: min}\n",
                  NULL);
    const struct experiment *experiment = scenario_experiment(scenario);
    const struct scenario_plot *plot = &experiment->plots[0];
    cr_assert_eq(experiment->plot_count, 2);
    cr_assert_str_eq(plot->name, "fig-1");
    cr_assert_eq(plot->kind, PLOT_LINE);
    cr_assert_eq(plot->y_count, 2);
    cr_assert_str_eq(plot->y[1], "latency_ns.p99");
    cr_assert_eq(plot->x_scale, PLOT_LOG);
    cr_assert_eq(plot->y_scale, PLOT_LINEAR);
    cr_assert_str_eq(plot->overlay, "md1");
    cr_assert_not(scenario_matches(scenario, &plot->where, scenario_point(scenario, 0)));
    cr_assert(scenario_matches(scenario, &plot->where, scenario_point(scenario, 2)));
    cr_assert_eq(experiment->plots[1].kind, PLOT_MAP);
    cr_assert_not(experiment->plots[1].best_is_max);
    scenario_destroy(scenario);
}

#define EXPECT                                                                                               \
    SWEEP "expect:\n"                                                                                        \
          "  - metric: latency_ns.mean\n"                                                                    \
          "    where: {compare: fast-vf, rate: 1kpps}\n"                                                     \
          "    max: 2.5e3\n"                                                                                 \
          "    greater_than: {where: native, times: 1.25}\n"                                                 \
          "    less_than: latency_ns.p99\n"                                                                  \
          "    because: the doorbell has no exit\n"                                                          \
          "    cause: nics[0].queues=2\n"                                                                    \
          "  - {metric: x, min: -1, because: y, cause: {seed: 9, host.cores: 2}}\n"

Test(experiment, an_expectation)
{
    struct scenario *scenario = load_good(EXPECT, NULL);
    const struct scenario_expectation *first = &scenario_experiment(scenario)->expectations[0];
    cr_assert_str_eq(first->name, "expect[0]");
    cr_assert_str_eq(first->metric, "latency_ns.mean");
    cr_assert_not(first->has_min);
    cr_assert(first->has_max);
    cr_assert_eq(first->max, 2500.0);
    cr_assert_str_eq(first->greater_than.metric, "latency_ns.mean");
    cr_assert_eq(first->greater_than.times, 1.25);
    cr_assert_str_eq(first->greater_than.where.alternative, "native");
    cr_assert_eq(first->greater_than.where.count, 0);
    cr_assert_str_eq(first->less_than.metric, "latency_ns.p99");
    cr_assert_str_eq(first->less_than.where.alternative, "fast-vf");
    cr_assert_eq(first->less_than.times, 1.0);
    cr_assert_str_eq(first->because, "the doorbell has no exit");
    cr_assert_eq(first->place.line, 9);
    cr_assert_eq(first[1].cause_count, 2);
    cr_assert_null(first[1].less_than.metric);
    scenario_destroy(scenario);
}

Test(experiment, which_points_an_expectation_is_about)
{
    struct scenario *scenario = load_good(EXPECT, NULL);
    const struct scenario_expectation *expectations = scenario_experiment(scenario)->expectations;
    static const bool first[] = {false, true, false, false};
    for (size_t i = 0; i < 4; i++) {
        const struct scenario_point *point = scenario_point(scenario, i);
        cr_assert_eq(scenario_matches(scenario, &expectations[0].where, point), first[i]);
        cr_assert(scenario_matches(scenario, &expectations[1].where, point));
    }
    scenario_destroy(scenario);
}

Test(experiment, a_cause_is_laid_on_top)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = load_good(EXPECT, NULL);
    const struct scenario_expectation *expectations = scenario_experiment(scenario)->expectations;
    const struct scenario_point *point = scenario_point(scenario, 1);
    struct scenario_binding *one =
        scenario_bind_cause(scenario, point, &expectations[0], &sample_table, diag);
    struct scenario_binding *two =
        scenario_bind_cause(scenario, point, &expectations[1], &sample_table, diag);
    const struct sample_config *config = scenario_config(one);
    cr_assert_eq(((const struct sample_nic *)config->nics.items)->queues, 2);
    cr_assert_eq(config->strategy, 3);
    config = scenario_config(two);
    cr_assert_eq(config->seed, 9);
    cr_assert_eq(config->host.cores, 2);
    scenario_binding_destroy(one);
    scenario_binding_destroy(two);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(experiment, a_wrong_cause_is_reported_where_it_stands)
{
    struct diag *diag = diag_create();
    struct scenario *scenario =
        load_good("expect: [{metric: x, min: 1, because: y, cause: \"host.coers=2\"}]\n", NULL);
    cr_assert_null(scenario_bind_cause(scenario, NULL, &scenario_experiment(scenario)->expectations[0],
                                       &sample_table, diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages,
                     "a.yaml:3:49: error: unknown key: `coers` in `host`; allowed: cores, frequency, "
                     "include, profile; did you mean `cores`?\n");
    free(messages);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(experiment, what_the_command_line_takes_out_is_no_mistake)
{
    static const char *const sets[] = {"traffic.rate=5kpps", "strategy=virtio", NULL};
    struct scenario *scenario = load_good("sweep: [{path: traffic.rate, values: [1kpps, 2kpps]}]\n"
                                          "compare: [native, virtio]\n"
                                          "expect:\n"
                                          "  - {metric: x, min: 1, because: y, where: {rate: 1kpps}}\n"
                                          "  - {metric: x, min: 1, because: y, where: native}\n"
                                          "  - {metric: x, min: 1, because: y, where: virtio}\n",
                                          sets);
    const struct scenario_expectation *expectations = scenario_experiment(scenario)->expectations;
    const struct scenario_point *point = scenario_point(scenario, 0);
    cr_assert_eq(scenario_point_count(scenario), 1);
    cr_assert_not(scenario_matches(scenario, &expectations[0].where, point));
    cr_assert_not(scenario_matches(scenario, &expectations[1].where, point));
    cr_assert(scenario_matches(scenario, &expectations[2].where, point));
    scenario_destroy(scenario);
}

struct mistake {
    const char *text, *message;
};

#define P "a.yaml:3:"

static const struct mistake mistakes[] = {
    {"compare: virtio\n", P
     "10: error: wrong type: `virtio` for `compare`; wanted: a list of 1 to 64 strategies or {name, set}\n"},
    {"compare: []\n",
     P "10: error: wrong type: a list for `compare`; wanted: a list of 1 to 64 strategies or {name, set}\n"},
    {"compare: [~]\n",
     P "11: error: wrong type: nothing for `compare`; wanted: a strategy, or {name, set}\n"},
    {"compare: [[a]]\n", P "11: error: wrong type: a list for `compare`; wanted: a group of keys\n"},
    {"compare: [a, {set: {}}]\n", P "14: error: missing key: `name` in `compare`; wanted: text\n"},
    {"compare: [{name: a, set: 5}]\n", P "26: error: wrong type: `5` for `set`; wanted: {path: value}\n"},
    {"compare: [{name: a, set: {a..b: 5}}]\n",
     P "27: error: not a path: `a..b`; wanted: keys and list positions as in `nics[0].rate`\n"},
    {"compare: [{nam: a}]\n",
     P "12: error: unknown key: `nam` in `compare`; allowed: name, set, include; did you "
       "mean `name`?\n" P "11: error: missing key: `name` in `compare`; wanted: text\n"},
    {"compare: [a, a]\n", P "14: error: compared twice: `a`; wanted: another name\n"},
    {"compare: [virtoi]\n",
     P "11: error: unknown value: `virtoi` in `strategy`; allowed: native, emulation, virtio, "
       "passthrough; did you mean `virtio`?\n"},
    {"plot: [{name: a, title: b, x: c}]\n", P "8: error: missing key: `y` in `plot`; wanted: a metric as "
                                              "`latency_ns.mean`, or a list of them\n"},
    {"plot: [{title: b, x: c, y: d}]\n", P "8: error: missing key: `name` in `plot[0]`; wanted: text\n"},
    {"plot: [{name: a/b, title: b, x: c, y: d}]\n",
     P "15: error: bad name: `a/b` in `plot`; wanted: 1 to 64 letters, digits, `-` or `_`\n"},
    {"plot: [{name: a, title: b, x: c, y: d}, {name: a, title: b, x: c, y: d}]\n",
     P "48: error: plotted twice: `a` in `plot`; wanted: another name\n"},
    {"plot: [{name: a, title: b, x: c, y: []}]\n",
     P "37: error: wrong type: a list for `y`; wanted: a metric as `latency_ns.mean`, or a list of them\n"},
    {"plot: [{name: a, title: b, x: c, y: a b}]\n",
     P "37: error: not a metric: `a b` in `plot`; wanted: a path in the results, as `latency_ns.mean`\n"},
    {"plot: [{name: a, title: b, x: c, y: d, kind: pie}]\n",
     P "46: error: unknown value: `pie` in `plot[0].kind`; allowed: line, points, bar, stack, map\n"},
    {"plot: [{name: a, title: b, x: c, y: d, series: rate}]\n",
     P "48: error: unknown axis: `rate` in `plot`; allowed: compare\n"},
    {"plot: [{name: a, title: b, x: c, y: d, kind: map}]\n",
     P "8: error: missing key: `value` in `plot`; wanted: the metric that a map compares\n"},
    {"plot: [{name: a, title: b, x: c, y: d, kind: map, value: e}]\n",
     P "31: error: unknown axis: `c` in `plot`; allowed: compare\n"},
    {"expect: [{min: 1, because: a}]\n", P "10: error: missing key: `metric` in `expect[0]`; wanted: text\n"},
    {"expect: [{metric: a, min: 1}]\n", P "10: error: missing key: `because` in `expect[0]`; wanted: text\n"},
    {"expect: [{metric: a, because: b}]\n",
     P "10: error: missing key: `max` in `expect`; wanted: `min`, `max`, `less_than` or `greater_than`\n"},
    {"expect: [{metric: a, because: b, min: 5us}]\n", P "39: error: not a number: `5us` in `expect`; wanted: "
                                                        "a plain number, in the unit of the metric's name\n"},
    {"expect: [{metric: a, because: b, min: 1e999}]\n",
     P "39: error: not a number: `1e999` in `expect`; wanted: a plain number, in the unit of the metric's "
       "name\n"},
    {"expect: [{metric: a, because: b, min: 2, max: 1}]\n",
     P "47: error: empty range: `1` in `expect`; wanted: at least `min`\n"},
    {"expect: [{metric: a b, because: b, min: 2}]\n",
     P "19: error: not a metric: `a b` in `expect`; wanted: a path in the results, as `latency_ns.mean`\n"},
    {"expect: [{metric: a, because: b, less_than: [c]}]\n",
     P "45: error: wrong type: a list for `expect`; wanted: a metric, or {metric, where, times}\n"},
    {"expect: [{metric: a, because: b, less_than: {metrik: c}}]\n",
     P "46: error: unknown key: `metrik` in `expect`; allowed: metric, times, where, include; did you mean "
       "`metric`?\n"},
    {"expect: [{metric: a, because: b, less_than: {times: many}}]\n",
     P "53: error: not a number: `many` in `expect`; wanted: a plain number, in the unit of the metric's "
       "name\n"},
    {"expect: [{metric: a, because: b, min: 1, cause: seed}]\n",
     P "49: error: wrong type: `seed` for `cause`; wanted: path=value, or {path: value}\n"},
    {"expect: [{metric: a, because: b, min: 1, cause: \".=1\"}]\n",
     P "49: error: not a path: `.`; wanted: keys and list positions as in `nics[0].rate`\n"},
    {"compare: [virtio]\nexpect: [{metric: a, because: b, min: 1, where: virtoi}]\n",
     "a.yaml:4:49: error: unknown alternative: `virtoi` in `compare`; allowed: virtio; did you mean "
     "`virtio`?\n"},
    {"sweep: [{path: seed, values: [1]}]\nexpect: [{metric: a, because: b, min: 1, where: {sed: 1}}]\n",
     "a.yaml:4:50: error: unknown axis: `sed` in `where`; allowed: compare, seed; did you mean `seed`?\n"},
    {"sweep: [{path: seed, values: [1, 2]}]\nexpect: [{metric: a, because: b, min: 1, where: {seed: 3}}]\n",
     "a.yaml:4:56: error: unknown value: `3` in `seed`; allowed: 1, 2\n"},
    {"expect: [{metric: a, because: b, min: 1, where: [x]}]\n",
     P "49: error: wrong type: a list for `where`; wanted: an alternative, or {axis: value}\n"},
    {"repeat: 0\n", P "9: error: out of range: `0` for `repeat`; allowed: 1 to 10000\n"},
};

Test(experiment, mistakes)
{
    for (size_t i = 0; i < PARAM_COUNT(mistakes); i++) {
        char text[1000], *messages;
        snprintf(text, sizeof(text), "%s%s", SAMPLE_HEAD, mistakes[i].text);
        messages = sample_check(text, NULL);
        cr_assert_str_eq(messages, mistakes[i].message);
        free(messages);
    }
}

Test(experiment, the_schema_version_is_required_and_known)
{
    char *messages = sample_check("nics: [{rate: 1Gbps}]\n", NULL);
    cr_assert_str_eq(messages, "a.yaml:1:1: error: missing key: `schema_version`; wanted: 1\n");
    free(messages);
    messages = sample_check("schema_version: 2\n", NULL);
    cr_assert_str_eq(messages, "a.yaml:1:17: error: out of range: `2` for `schema_version`; allowed: 1\n");
    free(messages);
}
