/*
 * Statistics, in integers. Each statistic has a name, a unit and one line of description.
 *
 * struct histogram is HDR-style: relative bin width 1/128 or finer from 1 ns to 100 s in constant memory
 * (values in ps; exact to 1 ps below 256 ps, to 4 ps below 1 ns), with exact count, sum, minimum and maximum.
 *
 * struct batches keeps a constant number of batch-edge snapshots whatever the run's length, by pairwise
 * collapse: when the fixed number of edges is full, every second one is dropped and the batch length
 * doubles. At each edge all registered counters (int64_t *) are copied, and registered histograms too.
 * Warm-up is found afterwards (MSER-5) and cut by subtracting snapshots; 95 % intervals come from the means
 * of what is left.
 *
 * Results are reported through sim/report_number.h, which rounds to nine significant digits.
 */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/time.h"

/* Values up to 255 ps in bins of 1 ps, then 128 bins an octave; the last is that of 100 s and above. */
enum { HISTOGRAM_BINS = 5174 };

struct histogram {
    uint64_t count;
    __int128 sum;      /* [ps] exact */
    sim_time min, max; /* [ps] exact; undefined while count is 0 */
    uint64_t *bins;    /* HISTOGRAM_BINS of them */
};

/* Makes an empty histogram and allocates the bins; it holds them until histogram_destroy(). */
void histogram_init(struct histogram *histogram);
void histogram_destroy(struct histogram *histogram);

/* Adds a value [ps, >= 0; above 100 s it counts in the last bin, sum and max stay exact]. */
void histogram_add(struct histogram *histogram, sim_time value);

/* The bin of a value [ps, >= 0], and the smallest and largest value [ps] that belong to a bin; the last bin
 * ends at SIM_TIME_MAX. */
uint32_t histogram_bin_of(sim_time value);
sim_time histogram_bin_low(uint32_t bin);
sim_time histogram_bin_high(uint32_t bin);

/* into += from; into -= from (a snapshot of the same histogram taken earlier: min and max become those of
 * the remaining bins, known to bin width); into = from. All have been initialised. */
void histogram_merge(struct histogram *into, const struct histogram *from);
void histogram_subtract(struct histogram *into, const struct histogram *from);
void histogram_copy(struct histogram *into, const struct histogram *from);

/*
 * The smallest recorded value v [ps] such that at least `permille_hundred`/100000 of the values are <= v, as
 * the upper edge of its bin, but never above max: 50000 is the median, 99900 is p99.9, 100000 is max. At most
 * 100000. 0 if empty.
 */
sim_time histogram_percentile(const struct histogram *histogram, uint32_t permille_hundred);

/* sum / count [ps] rounded to nearest; 0 if empty. */
sim_time histogram_mean(const struct histogram *histogram);

/* A confidence interval for a mean, from n values; computed with GSL's Student t. */
struct interval {
    double mean;       /* NAN when n is 0 */
    double half_width; /* 95 %; NAN when n < 2 */
    size_t n;
};
struct interval interval_of(const double *values, size_t n);

/*
 * MSER-m: how many of the first of n values to drop as warm-up, a multiple of `group` (> 0), at most
 * mser_most(n, group). Means of `group` values are formed, and the cut is where the standard error of the mean of
 * what is left is least (the earliest such place); values that do not fill a group at the end do not vote. A cut as
 * large as it may be says that the series is too short to tell.
 *
 * White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997;
 * batches of five and the restriction to the first half: White, Cobb and Spratt, WSC 2000.
 */
size_t mser_truncation(const double *values, size_t n, size_t group);

/* The largest cut: the largest multiple of `group` that is at most n/2. */
size_t mser_most(size_t n, size_t group);

/* MSER-5: groups of five values. */
size_t mser5_truncation(const double *values, size_t n);

/* Between collapses a run has BATCHES_MAX / 2 to BATCHES_MAX - 1 complete batches, once it is long enough. */
enum { BATCHES_MAX = 64 };

/* For batches_histogram_between(): the state of now instead of that at an edge. */
#define BATCHES_NOW SIZE_MAX

struct batches; /* created empty; register, then run */

/* Batches of `first_length` [ps, > 0] to begin with. The caller owns them. */
struct batches *batches_create(sim_time first_length);
void batches_destroy(struct batches *batches); /* NULL is allowed */

/*
 * Registration, before the first edge. Returns the index by which to ask later; counters and histograms are
 * numbered apart, each from 0. Pointers are borrowed. What they hold at registration is the state at edge 0.
 */
size_t batches_add_counter(struct batches *batches, const int64_t *counter);
size_t batches_add_histogram(struct batches *batches, const struct histogram *histogram);

/* To be called when simulated time is batches_next_edge() [ps], with that time; may double the length. */
void batches_edge(struct batches *batches, sim_time now);
sim_time batches_next_edge(const struct batches *batches);

/* The present length of a batch [ps]: first_length times a power of two. */
sim_time batches_length(const struct batches *batches);

size_t batches_count(const struct batches *batches);                    /* complete batches so far */
sim_time batches_edge_time(const struct batches *batches, size_t edge); /* [ps] edge 0 is time 0 */

/* The counter as it was at `edge` (0 .. batches_count()). */
int64_t batches_counter_at(const struct batches *batches, size_t index, size_t edge);

/*
 * Writes to `out` (initialised, apart from the registered ones) what the histogram gained from edge `from` to
 * edge `to`, or to now if `to` is BATCHES_NOW. Count, sum and bins are exact, min and max known to bin width.
 */
void batches_histogram_between(const struct batches *batches, size_t index, size_t from, size_t to,
                               struct histogram *out);

#endif
