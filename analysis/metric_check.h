/*
 * Checks before a run that the metrics which a scenario's plots and expectations name exist (analysis/metric_name.h), and
 * that the lists which they look into are long enough at some point.
 */
#ifndef ANALYSIS_METRIC_CHECK_H
#define ANALYSIS_METRIC_CHECK_H

#include "scenarios/scenario.h"

/* Reports what does not exist; false if there is something. Every point must be right otherwise. */
bool metric_check(const struct scenario *scenario, struct diag *diag);

#endif
