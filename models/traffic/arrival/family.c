#include "models/traffic/arrival/arrivals.h"

static const struct param_model *const models[] = {
    &arrival_constant, &arrival_poisson, &arrival_on_off, &arrival_replay, NULL,
};

const struct param_family arrival_family = {
    .name = "arrival",
    .help = "when packets come",
    .models = models,
};
