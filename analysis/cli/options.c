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

/* What getopt_long() gives for the options without a letter. */
enum {
    OPTION_SEED = 1000,
    OPTION_SET,
    OPTION_FORMAT,
    OPTION_LOCKSTEP,
    OPTION_VCD,
    OPTION_STRATEGIES,
    OPTION_CONFIG,
    OPTION_CAUSES
};

struct cli_option_row {
    const char *name;
    int value;
    int argument;    /* as in struct option */
    unsigned option; /* of enum cli_option; 0: every command takes it */
    bool repeatable;
    const char *help;
};

static const struct cli_option_row rows[] = {
    {"seed", OPTION_SEED, required_argument, CLI_OPTION_SET, false,
     "      --seed N          override the seed"},
    {"set", OPTION_SET, required_argument, CLI_OPTION_SET, true,
     "      --set PATH=VALUE  override a parameter, as in --set traffic[0].rate=10kpps; repeatable"},
    {"out", 'o', required_argument, CLI_OPTION_OUT, false, NULL},
    {"format", OPTION_FORMAT, required_argument, CLI_OPTION_FORMAT, false, NULL},
    {"jobs", 'j', required_argument, CLI_OPTION_JOBS, false,
     "  -j, --jobs N          workers at once, 1 to 64 (the number of processors); results do not depend on "
     "it"},
    {"quiet", 'q', no_argument, CLI_OPTION_QUIET, true, "  -q, --quiet           no progress, no timing"},
    {"lockstep", OPTION_LOCKSTEP, no_argument, CLI_OPTION_LOCKSTEP, true,
     "      --lockstep        return to SystemC at every time stamp; results are the same"},
    {"vcd", OPTION_VCD, required_argument, CLI_OPTION_VCD, false,
     "      --vcd FILE        write the run's waves; for one point"},
    {"strategies", OPTION_STRATEGIES, required_argument, CLI_OPTION_STRATEGIES, false,
     "      --strategies A,B  only these alternatives of `compare:`; strategies if it has none"},
    {"config", OPTION_CONFIG, no_argument, CLI_OPTION_CONFIG, true,
     "      --config          show the resolved scenario, run nothing"},
    {"causes", OPTION_CAUSES, no_argument, CLI_OPTION_CAUSES, true,
     "      --causes          also check that each expectation fails without its cause"},
    {"help", 'h', no_argument, 0, true, "  -h, --help            this text"},
};

enum { OPTION_COUNT = sizeof(rows) / sizeof(rows[0]), WORD = 64 };

/* ---- help ---- */

static const char *out_help(const struct cli_command *command)
{
    bool results = (command->options & CLI_OPTION_CAUSES) != 0;
    bool folder = !results && (command->options & CLI_OPTION_JOBS) && !(command->options & CLI_OPTION_FORMAT);
    if (results)
        return "  -o, --out PATH        where results go: a folder, or a file that ends in .json, .csv, "
               ".sqlite, .db";
    return folder ? "  -o, --out FOLDER      where files go" : "  -o, --out FILE        where the text goes";
}

/* What a run explains has no other form; that it is asked for is answered with where the numbers are. */
static const char *format_help(const struct cli_command *command)
{
    if (command->options & CLI_OPTION_CAUSES)
        return "      --format FORMAT   what goes to stdout: table, json or csv (table)";
    return command->options & CLI_OPTION_JOBS ? NULL : "      --format FORMAT   table or json (table)";
}

static const char *help_of(const struct cli_command *command, const struct cli_option_row *row)
{
    if (row->option != 0 && !(command->options & row->option))
        return NULL;
    if (row->option == CLI_OPTION_OUT)
        return out_help(command);
    return row->option == CLI_OPTION_FORMAT ? format_help(command) : row->help;
}

void cli_help_options(const struct cli_command *command)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (help_of(command, &rows[i]))
            puts(help_of(command, &rows[i]));
}

/* ---- values ---- */

static bool take_format(struct cli *cli, const char *text)
{
    static const char *const names[] = {"table", "json", "csv"};
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
        names[i] = rows[i].name;
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

static bool allowed(const struct cli *cli, const struct cli_option_row *row)
{
    bool twice = row->option != 0 && !row->repeatable && cli->given_rows & 1u << (row - rows);
    if (row->option != 0 && !(cli->command->options & row->option))
        cli_complain(cli,
                     "option `--%s` does not belong to this command; `iovsim %s --help` lists those that do",
                     row->name, cli->command->name);
    else if (twice)
        cli_complain(cli, "option `--%s` is given twice", row->name);
    else
        return true;
    return false;
}

/* ---- all of it ---- */

static bool take_value(struct cli *cli, int option)
{
    switch (option) {
    case OPTION_SEED:
        add_seed(cli, optarg);
        return true;
    case OPTION_SET:
        add_set(cli, optarg);
        return true;
    case OPTION_FORMAT:
        return take_format(cli, optarg);
    case 'j':
        return take_jobs(cli, optarg);
    case 'o':
        cli->out = optarg;
        return true;
    case OPTION_VCD:
        cli->vcd = optarg;
        return true;
    default:
        cli->strategies = optarg;
        return true;
    }
}

static bool take(struct cli *cli, int option, char *const *argv)
{
    const struct cli_option_row *row = rows;
    if (option == ':' || option == '?') {
        if (option == ':')
            cli_complain(cli, "option `%s` needs a value", argv[optind - 1]);
        else
            bad_option(cli, argv);
        return false;
    }
    while (row->value != option)
        row++;
    if (!allowed(cli, row))
        return false;
    cli->given |= row->option;
    cli->given_rows |= 1u << (row - rows);
    cli->quiet |= option == 'q';
    cli->lockstep |= option == OPTION_LOCKSTEP;
    cli->config |= option == OPTION_CONFIG;
    cli->causes |= option == OPTION_CAUSES;
    return row->argument == no_argument || take_value(cli, option);
}

static bool check_arguments(const struct cli *cli)
{
    if (cli->argument_count < cli->command->least)
        cli_complain(cli, "missing argument: iovsim %s %s", cli->command->name, cli->command->arguments);
    else if (cli->argument_count > cli->command->most)
        cli_complain(cli, "one argument too many: `%s`", cli->arguments[cli->command->most]);
    else if (cli->out && *cli->out == '\0')
        cli_complain(cli, "--out: an empty name");
    else if (cli->config && cli->given & (CLI_OPTION_JOBS | CLI_OPTION_LOCKSTEP | CLI_OPTION_VCD))
        cli_complain(cli, "--config runs nothing: --jobs, --lockstep and --vcd do not go with it");
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
    struct option options[OPTION_COUNT + 1] = {{0}};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        options[i] = (struct option){.name = rows[i].name, .has_arg = rows[i].argument, .val = rows[i].value};
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
