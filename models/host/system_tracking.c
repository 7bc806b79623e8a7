/*
 * Tracking: every counter of the system is snapshot at the batches' edges, so that any window's gain is known after the
 * run, whatever warm-up is found.
 */
#include <math.h>
#include <stdlib.h>

#include "models/host/system_private.h"
#include "sim/assert.h"

static void track(struct system *system, const int64_t *counter)
{
    if (system->counter_count == system->counter_capacity) {
        system->counter_capacity = system->counter_capacity ? 2 * system->counter_capacity : 256;
        system->counters = realloc(system->counters, system->counter_capacity * sizeof(*system->counters));
        SIM_ASSERT(system->counters);
    }
    system->counters[system->counter_count++] =
        (struct system_counter){.counter = counter, .index = batches_add_counter(system->batches, counter)};
}

static void track_many(struct system *system, const int64_t *counters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        track(system, &counters[i]);
}

#define TRACK_STRUCT(system, pointer)                                                                        \
    track_many((system), (const int64_t *)(const void *)(pointer), sizeof(*(pointer)) / sizeof(int64_t))

static void track_path(struct system *system, struct path *path)
{
    TRACK_STRUCT(system, &path->total);
    path->batch_histogram = batches_add_histogram(system->batches, &path->latency);
}

static void track_attachment(struct system *system, struct attachment *attachment)
{
    track_many(system, attachment->access->writes, REGISTERS);
    track_many(system, attachment->access->reads, REGISTERS);
    for (unsigned i = 0; attachment->vm && i < vm_vcpu_count(attachment->vm); i++)
        TRACK_STRUCT(system, vcpu_counters(vm_vcpu(attachment->vm, i)));
}

static void track_nic(struct system *system, const struct system_nic *nic)
{
    for (unsigned function = 0; function <= nic->functions_used; function++)
        TRACK_STRUCT(system, dma_counters(nic_dma(nic->nic), function));
}

static int by_address(const void *left, const void *right)
{
    const struct system_counter *a = left, *b = right;
    return (a->counter > b->counter) - (a->counter < b->counter);
}

static void edge(struct sim *sim, struct sim_event *event)
{
    struct system *system = SIM_CONTAINER_OF(event, struct system, edge);
    for (size_t i = 0; i < system->core_count; i++)
        cpu_ledger(system->cores[i].cpu);
    batches_edge(system->batches, sim_now(sim));
    sim_schedule(sim, event, batches_next_edge(system->batches));
}

void system_tracking_start(struct system *system)
{
    sim_time length = system->config->duration / SYSTEM_BATCHES;
    system->batches = batches_create(length > 0 ? length : 1);
    for (size_t i = 0; i < system->traffic_count; i++) {
        track_path(system, &system->traffic[i].path);
        track_path(system, &system->traffic[i].reverse);
    }
    for (size_t i = 0; i < system->core_count; i++)
        TRACK_STRUCT(system, cpu_ledger(system->cores[i].cpu));
    for (size_t i = 0; i < system->attachment_count; i++)
        track_attachment(system, &system->attachments[i]);
    for (size_t i = 0; i < system->nic_count; i++)
        track_nic(system, &system->nics[i]);
    qsort(system->counters, system->counter_count, sizeof(*system->counters), by_address);
    sim_event_init_priority(&system->edge, edge, sim_component(system->sim, "host0.statistics"), 0,
                            SIM_PRIORITY_LAST);
    sim_schedule(system->sim, &system->edge, batches_next_edge(system->batches));
}

void system_tracking_destroy(struct system *system)
{
    batches_destroy(system->batches);
    free(system->counters);
}

static const struct system_counter *find(const struct system *system, const int64_t *counter)
{
    struct system_counter key = {.counter = counter};
    const struct system_counter *found =
        bsearch(&key, system->counters, system->counter_count, sizeof(key), by_address);
    SIM_ASSERT(found);
    return found;
}

int64_t system_gain(const struct system *system, const int64_t *counter, size_t from, size_t to)
{
    size_t index = find(system, counter)->index;
    return batches_counter_at(system->batches, index, to) - batches_counter_at(system->batches, index, from);
}

/* The mean latency over all paths between two edges; `fallback` if nothing was delivered. */
static double mean_latency(const struct system *system, size_t from, size_t to, double fallback)
{
    int64_t time = 0, packets = 0;
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct path_counters *total[] = {&system->traffic[i].path.total,
                                               &system->traffic[i].reverse.total};
        for (int way = 0; way < 2; way++) {
            time += system_gain(system, &total[way]->latency_time, from, to);
            packets += system_gain(system, &total[way]->delivered, from, to);
        }
    }
    return packets ? (double)time / (double)packets : fallback;
}

/* MSER-5 looks at the batches' mean latencies; one in which nothing was delivered is no reason to cut. */
static size_t find_warmup(const struct system *system, size_t edges)
{
    double means[BATCHES_MAX];
    size_t count = 0;
    double all = mean_latency(system, 0, edges - 1, 0);
    for (size_t edge = 0; edge + 1 < edges && count < BATCHES_MAX; edge++)
        means[count++] = mean_latency(system, edge, edge + 1, all);
    return mser5_truncation(means, count);
}

/* A capture is finite and is reported whole. */
static bool replays(const struct system *system)
{
    struct source_frames frames;
    for (size_t i = 0; i < system->traffic_count; i++)
        if (source_frames(system->traffic[i].source, &frames))
            return true;
    return false;
}

struct system_window system_window(const struct system *system)
{
    size_t last = batches_count(system->batches);
    struct system_window window = {.to = last};
    if (system->config->warmup > 0)
        while (window.from < last && batches_edge_time(system->batches, window.from) < system->config->warmup)
            window.from++;
    else if (system->config->find_warmup && !replays(system))
        window.from = find_warmup(system, last + 1);
    window.start = batches_edge_time(system->batches, window.from);
    window.end = batches_edge_time(system->batches, window.to);
    return window;
}
