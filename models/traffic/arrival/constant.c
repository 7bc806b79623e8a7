/* Constant gaps: the n-th arrival is at phase + floor(n * period), the first one a period after the start. */
#include "models/traffic/arrival/arrivals.h"
#include "models/traffic/pace.h"

struct state {
    struct pace pace;
    sim_time phase; /* [ps] of it not used up */
};

static const struct param rows[] = {
    PARAM_QUANTITY_ROW(struct constant_config, phase, UNIT_TIME, 0, SIM_SECOND, "0",
                       "how much later the first period begins"),
};

static const struct param_table table = {
    .name = "constant",
    .help = "equal gaps, exact to the picosecond over any time",
    .size = sizeof(struct constant_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static const char *start(void *self, const void *config, const struct arrival_period *period)
{
    struct state *state = self;
    const struct constant_config *constant = config;
    state->pace = pace_make((unsigned __int128)period->num, (unsigned __int128)period->den);
    state->phase = constant->phase;
    return NULL;
}

static void next(void *self, const void *config, struct random_stream *stream, struct arrival *arrival)
{
    struct state *state = self;
    (void)config, (void)stream;
    arrival->gap = pace_next(&state->pace) + state->phase;
    state->phase = 0;
}

static const struct arrival_ops ops = {.state_size = sizeof(struct state), .start = start, .next = next};

const struct param_model arrival_constant = {.table = &table, .ops = &ops};
