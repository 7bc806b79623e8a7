#include "models/backend/tap.h"

#include "models/traffic/path.h"
#include "sim/assert.h"

static sim_time tap_now(const struct tap *tap)
{
    return sim_now(tap->bridge->host->sim);
}

/* ---- receive: from the uplink's NAPI to the tap's queue ---- */

static bool is_local(void *self, const struct packet *packet)
{
    const struct bridge *bridge = self;
    return !bridge->ports[packet->station];
}

static void forward_prepare(void *self, struct cpu_context *ctx, struct packet *packet)
{
    struct bridge *bridge = self;
    if (bridge->ports[packet->station])
        cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, bridge->host->costs->bridge);
    else
        kernel_local_delivery.prepare(NULL, ctx, packet);
}

static struct sleeper *forward_commit(void *self, struct packet *packet)
{
    struct bridge *bridge = self;
    struct tap *tap = bridge->ports[packet->station];
    return tap ? tap_push(tap, packet) : kernel_local_delivery.commit(NULL, packet);
}

struct sleeper *tap_push(struct tap *tap, struct packet *packet)
{
    if (tap->queue.count >= tap->limit) {
        path_drop(packet->path, packet, DROP_TAP_FULL);
        return NULL;
    }
    packet_queue_push(&tap->queue, packet);
    return tap->queue.count == 1 && tap->readable ? tap->readable(tap, tap->self) : NULL;
}

void bridge_init(struct bridge *bridge, struct kernel *host, struct netdev *uplink)
{
    *bridge = (struct bridge){
        .handler = {.local = is_local, .prepare = forward_prepare, .commit = forward_commit, .self = bridge},
        .host = host,
        .uplink = uplink,
    };
}

struct packet *tap_receive(struct tap *tap)
{
    struct packet *packet = packet_queue_pop(&tap->queue);
    if (packet)
        packet_mark(packet, STAGE_TAP_WAIT, tap_now(tap));
    return packet;
}

/* ---- transmit: from the backend to the uplink's queue ---- */

void tap_init(struct tap *tap, struct bridge *bridge, unsigned station, unsigned uplink_queue, uint32_t limit)
{
    SIM_ASSERT(station < BRIDGE_PORTS && !bridge->ports[station]);
    *tap = (struct tap){.bridge = bridge, .uplink_queue = uplink_queue, .limit = limit};
    bridge->ports[station] = tap;
}

void tap_send(struct tap *tap, struct cpu_context *ctx, struct packet *packet, bool more)
{
    const struct costs *costs = tap->bridge->host->costs;
    packet->forwarded = true;
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, costs->tap_send);
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, costs->bridge);
    transmit_send(&tap->sender, tap->bridge->uplink, tap->uplink_queue, ctx, packet, more);
}

void tap_census(const struct tap *tap, struct census *census)
{
    census_queue(census, &tap->queue);
    transmit_sender_census(&tap->sender, census);
}
