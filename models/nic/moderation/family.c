#include "models/nic/moderation/models.h"

static const struct param_model *const models[] = {
    &moderation_none,        &moderation_itr,     &moderation_frames,
    &moderation_frames_time, &moderation_dim,     &moderation_e1000,
    &moderation_ixgbe,       &moderation_ixgbevf, NULL,
};

const struct param_family moderation_family = {
    .name = "moderation",
    .help = "when the NIC may interrupt, and how the driver adapts that",
    .models = models,
};
