/* The window that statistics are taken from: given, found by MSER in every direction, or the whole run. */
#include "tests/unit/models/system_bench.h"

/* The first stream receives at a constant rate, so that nothing of it is warm-up. The second is to send at a rate that
 * its core cannot follow: each packet waits longer than the one before until its backlog is full. */
static void prepare(struct system_bench *bench, int64_t backlog)
{
    system_bench_prepare(bench, BENCH_NATIVE);
    bench->config.duration = 50 * SIM_MS;
    bench->config.vms.count = bench->config.traffic.count = 2;
    bench->nics[0].queues = 2;
    bench->vms[1].core = bench->vms[1].irq_core = 3;
    bench->traffic[1].vm = 1;
    bench->traffic[0].direction = TRAFFIC_RECEIVE;
    bench->traffic[1].direction = TRAFFIC_TRANSMIT;
    bench->traffic[1].rate = 2000 * 1000 * INT64_C(1000);
    bench->traffic[1].backlog = backlog;
}

static struct system_window window_of(struct system_bench *bench)
{
    system_bench_start(bench);
    system_bench_run(bench);
    struct system_window window = system_window(bench->system);
    cr_expect_eq(window.start, batches_edge_time(bench->system->batches, window.from));
    cr_expect_eq(window.end, batches_edge_time(bench->system->batches, window.to));
    system_bench_destroy(bench);
    return window;
}

Test(system_window, nothing_is_cut_of_a_constant_stream)
{
    struct system_bench bench;
    prepare(&bench, 1000);
    bench.config.traffic.count = 1;
    struct system_window window = window_of(&bench);
    cr_expect_eq(window.warmup, WARMUP_FOUND);
    cr_expect_eq(window.from, 0);
    cr_expect_not(window.at_limit);
}

Test(system_window, the_direction_that_settles_last_decides)
{
    struct system_bench bench;
    prepare(&bench, 5000);
    struct system_window window = window_of(&bench);
    cr_expect_gt(window.start, 5 * SIM_MS, "the backlog is not full before: %ld ps", (long)window.start);
    cr_expect_lt(window.start, 15 * SIM_MS, "%ld ps", (long)window.start);
    cr_expect_not(window.at_limit);
}

Test(system_window, a_run_that_does_not_settle_is_too_short_to_tell)
{
    struct system_bench bench;
    prepare(&bench, 1000000);
    struct system_window window = window_of(&bench);
    cr_expect(window.at_limit);
    cr_expect_eq(window.start, 25 * SIM_MS);
}

Test(system_window, what_is_given_is_not_searched)
{
    struct system_bench bench;
    prepare(&bench, 1000000);
    bench.config.warmup = 3 * SIM_MS - SIM_US;
    struct system_window window = window_of(&bench);
    cr_expect_eq(window.warmup, WARMUP_GIVEN);
    cr_expect_eq(window.start, 3 * SIM_MS, "the first edge at or after it");
    cr_expect_not(window.at_limit);
    prepare(&bench, 1000000);
    bench.config.find_warmup = false;
    window = window_of(&bench);
    cr_expect_eq(window.warmup, WARMUP_NONE);
    cr_expect_eq(window.from, 0);
}

/* Two packets a batch: groups of three batches have five or more. Nine packets: no two groups of five. */
Test(system_window, groups_have_five_packets)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_NATIVE);
    bench.config.duration = 50 * SIM_MS;
    bench.traffic[0].rate = 2 * 1000 * 1000;
    bench_model(&bench, &bench.traffic[0].arrival, &arrival_family, "poisson");
    for (int64_t seed = 1; seed <= 5; seed++) {
        bench.config.seed = seed;
        system_bench_start(&bench);
        system_bench_run(&bench);
        int64_t packets = bench_total(&bench, 0)->delivered;
        struct system_window window = system_window(bench.system);
        size_t group = (size_t)((250 + packets - 1) / packets);
        cr_expect_geq(group, 2);
        cr_expect_eq(window.from % group, 0, "%ld packets: %zu batches", (long)packets, window.from);
        system_destroy(bench.system);
        sim_destroy(bench.sim);
    }
    system_bench_free(&bench);
}
