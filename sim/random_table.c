#include "sim/random.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sim/assert.h"

/* A column of height `total`: its own entry up to `own`, another entry's mass above. */
struct column {
    uint64_t own;
    int64_t value;
    int64_t alias_value;
    uint32_t alias;
};

struct random_table {
    uint64_t total; /* sum of the weights */
    uint32_t count;
    struct column columns[];
};

/* What building needs: the mass of each entry yet to be placed, and the entries below and above average, as
 * two stacks that grow from the two ends of one array. */
struct builder {
    unsigned __int128 *mass; /* in units of 1 / (count * total) */
    uint32_t *stack;
    uint32_t small; /* [0, small) are entries with less than `total` left */
    uint32_t large; /* [large, count) are entries with `total` or more left */
};

static bool sum_weights(const uint64_t *weights, uint32_t count, uint64_t *total)
{
    *total = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(*total, weights[i], total))
            return false;
    }
    return *total > 0;
}

static void push_entry(struct builder *builder, uint32_t entry, uint64_t total)
{
    if (builder->mass[entry] < total)
        builder->stack[builder->small++] = entry;
    else
        builder->stack[--builder->large] = entry;
}

/*
 * Vose, "A linear algorithm for generating random numbers with a given distribution", 1991. Each step fills
 * the column of an entry with less than a column's mass from one with more. Masses are integers that sum to
 * count * total, so nothing is left over: when one kind runs out, the others hold exactly a column each.
 */
static void fill_columns(struct random_table *table, struct builder *builder)
{
    while (builder->small > 0) {
        SIM_ASSERT(builder->large < table->count);
        uint32_t low = builder->stack[--builder->small];
        uint32_t high = builder->stack[builder->large++];
        table->columns[low].own = (uint64_t)builder->mass[low];
        table->columns[low].alias = high;
        builder->mass[high] -= table->total - table->columns[low].own;
        push_entry(builder, high, table->total);
    }
    for (uint32_t at = builder->large; at < table->count; at++) {
        SIM_ASSERT(builder->mass[builder->stack[at]] == table->total);
        table->columns[builder->stack[at]].own = table->total;
        table->columns[builder->stack[at]].alias = builder->stack[at];
    }
}

static void build_table(struct random_table *table, const uint64_t *weights)
{
    struct builder builder = {.large = table->count};
    builder.mass = malloc(table->count * sizeof *builder.mass);
    builder.stack = malloc(table->count * sizeof *builder.stack);
    SIM_ASSERT(builder.mass != NULL && builder.stack != NULL);
    for (uint32_t i = 0; i < table->count; i++) {
        builder.mass[i] = (unsigned __int128)weights[i] * table->count;
        push_entry(&builder, i, table->total);
    }
    fill_columns(table, &builder);
    free(builder.mass);
    free(builder.stack);
}

struct random_table *random_table_create(const int64_t *values, const uint64_t *weights, uint32_t count)
{
    uint64_t total;
    if (!sum_weights(weights, count, &total))
        return NULL;
    struct random_table *table = malloc(sizeof *table + count * sizeof table->columns[0]);
    SIM_ASSERT(table != NULL);
    table->total = total;
    table->count = count;
    build_table(table, weights);
    for (uint32_t i = 0; i < count; i++) {
        table->columns[i].value = values[i];
        table->columns[i].alias_value = values[table->columns[i].alias];
    }
    return table;
}

void random_table_destroy(struct random_table *table)
{
    free(table);
}

int64_t random_table_draw(const struct random_table *table, struct random_stream *stream)
{
    uint64_t index = random_below(stream, table->count);
    uint64_t height = random_below(stream, table->total);
    const struct column *column = &table->columns[index];
    return height < column->own ? column->value : column->alias_value;
}

unsigned __int128 random_table_mass(const struct random_table *table, uint32_t index)
{
    SIM_ASSERT(index < table->count);
    unsigned __int128 mass = table->columns[index].own;
    for (uint32_t i = 0; i < table->count; i++) {
        if (i != index && table->columns[i].alias == index)
            mass += table->total - table->columns[i].own;
    }
    return mass;
}
