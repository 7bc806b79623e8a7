/* CSV, a row a point. */
#include <stdlib.h>

#include "analysis/csv.h"
#include "analysis/store.h"
#include "sim/assert.h"

struct sheet {
    struct outfile *file; /* NULL: to `stream`, which is borrowed */
    FILE *stream;
    const struct scenario *scenario;
};

static void *sheet_open(const char *path, FILE *stream, const struct scenario *scenario, struct diag *diag)
{
    struct outfile *file = path ? outfile_open(path, diag) : NULL;
    if (path && !file)
        return NULL;
    struct sheet *sheet = malloc(sizeof(*sheet));
    SIM_ASSERT(sheet);
    *sheet =
        (struct sheet){.file = file, .stream = file ? outfile_stream(file) : stream, .scenario = scenario};
    csv_header(scenario, sheet->stream);
    return sheet;
}

static void sheet_add(void *self, const struct scenario_point *point, const json_t *result,
                      const char *failure)
{
    struct sheet *sheet = self;
    csv_row(sheet->scenario, point, result, failure, sheet->stream);
}

static bool sheet_close(void *self, struct diag *diag)
{
    struct sheet *sheet = self;
    bool fine = !sheet->file || outfile_commit(sheet->file, diag);
    free(sheet);
    return fine;
}

static void sheet_discard(void *self)
{
    struct sheet *sheet = self;
    outfile_discard(sheet->file);
    free(sheet);
}

static const char *const suffixes[] = {".csv", NULL};

const struct result_store_ops store_csv = {
    .suffixes = suffixes,
    .open = sheet_open,
    .add = sheet_add,
    .close = sheet_close,
    .discard = sheet_discard,
};
