/*
 * The textbook's conclusions emerge: every `expect:` of the library's textbook scenarios holds, and fails when the cause
 * that it names is removed, so that it is not held by something else.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "analysis/expect.h"
#include "scenarios/scenario.h"

#ifndef IOVSIM_SOURCE_DIR
#define IOVSIM_SOURCE_DIR "."
#endif
#define LIBRARY IOVSIM_SOURCE_DIR "/scenarios/library"

/* A scenario in less time than its own, which suffices for what it expects. */
struct chapter {
    const char *name;
    size_t expectations;
    const char *duration, *warmup; /* overrides */
};

static struct scenario *load(const struct chapter *chapter, struct diag *diag)
{
    char path[512];
    const char *sets[] = {chapter->duration, chapter->warmup};
    snprintf(path, sizeof(path), LIBRARY "/textbook/%s.yaml", chapter->name);
    struct scenario_options options = {.library = LIBRARY, .sets = sets, .set_count = 2};
    struct scenario *scenario = scenario_load(path, &options, diag);
    diag_print(diag, stderr);
    cr_assert_not_null(scenario);
    return scenario;
}

/* The points that one expectation reads (NULL: that any reads). */
static bool *select_points(const struct scenario *scenario, const struct scenario_expectation *only)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    bool *selected = calloc(scenario_point_count(scenario), sizeof(*selected));
    cr_assert_not_null(selected);
    for (size_t i = 0; i < experiment->expectation_count; i++)
        if (!only || only == &experiment->expectations[i])
            expectation_select(scenario, &experiment->expectations[i], selected);
    return selected;
}

/* Whether the expectations (one, or all) hold in a campaign with `cause` removed (NULL: as written). */
static bool holds(const struct scenario *scenario, const struct scenario_expectation *only,
                  const struct scenario_expectation *cause, struct diag *diag)
{
    struct campaign campaign;
    bool *selected = select_points(scenario, only);
    struct campaign_options options = {.jobs = 2, .cause = cause, .selected = selected};
    bool ran = campaign_run(&campaign, scenario, &options, diag);
    diag_print(diag, stderr);
    cr_assert(ran && campaign.refused == 0 && campaign.dead == 0);
    struct verdicts verdicts;
    verdicts_create(&verdicts, &campaign, only);
    size_t wanted = only ? 1 : scenario_experiment(scenario)->expectation_count;
    cr_assert_eq(verdicts.count, wanted, "every expectation is checked");
    bool held = verdicts.missed == 0;
    if (!held && !cause)
        verdicts_print(&verdicts, &campaign, stderr);
    verdicts_destroy(&verdicts);
    campaign_destroy(&campaign);
    free(selected);
    return held;
}

static void check(const struct chapter *chapter)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = load(chapter, diag);
    const struct experiment *experiment = scenario_experiment(scenario);
    cr_assert_eq(experiment->expectation_count, chapter->expectations);
    cr_expect(holds(scenario, NULL, NULL, diag), "%s: as written", chapter->name);
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        const struct scenario_expectation *one = &experiment->expectations[i];
        cr_assert_eq(one->cause_count, 1, "%s: `%s` names one cause", chapter->name, one->name);
        cr_expect_not(holds(scenario, one, one, diag), "%s: `%s` holds without its cause", chapter->name,
                      one->name);
    }
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(textbook, infrequent_small_packets, .timeout = 120)
{
    check(&(struct chapter){"regime-low", 2, "duration=44ms", "warmup=4ms"});
}

Test(textbook, high_rate_small_packets, .timeout = 120)
{
    check(&(struct chapter){"regime-high", 3, "duration=5ms", "warmup=2ms"});
}

Test(textbook, large_packets, .timeout = 120)
{
    check(&(struct chapter){"regime-large", 2, "duration=9ms", "warmup=3ms"});
}

Test(textbook, emulated_bulk, .timeout = 120)
{
    check(&(struct chapter){"emulation-bulk", 2, "duration=7ms", "warmup=3ms"});
}

Test(textbook, virtio_batching, .timeout = 120)
{
    check(&(struct chapter){"virtio-batching", 2, "duration=5ms", "warmup=2ms"});
}

Test(textbook, moderation, .timeout = 120)
{
    check(&(struct chapter){"moderation", 2, "duration=24ms", "warmup=4ms"});
}
