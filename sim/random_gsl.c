#include "sim/random_gsl.h"

#include "sim/assert.h"

static void seed_state(void *state, unsigned long seed)
{
    struct random_stream *stream = state;
    *stream = random_stream_make(seed, 0, "gsl", "seed");
}

static unsigned long next_word(void *state)
{
    return random_u64(state);
}

/* In [0, 1): the 53 bits that a double holds exactly. */
static double next_double(void *state)
{
    return (double)(random_u64(state) >> 11) * 0x1p-53;
}

const gsl_rng_type *sim_gsl_rng(void)
{
    static const gsl_rng_type type = {
        .name = "threefry2x64-20",
        .max = UINT64_MAX,
        .min = 0,
        .size = sizeof(struct random_stream),
        .set = seed_state,
        .get = next_word,
        .get_double = next_double,
    };
    return &type;
}

gsl_rng *sim_gsl_rng_create(struct random_stream stream)
{
    gsl_rng *rng = gsl_rng_alloc(sim_gsl_rng());
    SIM_ASSERT(rng != NULL);
    sim_gsl_rng_set(rng, stream);
    return rng;
}

void sim_gsl_rng_set(gsl_rng *rng, struct random_stream stream)
{
    SIM_ASSERT(rng->type == sim_gsl_rng());
    *(struct random_stream *)rng->state = stream;
}
