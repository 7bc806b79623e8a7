/*
 * An application: one thread on one cpu of a kernel that sends what its traffic source hands it and reads its socket.
 *
 * As a sender it gets packets at the source's times, sleeps between them and is woken by its timer, which it arms for the
 * next packet's time if that is known. It blocks while its send buffer is full, which its packets leave when the driver
 * has reclaimed them; what comes when the backlog is full is lost (DROP_SOURCE_OVERRUN), as an open-loop source does not
 * wait. A burst is one system call: it is taken whole if there is room for its first packet, or lost whole. As a receiver
 * it reads a socket. As a client it does both: its packets are whole transactions, sent as the request; what its socket
 * gives it is the same transaction's response, and the call returns when it has been read.
 */
#ifndef MODELS_GUEST_APP_H
#define MODELS_GUEST_APP_H

#include "models/guest/transmit.h"
#include "models/traffic/path.h"

struct app {
    struct cpu_context thread;
    struct kernel_timer timer;
    struct send_buffer buffer;
    struct transmit_sender sender;
    struct socket socket;
    struct kernel *kernel;
    struct netdev *netdev;       /* NULL: only receives */
    unsigned queue;              /* of the netdev: the sender's */
    struct packet_queue backlog; /* to be sent */
    uint32_t backlog_limit;      /* packets */
    /* When the source's next packet is to be sent [ps], so that the sleep until then can be timed; SIM_TIME_MAX: that
     * depends on what happens. Set by the source; NULL: it never sends by the clock. */
    sim_time (*next_time)(const void *source);
    const void *source;
    bool asleep;            /* nothing to do: only its timer or its socket wakes it */
    bool in_burst;          /* the next packet belongs to the running system call */
    bool submitting;        /* the source's next packet belongs to the same burst */
    bool refusing;          /* which is being lost */
    struct packet *current; /* being read, else NULL */
};

/* Prepares the thread on `cpu`. `netdev` is where it sends. Limits in packets. */
void app_init(struct app *app, struct kernel_cpu *cpu, struct netdev *netdev, unsigned queue,
              uint32_t backlog_limit, uint32_t socket_limit);

/* Its send buffer has `limit` [B, > 0] instead of SEND_BUFFER_DATAGRAM. To be called before the first packet. */
void app_set_send_buffer(struct app *app, int64_t limit);

/* The source's packet is to be sent now. packet->more: the next one follows at once. */
void app_submit(struct app *app, struct packet *packet);

/* What it is to send, is sending or reading, or has yet to read. */
void app_census(const struct app *app, struct census *census);

#endif
