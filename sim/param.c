#include "sim/param.h"

#include <string.h>

#include "sim/assert.h"
#include "sim/diag.h"

#define DEPTH_MAX 32 /* nesting of tables; deeper means that a table contains itself */

const struct param *param_find(const struct param_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->params[i].key, key) == 0)
            return &table->params[i];
    return NULL;
}

const struct param_model *param_find_model(const struct param_family *family, const char *name)
{
    for (const struct param_model *const *model = family->models; *model; model++)
        if (strcmp((*model)->table->name, name) == 0)
            return *model;
    return NULL;
}

static enum param_result store_number(const struct param *row, const char *text, void *field)
{
    enum unit_dimension dimension = row->kind == PARAM_INTEGER ? UNIT_NONE : row->dimension;
    int64_t value;
    if (unit_parse(text, dimension, &value) != UNIT_OK)
        return PARAM_BAD_QUANTITY;
    if (value < row->min || value > row->max)
        return PARAM_BAD_RANGE;
    *(int64_t *)field = value;
    return PARAM_OK;
}

static enum param_result store_bool(const char *text, bool *field)
{
    bool yes = strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "false") != 0)
        return PARAM_BAD_BOOL;
    *field = yes;
    return PARAM_OK;
}

static enum param_result store_choice(const struct param *row, const char *text, int *field)
{
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *field = i;
            return PARAM_OK;
        }
    }
    return PARAM_BAD_CHOICE;
}

enum param_result param_store(const struct param *row, const char *text, void *config)
{
    void *field = (char *)config + row->offset;
    switch (row->kind) {
    case PARAM_BOOL:
        return store_bool(text, field);
    case PARAM_INTEGER:
    case PARAM_QUANTITY:
        return store_number(row, text, field);
    case PARAM_CHOICE:
        return store_choice(row, text, field);
    case PARAM_TEXT:
    case PARAM_PATH:
        *(const char **)field = text;
        return PARAM_OK;
    default:
        SIM_ASSERT(!"param_store: not a scalar row");
        return PARAM_BAD_CHOICE;
    }
}

static bool well_spelled(const char *key)
{
    static const char *const reserved[] = {"include", "profile", "model"};
    for (size_t i = 0; i < PARAM_COUNT(reserved); i++)
        if (strcmp(key, reserved[i]) == 0)
            return false;
    return key[0] >= 'a' && key[0] <= 'z' &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(key);
}

static size_t kind_size(enum param_kind kind)
{
    static const size_t sizes[] = {
        [PARAM_BOOL] = sizeof(bool),
        [PARAM_INTEGER] = sizeof(int64_t),
        [PARAM_QUANTITY] = sizeof(int64_t),
        [PARAM_CHOICE] = sizeof(int),
        [PARAM_TEXT] = sizeof(const char *),
        [PARAM_PATH] = sizeof(const char *),
        [PARAM_LIST] = sizeof(struct param_list),
        [PARAM_QUANTITIES] = sizeof(struct param_list),
        [PARAM_VARIANT] = sizeof(struct param_variant),
        [PARAM_ANY] = sizeof(const void *),
    };
    return sizes[kind];
}

static bool is_scalar(enum param_kind kind)
{
    return kind == PARAM_BOOL || kind == PARAM_INTEGER || kind == PARAM_QUANTITY || kind == PARAM_CHOICE;
}

/* Whether the row's default reads as a user's value would. */
static bool default_reads(const struct param *row)
{
    union {
        int64_t number;
        int choice;
        bool flag;
    } value;
    struct param copy = *row;
    copy.offset = 0;
    if (!row->fallback || !is_scalar(row->kind))
        return true;
    return param_store(&copy, row->fallback, &value) == PARAM_OK;
}

static const char *row_mistake(const struct param_table *table, const struct param *row)
{
    bool counted = row->kind == PARAM_LIST || row->kind == PARAM_QUANTITIES;
    bool ranged = counted || row->kind == PARAM_INTEGER || row->kind == PARAM_QUANTITY;
    size_t size = row->kind == PARAM_GROUP && row->table ? row->table->size : kind_size(row->kind);
    if (!well_spelled(row->key))
        return "a badly spelled or reserved key";
    if (param_find(table, row->key) != row)
        return "a key that is there twice";
    if (!row->help || !*row->help)
        return "no help";
    if (row->offset + size > table->size)
        return "an offset outside the struct";
    if (row->kind == PARAM_CHOICE && (!row->choices || !row->choices[0]))
        return "no choices";
    if ((row->kind == PARAM_GROUP || row->kind == PARAM_LIST) && !row->table)
        return "no table";
    if (row->kind == PARAM_VARIANT && (!row->family || !row->family->models[0]))
        return "no family";
    if (ranged && row->min > row->max)
        return "an empty range";
    if (counted && (row->min < 0 || row->max == 0))
        return "a count that allows nothing";
    if (is_scalar(row->kind) && !row->fallback && !row->required)
        return "neither a default nor the mark that it is required";
    return default_reads(row) ? NULL : "a default that does not read or is out of range";
}

static void check_table(const struct param_table *table, int depth, struct diag *diag);

static void check_below(const struct param *row, int depth, struct diag *diag)
{
    if (row->kind == PARAM_GROUP || row->kind == PARAM_LIST)
        check_table(row->table, depth + 1, diag);
    if (row->kind == PARAM_VARIANT)
        for (const struct param_model *const *model = row->family->models; *model; model++)
            check_table((*model)->table, depth + 1, diag);
}

static void check_table(const struct param_table *table, int depth, struct diag *diag)
{
    if (depth > DEPTH_MAX) {
        diag_error(diag, NULL, "table %s contains itself", table->name);
        return;
    }
    if (!table->help || !*table->help)
        diag_error(diag, NULL, "table %s has no help", table->name);
    if (table->profiles && !table->profile_folder)
        diag_error(diag, NULL, "table %s takes profiles but names no folder", table->name);
    for (size_t i = 0; i < table->count; i++) {
        const struct param *row = &table->params[i];
        const char *mistake = row_mistake(table, row);
        if (mistake)
            diag_error(diag, NULL, "table %s, row %s: %s", table->name, row->key, mistake);
        else
            check_below(row, depth, diag);
    }
}

bool param_check_table(const struct param_table *table, struct diag *diag)
{
    size_t before = diag_error_count(diag);
    check_table(table, 0, diag);
    return diag_error_count(diag) == before;
}
