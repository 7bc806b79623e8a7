/*
 * Expectations: the bounds of `expect:` held against a campaign's results. An expectation is checked at every point
 * that its `where:` selects (replications count as their mean) and holds if it holds at all of them. Its other side
 * (`less_than`, `greater_than`) is taken from the points that agree with it in everything that the other side's
 * `where:` does not set. What the command line took out (`--set` of a swept parameter, points that were not
 * selected) is not checked; otherwise an expectation that finds no point is missed.
 */
#ifndef ANALYSIS_EXPECT_H
#define ANALYSIS_EXPECT_H

#include <stdio.h>

#include "analysis/campaign.h"

enum { VERDICT_TEXT = 288 };

/* An expectation at one point, or at a pair of points. */
struct verdict_check {
    size_t point; /* the first of its replications */
    double value; /* NAN: the results have no such number */
    bool held;
    char bound[VERDICT_TEXT]; /* what it was held against: "at most 5", "less than 1.2 times 7.5 (...)" */
};

struct verdict {
    const struct scenario_expectation *expectation;
    bool held; /* at least one check, and all of them */
    struct verdict_check *checks;
    size_t count, capacity;
};

struct verdicts {
    struct verdict *items; /* in the scenario's order, those that were checked */
    size_t count;
    size_t missed;
};

/* Marks the points that an expectation reads. `selected` has a flag for each point. */
void expectation_select(const struct scenario *scenario, const struct scenario_expectation *expectation,
                        bool *selected);

/* Checks all expectations, or only one of them (NULL: all). */
void verdicts_create(struct verdicts *verdicts, const struct campaign *campaign,
                     const struct scenario_expectation *only);
void verdicts_destroy(struct verdicts *verdicts);

/* Writes a line for each: ok, or MISSED with the values, the bound and the reason why it should hold. */
void verdicts_print(const struct verdicts *verdicts, const struct campaign *campaign, FILE *out);

/* The same for the JSON document; a new reference. */
json_t *verdicts_json(const struct verdicts *verdicts, const struct campaign *campaign);

#endif
