/*
 * A traffic path: one stream of packets between an application and the far end of a wire, with everything
 * that is counted about it. Packets come from the path's pool; a packet is born by path_packet() (offered), and
 * ends by exactly one of path_deliver() and path_drop(). offered = delivered + dropped + in flight, from t = 0,
 * checked by paths_check().
 *
 * In request-response, the packet is the whole transaction: the same descriptor travels out as the request,
 * is turned round by the peer, and ends when the call returns.
 */
#ifndef MODELS_TRAFFIC_PATH_H
#define MODELS_TRAFFIC_PATH_H

#include "models/traffic/packet.h"
#include "sim/sim.h"
#include "sim/stats.h"

struct path_counters { /* int64_t all, so that batches can snapshot them */
    int64_t offered;
    int64_t delivered;
    int64_t delivered_bytes;  /* frame bytes with FCS, wire frames of gso packets included */
    int64_t delivered_frames; /* as segments on the wire */
    int64_t dropped[DROP_CAUSES];
    int64_t stage_time[STAGES]; /* [ps] summed over delivered packets */
    int64_t latency_time;       /* [ps] summed over delivered packets */
    int64_t dropped_fragments;  /* frames cut off a packet that were lost on their own */
};

/*
 * What a packet goes through, as bits 1 << enum stage: the stages that it is marked with in any case, and those that it
 * may be marked with besides (a wait that there need not be). In request-response there are two legs: up to the far end
 * and, from its PEER stage on, back.
 */
struct journey {
    uint32_t always, sometimes;
};

struct path {
    struct sim *sim;
    const char *name; /* "vm0.tx", owned */
    uint16_t component;
    struct path_counters total;
    struct histogram latency;
    struct sim_pool *packets; /* shared by all paths of a system */
    uint64_t next_id;
    int64_t fragments;      /* alive */
    uint32_t alive;         /* packets in flight, for wave traces */
    size_t batch_histogram; /* its index among the batches' histograms */
    struct journey legs[2]; /* all stages allowed and none required until path_expect() */
    const char *broken;     /* the law that a packet broke first; NULL: none */
    uint64_t broken_id;     /* which packet */
    int broken_stage;       /* the first stage in question; STAGES: none */
    void *receiver;         /* the struct socket that its packets are delivered to in the receiving kernel */
    void (*ended)(struct path *path, struct packet *packet, bool delivered,
                  void *self); /* may be NULL: tells a closed-loop source */
    void *ended_self;
};

void path_init(struct path *path, struct sim *sim, const char *name, struct sim_pool *packets);
void path_destroy(struct path *path);

/* The stages of the journeys on this path; of the way back, `back` is NULL unless packets turn. */
void path_expect(struct path *path, const struct journey *journey, const struct journey *back);

/* A new packet of `length` [B] starting now: counted as offered. */
struct packet *path_packet(struct path *path, uint32_t length);

/*
 * A frame of `length` [B] cut off a segmented packet in software: it travels by itself and ends at path_deliver(),
 * which counts its bytes; the packet it was cut off is what is left, travels behind it, and carries the journey.
 */
struct packet *path_fragment(struct packet *packet, uint32_t length);

/* The packet has reached the far end and will come back: its first leg ends with what it has been marked with. */
void path_turn(struct path *path, struct packet *packet);

/* The packet arrived at `when` [ps, = its last mark]: latency and stages are counted, the packet is given back. Stages
 * that do not add up to the latency, or are not those of the journey, are kept for path_check(). */
void path_deliver(struct path *path, struct packet *packet, sim_time when);

/* The packet is lost now for `cause`, and given back. A fragment counts as dropped_fragments; its packet goes on. */
void path_drop(struct path *path, struct packet *packet, enum drop_cause cause);

/* offered - delivered - dropped: what is in flight now. */
int64_t path_in_flight(const struct path *path);

/* Conservation of packets (nothing negative, every delivery in the histogram) and of time: each packet's stages were
 * those of its journey and added up to its latency; the stage sums equal the latency sum. */
bool path_check(const struct path *path);

/* path_check() for all `count` paths of a system, and conservation across them: what is in flight on them together
 * equals the packets that their common pool has handed out. */
bool paths_check(const struct path *const *paths, size_t count);

#endif
