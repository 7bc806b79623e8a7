#include "analysis/cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/outfile.h"
#include "scenarios/library.h"

enum { COMMANDS_MAX = 64 };

enum cli_status cli_complain(const struct cli *cli, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "iovsim%s%s: ", cli->command ? " " : "", cli->command ? cli->command->name : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return CLI_USAGE;
}

void cli_say(const struct cli *cli, const char *format, ...)
{
    va_list arguments;
    if (cli->quiet)
        return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

enum cli_status cli_report(struct diag *diag)
{
    enum cli_status status = diag_error_count(diag) > 0 ? CLI_USAGE : CLI_DONE;
    fflush(stdout);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return status;
}

enum cli_status cli_worse(enum cli_status one, enum cli_status other)
{
    return one > other ? one : other;
}

static const struct cli_command *find_command(const char *name)
{
    for (const struct cli_command *command = cli_commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static enum cli_status unknown_command(const char *name)
{
    const struct cli nothing = {0};
    const char *names[COMMANDS_MAX];
    size_t count = 0;
    while (cli_commands[count].name) {
        names[count] = cli_commands[count].name;
        count++;
    }
    const char *nearest = diag_nearest(name, names, count);
    if (*name == '-')
        return cli_complain(&nothing, "unknown option `%s`; `iovsim --help` lists commands and options",
                            name);
    if (nearest)
        return cli_complain(&nothing, "unknown command `%s`; did you mean `%s`?", name, nearest);
    return cli_complain(&nothing, "unknown command `%s`; `iovsim --help` lists them", name);
}

/* A library that the environment names has to be there, for the commands that read it. */
static bool check_library(const struct cli *cli)
{
    const char *named = getenv("IOVSIM_LIBRARY");
    if (!(cli->command->options & CLI_LIBRARY) || !named || !*named)
        return true;
    DIR *folder = opendir(named);
    if (!folder) {
        cli_complain(cli, "IOVSIM_LIBRARY: `%s` is no folder that can be read: %s", named, strerror(errno));
        return false;
    }
    closedir(folder);
    return true;
}

static enum cli_status run_command(const struct cli_command *command, int argc, char *argv[])
{
    struct cli cli = {.command = command, .argc = argc, .argv = argv, .library = library_folder(NULL)};
    enum cli_status status = CLI_USAGE;
    bool help = false;
    if (cli_parse(&cli, argc - 1, argv + 1, &help)) {
        if (help)
            cli_help(command);
        if (help)
            status = CLI_DONE;
        else if (check_library(&cli))
            status = command->run(&cli);
    }
    for (size_t i = 0; i < cli.set_count; i++)
        free((char *)cli.sets[i]);
    free(cli.sets);
    free(cli.library);
    return status;
}

static enum cli_status dispatch(int argc, char *argv[])
{
    const struct cli nothing = {0};
    if (argc < 2)
        return cli_complain(&nothing, "missing command; `iovsim --help` lists them");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        cli_help(NULL);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("iovsim " IOVSIM_VERSION);
        return CLI_DONE;
    }
    const struct cli_command *command = find_command(argv[1]);
    return command ? run_command(command, argc, argv) : unknown_command(argv[1]);
}

/* A standard stream that is closed would lend its number to the next file, and that file get what is printed. What takes
 * its place here cannot be written to, so that nothing is lost in silence. */
static void hold_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            (void)!open("/dev/null", O_RDONLY);
}

int cli_main(int argc, char *argv[])
{
    const struct cli nothing = {0};
    hold_standard_streams();
    outfile_clean_up_on_signals();
    enum cli_status status = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout))
        status = cli_worse(status, cli_complain(&nothing, "cannot write to the standard output"));
    return (int)status;
}
