/*
 * The JSON Schema and the reference page.
 */
#include <jansson.h>
#include <regex.h>

#include "tests/unit/scenarios/sample.h"

static json_t *schema;

static void make_schema(void)
{
    char *text = NULL;
    size_t size;
    json_error_t error;
    FILE *stream = open_memstream(&text, &size);
    scenario_schema(&sample_table, stream);
    fclose(stream);
    schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(schema, "%s", error.text);
    free(text);
}

static void drop_schema(void)
{
    json_decref(schema);
}

TestSuite(schema, .init = make_schema, .fini = drop_schema);

/* The schema at a path of keys, ended by NULL. */
static json_t *at(const char *first, ...)
{
    va_list keys;
    json_t *json = schema;
    va_start(keys, first);
    for (const char *key = first; key; key = va_arg(keys, const char *))
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(key)) : json_object_get(json, key);
    va_end(keys);
    return json;
}

Test(schema, top_level)
{
    cr_assert_str_eq(json_string_value(at("$schema", NULL)), "https://json-schema.org/draft/2020-12/schema");
    cr_assert_str_eq(json_string_value(at("required", "0", NULL)), "schema_version");
    cr_assert(json_is_false(at("additionalProperties", NULL)));
    cr_assert_not_null(at("properties", "sweep", "items", "properties", "values", NULL));
    cr_assert_not_null(at("properties", "compare", "items", "anyOf", "1", "properties", "set", NULL));
    cr_assert_not_null(at("properties", "include", "anyOf", NULL));
    for (size_t i = 0; i < sample_table.count; i++)
        cr_assert_not_null(at("properties", sample_table.params[i].key, "description", NULL));
}

Test(schema, kinds)
{
    cr_assert_str_eq(json_string_value(at("properties", "seed", "type", NULL)), "integer");
    cr_assert_null(at("properties", "seed", "maximum", NULL));
    cr_assert_eq(json_integer_value(at("properties", "host", "properties", "cores", "maximum", NULL)), 64);
    cr_assert_str_eq(json_string_value(at("properties", "trace", "type", NULL)), "boolean");
    cr_assert_str_eq(json_string_value(at("properties", "strategy", "enum", "2", NULL)), "virtio");
    cr_assert_eq(json_integer_value(at("properties", "nics", "minItems", NULL)), 1);
    cr_assert_str_eq(
        json_string_value(at("properties", "nics", "items", "properties", "profile", "type", NULL)),
        "string");
    cr_assert_null(at("properties", "traffic", "properties", "profile", NULL));
    cr_assert_str_eq(
        json_string_value(at("properties", "nics", "items", "properties", "rate", "description", NULL)),
        "line rate. Allowed: 1Mbps to 400Gbps. Required.");
}

Test(schema, variants_and_costs)
{
    cr_assert_str_eq(json_string_value(at("properties", "traffic", "properties", "arrival", "anyOf", "0",
                                          "enum", "1", NULL)),
                     "poisson");
    cr_assert_str_eq(json_string_value(at("properties", "traffic", "properties", "arrival", "anyOf", "2",
                                          "properties", "model", "const", NULL)),
                     "poisson");
    cr_assert_null(at("properties", "traffic", "properties", "arrival", "anyOf", "1", "required", NULL));
    cr_assert_str_eq(json_string_value(at("properties", "traffic", "properties", "arrival", "anyOf", "2",
                                          "required", "0", NULL)),
                     "model");
    cr_assert_not_null(
        at("properties", "costs", "properties", "exit", "anyOf", "1", "properties", "evidence", NULL));
    cr_assert_null(at("properties", "traffic", "properties", "size", "anyOf", "1", "properties", NULL));
}

Test(schema, patterns_accept_what_the_checks_accept)
{
    static const char *const good[] = {"1kpps", "1.5Mpps", "0.5pps", ".5kpps", "1e3mpps", "+1pps"};
    static const char *const bad[] = {"1", "1 kpps", "1Kpps", "kpps", "1.kpps", "1kppsx", "1Gbps"};
    regex_t pattern;
    json_t *rate = at("properties", "traffic", "properties", "rate", "anyOf", "0", "pattern", NULL);
    cr_assert_eq(regcomp(&pattern, json_string_value(rate), REG_EXTENDED | REG_NOSUB), 0);
    for (size_t i = 0; i < PARAM_COUNT(good); i++)
        cr_assert_eq(regexec(&pattern, good[i], 0, NULL, 0), 0, "%s", good[i]);
    for (size_t i = 0; i < PARAM_COUNT(bad); i++)
        cr_assert_neq(regexec(&pattern, bad[i], 0, NULL, 0), 0, "%s", bad[i]);
    regfree(&pattern);
}

Test(reference, every_parameter_is_on_the_page)
{
    static const char *const lines[] = {
        "| `schema_version` | 1 | required | the language's version |",
        "| `cores` | a whole number, 1 to 64 | `4` | cores |",
        "| `rate` | a bit rate in bps, kbps, Mbps, Gbps or Tbps, 1Mbps to 400Gbps | required | line rate |",
        "| `exit` | a number of cycles in cycles, kcycles or Mcycles, 0 to 1Mcycles | `1200cycles` | a VM "
        "exit "
        "(cost) |",
        "| `strategy` | `native`, `emulation`, `virtio`, `passthrough` | `native` | data path |",
        "| `moderation` | one of `none`, `itr` |  | interrupt moderation |",
        "### `nics[].moderation (model: itr)`",
        "### `compare[]`",
        "`profile: NAME` takes its defaults from the library folder `hosts`.",
    };
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    scenario_reference(&sample_table, stream);
    fclose(stream);
    for (size_t i = 0; i < PARAM_COUNT(lines); i++)
        cr_assert_not_null(strstr(text, lines[i]), "%s\n%s", lines[i], text);
    free(text);
}
