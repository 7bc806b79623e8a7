/*
 * A census: at one moment, who holds which packet. Everything that keeps packets (queues, rings, a packet in work, the
 * wire) shows those that are its own by census_packet() and its like; a packet that is alive in the pool and that nobody
 * has shown was lost on the way, one that was shown and is not alive has ended while somebody still had it. Showing one
 * twice does no harm: a ring keeps what the device behind it is at work on. For the end of a run: it walks the rings.
 */
#ifndef MODELS_TRAFFIC_CENSUS_H
#define MODELS_TRAFFIC_CENSUS_H

#include "models/traffic/packet.h"
#include "sim/pool.h"

struct census;

/* Begins one of the packets of `packets`, which must not change until census_end(). */
struct census *census_start(const struct sim_pool *packets);

void census_packet(struct census *census, const struct packet *packet); /* NULL: none */
void census_queue(struct census *census, const struct packet_queue *queue);
void census_handle(struct census *census, uint64_t handle); /* of the pool; a packet that is gone is none */

struct census_result {
    int64_t alive;             /* in the pool */
    int64_t held;              /* of them */
    int64_t gone;              /* shown and not alive */
    const struct packet *lost; /* the first that is alive and not held; NULL: none */
};

/* Counts and frees the census. */
struct census_result census_end(struct census *census);

#endif
