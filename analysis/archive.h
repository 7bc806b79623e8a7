/*
 * The results of a campaign's points, of which there may be a hundred thousand: each is kept as text, in memory as long
 * as all of them are small, else in a file without a name, and is parsed when it is asked for. The numbers that tables,
 * CSV, figures and expectations ask of every point are taken out when a result comes, so that no pass over the points
 * reads them again. What is borrowed from an archive belongs to it.
 */
#ifndef ANALYSIS_ARCHIVE_H
#define ANALYSIS_ARCHIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    ARCHIVE_OPEN = 64,                 /* parsed results that are kept */
    ARCHIVE_MEMORY_MAX = 16 * 1048576, /* [B] of texts in memory; what comes after goes into the file */
};

struct archive;

/* An empty archive for results 0 to count - 1. */
struct archive *archive_create(size_t count);
void archive_destroy(struct archive *archive); /* NULL is allowed */

/* Has the number at this metric path (analysis/result.h) taken out of each result that comes from now on. */
void archive_note(struct archive *archive, const char *path);

/* Keeps a result, JSON text of `length` bytes; NULL: forgets the one that is there. False: the text is no JSON. */
bool archive_put(struct archive *archive, size_t index, const char *text, size_t length);

bool archive_has(const struct archive *archive, size_t index);

/* A result, NULL if there is none; borrowed until ARCHIVE_OPEN others were asked for. */
const json_t *archive_get(struct archive *archive, size_t index);

/* As result_number(), of a noted path without reading the result; false also if there is no result. */
bool archive_number(struct archive *archive, size_t index, const char *path, double *number);

#endif
