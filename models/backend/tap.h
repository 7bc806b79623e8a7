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

#include "models/guest/kernel.h"
#include "models/traffic/census.h"

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
    struct send_waiter waiter;
    struct cpu_context *blocked; /* a sender that waits for the uplink's ring */
    struct packet *packet;       /* being sent, else NULL */
    struct packet *sending;      /* the frame of it that is on its way to the ring: often the whole packet */
    bool cut;                    /* the uplink does not take it whole */
    bool more;
};

/*
 * The next frame of a gso packet that software cuts up: a fragment of its own, or, for the last one, the packet itself,
 * which is then a plain frame.
 */
struct packet *tap_next_frame(struct packet *packet);

/* Creates port `station` of the bridge. */
void tap_init(struct tap *tap, struct bridge *bridge, unsigned station, unsigned uplink_queue,
              uint32_t limit);

/*
 * Sends one packet from ctx (on a host core): tap, bridge, uplink driver as one segment behind parts already added, then
 * the uplink's doorbell unless `more`. Marks HOST_SEND. Waits in ctx while the uplink's ring is full. Ends by
 * cpu_return(ctx). A gso packet stays whole if the uplink takes it, else it is segmented in software (gso_segment a
 * segment) and its frames go to the ring one by one.
 */
void tap_send(struct tap *tap, struct cpu_context *ctx, struct packet *packet, bool more);

/* Queues a received packet, or drops it (DROP_TAP_FULL). Returns who is to be woken, or NULL. */
struct sleeper *tap_push(struct tap *tap, struct packet *packet);

/* The next received packet, marked TAP_WAIT until now, or NULL. The caller adds the tap_receive cost. */
struct packet *tap_receive(struct tap *tap);

/* What waits for the backend, and what it is sending. */
void tap_census(const struct tap *tap, struct census *census);

#endif
