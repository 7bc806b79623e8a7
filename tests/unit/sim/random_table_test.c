#include "sim/random.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <stdlib.h>

static void expect_exact_masses(const uint64_t *weights, uint32_t count)
{
    int64_t *values = calloc(count + 1, sizeof *values);
    struct random_table *table = random_table_create(values, weights, count);
    cr_assert_not_null(table);
    for (uint32_t i = 0; i < count; i++)
        cr_assert(random_table_mass(table, i) == (unsigned __int128)weights[i] * count, "entry %u", i);
    random_table_destroy(table);
    free(values);
}

Test(random_table, masses_are_exact)
{
    expect_exact_masses((uint64_t[]){1}, 1);
    expect_exact_masses((uint64_t[]){7, 4, 1}, 3); /* IMIX */
    expect_exact_masses((uint64_t[]){1, 1, 1, 1}, 4);
    expect_exact_masses((uint64_t[]){0, 5, 0, 0, 0, 3}, 6);
    expect_exact_masses((uint64_t[]){1, UINT64_MAX - 1}, 2);
    expect_exact_masses((uint64_t[]){UINT64_MAX - 2, 1, 1}, 3);
}

Test(random_table, masses_of_random_tables_are_exact)
{
    struct random_stream stream = random_stream_make(1, 0, "table", "weights");
    for (uint32_t round = 0; round < 300; round++) {
        uint64_t weights[200];
        uint32_t count = 1 + (uint32_t)random_below(&stream, 200);
        unsigned width = 1 + (unsigned)random_below(&stream, 56);
        for (uint32_t i = 0; i < count; i++) {
            uint64_t draw = random_u64(&stream);
            weights[i] = draw % 5 ? draw >> (64 - width) : 0;
        }
        weights[0] |= 1;
        expect_exact_masses(weights, count);
    }
}

Test(random_table, nothing_to_draw_from)
{
    int64_t values[2] = {1, 2};
    cr_assert_null(random_table_create(values, (uint64_t[]){0, 0}, 2));
    cr_assert_null(random_table_create(values, (uint64_t[]){1, 1}, 0));
    cr_assert_null(random_table_create(values, (uint64_t[]){UINT64_MAX, 1}, 2));
    random_table_destroy(NULL);
}

Test(random_table, draws_have_the_weights)
{
    enum { COUNT = 7, DRAWS = 300000 };
    static const int64_t values[COUNT] = {-1, 64, 65, 576, 1500, 9000, INT64_MAX};
    static const uint64_t weights[COUNT] = {3, 7000, 0, 4000, 1000, 1, 250};
    struct random_table *table = random_table_create(values, weights, COUNT);
    struct random_stream stream = random_stream_make(2, 0, "vm0.tx", "size");
    double counts[COUNT] = {0};
    for (int i = 0; i < DRAWS; i++) {
        int64_t value = random_table_draw(table, &stream);
        int entry = 0;
        while (entry < COUNT && values[entry] != value)
            entry++;
        cr_assert(entry < COUNT && weights[entry] > 0, "value %ld", (long)value);
        counts[entry]++;
    }
    double chi_square = 0;
    for (int i = 0; i < COUNT; i++) {
        double expected = (double)weights[i] / 12254 * DRAWS;
        if (expected > 0)
            chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    double p = gsl_cdf_chisq_Q(chi_square, COUNT - 2);
    cr_assert(p > 0.001 && p < 0.999, "p = %g", p);
    random_table_destroy(table);
}

Test(random_table, arguments_are_copied)
{
    int64_t values[2] = {10, 20};
    uint64_t weights[2] = {1, 1};
    struct random_table *table = random_table_create(values, weights, 2);
    values[0] = values[1] = 99;
    weights[0] = weights[1] = 0;
    struct random_stream stream = random_stream_make(3, 0, "vm0.tx", "size");
    int tens = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t value = random_table_draw(table, &stream);
        cr_assert(value == 10 || value == 20);
        tens += value == 10;
    }
    cr_assert(tens > 400 && tens < 600);
    random_table_destroy(table);
}

Test(random_table, two_draws_a_value)
{
    struct random_table *table = random_table_create((int64_t[]){1, 2, 3}, (uint64_t[]){5, 6, 7}, 3);
    struct random_stream stream = random_stream_make(4, 0, "vm0.tx", "size");
    for (uint64_t i = 1; i <= 1000; i++) {
        random_table_draw(table, &stream);
        cr_assert_eq(stream.counter, 2 * i);
    }
    random_table_destroy(table);
}
