/* The JSON document of docs/results.md: {format, scenario, description, results: [...], expectations: [...]}. */
#include <stdlib.h>

#include "analysis/run.h"
#include "analysis/store.h"
#include "sim/assert.h"

struct document {
    struct outfile *file; /* NULL: to `stream`, which is borrowed */
    FILE *stream;
    const struct scenario *scenario;
    json_t *root;
};

static json_t *make_root(const struct scenario *scenario)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    json_t *root = json_object();
    json_object_set_new(root, "format", json_integer(RESULT_FORMAT));
    json_object_set_new(root, "scenario", json_string(experiment->name ? experiment->name : ""));
    json_object_set_new(root, "description",
                        json_string(experiment->description ? experiment->description : ""));
    json_object_set_new(root, "results", json_array());
    json_object_set_new(root, "expectations", json_array());
    return root;
}

static void *document_open(const char *path, FILE *stream, const struct scenario *scenario, struct diag *diag)
{
    struct outfile *file = path ? outfile_open(path, diag) : NULL;
    if (path && !file)
        return NULL;
    struct document *document = malloc(sizeof(*document));
    SIM_ASSERT(document);
    *document = (struct document){.file = file,
                                  .stream = file ? outfile_stream(file) : stream,
                                  .scenario = scenario,
                                  .root = make_root(scenario)};
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

static void document_add(void *self, const struct scenario_point *point, json_t *result, const char *failure)
{
    struct document *document = self;
    json_t *results = json_object_get(document->root, "results");
    if (result)
        json_array_append(results, result);
    else
        json_array_append_new(results, failed_point(document, point, failure));
}

static void document_add_verdicts(void *self, const json_t *verdicts)
{
    struct document *document = self;
    json_object_set(document->root, "expectations", (json_t *)verdicts);
}

static void document_free(struct document *document)
{
    json_decref(document->root);
    free(document);
}

static bool document_close(void *self, struct diag *diag)
{
    struct document *document = self;
    char *text = result_text(document->root, 2);
    fputs(text, document->stream);
    fputc('\n', document->stream);
    free(text);
    bool fine = !document->file || outfile_commit(document->file, diag);
    document_free(document);
    return fine;
}

static void document_discard(void *self)
{
    struct document *document = self;
    outfile_discard(document->file);
    document_free(document);
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
