/*
 * Reading `compare:`, and the `where:` of plots and expectations that choose among its alternatives and the
 * values of the sweep.
 */
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/directives.h"
#include "scenarios/override.h"

#define ALTERNATIVES_MAX 64
#define SHORT_PATH "strategy" /* what a bare name in `compare:` sets */

static const struct scenario_alternative *find_alternative(const struct experiment *experiment,
                                                           const char *name)
{
    for (size_t i = 0; i < experiment->alternative_count; i++)
        if (strcmp(experiment->alternatives[i].name, name) == 0)
            return &experiment->alternatives[i];
    return NULL;
}

/* A bare name: sets the strategy. */
static bool read_short(struct reading *reading, struct node *node, struct scenario_alternative *alternative)
{
    struct override *override = arena_alloc(reading->arena, sizeof(*override));
    if (node_empty(node)) {
        complain_type(reading->diag, node, "compare", "a strategy, or {name, set}");
        return false;
    }
    override->value = node;
    override->place = node->place;
    *alternative = (struct scenario_alternative){
        .name = node->text, .overrides = override, .override_count = 1, .place = node->place};
    return path_parse(reading->arena, SHORT_PATH, &node->place, &override->path, reading->diag);
}

static bool read_long(struct reading *reading, struct node *node, struct scenario_alternative *alternative)
{
    struct alternative_rows rows = {0};
    struct override *overrides;
    if (!directive_bind(reading, &alternative_table, node, &rows, "compare"))
        return false;
    alternative->name = rows.name;
    alternative->place = node->place;
    const struct node *set = rows.set;
    if (!set)
        return true;
    if (set->kind != NODE_MAPPING) {
        complain_type(reading->diag, set, "set", "{path: value}");
        return false;
    }
    bool fine =
        override_parse_mapping(reading->arena, set, &overrides, &alternative->override_count, reading->diag);
    alternative->overrides = overrides;
    return fine;
}

/* Whether two values put different scalars at one place. */
static bool values_differ(const struct node *one, const struct node *other)
{
    if (one->kind == NODE_SCALAR && other->kind == NODE_SCALAR)
        return strcmp(one->text, other->text) != 0;
    for (size_t i = 0; one->kind == NODE_MAPPING && i < one->count; i++) {
        const struct node *same = node_get(other, one->entries[i].key);
        if (same && values_differ(one->entries[i].value, same))
            return true;
    }
    return false;
}

/* The same of a value that stands at the first `above` steps of `path`, and the one that the path leads to. */
static bool differs_below(struct node *value, const struct path *path, size_t above, const struct node *other)
{
    struct path rest = {.steps = path->steps + above, .count = path->count - above};
    const struct node *found = path_find(value, &rest);
    return found && values_differ(found, other);
}

static bool is_prefix(const struct path *shorter, const struct path *path)
{
    struct path head = {.steps = path->steps, .count = shorter->count};
    return shorter->count <= path->count && path_equal(shorter, &head);
}

/* Whether the command line sets what the override sets, itself or with a group around or below it, to something else. */
static bool contradicts(const struct override *pin, const struct override *override)
{
    const struct path *pinned = &pin->path, *own = &override->path;
    if (is_prefix(pinned, own))
        return differs_below(pin->value, own, pinned->count, override->value);
    return is_prefix(own, pinned) && differs_below(override->value, pinned, own->count, pin->value);
}

/* Whether the command line took this alternative out: under its name there would be something else. */
static bool taken_out(struct reading *reading, const struct scenario_alternative *alternative)
{
    bool out = false;
    for (size_t i = 0; i < alternative->override_count && !out; i++)
        for (size_t j = 0; j < reading->pin_count && !out; j++) {
            const struct override *pin = &reading->pins[j];
            out = reading_pin(reading, &pin->path) == pin && contradicts(pin, &alternative->overrides[i]);
        }
    if (!out)
        return false;
    reading->removed =
        arena_grow(reading->arena, reading->removed, reading->removed_count, sizeof(*reading->removed));
    reading->removed[reading->removed_count++] = alternative->name;
    return true;
}

static bool add_alternative(struct reading *reading, const struct scenario_alternative *alternative)
{
    struct experiment *experiment = reading->experiment;
    char cut[CLIP_SIZE];
    if (find_alternative(experiment, alternative->name)) {
        diag_error(reading->diag, &alternative->place, "compared twice: `%s`; wanted: another name",
                   clip(alternative->name, cut));
        return false;
    }
    if (taken_out(reading, alternative))
        return true;
    experiment->alternatives[experiment->alternative_count++] = *alternative;
    return true;
}

bool compare_read(struct reading *reading, struct node *node)
{
    bool fine = true;
    struct experiment *experiment = reading->experiment;
    if (!node)
        return true;
    if (node->kind != NODE_LIST || node->count == 0 || node->count > ALTERNATIVES_MAX) {
        complain_type(reading->diag, node, "compare", "a list of 1 to 64 strategies or {name, set}");
        return false;
    }
    experiment->alternatives = arena_alloc(reading->arena, node->count * sizeof(*experiment->alternatives));
    for (size_t i = 0; i < node->count; i++) {
        struct node *item = node->items[i];
        struct scenario_alternative alternative = {0};
        bool read = item->kind == NODE_SCALAR ? read_short(reading, item, &alternative)
                                              : read_long(reading, item, &alternative);
        fine = read && add_alternative(reading, &alternative) && fine;
    }
    return fine;
}

static bool filter_alternative(struct reading *reading, const struct node *node,
                               struct scenario_filter *filter)
{
    struct names names = {0};
    const struct experiment *experiment = reading->experiment;
    const struct scenario_alternative *found = find_alternative(experiment, node->text);
    filter->alternative = found ? found->name : NULL;
    if (found)
        return true;
    for (size_t i = 0; i < reading->removed_count; i++)
        if (strcmp(reading->removed[i], node->text) == 0)
            return filter->never = true;
    for (size_t i = 0; i < experiment->alternative_count; i++)
        names_add(&names, experiment->alternatives[i].name);
    complain_unknown(reading->diag, &node->place, "alternative", node->text, "compare", &names);
    return false;
}

/* Whether a filter's text means this value of an axis: the same text, or the same quantity. */
static bool means(const char *text, const struct scenario_value *value)
{
    struct scenario_value read = sweep_value(text, value->place);
    if (strcmp(text, value->text) == 0)
        return true;
    return read.numeric && value->numeric && read.number == value->number && sweep_comparable(&read, value);
}

static bool filter_value(struct reading *reading, const struct scenario_axis *axis, const struct node *node,
                         struct scenario_filter *filter)
{
    struct names names = {0};
    for (size_t i = 0; i < axis->count; i++) {
        names_add(&names, axis->values[i].text);
        if (!means(node->text, &axis->values[i]))
            continue;
        filter->matches[filter->count++] =
            (struct scenario_match){.axis = (size_t)(axis - reading->experiment->axes), .value = i};
        return true;
    }
    if (axis->pinned)
        return filter->never = true;
    complain_unknown(reading->diag, &node->place, "value", node->text, axis->name, &names);
    return false;
}

static bool filter_entry(struct reading *reading, const struct node_entry *entry,
                         struct scenario_filter *filter)
{
    struct names names = {0};
    const struct experiment *experiment = reading->experiment;
    if (entry->value->kind != NODE_SCALAR) {
        complain_type(reading->diag, entry->value, entry->key, "one value of it");
        return false;
    }
    const struct scenario_axis *axis = experiment_axis(experiment, entry->key);
    if (axis)
        return filter_value(reading, axis, entry->value, filter);
    if (strcmp(entry->key, "compare") == 0 || strcmp(entry->key, SHORT_PATH) == 0)
        return filter_alternative(reading, entry->value, filter);
    names_add(&names, "compare");
    for (size_t i = 0; i < experiment->axis_count; i++)
        names_add(&names, experiment->axes[i].name);
    complain_unknown(reading->diag, &entry->place, "axis", entry->key, "where", &names);
    return false;
}

bool filter_read(struct reading *reading, const struct node *node, struct scenario_filter *filter)
{
    bool fine = true;
    *filter = (struct scenario_filter){0};
    if (!node)
        return true;
    if (node->kind == NODE_SCALAR && !node_empty(node))
        return filter_alternative(reading, node, filter);
    if (node->kind != NODE_MAPPING) {
        complain_type(reading->diag, node, "where", "an alternative, or {axis: value}");
        return false;
    }
    filter->matches = arena_alloc(reading->arena, node->count * sizeof(*filter->matches));
    for (size_t i = 0; i < node->count; i++)
        fine = filter_entry(reading, &node->entries[i], filter) && fine;
    return fine;
}
