/* Campaigns: order, selection, and workers that fail. */
#include "analysis/campaign.h"

#include <signal.h>
#include <unistd.h>

#include "tests/unit/analysis/campaign_fixture.h"

#define LIBRARY IOVSIM_SOURCE_DIR "/scenarios/library"

/* A small system with the given directives. */
static struct scenario *load(const char *directives)
{
    char text[1024];
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = LIBRARY};
    int size = snprintf(text, sizeof(text),
                        "schema_version: 1\nstrategy: native\nduration: 1ms\nhost: {profile: skylake-sp}\n"
                        "costs: {profile: skylake-sp}\nnics: [{profile: 82599}]\nvms: [{}]\n"
                        "traffic: [{rate: 10kpps}]\n%s",
                        directives);
    struct scenario *scenario = scenario_load_text("test.yaml", text, (size_t)size, &options, diag);
    if (!scenario)
        diag_print(diag, stderr);
    cr_assert_not_null(scenario);
    diag_destroy(diag);
    return scenario;
}

static size_t last_done; /* the progress callback's own */

static void note_progress(size_t done, size_t total, void *self)
{
    cr_expect_leq(done, total);
    *(size_t *)self = done;
}

static struct campaign run(struct scenario *scenario, const struct campaign_options *options)
{
    struct campaign campaign;
    struct diag *diag = diag_create();
    bool fine = campaign_run(&campaign, scenario, options, diag);
    if (!fine)
        diag_print(diag, stderr);
    cr_assert(fine);
    diag_destroy(diag);
    return campaign;
}

Test(campaign, results_are_in_the_order_of_points)
{
    struct scenario *scenario =
        load("sweep: [{path: \"traffic[0].rate\", values: [40kpps, 10kpps, 20kpps, 5kpps]}]\n");
    struct campaign_options options = {.jobs = 3, .progress = note_progress, .self = &last_done};
    struct campaign campaign = run(scenario, &options);
    cr_expect_eq(last_done, 4);
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(json_string_value(json_object_get(campaign_result(&campaign, i), "point")),
                         scenario_point(scenario, i)->name);
    campaign_destroy(&campaign);
    scenario_destroy(scenario);
}

Test(campaign, only_selected_points_run)
{
    struct scenario *scenario = load("compare: [native, virtio, passthrough]\n");
    struct campaign_options options = {.jobs = 2, .selected = (const bool[]){true, false, true}};
    struct campaign campaign = run(scenario, &options);
    cr_expect_eq(campaign.run, 2);
    cr_expect(campaign_has(&campaign, 0));
    cr_expect_not(campaign_has(&campaign, 1));
    cr_expect_null(campaign.failures[1]);
    cr_expect(campaign_has(&campaign, 2));
    campaign_destroy(&campaign);
    scenario_destroy(scenario);
}

Test(campaign, a_mistake_stops_it_before_anything_runs)
{
    struct scenario *scenario = load("sweep: [{path: \"vms[0].nic\", values: [0, 7]}]\n");
    struct campaign_options options = {.jobs = 1, .progress = note_progress, .self = &last_done};
    struct campaign campaign;
    struct diag *diag = diag_create();
    cr_expect_not(campaign_run(&campaign, scenario, &options, diag));
    cr_expect_eq(diag_error_count(diag), 1);
    cr_expect_eq(campaign.run, 0);
    campaign_destroy(&campaign);
    diag_destroy(diag);
    scenario_destroy(scenario);
}

/* Kills this process' children: the worker that is still at its long point. */
static void kill_workers(size_t done, size_t total, void *self)
{
    char path[64];
    int pid;
    (void)total;
    (void)self;
    if (done != 1)
        return;
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "r");
    cr_assert_not_null(children);
    while (fscanf(children, "%d", &pid) == 1)
        kill(pid, SIGKILL);
    fclose(children);
}

Test(campaign, a_dead_worker_is_a_failed_point)
{
    struct scenario *scenario = load("sweep: [{path: duration, values: [1us, 500s]}]\n");
    struct campaign_options options = {.jobs = 2, .progress = kill_workers};
    struct campaign campaign = run(scenario, &options);
    cr_expect_eq(campaign.dead, 1);
    cr_expect_eq(campaign.refused, 0);
    cr_expect(campaign_has(&campaign, 0));
    cr_expect_not(campaign_has(&campaign, 1));
    cr_expect_str_eq(campaign.failures[1], "the worker died of signal 9 (Killed)");
    campaign_destroy(&campaign);
    scenario_destroy(scenario);
}
