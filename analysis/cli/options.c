/* Reading the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/campaign.h"
#include "analysis/cli/cli.h"
#include "sim/assert.h"

enum { OPTION_SEED = 1000, OPTION_SET, OPTION_FORMAT, OPTION_LOCKSTEP, OPTION_VCD };
enum { OPTION_STRATEGIES = 1100, OPTION_CONFIG, OPTION_CAUSES };

static const struct option options[] = {
    {"seed", required_argument, NULL, OPTION_SEED},
    {"set", required_argument, NULL, OPTION_SET},
    {"out", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"jobs", required_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"lockstep", no_argument, NULL, OPTION_LOCKSTEP},
    {"vcd", required_argument, NULL, OPTION_VCD},
    {"strategies", required_argument, NULL, OPTION_STRATEGIES},
    {"config", no_argument, NULL, OPTION_CONFIG},
    {"causes", no_argument, NULL, OPTION_CAUSES},
    {"help", no_argument, NULL, 'h'},
    {0},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) - 1, WORD = 64 };

/* ---- values ---- */

static bool take_format(struct cli *cli, const char *text)
{
    static const char *const names[] = {"table", "json", "csv"};
    cli->format_given = true;
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) != 0)
            continue;
        cli->format = (enum cli_format)i;
        return true;
    }
    cli_complain(cli, "--format: `%s` is none of table, json, csv", text);
    return false;
}

static bool take_jobs(struct cli *cli, const char *text)
{
    char *end;
    errno = 0;
    long jobs = strtol(text, &end, 10);
    if (errno == 0 && *end == '\0' && end != text && jobs >= 1 && jobs <= CAMPAIGN_JOBS_MAX) {
        cli->jobs = (unsigned)jobs;
        return true;
    }
    cli_complain(cli, "--jobs: `%s` is not a whole number from 1 to %d", text, CAMPAIGN_JOBS_MAX);
    return false;
}

static void add_set(struct cli *cli, const char *text)
{
    cli->sets = realloc(cli->sets, (cli->set_count + 1) * sizeof(*cli->sets));
    SIM_ASSERT(cli->sets);
    cli->sets[cli->set_count] = strdup(text);
    SIM_ASSERT(cli->sets[cli->set_count]);
    cli->set_count++;
}

static void add_seed(struct cli *cli, const char *text)
{
    size_t size = strlen(text) + sizeof("seed=");
    char *set = malloc(size);
    SIM_ASSERT(set);
    snprintf(set, size, "seed=%s", text);
    add_set(cli, set);
    free(set);
}

/* ---- complaints ---- */

static void unknown_option(const struct cli *cli, const char *text)
{
    const char *names[OPTION_COUNT];
    char word[WORD];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = options[i].name;
    snprintf(word, sizeof(word), "%s", text + strspn(text, "-"));
    word[strcspn(word, "=")] = '\0';
    const char *nearest = diag_nearest(word, names, OPTION_COUNT);
    if (nearest)
        cli_complain(cli, "unknown option `%s`; did you mean `--%s`?", text, nearest);
    else
        cli_complain(cli, "unknown option `%s`; `iovsim %s --help` lists them", text, cli->command->name);
}

/* getopt's '?': an option that does not exist, or a value where none belongs. */
static void bad_option(const struct cli *cli, char *const *argv)
{
    char text[3] = {'-', (char)optopt, '\0'};
    bool is_long = strncmp(argv[optind - 1], "--", 2) == 0;
    if (is_long && optopt >= 'a')
        cli_complain(cli, "option `%s` takes no value", argv[optind - 1]);
    else
        unknown_option(cli, is_long ? argv[optind - 1] : text);
}

static bool allowed(const struct cli *cli, enum cli_option option, const char *name)
{
    if (cli->command->options & option)
        return true;
    cli_complain(cli, "option `--%s` does not belong to this command", name);
    return false;
}

/* ---- all of it ---- */

static bool take_own(struct cli *cli, int option)
{
    switch (option) {
    case OPTION_STRATEGIES:
        cli->strategies = optarg;
        return allowed(cli, CLI_OPTION_STRATEGIES, "strategies");
    case OPTION_CONFIG:
        cli->config = true;
        return allowed(cli, CLI_OPTION_CONFIG, "config");
    default:
        cli->causes = true;
        return allowed(cli, CLI_OPTION_CAUSES, "causes");
    }
}

static bool take(struct cli *cli, int option, char *const *argv)
{
    switch (option) {
    case OPTION_SEED:
        add_seed(cli, optarg);
        return true;
    case OPTION_SET:
        add_set(cli, optarg);
        return true;
    case 'o':
        cli->out = optarg;
        return true;
    case OPTION_FORMAT:
        return take_format(cli, optarg);
    case 'j':
        return take_jobs(cli, optarg);
    case 'q':
        cli->quiet = true;
        return true;
    case OPTION_LOCKSTEP:
        cli->lockstep = true;
        return true;
    case OPTION_VCD:
        cli->vcd = optarg;
        return true;
    case ':':
        cli_complain(cli, "option `%s` needs a value", argv[optind - 1]);
        return false;
    case '?':
        bad_option(cli, argv);
        return false;
    default:
        return take_own(cli, option);
    }
}

static bool check_arguments(const struct cli *cli)
{
    if (cli->argument_count < cli->command->least)
        cli_complain(cli, "missing argument: iovsim %s %s", cli->command->name, cli->command->arguments);
    else if (cli->argument_count > cli->command->most)
        cli_complain(cli, "one argument too many: `%s`", cli->arguments[cli->command->most]);
    else if (cli->out && *cli->out == '\0')
        cli_complain(cli, "--out: an empty name");
    else
        return true;
    return false;
}

static unsigned default_jobs(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < 1)
        return 1;
    return processors > CAMPAIGN_JOBS_MAX ? CAMPAIGN_JOBS_MAX : (unsigned)processors;
}

bool cli_parse(struct cli *cli, int argc, char *argv[], bool *help)
{
    cli->jobs = default_jobs();
    optind = 0; /* a fresh scan, for glibc */
    opterr = 0;
    for (;;) {
        int option = getopt_long(argc, argv, ":ho:j:q", options, NULL);
        if (option == -1)
            break;
        if (option == 'h') {
            *help = true;
            return true;
        }
        if (!take(cli, option, argv))
            return false;
    }
    cli->arguments = (const char *const *)argv + optind;
    cli->argument_count = (size_t)(argc - optind);
    return check_arguments(cli);
}
