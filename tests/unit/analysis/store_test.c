#include "analysis/store.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/analysis/campaign_fixture.h"

static char folder[] = "/tmp/iovsim-store-XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    rmdir(folder);
}

TestSuite(store, .init = make_folder, .fini = remove_folder);

static char *read_file(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    text[fread(text, 1, 65535, file)] = '\0';
    fclose(file);
    return text;
}

/* Stores two points, one of them failed, as `name`; returns the file's path, to be freed. */
static char *fill(const char *name)
{
    struct campaign campaign = fixture_campaign("name: n\ncompare: [native, virtio]\n");
    struct diag *diag = diag_create();
    char *path = outfile_path(folder, name);
    fixture_result(&campaign, 0,
                   "{\"point\": \"strategy=native\", \"strategy\": \"native\", \"throughput_pps\": 5.5}");
    campaign.failures[1] = strdup("it died");
    json_t *verdicts = json_pack("[{s:s, s:s, s:b}]", "name", "v", "metric", "m", "held", 0);
    struct result_store *store =
        result_store_open(result_store_form(path), path, NULL, campaign.scenario, diag);
    cr_assert_not_null(store);
    cr_expect_neq(access(path, F_OK), 0, "nothing has the name before it is complete");
    result_store_fill(store, &campaign, verdicts);
    cr_expect(result_store_close(store, diag));
    json_decref(verdicts);
    diag_destroy(diag);
    fixture_destroy(&campaign);
    return path;
}

Test(store, form_follows_from_the_suffix)
{
    cr_expect_eq(result_store_form("a/b.json"), &store_json);
    cr_expect_eq(result_store_form("b.csv"), &store_csv);
    cr_expect_eq(result_store_form("b.sqlite"), &store_sqlite);
    cr_expect_eq(result_store_form("b.db"), &store_sqlite);
    cr_expect_null(result_store_form("out"));
    cr_expect_null(result_store_form(".json"));
}

/* The document is written piece by piece, and is what the library writes of the whole. */
Test(store, json_document_has_the_form_of_the_library)
{
    char *path = fill("b.json"), *written = read_file(path);
    json_t *root = json_load_file(path, 0, NULL);
    cr_assert_not_null(root);
    char *whole = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    cr_expect_eq(strncmp(written, whole, strlen(whole)), 0, "%s", written);
    cr_expect_str_eq(written + strlen(whole), "\n");
    json_decref(root);
    unlink(path);
    free(whole);
    free(written);
    free(path);
}

Test(store, json_document)
{
    char *path = fill("a.json");
    json_t *root = json_load_file(path, 0, NULL);
    cr_assert_not_null(root);
    cr_expect_eq(json_integer_value(json_object_get(root, "format")), RESULT_FORMAT);
    cr_expect_str_eq(json_string_value(json_object_get(root, "scenario")), "n");
    json_t *results = json_object_get(root, "results");
    cr_assert_eq(json_array_size(results), 2);
    cr_expect_eq(json_real_value(json_object_get(json_array_get(results, 0), "throughput_pps")), 5.5);
    json_t *failed = json_array_get(results, 1);
    cr_expect_str_eq(json_string_value(json_object_get(failed, "point")), "strategy=virtio");
    cr_expect_str_eq(json_string_value(json_object_get(failed, "error")), "it died");
    cr_expect_eq(json_array_size(json_object_get(root, "expectations")), 1);
    json_decref(root);
    unlink(path);
    free(path);
}

Test(store, csv_rows)
{
    char *path = fill("a.csv"), *text = read_file(path);
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    cr_expect_eq(lines, 3);
    cr_expect_not_null(strstr(text, "\nn,strategy=native,native,0,native,"));
    cr_expect_not_null(strstr(text, ",it died\n"));
    unlink(path);
    free(text);
    free(path);
}

static void query(const char *path, const char *sql, const char *wanted)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(database));
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    cr_expect_str_eq((const char *)sqlite3_column_text(statement, 0), wanted);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

Test(store, sqlite_tables)
{
    char *path = fill("a.sqlite");
    query(path, "SELECT count(*) FROM runs", "2");
    query(path, "SELECT throughput_pps FROM runs WHERE strategy = 'native'", "5.5");
    query(path, "SELECT ifnull(latency_ns_mean, 'none') FROM runs WHERE id = 0", "none");
    query(path, "SELECT error FROM runs WHERE compare = 'virtio'", "it died");
    query(path, "SELECT json_extract(\"values\", '$.compare') FROM runs WHERE id = 1", "virtio");
    query(path, "SELECT held FROM expectations WHERE name = 'v'", "0");
    unlink(path);
    free(path);
}

Test(store, equal_results_make_equal_files)
{
    char *one = fill("a.db"), *other = fill("b.db");
    char command[400];
    snprintf(command, sizeof(command), "cmp %s %s", one, other);
    cr_expect_eq(system(command), 0);
    unlink(one);
    unlink(other);
    free(one);
    free(other);
}

static void expect_refused(const char *path, const char *message)
{
    struct scenario *scenario = fixture_scenario("");
    struct diag *diag = diag_create();
    char *text = NULL;
    cr_expect_null(result_store_open(result_store_form(path), path, NULL, scenario, diag));
    FIXTURE_TEXT(text, out, diag_print(diag, out));
    cr_expect_str_eq(text, message);
    free(text);
    diag_destroy(diag);
    scenario_destroy(scenario);
}

Test(store, place_that_cannot_be_written_is_known_at_once)
{
    expect_refused("/nowhere/a.json", "/nowhere/a.json: error: cannot write: No such file or directory\n");
    expect_refused("/nowhere/a.csv", "/nowhere/a.csv: error: cannot write: No such file or directory\n");
    expect_refused("/nowhere/a.db", "/nowhere/a.db: error: cannot write: No such file or directory\n");
}

Test(store, discarded_leaves_nothing)
{
    static const char *const names[] = {"a.json", "a.csv", "a.db"};
    struct scenario *scenario = fixture_scenario("");
    struct diag *diag = diag_create();
    for (size_t i = 0; i < 3; i++) {
        char *path = outfile_path(folder, names[i]);
        result_store_discard(result_store_open(result_store_form(path), path, NULL, scenario, diag));
        free(path);
    }
    cr_expect_eq(rmdir(folder), 0, "the folder is empty");
    diag_destroy(diag);
    scenario_destroy(scenario);
}

Test(outfile, what_is_no_regular_file_is_written_directly)
{
    struct diag *diag = diag_create();
    struct outfile *file = outfile_open("/dev/null", diag);
    cr_assert_not_null(file);
    fputs("x", outfile_stream(file));
    cr_expect(outfile_commit(file, diag));
    diag_destroy(diag);
}

Test(outfile, a_full_device_is_reported)
{
    struct stat status;
    if (stat("/dev/full", &status) != 0 || !S_ISCHR(status.st_mode))
        cr_skip_test("there is no /dev/full");
    struct diag *diag = diag_create();
    struct outfile *file = outfile_open("/dev/full", diag);
    cr_assert_not_null(file);
    fputs("x", outfile_stream(file));
    cr_expect_not(outfile_commit(file, diag));
    cr_expect_eq(diag_error_count(diag), 1);
    diag_destroy(diag);
}

Test(outfile, folders_are_made_and_tried)
{
    struct diag *diag = diag_create();
    char deep[] = "/tmp/iovsim-outfile-XXXXXX/a/b";
    deep[26] = '\0';
    cr_assert_not_null(mkdtemp(deep));
    deep[26] = '/';
    cr_expect(outfile_folder(deep, diag));
    cr_expect_eq(access(deep, W_OK), 0);
    cr_expect_not(outfile_folder("/proc/iovsim", diag));
    cr_expect_eq(diag_error_count(diag), 1);
    for (int i = 0; i < 3; i++) {
        rmdir(deep);
        *strrchr(deep, '/') = '\0';
    }
    diag_destroy(diag);
}
