/*
 * Reading `sweep:` and its `where:`.
 */
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/directives.h"
#include "scenarios/override.h"
#include "sim/assert.h"

struct scenario_value sweep_value(const char *text, struct diag_place place)
{
    struct scenario_value value = {.text = text, .place = place};
    enum unit_dimension dimension = unit_dimension_of(unit_suffix(text));
    if (dimension == UNIT_NONE)
        dimension = UNIT_RATIO;
    if (dimension == UNIT_DIMENSIONS || unit_parse(text, dimension, &value.number) != UNIT_OK)
        return value;
    value.numeric = true;
    value.dimension = dimension;
    return value;
}

bool sweep_comparable(const struct scenario_value *a, const struct scenario_value *b)
{
    if (!a->numeric || !b->numeric)
        return false;
    return a->dimension == b->dimension || a->number == 0 || b->number == 0;
}

const struct scenario_axis *experiment_axis(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        const struct scenario_axis *axis = &experiment->axes[i];
        if (strcmp(axis->name, name) == 0 || strcmp(axis->path, name) == 0)
            return axis;
    }
    return NULL;
}

const struct override *reading_pin(const struct reading *reading, const struct path *path)
{
    const struct override *pin = NULL;
    for (size_t i = 0; i < reading->pin_count; i++)
        if (path_equal(&reading->pins[i].path, path))
            pin = &reading->pins[i]; /* the last one counts */
    return pin;
}

static bool read_values(struct reading *reading, const struct node *list, struct scenario_axis *axis)
{
    bool fine = true;
    if (list->kind != NODE_LIST || list->count == 0) {
        complain_type(reading->diag, list, "values", "a list of at least one value");
        return false;
    }
    axis->values = arena_alloc(reading->arena, list->count * sizeof(*axis->values));
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        if (item->kind != NODE_SCALAR || node_empty(item)) {
            complain_type(reading->diag, item, "values", "a number with its unit, or a name");
            fine = false;
        } else {
            axis->values[axis->count++] = sweep_value(item->text, item->place);
        }
    }
    return fine;
}

/* The path's last key, or the whole path when another axis is called so already. */
static const char *short_name(const struct experiment *experiment, const struct path *path)
{
    const char *key = path->text;
    for (size_t i = 0; i < path->count; i++)
        if (path->steps[i].key)
            key = path->steps[i].key;
    return experiment_axis(experiment, key) ? path->text : key;
}

/* Reads path and name; nothing may be swept twice. */
static bool read_axis_name(struct reading *reading, const struct axis_rows *rows, const struct node *node,
                           struct scenario_axis *axis)
{
    char cut[CLIP_SIZE];
    struct path *path = arena_alloc(reading->arena, sizeof(*path));
    if (!rows->path)
        return directive_missing(reading, node, "path", "sweep", "the parameter to sweep, or a `zip`");
    if (!path_parse(reading->arena, rows->path, &node_get(node, "path")->place, path, reading->diag))
        return false;
    axis->steps = path;
    axis->path = path->text;
    axis->name = rows->name ? rows->name : short_name(reading->experiment, path);
    axis->place = node_get(node, "path")->place;
    const struct scenario_axis *before = experiment_axis(reading->experiment, axis->name);
    before = before ? before : experiment_axis(reading->experiment, axis->path);
    if (before && before->place.line > 0)
        diag_error(reading->diag, &axis->place, "swept twice: `%s`; it is in line %d already",
                   clip(axis->path, cut), before->place.line);
    else if (before)
        diag_error(reading->diag, &axis->place, "swept twice: `%s`; wanted: each once",
                   clip(axis->path, cut));
    return !before;
}

/* An axis that the command line fixes has that one value. */
static bool pin_axis(struct reading *reading, struct scenario_axis *axis)
{
    const struct override *pin = reading_pin(reading, axis->steps);
    if (!pin)
        return true;
    if (pin->value->kind != NODE_SCALAR) {
        complain_type(reading->diag, pin->value, axis->path, "one value, since it is swept");
        return false;
    }
    axis->pinned = true;
    axis->count = 1;
    axis->values[0] = sweep_value(pin->value->text, pin->value->place);
    return true;
}

static bool read_axis(struct reading *reading, const struct axis_rows *rows, const struct node *node,
                      size_t group)
{
    struct experiment *experiment = reading->experiment;
    struct scenario_axis axis = {.group = group};
    if (!read_axis_name(reading, rows, node, &axis))
        return false;
    if (rows->values && (rows->from || rows->to || rows->step || rows->points || node_get(node, "scale"))) {
        diag_error(reading->diag, &node->place,
                   "too much in `sweep`: both `values` and a range; wanted: one");
        return false;
    }
    bool fine =
        rows->values ? read_values(reading, rows->values, &axis) : range_read(reading, rows, node, &axis);
    if (!fine || !pin_axis(reading, &axis))
        return false;
    experiment->axes =
        arena_grow(reading->arena, experiment->axes, experiment->axis_count, sizeof(*experiment->axes));
    experiment->axes[experiment->axis_count++] = axis;
    return true;
}

/* The axes of one group must be equally long; one that is pinned is left out of the lock step. */
static bool check_zip(struct reading *reading, const struct node *node, size_t first)
{
    const struct experiment *experiment = reading->experiment;
    for (size_t i = first + 1; i < experiment->axis_count; i++) {
        const struct scenario_axis *one = &experiment->axes[first], *other = &experiment->axes[i];
        if (one->pinned || other->pinned || one->count == other->count)
            continue;
        diag_error(reading->diag, &node->place,
                   "uneven zip: `%s` has %zu values, `%s` has %zu; wanted: as many in each", one->name,
                   one->count, other->name, other->count);
        return false;
    }
    return true;
}

/* A pinned axis moves with nobody, so it becomes a group of its own. */
static void separate_pinned(struct experiment *experiment, size_t first)
{
    size_t group = experiment->axes[first].group, next = group;
    bool used = false;
    for (size_t i = first; i < experiment->axis_count; i++)
        used = used || !experiment->axes[i].pinned;
    if (used)
        next++;
    for (size_t i = first; i < experiment->axis_count; i++)
        if (experiment->axes[i].pinned)
            experiment->axes[i].group = next++;
    experiment->group_count = next;
}

static bool read_zip(struct reading *reading, const struct node *zip, size_t group)
{
    size_t first = reading->experiment->axis_count;
    bool fine = true;
    if (zip->kind != NODE_LIST || zip->count == 0) {
        complain_type(reading->diag, zip, "zip", "a list of axes");
        return false;
    }
    for (size_t i = 0; i < zip->count; i++) {
        struct axis_rows rows = {0};
        struct node *node = zip->items[i];
        if (!directive_bind(reading, &axis_table, node, &rows, "zip"))
            fine = false;
        else if (rows.zip)
            fine =
                directive_missing(reading, node, "path", "zip", "the parameter to sweep; a zip has no zip");
        else
            fine = read_axis(reading, &rows, node, group) && fine;
    }
    if (!fine || !check_zip(reading, zip, first))
        return false;
    separate_pinned(reading->experiment, first);
    return true;
}

bool sweep_read(struct reading *reading, const struct param_list *list, const struct node *node)
{
    bool fine = true;
    struct experiment *experiment = reading->experiment;
    for (size_t i = 0; i < list->count; i++) {
        const struct axis_rows *rows = (const struct axis_rows *)list->items + i;
        const struct node *item = node->items[i];
        if (rows->zip && item->count > 1) {
            diag_error(reading->diag, &item->place,
                       "too much in `sweep`: both `zip` and an axis; wanted: one");
            fine = false;
        } else if (rows->zip) {
            fine = read_zip(reading, rows->zip, experiment->group_count) && fine;
        } else {
            fine = read_axis(reading, rows, item, experiment->group_count++) && fine;
        }
    }
    return fine;
}

/* The value that a constraint's bound is checked against: the axis' first, or what the file sets. */
static bool find_value(struct reading *reading, const char *name, const struct diag_place *place,
                       struct scenario_value *value)
{
    struct names names = {0};
    struct path path;
    const struct scenario_axis *axis = experiment_axis(reading->experiment, name);
    if (axis) {
        *value = axis->values[0];
        return true;
    }
    if (!path_parse(reading->arena, name, place, &path, reading->diag))
        return false;
    const struct node *node = path_find(reading->root, &path);
    if (node && node->kind == NODE_SCALAR) {
        *value = sweep_value(node->text, node->place);
        return true;
    }
    for (size_t i = 0; i < reading->experiment->axis_count; i++)
        names_add(&names, reading->experiment->axes[i].name);
    complain_unknown(reading->diag, place, "parameter", name, "where", &names);
    return false;
}

static bool incomparable(struct reading *reading, const struct node *node)
{
    char cut[CLIP_SIZE];
    diag_error(reading->diag, &node->place,
               "wrong unit: `%s` in `where`; wanted: a quantity of the dimension of `path`",
               clip(node->text, cut));
    return false;
}

/* Reads one bound, which must be comparable with `value`. */
static bool read_bound(struct reading *reading, const struct node *node, const struct scenario_value *value,
                       const struct scenario_value **bound)
{
    if (!node)
        return true;
    struct scenario_value *read = arena_alloc(reading->arena, sizeof(*read));
    *read = sweep_value(node->text, node->place);
    *bound = read;
    return sweep_comparable(value, read) || incomparable(reading, node);
}

static bool read_constraint(struct reading *reading, const struct constraint_rows *rows,
                            const struct node *node, struct scenario_constraint *constraint)
{
    struct scenario_value value, other;
    const struct node *less = node_get(node, "less_than");
    constraint->path = rows->path;
    constraint->less_than = rows->less_than;
    constraint->place = node->place;
    if (!rows->min && !rows->max && !rows->less_than)
        return directive_missing(reading, node, "max", "where", "`min`, `max` or `less_than`");
    if (!find_value(reading, rows->path, &node_get(node, "path")->place, &value))
        return false;
    if (!read_bound(reading, node_get(node, "min"), &value, &constraint->min) ||
        !read_bound(reading, node_get(node, "max"), &value, &constraint->max))
        return false;
    if (!less)
        return true;
    if (!find_value(reading, rows->less_than, &less->place, &other))
        return false;
    return sweep_comparable(&value, &other) || incomparable(reading, less);
}

bool constraints_read(struct reading *reading, const struct param_list *list, const struct node *node)
{
    bool fine = true;
    struct experiment *experiment = reading->experiment;
    experiment->constraint_count = list->count;
    experiment->constraints = arena_alloc(reading->arena, list->count * sizeof(*experiment->constraints));
    for (size_t i = 0; i < list->count; i++) {
        const struct constraint_rows *rows = (const struct constraint_rows *)list->items + i;
        fine = read_constraint(reading, rows, node->items[i], &experiment->constraints[i]) && fine;
    }
    return fine;
}
