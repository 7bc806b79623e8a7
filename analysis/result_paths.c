/* Packets, throughput, latency and stages of a group of paths. */
#include <math.h>

#include "analysis/result_private.h"

static int64_t sum_total(const struct path_group *group, size_t offset)
{
    int64_t sum = 0;
    for (size_t i = 0; i < group->count; i++)
        sum += *(const int64_t *)(const void *)((const char *)&group->paths[i]->total + offset);
    return sum;
}

static int64_t sum_gain(const struct system *system, const struct path_group *group, size_t offset,
                        size_t from, size_t to)
{
    int64_t sum = 0;
    for (size_t i = 0; i < group->count; i++) {
        const char *total = (const char *)&group->paths[i]->total;
        sum += system_gain(system, (const int64_t *)(const void *)(total + offset), from, to);
    }
    return sum;
}

#define TOTAL(group, field) sum_total((group), offsetof(struct path_counters, field))
#define GAIN(system, group, field, window)                                                                   \
    sum_gain((system), (group), offsetof(struct path_counters, field), (window)->from, (window)->to)

static json_t *packets(const struct path_group *group)
{
    json_t *object = json_object(), *dropped = json_object();
    int64_t in_flight = 0;
    for (size_t i = 0; i < group->count; i++)
        in_flight += path_in_flight(group->paths[i]);
    for (int cause = 0; cause < DROP_CAUSES; cause++) {
        int64_t count =
            sum_total(group, offsetof(struct path_counters, dropped) + (size_t)cause * sizeof(int64_t));
        if (count > 0)
            json_object_set_new(dropped, drop_cause_name(cause), json_integer(count));
    }
    json_object_set_new(object, "offered", json_integer(TOTAL(group, offered)));
    json_object_set_new(object, "delivered", json_integer(TOTAL(group, delivered)));
    json_object_set_new(object, "delivered_frames", json_integer(TOTAL(group, delivered_frames)));
    json_object_set_new(object, "in_flight", json_integer(in_flight));
    json_object_set_new(object, "dropped", dropped);
    return object;
}

/* The half width of the mean's 95 % interval, from the window's batch means. */
static double latency_interval(const struct system *system, const struct path_group *group,
                               const struct system_window *window)
{
    double means[2 * BATCHES_MAX];
    size_t count = 0;
    for (size_t edge = window->from; edge < window->to && count < 2 * BATCHES_MAX; edge++) {
        struct system_window batch = {.from = edge, .to = edge + 1};
        int64_t delivered = GAIN(system, group, delivered, &batch);
        if (delivered > 0)
            means[count++] = (double)GAIN(system, group, latency_time, &batch) / (double)delivered / 1000.0;
    }
    return interval_of(means, count).half_width;
}

static void window_histogram(const struct system *system, const struct path_group *group,
                             const struct system_window *window, struct histogram *all)
{
    struct histogram one;
    histogram_init(&one);
    for (size_t i = 0; i < group->count; i++) {
        batches_histogram_between(system->batches, group->paths[i]->batch_histogram, window->from, window->to,
                                  &one);
        histogram_merge(all, &one);
    }
    histogram_destroy(&one);
}

static json_t *latency(const struct system *system, const struct path_group *group,
                       const struct system_window *window)
{
    static const struct {
        const char *name;
        uint32_t share;
    } percentiles[] = {{"p50", 50000}, {"p90", 90000}, {"p99", 99000}, {"p999", 99900}};
    json_t *object = json_object();
    struct histogram all;
    histogram_init(&all);
    window_histogram(system, group, window, &all);
    json_object_set_new(object, "mean",
                        result_ratio(GAIN(system, group, latency_time, window),
                                     (__int128)GAIN(system, group, delivered, window) * 1000));
    json_object_set_new(object, "ci95", result_real(latency_interval(system, group, window)));
    for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
        json_object_set_new(
            object, percentiles[i].name,
            result_ratio(histogram_percentile(&all, percentiles[i].share), all.count ? 1000 : 0));
    json_object_set_new(object, "max", result_ratio(all.max, all.count ? 1000 : 0));
    histogram_destroy(&all);
    return object;
}

/* Each stage's mean duration; they add up to the mean latency. */
static json_t *stages(const struct system *system, const struct path_group *group,
                      const struct system_window *window)
{
    json_t *list = json_array();
    int64_t delivered = GAIN(system, group, delivered, window);
    for (int stage = 0; stage < STAGES; stage++) {
        size_t offset = offsetof(struct path_counters, stage_time) + (size_t)stage * sizeof(int64_t);
        int64_t time = sum_gain(system, group, offset, window->from, window->to);
        if (time == 0)
            continue;
        json_t *object = json_object();
        json_object_set_new(object, "stage", json_string(stage_name(stage)));
        json_object_set_new(object, "mean_ns", result_ratio(time, (__int128)delivered * 1000));
        json_array_append_new(list, object);
    }
    return list;
}

void result_add_paths(json_t *object, const struct system *system, const struct path_group *group,
                      const struct system_window *window)
{
    __int128 span = window->end - window->start;
    json_object_set_new(object, "packets", packets(group));
    json_object_set_new(object, "throughput_pps",
                        result_ratio((__int128)GAIN(system, group, delivered, window) * SIM_SECOND, span));
    json_object_set_new(
        object, "throughput_gbps",
        result_ratio((__int128)GAIN(system, group, delivered_bytes, window) * 8 * 1000, span));
    json_object_set_new(object, "latency_ns", latency(system, group, window));
    json_object_set_new(object, "stages", stages(system, group, window));
}
