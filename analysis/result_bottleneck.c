/*
 * The bottleneck. A resource that was at work for nearly all of the window limits the run; of several, the one that
 * packets come to last. If none was, and what was offered arrived, there is no bottleneck. Else packets wait or are lost
 * somewhere although nothing is full: closed loops wait for their packets to come back; in open loops a queue is too
 * short for the bursts that it gets, or threads wait for room.
 */
#include <stdio.h>

#include "analysis/resources.h"
#include "analysis/result_private.h"
#include "sim/assert.h"

enum { SATURATED_PERCENT = 98, LOST_PERMILLE = 1, GROWTH_PERCENT = 2, GROWTH_PACKETS = 10 };

/* What is found. */
struct finding {
    const char *kind;
    char resource[96];
    char why[256];
};

/* ---- what went along the paths in the window ---- */

struct flow {
    const struct system *system;
    const struct system_window *window;
    int64_t offered, lost, left; /* left: neither delivered nor lost */
    int64_t dropped[DROP_CAUSES];
    int64_t transmitted, received; /* delivered, by direction; request-response is neither */
    int64_t latency;               /* [ps] sums over packets that were delivered */
    int64_t stage[STAGES];
    const struct system_traffic *closed;   /* the first closed loop; NULL: none */
    const struct system_traffic *windowed; /* the first that has a rate and a window */
};

static int64_t gain(const struct flow *flow, const int64_t *counter)
{
    return system_gain(flow->system, counter, flow->window->from, flow->window->to);
}

static void add_path(struct flow *flow, const struct path_counters *total)
{
    int64_t offered = gain(flow, &total->offered), delivered = gain(flow, &total->delivered), lost = 0;
    for (int cause = 0; cause < DROP_CAUSES; cause++) {
        int64_t count = gain(flow, &total->dropped[cause]);
        flow->dropped[cause] += count;
        lost += count;
    }
    for (int stage = 0; stage < STAGES; stage++)
        flow->stage[stage] += gain(flow, &total->stage_time[stage]);
    flow->latency += gain(flow, &total->latency_time);
    flow->offered += offered;
    flow->lost += lost;
    flow->left += offered - delivered - lost;
}

static bool is_closed_loop(const struct system_traffic *traffic)
{
    struct source_frames frames;
    return traffic->config->rate == 0 && !source_frames(traffic->source, &frames);
}

/* Request-response has a window, of one packet if none is given. */
static bool has_window(const struct system_traffic *traffic)
{
    return traffic->config->window > 0 || traffic->config->direction == TRAFFIC_REQUEST_RESPONSE;
}

static void find_windows(struct flow *flow)
{
    for (size_t i = 0; i < flow->system->traffic_count; i++) {
        const struct system_traffic *traffic = &flow->system->traffic[i];
        if (!flow->closed && is_closed_loop(traffic))
            flow->closed = traffic;
        if (!flow->windowed && !is_closed_loop(traffic) && has_window(traffic))
            flow->windowed = traffic;
    }
}

static struct flow flow_of(const struct system *system, const struct system_window *window)
{
    struct flow flow = {.system = system, .window = window};
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct system_traffic *traffic = &system->traffic[i];
        bool received = traffic->config->direction == TRAFFIC_RECEIVE;
        int64_t forth = gain(&flow, &traffic->path.total.delivered);
        int64_t back = gain(&flow, &traffic->reverse.total.delivered);
        add_path(&flow, &traffic->path.total);
        add_path(&flow, &traffic->reverse.total);
        if (traffic->config->direction == TRAFFIC_REQUEST_RESPONSE)
            continue;
        flow.transmitted += received ? back : forth;
        flow.received += received ? forth : back;
    }
    find_windows(&flow);
    return flow;
}

/* ---- a full resource ---- */

static int rank(const struct resource *resource, const struct flow *flow)
{
    if (flow->transmitted == flow->received)
        return 0;
    return flow->transmitted > flow->received ? resource->transmit_rank : resource->receive_rank;
}

static bool is_full(const struct resource *resource)
{
    return resource->share * 100 >= SATURATED_PERCENT;
}

/* A full one rather than one that is not; of full ones the later; else the busier. */
static bool limits_more(const struct resource *a, const struct resource *b, const struct flow *flow)
{
    if (is_full(a) != is_full(b))
        return is_full(a);
    if (is_full(a) && rank(a, flow) != rank(b, flow))
        return rank(a, flow) > rank(b, flow);
    return a->share > b->share;
}

static const struct resource *most_limiting(const struct resource_list *list, const struct flow *flow)
{
    const struct resource *most = &list->items[0];
    for (size_t i = 1; i < list->count; i++)
        if (limits_more(&list->items[i], most, flow))
            most = &list->items[i];
    return most;
}

static void full(struct finding *finding, const struct resource *resource)
{
    finding->kind = resource_kind_name(resource->kind);
    snprintf(finding->resource, sizeof(finding->resource), "%s", resource->name);
    if (resource->thread[0])
        snprintf(finding->why, sizeof(finding->why), "at work %.1f %% of the time, %.1f %% with %s",
                 resource->share * 100, resource->thread_share * 100, resource->thread);
    else
        snprintf(finding->why, sizeof(finding->why), "at work %.1f %% of the time", resource->share * 100);
}

/* ---- nothing is full ---- */

static int longest_stage(const struct flow *flow)
{
    int longest = 0;
    for (int stage = 1; stage < STAGES; stage++)
        if (flow->stage[stage] > flow->stage[longest])
            longest = stage;
    return longest;
}

static double stage_percent(const struct flow *flow, int stage)
{
    return flow->latency > 0 ? 100.0 * (double)flow->stage[stage] / (double)flow->latency : 0;
}

static void queue_overflows(struct finding *finding, const struct flow *flow)
{
    int most = 0;
    for (int cause = 1; cause < DROP_CAUSES; cause++)
        if (flow->dropped[cause] > flow->dropped[most])
            most = cause;
    finding->kind = "queue";
    snprintf(finding->resource, sizeof(finding->resource), "%s", drop_cause_name(most));
    snprintf(finding->why, sizeof(finding->why), "%.2f %% of the packets are lost there, and nothing is full",
             100.0 * (double)flow->dropped[most] / (double)flow->offered);
}

static void queue_grows(struct finding *finding, const struct flow *flow)
{
    int stage = longest_stage(flow);
    finding->kind = "queue";
    snprintf(finding->resource, sizeof(finding->resource), "%s", stage_name(stage));
    snprintf(finding->why, sizeof(finding->why),
             "more is offered than arrives, and nothing is full: %.0f %% of the latency is spent there",
             stage_percent(flow, stage));
}

static void loop_waits(struct finding *finding, const struct flow *flow, const struct system_traffic *loop)
{
    int stage = longest_stage(flow);
    finding->kind = "window";
    snprintf(finding->resource, sizeof(finding->resource), "%s", loop->path.name);
    snprintf(finding->why, sizeof(finding->why),
             "waits for packets to come back, and nothing is full: %.0f %% of the latency is %s",
             stage_percent(flow, stage), stage_name(stage));
}

static void not_full(struct finding *finding, const struct flow *flow)
{
    bool loses = flow->lost * 1000 > flow->offered * LOST_PERMILLE;
    if (loses && flow->windowed && 2 * flow->dropped[DROP_SOURCE_OVERRUN] > flow->lost) {
        loop_waits(finding, flow, flow->windowed); /* its own schedule ran away from its window */
    } else if (loses) {
        queue_overflows(finding, flow);
    } else if (flow->closed) {
        loop_waits(finding, flow, flow->closed);
    } else if (flow->left > GROWTH_PACKETS && flow->left * 100 > flow->offered * GROWTH_PERCENT) {
        queue_grows(finding, flow);
    } else {
        finding->kind = "none";
        snprintf(finding->resource, sizeof(finding->resource), "none");
        snprintf(finding->why, sizeof(finding->why), "offered load is carried");
    }
}

/* ---- the result ---- */

static json_t *resources(const struct resource_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "resource", json_string(list->items[i].name));
        json_object_set_new(object, "kind", json_string(resource_kind_name(list->items[i].kind)));
        json_object_set_new(object, "utilization", result_real(list->items[i].share));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *bottleneck(const struct finding *finding, const struct resource *most)
{
    bool limits = is_full(most);
    json_t *object = json_object();
    json_object_set_new(object, "resource", json_string(finding->resource));
    json_object_set_new(object, "kind", json_string(finding->kind));
    json_object_set_new(object, "thread", json_string(limits ? most->thread : ""));
    json_object_set_new(object, "vm", json_string(limits ? most->vm : ""));
    json_object_set_new(object, "why", json_string(finding->why));
    json_object_set_new(object, "busiest", json_string(most->name));
    json_object_set_new(object, "utilization", result_real(most->share));
    json_object_set_new(object, "saturated", json_boolean(limits));
    return object;
}

void result_add_bottleneck(json_t *object, struct system *system, const struct system_window *window)
{
    struct resource_list list = resources_of(system, window);
    struct flow flow = flow_of(system, window);
    struct finding finding = {.kind = "none"};
    const struct resource *most = most_limiting(&list, &flow);
    if (is_full(most))
        full(&finding, most);
    else
        not_full(&finding, &flow);
    json_object_set_new(object, "bottleneck", bottleneck(&finding, most));
    json_object_set_new(object, "resources", resources(&list));
    resources_free(&list);
}
