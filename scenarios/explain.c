/*
 * `explain`: the resolved scenario as YAML that loads again, each value with where it comes from. The walk
 * follows the parameter tables, so that defaults are shown; what is no parameter's (the directives' own
 * values) is written as it was read.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/directives.h"
#include "scenarios/resolve.h"

#define COMMENT_COLUMN 48

struct writer {
    FILE *out;
    int indent;                     /* columns */
    bool item;                      /* the next key continues a line that holds "- " */
    int column;                     /* of the line being written */
    const struct bind_frame *frame; /* where in the configuration the writer is */
    const char *const *idle;        /* parameters that are written as comments */
    size_t idle_count;
};

/* Whether the parameter that is being written is one of the idle. */
static bool is_idle(const struct writer *writer)
{
    char path[300];
    if (writer->idle_count == 0)
        return false;
    bind_path(writer->frame, path, sizeof(path));
    for (size_t i = 0; i < writer->idle_count; i++)
        if (strcmp(writer->idle[i], path) == 0)
            return true;
    return false;
}

static void put(struct writer *writer, const char *text)
{
    fputs(text, writer->out);
    writer->column += (int)strlen(text);
}

static void start_line(struct writer *writer)
{
    if (!writer->item) {
        fprintf(writer->out, "%*s", writer->indent, "");
        writer->column = writer->indent;
    }
    writer->item = false;
}

/* Ends a line, with a comment unless it is empty; a file name's control characters would break the line. */
static void end_line(struct writer *writer, const char *comment, int line)
{
    if (*comment) {
        int gap = writer->column < COMMENT_COLUMN ? COMMENT_COLUMN - writer->column : 1;
        fprintf(writer->out, "%*s# ", gap, "");
        for (const char *at = comment; *at; at++)
            fputc((unsigned char)*at < 0x20 ? '?' : *at, writer->out);
        if (line)
            fprintf(writer->out, ":%d", line);
    }
    fputc('\n', writer->out);
}

static void end_line_from(struct writer *writer, const struct node *node)
{
    if (!node)
        end_line(writer, "default", 0);
    else if (!node->place.file)
        end_line(writer, "--set", 0);
    else
        end_line(writer, node->place.file, node->place.line);
}

/* Whether the text can stand in YAML without quotes and be read back as itself, in a flow list, too. */
static bool plain_safe(const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%+=-";
    if (strspn(text, safe) != strlen(text) || *text == '\0')
        return false;
    return strchr("-%=.", text[0]) == NULL || (text[0] == '-' && text[1] >= '0' && text[1] <= '9');
}

static void put_scalar(struct writer *writer, const char *text)
{
    if (plain_safe(text)) {
        put(writer, text);
        return;
    }
    put(writer, "\"");
    for (const char *at = text; *at; at++) {
        char escaped[8] = {*at};
        if (*at == '"' || *at == '\\')
            snprintf(escaped, sizeof(escaped), "\\%c", *at);
        else if (*at == '\n')
            snprintf(escaped, sizeof(escaped), "\\n");
        else if ((unsigned char)*at < 0x20 || *at == 0x7f)
            snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char)*at);
        put(writer, escaped);
    }
    put(writer, "\"");
}

static void put_key(struct writer *writer, const char *key)
{
    start_line(writer);
    put_scalar(writer, key);
    put(writer, ":");
}

static void write_raw(struct writer *writer, const struct node *node);

static void write_raw_list(struct writer *writer, const struct node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        start_line(writer);
        put(writer, "- ");
        writer->indent += 2;
        writer->item = true;
        write_raw(writer, node->items[i]);
        writer->indent -= 2;
    }
}

static void write_raw_entries(struct writer *writer, const struct node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct node *value = node->entries[i].value;
        put_key(writer, node->entries[i].key);
        if (value->kind != NODE_SCALAR && value->count > 0) {
            end_line(writer, "", 0);
            writer->indent += 2;
            write_raw(writer, value);
            writer->indent -= 2;
        } else {
            put(writer, " ");
            writer->item = true;
            write_raw(writer, value);
        }
    }
}

/* Writes a node without a table: the cursor is where its first line starts. */
static void write_raw(struct writer *writer, const struct node *node)
{
    if (node->kind != NODE_SCALAR && node->count > 0) {
        if (node->kind == NODE_LIST)
            write_raw_list(writer, node);
        else
            write_raw_entries(writer, node);
        return;
    }
    start_line(writer);
    if (node->kind != NODE_SCALAR)
        put(writer, node->kind == NODE_LIST ? "[]" : "{}");
    else if (!node_empty(node))
        put_scalar(writer, node->text);
    end_line_from(writer, node);
}

/* Where a group's defaults were taken from: a comment, since all of them are written out. */
static void write_profile(struct writer *writer, const struct param_table *table, const struct node *node)
{
    const struct node *profile = table->profiles ? node_get(node, "profile") : NULL;
    if (!profile || profile->kind != NODE_SCALAR)
        return;
    start_line(writer);
    put(writer, "# profile ");
    put_scalar(writer, profile->text);
    end_line(writer, "", 0);
}

static void write_table(struct writer *writer, const struct param_table *table, const struct node *node);

/* A list of plain values, in brackets. */
static void write_quantities(struct writer *writer, const struct param *row, const struct node *node)
{
    put(writer, " [");
    if (!node && row->fallback)
        put(writer, row->fallback);
    for (size_t i = 0; node && node->kind == NODE_LIST && i < node->count; i++) {
        put(writer, i ? ", " : "");
        if (node->items[i]->kind == NODE_SCALAR)
            put_scalar(writer, node->items[i]->text);
    }
    put(writer, "]");
    end_line_from(writer, node);
}

static void write_list(struct writer *writer, const struct param *row, const struct node *node)
{
    if (!node || node->kind != NODE_LIST || node->count == 0) {
        put(writer, " []");
        end_line_from(writer, node);
        return;
    }
    end_line(writer, "", 0);
    writer->indent += 2;
    for (size_t i = 0; i < node->count; i++) {
        write_profile(writer, row->table, node->items[i]);
        start_line(writer);
        put(writer, "- ");
        writer->indent += 2;
        writer->item = true;
        struct bind_frame frame = {.parent = writer->frame, .index = i};
        writer->frame = &frame;
        write_table(writer, row->table, node->items[i]);
        writer->frame = frame.parent;
        writer->indent -= 2;
    }
    writer->indent -= 2;
}

static void write_variant(struct writer *writer, const struct param *row, const struct node *node)
{
    const struct node *name = node && node->kind == NODE_MAPPING ? node_get(node, "model") : node;
    const char *text = name && name->kind == NODE_SCALAR ? name->text : row->family->models[0]->table->name;
    const struct param_model *model = param_find_model(row->family, text);
    end_line(writer, "", 0);
    writer->indent += 2;
    put_key(writer, "model");
    put(writer, " ");
    put_scalar(writer, text);
    end_line_from(writer, name);
    if (model)
        write_profile(writer, model->table, node);
    if (model && model->table->count > 0)
        write_table(writer, model->table, node && node->kind == NODE_MAPPING ? node : NULL);
    writer->indent -= 2;
}

static void write_group(struct writer *writer, const struct param *row, const struct node *node)
{
    if (row->table->count == 0) {
        put(writer, " {}");
        end_line_from(writer, node);
        return;
    }
    end_line(writer, "", 0);
    writer->indent += 2;
    write_profile(writer, row->table, node);
    write_table(writer, row->table, node);
    writer->indent -= 2;
}

/* A cost with its note: one line in braces, so that source and evidence stay beside the value. */
static void write_cost(struct writer *writer, const struct node *node)
{
    put(writer, " {");
    for (size_t i = 0; i < node->count; i++) {
        put(writer, i ? ", " : "");
        put_scalar(writer, node->entries[i].key);
        put(writer, ": ");
        if (node->entries[i].value->kind == NODE_SCALAR)
            put_scalar(writer, node->entries[i].value->text);
    }
    put(writer, "}");
    const struct node *value = node_get(node, "value");
    end_line_from(writer, value ? value : node);
}

/* A file name, as it is found from the working directory: the dump may be stored anywhere below it. */
static void put_path(struct writer *writer, const struct node *node)
{
    struct arena *arena = arena_create();
    put_scalar(writer, loader_relative(arena, node->place.file, node->text));
    arena_destroy(arena);
}

static void write_row(struct writer *writer, const struct param *row, const struct node *node)
{
    if (!writer->item && is_idle(writer)) {
        start_line(writer);
        put(writer, "# ");
        writer->item = true; /* the line goes on */
    }
    put_key(writer, row->key);
    switch (row->kind) {
    case PARAM_GROUP:
        write_group(writer, row, node);
        return;
    case PARAM_LIST:
        write_list(writer, row, node);
        return;
    case PARAM_VARIANT:
        write_variant(writer, row, node);
        return;
    case PARAM_QUANTITIES:
        write_quantities(writer, row, node);
        return;
    default:
        if (node && node->kind == NODE_MAPPING) {
            write_cost(writer, node);
            return;
        }
        put(writer, " ");
        if (row->kind == PARAM_PATH && node && node->kind == NODE_SCALAR)
            put_path(writer, node);
        else if (node && node->kind == NODE_SCALAR)
            put_scalar(writer, node->text);
        else if (row->fallback)
            put_scalar(writer, row->fallback);
        end_line_from(writer, node);
    }
}

/* A parameter that is neither given nor has a default: nothing can be written for it. */
static bool has_nothing(const struct param *row, const struct node *node)
{
    bool structured = row->kind == PARAM_GROUP || row->kind == PARAM_LIST || row->kind == PARAM_VARIANT ||
                      row->kind == PARAM_QUANTITIES;
    if (node)
        return false;
    return row->kind == PARAM_ANY || (row->required && !row->fallback) || (!structured && !row->fallback);
}

/* Writes all rows of a table, given or not; the keys of `node` that have no row are not parameters. */
static void write_table(struct writer *writer, const struct param_table *table, const struct node *node)
{
    bool any = false;
    for (size_t i = 0; i < table->count; i++) {
        const struct node *value = node_get(node, table->params[i].key);
        if (has_nothing(&table->params[i], value))
            continue;
        struct bind_frame frame = {.parent = writer->frame, .key = table->params[i].key};
        writer->frame = &frame;
        write_row(writer, &table->params[i], value);
        writer->frame = frame.parent;
        any = true;
    }
    if (!any) {
        start_line(writer);
        put(writer, "{}");
        end_line(writer, "", 0);
    }
}

/* The directives that are given: all of them, or for one point only those that say what it is. */
static void write_directives(struct writer *writer, const struct node *root,
                             const struct scenario_point *point)
{
    for (size_t i = 0; i < directives_table.count; i++) {
        const char *key = directives_table.params[i].key;
        bool about = strcmp(key, "schema_version") == 0 || strcmp(key, "name") == 0 ||
                     strcmp(key, "description") == 0 || strcmp(key, "look_at") == 0;
        const struct node_entry *entry = node_entry(root, key);
        if (!entry || (point && !about))
            continue;
        struct node line = {.kind = NODE_MAPPING, .count = 1};
        struct node_entry copy = *entry;
        line.entries = &copy;
        write_raw(writer, &line);
    }
}

bool scenario_explain(const struct scenario *scenario, const struct scenario_point *point,
                      const struct param_table *root, FILE *out, struct diag *diag)
{
    return scenario_explain_idle(scenario, point, root, NULL, 0, out, diag);
}

bool scenario_explain_idle(const struct scenario *scenario, const struct scenario_point *point,
                           const struct param_table *root, const char *const *idle, size_t count, FILE *out,
                           struct diag *diag)
{
    struct arena *arena = arena_create();
    struct writer writer = {.out = out, .idle = idle, .idle_count = count};
    struct node *tree = resolve(scenario, point, NULL, 0, root, arena, diag);
    if (tree) {
        write_directives(&writer, scenario->root, point);
        if (root->count > 0)
            write_table(&writer, root, tree);
    }
    arena_destroy(arena);
    return tree != NULL;
}
