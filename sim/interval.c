#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "sim/stats.h"

struct interval interval_of(const double *values, size_t n)
{
    struct interval interval = {.mean = NAN, .half_width = NAN, .n = n};
    if (n > 0)
        interval.mean = gsl_stats_mean(values, 1, n);
    if (n > 1) {
        double deviation = gsl_stats_sd_m(values, 1, n, interval.mean);
        interval.half_width = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * deviation / sqrt((double)n);
    }
    return interval;
}

enum { MSER_BATCH = 5 };

static double mean_of_five(const double *values)
{
    double sum = 0;
    for (int i = 0; i < MSER_BATCH; i++)
        sum += values[i];
    return sum / MSER_BATCH;
}

/* Goes backwards from the end, so that mean and sum of squared deviations of what is left grow by one group
 * at a time (Welford). */
size_t mser5_truncation(const double *values, size_t n)
{
    size_t groups = n / MSER_BATCH;
    size_t most = n / 2 / MSER_BATCH;
    size_t best = 0;
    double mean = 0, squares = 0, least = INFINITY;
    for (size_t left = 1; left <= groups; left++) {
        size_t start = groups - left;
        double group = mean_of_five(values + start * MSER_BATCH);
        double deviation = group - mean;
        mean += deviation / (double)left;
        squares += deviation * (group - mean);
        double error = squares / ((double)left * (double)left);
        bool allowed = start == 0 || (start <= most && left > 1); /* one group alone has no spread */
        if (allowed && error <= least) {
            least = error;
            best = start;
        }
    }
    return best * MSER_BATCH;
}
