/*
 * A metric of a campaign's point. Replications of a point stand one after the other in a campaign; together they are a
 * group, of which a metric is the mean.
 */
#ifndef ANALYSIS_ESTIMATE_H
#define ANALYSIS_ESTIMATE_H

#include "analysis/campaign.h"

struct estimate {
    double value;
    double half_width; /* of the 95 % interval; NAN: not known */
    size_t n;          /* replications */
};

/* How many points make a group; the groups start at its multiples. */
size_t estimate_group(const struct campaign *campaign);

/*
 * The metric of the group that starts at point `first`: over replications the mean with its interval by Student's t,
 * else the run's number, with the run's own interval ("latency_ns.ci95") if it is a mean that has one. False if no
 * result of the group has the metric.
 */
bool estimate_metric(const struct campaign *campaign, size_t first, const char *metric,
                     struct estimate *estimate);

/* A result of the group, for what is no number; NULL if all of it failed. Borrowed. */
const json_t *estimate_result(const struct campaign *campaign, size_t first);

/* The point's name without its replication, in a string to be freed. */
char *estimate_name(const struct campaign *campaign, size_t first);

#endif
