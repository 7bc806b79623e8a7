#include "models/traffic/size/sizes.h"

static const struct param_model *const models[] = {
    &size_fixed, &size_imix, &size_empirical, &size_uniform, NULL,
};

const struct param_family size_family = {
    .name = "size",
    .help = "how large frames are on the wire, FCS included",
    .models = models,
};
