/* run, sweep, compare: a campaign and its table. */
#include "analysis/cli/progress.h"
#include "analysis/cli/report.h"

/* Runs a loaded session's campaign and delivers the results. */
static enum cli_status conduct(struct session *session, enum report_layout layout)
{
    struct destination destination;
    enum cli_status status = session_check(session);
    if (status == CLI_DONE)
        status = destination_open(&destination, session);
    if (status != CLI_DONE)
        return status;
    status = session_run(session, NULL);
    if (!session->has_run) {
        destination_discard(&destination);
        return status;
    }
    status = cli_worse(status, destination_write(&destination, session, layout));
    progress_say(session->cli, &session->campaign);
    if (session->cli->causes)
        status = cli_worse(status, session_causes(session, destination.text ? stdout : stderr));
    return status;
}

static enum cli_status points(struct cli *cli)
{
    struct session session;
    enum cli_status status = session_load(&session, cli, cli->arguments[0]);
    if (status == CLI_DONE)
        status = conduct(&session, REPORT_POINTS);
    session_close(&session);
    return status;
}

enum cli_status command_run(struct cli *cli)
{
    return points(cli);
}

enum cli_status command_sweep(struct cli *cli)
{
    return points(cli);
}

enum cli_status command_compare(struct cli *cli)
{
    struct session session;
    enum cli_status status = session_load_compared(&session, cli, cli->arguments[0]);
    if (status == CLI_DONE)
        status = conduct(&session, REPORT_COMPARISON);
    session_close(&session);
    return status;
}
