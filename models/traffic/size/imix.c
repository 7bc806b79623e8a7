/*
 * The simple Internet mix: 7 parts of IP packets of 40 bytes, 4 of 576 and 1 of 1500, that is, frames of 64 (padded),
 * 594 and 1518 bytes on the wire.
 */
#include "models/traffic/size/sizes.h"

static const struct param rows[] = {
    PARAM_QUANTITY_ROW(struct imix_config, small, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, "64B",
                       "the small frames"),
    PARAM_QUANTITY_ROW(struct imix_config, medium, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, "594B",
                       "the medium frames"),
    PARAM_QUANTITY_ROW(struct imix_config, large, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, "1518B",
                       "the large frames"),
    PARAM_INTEGER_ROW(struct imix_config, small_weight, 1, 1000000, "7", "parts of small frames"),
    PARAM_INTEGER_ROW(struct imix_config, medium_weight, 1, 1000000, "4", "parts of medium frames"),
    PARAM_INTEGER_ROW(struct imix_config, large_weight, 1, 1000000, "1", "parts of large frames"),
};

static const struct param_table table = {
    .name = "imix",
    .help = "the simple Internet mix: 64, 594 and 1518 bytes, 7 to 4 to 1",
    .size = sizeof(struct imix_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static int64_t most(const void *config)
{
    const struct imix_config *imix = config;
    int64_t largest = imix->small > imix->medium ? imix->small : imix->medium;
    return largest > imix->large ? largest : imix->large;
}

static int64_t mean(const void *config)
{
    const struct imix_config *imix = config;
    int64_t weight = imix->small_weight + imix->medium_weight + imix->large_weight;
    int64_t bytes = imix->small * imix->small_weight + imix->medium * imix->medium_weight +
                    imix->large * imix->large_weight;
    return (1000 * bytes + weight / 2) / weight;
}

static uint32_t draw(void *state, const void *config, struct random_stream *stream)
{
    const struct imix_config *imix = config;
    (void)state;
    int64_t weight = imix->small_weight + imix->medium_weight + imix->large_weight;
    int64_t at = (int64_t)random_below(stream, (uint64_t)weight);
    if (at < imix->small_weight)
        return (uint32_t)imix->small;
    return (uint32_t)(at < imix->small_weight + imix->medium_weight ? imix->medium : imix->large);
}

static const struct size_ops ops = {.draw = draw, .mean = mean, .most = most};

const struct param_model size_imix = {.table = &table, .ops = &ops};
