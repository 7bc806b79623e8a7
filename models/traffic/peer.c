#include <stdio.h>
#include <stdlib.h>

#include "models/traffic/source.h"
#include "sim/assert.h"

enum { FAR_SIDE = 1, PORT_NAME_MAX = 160 };

/* When the packets that wait for the line will start: a ring of `capacity` times. */
struct waiting {
    sim_time *start; /* [ps] */
    uint32_t head, count, capacity;
};

struct peer_port {
    struct peer *peer;
    struct peer_service service;
    struct packet_queue requests; /* being answered, in the order of their arrival */
    struct sim_event answer;      /* of the first of them */
    struct waiting waiting;
};

struct peer {
    struct wire_end end;
    struct sim *sim;
    struct wire *wire;
    char *name;
    struct peer_port **ports; /* by the path's component number; NULL where none is open */
    size_t port_count;
};

static sim_time line_free(const struct peer *peer)
{
    sim_time now = sim_now(peer->sim), free_at = wire_free_at(peer->wire, FAR_SIDE);
    return free_at > now ? free_at : now;
}

/* ---- answering ---- */

static void expect_answer(struct peer_port *port)
{
    const struct packet *first = port->requests.head;
    if (first)
        sim_schedule(port->peer->sim, &port->answer, first->last);
}

static void answer(struct sim *sim, struct sim_event *event)
{
    struct peer_port *port = SIM_CONTAINER_OF(event, struct peer_port, answer);
    struct packet *packet = packet_queue_pop(&port->requests);
    SIM_ASSERT(packet->last == sim_now(sim));
    packet->kind = PACKET_RESPONSE;
    packet->direction = PACKET_RECEIVE;
    packet->length = port->service.response;
    packet->gso_size = 0;
    packet->segments = 1;
    packet->more = false;
    sim_time start = line_free(port->peer);
    packet_mark(packet, STAGE_WIRE_WAIT, start);
    wire_send_at(port->peer->wire, FAR_SIDE, packet, start);
    expect_answer(port);
}

static void take_request(struct peer *peer, struct packet *packet)
{
    size_t number = packet->path->component;
    SIM_ASSERT(number < peer->port_count && peer->ports[number]);
    struct peer_port *port = peer->ports[number];
    bool first = port->requests.head == NULL;
    path_turn(packet->path, packet);
    packet_mark(packet, STAGE_PEER, sim_now(peer->sim) + port->service.delay);
    packet_queue_push(&port->requests, packet);
    if (first)
        expect_answer(port);
}

/* The last bit was on the wire when the packet's last mark was made; propagation comes on top for a request alone. */
static void receive(struct wire_end *end, struct packet *packet)
{
    struct peer *peer = SIM_CONTAINER_OF(end, struct peer, end);
    if (packet->kind == PACKET_REQUEST)
        take_request(peer, packet);
    else
        path_deliver(packet->path, packet, packet->last);
}

/* ---- sending ---- */

static void forget_started(struct waiting *waiting, sim_time now)
{
    while (waiting->count > 0 && waiting->start[waiting->head] <= now) {
        waiting->head = (waiting->head + 1) % waiting->capacity;
        waiting->count--;
    }
}

static void remember(struct waiting *waiting, sim_time start)
{
    waiting->start[(waiting->head + waiting->count) % waiting->capacity] = start;
    waiting->count++;
}

void peer_send(struct peer_port *port, struct packet *packet)
{
    struct peer *peer = port->peer;
    sim_time now = sim_now(peer->sim), start = line_free(peer);
    forget_started(&port->waiting, now);
    if (start > now) {
        if (port->waiting.count == port->waiting.capacity) {
            path_drop(packet->path, packet, DROP_SOURCE_OVERRUN);
            return;
        }
        remember(&port->waiting, start);
    }
    packet->start = packet->last = start;
    wire_send_at(peer->wire, FAR_SIDE, packet, start);
}

void peer_census(const struct peer *peer, struct census *census)
{
    for (size_t i = 0; i < peer->port_count; i++)
        if (peer->ports[i])
            census_queue(census, &peer->ports[i]->requests);
}

/* ---- set-up ---- */

struct peer *peer_create(struct sim *sim, const char *name, struct wire *wire)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    SIM_ASSERT(peer);
    size_t length = (size_t)snprintf(NULL, 0, "%s", name) + 1;
    peer->end.receive = receive;
    peer->sim = sim;
    peer->wire = wire;
    peer->name = malloc(length);
    SIM_ASSERT(peer->name);
    snprintf(peer->name, length, "%s", name);
    wire_attach(wire, FAR_SIDE, &peer->end);
    return peer;
}

static void port_destroy(struct peer_port *port)
{
    if (!port)
        return;
    sim_cancel(port->peer->sim, &port->answer);
    free(port->waiting.start);
    free(port);
}

void peer_destroy(struct peer *peer)
{
    for (size_t i = 0; i < peer->port_count; i++)
        port_destroy(peer->ports[i]);
    free(peer->ports);
    free(peer->name);
    free(peer);
}

static struct peer_port **place_for(struct peer *peer, size_t number)
{
    if (number >= peer->port_count) {
        peer->ports = realloc(peer->ports, (number + 1) * sizeof(*peer->ports));
        SIM_ASSERT(peer->ports);
        while (peer->port_count <= number)
            peer->ports[peer->port_count++] = NULL;
    }
    return &peer->ports[number];
}

struct peer_port *peer_open(struct peer *peer, struct path *path, const struct peer_service *service)
{
    SIM_ASSERT(service->backlog > 0 && service->delay >= 0);
    struct peer_port **place = place_for(peer, path->component);
    SIM_ASSERT(*place == NULL);
    struct peer_port *port = calloc(1, sizeof(*port));
    SIM_ASSERT(port);
    char name[PORT_NAME_MAX];
    snprintf(name, sizeof(name), "%s.%s", peer->name, path->name);
    port->peer = peer;
    port->service = *service;
    port->waiting.capacity = service->backlog;
    port->waiting.start = malloc(service->backlog * sizeof(*port->waiting.start));
    SIM_ASSERT(port->waiting.start);
    sim_event_init(&port->answer, answer, sim_component(peer->sim, name), 0);
    *place = port;
    return port;
}
