#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"
#include "sim/stats.h"

/* A histogram at an edge. Only the bins from that of min to that of max can be other than 0; they are all that
 * is kept, so that the memory for a snapshot is that of the range in use, and it is bounded. */
struct snapshot {
    struct histogram summary; /* its `bins` points to bin `first` */
    uint32_t first, length;   /* bins kept; none while length is 0 */
    uint32_t capacity;        /* bins allocated */
};

struct series {
    const struct histogram *source;
    struct snapshot edges[BATCHES_MAX + 1];
};

struct counter_series {
    const int64_t *source;
    int64_t edges[BATCHES_MAX + 1];
};

struct batches {
    sim_time length; /* [ps] of a batch, now */
    size_t count;    /* complete batches; edges 0 .. count are valid */
    size_t counters_count, histograms_count;
    struct counter_series *counters;
    struct series *histograms;
};

static void take_snapshot(struct snapshot *snapshot, const struct histogram *source)
{
    uint64_t *bins = snapshot->summary.bins;
    snapshot->length = 0;
    if (source->count > 0) {
        snapshot->first = histogram_bin_of(source->min);
        snapshot->length = histogram_bin_of(source->max) - snapshot->first + 1;
    }
    if (snapshot->length > snapshot->capacity) {
        bins = realloc(bins, snapshot->length * sizeof bins[0]);
        SIM_ASSERT(bins != NULL);
        snapshot->capacity = snapshot->length;
    }
    if (snapshot->length > 0)
        memcpy(bins, source->bins + snapshot->first, snapshot->length * sizeof bins[0]);
    snapshot->summary = *source;
    snapshot->summary.bins = bins;
}

static void expand_snapshot(const struct snapshot *snapshot, struct histogram *out)
{
    uint64_t *bins = out->bins;
    memset(bins, 0, HISTOGRAM_BINS * sizeof bins[0]);
    if (snapshot->length > 0)
        memcpy(bins + snapshot->first, snapshot->summary.bins, snapshot->length * sizeof bins[0]);
    *out = snapshot->summary;
    out->bins = bins;
}

/* out -= snapshot, as histogram_subtract() does; `whole` is room for the snapshot's bins. */
static void subtract_snapshot(struct histogram *out, const struct snapshot *snapshot)
{
    struct histogram whole;
    histogram_init(&whole);
    expand_snapshot(snapshot, &whole);
    histogram_subtract(out, &whole);
    histogram_destroy(&whole);
}

struct batches *batches_create(sim_time first_length)
{
    SIM_ASSERT(first_length > 0);
    struct batches *batches = calloc(1, sizeof *batches);
    SIM_ASSERT(batches != NULL);
    batches->length = first_length;
    return batches;
}

static void destroy_series(struct series *series)
{
    for (size_t edge = 0; edge <= BATCHES_MAX; edge++)
        free(series->edges[edge].summary.bins);
}

void batches_destroy(struct batches *batches)
{
    if (batches == NULL)
        return;
    for (size_t i = 0; i < batches->histograms_count; i++)
        destroy_series(&batches->histograms[i]);
    free(batches->histograms);
    free(batches->counters);
    free(batches);
}

size_t batches_add_counter(struct batches *batches, const int64_t *counter)
{
    SIM_ASSERT(batches->count == 0);
    size_t index = batches->counters_count++;
    if ((index & (index - 1)) == 0) { /* a power of two, or none: twice the room */
        size_t room = index > 0 ? 2 * index : 1;
        batches->counters = realloc(batches->counters, room * sizeof batches->counters[0]);
        SIM_ASSERT(batches->counters != NULL);
    }
    batches->counters[index] = (struct counter_series){.source = counter, .edges = {*counter}};
    return index;
}

size_t batches_add_histogram(struct batches *batches, const struct histogram *histogram)
{
    SIM_ASSERT(batches->count == 0);
    size_t index = batches->histograms_count++;
    batches->histograms =
        realloc(batches->histograms, batches->histograms_count * sizeof batches->histograms[0]);
    SIM_ASSERT(batches->histograms != NULL);
    batches->histograms[index] = (struct series){.source = histogram};
    take_snapshot(&batches->histograms[index].edges[0], histogram);
    return index;
}

/* Keeps the even edges; the buffers of the odd ones serve again for the edges to come. */
static void collapse_histogram(struct series *series)
{
    for (size_t edge = 1; edge <= BATCHES_MAX / 2; edge++) {
        struct snapshot dropped = series->edges[edge];
        series->edges[edge] = series->edges[2 * edge];
        series->edges[2 * edge] = dropped;
    }
}

static void collapse(struct batches *batches)
{
    for (size_t i = 0; i < batches->counters_count; i++) {
        for (size_t edge = 1; edge <= BATCHES_MAX / 2; edge++)
            batches->counters[i].edges[edge] = batches->counters[i].edges[2 * edge];
    }
    for (size_t i = 0; i < batches->histograms_count; i++)
        collapse_histogram(&batches->histograms[i]);
    batches->count = BATCHES_MAX / 2;
    batches->length *= 2;
}

void batches_edge(struct batches *batches, sim_time now)
{
    SIM_ASSERT(now == batches_next_edge(batches));
    size_t edge = ++batches->count;
    for (size_t i = 0; i < batches->counters_count; i++)
        batches->counters[i].edges[edge] = *batches->counters[i].source;
    for (size_t i = 0; i < batches->histograms_count; i++)
        take_snapshot(&batches->histograms[i].edges[edge], batches->histograms[i].source);
    if (batches->count == BATCHES_MAX)
        collapse(batches);
}

sim_time batches_next_edge(const struct batches *batches)
{
    return batches_edge_time(batches, batches->count) + batches->length;
}

sim_time batches_length(const struct batches *batches)
{
    return batches->length;
}

size_t batches_count(const struct batches *batches)
{
    return batches->count;
}

sim_time batches_edge_time(const struct batches *batches, size_t edge)
{
    SIM_ASSERT(edge <= batches->count);
    return (sim_time)edge * batches->length;
}

int64_t batches_counter_at(const struct batches *batches, size_t index, size_t edge)
{
    SIM_ASSERT(index < batches->counters_count && edge <= batches->count);
    return batches->counters[index].edges[edge];
}

void batches_histogram_between(const struct batches *batches, size_t index, size_t from, size_t to,
                               struct histogram *out)
{
    SIM_ASSERT(index < batches->histograms_count && from <= to);
    SIM_ASSERT(from <= batches->count && (to <= batches->count || to == BATCHES_NOW));
    const struct series *series = &batches->histograms[index];
    if (to == BATCHES_NOW)
        histogram_copy(out, series->source);
    else
        expand_snapshot(&series->edges[to], out);
    subtract_snapshot(out, &series->edges[from]);
}
