/* A scenario from its file to the verdicts, as the commands that run something go through it. */
#ifndef ANALYSIS_CLI_SESSION_H
#define ANALYSIS_CLI_SESSION_H

#include <stdio.h>

#include "analysis/campaign.h"
#include "analysis/cli/cli.h"
#include "analysis/expect.h"

struct session {
    struct cli *cli;
    char *path;                      /* of the scenario's file */
    char **sets;                     /* of the command line, and what --strategies comes to */
    struct scenario_options options; /* with these sets */
    struct scenario *scenario;
    bool *selected; /* the points of the alternatives that --strategies names; NULL: all */
    struct campaign campaign;
    bool has_run;
    struct verdicts verdicts;
    char *vcd;      /* where the waves are written to at first, without ".vcd"; NULL: nowhere */
    char *vcd_made; /* the same with ".vcd" */
    char *vcd_name; /* where they belong */
};

/*
 * Finds and loads the scenario that `name` means: a file, or a library scenario, and applies --strategies: they choose
 * among its alternatives, or are the alternatives if it has none. Complains on stderr. To be closed whatever the value.
 */
enum cli_status session_load(struct session *session, struct cli *cli, const char *name);

/* The same with the four strategies as alternatives if the scenario compares nothing. */
enum cli_status session_load_compared(struct session *session, struct cli *cli, const char *name);

/* Checks everything that can be known before the run. */
enum cli_status session_check(struct session *session);

/*
 * Runs the points that `wanted` (NULL: all) and --strategies select, and checks the expectations unless `wanted` was
 * given. Complains about failed points.
 */
enum cli_status session_run(struct session *session, const bool *wanted);

/* What the run came to: a dead worker, a missed expectation, or done. */
enum cli_status session_status(const struct session *session);

/*
 * Checks that each expectation with a cause is missed when its cause is taken away, with a line for each on `out`.
 * CLI_MISSED if one holds all the same.
 */
enum cli_status session_causes(struct session *session, FILE *out);

/* The options that a campaign of this session runs with. */
struct campaign_options session_campaign_options(struct session *session);

/* Frees what session_load() made. */
void session_unload(struct session *session);

/* Frees everything. */
void session_close(struct session *session);

/* The file that `name` means, in a string to be freed; NULL, complained about, if there is none. */
char *session_find(const struct cli *cli, const char *name);

/* Whether a folder of the library holds scenarios, not profiles or captures. */
bool session_is_scenario_kind(const char *kind);

#endif
