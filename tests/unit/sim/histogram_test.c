#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

#include "sim/random.h"
#include "sim/stats.h"

Test(histogram, bins_tile_the_line)
{
    cr_assert_eq(histogram_bin_low(0), 0);
    for (uint32_t bin = 0; bin < HISTOGRAM_BINS; bin++) {
        sim_time low = histogram_bin_low(bin);
        sim_time high = histogram_bin_high(bin);
        cr_assert(low <= high);
        cr_assert_eq(histogram_bin_of(low), bin);
        cr_assert_eq(histogram_bin_of(high), bin);
        if (bin + 1 < HISTOGRAM_BINS)
            cr_assert_eq(histogram_bin_low(bin + 1), high + 1);
    }
    cr_assert_eq(histogram_bin_high(HISTOGRAM_BINS - 1), SIM_TIME_MAX);
}

Test(histogram, bins_are_narrow)
{
    for (uint32_t bin = 0; bin < HISTOGRAM_BINS - 1; bin++) {
        sim_time low = histogram_bin_low(bin);
        sim_time width = histogram_bin_high(bin) - low + 1;
        if (low < 256)
            cr_assert_eq(width, 1);
        else
            cr_assert(width * 128 <= low, "bin at %ld ps", (long)low);
        if (low < SIM_NS)
            cr_assert(width <= 4); /* finer than 1/128 ns */
    }
    cr_assert(histogram_bin_low(HISTOGRAM_BINS - 1) <= 100 * SIM_SECOND);
    cr_assert(histogram_bin_of(100 * SIM_SECOND) == HISTOGRAM_BINS - 1);
    cr_assert(histogram_bin_of(99 * SIM_SECOND) < HISTOGRAM_BINS - 1);
}

Test(histogram, empty)
{
    struct histogram histogram;
    histogram_init(&histogram);
    cr_assert_eq(histogram.count, 0);
    cr_assert_eq(histogram_mean(&histogram), 0);
    cr_assert_eq(histogram_percentile(&histogram, 50000), 0);
    histogram_destroy(&histogram);
}

Test(histogram, sums_are_exact)
{
    struct histogram histogram;
    histogram_init(&histogram);
    for (sim_time i = 1; i <= 1000; i++)
        histogram_add(&histogram, i * SIM_SECOND / 10);
    cr_assert_eq(histogram.count, 1000);
    cr_assert(histogram.sum == (__int128)500500 * SIM_SECOND / 10);
    cr_assert_eq(histogram.min, SIM_SECOND / 10);
    cr_assert_eq(histogram.max, 100 * SIM_SECOND);
    cr_assert_eq(histogram_mean(&histogram), 50050 * SIM_MS);
    histogram_destroy(&histogram);
}

Test(histogram, mean_rounds_to_nearest)
{
    struct histogram histogram;
    histogram_init(&histogram);
    histogram_add(&histogram, 1);
    histogram_add(&histogram, 1);
    histogram_add(&histogram, 2);
    cr_assert_eq(histogram_mean(&histogram), 1);
    histogram_add(&histogram, 2);
    cr_assert_eq(histogram_mean(&histogram), 2); /* 1.5 */
    histogram_destroy(&histogram);
}

Test(histogram, beyond_the_last_bin)
{
    struct histogram histogram;
    histogram_init(&histogram);
    histogram_add(&histogram, 5);
    histogram_add(&histogram, 5000 * SIM_SECOND);
    histogram_add(&histogram, SIM_TIME_MAX);
    cr_assert_eq(histogram.bins[HISTOGRAM_BINS - 1], 2);
    cr_assert_eq(histogram.max, SIM_TIME_MAX);
    cr_assert(histogram.sum == (__int128)SIM_TIME_MAX + 5000 * SIM_SECOND + 5);
    cr_assert_eq(histogram_percentile(&histogram, 100000), SIM_TIME_MAX);
    histogram_destroy(&histogram);
}

Test(histogram, percentile_at_its_boundaries)
{
    struct histogram histogram;
    histogram_init(&histogram);
    for (sim_time i = 1; i <= 100; i++)
        histogram_add(&histogram, i);
    cr_assert_eq(histogram_percentile(&histogram, 0), 1);
    cr_assert_eq(histogram_percentile(&histogram, 1), 1);
    cr_assert_eq(histogram_percentile(&histogram, 1000), 1);
    cr_assert_eq(histogram_percentile(&histogram, 1001), 2);
    cr_assert_eq(histogram_percentile(&histogram, 50000), 50);
    cr_assert_eq(histogram_percentile(&histogram, 50001), 51);
    cr_assert_eq(histogram_percentile(&histogram, 99999), 100);
    cr_assert_eq(histogram_percentile(&histogram, 100000), 100);
    histogram_destroy(&histogram);
}

Test(histogram, percentile_never_exceeds_max)
{
    struct histogram histogram;
    histogram_init(&histogram);
    for (int i = 0; i < 10; i++)
        histogram_add(&histogram, 1000001);
    cr_assert_eq(histogram_percentile(&histogram, 50000), 1000001);
    histogram_destroy(&histogram);
}

enum { MANY = 20000 };

static int compare_time(const void *a, const void *b)
{
    sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;
    return (x > y) - (x < y);
}

/* Values over all octaves. */
static sim_time draw_value(struct random_stream *stream)
{
    uint64_t octave = random_below(stream, 46);
    return (sim_time)random_below(stream, 2ULL << octave);
}

/* The rank-th smallest lies in the bin whose upper edge is reported. */
Test(histogram, percentiles_agree_with_sorting)
{
    static sim_time values[MANY];
    struct histogram histogram;
    struct random_stream stream = random_stream_make(1, 0, "histogram", "values");
    histogram_init(&histogram);
    for (int i = 0; i < MANY; i++) {
        values[i] = draw_value(&stream);
        histogram_add(&histogram, values[i]);
    }
    qsort(values, MANY, sizeof values[0], compare_time);
    for (uint32_t p = 1; p <= 100000; p += 7) {
        size_t rank = ((size_t)MANY * p + 99999) / 100000;
        sim_time exact = values[rank - 1];
        sim_time edge = histogram_bin_high(histogram_bin_of(exact));
        sim_time expected = edge < values[MANY - 1] ? edge : values[MANY - 1];
        cr_assert_eq(histogram_percentile(&histogram, p), expected, "p = %u", p);
        cr_assert(expected - exact <= exact / 128);
    }
    histogram_destroy(&histogram);
}

static void expect_same_bins(const struct histogram *a, const struct histogram *b)
{
    cr_assert_eq(a->count, b->count);
    cr_assert(a->sum == b->sum);
    cr_assert_arr_eq(a->bins, b->bins, HISTOGRAM_BINS * sizeof a->bins[0]);
}

/* Fills `first` and `second` with halves of a sequence, and `all` with the whole of it. */
static void fill_three(struct histogram *first, struct histogram *second, struct histogram *all)
{
    struct random_stream stream = random_stream_make(2, 0, "histogram", "values");
    histogram_init(first);
    histogram_init(second);
    histogram_init(all);
    for (int i = 0; i < MANY; i++) {
        sim_time value = draw_value(&stream) / (i < MANY / 2 ? 1 : 1000) + (i < MANY / 2 ? 5 : 777);
        histogram_add(i < MANY / 2 ? first : second, value);
        histogram_add(all, value);
    }
}

static void destroy_three(struct histogram *first, struct histogram *second, struct histogram *all)
{
    histogram_destroy(first);
    histogram_destroy(second);
    histogram_destroy(all);
}

Test(histogram, merge_is_adding_all)
{
    struct histogram first, second, all, empty;
    fill_three(&first, &second, &all);
    histogram_init(&empty);
    histogram_merge(&first, &empty);
    histogram_merge(&first, &second);
    expect_same_bins(&first, &all);
    cr_assert_eq(first.min, all.min);
    cr_assert_eq(first.max, all.max);
    histogram_merge(&empty, &second);
    expect_same_bins(&empty, &second);
    cr_assert_eq(empty.min, second.min);
    cr_assert_eq(empty.max, second.max);
    histogram_destroy(&empty);
    destroy_three(&first, &second, &all);
}

Test(histogram, subtract_leaves_what_came_later)
{
    struct histogram first, second, all;
    fill_three(&first, &second, &all);
    histogram_subtract(&all, &first);
    expect_same_bins(&all, &second);
    cr_assert(all.min <= second.min && histogram_bin_of(all.min) == histogram_bin_of(second.min));
    cr_assert(all.max >= second.max && histogram_bin_of(all.max) == histogram_bin_of(second.max));
    destroy_three(&first, &second, &all);
}

Test(histogram, subtract_itself_leaves_nothing)
{
    struct histogram first, second, all;
    fill_three(&first, &second, &all);
    histogram_copy(&first, &all);
    histogram_subtract(&all, &first);
    cr_assert_eq(all.count, 0);
    cr_assert(all.sum == 0);
    histogram_add(&all, 42); /* and it can be used again */
    cr_assert(all.min == 42 && all.max == 42);
    destroy_three(&first, &second, &all);
}

Test(histogram, copy_is_equal_and_apart)
{
    struct histogram first, second, all;
    fill_three(&first, &second, &all);
    histogram_copy(&first, &all);
    expect_same_bins(&first, &all);
    cr_assert(first.min == all.min && first.max == all.max && first.bins != all.bins);
    histogram_add(&first, 1);
    cr_assert_eq(first.count, all.count + 1);
    destroy_three(&first, &second, &all);
}

Test(histogram, negative_value_is_our_mistake, .signal = SIGABRT)
{
    struct histogram histogram;
    histogram_init(&histogram);
    histogram_add(&histogram, -1);
}
