/*
 * An on/off process: packets come in the on state alone, at rate * (on + off) / on, so that `rate` is the mean over all
 * time. Arrivals are laid out on a clock that stands still in the off state: what is left of a gap when an on
 * period ends goes on in the next one.
 */
#include "models/traffic/arrival/arrivals.h"
#include "models/traffic/pace.h"

struct state {
    struct pace pace; /* of arrivals, on the clock of the on state */
    sim_time left;    /* [ps] of this on period */
};

static const char *const periods[] = {"exponential", "fixed", NULL};
static const char *const withins[] = {"poisson", "constant", NULL};

static const struct param rows[] = {
    PARAM_QUANTITY_ROW(struct on_off_config, on, UNIT_TIME, SIM_US, SIM_SECOND, "1ms",
                       "mean duration of the on state"),
    PARAM_QUANTITY_ROW(struct on_off_config, off, UNIT_TIME, 0, SIM_SECOND, "9ms",
                       "mean duration of the off state"),
    PARAM_CHOICE_ROW(struct on_off_config, periods, periods, "exponential", "how these durations vary"),
    PARAM_CHOICE_ROW(struct on_off_config, within, withins, "poisson", "arrivals in the on state"),
};

static const struct param_table table = {
    .name = "on_off",
    .help = "packets in the on state alone; `rate` is the mean over both states",
    .size = sizeof(struct on_off_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static void check(const void *config, const struct traffic_config *traffic, traffic_report *report,
                  void *self)
{
    (void)config;
    if (traffic->rate == 0)
        report(self, "arrival", "`on_off` needs a `rate`");
}

static const char *start(void *self, const void *config, const struct arrival_period *period)
{
    struct state *state = self;
    const struct on_off_config *on_off = config;
    unsigned __int128 num = (unsigned __int128)period->num * (unsigned __int128)on_off->on;
    unsigned __int128 den = (unsigned __int128)period->den * (unsigned __int128)(on_off->on + on_off->off);
    state->pace = pace_make(num, den);
    state->left = 0;
    return NULL;
}

static sim_time duration(const struct on_off_config *config, sim_time mean, struct random_stream *stream)
{
    return config->periods == ON_OFF_FIXED ? mean : random_exponential(stream, mean);
}

static void next(void *self, const void *config, struct random_stream *stream, struct arrival *arrival)
{
    struct state *state = self;
    const struct on_off_config *on_off = config;
    sim_time on_clock = pace_next(&state->pace);
    if (on_off->within == ON_OFF_POISSON)
        on_clock = random_exponential(stream, on_clock);
    arrival->gap = on_clock;
    while (on_clock > state->left) {
        on_clock -= state->left;
        arrival->gap += duration(on_off, on_off->off, stream);
        state->left = duration(on_off, on_off->on, stream);
    }
    state->left -= on_clock;
}

static const struct arrival_ops ops = {
    .state_size = sizeof(struct state), .check = check, .start = start, .next = next};

const struct param_model arrival_on_off = {.table = &table, .ops = &ops};
