/*
 * An SQLite database: table `runs` with a row a point (what it is, the fixed metrics in columns named as in CSV, and the
 * whole result as JSON) and table `expectations`. It is made under another name, which is changed when it is whole; one
 * transaction without a journal, so that equal runs give equal files. Where no other name is possible (a pipe) it is made
 * in memory.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric.h"
#include "analysis/run.h"
#include "analysis/store.h"
#include "sim/assert.h"

struct database {
    sqlite3 *handle;
    sqlite3_stmt *insert;
    struct outfile *file;
    char *path;     /* where it belongs, for messages */
    bool in_memory; /* until it is whole */
    bool failed;    /* writing has: the disk is full */
    const struct scenario *scenario;
};

/* What concerns no file is done with statements of our own: it does not fail but for lack of memory. */
static void must(bool fine)
{
    SIM_ASSERT(fine);
}

/* What may have to write. */
static void try_to(struct database *database, int result)
{
    database->failed = database->failed || (result != SQLITE_OK && result != SQLITE_DONE);
}

static void execute(struct database *database, const char *text)
{
    try_to(database, sqlite3_exec(database->handle, text, NULL, NULL, NULL));
}

enum { FIXED_COLUMNS = 9 };

static void make_tables(struct database *database)
{
    size_t count;
    const struct metric *metrics = metric_list(&count);
    sqlite3_str *create = sqlite3_str_new(database->handle);
    sqlite3_str *insert = sqlite3_str_new(database->handle);
    sqlite3_str_appendall(create,
                          "CREATE TABLE runs (id INTEGER PRIMARY KEY, scenario TEXT, point TEXT, \"values\" "
                          "TEXT, compare TEXT, replication INTEGER, strategy TEXT, error TEXT, json TEXT");
    sqlite3_str_appendall(insert, "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?");
    for (size_t i = 0; i < count; i++) {
        sqlite3_str_appendf(create, ", \"%w\" REAL", metrics[i].column);
        sqlite3_str_appendall(insert, ", ?");
    }
    sqlite3_str_appendall(create,
                          ");CREATE TABLE expectations (name TEXT, metric TEXT, held INTEGER, json TEXT)");
    sqlite3_str_appendall(insert, ")");
    char *create_text = sqlite3_str_finish(create), *insert_text = sqlite3_str_finish(insert);
    execute(database, create_text);
    if (!database->failed)
        must(sqlite3_prepare_v2(database->handle, insert_text, -1, &database->insert, NULL) == SQLITE_OK);
    sqlite3_free(create_text);
    sqlite3_free(insert_text);
}

static void *database_open(const char *path, FILE *stream, const struct scenario *scenario, struct diag *diag)
{
    (void)stream;
    SIM_ASSERT(path);
    struct outfile *file = outfile_open(path, diag);
    if (!file)
        return NULL;
    struct database *database = calloc(1, sizeof(*database));
    SIM_ASSERT(database);
    database->file = file;
    database->scenario = scenario;
    database->path = strdup(path);
    SIM_ASSERT(database->path);
    const char *temporary = outfile_temporary(file);
    database->in_memory = !temporary;
    try_to(database, sqlite3_open(temporary ? temporary : ":memory:", &database->handle));
    SIM_ASSERT(database->handle);
    execute(database, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
                      "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; BEGIN");
    make_tables(database);
    return database;
}

/* Binds a text, or NULL; the text is copied. */
static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    must(sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT) == SQLITE_OK);
}

/* Binds JSON as text. */
static void bind_json(sqlite3_stmt *statement, int column, const json_t *json)
{
    char *text = json ? result_text(json, 0) : NULL;
    bind_text(statement, column, text);
    free(text);
}

static void database_add(void *self, const struct scenario_point *point, const json_t *result,
                         const char *failure)
{
    struct database *database = self;
    sqlite3_stmt *insert = database->insert;
    size_t count;
    const struct metric *metrics = metric_list(&count);
    const char *name = scenario_experiment(database->scenario)->name;
    if (database->failed)
        return;
    json_t *values = run_point_values(database->scenario, point);
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)point->index);
    bind_text(insert, 2, name ? name : "");
    bind_text(insert, 3, point->name);
    bind_json(insert, 4, values);
    bind_text(insert, 5, point->alternative ? point->alternative->name : NULL);
    sqlite3_bind_int64(insert, 6, point->replication);
    bind_text(insert, 7, json_string_value(json_object_get(result, "strategy")));
    bind_text(insert, 8, failure);
    bind_json(insert, 9, result);
    for (size_t i = 0; i < count; i++) {
        double number;
        if (result && result_number(result, metrics[i].path, &number))
            sqlite3_bind_double(insert, FIXED_COLUMNS + 1 + (int)i, number);
    }
    try_to(database, sqlite3_step(insert));
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
    json_decref(values);
}

static void database_add_verdicts(void *self, const json_t *verdicts)
{
    struct database *database = self;
    sqlite3_stmt *insert;
    size_t index;
    json_t *verdict;
    const char *text = "INSERT INTO expectations VALUES (?, ?, ?, ?)";
    if (database->failed)
        return;
    must(sqlite3_prepare_v2(database->handle, text, -1, &insert, NULL) == SQLITE_OK);
    json_array_foreach((json_t *)verdicts, index, verdict)
    {
        bind_text(insert, 1, json_string_value(json_object_get(verdict, "name")));
        bind_text(insert, 2, json_string_value(json_object_get(verdict, "metric")));
        sqlite3_bind_int(insert, 3, json_is_true(json_object_get(verdict, "held")));
        bind_json(insert, 4, verdict);
        try_to(database, sqlite3_step(insert));
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
}

static void database_free(struct database *database)
{
    sqlite3_finalize(database->insert);
    sqlite3_close(database->handle);
    free(database->path);
    free(database);
}

/* Puts a database that was made in memory where it belongs. */
static void write_image(struct database *database)
{
    sqlite3_int64 size;
    unsigned char *image = sqlite3_serialize(database->handle, "main", &size, 0);
    must(image != NULL);
    fwrite(image, 1, (size_t)size, outfile_stream(database->file));
    sqlite3_free(image);
}

static bool give_up(struct database *database, struct diag *diag)
{
    struct diag_place place = {.file = database->path};
    diag_error(diag, &place, "cannot write: %s", sqlite3_errmsg(database->handle));
    outfile_discard(database->file);
    database_free(database);
    return false;
}

static bool database_close(void *self, struct diag *diag)
{
    struct database *database = self;
    sqlite3_finalize(database->insert);
    database->insert = NULL;
    if (!database->failed)
        execute(database, "COMMIT");
    if (database->failed)
        return give_up(database, diag);
    if (database->in_memory)
        write_image(database);
    struct outfile *file = database->file;
    database_free(database);
    return outfile_commit(file, diag);
}

static void database_discard(void *self)
{
    struct database *database = self;
    struct outfile *file = database->file;
    database_free(database);
    outfile_discard(file);
}

static const char *const suffixes[] = {".sqlite", ".db", NULL};

const struct result_store_ops store_sqlite = {
    .suffixes = suffixes,
    .open = database_open,
    .add = database_add,
    .add_verdicts = database_add_verdicts,
    .close = database_close,
    .discard = database_discard,
};
