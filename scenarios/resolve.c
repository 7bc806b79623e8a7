#include "scenarios/resolve.h"

#include <string.h>

#include "scenarios/directives.h"

/* All overrides of a point, in the order in which they apply. */
struct pile {
    struct arena *arena;
    struct override *items;
    size_t count;
};

static void pile_add(struct pile *pile, const struct override *overrides, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pile->items = arena_grow(pile->arena, pile->items, pile->count, sizeof(*pile->items));
        pile->items[pile->count++] = overrides[i];
    }
}

static void pile_point(struct pile *pile, const struct experiment *experiment,
                       const struct scenario_point *point)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        const struct scenario_value *value = point->values[i];
        struct override override = {.path = *experiment->axes[i].steps,
                                    .value = node_scalar(pile->arena, value->text, value->place),
                                    .place = experiment->axes[i].place};
        pile_add(pile, &override, 1);
    }
    if (point->alternative)
        pile_add(pile, point->alternative->overrides, point->alternative->override_count);
}

/* Whether the override chooses a profile: these go first, for they decide what the others change. */
static bool sets_profile(const struct override *override)
{
    const char *key = override->path.steps[override->path.count - 1].key;
    return key && strcmp(key, "profile") == 0;
}

static bool apply(const struct pile *pile, struct node *root, bool profiles, struct diag *diag)
{
    bool fine = true;
    for (size_t i = 0; i < pile->count; i++)
        if (sets_profile(&pile->items[i]) == profiles)
            fine = override_apply(pile->arena, root, &pile->items[i], diag) && fine;
    return fine;
}

/* A copy of the configuration alone: the directives were read when the scenario was loaded. */
static struct node *copy_configuration(struct arena *arena, const struct node *root)
{
    struct node *copy = node_create(arena, NODE_MAPPING, root->place);
    for (size_t i = 0; i < root->count; i++) {
        const struct node_entry *entry = &root->entries[i];
        if (!param_find(&directives_table, entry->key))
            node_add(arena, copy, entry->key, entry->place, node_clone(arena, entry->value));
    }
    return copy;
}

struct node *resolve(const struct scenario *scenario, const struct scenario_point *point,
                     const struct override *extra, size_t extra_count, const struct param_table *root,
                     struct arena *arena, struct diag *diag)
{
    struct pile pile = {.arena = arena};
    struct node *tree = copy_configuration(arena, scenario->root);
    if (point)
        pile_point(&pile, &scenario->experiment, point);
    pile_add(&pile, scenario->sets, scenario->set_count);
    pile_add(&pile, extra, extra_count);
    bool fine = apply(&pile, tree, true, diag);
    fine = fine && loader_expand_profiles(scenario->loader, arena, root, tree, diag);
    fine = fine && apply(&pile, tree, false, diag);
    fine = fine && (pile.count == 0 || loader_expand_profiles(scenario->loader, arena, root, tree, diag));
    return fine ? tree : NULL;
}
