/*
 * Whole systems: every strategy in every direction runs, conserves packets, time and cycles (checked inside each run),
 * and gives the same fingerprint whatever the kernel's mode.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/unit/analysis/simulate.h"

#define SCENARIO                                                                                             \
    "schema_version: 1\n"                                                                                    \
    "duration: 20ms\n"                                                                                       \
    "host: {profile: skylake-sp}\n"                                                                          \
    "costs: {profile: skylake-sp}\n"                                                                         \
    "nics: [{profile: 82599}]\n"                                                                             \
    "vms: [{name: a}]\n"                                                                                     \
    "traffic:\n"                                                                                             \
    "  - {vm: 0, direction: transmit, rate: 20kpps, arrival: {model: poisson}, size: {model: imix}}\n"

static const char *const strategies_tested[] = {"native", "emulation", "virtio", "passthrough"};
static const char *const directions[] = {"transmit", "receive", "request_response"};

struct path_case {
    int strategy, direction;
};

ParameterizedTestParameters(strategies, conserve)
{
    static struct path_case cases[12];
    for (int i = 0; i < 12; i++)
        cases[i] = (struct path_case){.strategy = i / 3, .direction = i % 3};
    return cr_make_param_array(struct path_case, cases, 12);
}

static json_t *run_case(const struct path_case *which, const struct run_options *options, const char *extra)
{
    char strategy[64], direction[64];
    snprintf(strategy, sizeof(strategy), "strategy=%s", strategies_tested[which->strategy]);
    snprintf(direction, sizeof(direction), "traffic[0].direction=%s", directions[which->direction]);
    const char *sets[] = {strategy, direction, extra, NULL};
    return simulate_text(SCENARIO, sets, options);
}

ParameterizedTest(struct path_case *which, strategies, conserve)
{
    struct run_options options = {0};
    json_t *result = run_case(which, &options, NULL);
    double offered = simulated(result, "packets.offered");
    cr_expect_gt(offered, 350);
    cr_expect_lt(offered, 450);
    cr_expect_eq(offered, simulated(result, "packets.delivered") + simulated(result, "packets.in_flight"));
    double stages = 0;
    size_t index;
    json_t *stage;
    json_array_foreach(json_object_get(result, "stages"), index, stage) stages += simulated(stage, "mean_ns");
    cr_expect_float_eq(stages, simulated(result, "latency_ns.mean"), 1e-4 * stages);
    json_decref(result);
}

ParameterizedTestParameters(strategies, lockstep)
{
    static struct path_case cases[4];
    for (int i = 0; i < 4; i++)
        cases[i] = (struct path_case){.strategy = i, .direction = i % 3};
    return cr_make_param_array(struct path_case, cases, 4);
}

ParameterizedTest(struct path_case *which, strategies, lockstep)
{
    struct run_options decoupled = {0}, lockstep = {.lockstep = true};
    json_t *one = run_case(which, &decoupled, "duration=5ms");
    json_t *other = run_case(which, &lockstep, "duration=5ms");
    char *text = result_text(one, 0), *again = result_text(other, 0);
    cr_expect_str_eq(text, again);
    free(text);
    free(again);
    json_decref(one);
    json_decref(other);
}

/* Common random numbers: every strategy is offered the same packets. */
Test(strategies, same_arrivals)
{
    struct run_options options = {0};
    double offered = -1;
    for (int i = 0; i < 4; i++) {
        struct path_case which = {.strategy = i, .direction = 0};
        json_t *result = run_case(&which, &options, NULL);
        double now = simulated(result, "packets.offered");
        cr_expect(offered < 0 || now == offered);
        offered = now;
        json_decref(result);
    }
}

/* A different seed is a different run. */
Test(strategies, seeds_differ)
{
    struct run_options options = {0};
    struct path_case which = {.strategy = 3, .direction = 0};
    json_t *one = run_case(&which, &options, "seed=1"), *other = run_case(&which, &options, "seed=2");
    const char *first = json_string_value(json_object_get(one, "fingerprint"));
    cr_expect_str_neq(first, json_string_value(json_object_get(other, "fingerprint")));
    json_decref(one);
    json_decref(other);
}

/* Many VMs of mixed strategies share cores, a NIC and its queues. */
Test(strategies, many_vms)
{
    const char *text =
        "schema_version: 1\n"
        "duration: 10ms\n"
        "strategy: virtio\n"
        "host: {profile: skylake-sp, cores: 6}\n"
        "costs: {profile: skylake-sp}\n"
        "nics: [{profile: 82599, queues: 2}, {profile: 25g, bus: 2}]\n"
        "vms: [{vcpus: 2}, {strategy: passthrough}, {strategy: emulation, nic: 1}, {strategy: native}]\n"
        "traffic:\n"
        "  - {vm: 0, vcpu: 1, direction: transmit, rate: 20kpps}\n"
        "  - {vm: 1, direction: receive, rate: 30kpps}\n"
        "  - {vm: 2, direction: request_response, rate: 5kpps}\n"
        "  - {vm: 3, direction: receive, rate: 10kpps}\n"
        "  - {vm: 0, direction: receive, rate: 10kpps}\n";
    struct run_options options = {0};
    json_t *result = simulate_text(text, NULL, &options);
    double offered = simulated(result, "packets.offered");
    cr_expect_gt(offered, 700);
    cr_expect_geq(simulated(result, "packets.delivered"), offered - 10);
    json_decref(result);
}
