/*
 * What a campaign's results come to, as tables for people: a row a point, or the alternatives side by side. Replications
 * count as their mean.
 */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include <stdio.h>

#include "analysis/campaign.h"

/* A row for each point: its values, and the main metrics. */
void summary_points(const struct campaign *campaign, FILE *out);

/*
 * The alternatives of `compare:` side by side, a column each, the metrics below each other; one such table for each
 * combination of swept values. A campaign without alternatives is written as one column.
 */
void summary_comparison(const struct campaign *campaign, FILE *out);

/* For the points whose VMs differ in their strategy, a row for each traffic with its VM; nothing if there are none. */
void summary_vms(const struct campaign *campaign, FILE *out);

/* Whether a result's VMs differ in their strategy. */
bool summary_is_mixed(const json_t *result);

/* A line for each replay of a result that was cut off by the run's end; `where` (may be "") stands before it. */
void summary_pending(const json_t *result, const char *where, FILE *out);

/* Such lines of all points, and one if all that was compared ran alike. */
void summary_remarks(const struct campaign *campaign, FILE *out);

/* The points that failed, with the reason; nothing if there are none. */
void summary_failures(const struct campaign *campaign, FILE *out);

#endif
