/* The JSON document of docs/results.md: {format, scenario, description, results: [...], expectations: [...]}. */
#include <stdlib.h>
#include <string.h>

#include "analysis/run.h"
#include "analysis/store.h"
#include "sim/assert.h"

/* It is written as the points come: the document of a large sweep is never in memory as a whole. */
struct document {
    struct outfile *file; /* NULL: to `stream`, which is borrowed */
    FILE *stream;
    const struct scenario *scenario;
    size_t count;           /* of the points so far */
    const json_t *verdicts; /* borrowed until the end; NULL: none */
};

enum { INDENT = 2 };

/* Writes a value as it stands `depth` spaces deep in a document: text of JSON has line ends between values only. */
static void write_value(FILE *stream, const json_t *value, int depth)
{
    char *text = json_dumps(value, JSON_INDENT(INDENT) | JSON_REAL_PRECISION(9) | JSON_ENCODE_ANY);
    SIM_ASSERT(text);
    for (char *line = text; line;) {
        char *end = strchr(line, '\n');
        fprintf(stream, "%.*s", end ? (int)(end - line) : (int)strlen(line), line);
        line = end ? end + 1 : NULL;
        if (line)
            fprintf(stream, "\n%*s", depth, "");
    }
    free(text);
}

static void write_text(FILE *stream, const char *key, const char *text)
{
    json_t *value = json_string(text ? text : "");
    fprintf(stream, ",\n  \"%s\": ", key);
    write_value(stream, value, INDENT);
    json_decref(value);
}

static void *document_open(const char *path, FILE *stream, const struct scenario *scenario, struct diag *diag)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    struct outfile *file = path ? outfile_open(path, diag) : NULL;
    if (path && !file)
        return NULL;
    struct document *document = malloc(sizeof(*document));
    SIM_ASSERT(document);
    *document =
        (struct document){.file = file, .stream = file ? outfile_stream(file) : stream, .scenario = scenario};
    fprintf(document->stream, "{\n  \"format\": %d", RESULT_FORMAT);
    write_text(document->stream, "scenario", experiment->name);
    write_text(document->stream, "description", experiment->description);
    fputs(",\n  \"results\": [", document->stream);
    return document;
}

static json_t *failed_point(const struct document *document, const struct scenario_point *point,
                            const char *failure)
{
    json_t *object = json_object();
    json_object_set_new(object, "point", json_string(point->name));
    json_object_set_new(object, "values", run_point_values(document->scenario, point));
    json_object_set_new(object, "replication", json_integer(point->replication));
    json_object_set_new(object, "error", json_string(failure));
    return object;
}

static void document_add(void *self, const struct scenario_point *point, const json_t *result,
                         const char *failure)
{
    struct document *document = self;
    json_t *failed = result ? NULL : failed_point(document, point, failure);
    fputs(document->count++ ? ",\n    " : "\n    ", document->stream);
    write_value(document->stream, result ? result : failed, 2 * INDENT);
    json_decref(failed);
}

static void document_add_verdicts(void *self, const json_t *verdicts)
{
    struct document *document = self;
    document->verdicts = verdicts;
}

static bool document_close(void *self, struct diag *diag)
{
    struct document *document = self;
    json_t *none = json_array();
    fputs(document->count ? "\n  ],\n  \"expectations\": " : "],\n  \"expectations\": ", document->stream);
    write_value(document->stream, document->verdicts ? document->verdicts : none, INDENT);
    fputs("\n}\n", document->stream);
    json_decref(none);
    bool fine = !document->file || outfile_commit(document->file, diag);
    free(document);
    return fine;
}

static void document_discard(void *self)
{
    struct document *document = self;
    outfile_discard(document->file);
    free(document);
}

static const char *const suffixes[] = {".json", NULL};

const struct result_store_ops store_json = {
    .suffixes = suffixes,
    .open = document_open,
    .add = document_add,
    .add_verdicts = document_add_verdicts,
    .close = document_close,
    .discard = document_discard,
};
