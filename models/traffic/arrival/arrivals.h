/* The arrival processes that exist; a new one is one more line here and in family.c. */
#ifndef MODELS_TRAFFIC_ARRIVAL_ARRIVALS_H
#define MODELS_TRAFFIC_ARRIVAL_ARRIVALS_H

#include "models/traffic/source.h"

extern const struct param_model arrival_constant;
extern const struct param_model arrival_poisson;
extern const struct param_model arrival_on_off;
extern const struct param_model arrival_replay;

struct constant_config {
    int64_t phase; /* [ps] after the source's start */
};

struct on_off_config {
    int64_t on, off; /* [ps] mean durations of the two states */
    int periods;     /* enum on_off_periods */
    int within;      /* enum on_off_within */
};
enum on_off_periods { ON_OFF_EXPONENTIAL, ON_OFF_FIXED };
enum on_off_within { ON_OFF_POISSON, ON_OFF_CONSTANT };

struct replay_config {
    const char *file;
    int64_t speedup; /* [1/1000000] */
    const char *endpoint;
    int oversize; /* enum replay_oversize */
    int fcs;      /* enum replay_fcs */
};
enum replay_oversize { REPLAY_SEGMENT, REPLAY_GSO, REPLAY_DROP };
enum replay_fcs { REPLAY_FCS_ABSENT, REPLAY_FCS_PRESENT };

#endif
