/* No moderation: every event interrupts at once. */
#include "models/nic/moderation/models.h"

static void start(void *state, const void *config, struct moderation_setting *setting)
{
    (void)state, (void)config;
    *setting = (struct moderation_setting){0};
}

static const struct moderation_ops ops = {.start = start, .update = moderation_fixed};

static const struct param_table table = {
    .name = "none",
    .help = "every completion interrupts at once",
};

const struct param_model moderation_none = {.table = &table, .ops = &ops};
