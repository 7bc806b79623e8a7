/* An interrupt every so many frames and by nothing else: the rest of a burst waits for the next one. */
#include "models/nic/moderation/models.h"

struct config {
    int64_t frames;
};

static const struct param rows[] = {
    PARAM_INTEGER_ROW(struct config, frames, 1, 32767, "32", "completions that make an interrupt"),
};

static void start(void *state, const void *config, struct moderation_setting *setting)
{
    (void)state;
    *setting = (struct moderation_setting){.frames = ((const struct config *)config)->frames};
}

static const struct moderation_ops ops = {.start = start, .update = moderation_fixed};

static const struct param_table table = {
    .name = "frames",
    .help = "an interrupt every so many completions, however long that takes",
    .size = sizeof(struct config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const struct param_model moderation_frames = {.table = &table, .ops = &ops};
