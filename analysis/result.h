/*
 * Results: what one run found, as a JSON object whose form is a contract (docs/results.md), versioned by
 * RESULT_FORMAT. Tables, CSV, plots and expectations all read results through metric paths such as
 * "latency_ns.p99" or "directions.receive.packets.dropped.tap_full"; nothing else is passed around.
 *
 * Counts are of the whole run, from t = 0. Rates, latencies, stages and what cores spent are of the window that
 * follows the warm-up. Real numbers are rounded to 9 significant digits. Results hold nothing of the machine.
 */
#ifndef ANALYSIS_RESULT_H
#define ANALYSIS_RESULT_H

#include <jansson.h>
#include <stdbool.h>

#include "models/host/system.h"

enum { RESULT_FORMAT = 1 };

/* What the caller knows about a run beside the system. */
struct result_labels {
    const char *scenario; /* its name */
    const char *point;    /* "rate=10kpps,strategy=virtio" */
    json_t *values;       /* {"rate": "10kpps", ...}; borrowed */
    int64_t replication;
};

/* The result of a finished run; a new reference. */
json_t *result_create(struct system *system, const struct result_labels *labels);

/* The value at a metric path; NULL if there is none. Borrowed. */
const json_t *result_at(const json_t *result, const char *path);

/*
 * The number at a metric path: false if there is none, or null. A count that a run did not have ("exits.HLT") is 0 if
 * its object exists; an object of counts itself ("exits", "packets.dropped") is their sum; true is 1. Two paths with a
 * '/' between them ("kicks.tx/packets.delivered") are a ratio.
 */
bool result_number(const json_t *result, const char *path, double *number);

/* JSON text with the project's formatting, to be freed; `indent` spaces, 0 for one line. */
char *result_text(const json_t *json, int indent);

/* A real rounded to 9 digits; null for NAN. */
json_t *result_real(double value);
json_t *result_ratio(__int128 numerator, __int128 denominator);

#endif
