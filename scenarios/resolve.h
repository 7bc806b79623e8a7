/*
 * From a loaded scenario and a point to the tree that the point means. Internal to scenarios/.
 */
#ifndef SCENARIOS_RESOLVE_H
#define SCENARIOS_RESOLVE_H

#include "scenarios/loader.h"
#include "scenarios/override.h"
#include "scenarios/scenario.h"

struct scenario {
    struct arena *arena;
    struct loader *loader; /* keeps the profiles that were read */
    struct node *root;     /* includes expanded, profiles not */
    struct experiment experiment;
    struct override *sets; /* of the command line, those that are no directives */
    size_t set_count;
    struct scenario_point *points;
    size_t point_count;
};

/*
 * The configuration's tree of a point in `arena`: a copy of the scenario's without the directives, with all
 * overrides applied and profiles merged.
 * `extra` overrides come last. NULL, reported, when an override or a profile is wrong.
 */
struct node *resolve(const struct scenario *scenario, const struct scenario_point *point,
                     const struct override *extra, size_t extra_count, const struct param_table *root,
                     struct arena *arena, struct diag *diag);

/* Makes the scenario's points. Reports and returns false when there are none or too many. */
bool points_make(struct scenario *scenario, struct diag *diag);

#endif
