/*
 * Reading a user's text file safely: any file is answered, whatever it is and whatever is in it. Internal to
 * scenarios/.
 */
#ifndef SCENARIOS_SOURCE_H
#define SCENARIOS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/diag.h"

#define SOURCE_SIZE_MAX ((size_t)16 << 20) /* bytes of a scenario with all that it includes */

/* A file's bytes, not ended by a NUL. */
struct source {
    char *data;
    size_t size;
};

/*
 * Reads at most `limit` bytes of `path`. `from` is the place that names the file, NULL when the command line
 * does; an included file must be a regular one. Reports why when it returns false; *source is freed with
 * source_free() otherwise.
 */
bool source_read(const char *path, const struct diag_place *from, size_t limit, struct source *source,
                 struct diag *diag);

void source_free(struct source *source);

/*
 * Checks that the bytes are UTF-8 text that YAML allows: no NUL or other control characters, no overlong
 * forms, no surrogates. Reports the first that is not, with its line and column in `file`.
 */
bool source_check_text(const char *file, const char *data, size_t size, struct diag *diag);

#endif
