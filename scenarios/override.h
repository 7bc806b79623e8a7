/*
 * Paths into a scenario (`nics[0].rate`) and the values that are set there: by --set, by a sweep's axis, by
 * an alternative of `compare:`, by an expectation's `cause:`. Internal to scenarios/.
 */
#ifndef SCENARIOS_OVERRIDE_H
#define SCENARIOS_OVERRIDE_H

#include "scenarios/node.h"

/* One step down: a key, or a position in a list when `key` is NULL. */
struct step {
    const char *key;
    size_t index; /* from 0 */
};

/* A path: keys joined by '.', positions in brackets. */
struct path {
    const char *text; /* as written */
    struct step *steps;
    size_t count; /* 1..64 */
};

/* A value to be laid on what stands at a path. */
struct override {
    struct path path;
    struct node *value;
    struct diag_place place; /* where the path was written; file NULL: the command line */
};

/* Parses `text` (copied) as a path; reports at `place` and returns false when it is none. */
bool path_parse(struct arena *arena, const char *text, const struct diag_place *place, struct path *path,
                struct diag *diag);

/* Whether two paths lead to the same place. */
bool path_equal(const struct path *a, const struct path *b);

/* The node at `path`, NULL when the tree has none. */
struct node *path_find(struct node *root, const struct path *path);

/*
 * The place of the deepest part of `path` that the tree has: of the value when it is there whole, else of the
 * key of its last part that is there, else of the root.
 */
struct diag_place path_place(const struct node *root, const struct path *path);

/* Parses "path=value" of the command line, the value as YAML. */
bool override_parse(struct arena *arena, const char *text, struct override *override, struct diag *diag);

/* The same for a text of a file, that stands at `place`. */
bool override_parse_at(struct arena *arena, const char *text, struct diag_place place,
                       struct override *override, struct diag *diag);

/* Fills *overrides from a mapping {path: value, ...}. */
bool override_parse_mapping(struct arena *arena, const struct node *mapping, struct override **overrides,
                            size_t *count, struct diag *diag);

/*
 * Lays the override's value on the tree, which is changed in place. Mappings on the way are made when they
 * are missing; list entries are not: reports and returns false. Keys that no parameter has are found later,
 * when the tree is bound.
 */
bool override_apply(struct arena *arena, struct node *root, const struct override *override,
                    struct diag *diag);

#endif
