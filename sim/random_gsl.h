/*
 * The simulator's generator as a gsl_rng_type, for GSL's distributions, shuffles and samplers. The state is a
 * whole random_stream, key of 128 bits included, where gsl_rng_set() would leave 32 to 64 bits of seed.
 *
 * GSL's distributions go through libm: use them in analysis, never between a draw and a simulated time.
 */
#ifndef SIM_RANDOM_GSL_H
#define SIM_RANDOM_GSL_H

#include <gsl/gsl_rng.h>

#include "sim/random.h"

/*
 * The type, for gsl_rng_alloc(): 64 bits a draw (gsl_rng_max() is UINT64_MAX). gsl_rng_set(rng, n) starts the
 * stream random_stream_make(n, 0, "gsl", "seed").
 */
const gsl_rng_type *sim_gsl_rng(void);

/* A generator that draws what `stream` would draw next. The caller frees it with gsl_rng_free(). */
gsl_rng *sim_gsl_rng_create(struct random_stream stream);

/* Makes `rng` (of this type) draw what `stream` would draw next. */
void sim_gsl_rng_set(gsl_rng *rng, struct random_stream stream);

#endif
