/*
 * The wording that the messages of scenarios/ share: what is wrong, the value, what is allowed, the nearest
 * known name. Internal to scenarios/.
 */
#ifndef SCENARIOS_COMPLAIN_H
#define SCENARIOS_COMPLAIN_H

#include <stddef.h>

#include "scenarios/node.h"
#include "sim/diag.h"

#define CLIP_SIZE 96  /* a user's value in a message is cut to fit */
#define NAMES_MAX 200 /* names that a message may choose from */

/* The names allowed at some place. Strings are borrowed. */
struct names {
    const char *list[NAMES_MAX];
    size_t count;
};

/* Adds a name; past NAMES_MAX it is left out. */
void names_add(struct names *names, const char *name);

/* Adds all of a NULL-terminated list. */
void names_add_all(struct names *names, const char *const *list);

/* `text` cut to CLIP_SIZE - 1 bytes, in `buffer` when it had to be cut, between characters of UTF-8. */
const char *clip(const char *text, char buffer[CLIP_SIZE]);

/* A node's value for a message: a scalar's text in back-quotes, else what kind of node it is. */
const char *clip_node(const struct node *node, char buffer[CLIP_SIZE + 2]);

/*
 * Reports "unknown WHAT: `WORD` in `IN`; allowed: a, b, c; did you mean `b`?". `in` may be NULL or empty: that
 * part is left out.
 */
void complain_unknown(struct diag *diag, const struct diag_place *place, const char *what, const char *word,
                      const char *in, const struct names *allowed);

/* Reports "wrong type: VALUE for `FOR`; wanted: WANTED". */
void complain_type(struct diag *diag, const struct node *node, const char *path, const char *wanted);

#endif
