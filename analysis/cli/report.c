#include "analysis/cli/report.h"

#include <stdlib.h>

#include "analysis/cli/progress.h"
#include "analysis/gnuplot.h"
#include "analysis/summary.h"
#include "analysis/table.h"
#include "sim/assert.h"

enum { WIDTH = 110 };

void report_text(const struct session *session, enum report_layout layout, FILE *out)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    if (experiment->name)
        table_paragraph(out, "", experiment->name, WIDTH);
    if (experiment->description)
        table_paragraph(out, "", experiment->description, WIDTH);
    if (experiment->name || experiment->description)
        fputc('\n', out);
    if (layout == REPORT_COMPARISON)
        summary_comparison(&session->campaign, out);
    else
        summary_points(&session->campaign, out);
    summary_vms(&session->campaign, out);
    summary_failures(&session->campaign, out);
    summary_remarks(&session->campaign, out);
    if (experiment->look_at) {
        fputc('\n', out);
        table_paragraph(out, "Look at: ", experiment->look_at, WIDTH);
    }
    if (session->verdicts.count > 0)
        fputs("\nExpectations:\n", out);
    verdicts_print(&session->verdicts, &session->campaign, out);
}

/* ---- figures ---- */

static enum cli_status draw(const struct session *session, const struct scenario_plot *plot,
                            const char *folder, bool *missing)
{
    struct diag *diag = diag_create();
    struct figure figure;
    figure_create(&figure, &session->campaign, plot);
    enum gnuplot_result result = gnuplot_draw(&figure, folder, diag);
    bool gave_up = result == GNUPLOT_FAILED;
    if (result == GNUPLOT_EMPTY)
        cli_say(session->cli, "%s: nothing to draw, there are no such results", plot->name);
    *missing = *missing || result == GNUPLOT_MISSING;
    figure_destroy(&figure);
    cli_report(diag);
    return gave_up ? CLI_INTERNAL : CLI_DONE;
}

enum cli_status report_figures(const struct session *session, const char *folder)
{
    const struct experiment *experiment = scenario_experiment(session->scenario);
    enum cli_status status = CLI_DONE;
    bool missing = false;
    for (size_t i = 0; i < experiment->plot_count; i++)
        status = cli_worse(status, draw(session, &experiment->plots[i], folder, &missing));
    if (missing)
        fprintf(stderr,
                "iovsim: gnuplot is not installed, figures are left as data and scripts in %s; "
                "`apt-get install gnuplot-nox` brings it\n",
                folder);
    return status;
}

/* ---- a folder ---- */

static bool write_store(struct session *session, const char *folder, const char *name, const json_t *verdicts,
                        struct diag *diag)
{
    char *path = outfile_path(folder, name);
    struct result_store *store =
        result_store_open(result_store_form(path), path, NULL, session->scenario, diag);
    free(path);
    if (!store)
        return false;
    result_store_fill(store, &session->campaign, verdicts);
    return result_store_close(store, diag);
}

static bool write_text(struct session *session, enum report_layout layout, const char *folder,
                       struct diag *diag)
{
    char *path = outfile_path(folder, "table.txt");
    struct outfile *file = outfile_open(path, diag);
    free(path);
    if (!file)
        return false;
    report_text(session, layout, outfile_stream(file));
    return outfile_commit(file, diag);
}

/* Wall time and machine: no result, and so in a file of its own. */
static bool write_info(struct session *session, const char *folder, struct diag *diag)
{
    char *path = outfile_path(folder, "run-info.json");
    struct outfile *file = outfile_open(path, diag);
    free(path);
    if (!file)
        return false;
    json_t *info = progress_info(session->cli, &session->campaign);
    char *text = result_text(info, 2);
    fprintf(outfile_stream(file), "%s\n", text);
    free(text);
    json_decref(info);
    return outfile_commit(file, diag);
}

enum cli_status report_folder(struct session *session, enum report_layout layout, const char *folder)
{
    struct diag *diag = diag_create();
    json_t *verdicts = verdicts_json(&session->verdicts, &session->campaign);
    bool fine = write_store(session, folder, "results.json", verdicts, diag);
    fine = fine && write_store(session, folder, "results.csv", verdicts, diag);
    fine = fine && write_text(session, layout, folder, diag);
    fine = fine && write_info(session, folder, diag);
    json_decref(verdicts);
    enum cli_status status = cli_report(diag);
    return fine ? cli_worse(status, report_figures(session, folder)) : status;
}

/* ---- where results go ---- */

static bool open_out(struct destination *destination, const struct session *session, struct diag *diag)
{
    const char *out = session->cli->out;
    const struct result_store_ops *form = result_store_form(out);
    if (!form) {
        destination->folder = out;
        return outfile_folder(out, diag);
    }
    destination->store = result_store_open(form, out, NULL, session->scenario, diag);
    return destination->store != NULL;
}

enum cli_status destination_open(struct destination *destination, const struct session *session)
{
    const struct cli *cli = session->cli;
    struct diag *diag = diag_create();
    *destination = (struct destination){0};
    if (cli->out && result_store_form(cli->out) && cli->given & CLI_OPTION_FORMAT) {
        diag_destroy(diag);
        return cli_complain(cli, "--format: the form follows from the name `%s`, nothing goes to stdout",
                            cli->out);
    }
    if (cli->out)
        open_out(destination, session, diag);
    destination->text = !destination->store && session->cli->format == CLI_TABLE;
    return cli_report(diag);
}

/* JSON or CSV on stdout. */
static void write_stdout(struct session *session, const json_t *verdicts, struct diag *diag)
{
    const struct result_store_ops *form = session->cli->format == CLI_JSON ? &store_json : &store_csv;
    struct result_store *store = result_store_open(form, NULL, stdout, session->scenario, diag);
    result_store_fill(store, &session->campaign, verdicts);
    result_store_close(store, diag);
}

enum cli_status destination_write(struct destination *destination, struct session *session,
                                  enum report_layout layout)
{
    struct diag *diag = diag_create();
    json_t *verdicts = verdicts_json(&session->verdicts, &session->campaign);
    if (destination->store) {
        result_store_fill(destination->store, &session->campaign, verdicts);
        result_store_close(destination->store, diag);
        destination->store = NULL;
    } else if (destination->text) {
        report_text(session, layout, stdout);
    } else {
        write_stdout(session, verdicts, diag);
    }
    json_decref(verdicts);
    enum cli_status status = cli_report(diag);
    if (destination->folder)
        status = cli_worse(status, report_folder(session, layout, destination->folder));
    return status;
}

void destination_discard(struct destination *destination)
{
    result_store_discard(destination->store);
}

/* ---- text ---- */

struct text_file {
    struct outfile *file; /* NULL: stdout */
};

struct text_file *text_file_open(const struct cli *cli)
{
    struct diag *diag = diag_create();
    struct outfile *out = cli->out ? outfile_open(cli->out, diag) : NULL;
    if (cli_report(diag) != CLI_DONE)
        return NULL;
    struct text_file *file = malloc(sizeof(*file));
    SIM_ASSERT(file);
    file->file = out;
    return file;
}

FILE *text_file_stream(struct text_file *file)
{
    return file->file ? outfile_stream(file->file) : stdout;
}

enum cli_status text_file_close(struct text_file *file)
{
    struct diag *diag = diag_create();
    if (file->file)
        outfile_commit(file->file, diag);
    free(file);
    return cli_report(diag);
}

void text_file_discard(struct text_file *file)
{
    outfile_discard(file->file);
    free(file);
}
