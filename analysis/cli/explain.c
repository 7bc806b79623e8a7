/* explain: where every nanosecond and cycle of a run went, or where every value of a scenario comes from. */
#include <stdlib.h>
#include <string.h>

#include "analysis/attribution.h"
#include "analysis/breakdown.h"
#include "analysis/cli/progress.h"
#include "analysis/cli/report.h"
#include "analysis/summary.h"
#include "models/host/config.h"
#include "models/registry.h"
#include "sim/assert.h"

/* Defaults that have no effect beside what was written. */
struct idle {
    struct scenario_binding *binding;
    char **paths;
    size_t count;
};

static void note_idle(void *self, const char *path, const char *message)
{
    struct idle *idle = self;
    (void)message;
    if (scenario_binding_written(idle->binding, path))
        return;
    idle->paths = realloc(idle->paths, (idle->count + 1) * sizeof(*idle->paths));
    SIM_ASSERT(idle->paths);
    idle->paths[idle->count] = strdup(path);
    SIM_ASSERT(idle->paths[idle->count]);
    idle->count++;
}

static enum cli_status explain_config(struct session *session, FILE *out)
{
    struct diag *diag = diag_create(), *unheard = diag_create();
    struct idle idle = {.binding = scenario_bind(session->scenario, NULL, registry_root(), unheard)};
    if (idle.binding)
        config_conflicts(scenario_config(idle.binding), note_idle, &idle);
    scenario_explain_idle(session->scenario, NULL, registry_root(), (const char *const *)idle.paths,
                          idle.count, out, diag);
    for (size_t i = 0; i < idle.count; i++)
        free(idle.paths[i]);
    free(idle.paths);
    scenario_binding_destroy(idle.binding);
    diag_destroy(unheard);
    return cli_report(diag);
}

static void explain_result(const struct scenario_point *point, const json_t *result, bool several, FILE *out)
{
    if (several)
        fprintf(out, "==== %s ====\n\n", point->name);
    breakdown_journey(result, out);
    fputc('\n', out);
    breakdown_cycles(result, out);
    fputc('\n', out);
    if (json_array_size(json_object_get(result, "vms")) > 0)
        breakdown_exits(result, out);
    fputc('\n', out);
    breakdown_bottleneck(result, out);
    summary_pending(result, "", out);
    if (several)
        fputc('\n', out);
}

static enum cli_status explain_emulation(struct session *session, FILE *out)
{
    const struct campaign *campaign = &session->campaign;
    struct attribution_request request = {.path = session->path,
                                          .options = &session->options,
                                          .base = campaign,
                                          .run = session_campaign_options(session)};
    bool applies = false;
    size_t dead = 0;
    for (size_t i = 0; i < campaign->count && !applies; i++)
        applies = attribution_applies(campaign, i);
    if (!applies)
        return CLI_DONE;
    struct diag *diag = diag_create();
    attribution_print(&request, out, diag, &dead);
    progress_end(session->cli);
    return cli_worse(cli_report(diag), dead > 0 ? CLI_INTERNAL : CLI_DONE);
}

static enum cli_status explain_run(struct session *session, FILE *out)
{
    enum cli_status status = session_check(session);
    if (status == CLI_DONE)
        status = session_run(session, NULL);
    if (!session->has_run)
        return status;
    const struct campaign *campaign = &session->campaign;
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign_has(campaign, i))
            explain_result(scenario_point(campaign->scenario, i), campaign_result(campaign, i),
                           campaign->count > 1, out);
    status = cli_worse(status, explain_emulation(session, out));
    progress_say(session->cli, campaign);
    return status;
}

static enum cli_status explain(struct session *session)
{
    struct text_file *file = text_file_open(session->cli);
    if (!file)
        return CLI_USAGE;
    enum cli_status status = session->cli->config ? explain_config(session, text_file_stream(file))
                                                  : explain_run(session, text_file_stream(file));
    if (status == CLI_DONE || status == CLI_MISSED)
        return cli_worse(status, text_file_close(file));
    text_file_discard(file);
    return status;
}

enum cli_status command_explain(struct cli *cli)
{
    struct session session;
    if (cli->format != CLI_TABLE)
        return cli_complain(cli,
                            "--format: an explanation is text; `iovsim run --format json` has its numbers");
    enum cli_status status = session_load(&session, cli, cli->arguments[0]);
    if (status == CLI_DONE)
        status = explain(&session);
    session_close(&session);
    return status;
}
