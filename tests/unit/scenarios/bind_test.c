#include "scenarios/bind.h"

#include "tests/unit/scenarios/sample.h"

/* A scenario with its only point bound. */
struct bound {
    struct scenario *scenario;
    struct scenario_binding *binding;
    const struct sample_config *config;
};

static struct bound bind_good(const char *text, const char *const *sets)
{
    struct diag *diag = diag_create();
    struct bound bound = {.scenario = sample_load(text, sets, diag)};
    if (bound.scenario)
        bound.binding = scenario_bind(bound.scenario, scenario_point(bound.scenario, 0), &sample_table, diag);
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages, "");
    free(messages);
    diag_destroy(diag);
    bound.config = scenario_config(bound.binding);
    return bound;
}

static void release(struct bound *bound)
{
    scenario_binding_destroy(bound->binding);
    scenario_destroy(bound->scenario);
}

Test(bind, the_sample_table_is_sound)
{
    struct diag *diag = diag_create();
    cr_assert(param_check_table(&sample_table, diag));
    diag_destroy(diag);
}

Test(bind, defaults_fill_what_is_not_written)
{
    struct bound bound = bind_good(SAMPLE_HEAD, NULL);
    const struct sample_config *config = bound.config;
    const struct sample_nic *nic = config->nics.items;
    cr_assert_eq(config->seed, 1);
    cr_assert_eq(config->duration, 10000000000);
    cr_assert_not(config->trace);
    cr_assert_eq(config->strategy, 0);
    cr_assert_eq(config->host.frequency, 2800000000);
    cr_assert_eq(config->costs.copy, 250);
    cr_assert_eq(config->nics.count, 1);
    cr_assert_str_eq(nic->name, "nic");
    cr_assert_eq(nic->moderation.model, &sample_none_model);
    cr_assert_eq(config->traffic.load, 500000);
    cr_assert_eq(config->traffic.sizes.count, 2);
    cr_assert_eq(((const int64_t *)config->traffic.sizes.items)[1], 1518);
    cr_assert_eq(config->traffic.arrival.model, &sample_constant_model);
    cr_assert_null(config->traffic.capture);
    release(&bound);
}

Test(bind, every_kind_of_value)
{
    struct bound bound = bind_good("schema_version: 1\n"
                                   "seed: 7\nduration: 1.5s\ntrace: true\nstrategy: passthrough\n"
                                   "host: {cores: 8}\n"
                                   "nics:\n"
                                   "  - {name: eth0, rate: 25Gbps, moderation: itr}\n"
                                   "  - {rate: \"10Gbps\", moderation: {model: itr, interval: 20us}}\n"
                                   "traffic:\n"
                                   "  sizes: [64B, 4KiB, 0]\n"
                                   "  load: 25%\n"
                                   "  arrival: {model: poisson, burst: 3}\n",
                                   NULL);
    const struct sample_config *config = bound.config;
    const struct sample_nic *nics = config->nics.items;
    cr_assert_eq(config->seed, 7);
    cr_assert_eq(config->duration, 1500000000000);
    cr_assert(config->trace);
    cr_assert_eq(config->strategy, 3);
    cr_assert_eq(config->host.cores, 8);
    cr_assert_str_eq(nics[0].name, "eth0");
    cr_assert_eq(((const struct sample_itr *)nics[0].moderation.config)->interval, 50000000);
    cr_assert_eq(nics[1].rate, 10000000000);
    cr_assert_eq(((const struct sample_itr *)nics[1].moderation.config)->interval, 20000000);
    cr_assert_eq(config->traffic.sizes.count, 3);
    cr_assert_eq(((const int64_t *)config->traffic.sizes.items)[1], 4096);
    cr_assert_eq(config->traffic.load, 250000);
    cr_assert_eq(((const struct sample_poisson *)config->traffic.arrival.config)->burst, 3);
    release(&bound);
}

Test(bind, a_cost_may_say_where_it_comes_from)
{
    struct bound bound =
        bind_good(SAMPLE_HEAD "costs:\n"
                              "  exit: {value: 900cycles, source: \"a, b\", evidence: measured}\n"
                              "  copy: 1cycles/B\n",
                  NULL);
    cr_assert_eq(bound.config->costs.exit, 900);
    cr_assert_eq(bound.config->costs.copy, 1000);
    release(&bound);
}

Test(bind, a_path_is_relative_to_the_file_that_names_it)
{
    struct diag *diag = diag_create();
    static const char text[] = SAMPLE_HEAD "traffic: {capture: x.pcap}\n";
    struct scenario *scenario = scenario_load_text("some/where/a.yaml", text, strlen(text), NULL, diag);
    struct scenario_binding *binding = scenario_bind(scenario, NULL, &sample_table, diag);
    const struct sample_config *config = scenario_config(binding);
    cr_assert_str_eq(config->traffic.capture, "some/where/x.pcap");
    scenario_binding_destroy(binding);
    scenario_destroy(scenario);
    diag_destroy(diag);

    static const char *const sets[] = {"traffic.capture=y.pcap", NULL};
    struct bound bound = bind_good(SAMPLE_HEAD "traffic: {capture: /abs/x.pcap}\n", NULL);
    cr_assert_str_eq(bound.config->traffic.capture, "/abs/x.pcap");
    release(&bound);
    bound = bind_good(SAMPLE_HEAD, sets);
    cr_assert_str_eq(bound.config->traffic.capture, "y.pcap");
    release(&bound);
}

Test(bind, a_binding_outlives_its_scenario)
{
    struct bound bound = bind_good("schema_version: 1\nnics: [{rate: 10Gbps, name: eth7}]\n", NULL);
    scenario_destroy(bound.scenario);
    bound.scenario = NULL;
    cr_assert_str_eq(((const struct sample_nic *)bound.config->nics.items)->name, "eth7");
    release(&bound);
}

Test(bind, places_of_values_for_models_that_check_further)
{
    struct bound bound = bind_good("schema_version: 1\n"
                                   "nics:\n"
                                   "  - rate: 10Gbps\n"
                                   "    moderation: {model: itr}\n",
                                   NULL);
    struct diag_place place;
    cr_assert(scenario_binding_place(bound.binding, "nics[0].rate", &place));
    cr_assert_eq(place.line, 3);
    cr_assert_eq(place.column, 11);
    cr_assert(scenario_binding_place(bound.binding, "nics[0].moderation.interval", &place));
    cr_assert_eq(place.line, 4); /* the group's key: the value is a default */
    cr_assert_eq(place.column, 5);
    cr_assert(scenario_place(bound.scenario, "traffic.size", &place));
    cr_assert_eq(place.line, 1);
    cr_assert_not(scenario_place(bound.scenario, "..", &place));
    release(&bound);
}

#define RATE "a bit rate in bps, kbps, Mbps, Gbps or Tbps"
#define PACKETS "a packet rate in mpps, pps, kpps or Mpps"
#define AT "a.yaml:3:"

Test(bind, unknown_keys)
{
    SAMPLE_EXPECT("traffic: {rte: 5}\n",
                  AT "11: error: unknown key: `rte` in `traffic`; allowed: rate, size, load, sizes, arrival, "
                     "capture, include; did you mean `rate`?\n");
    SAMPLE_EXPECT("trafic: {}\n",
                  AT "1: error: unknown key: `trafic`; allowed: seed, duration, lanes, trace, "
                     "strategy, host, costs, nics, traffic, schema_version, name, description, "
                     "look_at, sweep, where, repeat, compare, plot, expect, include; did you mean "
                     "`traffic`?\n");
    SAMPLE_EXPECT(
        "traffic: {profile: x}\n",
        AT "11: error: unknown key: `profile` in `traffic`; allowed: rate, size, load, sizes, arrival, "
           "capture, include\n");
    SAMPLE_EXPECT("model: x\n", AT "1: error: unknown key: `model`; allowed: seed, duration, lanes, trace, "
                                   "strategy, host, costs, nics, traffic, schema_version, name, description, "
                                   "look_at, sweep, where, repeat, compare, plot, expect, include\n");
}

Test(bind, missing_keys)
{
    char *messages = sample_check("schema_version: 1\n", NULL);
    cr_assert_str_eq(messages, "a.yaml:1:1: error: missing key: `nics`; wanted: a list of groups of keys\n");
    free(messages);
    messages = sample_check("schema_version: 1\nnics: [{queues: 2}, {}]\n", NULL);
    cr_assert_str_eq(messages, "a.yaml:2:8: error: missing key: `rate` in `nics[0]`; wanted: " RATE "\n"
                               "a.yaml:2:21: error: missing key: `rate` in `nics[1]`; wanted: " RATE "\n");
    free(messages);
}

struct needy {
    int64_t a, b, c, d;
};
struct needy_config {
    struct needy costs;
};
static const struct param needy_rows[] = {
    PARAM_COST_ROW(struct needy, a, UNIT_CYCLES, 0, 9, NULL, "a"),
    PARAM_COST_ROW(struct needy, b, UNIT_CYCLES, 0, 9, NULL, "b"),
    PARAM_COST_ROW(struct needy, c, UNIT_CYCLES, 0, 9, NULL, "c"),
    PARAM_COST_ROW(struct needy, d, UNIT_CYCLES, 0, 9, NULL, "d"),
};
static const struct param_table needy_table = {.name = "costs",
                                               .help = "costs without defaults",
                                               .size = sizeof(struct needy),
                                               .params = needy_rows,
                                               .count = PARAM_COUNT(needy_rows),
                                               .profiles = true,
                                               .profile_folder = "costs"};
static const struct param needy_root_rows[] = {
    PARAM_GROUP_ROW(struct needy_config, costs, &needy_table, "costs"),
};
static const struct param_table needy_root = {.name = "root",
                                              .help = "needs a profile",
                                              .size = sizeof(struct needy_config),
                                              .params = needy_root_rows,
                                              .count = PARAM_COUNT(needy_root_rows)};

static void expect_needy(const char *text, const char *expected)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = sample_load(text, NULL, diag);
    scenario_binding_destroy(scenario_bind(scenario, NULL, &needy_root, diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages, expected);
    free(messages);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(bind, a_forgotten_profile_is_said_once)
{
    expect_needy(
        "schema_version: 1\n",
        "a.yaml:1:1: error: missing keys: `a` and 3 more in `costs`; wanted: each of them, or `profile: "
        "NAME` from the library folder `costs`\n");
    expect_needy(
        "schema_version: 1\ncosts: {d: 1cycles, c: 1cycles}\n",
        "a.yaml:2:8: error: missing key: `a` in `costs`; wanted: a number of cycles in cycles, kcycles or "
        "Mcycles\n"
        "a.yaml:2:8: error: missing key: `b` in `costs`; wanted: a number of cycles in cycles, kcycles or "
        "Mcycles\n");
}

Test(bind, units)
{
    SAMPLE_EXPECT("traffic: {rate: 10}\n",
                  AT "17: error: unit missing: `10` for `traffic.rate`; wanted: " PACKETS "\n");
    SAMPLE_EXPECT("traffic: {rate: 10kps}\n",
                  AT "17: error: unknown unit: `10kps` for `traffic.rate`; wanted: " PACKETS
                     "; did you mean `10kpps`?\n");
    SAMPLE_EXPECT("traffic: {rate: 10parsec}\n",
                  AT "17: error: unknown unit: `10parsec` for `traffic.rate`; wanted: " PACKETS "\n");
    SAMPLE_EXPECT("traffic: {rate: 10 kpps}\n",
                  AT "17: error: blank before the unit: `10 kpps` for `traffic.rate`; wanted: " PACKETS
                     "; did you mean `10kpps`?\n");
    SAMPLE_EXPECT("traffic: {rate: 10Gbps}\n", AT
                  "17: error: wrong unit: `10Gbps` for `traffic.rate` is a bit rate; wanted: " PACKETS "\n");
    SAMPLE_EXPECT("traffic: {rate: fast}\n",
                  AT "17: error: not a number: `fast` for `traffic.rate`; wanted: " PACKETS "\n");
    SAMPLE_EXPECT("duration: 0.5ps\n",
                  AT "11: error: too fine: `0.5ps` for `duration`; wanted: a whole multiple of 1ps\n");
    SAMPLE_EXPECT("seed: 1.5\n", AT "7: error: too fine: `1.5` for `seed`; wanted: a whole number\n");
    SAMPLE_EXPECT("seed: 5us\n",
                  AT "7: error: wrong unit: `5us` for `seed` is a time; wanted: a whole number\n");
    SAMPLE_EXPECT(
        "traffic: {load: 5us}\n",
        AT "17: error: wrong unit: `5us` for `traffic.load` is a time; wanted: a fraction as 0.25 or 25%\n");
}

Test(bind, ranges_at_their_ends)
{
    SAMPLE_EXPECT("traffic: {size: 60B}\n", "");
    SAMPLE_EXPECT("traffic: {size: 65535B}\n", "");
    SAMPLE_EXPECT("traffic: {size: 59B}\n",
                  AT "17: error: out of range: `59B` for `traffic.size`; allowed: 60B to 65535B\n");
    SAMPLE_EXPECT("traffic: {size: 64KiB}\n",
                  AT "17: error: out of range: `64KiB` for `traffic.size`; allowed: 60B to 65535B\n");
    SAMPLE_EXPECT("duration: -1us\n",
                  AT "11: error: out of range: `-1us` for `duration`; allowed: at least 1ps\n");
    SAMPLE_EXPECT("seed: 99999999999999999999\n",
                  AT "7: error: out of range: `99999999999999999999` for `seed`; allowed: at least 0\n");
    SAMPLE_EXPECT("lanes: 8\n", AT "8: error: out of range: `8` for `lanes`; allowed: 4\n");
    SAMPLE_EXPECT("traffic: {load: 101%}\n",
                  AT "17: error: out of range: `101%` for `traffic.load`; allowed: 0 to 1\n");
}

Test(bind, types)
{
    SAMPLE_EXPECT("host: 5\n", AT "7: error: wrong type: `5` for `host`; wanted: a group of keys\n");
    SAMPLE_EXPECT("host:\n", AT "6: error: wrong type: nothing for `host`; wanted: a group of keys\n");
    SAMPLE_EXPECT("host: ~\n", AT "7: error: wrong type: nothing for `host`; wanted: a group of keys\n");
    SAMPLE_EXPECT("seed: {a: 1}\n",
                  AT "7: error: wrong type: a mapping for `seed`; wanted: a whole number\n");
    SAMPLE_EXPECT("traffic: {rate: [1]}\n",
                  AT "17: error: wrong type: a list for `traffic.rate`; wanted: " PACKETS "\n");
    SAMPLE_EXPECT("trace: yes\n", AT "8: error: unknown value: `yes` in `trace`; allowed: true, false\n");
    SAMPLE_EXPECT("trace: True\n", AT
                  "8: error: unknown value: `True` in `trace`; allowed: true, false; did you mean `true`?\n");
    SAMPLE_EXPECT("traffic: {sizes: 64B}\n",
                  AT "18: error: wrong type: `64B` for `traffic.sizes`; wanted: a list, "
                     "each a size in B, kB, MB, GB, TB, KiB, MiB, GiB or TiB\n");
}

Test(bind, choices)
{
    SAMPLE_EXPECT("strategy: virtoi\n",
                  AT "11: error: unknown value: `virtoi` in `strategy`; allowed: native, "
                     "emulation, virtio, passthrough; did you mean `virtio`?\n");
}

Test(bind, lists)
{
    char *messages = sample_check("schema_version: 1\nnics: []\n", NULL);
    cr_assert_str_eq(messages, "a.yaml:2:7: error: wrong number of entries: 0 in `nics`; allowed: 1 to 4\n");
    free(messages);
    messages = sample_check("schema_version: 1\nnics: [5]\n", NULL);
    cr_assert_str_eq(messages, "a.yaml:2:8: error: wrong type: `5` for `nics[0]`; wanted: a group of keys\n");
    free(messages);
    SAMPLE_EXPECT("traffic: {sizes: [64B, 64B, 64B, 64B]}\n", "");
    SAMPLE_EXPECT("traffic: {sizes: [64B, 64B, 64B, 64B, 64B]}\n",
                  AT "18: error: wrong number of entries: 5 in `traffic.sizes`; allowed: 0 to 4\n");
    SAMPLE_EXPECT("traffic: {sizes: [64B, -1B]}\n",
                  AT "24: error: out of range: `-1B` for `traffic.sizes[1]`; allowed: at least 0\n");
}

Test(bind, variants)
{
    SAMPLE_EXPECT("traffic: {arrival: poison}\n",
                  AT "20: error: unknown model: `poison` in `traffic.arrival`; "
                     "allowed: constant, poisson; did you mean `poisson`?\n");
    SAMPLE_EXPECT(
        "traffic: {arrival: {model: poisson, brst: 2}}\n",
        AT "37: error: unknown key: `brst` in `traffic.arrival`; allowed: burst, include, model; did you "
           "mean `burst`?\n");
    SAMPLE_EXPECT("traffic: {arrival: {burst: 2}}\n",
                  AT "21: error: unknown key: `burst` in `traffic.arrival`; allowed: include, model\n");
    SAMPLE_EXPECT("traffic: {arrival: [a]}\n",
                  AT "20: error: wrong type: a list for `traffic.arrival`; wanted: a "
                     "model's name or a group of keys\n");
    SAMPLE_EXPECT("traffic: {arrival: {model: [a]}}\n", AT
                  "28: error: wrong type: a list for `traffic.arrival`; wanted: a model's name or a group of "
                  "keys\n");
}

Test(bind, costs)
{
    SAMPLE_EXPECT(
        "costs: {exit: {value: 5us, source: x}}\n",
        AT "23: error: wrong unit: `5us` for `costs.exit` is a time; wanted: a number of cycles in cycles, "
           "kcycles or Mcycles\n");
    SAMPLE_EXPECT("costs: {exit: {source: x}}\n",
                  AT "15: error: missing key: `value` in `costs.exit`; wanted: a "
                     "number of cycles in cycles, kcycles or Mcycles\n");
    SAMPLE_EXPECT("costs: {exit: {value: 5cycles, evidence: guess}}\n", AT
                  "42: error: unknown value: `guess` in `costs.exit.evidence`; allowed: measured, datasheet, "
                  "literature, assumed\n");
    SAMPLE_EXPECT("traffic: {size: {value: 64B}}\n", AT
                  "17: error: wrong type: a mapping for `traffic.size`; wanted: a size in B, kB, MB, GB, TB, "
                  "KiB, MiB, GiB or TiB\n");
}

Test(bind, all_mistakes_of_a_file_are_reported_at_once)
{
    SAMPLE_EXPECT(
        "seed: x\nhost: {cores: 0}\ntraffic: {load: 2, size: 1}\n",
        "a.yaml:3:7: error: not a number: `x` for `seed`; wanted: a whole number\n"
        "a.yaml:4:15: error: out of range: `0` for `host.cores`; allowed: 1 to 64\n"
        "a.yaml:5:17: error: out of range: `2` for `traffic.load`; allowed: 0 to 1\n"
        "a.yaml:5:26: error: unit missing: `1` for `traffic.size`; wanted: a size in B, kB, MB, GB, TB, "
        "KiB, MiB, GiB or TiB\n");
}

Test(bind, a_long_value_is_cut_in_the_message)
{
    char text[400], *messages;
    snprintf(text, sizeof(text), "%sseed: x%0200d\n", SAMPLE_HEAD, 0);
    messages = sample_check(text, NULL);
    cr_assert_not_null(strstr(messages, "000...` for `seed`"));
    cr_assert_lt(strlen(messages), 200);
    free(messages);
}
