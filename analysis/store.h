/*
 * Result stores: where a campaign's results go. One interface, one implementation a form: a JSON document
 * (docs/results.md), CSV, an SQLite database. A store is opened before the campaign runs, so that a place that cannot
 * be written to is known at once; it takes the points in order, and appears under its name when it is closed.
 */
#ifndef ANALYSIS_STORE_H
#define ANALYSIS_STORE_H

#include "analysis/campaign.h"
#include "analysis/outfile.h"

struct result_store;

/* What an implementation does. `self` is its own struct. */
struct result_store_ops {
    const char *const *suffixes; /* of file names, NULL-terminated */
    /* Opens; NULL, reported, when it cannot. `path` NULL: writes to `stream`, for the forms that can. */
    void *(*open)(const char *path, FILE *stream, const struct scenario *scenario, struct diag *diag);
    /* Adds a point; `result` NULL: it failed, `failure` says why. */
    void (*add)(void *self, const struct scenario_point *point, const json_t *result, const char *failure);
    /* The expectations' verdicts, as verdicts_json() has them, borrowed until it is closed; NULL: the form has no
     * place for them. */
    void (*add_verdicts)(void *self, const json_t *verdicts);
    /* Completes the file; false, reported, when writing failed. Frees. */
    bool (*close)(void *self, struct diag *diag);
    /* Leaves no file. Frees. */
    void (*discard)(void *self);
};

extern const struct result_store_ops store_json, store_csv, store_sqlite;

/* The form that a file's name asks for by its suffix (.json .csv .sqlite .db); NULL: none. */
const struct result_store_ops *result_store_form(const char *path);

/* A store at `path`, or on `stream` when `path` is NULL (JSON and CSV). `scenario` is borrowed. */
struct result_store *result_store_open(const struct result_store_ops *ops, const char *path, FILE *stream,
                                       const struct scenario *scenario, struct diag *diag);

/* Puts all points of a campaign that were run into it, and the verdicts (borrowed; may be NULL). */
void result_store_fill(struct result_store *store, const struct campaign *campaign, const json_t *verdicts);

bool result_store_close(struct result_store *store, struct diag *diag);
void result_store_discard(struct result_store *store); /* NULL is allowed */

#endif
