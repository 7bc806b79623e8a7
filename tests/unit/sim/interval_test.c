#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/random_gsl.h"
#include "sim/stats.h"

static void expect_near(double got, double expected, double relative)
{
    cr_assert(fabs(got - expected) <= relative * fabs(expected), "%.12g instead of %.12g", got, expected);
}

/* t(0.975, 4) = 2.776445 from any printed table; deviation of 1 .. 5 is sqrt(2.5). */
Test(interval, closed_form)
{
    struct interval interval = interval_of((double[]){1, 2, 3, 4, 5}, 5);
    cr_assert_eq(interval.n, 5);
    cr_assert_eq(interval.mean, 3);
    expect_near(interval.half_width, 2.7764451052 * sqrt(2.5) / sqrt(5), 1e-9);
}

Test(interval, two_values)
{
    struct interval interval = interval_of((double[]){10, 12}, 2);
    cr_assert_eq(interval.mean, 11);
    expect_near(interval.half_width, 12.7062047362, 1e-9); /* t(0.975, 1), deviation sqrt(2) */
}

Test(interval, too_few_values)
{
    struct interval one = interval_of((double[]){4}, 1);
    cr_assert(one.mean == 4 && isnan(one.half_width) && one.n == 1);
    struct interval none = interval_of(NULL, 0);
    cr_assert(isnan(none.mean) && isnan(none.half_width) && none.n == 0);
}

Test(interval, equal_values_have_no_width)
{
    struct interval interval = interval_of((double[]){0.1, 0.1, 0.1, 0.1}, 4);
    expect_near(interval.mean, 0.1, 1e-15);
    cr_assert(interval.half_width < 1e-15);
}

/* 2000 intervals of ten normal values: 95 % cover, give or take three deviations of a binomial (0.49 %). */
Test(interval, covers_as_often_as_it_says)
{
    gsl_rng *rng = sim_gsl_rng_create(random_stream_make(1, 0, "interval", "values"));
    int covered = 0;
    for (int round = 0; round < 2000; round++) {
        double values[10];
        for (int i = 0; i < 10; i++)
            values[i] = 7 + gsl_ran_gaussian(rng, 3);
        struct interval interval = interval_of(values, 10);
        covered += fabs(interval.mean - 7) <= interval.half_width;
    }
    cr_assert(covered > 1870 && covered < 1930, "%d", covered);
    gsl_rng_free(rng);
}

/* A first-order autoregressive process about 10 that starts far off and comes back by a factor a step. */
static void fill_transient(double *values, size_t n, double start, double factor, gsl_rng *rng)
{
    double transient = start, noise = 0;
    for (size_t i = 0; i < n; i++) {
        noise = 0.5 * noise + gsl_ran_gaussian(rng, 1);
        values[i] = 10 + transient + noise;
        transient *= factor;
    }
}

static double mean_from(const double *values, size_t from, size_t n)
{
    double sum = 0;
    for (size_t i = from; i < n; i++)
        sum += values[i];
    return sum / (double)(n - from);
}

Test(mser5, cuts_a_transient)
{
    enum { N = 500 };
    gsl_rng *rng = sim_gsl_rng_create(random_stream_make(2, 0, "mser", "values"));
    for (int round = 0; round < 50; round++) {
        double values[N];
        fill_transient(values, N, 100, 0.95, rng);
        size_t cut = mser5_truncation(values, N);
        cr_assert(cut % 5 == 0 && cut <= N / 2);
        cr_assert(cut >= 40, "round %d: %zu", round, cut); /* 100 * 0.95^40 = 12.9 is still plain to see */
        double bias_before = fabs(mean_from(values, 0, N) - 10);
        double bias_after = fabs(mean_from(values, cut, N) - 10);
        cr_assert(bias_after < 0.5 && bias_before > 3, "round %d: %g to %g", round, bias_before, bias_after);
    }
    gsl_rng_free(rng);
}

/* Computed as the definition has it: every cut's standard error from scratch, the least at the first of equals. */
static size_t mser5_by_definition(const double *values, size_t n)
{
    size_t groups = n / 5, best = 0;
    double means[400], least = INFINITY;
    for (size_t g = 0; g < groups; g++)
        means[g] = mean_from(values + 5 * g, 0, 5);
    for (size_t d = 0; d <= n / 2 / 5 && d + 1 < groups; d++) {
        double mean = mean_from(means, d, groups), squares = 0;
        for (size_t g = d; g < groups; g++)
            squares += (means[g] - mean) * (means[g] - mean);
        double error = squares / ((double)(groups - d) * (double)(groups - d));
        if (error < least) {
            least = error;
            best = d;
        }
    }
    return 5 * best;
}

Test(mser5, agrees_with_its_definition)
{
    static double values[2000];
    gsl_rng *rng = sim_gsl_rng_create(random_stream_make(3, 0, "mser", "values"));
    for (size_t n = 10; n <= 2000; n += 37) {
        double start = gsl_ran_gaussian(rng, 20);
        fill_transient(values, n, start, 0.9 + gsl_ran_flat(rng, 0, 0.09), rng);
        cr_assert_eq(mser5_truncation(values, n), mser5_by_definition(values, n), "n = %zu", n);
    }
    gsl_rng_free(rng);
}

Test(mser5, cuts_a_step_exactly)
{
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = i < 20 ? 50 : 1 + i / 5 % 2;
    cr_assert_eq(mser5_truncation(values, 100), 20);
    values[20] = 50; /* the step now ends within the fifth group of five */
    cr_assert_eq(mser5_truncation(values, 100), 25);
}

Test(mser5, nothing_to_cut)
{
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = 0.1;
    cr_assert_eq(mser5_truncation(values, 100), 0);
    for (int i = 0; i < 100; i++)
        values[i] = i / 5 % 2;
    cr_assert_eq(mser5_truncation(values, 100), 0);
}

Test(mser5, at_most_half)
{
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = 100 - i; /* all transient: the more is cut, the better */
    for (size_t n = 0; n <= 100; n++) {
        size_t cut = mser5_truncation(values, n);
        cr_assert(cut % 5 == 0 && cut <= n / 2, "n = %zu: %zu", n, cut);
    }
    cr_assert_eq(mser5_truncation(values, 100), 50);
    cr_assert_eq(mser5_truncation(values, 99), 45);
    cr_assert_eq(mser5_truncation(values, 9), 0);
}

/* ---- MSER with other groups ---- */

Test(mser, cuts_groups_of_any_size)
{
    double values[60];
    for (int i = 0; i < 60; i++)
        values[i] = i < 7 ? 50 : 1 + i % 2;
    cr_expect_eq(mser_truncation(values, 60, 1), 7);
    cr_expect_eq(mser_truncation(values, 60, 2), 8);
    cr_expect_eq(mser_truncation(values, 60, 5), mser5_truncation(values, 60));
    cr_expect_eq(mser_truncation(values, 60, 31), 0, "one group is all there is");
    cr_expect_eq(mser_most(60, 1), 30);
    cr_expect_eq(mser_most(60, 7), 28);
    cr_expect_eq(mser_most(60, 31), 0);
}

/* What is stationary loses little: of 50 independent values a few percent, and hardly ever half. Fives of them, ten
 * groups, lose more. */
Test(mser, leaves_stationary_values_alone)
{
    enum { RUNS = 1000, VALUES = 50 };
    gsl_rng *rng = sim_gsl_rng_create(random_stream_make(4, 0, "mser", "values"));
    size_t single = 0, fives = 0, at_limit = 0;
    for (int run = 0; run < RUNS; run++) {
        double values[VALUES];
        for (int i = 0; i < VALUES; i++)
            values[i] = 100 + gsl_ran_gaussian(rng, 1);
        size_t cut = mser_truncation(values, VALUES, 1);
        single += cut;
        fives += mser5_truncation(values, VALUES);
        at_limit += cut == mser_most(VALUES, 1);
    }
    cr_expect_lt(single, fives);
    cr_expect_lt(single, (size_t)RUNS * VALUES * 6 / 100, "%zu cut on average of 1000", single);
    cr_expect_lt(at_limit, RUNS * 2 / 100, "%zu of 1000 at the limit", at_limit);
    gsl_rng_free(rng);
}
