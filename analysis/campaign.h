/*
 * A campaign: all points of a scenario, run by forked workers, results in the order of the points whatever the number
 * of workers. A worker that dies is a failed row: the others go on.
 */
#ifndef ANALYSIS_CAMPAIGN_H
#define ANALYSIS_CAMPAIGN_H

#include "analysis/archive.h"
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
    struct archive *archive; /* the results of the points that were run and did not fail */
    char **failures;         /* one a point; why, of the failed; else NULL */
    size_t run;              /* how many were selected */
    size_t refused;          /* failed as they could not be built: the user's mistake */
    size_t dead;             /* failed as their worker died: ours */
    double seconds;          /* wall time, for messages only */
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

/* Whether a point has a result; and that result, borrowed until ARCHIVE_OPEN others were asked for, or NULL. */
bool campaign_has(const struct campaign *campaign, size_t point);
const json_t *campaign_result(const struct campaign *campaign, size_t point);

/* The number at a metric path of a point's result, as result_number(); false also if it has no result. */
bool campaign_number(const struct campaign *campaign, size_t point, const char *path, double *number);

#endif
