/*
 * The command line: a table of commands, each in a file of its own, and what they share. Results go to stdout or --out,
 * messages to stderr. Private to analysis/cli.
 */
#ifndef ANALYSIS_CLI_CLI_H
#define ANALYSIS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/diag.h"

/* Exit statuses. */
enum cli_status {
    CLI_DONE = 0,
    CLI_MISSED = 1,  /* an expectation does not hold */
    CLI_USAGE = 2,   /* bad usage, bad input, a place that cannot be written to */
    CLI_INTERNAL = 3 /* a worker died, or gnuplot failed */
};

enum cli_format { CLI_TABLE, CLI_JSON, CLI_CSV };

/* The options that a command takes. */
enum cli_option {
    CLI_OPTION_SET = 1, /* --set and --seed */
    CLI_OPTION_OUT = 2,
    CLI_OPTION_FORMAT = 4,
    CLI_OPTION_JOBS = 8,
    CLI_OPTION_QUIET = 16,
    CLI_OPTION_LOCKSTEP = 32,
    CLI_OPTION_VCD = 64,
    CLI_OPTION_STRATEGIES = 128,
    CLI_OPTION_CONFIG = 256,
    CLI_OPTION_CAUSES = 512,
    CLI_LIBRARY = 1024, /* no option: the command reads the library */
};

struct cli;

struct cli_command {
    const char *name;
    const char *arguments; /* for the usage line: "FILE|NAME" */
    const char *help;      /* one line */
    const char *details;   /* some lines more */
    size_t least, most;    /* arguments */
    unsigned options;      /* of enum cli_option */
    enum cli_status (*run)(struct cli *cli);
};

/* What the user asked for. */
struct cli {
    const struct cli_command *command;
    int argc;
    char *const *argv; /* all of it, for run-info.json */
    const char *const *arguments;
    size_t argument_count;
    const char **sets; /* "path=value" of --set and --seed */
    size_t set_count;
    const char *out, *vcd, *strategies; /* NULL: not given */
    enum cli_format format;
    unsigned given;      /* of enum cli_option */
    unsigned given_rows; /* private to the reader of options */
    unsigned jobs;
    bool quiet, lockstep, config, causes;
    char *library; /* the library folder; NULL: there is none */
};

/* Runs the program; the value is its exit status. */
int cli_main(int argc, char *argv[]);

/* All commands, ended by one without a name. */
extern const struct cli_command cli_commands[];

/* Reads the arguments behind the command's name. False, complained about, if they are wrong; *help is set if help was
 * asked for. */
bool cli_parse(struct cli *cli, int argc, char *argv[], bool *help);

/* Writes the lines of a command's options to stdout. */
void cli_help_options(const struct cli_command *command);

/* Writes the help of a command or, for NULL, of the program to stdout. */
void cli_help(const struct cli_command *command);

/* Complains on stderr: "iovsim COMMAND: ...". Returns CLI_USAGE. */
enum cli_status cli_complain(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A message on stderr, unless --quiet. */
void cli_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes the messages to stderr and frees the diag. Returns CLI_USAGE if there is an error among them. */
enum cli_status cli_report(struct diag *diag);

/* The worse of two: internal, usage, missed, done. */
enum cli_status cli_worse(enum cli_status one, enum cli_status other);

/* The commands. */
enum cli_status command_run(struct cli *cli);
enum cli_status command_compare(struct cli *cli);
enum cli_status command_sweep(struct cli *cli);
enum cli_status command_plot(struct cli *cli);
enum cli_status command_figures(struct cli *cli);
enum cli_status command_explain(struct cli *cli);
enum cli_status command_model(struct cli *cli);
enum cli_status command_check(struct cli *cli);
enum cli_status command_list(struct cli *cli);
enum cli_status command_schema(struct cli *cli);
enum cli_status command_reference(struct cli *cli);
enum cli_status command_diff(struct cli *cli);

#endif
