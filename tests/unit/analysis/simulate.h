/* Runs a scenario text or file in this process, for tests. */
#ifndef TESTS_UNIT_ANALYSIS_SIMULATE_H
#define TESTS_UNIT_ANALYSIS_SIMULATE_H

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "analysis/run.h"
#include "models/registry.h"

#ifndef IOVSIM_SOURCE_DIR
#define IOVSIM_SOURCE_DIR "." /* the header alone: as run from the root */
#endif
#define LIBRARY IOVSIM_SOURCE_DIR "/scenarios/library"

/* A scenario of one point with the library's profiles; `sets` ends with NULL. */
static inline json_t *simulate_text(const char *text, const char *const *sets, const struct run_options *run)
{
    size_t count = 0;
    while (sets && sets[count])
        count++;
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = LIBRARY, .sets = sets, .set_count = count};
    struct scenario *scenario = scenario_load_text("test.yaml", text, strlen(text), &options, diag);
    struct scenario_binding *binding = NULL;
    if (scenario)
        binding = scenario_bind(scenario, scenario_point(scenario, 0), registry_root(), diag);
    diag_print(diag, stderr);
    cr_assert_not_null(binding);
    json_t *values = json_object();
    struct result_labels labels = {.scenario = "test", .point = "base", .values = values};
    struct run_error error;
    json_t *result = run_config(scenario_config(binding), &labels, run, &error);
    cr_assert_not_null(result, "%s", error.text);
    scenario_binding_destroy(binding);
    scenario_destroy(scenario);
    diag_destroy(diag);
    json_decref(values);
    return result;
}

static inline double simulated(const json_t *result, const char *path)
{
    double value = NAN;
    cr_assert(result_number(result, path, &value), "no %s in the result", path);
    return value;
}

#endif
