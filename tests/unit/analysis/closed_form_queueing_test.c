/*
 * M/D/1: over 100 consecutive seeds 90 to 99 of the runs' own 95 % intervals cover the closed form's mean, and the mean of
 * the means is within 1 % of it.
 */
#include "tests/unit/analysis/closed_form_fixture.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 1, WIRE_SEEDS = 1, SHARE = 10 }; /* the sanitizers look at the code, not at the statistics */
#else
enum { SEEDS = 100, WIRE_SEEDS = 8, SHARE = 1 };
#endif

/* Poisson arrivals on bare metal, interrupts on a core of their own. */
static struct sets server(double pps, int seed, double packets)
{
    struct sets sets = {.count = 0};
    set(&sets, "strategy=native");
    set(&sets, "vms[0].irq_core=0");
    set(&sets, "traffic[0].arrival.model=poisson");
    set(&sets, "traffic[0].backlog=100000");
    set(&sets, "traffic[0].rate=%lldmpps", (long long)(pps * 1000));
    set(&sets, "seed=%d", seed);
    set(&sets, "warmup=%lldus", (long long)(packets / pps * 1e6 / 20));
    set(&sets, "duration=%lldus", (long long)(packets / pps * 1e6));
    return sets;
}

static sim_time service_time(void)
{
    struct sets sets = server(1000, 1, 100);
    struct experiment_run run = bind_sets(&sets);
    struct closed_form_prediction prediction;
    cr_assert(closed_form_predict(run.config, &prediction));
    release(&run);
    return prediction.queueing.service;
}

struct load {
    double load;
    double packets; /* a run: the fuller the server, the longer it remembers */
};

ParameterizedTestParameters(closed_form_queueing, coverage)
{
    static struct load loads[] = {{0.3, 10000}, {0.5, 15000}, {0.7, 30000}, {0.9, 120000}};
    return cr_make_param_array(struct load, loads, sizeof(loads) / sizeof(loads[0]));
}

ParameterizedTest(struct load *load, closed_form_queueing, coverage)
{
    double pps = load->load * 1e12 / (double)service_time(), sum = 0, predicted = 0;
    int covered = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct sets sets = server(pps, seed, load->packets / SHARE);
        struct experiment_run run = bind_sets(&sets);
        struct closed_form_prediction prediction;
        cr_assert(closed_form_predict(run.config, &prediction));
        cr_assert_null(prediction.queueing.reason, "%s", prediction.queueing.reason);
        cr_assert_float_eq(prediction.queueing.load, load->load, 1e-6);
        predicted = prediction.queueing.latency / 1000;
        struct observed observed = observe(run.config);
        covered += fabs(observed.mean_ns - predicted) <= observed.ci95_ns;
        sum += observed.mean_ns;
        release(&run);
    }
    if (SEEDS < 100)
        return;
    cr_expect(covered >= 90 && covered <= 99, "load %.1f: %d of %d intervals cover", load->load, covered,
              SEEDS);
    expect_close(sum / SEEDS, predicted, 1, "the mean of the means");
}

/* The wire as the server: a row of servers waits like its slowest. */
Test(closed_form_queueing, the_wire)
{
    static const double loads[] = {0.3, 0.5, 0.7, 0.9};
    for (size_t i = 0; i < 4; i++) {
        double sum = 0, predicted = 0, pps = loads[i] * 100e6 / (8 * 1524.0);
        for (int seed = 1; seed <= WIRE_SEEDS; seed++) {
            struct sets sets = server(pps, seed, (loads[i] < 0.8 ? 20000 : 150000) / SHARE);
            set(&sets, "nics[0].bit_rate=100Mbps");
            set(&sets, "traffic[0].size.bytes=1504B");
            struct experiment_run run = bind_sets(&sets);
            struct closed_form_prediction prediction;
            cr_assert(closed_form_predict(run.config, &prediction));
            cr_assert_null(prediction.queueing.reason);
            cr_assert_float_eq(prediction.queueing.load, loads[i], 1e-3);
            predicted = prediction.queueing.latency / 1000;
            sum += observe(run.config).mean_ns;
            release(&run);
        }
        if (SHARE == 1)
            expect_close(sum / WIRE_SEEDS, predicted, 1.5, "the wire");
    }
}

Test(closed_form_queueing, says_why_there_is_no_form)
{
    static const struct {
        const char *set, *reason;
    } cases[] = {
        {"traffic[0].arrival.model=constant", "arrivals are no Poisson process"},
        {"traffic[0].window=10", "arrivals are no Poisson process"},
        {"vms[0].irq_core=1", "interrupts take the sending core from its packets"},
        {"traffic[0].direction=receive", "only what bare metal sends waits at a single server"},
        {"strategy=virtio", "only what bare metal sends waits at a single server"},
        {"traffic[0].rate=3Mpps", "the server is full"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sets sets = server(10000, 1, 100);
        struct closed_form_prediction prediction;
        set(&sets, "%s", cases[i].set);
        struct experiment_run run = bind_sets(&sets);
        cr_assert(closed_form_predict(run.config, &prediction));
        const char *reason = prediction.queueing.reason;
        cr_expect(reason && strcmp(reason, cases[i].reason) == 0, "%s: %s", cases[i].set,
                  reason ? reason : "exact");
        release(&run);
    }
}
