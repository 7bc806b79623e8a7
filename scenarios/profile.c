/*
 * `profile: NAME`: a file of defaults for one group, from the library folder that the group's parameter table
 * names. Profiles are resolved when a scenario is bound, after overrides have had their say on NAME.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/complain.h"
#include "scenarios/library.h"
#include "scenarios/loader.h"

#define CHAIN_MAX 16 /* profiles that name a profile themselves */

struct expansion {
    struct loader *loader;
    struct arena *arena; /* of the tree that is expanded; what is kept for others is in the loader's */
    struct diag *diag;
};

static void unknown_profile(struct expansion *expansion, const struct param_table *table,
                            const struct node *name)
{
    struct names names = {0};
    struct library_list list;
    library_list(expansion->loader->library, table->profile_folder, &list);
    for (size_t i = 0; i < list.count; i++)
        names_add(&names, list.items[i].name);
    complain_unknown(expansion->diag, &name->place, "profile", name->text, table->profile_folder, &names);
    library_list_free(&list);
}

static struct node *load_profile(struct expansion *expansion, const struct param_table *table,
                                 const struct node *name, int chain);

/* Lays a profile on the profile that it names itself. */
static struct node *complete(struct expansion *expansion, const struct param_table *table, struct node *tree,
                             int chain)
{
    char value[CLIP_SIZE + 2];
    struct node *base_name = node_remove(tree, "profile");
    if (!base_name)
        return tree;
    if (chain == CHAIN_MAX) {
        diag_error(expansion->diag, &base_name->place, "profile loop: %s; allowed: 16 profiles in a chain",
                   clip_node(base_name, value));
        return NULL;
    }
    struct node *base = load_profile(expansion, table, base_name, chain + 1);
    return base ? node_lay(expansion->loader->arena, tree, base) : NULL;
}

static struct node *read_profile(struct expansion *expansion, const struct param_table *table,
                                 const struct node *name, const char *path, int chain)
{
    if (!expansion->loader->no_files && access(path, F_OK) != 0) {
        unknown_profile(expansion, table, name);
        return NULL;
    }
    struct node *tree = loader_included(expansion->loader, path, &name->place, expansion->diag);
    return tree ? complete(expansion, table, tree, chain) : NULL;
}

/* Notes in all of a tree that a profile says so, not the user. */
static void mark(struct node *node)
{
    node->profile = true;
    for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
        mark(node->items[i]);
    for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
        mark(node->entries[i].value);
}

/* Reads a profile and keeps it for all that name it. */
static struct node *add_profile(struct expansion *expansion, const struct param_table *table,
                                const struct node *name, int chain)
{
    struct loader *loader = expansion->loader;
    char *path = arena_format(loader->arena, "%s/%s/%s.yaml", loader->library ? loader->library : "",
                              table->profile_folder, name->text);
    struct node *tree = read_profile(expansion, table, name, path, chain);
    if (!tree)
        return NULL;
    mark(tree);
    struct profile *profile = arena_alloc(loader->arena, sizeof(*profile));
    *profile = (struct profile){.next = loader->profiles,
                                .folder = table->profile_folder,
                                .name = arena_string(loader->arena, name->text),
                                .tree = tree};
    loader->profiles = profile;
    return tree;
}

/* The tree of a profile, from memory when it was read before; NULL, reported, when there is none. */
static struct node *load_profile(struct expansion *expansion, const struct param_table *table,
                                 const struct node *name, int chain)
{
    struct loader *loader = expansion->loader;
    if (name->kind != NODE_SCALAR || node_empty(name)) {
        complain_type(expansion->diag, name, "profile", "the name of a library file");
        return NULL;
    }
    if (!loader->library && !loader->no_files) {
        diag_error(expansion->diag, &name->place,
                   "no library: it is needed for `profile`; set IOVSIM_LIBRARY to its folder");
        return NULL;
    }
    if (strchr(name->text, '/') || name->text[0] == '.') {
        unknown_profile(expansion, table, name);
        return NULL;
    }
    for (struct profile *known = loader->profiles; known; known = known->next)
        if (known->folder == table->profile_folder && strcmp(known->name, name->text) == 0)
            return known->tree;
    return add_profile(expansion, table, name, chain);
}

/* Merges the profile that `node` names under it. */
static bool merge_profile(struct expansion *expansion, const struct param_table *table, struct node *node)
{
    struct node *name = node_get(node, "profile");
    if (!table->profiles || !name || node->expanded)
        return true;
    struct node *tree = load_profile(expansion, table, name, 0);
    if (!tree)
        return false;
    struct arena *arena = expansion->arena;
    *node = *node_merge(arena, node, node_clone(arena, tree));
    node->expanded = true;
    return true;
}

static bool expand_table(struct expansion *expansion, const struct param_table *table, struct node *node);

/* A bare quantity for a variant, `size: 64B`, is the default model's first parameter. */
static struct node *spelled_out(struct expansion *expansion, const struct param *row, struct node *value)
{
    if (row->kind != PARAM_VARIANT || !node_is_quantity(value) || row->family->models[0]->table->count == 0)
        return value;
    struct arena *arena = expansion->arena;
    struct node *mapping = node_create(arena, NODE_MAPPING, value->place);
    node_add(arena, mapping, row->family->models[0]->table->params[0].key, value->place, value);
    return mapping;
}

/* A variant's mapping: its model may come from the profile, whose folder is then the default model's. */
static bool expand_variant(struct expansion *expansion, const struct param_family *family, struct node *node)
{
    bool fine = true;
    for (int pass = 0; pass < 2 && fine; pass++) {
        const struct node *name = node_get(node, "model");
        const struct param_model *model = family->models[0];
        if (name && name->kind == NODE_SCALAR)
            model = param_find_model(family, name->text);
        fine = !model || (pass == 0 ? merge_profile(expansion, model->table, node)
                                    : expand_table(expansion, model->table, node));
    }
    return fine;
}

static bool expand_row(struct expansion *expansion, const struct param *row, struct node *value)
{
    bool fine = true;
    if (row->kind == PARAM_GROUP)
        return expand_table(expansion, row->table, value);
    if (row->kind == PARAM_VARIANT)
        return expand_variant(expansion, row->family, value);
    if (row->kind == PARAM_LIST && value->kind == NODE_LIST)
        for (size_t i = 0; i < value->count; i++)
            fine = expand_table(expansion, row->table, value->items[i]) && fine;
    return fine;
}

static bool expand_table(struct expansion *expansion, const struct param_table *table, struct node *node)
{
    bool fine = true;
    if (node->kind != NODE_MAPPING)
        return true;
    if (!merge_profile(expansion, table, node))
        return false;
    for (size_t i = 0; i < node->count; i++) {
        struct node_entry *entry = &node->entries[i];
        const struct param *row = param_find(table, entry->key);
        if (!row)
            continue;
        entry->value = spelled_out(expansion, row, entry->value);
        fine = expand_row(expansion, row, entry->value) && fine;
    }
    return fine;
}

bool loader_expand_profiles(struct loader *loader, struct arena *arena, const struct param_table *table,
                            struct node *node, struct diag *diag)
{
    struct expansion expansion = {.loader = loader, .arena = arena, .diag = diag};
    return expand_table(&expansion, table, node);
}
