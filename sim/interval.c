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

static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

size_t mser_most(size_t n, size_t group)
{
    return n / 2 / group * group;
}

/* Goes backwards from the end, so that mean and sum of squared deviations of what is left grow by one group
 * at a time (Welford). */
size_t mser_truncation(const double *values, size_t n, size_t group)
{
    size_t groups = n / group;
    size_t most = mser_most(n, group) / group;
    size_t best = 0;
    double mean = 0, squares = 0, least = INFINITY;
    for (size_t left = 1; left <= groups; left++) {
        size_t start = groups - left;
        double value = mean_of(values + start * group, group);
        double deviation = value - mean;
        mean += deviation / (double)left;
        squares += deviation * (value - mean);
        double error = squares / ((double)left * (double)left);
        bool allowed = start == 0 || (start <= most && left > 1); /* one group alone has no spread */
        if (allowed && error <= least) {
            least = error;
            best = start;
        }
    }
    return best * group;
}

size_t mser5_truncation(const double *values, size_t n)
{
    return mser_truncation(values, n, 5);
}
