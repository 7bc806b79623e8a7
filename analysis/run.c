#include "analysis/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void keep_error(void *self, const char *path, const char *message)
{
    struct run_error *error = self;
    if (error->text[0] == '\0')
        snprintf(error->text, sizeof(error->text), "%s: %s", path, message);
}

static bool is_conserved(struct system *system, struct run_error *error)
{
    const char *broken = system_check(system);
    if (!broken)
        return true;
    error->internal = true;
    snprintf(error->text, sizeof(error->text), "internal error: not conserved: %s", broken);
    return false;
}

json_t *run_config(const struct config *config, const struct result_labels *labels,
                   const struct run_options *options, struct run_error *error)
{
    struct sim_config sim_config = {
        .seed = (uint64_t)config->seed,
        .replication = (uint32_t)labels->replication,
        .mode = options->lockstep || options->vcd ? SIM_LOCKSTEP : SIM_DECOUPLED,
        .vcd_path = options->vcd,
    };
    *error = (struct run_error){0};
    struct sim *sim = sim_create(&sim_config);
    if (!sim) {
        snprintf(error->text, sizeof(error->text), "%s.vcd: cannot write: %s", options->vcd, strerror(errno));
        return NULL;
    }
    struct system *system = system_create(sim, config, keep_error, error);
    json_t *result = NULL;
    if (system) {
        system_run(system);
        if (is_conserved(system, error))
            result = result_create(system, labels);
    }
    if (options->last && !options->vcd)
        return result;
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
