/*
 * YAML text to a tree. The language is a plain subset of YAML 1.1: one document of mappings, lists and
 * scalars at most 64 deep; no anchors, aliases, tags, directives or merge keys; keys are text and stand once
 * in a mapping. Scalars keep their text: what they mean is decided by the parameter that they are for.
 * Internal to scenarios/.
 */
#ifndef SCENARIOS_PARSE_H
#define SCENARIOS_PARSE_H

#include "scenarios/node.h"

#define PARSE_DEPTH_MAX 64
#define PARSE_KEYS_MAX 1000    /* of one mapping */
#define PARSE_NODES_MAX 100000 /* of a scenario with all that it includes */
#define PARSE_KEY_LENGTH_MAX 256

/*
 * Parses data[0..size). Places carry `file` (borrowed by the tree). *budget is the number of nodes that may
 * still be made, and is counted down. Reports and returns NULL when the text is not in the language; any text
 * is answered in time linear in its size.
 */
struct node *parse_text(struct arena *arena, const char *file, const char *data, size_t size, size_t *budget,
                        struct diag *diag);

/* Parses the value of an override, `text`, as it would be read behind `key: `; its place is the command line. */
struct node *parse_value(struct arena *arena, const char *text, struct diag *diag);

#endif
