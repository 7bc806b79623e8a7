#include <stdio.h>

#include "analysis/cli/cli.h"
#include "analysis/table.h"

static const char common[] =
    "Options:\n"
    "  --set PATH=VALUE     override a parameter, as in --set traffic[0].rate=10kpps; repeatable\n"
    "  --seed N             override the seed\n"
    "  -o, --out PATH       where results go: a folder, or a file that ends in .json, .csv, .sqlite, .db\n"
    "  --format FORMAT      what goes to stdout: table, json or csv (table)\n"
    "  -j, --jobs N         workers at once, 1 to 64 (the number of processors); results do not depend on "
    "it\n"
    "  -q, --quiet          no progress, no timing\n"
    "  --lockstep           return to SystemC at every time stamp; results are the same\n"
    "  --vcd FILE           write the run's waves; for one point\n"
    "  -h, --help           this text\n";

static const struct {
    enum cli_option option;
    const char *text;
} own[] = {
    {CLI_OPTION_STRATEGIES,
     "  --strategies A,B     only these alternatives of `compare:`; strategies if it has none\n"},
    {CLI_OPTION_CONFIG, "  --config             show the resolved scenario, run nothing\n"},
    {CLI_OPTION_CAUSES, "  --causes             also check that each expectation fails without its cause\n"},
};

static void help_program(void)
{
    puts("iovsim, a cycle-approximate simulator of I/O virtualization\n\n"
         "usage: iovsim COMMAND [ARGUMENT...] [OPTION...]\n\nCommands:");
    for (const struct cli_command *command = cli_commands; command->name; command++)
        printf("  %-10s %s\n", command->name, command->help);
    puts("\n`iovsim COMMAND --help` explains a command, `iovsim --version` names the version.\n"
         "Exit status: 0 done, 1 an expectation missed, 2 bad usage or input, 3 internal.");
}

void cli_help(const struct cli_command *command)
{
    if (!command) {
        help_program();
        return;
    }
    printf("usage: iovsim %s%s%s [OPTION...]\n\n%s.\n", command->name, *command->arguments ? " " : "",
           command->arguments, command->help);
    if (*command->details)
        table_paragraph(stdout, "", command->details, 100);
    printf("\n%s", common);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (command->options & own[i].option)
            fputs(own[i].text, stdout);
}
