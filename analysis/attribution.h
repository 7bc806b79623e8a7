/*
 * What makes full emulation dear: each factor of its cost (exits, copies, no segmentation offload, synchronous transmit,
 * an interrupt a packet) is switched off alone, and all of them together, and the run repeated. What one alone saves, and
 * what all together save beyond the sum of that (the interaction), is the attribution.
 */
#ifndef ANALYSIS_ATTRIBUTION_H
#define ANALYSIS_ATTRIBUTION_H

#include "analysis/campaign.h"

enum { ATTRIBUTION_FACTORS = 5 };

struct attribution_request {
    const char *path;                       /* the scenario file */
    const struct scenario_options *options; /* as it was loaded */
    const struct campaign *base;            /* the campaign as it is */
    struct campaign_options run;
};

/* Points of the base campaign that have an emulated NIC. */
bool attribution_applies(const struct campaign *base, size_t point);

/*
 * Runs all variants, and writes a table for each point with an emulated NIC. *dead is set to how many runs died. False,
 * reported, if a variant could not be run.
 */
bool attribution_print(const struct attribution_request *request, FILE *out, struct diag *diag, size_t *dead);

#endif
