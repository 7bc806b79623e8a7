/*
 * Output files that are never half-written: what is written goes to a temporary file in the same folder, which takes
 * the name when it is complete. Opening tells at once whether the place can be written to, so that a command knows
 * before a long run. What is no regular file (/dev/null, a pipe) is written directly.
 */
#ifndef ANALYSIS_OUTFILE_H
#define ANALYSIS_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/diag.h"

struct outfile;

/*
 * From now on a signal that ends the program (a user's Ctrl-C, a reader of its output that went away) removes the
 * temporary files of this process first. To be called once, before anything is opened.
 */
void outfile_clean_up_on_signals(void);

/* Has a file that is made by other means removed likewise, until outfile_release(). `path` is borrowed till then. */
void outfile_guard(const char *path);
void outfile_release(const char *path);

/* Opens for writing; NULL, reported, when it cannot. */
struct outfile *outfile_open(const char *path, struct diag *diag);
FILE *outfile_stream(struct outfile *file);

/* The name that the file has until it is complete, for who opens it himself; NULL: it is written directly. */
const char *outfile_temporary(const struct outfile *file);

/* Ends the file: it now has its name. False, reported, when writing failed; then there is no new file. Frees. */
bool outfile_commit(struct outfile *file, struct diag *diag);

/* Ends it without a trace. NULL is allowed. Frees. */
void outfile_discard(struct outfile *file);

/* Makes a folder with those above it, and makes sure that files can be made in it. False, reported, if not. */
bool outfile_folder(const char *path, struct diag *diag);

/* "folder/name" in a string to be freed. */
char *outfile_path(const char *folder, const char *name);

#endif
