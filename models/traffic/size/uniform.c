#include <stdio.h>

#include "models/traffic/size/sizes.h"

static const struct param rows[] = {
    PARAM_QUANTITY_ROW(struct uniform_config, min, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, "64B",
                       "the smallest frame"),
    PARAM_QUANTITY_ROW(struct uniform_config, max, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, "1518B",
                       "the largest frame"),
};

static const struct param_table table = {
    .name = "uniform",
    .help = "every size from `min` to `max` is as likely",
    .size = sizeof(struct uniform_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static void check(const void *config, traffic_report *report, void *self)
{
    const struct uniform_config *uniform = config;
    char message[96], max[48];
    snprintf(message, sizeof(message), "must be at most `max`, %s",
             unit_format(uniform->max, UNIT_SIZE, max, sizeof(max)));
    if (uniform->min > uniform->max)
        report(self, "size.min", message);
}

static int64_t most(const void *config)
{
    const struct uniform_config *uniform = config;
    return uniform->max;
}

static int64_t mean(const void *config)
{
    const struct uniform_config *uniform = config;
    return 500 * (uniform->min + uniform->max);
}

static uint32_t draw(void *state, const void *config, struct random_stream *stream)
{
    const struct uniform_config *uniform = config;
    (void)state;
    return (uint32_t)uniform->min +
           (uint32_t)random_below(stream, (uint64_t)(uniform->max - uniform->min + 1));
}

static const struct size_ops ops = {.check = check, .draw = draw, .mean = mean, .most = most};

const struct param_model size_uniform = {.table = &table, .ops = &ops};
