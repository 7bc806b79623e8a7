/*
 * The real models' tables, as the language uses them.
 */
#include "models/registry.h"

#include <jansson.h>

#include "scenarios/directives.h"
#include "tests/unit/scenarios/sample.h"

Test(registry, all_tables_are_sound)
{
    struct diag *diag = diag_create();
    bool sound = param_check_table(registry_root(), diag);
    char *messages = sample_messages(diag);
    cr_assert(sound, "%s", messages);
    cr_assert_gt(registry_root()->count, 0);
    free(messages);
    diag_destroy(diag);
}

Test(registry, the_directives_are_sound_and_no_parameter_is_called_like_one)
{
    struct diag *diag = diag_create();
    cr_assert(param_check_table(&directives_table, diag));
    cr_assert(param_check_table(&alternative_table, diag));
    cr_assert(param_check_table(&other_table, diag));
    for (size_t i = 0; i < directives_table.count; i++)
        cr_assert_null(param_find(registry_root(), directives_table.params[i].key));
    diag_destroy(diag);
}

Test(registry, the_schema_is_json)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    scenario_schema(registry_root(), stream);
    fclose(stream);
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(schema);
    json_decref(schema);
    free(text);
}
