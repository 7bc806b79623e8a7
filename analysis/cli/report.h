/* What a command leaves behind: text for people, result files, figures. */
#ifndef ANALYSIS_CLI_REPORT_H
#define ANALYSIS_CLI_REPORT_H

#include "analysis/cli/session.h"
#include "analysis/store.h"

/* How the table is laid out. */
enum report_layout { REPORT_POINTS, REPORT_COMPARISON };

/* Name, description, table, failures, what to look at, and the expectations. */
void report_text(const struct session *session, enum report_layout layout, FILE *out);

/* Where results go; opened before the run, so that a place that cannot be written to is known then. */
struct destination {
    const char *folder;         /* a folder of files; NULL: none */
    struct result_store *store; /* one file, or stdout in JSON or CSV; NULL: none */
    bool text;                  /* the text goes to stdout */
};

/* Prepares what --out and --format ask for. Complains. */
enum cli_status destination_open(struct destination *destination, const struct session *session);

/* Delivers the results of a campaign that was run. Complains. */
enum cli_status destination_write(struct destination *destination, struct session *session,
                                  enum report_layout layout);

/* Ends it without results. */
void destination_discard(struct destination *destination);

/* Writes results.json, results.csv, table.txt, the figures and run-info.json into a folder that exists. Complains. */
enum cli_status report_folder(struct session *session, enum report_layout layout, const char *folder);

/* Draws all figures into a folder that exists. Complains. */
enum cli_status report_figures(const struct session *session, const char *folder);

/* Where text of a command that runs nothing goes: --out, or stdout. NULL, complained about, if it cannot be written. */
struct text_file;
struct text_file *text_file_open(const struct cli *cli);
FILE *text_file_stream(struct text_file *file);
enum cli_status text_file_close(struct text_file *file);
void text_file_discard(struct text_file *file);

#endif
