/*
 * A Poisson process: independent exponential gaps. The mean of each draw is a whole number of picoseconds; the means
 * follow an exact pace, so that their average is the period.
 */
#include "models/traffic/arrival/arrivals.h"
#include "models/traffic/pace.h"

static const struct param_table table = {.name = "poisson", .help = "exponential gaps: a Poisson process"};

static void check(const void *config, const struct traffic_config *traffic, traffic_report *report,
                  void *self)
{
    (void)config;
    if (traffic->rate == 0)
        report(self, "arrival", "`poisson` needs a `rate`");
}

static const char *start(void *self, const void *config, const struct arrival_period *period)
{
    struct pace *pace = self;
    (void)config;
    *pace = pace_make((unsigned __int128)period->num, (unsigned __int128)period->den);
    return NULL;
}

static void next(void *self, const void *config, struct random_stream *stream, struct arrival *arrival)
{
    (void)config;
    arrival->gap = random_exponential(stream, pace_next(self));
}

static const struct arrival_ops ops = {
    .state_size = sizeof(struct pace), .check = check, .start = start, .next = next};

const struct param_model arrival_poisson = {.table = &table, .ops = &ops};
