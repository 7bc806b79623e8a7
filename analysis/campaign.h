/*
 * A campaign: all points of a scenario, run by forked workers, results in the order of the points whatever the number
 * of workers. A worker that dies is a failed row: the others go on.
 */
#ifndef ANALYSIS_CAMPAIGN_H
#define ANALYSIS_CAMPAIGN_H

#include "analysis/run.h"
#include "sim/diag.h"

enum { CAMPAIGN_JOBS_MAX = 64 };

struct campaign_options {
    struct run_options run;
    unsigned jobs;                            /* workers at once, >= 1 */
    const struct scenario_expectation *cause; /* with this expectation's cause removed; NULL: as written */
    const bool *selected;                     /* one a point: which of them are run; NULL: all */
    void (*progress)(size_t done, size_t total, void *self); /* after each point; may be NULL */
    void *self;
};

struct campaign {
    const struct scenario *scenario;
    size_t count;
    json_t **results; /* one a point; NULL: failed, or not selected */
    char **failures;  /* why, of the failed */
    size_t run;       /* how many were selected */
    size_t refused;   /* failed as they could not be built: the user's mistake */
    size_t dead;      /* failed as their worker died: ours */
    double seconds;   /* wall time, for messages only */
};

/*
 * Checks every point's configuration, reporting mistakes to `diag` (false: nothing was run), then runs them all.
 */
bool campaign_run(struct campaign *campaign, const struct scenario *scenario,
                  const struct campaign_options *options, struct diag *diag);
void campaign_destroy(struct campaign *campaign);

/* Only the checks, those of the expectations' causes too. */
bool campaign_check(const struct scenario *scenario, struct diag *diag);

/* Makes an empty campaign for results that come from elsewhere: all points, none with a result. */
void campaign_prepare(struct campaign *campaign, const struct scenario *scenario);

#endif
