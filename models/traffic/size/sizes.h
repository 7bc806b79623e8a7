/* The size distributions that exist; a new one is one more line here and in family.c. */
#ifndef MODELS_TRAFFIC_SIZE_SIZES_H
#define MODELS_TRAFFIC_SIZE_SIZES_H

#include "models/traffic/source.h"

extern const struct param_model size_fixed;
extern const struct param_model size_imix;
extern const struct param_model size_empirical;
extern const struct param_model size_uniform;

/* All sizes are those of frames with FCS [B]. */
struct fixed_config {
    int64_t bytes;
};

struct imix_config {
    int64_t small, medium, large;
    int64_t small_weight, medium_weight, large_weight;
};

struct empirical_entry {
    int64_t size;
    int64_t weight;
};
struct empirical_config {
    struct param_list entries; /* of struct empirical_entry */
};

struct uniform_config {
    int64_t min, max;
};

#endif
