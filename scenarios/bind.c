#include "scenarios/bind.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/loader.h"
#include "sim/assert.h"

#define PATH_SIZE 300
#define WANTED_SIZE 200
#define MISSING_MANY 4 /* required keys missing at once */

const char *const cost_evidence[] = {"measured", "datasheet", "literature", "assumed", NULL};

static const struct param cost_note_rows[] = {
    {.key = "value", .kind = PARAM_ANY, .help = "the cost", .offset = offsetof(struct cost_note, value)},
    PARAM_TEXT_ROW(struct cost_note, source, NULL, false, "where the value comes from"),
    PARAM_CHOICE_ROW(struct cost_note, evidence, cost_evidence, "assumed", "how the value is known"),
};
const struct param_table cost_note_table = {
    .name = "cost",
    .help = "a cost with where it comes from",
    .size = sizeof(struct cost_note),
    .params = cost_note_rows,
    .count = PARAM_COUNT(cost_note_rows),
};

const char *bind_path(const struct bind_frame *frame, char *buffer, size_t size)
{
    buffer[0] = '\0';
    if (!frame)
        return buffer;
    bind_path(frame->parent, buffer, size);
    size_t length = strlen(buffer);
    if (frame->key)
        snprintf(buffer + length, size - length, "%s%s", length ? "." : "", frame->key);
    else
        snprintf(buffer + length, size - length, "[%zu]", frame->index);
    return buffer;
}

/* One row being bound: what the functions below share. */
struct target {
    const struct param *row;
    char *config;                   /* of the row's table */
    const struct bind_frame *frame; /* of the row */
};

static void *field_of(const struct target *target)
{
    return target->config + target->row->offset;
}

static bool wrong_type(const struct binder *binder, const struct target *target, const struct node *node)
{
    char path[PATH_SIZE], wanted[WANTED_SIZE];
    complain_type(binder->diag, node, bind_path(target->frame, path, sizeof(path)),
                  bind_wanted(target->row, wanted, sizeof(wanted)));
    return false;
}

static bool bind_scalar(const struct binder *binder, const struct target *target, const struct node *node)
{
    char path[PATH_SIZE];
    if (node->kind != NODE_SCALAR || node_empty(node))
        return wrong_type(binder, target, node);
    const char *text = node->text;
    if (target->row->kind == PARAM_TEXT)
        text = arena_string(binder->arena, text);
    else if (target->row->kind == PARAM_PATH)
        text = loader_relative(binder->arena, node->place.file, text);
    enum param_result result = param_store(target->row, text, target->config);
    if (result != PARAM_OK)
        bind_complain(binder->diag, &node->place, target->row, bind_path(target->frame, path, sizeof(path)),
                      text, result);
    return result == PARAM_OK;
}

/* The evidence of a profile's value says nothing of a value that replaces it. */
static void disown_evidence(struct node *node)
{
    const struct node *value = node_get(node, "value"), *evidence = node_get(node, "evidence");
    if (value && evidence && evidence->profile && !value->profile)
        node_remove(node, "evidence");
}

/* A cost parameter in its long form; the note's own text stays in the tree for `explain`. */
static bool bind_cost(const struct binder *binder, const struct target *target, struct node *node)
{
    struct cost_note note = {0};
    char path[PATH_SIZE], wanted[WANTED_SIZE];
    disown_evidence(node);
    if (!bind_mapping(binder, &cost_note_table, node, &note, target->frame))
        return false;
    const struct node *value = note.value, *source = node_get(node, "source");
    if (!value || (source && value->profile && !source->profile)) {
        diag_error(binder->diag, value ? &source->place : &node->place,
                   "missing key: `value` in `%s`%s; wanted: %s", bind_path(target->frame, path, sizeof(path)),
                   value ? ": the source would be that of the profile's value" : "",
                   bind_wanted(target->row, wanted, sizeof(wanted)));
        return false;
    }
    if (!source || (source->profile && !value->profile)) {
        diag_error(binder->diag, &value->place,
                   "missing key: `source` in `%s`%s; wanted: where the value comes from, or the value alone",
                   bind_path(target->frame, path, sizeof(path)),
                   source ? ": the profile's is not that of this value" : "");
        return false;
    }
    return bind_scalar(binder, target, note.value);
}

static bool count_fits(const struct binder *binder, const struct target *target, size_t count,
                       const struct diag_place *place)
{
    char path[PATH_SIZE], range[WANTED_SIZE];
    if ((int64_t)count >= target->row->min && (int64_t)count <= target->row->max)
        return true;
    diag_error(binder->diag, place, "wrong number of entries: %zu in `%s`; allowed: %s", count,
               bind_path(target->frame, path, sizeof(path)), bind_range(target->row, range, sizeof(range)));
    return false;
}

static bool bind_list(const struct binder *binder, const struct target *target, struct node *node)
{
    struct param_list *list = field_of(target);
    size_t size = target->row->table->size;
    if (node->kind != NODE_LIST)
        return wrong_type(binder, target, node);
    bool fine = count_fits(binder, target, node->count, &node->place);
    if ((int64_t)node->count > target->row->max)
        return false;
    list->items = arena_alloc(binder->arena, node->count * size);
    list->count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        struct bind_frame frame = {.parent = target->frame, .index = i};
        fine = bind_mapping(binder, target->row->table, node->items[i], (char *)list->items + i * size,
                            &frame) &&
               fine;
    }
    return fine;
}

/* The row of one entry of a QUANTITIES list. */
static struct param entry_row(const struct param *row)
{
    return (struct param){
        .key = row->key, .kind = PARAM_QUANTITY, .dimension = row->dimension, .min = 0, .max = INT64_MAX};
}

static bool bind_quantities(const struct binder *binder, const struct target *target, struct node *node)
{
    struct param_list *list = field_of(target);
    struct param row = entry_row(target->row);
    if (node->kind != NODE_LIST)
        return wrong_type(binder, target, node);
    bool fine = count_fits(binder, target, node->count, &node->place);
    if ((int64_t)node->count > target->row->max)
        return false;
    list->items = arena_alloc(binder->arena, node->count * sizeof(int64_t));
    list->count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        struct bind_frame frame = {.parent = target->frame, .index = i};
        struct target entry = {
            .row = &row, .config = (char *)list->items + i * sizeof(int64_t), .frame = &frame};
        fine = bind_scalar(binder, &entry, node->items[i]) && fine;
    }
    return fine;
}

static bool bind_model(const struct binder *binder, const struct target *target,
                       const struct param_model *model, struct node *node)
{
    struct param_variant *variant = field_of(target);
    struct bind_frame frame = *target->frame;
    frame.variant = true;
    variant->model = model;
    variant->config = arena_alloc(binder->arena, model->table->size);
    return bind_mapping(binder, model->table, node, variant->config, &frame);
}

static bool unknown_model(const struct binder *binder, const struct target *target, const struct node *name)
{
    char path[PATH_SIZE];
    struct names names = {0};
    for (const struct param_model *const *model = target->row->family->models; *model; model++)
        names_add(&names, (*model)->table->name);
    complain_unknown(binder->diag, &name->place, "model", name->text,
                     bind_path(target->frame, path, sizeof(path)), &names);
    return false;
}

/* A variant is a bare model name, or a group with the key `model:`, without which it is the default model. */
static bool bind_variant(const struct binder *binder, const struct target *target, struct node *node)
{
    const struct param_family *family = target->row->family;
    struct node *name = node->kind == NODE_SCALAR ? node : node_get(node, "model");
    if (node->kind == NODE_LIST || (name && (name->kind != NODE_SCALAR || node_empty(name))))
        return wrong_type(binder, target, node->kind == NODE_LIST ? node : name);
    const struct param_model *model = name ? param_find_model(family, name->text) : family->models[0];
    if (!model)
        return unknown_model(binder, target, name);
    if (node->kind == NODE_SCALAR)
        node = node_create(binder->arena, NODE_MAPPING, node->place);
    return bind_model(binder, target, model, node);
}

static bool bind_row(const struct binder *binder, const struct target *target, struct node *node)
{
    switch (target->row->kind) {
    case PARAM_GROUP:
        if (node_empty(node))
            return wrong_type(binder, target, node);
        return bind_mapping(binder, target->row->table, node, field_of(target), target->frame);
    case PARAM_LIST:
        return bind_list(binder, target, node);
    case PARAM_QUANTITIES:
        return bind_quantities(binder, target, node);
    case PARAM_VARIANT:
        return bind_variant(binder, target, node);
    case PARAM_ANY:
        *(const void **)field_of(target) = node;
        return true;
    default:
        return target->row->cost && node->kind == NODE_MAPPING ? bind_cost(binder, target, node)
                                                               : bind_scalar(binder, target, node);
    }
}

static bool missing(const struct binder *binder, const struct target *target, const struct diag_place *place)
{
    char path[PATH_SIZE], wanted[WANTED_SIZE];
    const char *in = bind_path(target->frame->parent, path, sizeof(path));
    diag_error(binder->diag, place, "missing key: `%s`%s%s%s; wanted: %s", target->row->key,
               *in ? " in `" : "", in, *in ? "`" : "", bind_wanted(target->row, wanted, sizeof(wanted)));
    return false;
}

/* The default of a QUANTITIES row: values with commas between. */
static bool bind_default_quantities(const struct binder *binder, const struct target *target,
                                    const struct diag_place *place)
{
    struct node *list = node_create(binder->arena, NODE_LIST, *place);
    for (const char *at = target->row->fallback; at && *at;) {
        at += strspn(at, " ,");
        size_t length = strcspn(at, " ,");
        if (length)
            node_append(binder->arena, list,
                        node_scalar(binder->arena, arena_copy(binder->arena, at, length), *place));
        at += length;
    }
    return bind_quantities(binder, target, list);
}

/* A row that the user did not write. */
static bool bind_absent(const struct binder *binder, const struct target *target,
                        const struct diag_place *place)
{
    const struct param *row = target->row;
    struct node *nothing = node_create(binder->arena, NODE_MAPPING, *place);
    if (row->required)
        return missing(binder, target, place);
    switch (row->kind) {
    case PARAM_GROUP:
        return bind_mapping(binder, row->table, nothing, field_of(target), target->frame);
    case PARAM_VARIANT:
        return bind_model(binder, target, row->family->models[0], nothing);
    case PARAM_QUANTITIES:
        return !row->fallback || bind_default_quantities(binder, target, place);
    case PARAM_LIST:
    case PARAM_ANY:
        return true;
    default:
        if (row->fallback) {
            enum param_result result = param_store(row, row->fallback, target->config);
            SIM_ASSERT(result == PARAM_OK);
        }
        return true;
    }
}

static bool unknown_key(const struct binder *binder, const struct param_table *table,
                        const struct node_entry *entry, const struct bind_frame *frame)
{
    char path[PATH_SIZE];
    struct names names = {0};
    for (size_t i = 0; i < table->count; i++)
        names_add(&names, table->params[i].key);
    for (size_t i = 0; !frame && binder->others && i < binder->others->count; i++)
        names_add(&names, binder->others->params[i].key);
    names_add(&names, "include");
    if (table->profiles)
        names_add(&names, "profile");
    if (frame && frame->variant)
        names_add(&names, "model");
    complain_unknown(binder->diag, &entry->place, "key", entry->key, bind_path(frame, path, sizeof(path)),
                     &names);
    return false;
}

/* Whether a key without a row is none of this table's business. */
static bool elsewhere(const struct binder *binder, const struct param_table *table, const char *key,
                      const struct bind_frame *frame)
{
    if (table->profiles && strcmp(key, "profile") == 0)
        return true;
    if (frame && frame->variant && strcmp(key, "model") == 0)
        return true;
    return !frame && binder->lenient;
}

static bool bind_entry(const struct binder *binder, const struct param_table *table,
                       const struct node_entry *entry, void *config, const struct bind_frame *frame)
{
    const struct param *row = param_find(table, entry->key);
    if (!row)
        return elsewhere(binder, table, entry->key, frame) || unknown_key(binder, table, entry, frame);
    struct bind_frame below = {.parent = frame, .key = row->key};
    struct target target = {.row = row, .config = config, .frame = &below};
    return bind_row(binder, &target, entry->value);
}

static bool not_a_group(const struct binder *binder, const struct node *node, const struct bind_frame *frame)
{
    char path[PATH_SIZE];
    complain_type(binder->diag, node, bind_path(frame, path, sizeof(path)), "a group of keys");
    return false;
}

/*
 * Whether so many required keys are missing that a profile was forgotten: said once, not key by key. A group
 * that does have a profile is told of each.
 */
static bool lacks_profile(const struct binder *binder, const struct param_table *table,
                          const struct node *node, const struct bind_frame *frame)
{
    char path[PATH_SIZE];
    const char *first = NULL;
    size_t count = 0;
    if (!table->profiles || !frame || node_get(node, "profile"))
        return false;
    for (size_t i = 0; i < table->count; i++) {
        const struct param *row = &table->params[i];
        if (!row->required || node_entry(node, row->key))
            continue;
        first = first ? first : row->key;
        count++;
    }
    if (count < MISSING_MANY)
        return false;
    diag_error(binder->diag, &node->place,
               "missing keys: `%s` and %zu more in `%s`; wanted: each of them, or `profile: NAME` from the "
               "library folder `%s`",
               first, count - 1, bind_path(frame, path, sizeof(path)), table->profile_folder);
    return true;
}

bool bind_mapping(const struct binder *binder, const struct param_table *table, struct node *node,
                  void *config, const struct bind_frame *frame)
{
    bool fine = true;
    if (node->kind != NODE_MAPPING)
        return not_a_group(binder, node, frame);
    for (size_t i = 0; i < node->count; i++)
        fine = bind_entry(binder, table, &node->entries[i], config, frame) && fine;
    if (lacks_profile(binder, table, node, frame))
        return false;
    for (size_t i = 0; i < table->count; i++) {
        const struct param *row = &table->params[i];
        if (node_entry(node, row->key))
            continue;
        struct bind_frame below = {.parent = frame, .key = row->key};
        struct target target = {.row = row, .config = config, .frame = &below};
        fine = bind_absent(binder, &target, &node->place) && fine;
    }
    return fine;
}
