/*
 * Binding: a tree, checked against a parameter table, becomes the table's configuration struct. Every
 * mistake is reported with its place; one binding reports all that it finds. Internal to scenarios/.
 */
#ifndef SCENARIOS_BIND_H
#define SCENARIOS_BIND_H

#include "scenarios/node.h"
#include "sim/param.h"

/* Where in the configuration the binder is: printed as a path only when a message needs it. */
struct bind_frame {
    const struct bind_frame *parent;
    const char *key; /* NULL: a position in a list */
    size_t index;
    bool variant; /* a variant's group: it may have the key `model` */
};

/* Writes the path of `frame` to `buffer`; "" for the top level. */
const char *bind_path(const struct bind_frame *frame, char *buffer, size_t size);

/* A binding's surroundings. */
struct binder {
    struct arena *arena; /* owns what the struct points to: texts, lists, variants */
    struct diag *diag;
    const struct param_table *others; /* further top-level keys, to be suggested only; NULL: none */
    bool lenient;                     /* unknown top-level keys are somebody else's, too */
};

/*
 * Fills `config`, table->size zeroed bytes, from the mapping `node`. `frame` is NULL at the top level.
 * Returns whether nothing was wrong.
 */
bool bind_mapping(const struct binder *binder, const struct param_table *table, struct node *node,
                  void *config, const struct bind_frame *frame);

/* What a row wants, for a message: "a bit rate in bps, kbps, Mbps, Gbps or Tbps". */
const char *bind_wanted(const struct param *row, char *buffer, size_t size);

/* A row's range for a message: "1 to 8", "at least 1". */
const char *bind_range(const struct param *row, char *buffer, size_t size);

/*
 * Reports why `text`, which stands at `place` for the parameter `path`, is no value of the scalar row:
 * `result` is what param_store() said.
 */
void bind_complain(struct diag *diag, const struct diag_place *place, const struct param *row,
                   const char *path, const char *text, enum param_result result);

/* The rows of a cost parameter's long form {value:, source:, evidence:}. */
struct cost_note {
    const void *value; /* struct node */
    const char *source;
    int evidence; /* of cost_evidence; meaningless when not given */
};
extern const struct param_table cost_note_table;
extern const char *const cost_evidence[];

#endif
