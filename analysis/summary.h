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

/* The points that failed, with the reason; nothing if there are none. */
void summary_failures(const struct campaign *campaign, FILE *out);

#endif
