/*
 * Loading files into trees: includes, and profiles of the library. What is included is a set of defaults on
 * which the including file lies: mappings merge key by key, lists are replaced whole, a later include wins
 * over an earlier one. Internal to scenarios/.
 */
#ifndef SCENARIOS_LOADER_H
#define SCENARIOS_LOADER_H

#include <sys/types.h>

#include "scenarios/node.h"
#include "sim/param.h"

#define INCLUDE_DEPTH_MAX 16
#define INCLUDE_FILES_MAX 256 /* of a scenario, profiles included */

/* A file that was loaded as a profile, kept for all further bindings. */
struct profile {
    struct profile *next;
    const char *folder; /* the one of the library that the parameter table names */
    const char *name;
    struct node *tree;
};

struct loader {
    struct arena *arena; /* owns all that is loaded */
    const char *library; /* the library folder; NULL: there is none */
    bool no_files;       /* nothing may be opened: includes and profiles are errors */
    size_t nodes, bytes; /* budgets that are left for all files together */
    size_t files;        /* ... and how many files may still be opened */
    size_t depth;        /* files being loaded now, each included by the one before */
    struct {
        dev_t device;
        ino_t inode;
    } open[INCLUDE_DEPTH_MAX];
    struct profile *profiles;
};

/* Makes a loader with full budgets. Strings are borrowed. */
void loader_init(struct loader *loader, struct arena *arena, const char *library, bool no_files);

/* Loads the scenario file `path` with all that it includes. Reports and returns NULL when it cannot. */
struct node *loader_file(struct loader *loader, const char *path, struct diag *diag);

/* The same for text in memory that is called `name` in messages; includes are relative to that name. */
struct node *loader_text(struct loader *loader, const char *name, const char *data, size_t size,
                         struct diag *diag);

/* Loads a library file that is included below the top level; `from` is the place that asks for it. */
struct node *loader_included(struct loader *loader, const char *path, const struct diag_place *from,
                             struct diag *diag);

/*
 * Merges the profiles that `profile: NAME` names into the mapping `node` of `table` and into all below it, in
 * place, with what that takes in `arena`. Unknown keys and wrong types are left for the binder. Profiles are read once.
 */
bool loader_expand_profiles(struct loader *loader, struct arena *arena, const struct param_table *table,
                            struct node *node, struct diag *diag);

/* `name` as seen from the file `file` ("" or NULL: from the working directory), in the arena. */
char *loader_relative(struct arena *arena, const char *file, const char *name);

#endif
