/*
 * Traffic: when packets come into being and how large they are. A source drives one traffic entry:
 *     transmit          an application in the VM (or on bare metal) sends; the far end of the wire swallows
 *     receive           the far end sends; an application receives
 *     request_response  the application calls, the far end answers after `peer_delay`
 * With a `rate` the source is an open loop: what comes in time is offered, whatever became of the packets before; a
 * `window` then only bounds how many are under way, the others wait with the sender (at most `backlog`). With rate 0 it
 * is a closed loop: `window` packets are kept in flight, and each that ends is replaced at once.
 *
 * Arrival processes and size distributions are families; a capture's replay is an arrival process that brings sizes
 * and directions along: it drives two paths, one for each direction. Streams are keyed by (seed, replication, path), so
 * every strategy sees the same arrivals.
 *
 * What is handed over at once may be more than one frame: `burst` items at one instant, each of `segment` bytes of
 * payload or of a drawn size. An item larger than the MTU is one gso packet if the sending netdev has segmentation
 * offload, else it is cut into frames of the MTU before the driver sees them. On the wire towards the NIC there are
 * only frames of the MTU.
 */
#ifndef MODELS_TRAFFIC_SOURCE_H
#define MODELS_TRAFFIC_SOURCE_H

#include "models/guest/app.h"
#include "models/nic/wire.h"
#include "models/traffic/capture.h"
#include "models/traffic/path.h"
#include "sim/param.h"
#include "sim/random.h"

enum traffic_direction { TRAFFIC_TRANSMIT, TRAFFIC_RECEIVE, TRAFFIC_REQUEST_RESPONSE };
enum traffic_flow_order { TRAFFIC_FLOW_ROUND_ROBIN, TRAFFIC_FLOW_RANDOM };

/* Frames on the wire, FCS included [B]: the smallest, the MTU's, and the largest that a sender hands to its stack. */
enum { TRAFFIC_SIZE_MIN = 64, TRAFFIC_SIZE_MTU = 1518, TRAFFIC_SIZE_MAX = 65536 };
/* Items of a burst at most, and payload of one hand-over [B]. */
enum { TRAFFIC_BURST_MAX = 1024, TRAFFIC_SEGMENT_MAX = 1 << 20 };

struct traffic_config {
    const char *name;
    int64_t vm;    /* index, from 0 */
    int direction; /* enum traffic_direction */
    int64_t rate;  /* [1/1000 item/s]; 0: as fast as it goes (closed loop of `window`) */
    struct param_variant arrival;
    struct param_variant size; /* of the frame on the wire, FCS included [B] */
    int64_t burst;             /* items handed over at once (xmit_more) */
    int64_t window;            /* items in flight at most: 0 = open loop, for request_response 1 */
    int64_t flows;             /* distinct flows, for RSS */
    int flow_order;            /* enum traffic_flow_order */
    int64_t segment;           /* [B] payload handed to the stack at once; 0 = one frame of `size` */
    int64_t response;          /* [B] response frame, request_response */
    int64_t peer_delay;        /* [ps] the far end's time to answer */
    int64_t backlog;           /* packets the sender may be late by */
    int64_t socket_buffer;     /* packets */
    int64_t send_buffer;       /* [B]; 0: the kernel's default */
    int64_t vcpu;              /* which of the VM's cpus runs the application */
};

extern const struct param_table traffic_table;
extern const struct param_family arrival_family; /* constant poisson on_off replay */
extern const struct param_family size_family;    /* fixed imix empirical uniform */

/*
 * Checks what single rows cannot see: a rate or a window is there, sizes fit, a capture can be read, ... Each mistake
 * is reported with its key, relative to the entry ("window", "arrival.file").
 */
typedef void traffic_report(void *self, const char *key, const char *message);
void traffic_check(const struct traffic_config *config, traffic_report *report, void *self);

/* The sender's send buffer [B]: the configured one, or what the kernel gives such a socket. */
int64_t traffic_send_buffer(const struct traffic_config *config);

/* The mean time between two arrivals of an open loop: exactly num / den ps. */
struct arrival_period {
    int64_t num, den;
};

/* That of a configuration with a rate: `burst` items each burst * 10^15 / rate ps. */
struct arrival_period traffic_period(const struct traffic_config *config);

/* One arrival: how long after the one before, and how large if the process says so itself. */
struct arrival {
    sim_time gap;       /* [ps] */
    uint32_t length;    /* [B] frame without FCS; 0: drawn from the size distribution */
    uint32_t gso_size;  /* replay with oversize: gso */
    uint32_t flow;      /* replay */
    uint8_t direction;  /* enum packet_direction, replay; else the source's own */
    bool oversize_drop; /* replay with oversize: drop */
    bool end;           /* no more arrivals */
};

struct arrival_ops {
    size_t state_size;
    bool
        replay; /* it brings its own times, sizes and directions: rate, size, burst and window do not apply */
    /* Reports what is wrong with the model's configuration for this entry, as traffic_check(). NULL: nothing can be. */
    void (*check)(const void *config, const struct traffic_config *traffic, traffic_report *report,
                  void *self);
    /* Returns NULL, or what is wrong with the configuration (a capture that cannot be read): owned by state. */
    const char *(*start)(void *state, const void *config, const struct arrival_period *period);
    void (*stop)(void *state); /* NULL: nothing to release */
    void (*next)(void *state, const void *config, struct random_stream *stream, struct arrival *arrival);
    /* Replay: from the arrival that next() gave last to the one after it that first goes in `direction` [ps];
     * SIM_TIME_MAX: none does. */
    sim_time (*ahead)(void *state, const void *config, uint8_t direction);
    const struct capture *(*capture)(const void *state); /* of a replay, else NULL */
};

struct size_ops {
    size_t state_size;
    void (*check)(const void *config, traffic_report *report, void *self); /* NULL: nothing can be wrong */
    void (*start)(void *state, const void *config);                        /* NULL: no state */
    void (*stop)(void *state);                                             /* NULL: nothing to release */
    uint32_t (*draw)(void *state, const void *config, struct random_stream *stream); /* [B] frame with FCS */
    /* mean in 1/1000 B, rounded to the nearest, for closed forms */
    int64_t (*mean)(const void *config);
    int64_t (*most)(const void *config); /* [B] the largest */
};

/*
 * The far end of a wire: swallows, answers requests, and sends what receive sources tell it to. It is ideal: its line
 * is the only thing that makes packets wait.
 */
struct peer;
struct peer *peer_create(struct sim *sim, const char *name, struct wire *wire);
void peer_destroy(struct peer *peer);

/* What the far end does for one path; owned by the peer. */
struct peer_port;
struct peer_service {
    uint32_t response; /* [B] length of the response, without FCS */
    sim_time delay;    /* [ps] from a request's arrival to its response's readiness */
    uint32_t backlog;  /* packets that may wait for the line */
};

/* Opens a port for `path`, once: requests of the path are answered, and peer_send() may be called. */
struct peer_port *peer_open(struct peer *peer, struct path *path, const struct peer_service *service);

/*
 * Sends a packet of the port's path towards the NIC. Its journey starts with its first bit on the wire: now, or when
 * the line is free. If `backlog` packets of this port wait for the line already, it is lost (DROP_SOURCE_OVERRUN).
 */
void peer_send(struct peer_port *port, struct packet *packet);

/* Requests that are being answered. */
void peer_census(const struct peer *peer, struct census *census);

/* Where a source's path is attached. */
struct source_target {
    struct app *app;   /* in the machine: sends, or receives */
    struct peer *peer; /* the far end */
    uint16_t endpoint; /* NIC function */
    uint16_t station;  /* port of the host's bridge */
    uint32_t gso_max;  /* the netdev's */
    struct path
        *reverse; /* the other direction of a replayed capture; NULL: its frames are skipped and counted */
};

/*
 * Drives `path`; `config` and paths are borrowed. A replay's path carries the frames of the configured direction, and
 * `reverse` the others. Never NULL: what could not be started (a capture changed since it was checked) is told by
 * source_error(), and such a source offers nothing.
 */
struct source;
struct source *source_create(struct sim *sim, const struct traffic_config *config, struct path *path,
                             const struct source_target *target);
void source_destroy(struct source *source);
const char *source_error(const struct source *source); /* NULL: none */
/* Begins at the current time. */
void source_start(struct source *source);

/* Packets of the source that are under way: offered, neither waiting for the window nor ended. Closed loops and paced
 * sources with a window only; else 0. */
int64_t source_in_flight(const struct source *source);

/* What waits for a place in the window. */
void source_census(const struct source *source, struct census *census);

/* Where the frames of a replayed capture are now: frames = offered + skipped + pending. */
struct source_frames {
    int64_t frames;                 /* in the file */
    int64_t offered[2];             /* by enum packet_direction; one frame may be several packets */
    int64_t skipped[CAPTURE_SKIPS]; /* by enum capture_skip */
    int64_t pending;                /* their time has not come */
    const struct capture *capture;  /* what was read: snap length and the like */
};

/* False if the source is no replay. */
bool source_frames(const struct source *source, struct source_frames *frames);

/* Frames that a replay has read and that are not offered for a stated reason, for reports. */
int64_t source_skipped(const struct source *source);

#endif
