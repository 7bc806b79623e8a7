/*
 * Which metrics there are: the vocabulary of metric paths (analysis/result.h), so that a path that no result will ever
 * have is known before anything runs. A count that merely does not occur (an exit reason, a drop cause) is one of them.
 * Positions in lists are checked by who knows how long the lists are.
 */
#ifndef ANALYSIS_METRIC_NAME_H
#define ANALYSIS_METRIC_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether results have a number at `path`, which is no ratio; `parts`: or a list or group that a stack is made of. */
bool metric_exists(const char *path, bool parts);

/*
 * What could stand in place of the first key of `path` that is wrong: fills names[0..most) and returns how many there
 * are. Static storage.
 */
size_t metric_allowed(const char *path, const char **names, size_t most);

/* The existing path nearest to `path`, with its own list positions, in `buffer`; NULL if none is near. */
const char *metric_nearest(const char *path, char *buffer, size_t size);

#endif
