/* diff: the numbers of two result files beside each other. */
#include <stdlib.h>
#include <string.h>

#include "analysis/cli/report.h"
#include "analysis/quantity.h"
#include "analysis/table.h"
#include "sim/assert.h"

enum { PATH = 200 };

struct comparison {
    struct table *table;
    const char *point;
    size_t differences;
};

static json_t *read_results(const struct cli *cli, const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        cli_complain(cli, "%s: %s", path, error.text);
    else if (!json_is_array(json_object_get(root, "results")))
        cli_complain(cli, "%s: no results file: there is no list `results` in it", path);
    else
        return root;
    json_decref(root);
    return NULL;
}

static const json_t *find_point(const json_t *root, const char *name)
{
    size_t index;
    json_t *result;
    json_array_foreach(json_object_get(root, "results"), index, result)
    {
        const char *own = json_string_value(json_object_get(result, "point"));
        if (own && strcmp(own, name) == 0)
            return result;
    }
    return NULL;
}

static void add_difference(struct comparison *comparison, const char *path, const json_t *one,
                           const json_t *other)
{
    char *before = one ? json_dumps(one, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) : NULL;
    char *after = other ? json_dumps(other, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) : NULL;
    char change[QUANTITY_SIZE] = "";
    double from = json_number_value(one), to = json_number_value(other);
    if (json_is_number(one) && json_is_number(other) && from != 0)
        snprintf(change, sizeof(change), "%+.2f %%", (to - from) / from * 100);
    table_row(comparison->table,
              (const char *[]){comparison->point, path, before ? before : "-", after ? after : "-", change});
    comparison->differences++;
    free(before);
    free(after);
}

static void compare(struct comparison *comparison, const char *path, const json_t *one, const json_t *other);

static void compare_objects(struct comparison *comparison, const char *path, const json_t *one,
                            const json_t *other)
{
    const char *key;
    json_t *value;
    char below[PATH];
    json_object_foreach((json_t *)one, key, value)
    {
        snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
        compare(comparison, below, value, json_object_get(other, key));
    }
    json_object_foreach((json_t *)other, key, value)
    {
        snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
        if (!json_object_get(one, key))
            compare(comparison, below, NULL, value);
    }
}

static void compare_lists(struct comparison *comparison, const char *path, const json_t *one,
                          const json_t *other)
{
    size_t most =
        json_array_size(one) > json_array_size(other) ? json_array_size(one) : json_array_size(other);
    for (size_t i = 0; i < most; i++) {
        char below[PATH];
        snprintf(below, sizeof(below), "%s[%zu]", path, i);
        compare(comparison, below, json_array_get(one, i), json_array_get(other, i));
    }
}

static void compare(struct comparison *comparison, const char *path, const json_t *one, const json_t *other)
{
    if (json_is_object(one) && json_is_object(other))
        compare_objects(comparison, path, one, other);
    else if (json_is_array(one) && json_is_array(other))
        compare_lists(comparison, path, one, other);
    else if (!one || !other || !json_equal((json_t *)one, (json_t *)other))
        add_difference(comparison, path, one, other);
}

static void compare_all(struct comparison *comparison, const json_t *one, const json_t *other)
{
    size_t index;
    json_t *result;
    json_array_foreach(json_object_get(one, "results"), index, result)
    {
        comparison->point = json_string_value(json_object_get(result, "point"));
        compare(comparison, "", result, find_point(other, comparison->point ? comparison->point : ""));
    }
    json_array_foreach(json_object_get(other, "results"), index, result)
    {
        comparison->point = json_string_value(json_object_get(result, "point"));
        if (!find_point(one, comparison->point ? comparison->point : ""))
            compare(comparison, "", NULL, result);
    }
}

static enum cli_status print_comparison(struct cli *cli, const json_t *one, const json_t *other)
{
    static const char *const headings[] = {"point", "metric", "A", "B", "change"};
    struct comparison comparison = {.table = table_create("llrrr", headings)};
    struct text_file *file = text_file_open(cli);
    compare_all(&comparison, one, other);
    if (file && comparison.differences > 0)
        table_print(comparison.table, text_file_stream(file));
    table_destroy(comparison.table);
    if (!file)
        return CLI_USAGE;
    enum cli_status status = text_file_close(file);
    return comparison.differences > 0 ? cli_worse(status, CLI_MISSED) : status;
}

enum cli_status command_diff(struct cli *cli)
{
    enum cli_status status = CLI_USAGE;
    json_t *one = read_results(cli, cli->arguments[0]);
    json_t *other = one ? read_results(cli, cli->arguments[1]) : NULL;
    if (one && other)
        status = print_comparison(cli, one, other);
    json_decref(one);
    json_decref(other);
    return status;
}
