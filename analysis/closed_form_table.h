/* A prediction beside what a run found, as a table for people. */
#ifndef ANALYSIS_CLOSED_FORM_TABLE_H
#define ANALYSIS_CLOSED_FORM_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "analysis/closed_form.h"

/*
 * Writes one row a quantity: what the closed form says, what `result` (a run of the same configuration) has, how far they
 * are apart; or why there is no closed form.
 */
void closed_form_table(const struct closed_form_prediction *prediction, const json_t *result, FILE *out);

#endif
