#include "analysis/cli/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/cli/progress.h"
#include "analysis/metric_check.h"
#include "analysis/outfile.h"
#include "analysis/plot.h"
#include "sim/assert.h"

/* ---- before the run ---- */

static enum cli_status check_vcd(struct session *session, struct diag *diag)
{
    const char *path = session->cli->vcd;
    size_t length = path ? strlen(path) : 0;
    if (!path)
        return CLI_DONE;
    if (scenario_point_count(session->scenario) != 1)
        return cli_complain(session->cli,
                            "--vcd: the scenario has %zu points, waves are of one; choose it by --set",
                            scenario_point_count(session->scenario));
    struct stat present;
    if (stat(path, &present) == 0 && !S_ISREG(present.st_mode))
        return cli_complain(session->cli, "--vcd: `%s` is no regular file", path);
    struct outfile *probe = outfile_open(path, diag);
    if (!probe)
        return CLI_USAGE;
    outfile_discard(probe);
    session->vcd = malloc(length + 32);
    session->vcd_name = strdup(path);
    SIM_ASSERT(session->vcd && session->vcd_name);
    snprintf(session->vcd, length + 32, "%s.%ld.tmp", path, (long)getpid());
    session->vcd_made = malloc(length + 36);
    SIM_ASSERT(session->vcd_made);
    snprintf(session->vcd_made, length + 36, "%s.vcd", session->vcd);
    outfile_guard(session->vcd_made);
    return CLI_DONE;
}

/* The waves take their name when the run is over. */
static enum cli_status deliver_vcd(const struct session *session)
{
    if (!session->vcd)
        return CLI_DONE;
    bool fine = rename(session->vcd_made, session->vcd_name) == 0;
    outfile_release(session->vcd_made);
    return fine ? CLI_DONE : cli_complain(session->cli, "%s: cannot write the waves", session->vcd_name);
}

/* What plots and expectations ask of results that are yet to come. */
static void check_questions(const struct scenario *scenario, struct diag *diag)
{
    metric_check(scenario, diag);
    figure_check(scenario, diag);
}

enum cli_status session_check(struct session *session)
{
    struct diag *diag = diag_create();
    enum cli_status status = check_vcd(session, diag);
    if (status == CLI_DONE && campaign_check(session->scenario, diag))
        check_questions(session->scenario, diag);
    return cli_worse(status, cli_report(diag));
}

/* ---- running ---- */

struct campaign_options session_campaign_options(struct session *session)
{
    struct cli *cli = session->cli;
    struct campaign_options options = {
        .run = {.lockstep = cli->lockstep, .vcd = session->vcd},
        .jobs = cli->jobs,
    };
    if (progress_wanted(cli))
        options.progress = progress_show;
    return options;
}

static void say_failures(const struct session *session)
{
    const struct campaign *campaign = &session->campaign;
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign->failures[i])
            fprintf(stderr, "iovsim %s: point %s failed: %s\n", session->cli->command->name,
                    scenario_point(campaign->scenario, i)->name, campaign->failures[i]);
}

/* A warm-up that was found as late as it could be. */
static void say_too_short(const struct session *session)
{
    const struct campaign *campaign = &session->campaign;
    double too_short;
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign_number(campaign, i, "window.too_short", &too_short) && too_short > 0)
            cli_say(session->cli,
                    "iovsim %s: warning: point %s: the run is too short to tell where its warm-up ends; give "
                    "`warmup` or a longer `duration`",
                    session->cli->command->name, scenario_point(campaign->scenario, i)->name);
}

/* What both `wanted` and --strategies select, to be freed; NULL: all. */
static bool *select_both(const struct session *session, const bool *wanted)
{
    size_t count = scenario_point_count(session->scenario);
    if (!wanted && !session->selected)
        return NULL;
    bool *selected = calloc(count, sizeof(*selected));
    SIM_ASSERT(selected);
    for (size_t i = 0; i < count; i++)
        selected[i] = (!wanted || wanted[i]) && (!session->selected || session->selected[i]);
    return selected;
}

enum cli_status session_run(struct session *session, const bool *wanted)
{
    struct diag *diag = diag_create();
    struct campaign_options options = session_campaign_options(session);
    bool *selected = select_both(session, wanted);
    options.selected = selected;
    session->has_run = campaign_run(&session->campaign, session->scenario, &options, diag);
    free(selected);
    progress_end(session->cli);
    enum cli_status status = cli_report(diag);
    if (status != CLI_DONE)
        return status;
    say_failures(session);
    say_too_short(session);
    if (!wanted)
        verdicts_create(&session->verdicts, &session->campaign, NULL);
    return cli_worse(session_status(session), deliver_vcd(session));
}

enum cli_status session_status(const struct session *session)
{
    if (session->campaign.dead > 0)
        return CLI_INTERNAL;
    if (session->campaign.refused > 0)
        return CLI_USAGE;
    return session->verdicts.missed > 0 ? CLI_MISSED : CLI_DONE;
}

/* ---- causes ---- */

static enum cli_status check_cause(struct session *session, const struct scenario_expectation *expectation,
                                   FILE *out)
{
    struct diag *diag = diag_create();
    struct campaign_options options = session_campaign_options(session);
    struct campaign campaign;
    bool *selected = calloc(scenario_point_count(session->scenario), sizeof(*selected));
    SIM_ASSERT(selected);
    expectation_select(session->scenario, expectation, selected);
    options.selected = selected;
    options.cause = expectation;
    bool ran = campaign_run(&campaign, session->scenario, &options, diag);
    progress_end(session->cli);
    enum cli_status status = cli_report(diag);
    if (ran) {
        struct verdicts verdicts;
        verdicts_create(&verdicts, &campaign, expectation);
        bool held = verdicts.count > 0 && verdicts.missed == 0;
        fprintf(out, "%s  %s: %s without its cause\n", held ? "MISSED" : "ok    ", expectation->name,
                held ? "holds even" : "does not hold");
        status = campaign.dead > 0 ? CLI_INTERNAL : held ? CLI_MISSED : CLI_DONE;
        verdicts_destroy(&verdicts);
    }
    campaign_destroy(&campaign);
    free(selected);
    return status;
}

enum cli_status session_causes(struct session *session, FILE *out)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    enum cli_status status = CLI_DONE;
    for (size_t i = 0; i < experiment->expectation_count; i++)
        if (experiment->expectations[i].cause_count > 0)
            status = cli_worse(status, check_cause(session, &experiment->expectations[i], out));
    return status;
}

void session_close(struct session *session)
{
    if (session->scenario) {
        verdicts_destroy(&session->verdicts);
        campaign_destroy(&session->campaign);
    }
    if (session->vcd_made)
        outfile_release(session->vcd_made);
    free(session->vcd);
    free(session->vcd_made);
    free(session->vcd_name);
    session_unload(session);
}
