/* A fixed least time between interrupts, as ITR and EITR apply it. */
#include "models/nic/moderation/models.h"

struct config {
    int64_t interval; /* [ps] */
};

static const struct param rows[] = {
    PARAM_QUANTITY_ROW(struct config, interval, UNIT_TIME, 0, 16 * SIM_MS, "125us",
                       "least time between two interrupts of a vector"),
};

static void start(void *state, const void *config, struct moderation_setting *setting)
{
    (void)state;
    *setting = (struct moderation_setting){.interval = ((const struct config *)config)->interval};
}

static const struct moderation_ops ops = {.start = start, .update = moderation_fixed};

static const struct param_table table = {
    .name = "itr",
    .help = "a fixed least time between interrupts (ITR, EITR)",
    .size = sizeof(struct config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const struct param_model moderation_itr = {.table = &table, .ops = &ops};
