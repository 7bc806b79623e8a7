/*
 * The points of an experiment: sweep x compare x repeat, less those that `where:` leaves out.
 */
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/directives.h"
#include "scenarios/resolve.h"

/* The current position of every group of axes: an odometer. */
struct odometer {
    size_t *position, *limit;
    size_t count;
};

static struct odometer start(struct arena *arena, const struct experiment *experiment)
{
    struct odometer odometer = {.count = experiment->group_count};
    odometer.position = arena_alloc(arena, odometer.count * sizeof(size_t));
    odometer.limit = arena_alloc(arena, odometer.count * sizeof(size_t));
    for (size_t i = 0; i < experiment->axis_count; i++)
        odometer.limit[experiment->axes[i].group] = experiment->axes[i].count;
    return odometer;
}

/* Moves to the next position, the last group fastest; false after the last one. */
static bool advance(struct odometer *odometer)
{
    for (size_t i = odometer->count; i-- > 0;) {
        if (++odometer->position[i] < odometer->limit[i])
            return true;
        odometer->position[i] = 0;
    }
    return false;
}

static const struct scenario_value **take_values(struct arena *arena, const struct experiment *experiment,
                                                 const struct odometer *odometer)
{
    const struct scenario_value **values = arena_alloc(arena, experiment->axis_count * sizeof(*values));
    for (size_t i = 0; i < experiment->axis_count; i++) {
        const struct scenario_axis *axis = &experiment->axes[i];
        values[i] = &axis->values[odometer->position[axis->group]];
    }
    return values;
}

/* The value that a constraint's path has at a point: of its axis, or as the file sets it. */
static struct scenario_value value_of(const struct scenario *scenario,
                                      const struct scenario_value *const *values, const char *name)
{
    const struct experiment *experiment = &scenario->experiment;
    const struct scenario_axis *axis = experiment_axis(experiment, name);
    if (axis)
        return *values[axis - experiment->axes];
    struct diag *unheard = diag_create();
    struct diag_place nowhere = {0};
    struct scenario_value value = {0};
    struct path path;
    if (path_parse(scenario->arena, name, &nowhere, &path, unheard)) {
        const struct node *node = path_find(scenario->root, &path);
        if (node && node->kind == NODE_SCALAR)
            value = sweep_value(node->text, node->place);
    }
    diag_destroy(unheard);
    return value;
}

static bool keeps(const struct scenario *scenario, const struct scenario_constraint *constraint,
                  const struct scenario_value *const *values)
{
    struct scenario_value value = value_of(scenario, values, constraint->path);
    const struct scenario_value *min = constraint->min, *max = constraint->max;
    if (min && sweep_comparable(&value, min) && value.number < min->number)
        return false;
    if (max && sweep_comparable(&value, max) && value.number > max->number)
        return false;
    if (!constraint->less_than)
        return true;
    struct scenario_value other = value_of(scenario, values, constraint->less_than);
    return !sweep_comparable(&value, &other) || value.number < other.number;
}

static bool keeps_all(const struct scenario *scenario, const struct scenario_value *const *values)
{
    for (size_t i = 0; i < scenario->experiment.constraint_count; i++)
        if (!keeps(scenario, &scenario->experiment.constraints[i], values))
            return false;
    return true;
}

/* Whether the alternative is one of the short form, which sets one parameter to its own name. */
static bool names_value(const struct scenario_alternative *alternative)
{
    return alternative->override_count == 1 && alternative->overrides[0].value->kind == NODE_SCALAR &&
           strcmp(alternative->overrides[0].value->text, alternative->name) == 0;
}

static const char *point_name(struct arena *arena, const struct experiment *experiment,
                              const struct scenario_point *point)
{
    const char *name = "";
    for (size_t i = 0; i < experiment->axis_count; i++)
        name = arena_format(arena, "%s%s%s=%s", name, *name ? "," : "", experiment->axes[i].name,
                            point->values[i]->text);
    if (point->alternative)
        name = arena_format(arena, "%s%s%s=%s", name, *name ? "," : "",
                            names_value(point->alternative) ? point->alternative->overrides[0].path.text
                                                            : "compare",
                            point->alternative->name);
    if (experiment->repeat > 1)
        name = arena_format(arena, "%s%srepeat=%lld", name, *name ? "," : "", (long long)point->replication);
    return *name ? name : "base";
}

/* Adds the points of one combination of the sweep; false when there are too many. */
static bool add_points(struct scenario *scenario, const struct scenario_value **values)
{
    const struct experiment *experiment = &scenario->experiment;
    size_t alternatives = experiment->alternative_count ? experiment->alternative_count : 1;
    if (scenario->point_count + alternatives * (size_t)experiment->repeat > POINTS_MAX)
        return false;
    for (size_t i = 0; i < alternatives; i++) {
        for (int64_t replication = 0; replication < experiment->repeat; replication++) {
            scenario->points = arena_grow(scenario->arena, scenario->points, scenario->point_count,
                                          sizeof(*scenario->points));
            struct scenario_point *point = &scenario->points[scenario->point_count];
            *point = (struct scenario_point){
                .index = scenario->point_count++,
                .values = values,
                .alternative = experiment->alternative_count ? &experiment->alternatives[i] : NULL,
                .replication = replication};
            point->name = point_name(scenario->arena, experiment, point);
        }
    }
    return true;
}

/* How many combinations the sweep has, at most POINTS_MAX + 1. */
static size_t combinations(const struct odometer *odometer)
{
    size_t total = 1;
    for (size_t i = 0; i < odometer->count && total <= POINTS_MAX; i++)
        total *= odometer->limit[i];
    return total;
}

bool points_make(struct scenario *scenario, struct diag *diag)
{
    struct odometer odometer = start(scenario->arena, &scenario->experiment);
    bool fine = combinations(&odometer) <= POINTS_MAX;
    for (bool more = fine; more && fine; more = advance(&odometer)) {
        const struct scenario_value **values = take_values(scenario->arena, &scenario->experiment, &odometer);
        if (keeps_all(scenario, values))
            fine = add_points(scenario, values);
    }
    struct diag_place place = scenario->root->place;
    if (!fine)
        diag_error(diag, &place, "too many points in `sweep`, `compare` and `repeat`; allowed: 100000");
    else if (scenario->point_count == 0)
        diag_error(diag, &scenario->experiment.constraints[0].place,
                   "no point left: `where` leaves out every value of `sweep`");
    return fine && scenario->point_count > 0;
}
