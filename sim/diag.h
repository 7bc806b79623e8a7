/*
 * Diagnostics: the one way in which iovsim answers a user's mistake.
 *
 * Every message reads
 *     file:line:column: error: what is wrong: the value; what is allowed; did you mean `nearest`?
 * and is collected in a struct diag, so that a library user decides where it goes and a test can compare
 * it. Our own mistakes are asserts (sim/assert.h), never diagnostics.
 */
#ifndef SIM_DIAG_H
#define SIM_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where in the user's input something stands. A null file means "the command line". */
struct diag_place {
    const char *file; /* borrowed for the call only: a message is formatted when it is reported */
    int line;         /* from 1; 0 = the whole file */
    int column;       /* from 1; 0 = the whole line */
};

struct diag; /* a growing list of messages, in the order in which they were reported */

struct diag *diag_create(void);
void diag_destroy(struct diag *diag);

/*
 * Reports an error at `place` (may be NULL: no place). Keeps at most 100; the rest are only counted. Control
 * characters in what is printed are shown as \xNN, and a message is cut at 2000 bytes.
 */
void diag_error(struct diag *diag, const struct diag_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports a remark that does not stop the run. */
void diag_warning(struct diag *diag, const struct diag_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* How many errors were reported so far, those past the kept 100 included. */
size_t diag_error_count(const struct diag *diag);

/* Whether the kept 100 errors are reached: what is reported from now on need not be composed with care. */
bool diag_full(const struct diag *diag);

/* Writes every kept message, a line each, to `out`. */
void diag_print(const struct diag *diag, FILE *out);

/*
 * The entry of names[0..count) nearest to `word` in edit distance (transpositions count one), or NULL if
 * none is near enough to be a plausible typing mistake (distance above one third of the longer, at least 1).
 * Capitals and small letters are the same here; of equally near names the first is returned, one that begins
 * with the word's own letter before others.
 */
const char *diag_nearest(const char *word, const char *const *names, size_t count);

#endif
