#include "models/traffic/path.h"

#include <stdlib.h>
#include <string.h>

#include "models/nic/wire.h"
#include "sim/assert.h"
#include "sim/pool.h"

/* How a packet ended, as the fingerprint sees it: a drop adds its cause. */
enum { OUTCOME_DELIVERED = 0, OUTCOME_DROPPED = 1 };

void path_init(struct path *path, struct sim *sim, const char *name, struct sim_pool *packets)
{
    *path = (struct path){.sim = sim, .packets = packets};
    path->name = strdup(name);
    SIM_ASSERT(path->name != NULL);
    path->component = sim_component(sim, name);
    histogram_init(&path->latency);
    path_expect(path, &(struct journey){.sometimes = UINT32_MAX}, &(struct journey){.sometimes = UINT32_MAX});
}

void path_expect(struct path *path, const struct journey *journey, const struct journey *back)
{
    path->legs[0] = *journey;
    path->legs[1] = back ? *back : (struct journey){0};
}

void path_destroy(struct path *path)
{
    histogram_destroy(&path->latency);
    free((char *)path->name);
    path->name = NULL;
}

struct packet *path_packet(struct path *path, uint32_t length)
{
    struct packet *packet = sim_pool_take(path->packets);
    sim_time now = sim_now(path->sim);
    *packet = (struct packet){
        .path = path,
        .id = ++path->next_id,
        .length = length,
        .segments = 1,
        .counted = true,
        .start = now,
        .last = now,
    };
    path->total.offered++;
    path->alive++;
    return packet;
}

/* The packet's end, whichever it is: from here on it is gone. */
static void end_packet(struct path *path, struct packet *packet, sim_time when, uint64_t outcome)
{
    packet->counted = false;
    path->alive--;
    sim_fingerprint_add(path->sim, (uint64_t)path->component << 48 | packet->id, when, outcome);
    if (path->ended)
        path->ended(path, packet, outcome == OUTCOME_DELIVERED, path->ended_self);
    sim_pool_give(path->packets, packet);
}

/* Adds the packet's stages to the path's and returns their sum [ps]. */
static sim_time count_stages(struct path *path, const struct packet *packet)
{
    sim_time sum = 0;
    for (int stage = 0; stage < STAGES; stage++) {
        path->total.stage_time[stage] += packet->stage[stage];
        sum += packet->stage[stage];
    }
    return sum;
}

/* ---- laws ---- */

/* `stages` are those in question. */
static void note_broken(struct path *path, const struct packet *packet, const char *law, uint32_t stages)
{
    if (path->broken)
        return;
    path->broken = law;
    path->broken_id = packet->id;
    path->broken_stage = stages ? __builtin_ctz(stages) : STAGES;
}

static void check_allowed(struct path *path, const struct packet *packet)
{
    const struct journey *leg = &path->legs[packet->turned];
    uint32_t foreign = packet->stages & ~(leg->always | leg->sometimes);
    if (foreign)
        note_broken(path, packet, "marked with a stage that its journey does not have", foreign);
}

static void check_leg(struct path *path, const struct packet *packet)
{
    check_allowed(path, packet);
    uint32_t missing = path->legs[packet->turned].always & ~packet->stages;
    if (missing)
        note_broken(path, packet, "not marked with a stage of its journey", missing);
}

/* ---- fragments ---- */

struct packet *path_fragment(struct packet *packet, uint32_t length)
{
    struct path *path = packet->path;
    struct packet *fragment = sim_pool_take(path->packets);
    *fragment = *packet;
    fragment->length = length;
    fragment->gso_size = 0;
    fragment->segments = 1;
    fragment->counted = false;
    fragment->fragment = true;
    path->fragments++;
    return fragment;
}

static void end_fragment(struct path *path, struct packet *fragment)
{
    SIM_ASSERT(fragment->path == path && path->fragments > 0);
    path->fragments--;
    sim_pool_give(path->packets, fragment);
}

/* A fragment's frame has arrived; what it is part of goes on by itself. */
static void deliver_fragment(struct path *path, struct packet *fragment)
{
    path->total.delivered_bytes += (int64_t)wire_bytes(fragment);
    path->total.delivered_frames++;
    end_fragment(path, fragment);
}

/* ---- ends ---- */

void path_turn(struct path *path, struct packet *packet)
{
    SIM_ASSERT(packet->counted && !packet->turned);
    check_leg(path, packet);
    packet->stages = 0;
    packet->turned = true;
}

void path_deliver(struct path *path, struct packet *packet, sim_time when)
{
    if (packet->fragment) {
        deliver_fragment(path, packet);
        return;
    }
    SIM_ASSERT(packet->counted && packet->path == path);
    sim_time latency = when - packet->start;
    check_leg(path, packet);
    sim_time staged = count_stages(path, packet);
    if (packet->last != when || staged != latency)
        note_broken(path, packet, "delivered with stages that do not add up to its latency", 0);
    path->total.delivered++;
    path->total.delivered_bytes += (int64_t)wire_bytes(packet);
    path->total.delivered_frames += wire_frames(packet);
    path->total.latency_time += latency;
    histogram_add(&path->latency, latency);
    end_packet(path, packet, when, OUTCOME_DELIVERED);
}

void path_drop(struct path *path, struct packet *packet, enum drop_cause cause)
{
    if (packet->fragment) {
        path->total.dropped_fragments++;
        end_fragment(path, packet);
        return;
    }
    SIM_ASSERT(packet->counted && packet->path == path);
    SIM_ASSERT((unsigned)cause < DROP_CAUSES);
    check_allowed(path, packet);
    path->total.dropped[cause]++;
    end_packet(path, packet, sim_now(path->sim), OUTCOME_DROPPED + cause);
}

static int64_t dropped(const struct path *path)
{
    int64_t sum = 0;
    for (int cause = 0; cause < DROP_CAUSES; cause++)
        sum += path->total.dropped[cause];
    return sum;
}

int64_t path_in_flight(const struct path *path)
{
    return path->total.offered - path->total.delivered - dropped(path);
}

bool path_check(const struct path *path)
{
    const struct path_counters *total = &path->total;
    sim_time staged = 0;
    bool negative = total->delivered < 0 || path_in_flight(path) < 0;
    for (int stage = 0; stage < STAGES; stage++) {
        staged += total->stage_time[stage];
        negative |= total->stage_time[stage] < 0;
    }
    return !path->broken && !negative && total->offered == (int64_t)path->next_id &&
           staged == total->latency_time && path->latency.count == (uint64_t)total->delivered &&
           path->latency.sum == total->latency_time;
}

bool paths_check(const struct path *const *paths, size_t count)
{
    int64_t in_flight = 0;
    for (size_t i = 0; i < count; i++) {
        SIM_ASSERT(paths[i]->packets == paths[0]->packets);
        if (!path_check(paths[i]))
            return false;
        in_flight += path_in_flight(paths[i]) + paths[i]->fragments;
    }
    return count == 0 || in_flight == sim_pool_live(paths[0]->packets);
}
