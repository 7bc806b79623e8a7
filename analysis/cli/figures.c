/* figures: every scenario of the textbook with its tables and figures, and an index. */
#include <stdlib.h>
#include <string.h>

#include "analysis/cli/progress.h"
#include "analysis/cli/report.h"
#include "sim/assert.h"

#define TEXTBOOK "textbook"

/* The scenarios asked for: names or files, and what their folders are called. */
struct chapters {
    char **names;
    size_t count;
};

static void add_chapter(struct chapters *chapters, const char *name)
{
    chapters->names = realloc(chapters->names, (chapters->count + 1) * sizeof(*chapters->names));
    SIM_ASSERT(chapters->names);
    chapters->names[chapters->count] = strdup(name);
    SIM_ASSERT(chapters->names[chapters->count]);
    chapters->count++;
}

static struct chapters choose(const struct cli *cli)
{
    struct chapters chapters = {0};
    struct library_list list;
    for (size_t i = 0; i < cli->argument_count; i++)
        add_chapter(&chapters, cli->arguments[i]);
    if (cli->argument_count > 0)
        return chapters;
    library_list(cli->library, TEXTBOOK, &list);
    for (size_t i = 0; i < list.count; i++)
        add_chapter(&chapters, list.items[i].name);
    library_list_free(&list);
    return chapters;
}

static void free_chapters(struct chapters *chapters)
{
    for (size_t i = 0; i < chapters->count; i++)
        free(chapters->names[i]);
    free(chapters->names);
}

/* The last part of a path without its ending, to be freed. */
static char *folder_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    char *copy = strdup(slash ? slash + 1 : name);
    SIM_ASSERT(copy);
    char *dot = strrchr(copy, '.');
    if (dot && dot != copy)
        *dot = '\0';
    return copy;
}

/* ---- the index ---- */

static void index_chapter(FILE *index, const struct session *session, const char *folder)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    fprintf(index, "\n## %s\n\n", experiment->name ? experiment->name : folder);
    if (experiment->description)
        fprintf(index, "%s.\n\n", experiment->description);
    if (experiment->look_at)
        fprintf(index, "Look at: %s\n\n", experiment->look_at);
    fprintf(index, "[table](%s/table.txt), [results as JSON](%s/results.json), [as CSV](%s/results.csv)\n",
            folder, folder, folder);
    for (size_t i = 0; i < experiment->plot_count; i++) {
        const struct scenario_plot *plot = &experiment->plots[i];
        fprintf(index, "\n### %s\n\n![%s](%s/%s.svg)\n", plot->title, plot->title, folder, plot->name);
        if (plot->look_at)
            fprintf(index, "\nLook at: %s\n", plot->look_at);
    }
}

/* ---- running ---- */

static enum report_layout layout_of(const struct experiment *experiment)
{
    bool side_by_side = experiment->alternative_count > 0 && experiment->axis_count == 0;
    return side_by_side ? REPORT_COMPARISON : REPORT_POINTS;
}

static enum cli_status conduct(struct session *session, const char *out, const char *name, FILE *index)
{
    enum report_layout layout = layout_of(scenario_experiment(session->scenario));
    char *folder_only = folder_name(name), *folder = outfile_path(out, folder_only);
    struct diag *diag = diag_create();
    outfile_folder(folder, diag);
    enum cli_status status = cli_report(diag);
    if (status == CLI_DONE)
        status = session_run(session, NULL);
    if (session->has_run) {
        status = cli_worse(status, report_folder(session, layout, folder));
        report_text(session, layout, stdout);
        fputc('\n', stdout);
        fflush(stdout);
        index_chapter(index, session, folder_only);
        progress_say(session->cli, &session->campaign);
    }
    free(folder);
    free(folder_only);
    return status;
}

/* Loads and checks a scenario, and runs it unless `index` is NULL. */
static enum cli_status chapter(struct cli *cli, const char *name, const char *out, FILE *index)
{
    struct session session;
    enum cli_status status = session_load(&session, cli, name);
    if (status == CLI_DONE && !index)
        status = session_check(&session);
    if (status == CLI_DONE && index)
        status = conduct(&session, out, name, index);
    session_close(&session);
    return status;
}

static enum cli_status all_chapters(struct cli *cli, const struct chapters *chapters, const char *out)
{
    enum cli_status status = CLI_DONE;
    struct diag *diag = diag_create();
    struct outfile *file = NULL;
    if (outfile_folder(out, diag)) {
        char *path = outfile_path(out, "index.md");
        file = outfile_open(path, diag);
        free(path);
    }
    if (file) {
        fprintf(outfile_stream(file), "# Figures\n");
        for (size_t i = 0; i < chapters->count; i++)
            status = cli_worse(status, chapter(cli, chapters->names[i], out, outfile_stream(file)));
        outfile_commit(file, diag);
    }
    return cli_worse(status, cli_report(diag));
}

enum cli_status command_figures(struct cli *cli)
{
    const char *out = cli->out ? cli->out : "out/figures";
    struct chapters chapters = choose(cli);
    enum cli_status status = CLI_DONE;
    if (chapters.count == 0)
        status =
            cli_complain(cli, "there are no scenarios in the library's `" TEXTBOOK "` folder (library: %s)",
                         cli->library ? cli->library : "none");
    for (size_t i = 0; i < chapters.count; i++)
        status = cli_worse(status, chapter(cli, chapters.names[i], out, NULL));
    if (status == CLI_DONE)
        status = all_chapters(cli, &chapters, out);
    free_chapters(&chapters);
    return status;
}
