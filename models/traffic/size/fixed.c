#include "models/traffic/size/sizes.h"

static const struct param rows[] = {
    PARAM_QUANTITY_ROW(struct fixed_config, bytes, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, "64B",
                       "every frame's size"),
};

static const struct param_table table = {
    .name = "fixed",
    .help = "one size",
    .size = sizeof(struct fixed_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static int64_t most(const void *config)
{
    const struct fixed_config *fixed = config;
    return fixed->bytes;
}

static int64_t mean(const void *config)
{
    return 1000 * most(config);
}

static uint32_t draw(void *state, const void *config, struct random_stream *stream)
{
    (void)state, (void)stream;
    return (uint32_t)most(config);
}

static const struct size_ops ops = {.draw = draw, .mean = mean, .most = most};

const struct param_model size_fixed = {.table = &table, .ops = &ops};
