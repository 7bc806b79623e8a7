/*
 * The reference page: every directive and parameter, from the tables that the checks use.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/directives.h"
#include "scenarios/scenario.h"

#define PATH_SIZE 300
#define TEXT_SIZE 200

/* Writes text for a Markdown table cell. */
static void put_cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void put_choices(FILE *out, const struct param *row)
{
    for (size_t i = 0; row->choices[i]; i++)
        fprintf(out, "%s`%s`", i ? ", " : "", row->choices[i]);
}

static void put_models(FILE *out, const struct param *row)
{
    fputs("one of ", out);
    for (size_t i = 0; row->family->models[i]; i++)
        fprintf(out, "%s`%s`", i ? ", " : "", row->family->models[i]->table->name);
}

/* What the value may be: kind, unit and range. */
static void put_allowed(FILE *out, const struct param *row)
{
    char wanted[TEXT_SIZE], range[TEXT_SIZE];
    bool counted = row->kind == PARAM_LIST || row->kind == PARAM_QUANTITIES;
    bool ranged = row->kind == PARAM_INTEGER || row->kind == PARAM_QUANTITY;
    if (row->kind == PARAM_CHOICE) {
        put_choices(out, row);
        return;
    }
    if (row->kind == PARAM_VARIANT) {
        put_models(out, row);
        return;
    }
    put_cell(out, bind_wanted(row, wanted, sizeof(wanted)));
    if (counted || (ranged && row->min != row->max))
        fprintf(out, ", %s%s", bind_range(row, range, sizeof(range)), counted ? " entries" : "");
}

static void put_row(FILE *out, const struct param *row)
{
    fprintf(out, "| `%s` | ", row->key);
    put_allowed(out, row);
    fputs(" | ", out);
    if (row->required)
        fputs("required", out);
    else if (row->fallback)
        fprintf(out, "`%s`", row->fallback);
    fputs(" | ", out);
    put_cell(out, row->help);
    fputs(row->cost ? " (cost) |\n" : " |\n", out);
}

static void put_table(FILE *out, const struct param_table *table, const char *path);

/* The tables below a row, each in a section of its own. */
static void put_below(FILE *out, const struct param *row, const char *path)
{
    char below[PATH_SIZE + 100];
    snprintf(below, sizeof(below), "%s%s%s%s", path, *path ? "." : "", row->key,
             row->kind == PARAM_LIST ? "[]" : "");
    if (row->kind == PARAM_GROUP || row->kind == PARAM_LIST) {
        put_table(out, row->table, below);
        return;
    }
    if (row->kind != PARAM_VARIANT)
        return;
    size_t length = strlen(below);
    for (size_t i = 0; row->family->models[i]; i++) {
        const struct param_table *table = row->family->models[i]->table;
        snprintf(below + length, sizeof(below) - length, " (model: %s)", table->name);
        put_table(out, table, below);
    }
}

static void put_rows(FILE *out, const struct param_table *table)
{
    fputs("| key | value | default | meaning |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < table->count; i++)
        put_row(out, &table->params[i]);
}

static void put_table(FILE *out, const struct param_table *table, const char *path)
{
    char cut[PATH_SIZE];
    snprintf(cut, sizeof(cut), "%s", path);
    if (*path)
        fprintf(out, "\n### `%s`\n\n%s.\n", path, table->help);
    if (table->profiles)
        fprintf(out, "\n`profile: NAME` takes its defaults from the library folder `%s`.\n",
                table->profile_folder);
    if (table->count > 0) {
        fputc('\n', out);
        put_rows(out, table);
    }
    for (size_t i = 0; i < table->count; i++)
        put_below(out, &table->params[i], cut);
}

void scenario_reference(const struct param_table *root, FILE *out)
{
    fputs("# Scenario reference\n\n"
          "Made from the parameter tables that the checks use. A quantity is a number\n"
          "directly followed by its unit: `10Gbps`, `64B`, `4KiB`, `1us`, `2.8GHz`, `50kpps`, `1200cycles`;\n"
          "only 0 needs none. SI prefixes are powers of ten, IEC prefixes powers of two. Any group may have\n"
          "`include:`, a file or a list of files of defaults that it overrides. A cost may be written as\n"
          "`{value:, source:, evidence: measured | datasheet | literature | assumed}`.\n\n"
          "## Directives\n",
          out);
    put_table(out, &directives_table, "");
    put_table(out, &alternative_table, "compare[]");
    fputs("\n## Parameters\n", out);
    put_table(out, root, "");
}
