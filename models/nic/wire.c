#include "models/nic/wire.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/assert.h"

/* One direction: a serial line, the packets on it or waiting for it, and who hears them. */
struct direction {
    struct sim *sim;
    struct sim_line line;
    struct packet_queue packets;
    struct sim_event arrival; /* of the first of them */
    struct wire_end *end;
    sim_time delay; /* [ps] from the last bit sent to the call: propagation and the end's latency */
    sim_time ready; /* [ps] of the last packet */
    sim_time busy;  /* [ps] */
};

struct wire {
    struct direction from[2]; /* by sending side */
};

static int64_t greatest_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void arrive(struct sim *sim, struct sim_event *event)
{
    struct direction *direction = SIM_CONTAINER_OF(event, struct direction, arrival);
    struct packet *packet = packet_queue_pop(&direction->packets);
    const struct packet *next = direction->packets.head;
    if (next)
        sim_schedule(sim, event, next->last + direction->delay);
    direction->end->receive(direction->end, packet);
}

static void direction_init(struct direction *direction, struct sim *sim, const char *name, int side,
                           int64_t bit_rate, sim_time propagation)
{
    char component[128];
    snprintf(component, sizeof(component), "%s.%s", name, side == 0 ? "tx" : "rx");
    int64_t divisor = greatest_divisor(8 * SIM_SECOND, bit_rate);
    direction->sim = sim;
    direction->line = sim_line_make(8 * SIM_SECOND / divisor, bit_rate / divisor);
    direction->delay = propagation;
    sim_event_init(&direction->arrival, arrive, sim_component(sim, component), 0);
}

struct wire *wire_create(struct sim *sim, const char *name, int64_t bit_rate, sim_time propagation)
{
    SIM_ASSERT(bit_rate > 0 && propagation >= 0);
    struct wire *wire = calloc(1, sizeof(*wire));
    SIM_ASSERT(wire != NULL);
    for (int side = 0; side < 2; side++)
        direction_init(&wire->from[side], sim, name, side, bit_rate, propagation);
    return wire;
}

void wire_destroy(struct wire *wire)
{
    free(wire);
}

void wire_attach(struct wire *wire, int side, struct wire_end *end)
{
    wire->from[1 - side].end = end;
}

void wire_set_latency(struct wire *wire, int side, sim_time latency)
{
    SIM_ASSERT(latency >= 0 && wire->from[1 - side].packets.count == 0);
    wire->from[1 - side].delay += latency;
}

/* The frames that a buffer becomes, and the bytes of them all: no FCS, padded to the minimum. */
struct frames {
    uint32_t count;
    uint64_t bytes;
};

static uint32_t padded(uint32_t length)
{
    return length < FRAME_MIN ? FRAME_MIN : length;
}

static struct frames frames_of(uint32_t length, uint32_t gso_size)
{
    if (gso_size == 0 || length <= FRAME_HEADERS + gso_size)
        return (struct frames){1, padded(length)};
    uint32_t payload = length - FRAME_HEADERS;
    uint32_t full = payload / gso_size;
    uint32_t rest = payload % gso_size;
    struct frames frames = {full, (uint64_t)full * padded(FRAME_HEADERS + gso_size)};
    if (rest > 0) {
        frames.count++;
        frames.bytes += padded(FRAME_HEADERS + rest);
    }
    return frames;
}

uint32_t wire_frames(const struct packet *packet)
{
    return frames_of(packet->length, packet->gso_size).count;
}

uint64_t wire_bytes(const struct packet *packet)
{
    struct frames frames = frames_of(packet->length, packet->gso_size);
    return frames.bytes + (uint64_t)frames.count * FRAME_FCS;
}

static int64_t line_bytes(uint32_t length, uint32_t gso_size)
{
    struct frames frames = frames_of(length, gso_size);
    return (int64_t)(frames.bytes + (uint64_t)frames.count * FRAME_OVERHEAD);
}

sim_time wire_time(const struct wire *wire, uint32_t length, uint32_t gso_size)
{
    const struct sim_line *line = &wire->from[0].line;
    int64_t rest;
    return sim_line_divide(line, line_bytes(length, gso_size) * line->num, &rest);
}

sim_time wire_send_at(struct wire *wire, int side, struct packet *packet, sim_time ready)
{
    struct direction *direction = &wire->from[side];
    SIM_ASSERT(packet->last == ready && ready >= direction->ready);
    direction->ready = ready;
    sim_time start = ready > direction->line.free_at ? ready : direction->line.free_at;
    packet_mark(packet, STAGE_WIRE_WAIT, start);
    int64_t bytes = line_bytes(packet->length, packet->gso_size);
    packet_mark(packet, STAGE_WIRE, sim_line_send(&direction->line, ready, bytes - FRAME_GAP));
    direction->busy += sim_line_send(&direction->line, ready, FRAME_GAP) - start;
    if (direction->packets.head == NULL)
        sim_schedule(direction->sim, &direction->arrival, packet->last + direction->delay);
    sim_time sent = packet->last;
    packet_queue_push(&direction->packets, packet);
    return sent;
}

sim_time wire_send(struct wire *wire, int side, struct packet *packet)
{
    return wire_send_at(wire, side, packet, sim_now(wire->from[side].sim));
}

sim_time wire_free_at(const struct wire *wire, int side)
{
    return wire->from[side].line.free_at;
}

sim_time wire_frame_time(int64_t bit_rate, uint32_t length)
{
    int64_t bits = 8 * line_bytes(length, 0);
    return (sim_time)(((__int128)bits * SIM_SECOND + bit_rate - 1) / bit_rate);
}

void wire_census(const struct wire *wire, struct census *census)
{
    census_queue(census, &wire->from[0].packets);
    census_queue(census, &wire->from[1].packets);
}

/* What is booked for later has not been sent. */
int64_t wire_busy_time(const struct wire *wire, int side)
{
    const struct direction *direction = &wire->from[side];
    sim_time ahead = direction->line.free_at - sim_now(direction->sim);
    if (ahead <= 0)
        return direction->busy;
    return ahead < direction->busy ? direction->busy - ahead : 0;
}
