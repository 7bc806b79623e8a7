/*
 * A full-duplex Ethernet line between a NIC's port and its far end. Each direction is a serial line: a frame of
 * length L takes (L + 24) bytes' time (FCS, preamble, gap); its last bit is on the wire after L + 4 + 8 of them. The far
 * end is an interface; ideal peers of models/traffic implement it.
 */
#ifndef MODELS_NIC_WIRE_H
#define MODELS_NIC_WIRE_H

#include "models/traffic/census.h"
#include "sim/sim.h"

/* Who listens at an end of the wire. */
struct wire_end {
    /* The frame's (for a gso packet: last frame's) last bit has arrived. */
    void (*receive)(struct wire_end *end, struct packet *packet);
};

struct wire;

/* `side` 0 is the NIC, 1 the far end. */
struct wire *wire_create(struct sim *sim, const char *name, int64_t bit_rate, sim_time propagation);
void wire_destroy(struct wire *wire);
void wire_attach(struct wire *wire, int side, struct wire_end *end);
/* The end at `side` is called `latency` [ps] after the last bit has arrived: its own pipeline, saving it an event. For
 * set-up. */
void wire_set_latency(struct wire *wire, int side, sim_time latency);

/* Puts a packet (all its frames back to back) on the wire from `side`; marks WIRE_WAIT and WIRE on it. Returns when its
 * last bit leaves. The receiver is called after that plus the propagation. */
sim_time wire_send(struct wire *wire, int side, struct packet *packet);
/* The same for a packet that is ready at `ready` [ps, >= now, = its last mark, not before that of an earlier call]. */
sim_time wire_send_at(struct wire *wire, int side, struct packet *packet, sim_time ready);

/* When the line from `side` is free for the next first bit [ps]. */
sim_time wire_free_at(const struct wire *wire, int side);

/* Wire time of one frame of `length` [B, without FCS] including preamble and gap [ps, rounded up]; for closed forms. */
sim_time wire_frame_time(int64_t bit_rate, uint32_t length);
uint32_t wire_frames(const struct packet *packet); /* frames it becomes */
uint64_t wire_bytes(const struct packet *packet);  /* frame bytes with FCS, all frames */
/* Line time that a buffer of `length` [B] cut by `gso_size` [B, 0 = not] takes, overheads included [ps, rounded down]. */
sim_time wire_time(const struct wire *wire, uint32_t length, uint32_t gso_size);
void wire_census(const struct wire *wire, struct census *census); /* what is on it, or booked to be */
int64_t wire_busy_time(const struct wire *wire, int side);        /* [ps] spent sending so far */

#endif
