/* From a name on the command line to a loaded scenario and the points of it that are wanted. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/cli/session.h"
#include "models/registry.h"
#include "models/strategy/strategy.h"
#include "sim/assert.h"

/* ---- finding ---- */

bool session_is_scenario_kind(const char *kind)
{
    static const char *const others[] = {"hosts", "nics", "costs", "captures"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(kind, others[i]) == 0)
            return false;
    return true;
}

static bool looks_like_file(const char *name)
{
    size_t length = strlen(name);
    if (strchr(name, '/') || access(name, F_OK) == 0)
        return true;
    return length > 5 && (strcmp(name + length - 5, ".yaml") == 0 || strcmp(name + length - 4, ".yml") == 0);
}

/* The library's scenario of this name; else complains, with the nearest. */
static char *find_in_library(const struct cli *cli, const char *name)
{
    struct library_list list;
    char *found = NULL;
    library_list(cli->library, NULL, &list);
    const char **names = calloc(list.count + 1, sizeof(*names));
    SIM_ASSERT(names);
    size_t count = 0;
    for (size_t i = 0; i < list.count && !found; i++) {
        if (!session_is_scenario_kind(list.items[i].kind))
            continue;
        names[count++] = list.items[i].name;
        if (strcmp(list.items[i].name, name) == 0)
            found = library_find(cli->library, list.items[i].kind, name);
    }
    const char *nearest = found ? NULL : diag_nearest(name, names, count);
    if (nearest)
        cli_complain(cli, "no file and no library scenario `%s`; did you mean `%s`?", name, nearest);
    else if (!found)
        cli_complain(cli, "no file and no library scenario `%s`; `iovsim list scenarios` names them", name);
    free(names);
    library_list_free(&list);
    return found;
}

char *session_find(const struct cli *cli, const char *name)
{
    if (!looks_like_file(name))
        return find_in_library(cli, name);
    char *path = strdup(name);
    SIM_ASSERT(path);
    return path;
}

/* ---- --strategies ---- */

/* "compare=[A,B]", to be freed. */
static char *compare_set(const char *strategies)
{
    size_t size = strlen(strategies) + sizeof("compare=[]");
    char *set = malloc(size);
    SIM_ASSERT(set);
    snprintf(set, size, "compare=[%s]", strategies);
    return set;
}

/* The names of all strategies with commas between them, to be freed. */
static char *all_strategies(void)
{
    char *all = NULL;
    size_t size;
    FILE *text = open_memstream(&all, &size);
    SIM_ASSERT(text);
    for (size_t i = 0; strategy_names[i]; i++)
        fprintf(text, "%s%s", i ? "," : "", strategy_names[i]);
    fclose(text);
    return all;
}

static size_t find_alternative(const struct experiment *experiment, const char *name)
{
    size_t i = 0;
    while (i < experiment->alternative_count && strcmp(experiment->alternatives[i].name, name) != 0)
        i++;
    return i;
}

static enum cli_status unknown_alternative(const struct session *session, const char *word)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    const char **names = calloc(experiment->alternative_count, sizeof(*names));
    SIM_ASSERT(names);
    for (size_t i = 0; i < experiment->alternative_count; i++)
        names[i] = experiment->alternatives[i].name;
    const char *nearest = diag_nearest(word, names, experiment->alternative_count);
    cli_complain(session->cli, "--strategies: the scenario does not compare `%s`%s%s%s", word,
                 nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
    free(names);
    return CLI_USAGE;
}

static void select_alternative(struct session *session, const struct scenario_alternative *alternative)
{
    for (size_t i = 0; i < scenario_point_count(session->scenario); i++)
        if (scenario_point(session->scenario, i)->alternative == alternative)
            session->selected[i] = true;
}

static enum cli_status select_alternatives(struct session *session)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    char *words = strdup(session->cli->strategies), *rest = words;
    enum cli_status status = CLI_DONE;
    session->selected = calloc(scenario_point_count(session->scenario), sizeof(*session->selected));
    SIM_ASSERT(words && session->selected);
    for (char *word = strsep(&rest, ","); word && status == CLI_DONE; word = strsep(&rest, ",")) {
        size_t index = find_alternative(experiment, word);
        if (index < experiment->alternative_count)
            select_alternative(session, &experiment->alternatives[index]);
        else
            status = unknown_alternative(session, word);
    }
    free(words);
    return status;
}

/* ---- loading ---- */

/* The command line's sets, with room for one more. */
static void take_sets(struct session *session)
{
    struct cli *cli = session->cli;
    session->sets = calloc(cli->set_count + 1, sizeof(*session->sets));
    SIM_ASSERT(session->sets);
    for (size_t i = 0; i < cli->set_count; i++) {
        session->sets[i] = strdup(cli->sets[i]);
        SIM_ASSERT(session->sets[i]);
    }
    session->options = (struct scenario_options){
        .library = cli->library, .sets = (const char *const *)session->sets, .set_count = cli->set_count};
}

static enum cli_status read_scenario(struct session *session)
{
    struct diag *diag = diag_create();
    scenario_destroy(session->scenario);
    session->scenario = scenario_load(session->path, &session->options, diag);
    return cli_report(diag);
}

/* Whether every VM has a strategy of its own, so that the scenario's has no effect. */
static bool all_vms_have_their_own(const struct session *session)
{
    struct diag *unheard = diag_create();
    const struct scenario_point *point = scenario_point(session->scenario, 0);
    struct scenario_binding *binding = scenario_bind(session->scenario, point, registry_root(), unheard);
    bool own = binding != NULL;
    const struct config *config = binding ? scenario_config(binding) : NULL;
    for (size_t i = 0; own && i < config->vms.count; i++)
        own = ((const struct vm_config *)config->vms.items)[i].strategy != 0;
    scenario_binding_destroy(binding);
    diag_destroy(unheard);
    return own;
}

/* Reads the scenario once more, comparing `strategies`. */
static enum cli_status read_compared(struct session *session, const char *strategies)
{
    if (all_vms_have_their_own(session))
        return cli_complain(
            session->cli,
            "%s: nothing to compare: every VM has a `strategy` of its own, so that the scenario's has no "
            "effect; `iovsim run` shows them VM by VM, `compare: [{name, set}]` compares other settings",
            session->path);
    session->sets[session->options.set_count++] = compare_set(strategies);
    return read_scenario(session);
}

/* Names with commas between, none of them empty. */
static bool is_name_list(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && text[0] != ',' && text[length - 1] != ',' && !strstr(text, ",,");
}

enum cli_status session_load(struct session *session, struct cli *cli, const char *name)
{
    *session = (struct session){.cli = cli};
    if (cli->strategies && !is_name_list(cli->strategies))
        return cli_complain(cli,
                            "--strategies: `%s` has an empty name; wanted: names as in `virtio,passthrough`",
                            cli->strategies);
    session->path = session_find(cli, name);
    if (!session->path)
        return CLI_USAGE;
    take_sets(session);
    enum cli_status status = read_scenario(session);
    if (status != CLI_DONE || !cli->strategies)
        return status;
    if (scenario_experiment(session->scenario)->alternative_count > 0)
        return select_alternatives(session);
    return read_compared(session, cli->strategies);
}

enum cli_status session_load_compared(struct session *session, struct cli *cli, const char *name)
{
    enum cli_status status = session_load(session, cli, name);
    if (status != CLI_DONE || scenario_experiment(session->scenario)->alternative_count > 0)
        return status;
    char *all = all_strategies();
    status = read_compared(session, all);
    free(all);
    return status;
}

void session_unload(struct session *session)
{
    scenario_destroy(session->scenario);
    for (size_t i = 0; session->sets && i < session->options.set_count; i++)
        free(session->sets[i]);
    free(session->sets);
    free(session->selected);
    free(session->path);
}
