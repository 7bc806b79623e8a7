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

/* ---- transmit: from the backend to the uplink's ring ---- */

static void uplink_has_room(struct send_waiter *waiter)
{
    struct tap *tap = SIM_CONTAINER_OF(waiter, struct tap, waiter);
    cpu_wake(tap->blocked);
}

void tap_init(struct tap *tap, struct bridge *bridge, unsigned station, unsigned uplink_queue, uint32_t limit)
{
    SIM_ASSERT(station < BRIDGE_PORTS && !bridge->ports[station]);
    *tap = (struct tap){
        .bridge = bridge,
        .uplink_queue = uplink_queue,
        .limit = limit,
        .waiter = {.wake = uplink_has_room},
    };
    bridge->ports[station] = tap;
}

static void next_frame(struct cpu_context *ctx, void *self);

static void on_ring(struct cpu_context *ctx, void *self)
{
    struct tap *tap = self;
    struct netdev *uplink = tap->bridge->uplink;
    struct packet *frame = tap->sending;
    bool last = frame == tap->packet;
    packet_mark(frame, STAGE_HOST_SEND, tap_now(tap));
    tap->sending = NULL;
    if (last)
        tap->packet = NULL;
    else
        cpu_push(ctx, next_frame, tap);
    uplink->ops->commit(uplink, tap->uplink_queue, ctx, frame, !last || tap->more);
}

/* Puts the frame on the uplink's ring as soon as there is room. */
static void send_when_room(struct cpu_context *ctx, void *self)
{
    struct tap *tap = self;
    struct netdev *uplink = tap->bridge->uplink;
    if (uplink->ops->can_send(uplink, tap->uplink_queue, tap->sending)) {
        bool more = tap->more || tap->sending != tap->packet;
        uplink->ops->prepare(uplink, tap->uplink_queue, ctx, tap->sending, more);
        cpu_run(ctx, on_ring, tap);
    } else {
        tap->blocked = ctx;
        netdev_wait(uplink, &tap->waiter);
        cpu_block(ctx, send_when_room, tap);
    }
}

/* Parts that were added before a wait are run first. */
static void next_frame(struct cpu_context *ctx, void *self)
{
    struct tap *tap = self;
    const struct netdev *uplink = tap->bridge->uplink;
    tap->sending = tap->cut ? tap_next_frame(tap->packet) : tap->packet;
    if (uplink->ops->can_send(tap->bridge->uplink, tap->uplink_queue, tap->sending))
        send_when_room(ctx, tap);
    else
        cpu_run(ctx, send_when_room, tap);
}

struct packet *tap_next_frame(struct packet *packet)
{
    if (packet->segments > 1) {
        uint32_t full = packet->gso_size + FRAME_HEADERS;
        packet->length -= packet->gso_size;
        packet->segments--;
        return path_fragment(packet, full);
    }
    packet->gso_size = 0;
    return packet;
}

void tap_send(struct tap *tap, struct cpu_context *ctx, struct packet *packet, bool more)
{
    const struct costs *costs = tap->bridge->host->costs;
    tap->packet = packet;
    tap->more = more;
    tap->cut = packet->gso_size && tap->bridge->uplink->gso_max < packet->length;
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, costs->tap_send);
    cpu_add(ctx, CPU_BRIDGE, SHARE_PACKET, costs->bridge);
    if (tap->cut)
        cpu_add(ctx, CPU_STACK, SHARE_PACKET, (int64_t)packet->segments * costs->gso_segment);
    next_frame(ctx, tap);
}

void tap_census(const struct tap *tap, struct census *census)
{
    census_queue(census, &tap->queue);
    census_packet(census, tap->packet);
    census_packet(census, tap->sending);
}
