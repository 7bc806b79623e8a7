/*
 * The library: a folder of YAML files that come with iovsim, one sub-folder a kind (scenarios, hosts, nics,
 * costs). Scenarios are run by name, the others are `profile:` and `include:` files.
 */
#ifndef SCENARIOS_LIBRARY_H
#define SCENARIOS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* One file of the library. */
struct library_item {
    char *kind;        /* its sub-folder: "nics" */
    char *name;        /* without ".yaml" */
    char *description; /* the first line of its `description:`; "" when it has none */
};

/* Files of the library, by kind and name in byte order. */
struct library_list {
    struct library_item *items;
    size_t count;
};

/*
 * The library folder, in a string to be freed: `given` when it is not NULL; else what IOVSIM_LIBRARY names;
 * else the first that exists of: share/iovsim beside the program's folder, scenarios/library in a
 * folder above the program, and the folders that IOVSIM_LIBRARY_DIR and IOVSIM_SOURCE_LIBRARY name at compile
 * time. NULL when there is none. The first two are not checked for existence.
 */
char *library_folder(const char *given);

/*
 * Lists the files of one kind, or of all when `kind` is NULL. A folder that cannot be read is empty. Never
 * fails; free with library_list_free().
 */
void library_list(const char *library, const char *kind, struct library_list *list);

void library_list_free(struct library_list *list);

/* The path of a library file, in a string to be freed; NULL when it does not exist. */
char *library_find(const char *library, const char *kind, const char *name);

#endif
