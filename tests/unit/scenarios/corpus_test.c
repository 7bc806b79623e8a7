/*
 * The wrong scenarios of tests/bad: each must be answered with exactly the messages beside it.
 */
#include <dirent.h>

#include "tests/unit/scenarios/sample.h"

#define CASES_MIN 100

/* Checks one file as `iovsim check` does: load, then bind every point. */
static char *check(const char *name)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = scenario_load(name, NULL, diag);
    for (size_t i = 0; scenario && i < scenario_point_count(scenario); i++)
        scenario_binding_destroy(scenario_bind(scenario, scenario_point(scenario, i), &sample_table, diag));
    cr_assert_gt(diag_error_count(diag), 0, "%s", name);
    char *messages = sample_messages(diag);
    scenario_destroy(scenario);
    diag_destroy(diag);
    return messages;
}

static char *read_text(const char *path)
{
    static char buffer[1 << 16];
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t size = fread(buffer, 1, sizeof(buffer) - 1, file);
    fclose(file);
    buffer[size] = '\0';
    return buffer;
}

Test(corpus, every_wrong_scenario_gets_its_exact_messages)
{
    size_t cases = 0;
    cr_assert_eq(chdir(sample_folder("../../bad")), 0);
    DIR *folder = opendir(".");
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        const char *ending = strstr(entry->d_name, ".expected");
        char name[300];
        if (!ending)
            continue;
        snprintf(name, sizeof(name), "%.*s.yaml", (int)(ending - entry->d_name), entry->d_name);
        char *messages = check(name);
        cr_expect_str_eq(messages, read_text(entry->d_name), "%s", name);
        free(messages);
        cases++;
    }
    closedir(folder);
    cr_assert_geq(cases, CASES_MIN);
}
