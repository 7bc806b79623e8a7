#include <stdio.h>

#include "analysis/cli/cli.h"
#include "analysis/table.h"

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
    puts("\nOptions:");
    cli_help_options(command);
}
