/*
 * Utilization at a constant rate: U = rate x c / f for every core, with c predicted from protocol and costs. At 10, 30 and
 * 50 % of the rate at which the first core would be full.
 */
#include "tests/unit/analysis/closed_form_fixture.h"

static struct sets sets_of(size_t strategy, size_t direction, int size)
{
    struct sets sets = {.count = 0};
    set(&sets, "strategy=%s", strategy_list[strategy]);
    set(&sets, "traffic[0].direction=%s", direction_list[direction]);
    set(&sets, "traffic[0].size.bytes=%dB", size);
    set(&sets, "vms[0].emulation.mitigation=false");
    set(&sets, "traffic[0].peer_delay=%dus", strategy == 0 ? 15 : 40);
    return sets;
}

static double full_rate(const struct sets *sets)
{
    struct closed_form_prediction prediction;
    struct experiment_run run = bind_sets(sets);
    cr_assert(closed_form_predict(run.config, &prediction));
    release(&run);
    return prediction.utilization.full;
}

/* Long enough that the packets at the window's ends do not matter. */
static void set_rate(struct sets *sets, double rate)
{
    int64_t millipackets = (int64_t)(rate * 1000);
    set(sets, "traffic[0].rate=%lldmpps", (long long)millipackets);
    set(sets, "duration=%lldus", (long long)(3e9 / rate));
    set(sets, "warmup=%lldus", (long long)(5e8 / rate));
}

/* False if packets meet at this rate: the form says so. */
static bool check_share(size_t strategy, size_t direction, int size, int percent)
{
    struct sets sets = sets_of(strategy, direction, size);
    struct closed_form_prediction prediction;
    char what[96];
    set_rate(&sets, full_rate(&sets) * percent / 100);
    struct experiment_run run = bind_sets(&sets);
    cr_assert(closed_form_predict(run.config, &prediction));
    bool exact = !prediction.utilization.reason;
    if (exact) {
        struct observed observed = observe(run.config);
        for (int64_t i = 0; i < prediction.utilization.cores; i++) {
            snprintf(what, sizeof(what), "%s %s %d B at %d %%, core %d", strategy_list[strategy],
                     direction_list[direction], size, percent, (int)i);
            if (prediction.utilization.busy[i] > 0)
                expect_close(observed.utilization[i], prediction.utilization.share[i], 0.5, what);
            else
                cr_expect_eq(observed.utilization[i], 0, "%s", what);
        }
    }
    release(&run);
    return exact;
}

static void check_strategy(size_t strategy)
{
    static const int percents[] = {10, 30, 50}, sizes[] = {64, 1500};
    for (size_t direction = 0; direction < 2; direction++)
        for (size_t size = 0; size < 2; size++)
            for (size_t i = 0; i < 3; i++)
                cr_expect(check_share(strategy, direction, sizes[size], percents[i]), "%s %s %d B at %d %%",
                          strategy_list[strategy], direction_list[direction], sizes[size], percents[i]);
    cr_expect(check_share(strategy, 2, 64, 10), "%s request_response", strategy_list[strategy]);
}

Test(closed_form_utilization, native)
{
    check_strategy(0);
}

Test(closed_form_utilization, emulation)
{
    check_strategy(1);
}

Test(closed_form_utilization, virtio)
{
    check_strategy(2);
}

Test(closed_form_utilization, passthrough)
{
    check_strategy(3);
}

/* The busiest core's share is what was asked for, by the definition of `full`. */
Test(closed_form_utilization, full_is_where_the_first_core_is_full)
{
    for (size_t strategy = 0; strategy < 4; strategy++) {
        struct sets sets = sets_of(strategy, 0, 512);
        struct closed_form_prediction prediction;
        double most = 0;
        set_rate(&sets, full_rate(&sets) * 0.3);
        struct experiment_run run = bind_sets(&sets);
        cr_assert(closed_form_predict(run.config, &prediction));
        for (int64_t i = 0; i < prediction.utilization.cores; i++)
            most = fmax(most, prediction.utilization.share[i]);
        cr_expect_float_eq(most, 0.3, 1e-6);
        release(&run);
    }
}

Test(closed_form_utilization, packets_that_meet_are_outside_the_regime)
{
    for (size_t strategy = 0; strategy < 4; strategy++)
        for (size_t direction = 0; direction < 2; direction++)
            cr_expect_not(check_share(strategy, direction, 64, 99), "%s %s", strategy_list[strategy],
                          direction_list[direction]);
}
