/*
 * Metrics: numbers of a result, named by their path (analysis/result.h). This is what is known of them beyond the
 * number: the unit, which follows from the name, a title, and which of them go into tables, CSV and SQLite.
 */
#ifndef ANALYSIS_METRIC_H
#define ANALYSIS_METRIC_H

#include <stdbool.h>
#include <stddef.h>

enum { METRIC_PATH_SIZE = 256 }; /* room for a path */

enum metric_unit {
    METRIC_NUMBER,    /* a plain number, a count */
    METRIC_NS,        /* nanoseconds */
    METRIC_PPS,       /* packets a second */
    METRIC_GBPS,      /* gigabits a second */
    METRIC_CORES,     /* processor cores */
    METRIC_SHARE,     /* a fraction of 1 */
    METRIC_CYCLES,    /* processor cycles a packet */
    METRIC_PER_PACKET /* so many a packet */
};

/* A row of the fixed list of metrics in CSV and SQLite. */
struct metric {
    const char *path;   /* in the result: "latency_ns.mean" */
    const char *column; /* the path with '_' for '.': "latency_ns_mean" */
    const char *title;  /* "mean latency" */
    enum metric_unit unit;
};

/* The list, in the order of the columns; *count is set to its length. */
const struct metric *metric_list(size_t *count);

/* The listed metric with this path; NULL if it is not listed. */
const struct metric *metric_find(const char *path);

/* The path of the 95 % interval that a run gives beside a mean: "latency_ns.ci95" for "latency_ns.mean". False: it is
 * no mean. */
bool metric_interval(const char *path, char *buffer, size_t size);

/* The unit of any path, by its name: "..._ns..." are nanoseconds, and so on. */
enum metric_unit metric_unit_of(const char *path);

/* `value` of the metric `path`, for a table: "12.35 us". Needs QUANTITY_SIZE. Returns `buffer`. */
const char *metric_text(const char *path, double value, char *buffer, size_t size);

/* What to call the metric: "mean latency"; the path itself if it is not listed. */
const char *metric_title(const char *path);

/* The plain unit of the metric ("s", "packets/s", "" for none); *base is set to how many of it make 1 of the metric. */
const char *metric_plain_unit(const char *path, double *base);

#endif
