/* list: what there is to choose from. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cli/report.h"
#include "analysis/closed_form.h"
#include "analysis/table.h"
#include "models/registry.h"
#include "models/strategy/strategy.h"

/* A kind's list: objects of strings, the same keys in each. */
typedef void collect(const struct cli *cli, json_t *list);

static void add(json_t *list, const char *family, const char *name, const char *description)
{
    json_t *object = json_object();
    if (family)
        json_object_set_new(object, "family", json_string(family));
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "description", json_string(description ? description : ""));
    json_array_append_new(list, object);
}

static void collect_library(const struct cli *cli, const char *kind, json_t *list)
{
    struct library_list items;
    library_list(cli->library, kind, &items);
    for (size_t i = 0; i < items.count; i++)
        if (kind || session_is_scenario_kind(items.items[i].kind))
            add(list, kind ? NULL : items.items[i].kind, items.items[i].name, items.items[i].description);
    library_list_free(&items);
}

static void collect_scenarios(const struct cli *cli, json_t *list)
{
    collect_library(cli, NULL, list);
}

static void collect_hosts(const struct cli *cli, json_t *list)
{
    collect_library(cli, "hosts", list);
}

static void collect_nics(const struct cli *cli, json_t *list)
{
    collect_library(cli, "nics", list);
}

static void collect_costs(const struct cli *cli, json_t *list)
{
    collect_library(cli, "costs", list);
}

static void collect_strategies(const struct cli *cli, json_t *list)
{
    (void)cli;
    for (size_t i = 0; strategies[i]; i++)
        add(list, NULL, strategies[i]->name, strategies[i]->help);
}

static void collect_models(const struct cli *cli, json_t *list)
{
    (void)cli;
    for (const struct param_family *const *family = registry_families(); *family; family++)
        for (const struct param_model *const *model = (*family)->models; *model; model++)
            add(list, (*family)->name, (*model)->table->name, (*model)->table->help);
}

static void collect_forms(const struct cli *cli, json_t *list)
{
    (void)cli;
    for (size_t i = 0; closed_form_names[i]; i++)
        add(list, NULL, closed_form_names[i], closed_form_help(closed_form_names[i]));
}

static const struct {
    const char *name;
    collect *collect;
} kinds[] = {
    {"scenarios", collect_scenarios}, {"hosts", collect_hosts},           {"nics", collect_nics},
    {"costs", collect_costs},         {"strategies", collect_strategies}, {"models", collect_models},
    {"forms", collect_forms},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void print_list(const json_t *list, FILE *out)
{
    size_t index;
    json_t *item;
    struct table *table = table_create("lll", NULL);
    json_array_foreach((json_t *)list, index, item)
    {
        const char *family = json_string_value(json_object_get(item, "family"));
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *description = json_string_value(json_object_get(item, "description"));
        if (family)
            table_row(table, (const char *[]){family, name, description});
        else
            table_row(table, (const char *[]){name, description, NULL});
    }
    table_print(table, out);
    table_destroy(table);
}

static void print_tables(const json_t *all, FILE *out)
{
    const char *kind;
    json_t *list;
    bool several = json_object_size(all) > 1, first = true;
    json_object_foreach((json_t *)all, kind, list)
    {
        if (several)
            fprintf(out, "%s%s:\n", first ? "" : "\n", kind);
        first = false;
        print_list(list, out);
    }
}

static void print_json(const json_t *all, FILE *out)
{
    char *text = result_text(all, 2);
    fprintf(out, "%s\n", text);
    free(text);
}

static enum cli_status unknown_kind(const struct cli *cli, const char *name)
{
    const char *names[KINDS];
    char all[128];
    size_t length = 0;
    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s", i ? ", " : "", kinds[i].name);
    }
    const char *nearest = diag_nearest(name, names, KINDS);
    return cli_complain(cli, "unknown kind `%s`; allowed: %s%s%s%s", name, all,
                        nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
}

enum cli_status command_list(struct cli *cli)
{
    const char *only = cli->argument_count > 0 ? cli->arguments[0] : NULL;
    if (cli->format == CLI_CSV)
        return cli_complain(cli, "--format: a list has no csv; allowed: table, json");
    json_t *all = json_object();
    for (size_t i = 0; i < KINDS; i++) {
        if (only && strcmp(only, kinds[i].name) != 0)
            continue;
        json_t *list = json_array();
        kinds[i].collect(cli, list);
        json_object_set_new(all, kinds[i].name, list);
    }
    enum cli_status status = CLI_USAGE;
    struct text_file *file = json_object_size(all) > 0 ? text_file_open(cli) : NULL;
    if (json_object_size(all) == 0)
        status = unknown_kind(cli, only);
    if (file) {
        (cli->format == CLI_JSON ? print_json : print_tables)(all, text_file_stream(file));
        status = text_file_close(file);
    }
    json_decref(all);
    return status;
}
