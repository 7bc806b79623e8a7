/*
 * libFuzzer target of the scenario language. The input is a scenario, then, each behind a NUL byte, overrides
 * as --set takes them. Nothing may crash; what binds must also be explained, and the dump must bind again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "sim/assert.h"
#include "tests/unit/scenarios/sample_table.h"

#define SETS_MAX 8
#define POINTS_MAX 4

/* Splits the overrides off the copied input, which ends with a NUL. Returns the scenario's size. */
static size_t split(char *text, size_t size, const char **sets, size_t *count)
{
    size_t scenario = strlen(text);
    for (size_t i = scenario + 1; i < size && *count < SETS_MAX; i += strlen(text + i) + 1)
        sets[(*count)++] = text + i;
    return scenario;
}

/* What was dumped must load and bind again. */
static void expect_again(const char *dump, size_t size)
{
    struct diag *diag = diag_create();
    struct scenario_options options = {.no_files = true};
    struct scenario *scenario = scenario_load_text("dump.yaml", dump, size, &options, diag);
    struct scenario_binding *binding =
        scenario ? scenario_bind(scenario, scenario_point(scenario, 0), &sample_table, diag) : NULL;
    if (!binding) {
        fputs(dump, stderr);
        diag_print(diag, stderr);
    }
    SIM_ASSERT(binding);
    scenario_binding_destroy(binding);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

static void explain(const struct scenario *scenario, const struct scenario_point *point, struct diag *diag)
{
    char *dump = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&dump, &size);
    SIM_ASSERT(stream);
    bool fine = scenario_explain(scenario, point, &sample_table, stream, diag);
    SIM_ASSERT(fine);
    fclose(stream);
    expect_again(dump, size);
    free(dump);
}

/* Every expectation's filters and cause at one point. */
static void try_expectations(const struct scenario *scenario, const struct scenario_point *point)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        const struct scenario_expectation *expectation = &experiment->expectations[i];
        struct diag *diag = diag_create();
        struct scenario_binding *binding = NULL;
        if (scenario_matches(scenario, &expectation->where, point))
            binding = scenario_bind_cause(scenario, point, expectation, &sample_table, diag);
        scenario_binding_destroy(binding);
        diag_destroy(diag);
    }
}

static void bind_points(const struct scenario *scenario, struct diag *diag)
{
    for (size_t i = 0; i < scenario_point_count(scenario) && i < POINTS_MAX; i++) {
        const struct scenario_point *point = scenario_point(scenario, i);
        struct scenario_binding *binding = scenario_bind(scenario, point, &sample_table, diag);
        SIM_ASSERT(binding || diag_error_count(diag) > 0);
        if (binding)
            explain(scenario, point, diag);
        scenario_binding_destroy(binding);
        try_expectations(scenario, point);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *sets[SETS_MAX];
    struct scenario_options options = {.sets = sets, .no_files = true};
    struct diag *diag = diag_create();
    char *text = malloc(size + 1);
    SIM_ASSERT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    size_t length = split(text, size, sets, &options.set_count);
    struct scenario *scenario = scenario_load_text("fuzz.yaml", text, length, &options, diag);
    SIM_ASSERT(scenario || diag_error_count(diag) > 0);
    if (scenario)
        bind_points(scenario, diag);
    scenario_destroy(scenario);
    diag_destroy(diag);
    free(text);
    return 0;
}
