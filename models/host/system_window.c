/*
 * The window that statistics are taken from. Where no warm-up is given, it is found by MSER over the batches' mean
 * latencies. Each direction decides for itself, as it may settle later than the others and few packets of one would not
 * be seen among many of another; the latest cut holds.
 */
#include "models/host/system_private.h"

/* MSER-5 has groups of five packets: where batches have fewer, some of them make a group. */
enum { MSER_PACKETS = 5, DIRECTIONS = TRAFFIC_REQUEST_RESPONSE + 1 };

struct latency_sum {
    int64_t time; /* [ps] */
    int64_t packets;
};

static void add_latency(const struct system *system, const struct path *path, size_t from, size_t to,
                        struct latency_sum *sum)
{
    sum->time += system_gain(system, &path->total.latency_time, from, to);
    sum->packets += system_gain(system, &path->total.delivered, from, to);
}

static int reverse_of(int direction)
{
    return direction == TRAFFIC_RECEIVE ? TRAFFIC_TRANSMIT : TRAFFIC_RECEIVE;
}

/* Of all packets that went in `direction`, also as the other direction of a stream. */
static struct latency_sum latency_of(const struct system *system, int direction, size_t from, size_t to)
{
    struct latency_sum sum = {0};
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct system_traffic *traffic = &system->traffic[i];
        if (traffic->config->direction == direction)
            add_latency(system, &traffic->path, from, to, &sum);
        if (reverse_of(traffic->config->direction) == direction)
            add_latency(system, &traffic->reverse, from, to, &sum);
    }
    return sum;
}

/* What MSER makes of one direction. */
struct cut {
    size_t batches;
    bool at_limit;
};

static size_t batches_in_a_group(int64_t packets, size_t batches)
{
    int64_t needed = MSER_PACKETS * (int64_t)batches;
    return packets >= needed ? 1 : (size_t)((needed + packets - 1) / packets);
}

/* A batch in which nothing was delivered is no reason to cut. */
static struct cut cut_of(const struct system *system, int direction, size_t batches)
{
    double means[BATCHES_MAX];
    struct latency_sum all = latency_of(system, direction, 0, batches);
    if (all.packets == 0)
        return (struct cut){0};
    for (size_t i = 0; i < batches; i++) {
        struct latency_sum one = latency_of(system, direction, i, i + 1);
        const struct latency_sum *used = one.packets > 0 ? &one : &all;
        means[i] = (double)used->time / (double)used->packets;
    }
    size_t group = batches_in_a_group(all.packets, batches), most = mser_most(batches, group);
    size_t found = mser_truncation(means, batches, group);
    return (struct cut){.batches = found, .at_limit = most > 0 && found == most};
}

static void find_warmup(const struct system *system, struct system_window *window)
{
    for (int direction = 0; direction < DIRECTIONS; direction++) {
        struct cut cut = cut_of(system, direction, window->to);
        if (cut.batches > window->from)
            window->from = cut.batches;
        window->at_limit |= cut.at_limit;
    }
    window->warmup = WARMUP_FOUND;
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

static void cut_given(const struct system *system, struct system_window *window)
{
    while (window->from < window->to &&
           batches_edge_time(system->batches, window->from) < system->config->warmup)
        window->from++;
    window->warmup = WARMUP_GIVEN;
}

struct system_window system_window(const struct system *system)
{
    struct system_window window = {.to = batches_count(system->batches)};
    if (system->config->warmup > 0)
        cut_given(system, &window);
    else if (system->config->find_warmup && !replays(system))
        find_warmup(system, &window);
    window.start = batches_edge_time(system->batches, window.from);
    window.end = batches_edge_time(system->batches, window.to);
    return window;
}
