#include "scenarios/override.h"

#include "tests/unit/scenarios/sample.h"

/* Parses a path; returns its steps as "key[index]..." joined by '/', "" when it is refused. */
static void expect_steps(const char *text, const char *expected)
{
    struct diag *diag = diag_create();
    struct arena *arena = arena_create();
    struct diag_place place = {0};
    struct path path;
    char steps[200] = "";
    if (path_parse(arena, text, &place, &path, diag))
        for (size_t i = 0; i < path.count; i++) {
            size_t length = strlen(steps);
            if (path.steps[i].key)
                snprintf(steps + length, sizeof(steps) - length, "/%s", path.steps[i].key);
            else
                snprintf(steps + length, sizeof(steps) - length, "/#%zu", path.steps[i].index);
        }
    cr_assert_str_eq(steps, expected, "%s: %s", text, steps);
    cr_assert_eq(diag_error_count(diag), *expected ? 0 : 1);
    arena_destroy(arena);
    diag_destroy(diag);
}

Test(override, paths)
{
    expect_steps("rate", "/rate");
    expect_steps("nics[0].rate", "/nics/#0/rate");
    expect_steps("a.b[12][3].c_d", "/a/b/#12/#3/c_d");
    expect_steps("a[0]", "/a/#0");
}

Test(override, what_is_no_path)
{
    static const char *const wrong[] = {"",    ".",     "a.",    ".a",   "a..b",  "[0]",
                                        "a[",  "a[]",   "a[-1]", "a[x]", "a[0",   "a[0]b",
                                        "a b", "a.[0]", "a\n",   "a/b",  "a[0].", "a[99999999999999999999"};
    for (size_t i = 0; i < PARAM_COUNT(wrong); i++)
        expect_steps(wrong[i], "");
}

Test(override, a_path_has_at_most_64_steps)
{
    char text[200] = "a", steps[200] = "/a";
    for (int i = 1; i < 64; i++) {
        strcat(text, ".a");
        strcat(steps, "/a");
    }
    expect_steps(text, steps);
    strcat(text, ".a");
    expect_steps(text, "");
}

/* Checks SAMPLE_HEAD and more with overrides. */
static void expect_sets(const char *text, const char *const *sets, const char *expected)
{
    char *messages = sample_check(text, sets);
    cr_assert_str_eq(messages, expected);
    free(messages);
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(override, what_cannot_be_set)
{
    expect_sets(
        SAMPLE_HEAD, SETS("foo"),
        "command line: error: not an override: `foo`; wanted: path=value as in `nics[0].rate=10Gbps`\n");
    expect_sets(
        SAMPLE_HEAD, SETS("=5"),
        "command line: error: not an override: `=5`; wanted: path=value as in `nics[0].rate=10Gbps`\n");
    expect_sets(SAMPLE_HEAD, SETS("nics.0.rate=1Gbps"),
                "command line: error: cannot set: `nics.0.rate`; a list is there; write its entries as in "
                "`nics[0]`\n");
    expect_sets(SAMPLE_HEAD, SETS("nics[1].rate=1Gbps"),
                "command line: error: cannot set: `nics[1].rate`; the list has fewer entries\n");
    expect_sets(
        SAMPLE_HEAD, SETS("nic[0].rate=1Gbps"),
        "command line: error: unknown list: `nic` in `nic[0].rate`; allowed: nics; did you mean `nics`?\n");
    expect_sets(SAMPLE_HEAD "host: {cores: 2}\n", SETS("host[0].cores=1"),
                "command line: error: cannot set: `host[0].cores`; no list is there\n");
}

Test(override, an_unknown_key_is_an_error_and_a_default_may_be_set)
{
    expect_sets(
        SAMPLE_HEAD, SETS("nics[0].rat=1Gbps"),
        "command line: error: unknown key: `rat` in `nics[0]`; allowed: name, rate, queues, moderation, "
        "include, profile; did you mean `rate`?\n");
    expect_sets(SAMPLE_HEAD, SETS("traffic.arrival.model=poisson", "host.cores=2"), "");
    expect_sets(SAMPLE_HEAD, SETS("host.cores=65"),
                "command line: error: out of range: `65` for `host.cores`; allowed: 1 to 64\n");
    expect_sets(SAMPLE_HEAD, SETS("host="),
                "command line: error: wrong type: nothing for `host`; wanted: a group of keys\n");
}

/* Binds a text with overrides and returns its configuration's binding. */
static struct scenario_binding *bind_sets(const char *text, const char *const *sets)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = sample_load(text, sets, diag);
    struct scenario_binding *binding = scenario_bind(scenario, NULL, &sample_table, diag);
    cr_assert_eq(diag_error_count(diag), 0);
    scenario_destroy(scenario);
    diag_destroy(diag);
    return binding;
}

Test(override, the_last_one_wins_over_the_file)
{
    struct scenario_binding *binding =
        bind_sets(SAMPLE_HEAD "seed: 2\n", SETS("seed=3", "seed=4", "traffic.sizes=[100B]"));
    const struct sample_config *config = scenario_config(binding);
    cr_assert_eq(config->seed, 4);
    cr_assert_eq(config->traffic.sizes.count, 1);
    scenario_binding_destroy(binding);
}

Test(override, a_mapping_merges_and_a_bare_model_name_can_be_entered)
{
    struct scenario_binding *binding =
        bind_sets("schema_version: 1\nnics: [{rate: 1Gbps, moderation: itr}]\nhost: {cores: 7}\n",
                  SETS("nics[0].moderation.interval=77us", "host={frequency: 1GHz}"));
    const struct sample_config *config = scenario_config(binding);
    const struct sample_nic *nic = config->nics.items;
    cr_assert_eq(((const struct sample_itr *)nic->moderation.config)->interval, 77000000);
    cr_assert_eq(config->host.cores, 7);
    cr_assert_eq(config->host.frequency, 1000000000);
    scenario_binding_destroy(binding);
}

Test(override, a_value_is_not_changed_by_later_overrides)
{
    struct diag *diag = diag_create();
    struct scenario *scenario =
        sample_load(SAMPLE_HEAD, SETS("host={cores: 2}", "host.frequency=1GHz", "host.cores=3"), diag);
    for (int i = 0; i < 2; i++) {
        struct scenario_binding *binding = scenario_bind(scenario, NULL, &sample_table, diag);
        cr_assert_eq(((const struct sample_config *)scenario_config(binding))->host.cores, 3);
        scenario_binding_destroy(binding);
    }
    struct diag_place place;
    cr_assert(scenario_place(scenario, "nics[0].rate", &place));
    cr_assert_eq(place.line, 2);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(override, directives_can_be_set)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = sample_load(SAMPLE_HEAD "repeat: 2\n", SETS("repeat=5", "name=other"), diag);
    cr_assert_eq(scenario_point_count(scenario), 5);
    cr_assert_str_eq(scenario_experiment(scenario)->name, "other");
    scenario_destroy(scenario);
    diag_destroy(diag);
    expect_sets(SAMPLE_HEAD, SETS("repeat=0"),
                "command line: error: out of range: `0` for `repeat`; allowed: 1 to 10000\n");
}
