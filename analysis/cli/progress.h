/* What a user sees of a long run: a bar on stderr while it lasts, if that is a terminal, and how fast it was. */
#ifndef ANALYSIS_CLI_PROGRESS_H
#define ANALYSIS_CLI_PROGRESS_H

#include "analysis/campaign.h"
#include "analysis/cli/cli.h"

bool progress_wanted(const struct cli *cli);
void progress_show(size_t done, size_t total, void *self);

/* Takes the bar away. */
void progress_end(const struct cli *cli);

/* "44 points, 3.21 s, 3.8 M events/s, on HOST", unless --quiet. */
void progress_say(const struct cli *cli, const struct campaign *campaign);

/* The same as a JSON object for run-info.json: it is no result. A new reference. */
json_t *progress_info(const struct cli *cli, const struct campaign *campaign);

#endif
