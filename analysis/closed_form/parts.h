/* The parts of a prediction, each from a form that form_init() has accepted. Private to analysis/closed_form. */
#ifndef ANALYSIS_CLOSED_FORM_PARTS_H
#define ANALYSIS_CLOSED_FORM_PARTS_H

#include "analysis/closed_form.h"
#include "analysis/closed_form/form.h"

/* The time between two packets, rounded down [ps]; 0 in a closed loop. */
sim_time form_period(const struct form *form);

void form_latency(struct form *form, struct closed_form_latency *latency);
void form_utilization(struct form *form, struct closed_form_utilization *utilization);
void form_saturation(struct form *form, struct closed_form_saturation *saturation);
void form_queueing(struct form *form, struct closed_form_queueing *queueing);
void form_interrupts(struct form *form, struct closed_form_interrupts *interrupts);

#endif
