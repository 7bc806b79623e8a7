#include "analysis/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/result_private.h"
#include "models/traffic/capture.h"
#include "sim/assert.h"
#include "sim/report_number.h"

static const char *const direction_names[] = {"transmit", "receive", "request_response"};

json_t *result_real(double value)
{
    return isnan(value) ? json_null() : json_real(report_round9(value));
}

json_t *result_ratio(__int128 numerator, __int128 denominator)
{
    double value = report_ratio_value(numerator, denominator);
    return isnan(value) ? json_null() : json_real(value);
}

char *result_text(const json_t *json, int indent)
{
    char *text = json_dumps(json, JSON_INDENT(indent) | JSON_REAL_PRECISION(9) | (indent ? 0 : JSON_COMPACT));
    SIM_ASSERT(text);
    return text;
}

/* ---- putting one together ---- */

static enum packet_direction reverse_direction(const struct system_traffic *traffic)
{
    return traffic->config->direction == TRAFFIC_RECEIVE ? PACKET_TRANSMIT : PACKET_RECEIVE;
}

static void group_direction(struct path_group *group, const struct system *system, int direction)
{
    group->count = 0;
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct system_traffic *traffic = &system->traffic[i];
        if (traffic->config->direction == direction)
            group->paths[group->count++] = &traffic->path;
        bool reversed = (int)reverse_direction(traffic) == direction && traffic->reverse.total.offered > 0;
        if (reversed)
            group->paths[group->count++] = &traffic->reverse;
    }
}

static void add_directions(json_t *result, const struct system *system, const struct system_window *window,
                           struct path_group *group)
{
    json_t *directions = json_object();
    for (int direction = 0; direction < 3; direction++) {
        group_direction(group, system, direction);
        if (group->count == 0)
            continue;
        json_t *object = json_object();
        result_add_paths(object, system, group, window);
        json_object_set_new(directions, direction_names[direction], object);
    }
    json_object_set_new(result, "directions", directions);
}

static void group_all(struct path_group *group, const struct system *system)
{
    group->count = 0;
    for (size_t i = 0; i < system->traffic_count; i++) {
        group->paths[group->count++] = &system->traffic[i].path;
        group->paths[group->count++] = &system->traffic[i].reverse;
    }
}

/* What became of a replayed capture's frames: each is offered, skipped for a reason, or still to come. */
static void add_capture(json_t *object, const struct source *source)
{
    struct source_frames frames;
    if (!source_frames(source, &frames))
        return;
    json_t *capture = json_object(), *skipped = json_object();
    for (int reason = 0; reason < CAPTURE_SKIPS; reason++)
        if (frames.skipped[reason] > 0)
            json_object_set_new(skipped, capture_skip_name(reason), json_integer(frames.skipped[reason]));
    json_object_set_new(capture, "frames", json_integer(frames.frames));
    json_object_set_new(capture, "offered_transmit", json_integer(frames.offered[PACKET_TRANSMIT]));
    json_object_set_new(capture, "offered_receive", json_integer(frames.offered[PACKET_RECEIVE]));
    json_object_set_new(capture, "skipped", skipped);
    json_object_set_new(capture, "pending", json_integer(frames.pending));
    json_object_set_new(object, "capture", capture);
}

static void add_traffic(json_t *result, const struct system *system, const struct system_window *window,
                        struct path_group *group)
{
    json_t *list = json_array();
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct system_traffic *traffic = &system->traffic[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(traffic->path.name));
        json_object_set_new(object, "vm", json_string(result_vm_name(traffic->attachment)));
        json_object_set_new(object, "direction", json_string(direction_names[traffic->config->direction]));
        json_object_set_new(object, "strategy", json_string(traffic->attachment->strategy->name));
        group->count = 1;
        group->paths[0] = &traffic->path;
        result_add_paths(object, system, group, window);
        add_capture(object, traffic->source);
        json_array_append_new(list, object);
    }
    json_object_set_new(result, "traffic", list);
}

static void add_labels(json_t *result, const struct system *system, const struct result_labels *labels)
{
    const struct config *config = system->config;
    json_object_set_new(result, "scenario", json_string(labels->scenario ? labels->scenario : ""));
    json_object_set_new(result, "point", json_string(labels->point));
    json_object_set(result, "values", labels->values);
    json_object_set_new(result, "strategy", json_string(strategy_names[config->strategy]));
    json_object_set_new(result, "replication", json_integer(labels->replication));
    json_object_set_new(result, "seed", json_integer(config->seed));
    json_object_set_new(result, "duration_ns", result_ratio(config->duration, 1000));
}

static void add_window(json_t *result, const struct system_window *window)
{
    static const char *const kinds[] = {"none", "given", "found"};
    json_t *object = json_object();
    json_object_set_new(object, "start_ns", result_ratio(window->start, 1000));
    json_object_set_new(object, "end_ns", result_ratio(window->end, 1000));
    json_object_set_new(object, "warmup", json_string(kinds[window->warmup]));
    json_object_set_new(object, "too_short", json_boolean(window->at_limit));
    json_object_set_new(result, "window", object);
}

static void add_fingerprint(json_t *result, const struct system *system)
{
    char text[20];
    snprintf(text, sizeof(text), "%016llx", (unsigned long long)sim_fingerprint(system->sim));
    json_object_set_new(result, "fingerprint", json_string(text));
    json_object_set_new(result, "events", json_integer((json_int_t)sim_event_count(system->sim)));
}

/* A result exists only if the laws hold: says which these are. */
static void add_conservation(json_t *result)
{
    json_t *laws = json_array();
    for (size_t i = 0; system_laws[i]; i++)
        json_array_append_new(laws, json_string(system_laws[i]));
    json_object_set_new(result, "conserved", laws);
}

json_t *result_create(struct system *system, const struct result_labels *labels)
{
    struct path_group *group = malloc(sizeof(*group));
    SIM_ASSERT(group);
    struct system_window window = system_window(system);
    json_t *result = json_object();
    add_labels(result, system, labels);
    add_window(result, &window);
    group_all(group, system);
    result_add_paths(result, system, group, &window);
    add_directions(result, system, &window, group);
    result_add_cores(result, system, &window);
    result_add_counts(result, system);
    result_add_per_packet(result);
    result_add_bottleneck(result, system, &window);
    add_traffic(result, system, &window, group);
    result_add_vms(result, system, &window);
    result_add_queues(result, system);
    add_conservation(result);
    add_fingerprint(result, system);
    free(group);
    return result;
}

/* ---- metric paths ---- */

static const json_t *step(const json_t *json, const char *key, size_t length)
{
    char name[128];
    if (length == 0 || length >= sizeof(name))
        return NULL;
    memcpy(name, key, length);
    name[length] = '\0';
    char *bracket = strchr(name, '[');
    if (!bracket)
        return json_object_get(json, name);
    *bracket = '\0';
    const json_t *list = json_object_get(json, name);
    return json_array_get(list, (size_t)strtoul(bracket + 1, NULL, 10));
}

const json_t *result_at(const json_t *result, const char *path)
{
    while (result && *path) {
        size_t length = strcspn(path, ".");
        result = step(result, path, length);
        path += length + (path[length] == '.');
    }
    return result;
}

/* Objects of named counts: a name that did not occur counts zero. */
static bool is_counts(const char *path, size_t length)
{
    static const char *const objects[] = {"exits",       "exit_sites", "accesses",
                                          "by_category", "dropped",    "kicks"};
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        size_t size = strlen(objects[i]);
        if (length >= size && memcmp(path + length - size, objects[i], size) == 0)
            return true;
    }
    return false;
}

/* A count's name may itself hold a dot ("TDT.write"): the object before it is tried, too. */
static const json_t *count_at(const json_t *result, const char *path, bool *is_count)
{
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        if (!is_counts(path, (size_t)(dot - path)))
            continue;
        char parent[256];
        if ((size_t)(dot - path) >= sizeof(parent))
            return NULL;
        memcpy(parent, path, (size_t)(dot - path));
        parent[dot - path] = '\0';
        const json_t *object = result_at(result, parent);
        *is_count = json_is_object(object);
        return json_object_get(object, dot + 1);
    }
    return NULL;
}

/* The sum of an object's counts; true unless it holds anything else. */
static bool sum_of_counts(const json_t *object, double *number)
{
    const char *name;
    json_t *value;
    json_int_t sum = 0;
    json_object_foreach((json_t *)object, name, value)
    {
        if (!json_is_integer(value))
            return false;
        sum += json_integer_value(value);
    }
    *number = (double)sum;
    return true;
}

static bool number_of(const json_t *value, const char *path, double *number)
{
    if (json_is_object(value) && is_counts(path, strlen(path)))
        return sum_of_counts(value, number);
    if (json_is_boolean(value))
        *number = json_is_true(value);
    else if (json_is_number(value))
        *number = json_number_value(value);
    return json_is_boolean(value) || json_is_number(value);
}

static bool plain_number(const json_t *result, const char *path, double *number)
{
    const json_t *value = result_at(result, path);
    bool is_count = false;
    *number = 0;
    if (!value)
        value = count_at(result, path, &is_count);
    return value ? number_of(value, path, number) : is_count;
}

bool result_number(const json_t *result, const char *path, double *number)
{
    char above[256];
    double numerator, denominator;
    const char *slash = strchr(path, '/');
    if (!slash)
        return plain_number(result, path, number);
    *number = 0;
    if ((size_t)(slash - path) >= sizeof(above))
        return false;
    memcpy(above, path, (size_t)(slash - path));
    above[slash - path] = '\0';
    if (!plain_number(result, above, &numerator) || !plain_number(result, slash + 1, &denominator) ||
        denominator == 0)
        return false;
    *number = numerator / denominator;
    return true;
}
