#include "analysis/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct first_error {
    char *text;
    size_t size;
};

static void keep_error(void *self, const char *path, const char *message)
{
    struct first_error *error = self;
    if (error->text[0] == '\0')
        snprintf(error->text, error->size, "%s: %s", path, message);
}

static void check_conservation(struct system *system)
{
    const char *broken = system_check(system);
    if (!broken)
        return;
    fprintf(stderr, "iovsim: internal error: conservation of %s\n", broken);
    abort();
}

json_t *run_config(const struct config *config, const struct result_labels *labels,
                   const struct run_options *options, char *error, size_t error_size)
{
    struct sim_config sim_config = {
        .seed = (uint64_t)config->seed,
        .replication = (uint32_t)labels->replication,
        .mode = options->lockstep || options->vcd ? SIM_LOCKSTEP : SIM_DECOUPLED,
        .vcd_path = options->vcd,
    };
    struct first_error first = {.text = error, .size = error_size};
    error[0] = '\0';
    struct sim *sim = sim_create(&sim_config);
    if (!sim) {
        snprintf(error, error_size, "%s.vcd: cannot write: %s", options->vcd, strerror(errno));
        return NULL;
    }
    struct system *system = system_create(sim, config, keep_error, &first);
    json_t *result = NULL;
    if (system) {
        system_run(system);
        check_conservation(system);
        result = result_create(system, labels);
    }
    system_destroy(system);
    sim_destroy(sim);
    return result;
}

json_t *run_point_values(const struct scenario *scenario, const struct scenario_point *point)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    json_t *values = json_object();
    for (size_t i = 0; point && i < experiment->axis_count; i++)
        json_object_set_new(values, experiment->axes[i].name, json_string(point->values[i]->text));
    if (point && point->alternative)
        json_object_set_new(values, "compare", json_string(point->alternative->name));
    return values;
}
