/* Frames and time, as ethtool's rx-frames and rx-usecs: whichever is reached first. */
#include "models/nic/moderation/models.h"

struct config {
    int64_t frames;
    int64_t delay; /* [ps] */
};

static const struct param rows[] = {
    PARAM_INTEGER_ROW(struct config, frames, 1, 32767, "32", "completions that make an interrupt"),
    PARAM_QUANTITY_ROW(struct config, delay, UNIT_TIME, SIM_NS, 16 * SIM_MS, "50us",
                       "longest time from the first completion to the interrupt"),
};

static void start(void *state, const void *config, struct moderation_setting *setting)
{
    const struct config *given = config;
    (void)state;
    *setting = (struct moderation_setting){.frames = given->frames, .delay = given->delay};
}

static const struct moderation_ops ops = {.start = start, .update = moderation_fixed};

static const struct param_table table = {
    .name = "frames_time",
    .help = "an interrupt after so many completions or so much time, whichever comes first",
    .size = sizeof(struct config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const struct param_model moderation_frames_time = {.table = &table, .ops = &ops};
