/*
 * `schema`: a JSON Schema (draft 2020-12) of the scenario language, made from the same tables as the checks.
 * What a schema cannot say (ranges of values with units, keys that an include may supply) is in the
 * descriptions.
 */
#include <jansson.h>
#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/directives.h"
#include "scenarios/scenario.h"
#include "sim/assert.h"

#define TEXT_SIZE 200
#define NUMBER_PATTERN "[+-]?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]+)?"

/* json_pack() fails only for a wrong format or without memory: both are ours. */
static json_t *checked(json_t *json)
{
    SIM_ASSERT(json);
    return json;
}

static json_t *one_of_names(const char *const *names)
{
    json_t *list = json_array();
    for (; *names; names++)
        json_array_append_new(list, json_string(*names));
    return checked(json_pack("{s:o}", "enum", list));
}

/* A pattern for numbers with one of the dimension's units. */
static json_t *unit_pattern(enum unit_dimension dimension)
{
    const char *names[12];
    char pattern[TEXT_SIZE + 100] = "^" NUMBER_PATTERN "(";
    size_t count = unit_names(dimension, names, PARAM_COUNT(names));
    for (size_t i = 0; i < count; i++) {
        if (i)
            strcat(pattern, "|");
        strcat(pattern, names[i]);
    }
    strcat(pattern, ")$");
    return checked(json_pack("{s:s, s:s}", "type", "string", "pattern", pattern));
}

static json_t *quantity_schema(enum unit_dimension dimension)
{
    if (dimension == UNIT_NONE)
        return checked(json_pack("{s:s}", "type", "integer"));
    if (dimension == UNIT_RATIO)
        return checked(json_pack("{s:[{s:s}, o]}", "anyOf", "type", "number", unit_pattern(dimension)));
    return checked(json_pack("{s:[o, {s:i}]}", "anyOf", unit_pattern(dimension), "const", 0));
}

static json_t *integer_schema(const struct param *row)
{
    json_t *schema = checked(json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)row->min));
    if (row->max != INT64_MAX)
        json_object_set_new(schema, "maximum", json_integer(row->max));
    return schema;
}

static json_t *cost_schema(const struct param *row)
{
    json_t *value = row->kind == PARAM_INTEGER ? integer_schema(row) : quantity_schema(row->dimension);
    if (!row->cost)
        return value;
    return checked(json_pack("{s:[O, {s:s, s:{s:o, s:{s:s}, s:o}, s:[s], s:b}]}", "anyOf", value, "type",
                             "object", "properties", "value", value, "source", "type", "string", "evidence",
                             one_of_names(cost_evidence), "required", "value", "additionalProperties", 0));
}

static json_t *table_schema(const struct param_table *table, const char *model, bool model_required);
static json_t *kind_schema(const struct param *row);

static json_t *variant_schema(const struct param_family *family)
{
    json_t *names = json_array(), *choices = json_array();
    for (const struct param_model *const *model = family->models; *model; model++) {
        const char *name = (*model)->table->name;
        json_array_append_new(names, json_string(name));
        json_array_append_new(choices, table_schema((*model)->table, name, *model != family->models[0]));
    }
    json_array_insert_new(choices, 0, checked(json_pack("{s:o}", "enum", names)));
    const struct param_table *first = family->models[0]->table;
    if (first->count > 0)
        json_array_append_new(choices, kind_schema(&first->params[0]));
    return checked(json_pack("{s:o}", "anyOf", choices));
}

static json_t *list_schema(const struct param *row, json_t *items)
{
    return checked(json_pack("{s:s, s:I, s:I, s:o}", "type", "array", "minItems", (json_int_t)row->min,
                             "maxItems", (json_int_t)row->max, "items", items));
}

/* `compare:` is a list of names and of alternatives, which no table can say. */
static json_t *any_schema(const struct param *row)
{
    if (strcmp(row->key, "compare") != 0)
        return json_object();
    return checked(json_pack("{s:s, s:{s:[{s:s}, o]}}", "type", "array", "items", "anyOf", "type", "string",
                             table_schema(&alternative_table, NULL, false)));
}

static json_t *kind_schema(const struct param *row)
{
    switch (row->kind) {
    case PARAM_BOOL:
        return checked(json_pack("{s:s}", "type", "boolean"));
    case PARAM_INTEGER:
    case PARAM_QUANTITY:
        return cost_schema(row);
    case PARAM_CHOICE:
        return one_of_names(row->choices);
    case PARAM_GROUP:
        return table_schema(row->table, NULL, false);
    case PARAM_LIST:
        return list_schema(row, table_schema(row->table, NULL, false));
    case PARAM_QUANTITIES:
        return list_schema(row, quantity_schema(row->dimension));
    case PARAM_VARIANT:
        return variant_schema(row->family);
    case PARAM_ANY:
        return any_schema(row);
    default:
        return checked(json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean"));
    }
}

/* The row's help, with what the schema's own keywords do not say. */
static json_t *description(const struct param *row)
{
    char text[4 * TEXT_SIZE], range[TEXT_SIZE];
    bool ranged = row->kind == PARAM_QUANTITY && row->dimension != UNIT_NONE;
    snprintf(text, sizeof(text), "%s.%s%s%s%s%s%s", row->help, ranged ? " Allowed: " : "",
             ranged ? bind_range(row, range, sizeof(range)) : "", ranged ? "." : "",
             row->fallback ? " Default: " : "", row->fallback ? row->fallback : "",
             row->required   ? " Required."
             : row->fallback ? "."
                             : "");
    return json_string(text);
}

static json_t *row_schema(const struct param *row)
{
    json_t *schema = kind_schema(row);
    json_object_set_new(schema, "description", description(row));
    return schema;
}

static void add_rows(json_t *properties, const struct param_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        json_object_set_new(properties, table->params[i].key, row_schema(&table->params[i]));
}

static json_t *include_schema(void)
{
    return checked(json_pack("{s:s, s:[{s:s}, {s:s, s:{s:s}}]}", "description",
                             "Files of defaults that this group overrides.", "anyOf", "type", "string",
                             "type", "array", "items", "type", "string"));
}

static json_t *table_schema(const struct param_table *table, const char *model, bool model_required)
{
    json_t *properties = json_object();
    if (model)
        json_object_set_new(properties, "model", checked(json_pack("{s:s}", "const", model)));
    add_rows(properties, table);
    json_object_set_new(properties, "include", include_schema());
    if (table->profiles)
        json_object_set_new(properties, "profile", checked(json_pack("{s:s}", "type", "string")));
    json_t *schema = checked(json_pack("{s:s, s:s, s:o, s:b}", "description", table->help, "type", "object",
                                       "properties", properties, "additionalProperties", 0));
    if (model_required)
        json_object_set_new(schema, "required", checked(json_pack("[s]", "model")));
    return schema;
}

void scenario_schema(const struct param_table *root, FILE *out)
{
    json_t *properties = json_object();
    add_rows(properties, &directives_table);
    add_rows(properties, root);
    json_object_set_new(properties, "include", include_schema());
    json_t *schema = checked(json_pack("{s:s, s:s, s:s, s:o, s:[s], s:b}", "$schema",
                                       "https://json-schema.org/draft/2020-12/schema", "title",
                                       "iovsim scenario", "type", "object", "properties", properties,
                                       "required", "schema_version", "additionalProperties", 0));
    json_dumpf(schema, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(schema);
}
