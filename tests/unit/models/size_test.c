/* Size distributions: proportions, means as the closed forms say them, limits. */
#include "models/traffic/size/sizes.h"

#include <math.h>

#include "tests/unit/models/traffic_fixture.h"

enum { DRAWS = 200000 };

struct sizes {
    struct param_variant variant;
    const struct size_ops *ops;
    void *state;
    struct random_stream stream;
};

static struct sizes sizes_start(struct param_variant variant)
{
    struct sizes sizes = {.variant = variant, .ops = variant.model->ops};
    sizes.state = calloc(1, sizes.ops->state_size + 1);
    sizes.stream = random_stream_make(7, 0, "path", "size");
    if (sizes.ops->start)
        sizes.ops->start(sizes.state, variant.config);
    return sizes;
}

static uint32_t sizes_draw(struct sizes *sizes)
{
    return sizes->ops->draw(sizes->state, sizes->variant.config, &sizes->stream);
}

static void sizes_stop(struct sizes *sizes)
{
    if (sizes->ops->stop)
        sizes->ops->stop(sizes->state);
    free(sizes->state);
    free(sizes->variant.config);
}

/* The mean of many draws agrees with the closed form within four standard errors. */
static void check_mean(struct sizes *sizes, double deviation)
{
    double sum = 0;
    for (int i = 0; i < DRAWS; i++)
        sum += sizes_draw(sizes);
    double said = (double)sizes->ops->mean(sizes->variant.config) / 1000;
    cr_assert_lt(fabs(sum / DRAWS - said), 4 * deviation / sqrt(DRAWS) + 0.001, "%f, not %f", sum / DRAWS,
                 said);
}

Test(size, fixed_is_64_bytes_by_default)
{
    struct sizes sizes = sizes_start(variant_of(&size_family, "fixed"));
    for (int i = 0; i < 10; i++)
        cr_assert_eq(sizes_draw(&sizes), 64);
    cr_assert_eq(sizes.ops->mean(sizes.variant.config), 64000);
    cr_assert_eq(sizes.ops->most(sizes.variant.config), 64);
    sizes_stop(&sizes);
}

Test(size, uniform_reaches_both_ends_and_nothing_else)
{
    struct param_variant variant = variant_of(&size_family, "uniform");
    *(struct uniform_config *)variant.config = (struct uniform_config){.min = 100, .max = 109};
    struct sizes sizes = sizes_start(variant);
    int counts[10] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t size = sizes_draw(&sizes);
        cr_assert(size >= 100 && size <= 109);
        counts[size - 100]++;
    }
    for (int i = 0; i < 10; i++)
        cr_assert_lt(fabs(counts[i] - DRAWS / 10.0), 4 * sqrt(DRAWS * 0.09), "%d", i);
    cr_assert_eq(sizes.ops->mean(variant.config), 104500);
    cr_assert_eq(sizes.ops->most(variant.config), 109);
    sizes_stop(&sizes);
}

Test(size, uniform_refuses_limits_in_the_wrong_order)
{
    struct traffic_config config = traffic_defaults();
    config.rate = 1000000;
    free(config.size.config);
    config.size = variant_of(&size_family, "uniform");
    cr_assert_str_eq(check_config(&config).text, "");
    ((struct uniform_config *)config.size.config)->min = 1519;
    cr_assert_str_eq(check_config(&config).text, "size.min: must be at most `max`, 1518B");
    free_variants(&config);
}

Test(size, imix_is_seven_to_four_to_one)
{
    struct sizes sizes = sizes_start(variant_of(&size_family, "imix"));
    const double shares[3] = {7 / 12.0, 4 / 12.0, 1 / 12.0};
    int counts[3] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t size = sizes_draw(&sizes);
        cr_assert(size == 64 || size == 594 || size == 1518);
        counts[size == 64 ? 0 : size == 594 ? 1 : 2]++;
    }
    for (int i = 0; i < 3; i++)
        cr_assert_lt(fabs(counts[i] - DRAWS * shares[i]), 4 * sqrt(DRAWS * shares[i] * (1 - shares[i])));
    cr_assert_eq(sizes.ops->mean(sizes.variant.config), 361833); /* (7 * 64 + 4 * 594 + 1518) / 12 */
    cr_assert_eq(sizes.ops->most(sizes.variant.config), 1518);
    check_mean(&sizes, 420);
    sizes_stop(&sizes);
}

Test(size, empirical_draws_each_entry_by_its_weight)
{
    struct empirical_entry entries[] = {
        {.size = 64, .weight = 1}, {.size = 9000, .weight = 2}, {.size = 512, .weight = 5}};
    struct param_variant variant = variant_of(&size_family, "empirical");
    ((struct empirical_config *)variant.config)->entries = (struct param_list){.items = entries, .count = 3};
    struct sizes sizes = sizes_start(variant);
    int counts[3] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t size = sizes_draw(&sizes);
        int entry = size == 64 ? 0 : size == 9000 ? 1 : 2;
        cr_assert_eq(size, entries[entry].size);
        counts[entry]++;
    }
    for (int i = 0; i < 3; i++) {
        double share = (double)entries[i].weight / 8;
        cr_assert_lt(fabs(counts[i] - DRAWS * share), 4 * sqrt(DRAWS * share * (1 - share)));
    }
    cr_assert_eq(sizes.ops->mean(variant.config), 2578000); /* (64 + 18000 + 2560) / 8 */
    cr_assert_eq(sizes.ops->most(variant.config), 9000);
    check_mean(&sizes, 3714);
    sizes_stop(&sizes);
}
