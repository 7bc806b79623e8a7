/* A run whose counts are not conserved has no result: it fails, says which law was broken, and counts as internal. */
#include "analysis/campaign.h"
#include "analysis/store.h"
#include "tests/unit/analysis/campaign_fixture.h"

#define LIBRARY IOVSIM_SOURCE_DIR "/scenarios/library"

/* In place of models/host/system_check.c: the law is broken at 20 kpps. */
const char *system_check(struct system *system)
{
    const struct traffic_config *traffic = system->config->traffic.items;
    return traffic->rate > 10 * 1000 * 1000 ? "packets: traffic0: packet 7 is in flight and nobody holds it"
                                            : NULL;
}

Test(broken_run, is_a_failed_point_that_names_the_law)
{
    static const char text[] =
        "schema_version: 1\nstrategy: native\nduration: 1ms\nhost: {profile: skylake-sp}\n"
        "costs: {profile: skylake-sp}\nnics: [{profile: 82599}]\nvms: [{}]\n"
        "traffic: [{}]\n"
        "sweep: [{path: \"traffic[0].rate\", values: [10kpps, 20kpps]}]\n";
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = LIBRARY};
    struct scenario *scenario = scenario_load_text("test.yaml", text, sizeof(text) - 1, &options, diag);
    struct campaign_options run = {.jobs = 1};
    struct campaign campaign;
    cr_assert_not_null(scenario);
    cr_assert(campaign_run(&campaign, scenario, &run, diag));
    cr_expect_eq(campaign.dead, 1, "status 3 comes of it");
    cr_expect_eq(campaign.refused, 0);
    cr_expect_not(campaign_has(&campaign, 1));
    cr_expect_str_eq(campaign.failures[1],
                     "internal error: not conserved: packets: traffic0: packet 7 is in flight and "
                     "nobody holds it");
    cr_assert(campaign_has(&campaign, 0));
    const json_t *laws = json_object_get(campaign_result(&campaign, 0), "conserved");
    cr_assert_eq(json_array_size(laws), 5);
    cr_expect_str_eq(json_string_value(json_array_get(laws, 0)), "packets");
    campaign_destroy(&campaign);
    scenario_destroy(scenario);
    diag_destroy(diag);
}
