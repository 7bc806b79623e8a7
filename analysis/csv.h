/*
 * CSV (RFC 4180, lines ended by a single newline): one row a point, failed points included. Columns: what the point is
 * (scenario, point, one or two for each axis, compare, replication, strategy, seed), the fixed list of metrics
 * (analysis/metric.h), the bottleneck, the fingerprint, and the error of a failed point. docs/results.md describes them.
 */
#ifndef ANALYSIS_CSV_H
#define ANALYSIS_CSV_H

#include "analysis/campaign.h"

/* Writes the line of column names for a scenario. */
void csv_header(const struct scenario *scenario, FILE *out);

/* Writes a point's row; `result` is NULL for one that failed, then `failure` says why. */
void csv_row(const struct scenario *scenario, const struct scenario_point *point, const json_t *result,
             const char *failure, FILE *out);

#endif
