/* check: everything that can be known of a scenario without running it. */
#include <stdio.h>

#include "analysis/cli/session.h"

static enum cli_status check(struct cli *cli, const char *name)
{
    struct session session;
    enum cli_status status = session_load(&session, cli, name);
    if (status == CLI_DONE)
        status = session_check(&session);
    if (status == CLI_DONE && !cli->quiet)
        printf("%s: ok\n", name);
    session_close(&session);
    return status;
}

enum cli_status command_check(struct cli *cli)
{
    enum cli_status status = CLI_DONE;
    for (size_t i = 0; i < cli->argument_count; i++)
        status = cli_worse(status, check(cli, cli->arguments[i]));
    return status;
}
