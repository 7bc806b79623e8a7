/*
 * Random streams: counter-based, so that a stream is a pure function of its key and of how many draws were
 * taken from it.
 *
 * A stream is keyed by (seed, replication, path, purpose): 64 bits of seed, the repeat's number, the name of
 * the traffic path ("vm0.tx") and what it is for ("gap", "size", "flow"). These are hashed to a key of 128
 * bits, so streams do not collide. No strategy appears in the key: all strategies see the same arrivals
 * (common random numbers). The generator is Threefry2x64-20 (sim/threefry.h); it is also a gsl_rng_type
 * (sim/random_gsl.h), whose seed is the whole key and not GSL's 32 bits.
 *
 * From a draw to a time only integers and tables are used, no libm: results are equal to the byte on any
 * x86-64 with any compiler and with or without FMA.
 *
 * A stream is a plain value: a copy draws the same numbers again. It owns nothing.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

#include "sim/time.h"

struct random_stream {
    uint64_t key[2];
    uint64_t counter; /* draws taken */
    uint64_t spare;   /* second half of the last block, unused while `counter` is even */
};

/*
 * The stream for one purpose on one path, at its first draw. The strings are hashed with their lengths, so
 * ("a", "bc") and ("ab", "c") differ; they are not kept.
 */
struct random_stream random_stream_make(uint64_t seed, uint32_t replication, const char *path,
                                        const char *purpose);

/* 64 uniform bits. One draw. */
uint64_t random_u64(struct random_stream *stream);

/* Uniform in [0, bound), without bias; bound > 0. One draw, rarely (bound / 2^64) one more. */
uint64_t random_below(struct random_stream *stream, uint64_t bound);

/*
 * An exponential variate of the given mean [any unit, 0 .. 2^52], rounded to the nearest integer; relative
 * error of the distribution under 2^-32 (sim/neg_log.h: table and integer arithmetic). One draw; never more
 * than 44.4 means. Rounding to nearest moves the mean by only 1 / (24 mean) of a unit.
 */
int64_t random_exponential(struct random_stream *stream, int64_t mean);

/* A Pareto (Lomax) or other heavy-tailed source is built from an empirical table: see random_table. */

/*
 * An empirical distribution: value i is drawn with probability weights[i] / sum, exactly (Vose's alias method
 * in integers). Two draws a value, whatever the size of the table.
 */
struct random_table;

/*
 * Copies `count` values and weights. NULL when there is nothing to draw from: count is 0, all weights are 0,
 * or their sum does not fit in 64 bits. The caller owns the table.
 */
struct random_table *random_table_create(const int64_t *values, const uint64_t *weights, uint32_t count);
void random_table_destroy(struct random_table *table); /* NULL is allowed */
int64_t random_table_draw(const struct random_table *table, struct random_stream *stream);

/*
 * The probability with which entry `index` (< count) is drawn, as a numerator over count * sum of weights: it
 * is count * weights[index] exactly, re-added from the alias columns as they are used by a draw.
 */
unsigned __int128 random_table_mass(const struct random_table *table, uint32_t index);

#endif
