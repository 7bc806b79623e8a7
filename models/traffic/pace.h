/*
 * An exact pace: gaps in whole picoseconds whose sum never drifts from a period that is a fraction. The n-th arrival is
 * at floor(n * num / den) ps. Internal to the arrival processes.
 */
#ifndef MODELS_TRAFFIC_PACE_H
#define MODELS_TRAFFIC_PACE_H

#include "models/traffic/source.h"

struct pace {
    sim_time whole;          /* [ps] the period, rounded down */
    unsigned __int128 part;  /* [1/den ps] what that leaves */
    unsigned __int128 carry; /* [1/den ps] left over so far */
    unsigned __int128 den;
};

/* A period of num / den ps; den > 0. */
static inline struct pace pace_make(unsigned __int128 num, unsigned __int128 den)
{
    return (struct pace){.whole = (sim_time)(num / den), .part = num % den, .den = den};
}

/* The next gap [ps]. */
static inline sim_time pace_next(struct pace *pace)
{
    pace->carry += pace->part;
    if (pace->carry < pace->den)
        return pace->whole;
    pace->carry -= pace->den;
    return pace->whole + 1;
}

#endif
