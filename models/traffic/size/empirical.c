/* Sizes as they were counted somewhere: each entry is drawn with the probability weight / sum of weights, exactly. */
#include <stdlib.h>

#include "models/traffic/size/sizes.h"
#include "sim/assert.h"

enum { ENTRIES_MAX = 10000 };

struct state {
    struct random_table *table;
};

static const struct param entry_rows[] = {
    PARAM_QUANTITY_ROW(struct empirical_entry, size, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MAX, NULL,
                       "a frame size"),
    PARAM_INTEGER_ROW(struct empirical_entry, weight, 1, 1000000000, "1", "how often, in any unit"),
};

static const struct param_table entry_table = {
    .name = "entry",
    .help = "a size and how often it occurs",
    .size = sizeof(struct empirical_entry),
    .params = entry_rows,
    .count = PARAM_COUNT(entry_rows),
};

static const struct param rows[] = {
    PARAM_LIST_ROW(struct empirical_config, entries, &entry_table, 1, ENTRIES_MAX, "the sizes that occur"),
};

static const struct param_table table = {
    .name = "empirical",
    .help = "sizes with weights, as counted somewhere",
    .size = sizeof(struct empirical_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static const struct empirical_entry *entries(const void *config, size_t *count)
{
    const struct empirical_config *empirical = config;
    *count = empirical->entries.count;
    return empirical->entries.items;
}

static int64_t most(const void *config)
{
    size_t count;
    const struct empirical_entry *entry = entries(config, &count);
    int64_t largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = entry[i].size > largest ? entry[i].size : largest;
    return largest;
}

static int64_t mean(const void *config)
{
    size_t count;
    const struct empirical_entry *entry = entries(config, &count);
    __int128 bytes = 0, weight = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += (__int128)entry[i].size * entry[i].weight;
        weight += entry[i].weight;
    }
    return (int64_t)((1000 * bytes + weight / 2) / weight);
}

static void start(void *self, const void *config)
{
    struct state *state = self;
    size_t count;
    const struct empirical_entry *entry = entries(config, &count);
    int64_t *sizes = calloc(count, sizeof(*sizes));
    uint64_t *weights = calloc(count, sizeof(*weights));
    SIM_ASSERT(sizes && weights);
    for (size_t i = 0; i < count; i++) {
        sizes[i] = entry[i].size;
        weights[i] = (uint64_t)entry[i].weight;
    }
    state->table = random_table_create(sizes, weights, (uint32_t)count);
    SIM_ASSERT(state->table);
    free(sizes);
    free(weights);
}

static void stop(void *self)
{
    struct state *state = self;
    random_table_destroy(state->table);
}

static uint32_t draw(void *self, const void *config, struct random_stream *stream)
{
    const struct state *state = self;
    (void)config;
    return (uint32_t)random_table_draw(state->table, stream);
}

static const struct size_ops ops = {
    .state_size = sizeof(struct state),
    .start = start,
    .stop = stop,
    .draw = draw,
    .mean = mean,
    .most = most,
};

const struct param_model size_empirical = {.table = &table, .ops = &ops};
