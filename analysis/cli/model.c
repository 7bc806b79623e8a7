/* model: closed forms beside what the runs find. */
#include "analysis/cli/report.h"
#include "analysis/closed_form_table.h"
#include "models/registry.h"

/* Predicts a point from its configuration alone. False, reported, if that cannot be bound. */
static bool predict(const struct session *session, const struct scenario_point *point,
                    struct closed_form_prediction *prediction, struct diag *diag)
{
    struct scenario_binding *binding = scenario_bind(session->scenario, point, registry_root(), diag);
    if (!binding)
        return false;
    closed_form_predict(scenario_config(binding), prediction);
    scenario_binding_destroy(binding);
    return true;
}

static enum cli_status compare_points(const struct session *session, FILE *out)
{
    const struct campaign *campaign = &session->campaign;
    struct diag *diag = diag_create();
    struct closed_form_prediction prediction;
    for (size_t i = 0; i < campaign->count; i++) {
        const struct scenario_point *point = scenario_point(session->scenario, i);
        if (!campaign_has(campaign, i) || !predict(session, point, &prediction, diag))
            continue;
        if (campaign->count > 1)
            fprintf(out, "==== %s ====\n\n", point->name);
        closed_form_table(&prediction, campaign_result(campaign, i), out);
        if (i + 1 < campaign->count)
            fputc('\n', out);
    }
    return cli_report(diag);
}

static enum cli_status conduct(struct session *session)
{
    enum cli_status status = session_check(session);
    struct text_file *file = status == CLI_DONE ? text_file_open(session->cli) : NULL;
    if (!file)
        return cli_worse(status, CLI_USAGE);
    status = session_run(session, NULL);
    if (!session->has_run) {
        text_file_discard(file);
        return status;
    }
    status = cli_worse(status, compare_points(session, text_file_stream(file)));
    return cli_worse(status, text_file_close(file));
}

enum cli_status command_model(struct cli *cli)
{
    struct session session;
    if (cli->format != CLI_TABLE)
        return cli_complain(
            cli, "--format: the comparison is text; `iovsim run --format json` has the run's numbers");
    enum cli_status status = session_load(&session, cli, cli->arguments[0]);
    if (status == CLI_DONE)
        status = conduct(&session);
    session_close(&session);
    return status;
}
