/*
 * The parsed tree of a scenario: scalars, mappings and lists, each with the place where the user wrote it.
 * Trees live in an arena; a tree is shared freely as long as nobody changes it (see node_clone()). Internal
 * to scenarios/.
 */
#ifndef SCENARIOS_NODE_H
#define SCENARIOS_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/arena.h"
#include "sim/diag.h"

enum node_kind {
    NODE_SCALAR,
    NODE_MAPPING,
    NODE_LIST,
};

/* One `key: value` of a mapping. */
struct node_entry {
    const char *key;
    uint32_t hash;           /* of the key: makes look-ups cheap */
    struct diag_place place; /* of the key */
    struct node *value;
};

struct node {
    enum node_kind kind;
    bool plain;                 /* a scalar without quotes: empty or `~` means that no value is there */
    bool expanded;              /* a mapping whose `profile:` was merged into it already */
    bool profile;               /* it is from a library file that a `profile:` named */
    struct diag_place place;    /* place.file is NULL for a value from the command line */
    const char *text;           /* SCALAR */
    size_t count;               /* MAPPING, LIST */
    struct node_entry *entries; /* MAPPING, in the order written */
    struct node **items;        /* LIST */
};

/* A fresh node of a kind at a place. */
struct node *node_create(struct arena *arena, enum node_kind kind, struct diag_place place);

/* A scalar as if `text` had been written at `place`. */
struct node *node_scalar(struct arena *arena, const char *text, struct diag_place place);

/* The entry of a mapping with this key; NULL when there is none, or when `node` is NULL or no mapping. */
struct node_entry *node_entry(const struct node *node, const char *key);

/* Its value, NULL likewise. */
struct node *node_get(const struct node *node, const char *key);

/* Appends `key: value`; the key must not be there yet. */
void node_add(struct arena *arena, struct node *mapping, const char *key, struct diag_place place,
              struct node *value);

/* Sets `key: value`, in place when the key is there. */
void node_set(struct arena *arena, struct node *mapping, const char *key, struct diag_place place,
              struct node *value);

/* Removes `key` if it is there and returns its value, else NULL. */
struct node *node_remove(struct node *mapping, const char *key);

/* Appends an item to a list. */
void node_append(struct arena *arena, struct node *list, struct node *item);

/* Whether `node` is a scalar that says nothing: `key:` or `key: ~`. */
bool node_empty(const struct node *node);

/* Whether `node` is a scalar that begins as a quantity does, so that it is no name. */
bool node_is_quantity(const struct node *node);

/* What `node` is, for a message: "text", "a mapping", "a list", "nothing". */
const char *node_describe(const struct node *node);

/* A copy that can be changed without changing `node`; strings and scalars are shared. */
struct node *node_clone(struct arena *arena, struct node *node);

/*
 * Lays the mapping `over` on the mapping `under` and returns the result, a new mapping: keys of `over` win,
 * mappings merge key by key, lists and scalars are replaced whole. Two rules keep variants whole: a mapping
 * that names another `model:` than the one below replaces it, and a bare name on top of a mapping with this
 * `model:` keeps the mapping.
 */
struct node *node_merge(struct arena *arena, struct node *over, struct node *under);

/* The same for any two nodes. */
struct node *node_lay(struct arena *arena, struct node *over, struct node *under);

#endif
