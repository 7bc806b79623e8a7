/*
 * The host's path between a backend and the physical NIC: a tap device whose other side is a port of a bridge, with
 * the NIC's PF as the bridge's uplink. Its costs are those of the host's kernel; the PF driver is the native one.
 *
 * Transmit runs in the backend's own context (a vhost worker, or a vCPU's thread inside QEMU), as sendmsg() to a tap does.
 * Receive runs in the host's softirq: the PF's NAPI hands packets to the bridge (a receive_handler), which queues them
 * on the tap; if it sleeps the backend is woken, and takes them by tap_receive().
 */
#ifndef MODELS_BACKEND_TAP_H
#define MODELS_BACKEND_TAP_H

#include "models/guest/transmit.h"

enum { BRIDGE_PORTS = 1024 };

struct tap;

/* The bridge: one per uplink. Its handler is what the uplink's netdev->receive points to. */
struct bridge {
    struct receive_handler handler;
    struct kernel *host;
    struct netdev *uplink;
    struct tap *ports[BRIDGE_PORTS]; /* by packet->station; NULL: the station is the host itself */
};

void bridge_init(struct bridge *bridge, struct kernel *host, struct netdev *uplink);

struct tap {
    struct bridge *bridge;
    unsigned uplink_queue;
    struct packet_queue queue; /* received, waiting for the backend */
    uint32_t limit;            /* packets: the tap's queue length */
    /* A packet came into the empty queue: notes it for the backend; no simulated time. Returns the thread that is to be
     * woken for it, NULL if it is awake. */
    struct sleeper *(*readable)(struct tap *tap, void *self);
    void *self;
    struct transmit_sender sender;
};

/* Creates port `station` of the bridge. */
void tap_init(struct tap *tap, struct bridge *bridge, unsigned station, unsigned uplink_queue,
              uint32_t limit);

/*
 * Sends one packet from ctx (on a host core): tap, bridge and the uplink's queue (transmit.h), as one segment if it is
 * empty and nobody else sends there, then the uplink's doorbell unless `more`. Never waits: tun's send buffer is without
 * limit, and what finds the uplink's queue full is lost (DROP_HOST_TX_FULL). Ends by cpu_return(ctx). A gso packet stays
 * whole if the uplink takes it, else it is segmented in software (gso_segment a segment) when its turn comes.
 */
void tap_send(struct tap *tap, struct cpu_context *ctx, struct packet *packet, bool more);

/* Queues a received packet, or drops it (DROP_TAP_FULL). Returns who is to be woken, or NULL. */
struct sleeper *tap_push(struct tap *tap, struct packet *packet);

/* The next received packet, marked TAP_WAIT until now, or NULL. The caller adds the tap_receive cost. */
struct packet *tap_receive(struct tap *tap);

/* What waits for the backend, and what it is sending. */
void tap_census(const struct tap *tap, struct census *census);

#endif
