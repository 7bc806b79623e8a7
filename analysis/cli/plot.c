/* plot: a scenario's figures. */
#include "analysis/plot.h"

#include <stdlib.h>

#include "analysis/cli/progress.h"
#include "analysis/cli/report.h"
#include "sim/assert.h"

static enum cli_status prepare(struct session *session, const char *folder)
{
    enum cli_status status = session_check(session);
    if (status != CLI_DONE)
        return status;
    if (scenario_experiment(session->scenario)->plot_count == 0)
        return cli_complain(session->cli, "%s: there is no `plot:` in it", session->path);
    struct diag *diag = diag_create();
    outfile_folder(folder, diag);
    return cli_report(diag);
}

static void name_figures(const struct experiment *experiment, const char *folder)
{
    for (size_t i = 0; i < experiment->plot_count; i++)
        printf("%s/%s.svg: %s\n", folder, experiment->plots[i].name, experiment->plots[i].title);
}

static enum cli_status draw(struct session *session, const char *folder)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    bool *selected = calloc(scenario_point_count(session->scenario), sizeof(*selected));
    SIM_ASSERT(selected);
    for (size_t i = 0; i < experiment->plot_count; i++)
        figure_select(session->scenario, &experiment->plots[i], selected);
    enum cli_status status = session_run(session, selected);
    free(selected);
    if (!session->has_run)
        return status;
    status = cli_worse(status, report_figures(session, folder));
    name_figures(experiment, folder);
    progress_say(session->cli, &session->campaign);
    return status;
}

enum cli_status command_plot(struct cli *cli)
{
    const char *folder = cli->out ? cli->out : "out";
    struct session session;
    enum cli_status status = session_load(&session, cli, cli->arguments[0]);
    if (status == CLI_DONE)
        status = prepare(&session, folder);
    if (status == CLI_DONE)
        status = draw(&session, folder);
    session_close(&session);
    return status;
}
