#include "scenarios/library.h"

#include "tests/unit/scenarios/sample.h"

Test(library, lists_all_kinds_in_order)
{
    static const char *const expected[] = {"costs/cheap", "hosts/big", "nics/fast", "nics/faster",
                                           "scenarios/demo"};
    struct library_list list;
    library_list(sample_library(), NULL, &list);
    cr_assert_eq(list.count, PARAM_COUNT(expected));
    for (size_t i = 0; i < list.count; i++) {
        char name[100];
        snprintf(name, sizeof(name), "%s/%s", list.items[i].kind, list.items[i].name);
        cr_assert_str_eq(name, expected[i]);
    }
    library_list_free(&list);
}

Test(library, describes_by_the_first_line)
{
    struct library_list list;
    library_list(sample_library(), "nics", &list);
    cr_assert_eq(list.count, 2);
    cr_assert_str_eq(list.items[0].description, "A fast card.");
    cr_assert_str_eq(list.items[1].description, "A faster card.");
    library_list_free(&list);
    library_list(sample_library(), "costs", &list);
    cr_assert_str_eq(list.items[0].description, "");
    library_list_free(&list);
}

Test(library, what_is_not_there_is_empty)
{
    struct library_list list;
    library_list(sample_library(), "nothing", &list);
    cr_assert_eq(list.count, 0);
    library_list_free(&list);
    library_list("/nonexistent", NULL, &list);
    cr_assert_eq(list.count, 0);
    library_list_free(&list);
    library_list(NULL, NULL, &list);
    cr_assert_eq(list.count, 0);
    library_list_free(&list);
}

Test(library, finds_files)
{
    char *path = library_find(sample_library(), "scenarios", "demo");
    cr_assert_not_null(path);
    cr_assert_eq(access(path, R_OK), 0);
    free(path);
    cr_assert_null(library_find(sample_library(), "scenarios", "nothing"));
    cr_assert_null(library_find(NULL, "scenarios", "demo"));
}

Test(library, the_folder_is_the_given_one_then_the_environment_s)
{
    setenv("IOVSIM_LIBRARY", "/some/where", 1);
    char *folder = library_folder("given");
    cr_assert_str_eq(folder, "given");
    free(folder);
    folder = library_folder(NULL);
    cr_assert_str_eq(folder, "/some/where");
    free(folder);
    unsetenv("IOVSIM_LIBRARY");
    folder = library_folder(NULL); /* whatever it is, it exists */
    cr_assert(folder == NULL || access(folder, R_OK) == 0);
    free(folder);
}

Test(library, a_library_scenario_binds)
{
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = sample_library()};
    char *path = library_find(sample_library(), "scenarios", "demo");
    struct scenario *scenario = scenario_load(path, &options, diag);
    struct scenario_binding *binding = scenario_bind(scenario, NULL, &sample_table, diag);
    cr_assert_not_null(binding);
    scenario_binding_destroy(binding);
    scenario_destroy(scenario);
    free(path);
    diag_destroy(diag);
}
