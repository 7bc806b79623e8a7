/*
 * A tap device with several queues (tun's IFF_MULTI_QUEUE): one port of the bridge, a queue a backend worker.
 * A received packet goes to the queue on which its flow was last sent, else to one chosen by its flow
 * (drivers/net/tun.c, tun_automq_select_queue()); each queue has the tap's limit.
 */
#ifndef MODELS_BACKEND_MULTIQUEUE_TAP_H
#define MODELS_BACKEND_MULTIQUEUE_TAP_H

#include "models/backend/tap.h"

enum { TAP_FLOWS = 1024 };

struct multiqueue_tap {
    struct tap *queues; /* what the workers send by and receive from */
    unsigned count;
    struct tap port;            /* with more than one queue: the bridge's port, always drained at once */
    uint8_t learned[TAP_FLOWS]; /* 1 + the queue that sent a flow last, by the flow's low bits */
};

/* Creates port `station` of the bridge with `count` queues (1 .. 64), which send on the uplink's queues from
 * `uplink_queue` on, of which there are `uplink_queues`. `limit` packets a queue. */
void multiqueue_tap_init(struct multiqueue_tap *tap, struct bridge *bridge, unsigned station, unsigned count,
                         unsigned uplink_queue, unsigned uplink_queues, uint32_t limit);
void multiqueue_tap_destroy(struct multiqueue_tap *tap);

/* `queue` has sent a packet of this flow; `self` is the struct multiqueue_tap. */
void multiqueue_tap_learn(void *self, unsigned queue, const struct packet *packet);

void multiqueue_tap_census(const struct multiqueue_tap *tap, struct census *census);

#endif
