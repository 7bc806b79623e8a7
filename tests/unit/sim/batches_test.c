#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

#include "sim/random.h"
#include "sim/stats.h"

/*
 * A run in which something is recorded at many times, with everything kept: the oracle against which the
 * batches, which keep only snapshots, are compared.
 */
enum { EVENTS = 30000 };

struct record {
    sim_time at[EVENTS];
    sim_time latency[EVENTS];
    int64_t bytes[EVENTS];
    int64_t packets_now, bytes_now;
    struct histogram latency_now;
};

static struct record record;

static void draw_record(sim_time mean_gap)
{
    struct random_stream stream = random_stream_make(1, 0, "batches", "record");
    sim_time now = 0;
    for (int i = 0; i < EVENTS; i++) {
        now += 1 + random_exponential(&stream, mean_gap);
        record.at[i] = now;
        record.latency[i] = random_exponential(&stream, (1 + i % 7) * SIM_US);
        record.bytes[i] = 64 + (int64_t)random_below(&stream, 1400);
    }
    histogram_init(&record.latency_now);
}

static struct batches *start_batches(sim_time first_length)
{
    struct batches *batches = batches_create(first_length);
    cr_assert_eq(batches_add_counter(batches, &record.packets_now), 0);
    cr_assert_eq(batches_add_histogram(batches, &record.latency_now), 0);
    cr_assert_eq(batches_add_counter(batches, &record.bytes_now), 1);
    return batches;
}

/* Lives through event `i`; an edge comes before the events of its own time. */
static void live(struct batches *batches, int i)
{
    while (batches_next_edge(batches) <= record.at[i])
        batches_edge(batches, batches_next_edge(batches));
    record.packets_now++;
    record.bytes_now += record.bytes[i];
    histogram_add(&record.latency_now, record.latency[i]);
}

static void expect_counters_as_recorded(const struct batches *batches)
{
    int64_t packets = 0, bytes = 0;
    int i = 0;
    for (size_t edge = 0; edge <= batches_count(batches); edge++) {
        for (; i < record.packets_now && record.at[i] < batches_edge_time(batches, edge); i++) {
            packets++;
            bytes += record.bytes[i];
        }
        cr_assert_eq(batches_counter_at(batches, 0, edge), packets, "edge %zu", edge);
        cr_assert_eq(batches_counter_at(batches, 1, edge), bytes, "edge %zu", edge);
    }
}

/* What the recorded run added to the histogram in [from, to). */
static void oracle_histogram(sim_time from, sim_time to, struct histogram *out)
{
    histogram_init(out);
    for (int i = 0; i < record.packets_now; i++) {
        if (record.at[i] >= from && record.at[i] < to)
            histogram_add(out, record.latency[i]);
    }
}

static void expect_histogram_as_recorded(const struct batches *batches, size_t from, size_t to)
{
    struct histogram expected, got;
    sim_time end = to == BATCHES_NOW ? SIM_TIME_MAX : batches_edge_time(batches, to);
    oracle_histogram(batches_edge_time(batches, from), end, &expected);
    histogram_init(&got);
    histogram_add(&got, 123); /* what was there before is overwritten */
    batches_histogram_between(batches, 0, from, to, &got);
    cr_assert_eq(got.count, expected.count);
    cr_assert(got.sum == expected.sum);
    cr_assert_arr_eq(got.bins, expected.bins, HISTOGRAM_BINS * sizeof got.bins[0]);
    if (got.count > 0) {
        cr_assert(histogram_bin_of(got.min) == histogram_bin_of(expected.min) && got.min <= expected.min);
        cr_assert(histogram_bin_of(got.max) == histogram_bin_of(expected.max) && got.max >= expected.max);
    }
    histogram_destroy(&expected);
    histogram_destroy(&got);
}

static void expect_as_recorded(const struct batches *batches)
{
    size_t count = batches_count(batches);
    expect_counters_as_recorded(batches);
    expect_histogram_as_recorded(batches, 0, 0);
    expect_histogram_as_recorded(batches, 0, count);
    expect_histogram_as_recorded(batches, 0, BATCHES_NOW);
    expect_histogram_as_recorded(batches, count, BATCHES_NOW);
    for (size_t from = 0; from < count; from += 5) {
        expect_histogram_as_recorded(batches, from, from + 1);
        expect_histogram_as_recorded(batches, from, count);
        expect_histogram_as_recorded(batches, from, BATCHES_NOW);
    }
}

static void finish(struct batches *batches)
{
    batches_destroy(batches);
    histogram_destroy(&record.latency_now);
}

Test(batches, before_the_first_edge)
{
    draw_record(SIM_US);
    struct batches *batches = start_batches(SIM_MS);
    cr_assert_eq(batches_count(batches), 0);
    cr_assert_eq(batches_edge_time(batches, 0), 0);
    cr_assert_eq(batches_next_edge(batches), SIM_MS);
    live(batches, 0);
    cr_assert_eq(batches_counter_at(batches, 0, 0), 0);
    expect_histogram_as_recorded(batches, 0, BATCHES_NOW);
    finish(batches);
}

Test(batches, without_a_collapse)
{
    draw_record(SIM_US);
    struct batches *batches = start_batches(SIM_MS);
    for (int i = 0; i < EVENTS; i++)
        live(batches, i);
    cr_assert_eq(batches_length(batches), SIM_MS);
    cr_assert(batches_count(batches) >= 28 && batches_count(batches) <= 32);
    expect_as_recorded(batches);
    finish(batches);
}

/* Some 30 000 first lengths: nine collapses; compared at each of many moments in between. */
Test(batches, exact_after_every_collapse)
{
    draw_record(SIM_US);
    struct batches *batches = start_batches(SIM_US);
    int collapses = 0;
    for (int i = 0; i < EVENTS; i++) {
        sim_time length = batches_length(batches);
        live(batches, i);
        if (batches_length(batches) != length) {
            collapses++;
            expect_as_recorded(batches);
        }
    }
    cr_assert_eq(collapses, 9);
    cr_assert_eq(batches_length(batches), 512 * SIM_US);
    expect_as_recorded(batches);
    finish(batches);
}

/* Many edges between two events. */
Test(batches, exact_where_nothing_happens)
{
    draw_record(SIM_MS);
    struct batches *batches = start_batches(SIM_US);
    for (int i = 0; i < 100; i++)
        live(batches, i);
    expect_as_recorded(batches);
    finish(batches);
}

Test(batches, collapse_is_at_the_last_edge)
{
    struct batches *batches = batches_create(10);
    int64_t counter = 0;
    size_t index = batches_add_counter(batches, &counter);
    for (sim_time edge = 1; edge < BATCHES_MAX; edge++) {
        counter = edge;
        batches_edge(batches, 10 * edge);
    }
    cr_assert_eq(batches_count(batches), BATCHES_MAX - 1);
    cr_assert_eq(batches_length(batches), 10);
    counter = BATCHES_MAX;
    batches_edge(batches, 10 * BATCHES_MAX);
    cr_assert_eq(batches_count(batches), BATCHES_MAX / 2);
    cr_assert_eq(batches_length(batches), 20);
    cr_assert_eq(batches_next_edge(batches), 10 * BATCHES_MAX + 20);
    for (size_t edge = 0; edge <= BATCHES_MAX / 2; edge++) {
        cr_assert_eq(batches_edge_time(batches, edge), (sim_time)(20 * edge));
        cr_assert_eq(batches_counter_at(batches, index, edge), (int64_t)(2 * edge));
    }
    batches_destroy(batches);
}

/* A run 10^5 times the first length has as many batches as any. */
Test(batches, number_of_batches_is_bounded)
{
    struct batches *batches = batches_create(SIM_US);
    while (batches_next_edge(batches) <= 100 * SIM_MS) {
        batches_edge(batches, batches_next_edge(batches));
        cr_assert(batches_count(batches) < BATCHES_MAX);
        cr_assert(batches_length(batches) == SIM_US || batches_count(batches) >= BATCHES_MAX / 2);
    }
    batches_destroy(batches);
}

/* Counters may run backwards (queue levels), and start from what they held when registered. */
Test(batches, counters_keep_their_start_and_sign)
{
    struct batches *batches = batches_create(5);
    int64_t level = 1000;
    size_t index = batches_add_counter(batches, &level);
    level = -7;
    batches_edge(batches, 5);
    cr_assert_eq(batches_counter_at(batches, index, 0), 1000);
    cr_assert_eq(batches_counter_at(batches, index, 1), -7);
    batches_destroy(batches);
}

Test(batches, histogram_that_was_not_empty_when_registered)
{
    struct histogram source, gained;
    histogram_init(&source);
    histogram_init(&gained);
    histogram_add(&source, 100);
    struct batches *batches = batches_create(5);
    size_t index = batches_add_histogram(batches, &source);
    histogram_add(&source, 200);
    batches_edge(batches, 5);
    batches_histogram_between(batches, index, 0, 1, &gained);
    cr_assert(gained.count == 1 && gained.sum == 200 && gained.min == 200 && gained.max == 200);
    batches_destroy(batches);
    histogram_destroy(&source);
    histogram_destroy(&gained);
}

Test(batches, edge_at_a_wrong_time_is_our_mistake, .signal = SIGABRT)
{
    struct batches *batches = batches_create(10);
    batches_edge(batches, 9);
}

Test(batches, registration_after_the_first_edge_is_our_mistake, .signal = SIGABRT)
{
    struct batches *batches = batches_create(10);
    int64_t counter = 0;
    batches_edge(batches, 10);
    batches_add_counter(batches, &counter);
}

Test(batches, destroy_nothing)
{
    batches_destroy(NULL);
}
