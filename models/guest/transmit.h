/*
 * The queue between a kernel's stack and a device's ring: Linux's pfifo_fast, one a transmit queue (net/core/dev.c,
 * net/sched/sch_generic.c).
 *
 * A packet that finds the queue empty, nobody at it and room on the ring goes straight to the driver. Else it is
 * queued, behind those of other senders, and lost if TRANSMIT_QUEUE packets wait already. Whoever finds nobody at the
 * queue serves it: takes packet after packet to the driver until none is left, the ring is full, or TRANSMIT_QUOTA have
 * gone; meanwhile others only queue theirs and go on. So a driver's commit(), doorbell included, is never entered
 * twice at once. What a quota leaves, and what waited for a full ring once the driver has reclaimed, is served by the
 * NET_TX softirq.
 *
 * A gso packet that the device does not take whole is cut into frames when its turn comes, by the one who serves.
 *
 * A send buffer (sk_wmem_alloc) is what a socket's packets may take up between the socket and the driver's reclaiming:
 * its owner sleeps while it is full, and is woken when less than half of it is used.
 */
#ifndef MODELS_GUEST_TRANSMIT_H
#define MODELS_GUEST_TRANSMIT_H

#include "models/guest/kernel.h"
#include "models/traffic/census.h"

enum {
    TRANSMIT_QUEUE = 1000, /* packets: txqueuelen */
    TRANSMIT_QUOTA = 64,   /* packets served at once: dev_tx_weight */
};

/* ---- send buffers ---- */

enum { SEND_BUFFER_DATAGRAM = 212992, SEND_BUFFER_STREAM = 4194304 }; /* [B] wmem_default, tcp_wmem's most */

struct send_buffer {
    struct sleeper owner;
    int64_t used, limit;      /* [B] */
    bool waiting;             /* the owner sleeps until there is room */
    bool freed;               /* it is to be woken: on a queue's list */
    struct send_buffer *next; /* there */
};

/* What a packet of `length` [B] takes up in memory (skb->truesize). */
int64_t send_buffer_size(uint32_t length);

/* True if a packet of any size may be taken; the last one may exceed the limit. */
static inline bool send_buffer_has_room(const struct send_buffer *buffer)
{
    return buffer->used < buffer->limit;
}

/* The packet takes up its part from now on. */
void send_buffer_take(struct send_buffer *buffer, struct packet *packet);

/* What a driver keeps of a packet until it reclaims; the packet itself may be gone long before. */
struct send_charge {
    struct send_buffer *buffer; /* NULL: nobody's */
    int64_t size;               /* [B] */
};

struct transmit_queue;

/* The packet's charge is the driver's from now on. / It is freed; who waits for that is woken by transmit_wake(). */
struct send_charge send_charge_move(struct packet *packet);
void send_charge_free(struct send_charge *charge, struct transmit_queue *queue);

/* ---- queues ---- */

struct transmit_queue {
    struct netdev *netdev;
    unsigned index;
    struct packet_queue waiting;
    uint32_t limit;            /* packets */
    unsigned senders;          /* that have used it */
    bool running;              /* somebody serves it */
    unsigned quota;            /* packets left to whoever does */
    struct packet *cutting;    /* a packet whose frames go one by one, before those that wait */
    struct packet *frame;      /* between the driver's prepare() and commit() */
    bool direct;               /* it has not waited */
    bool hint;                 /* its sender has another one right behind it */
    bool more;                 /* what the driver was told */
    struct send_buffer *freed; /* whose owners are to be woken */
    struct kernel_cpu *cpu;    /* whose softirq goes on when the driver has reclaimed */
    bool scheduled;            /* on a cpu's list */
    struct transmit_queue *next;
};

/* Gives `netdev` its queues, served by the kernel's first cpu until transmit_bind(). / Frees them. */
void transmit_create(struct netdev *netdev);
void transmit_destroy(struct netdev *netdev);
void transmit_bind(struct netdev *netdev, unsigned queue, struct kernel_cpu *cpu);

/* Who sends, one packet at a time, from whatever context. Zeroed at first. */
struct transmit_sender {
    struct transmit_queue *queue; /* that it last used */
    struct packet *packet;        /* on its way to the queue, else NULL */
    bool more;
};

/*
 * Sends one packet from ctx: runs the parts added so far, then to the driver or into the queue. packet->forwarded says
 * on whose behalf. `more`: the sender's next packet follows at once. Marks the packet's stages; ends by
 * cpu_return(ctx).
 */
void transmit_send(struct transmit_sender *sender, struct netdev *netdev, unsigned queue,
                   struct cpu_context *ctx, struct packet *packet, bool more);

/* A packet that the stack or the driver has no room for is lost, from the driver's commit() at the latest. */
void transmit_lose(struct transmit_queue *queue, struct packet *packet);

/* The packet that it has on its way to the queue. */
void transmit_sender_census(const struct transmit_sender *sender, struct census *census);

/* What waits in the netdev's queues, or is with its driver and not on the ring. */
void transmit_census(const struct netdev *netdev, struct census *census);

/* A driver has reclaimed: whoever waits for that is told, and the queue is served if it has waited for room. */
void transmit_reclaimed(struct netdev *netdev, unsigned queue);

/* Wakes those whose send buffers have got room by what `self`, a struct transmit_queue, has freed; ends by
 * cpu_return(ctx). A driver that frees calls it as soon as it may. */
cpu_fn transmit_wake;

/* The NET_TX softirq's part: serves the first queue of the cpu's list; ends by cpu_return(ctx). */
void transmit_softirq(struct cpu_context *ctx, struct kernel_cpu *cpu);

/*
 * The next frame of a gso packet that software cuts up: a fragment of its own, or, for the last one, the packet itself,
 * which is then a plain frame.
 */
struct packet *transmit_next_frame(struct packet *packet);

#endif
