#include "models/backend/multiqueue_tap.h"

#include <stdlib.h>

#include "sim/assert.h"

void multiqueue_tap_learn(void *self, unsigned queue, const struct packet *packet)
{
    struct multiqueue_tap *tap = self;
    tap->learned[packet->flow % TAP_FLOWS] = (uint8_t)(queue + 1);
}

static struct tap *queue_for(struct multiqueue_tap *tap, const struct packet *packet)
{
    unsigned learned = tap->learned[packet->flow % TAP_FLOWS];
    return &tap->queues[learned > 0 ? learned - 1 : packet->flow % tap->count];
}

/* A packet has come into the port: on to the queue of its flow. */
static struct sleeper *steer(struct tap *port, void *self)
{
    struct multiqueue_tap *tap = self;
    struct packet *packet = packet_queue_pop(&port->queue);
    return tap_push(queue_for(tap, packet), packet);
}

void multiqueue_tap_init(struct multiqueue_tap *tap, struct bridge *bridge, unsigned station, unsigned count,
                         unsigned uplink_queue, unsigned uplink_queues, uint32_t limit)
{
    SIM_ASSERT(count >= 1 && count <= 64);
    *tap = (struct multiqueue_tap){.count = count, .queues = calloc(count, sizeof(*tap->queues))};
    SIM_ASSERT(tap->queues);
    for (unsigned i = 0; i < count; i++) {
        tap_init(&tap->queues[i], bridge, station, (uplink_queue + i) % uplink_queues, limit);
        if (count > 1)
            bridge->ports[station] = NULL; /* the queues share a port of their own */
    }
    if (count == 1)
        return;
    tap_init(&tap->port, bridge, station, uplink_queue, limit);
    tap->port.readable = steer;
    tap->port.self = tap;
}

void multiqueue_tap_destroy(struct multiqueue_tap *tap)
{
    free(tap->queues);
    tap->queues = NULL;
}

void multiqueue_tap_census(const struct multiqueue_tap *tap, struct census *census)
{
    tap_census(&tap->port, census);
    for (unsigned i = 0; i < tap->count; i++)
        tap_census(&tap->queues[i], census);
}
