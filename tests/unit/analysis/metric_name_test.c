/* The vocabulary of metrics: all that results have is in it, and what is not is answered with what is. */
#include "analysis/metric_name.h"

#include "analysis/metric.h"
#include "tests/unit/analysis/simulate.h"

/* Expects every number of a result to be known under its path. */
static size_t walk(const json_t *value, const char *path)
{
    const char *key;
    json_t *below;
    size_t index, count = 0;
    char name[METRIC_PATH_SIZE];
    if (json_is_number(value)) {
        cr_expect(metric_exists(path, false), "%s", path);
        return 1;
    }
    json_object_foreach((json_t *)value, key, below)
    {
        snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "", key);
        count += walk(below, name);
    }
    json_array_foreach((json_t *)value, index, below)
    {
        snprintf(name, sizeof(name), "%s[%zu]", path, index);
        count += walk(below, name);
    }
    return count;
}

/* One simulation a process, hence a test for each. */
static void expect_known(const char *strategy)
{
    static const char text[] =
        "schema_version: 1\nstrategy: native\nduration: 2ms\nhost: {profile: skylake-sp}\n"
        "costs: {profile: skylake-sp}\nnics: [{profile: 82599}]\nvms: [{name: a}]\n"
        "traffic: [{rate: 10kpps, direction: receive}]\n";
    char set[64];
    struct run_options run = {.lockstep = false};
    snprintf(set, sizeof(set), "strategy=%s", strategy);
    json_t *result = simulate_text(text, (const char *const[]){set, NULL}, &run);
    cr_expect_gt(walk(result, ""), 50);
    json_decref(result);
}

Test(metric_name, all_numbers_of_native_results_are_known)
{
    expect_known("native");
}

Test(metric_name, all_numbers_of_emulation_results_are_known)
{
    expect_known("emulation");
}

Test(metric_name, all_numbers_of_virtio_results_are_known)
{
    expect_known("virtio");
}

Test(metric_name, all_numbers_of_passthrough_results_are_known)
{
    expect_known("passthrough");
}

Test(metric_name, fixed_metrics_are_known)
{
    size_t count;
    const struct metric *metrics = metric_list(&count);
    for (size_t i = 0; i < count; i++)
        cr_expect(metric_exists(metrics[i].path, false), "%s", metrics[i].path);
}

Test(metric_name, counts_that_did_not_occur_are_known)
{
    cr_expect(metric_exists("exits.VMCALL", false));
    cr_expect(metric_exists("vms[3].exits.HLT", false));
    cr_expect(metric_exists("accesses.TDT.write", false));
    cr_expect(metric_exists("directions.receive.packets.dropped.tap_full", false));
    cr_expect(metric_exists("cpu.by_category.guest.copy", false));
}

Test(metric_name, what_never_occurs_is_unknown)
{
    static const char *const unknown[] = {
        "",         "exits.FOO", "latency_ns", "latency_ns.men",   "throughput_pp",   "cores[].cycles",
        "cores[0]", "cores",     "stages",     "accesses.TDT",     "bottleneck.kind", "packets.dropped.",
        "exits.",   ".exits",    "exits.HLT.", "kicks.tx.packets", "cores[x].cycles",
    };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        cr_expect_not(metric_exists(unknown[i], false), "%s", unknown[i]);
}

Test(metric_name, a_stack_takes_lists_of_stages)
{
    cr_expect(metric_exists("stages", true));
    cr_expect(metric_exists("directions.receive.stages", true));
    cr_expect(metric_exists("cpu.by_category", true));
    cr_expect_not(metric_exists("cores", true));
}

Test(metric_name, allowed_and_nearest)
{
    const char *names[8];
    char buffer[METRIC_PATH_SIZE];
    cr_assert_eq(metric_allowed("kicks.tz", names, 8), 2);
    cr_expect_str_eq(names[0], "tx");
    cr_expect_str_eq(names[1], "rx");
    cr_expect_str_eq(metric_nearest("cores[12].utilisation", buffer, sizeof(buffer)),
                     "cores[12].utilization");
    cr_expect_null(metric_nearest("no such thing at all", buffer, sizeof(buffer)));
}
