/*
 * The axes of an experiment as analysis needs them: found by name, their values as numbers in plain SI units (seconds,
 * packets a second, hertz, bits a second, bytes, cycles), and labelled.
 */
#ifndef ANALYSIS_AXIS_H
#define ANALYSIS_AXIS_H

#include "analysis/campaign.h"

/* The axis with this name or path; NULL if there is none. */
const struct scenario_axis *axis_find(const struct experiment *experiment, const char *name);

/* The axis' value at a point. */
const struct scenario_value *axis_value_at(const struct experiment *experiment,
                                           const struct scenario_axis *axis,
                                           const struct scenario_point *point);

/* Whether all values of the axis are numbers of one dimension. */
bool axis_is_numeric(const struct scenario_axis *axis);

/* A value in the plain SI unit of its dimension, rounded to 9 digits; NAN if it is no number. */
double axis_number(const struct scenario_value *value);

/* The plain unit of its values: "s", "packets/s"; "" if they have none. */
const char *axis_unit(const struct scenario_axis *axis);

#endif
