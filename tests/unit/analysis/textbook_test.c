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

static struct scenario *load(const char *name, struct diag *diag)
{
    char path[512];
    snprintf(path, sizeof(path), LIBRARY "/textbook/%s.yaml", name);
    struct scenario_options options = {.library = LIBRARY};
    struct scenario *scenario = scenario_load(path, &options, diag);
    diag_print(diag, stderr);
    cr_assert_not_null(scenario);
    return scenario;
}

/* Whether the expectations (one, or all) hold in a campaign with `cause` removed (NULL: as written). */
static bool holds(const struct scenario *scenario, const struct scenario_expectation *only,
                  const struct scenario_expectation *cause, struct diag *diag)
{
    struct campaign campaign;
    struct campaign_options options = {.jobs = 2, .cause = cause};
    bool ran = campaign_run(&campaign, scenario, &options, diag);
    diag_print(diag, stderr);
    cr_assert(ran && campaign.refused == 0 && campaign.dead == 0);
    struct verdicts verdicts;
    verdicts_create(&verdicts, &campaign, only);
    bool held = verdicts.count > 0 && verdicts.missed == 0;
    if (!held && !cause)
        verdicts_print(&verdicts, &campaign, stderr);
    verdicts_destroy(&verdicts);
    campaign_destroy(&campaign);
    return held;
}

static void check(const char *name, size_t expectations)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = load(name, diag);
    const struct experiment *experiment = scenario_experiment(scenario);
    cr_assert_eq(experiment->expectation_count, expectations);
    cr_expect(holds(scenario, NULL, NULL, diag), "%s: as written", name);
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        const struct scenario_expectation *one = &experiment->expectations[i];
        cr_assert_gt(one->cause_count, 0, "%s: `%s` names no cause", name, one->name);
        cr_expect_not(holds(scenario, one, one, diag), "%s: `%s` holds without its cause", name, one->name);
    }
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(textbook, infrequent_small_packets, .timeout = 300)
{
    check("regime-low", 2);
}

Test(textbook, high_rate_small_packets, .timeout = 300)
{
    check("regime-high", 3);
}

Test(textbook, large_packets, .timeout = 300)
{
    check("regime-large", 2);
}

Test(textbook, virtio_batching, .timeout = 300)
{
    check("virtio-batching", 2);
}

Test(textbook, moderation, .timeout = 300)
{
    check("moderation", 2);
}
