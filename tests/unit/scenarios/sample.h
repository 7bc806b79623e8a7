/*
 * Helpers for the tests of the scenario language.
 */
#ifndef TESTS_UNIT_SCENARIOS_SAMPLE_H
#define TESTS_UNIT_SCENARIOS_SAMPLE_H

#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/scenario.h"
#include "tests/unit/scenarios/sample_table.h"

/* A folder of the source tree, relative to tests/unit/scenarios; the tests are built with full paths. */
static inline const char *sample_folder(const char *relative)
{
    static char folder[2 * PATH_MAX];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(folder, sizeof(folder), "%.*s/%s", slash ? (int)(slash - __FILE__) : 1, slash ? __FILE__ : ".",
             relative);
    return folder;
}

static inline const char *sample_library(void)
{
    return sample_folder("files/library");
}

/* All messages as one string, to be freed. */
static inline char *sample_messages(const struct diag *diag)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    diag_print(diag, stream);
    fclose(stream);
    return text;
}

/* Loads a text with the overrides in `sets` (NULL-terminated or NULL); messages call it "a.yaml". */
static inline struct scenario *sample_load(const char *text, const char *const *sets, struct diag *diag)
{
    struct scenario_options options = {.library = sample_library(), .sets = sets};
    for (; sets && sets[options.set_count]; options.set_count++)
        ;
    return scenario_load_text("a.yaml", text, strlen(text), &options, diag);
}

/* Loads and binds every point of a text; returns the messages, "" when nothing was wrong, to be freed. */
static inline char *sample_check(const char *text, const char *const *sets)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = sample_load(text, sets, diag);
    for (size_t i = 0; scenario && i < scenario_point_count(scenario) && !diag_error_count(diag); i++)
        scenario_binding_destroy(scenario_bind(scenario, scenario_point(scenario, i), &sample_table, diag));
    char *messages = sample_messages(diag);
    scenario_destroy(scenario);
    diag_destroy(diag);
    return messages;
}

/* What every valid text here begins with. */
#define SAMPLE_HEAD "schema_version: 1\nnics: [{rate: 10Gbps}]\n"

/* Asserts that a text, after SAMPLE_HEAD, gives exactly these messages. */
#define SAMPLE_EXPECT(text, expected)                                                                        \
    do {                                                                                                     \
        char *messages_ = sample_check(SAMPLE_HEAD text, NULL);                                              \
        cr_assert_str_eq(messages_, expected);                                                               \
        free(messages_);                                                                                     \
    } while (0)

#endif
