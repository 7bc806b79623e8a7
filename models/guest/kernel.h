/*
 * An operating system kernel's part in networking, the same for the host and for guests: cpus with interrupts
 * and softirqs, network devices, NAPI, and the way packets take between applications and devices.
 *
 * A network device (struct netdev) is what drivers implement. Transmit is split in two, so that a packet's way
 * through the kernel is one segment: prepare() adds the driver's parts to the caller's segment, commit() acts
 * when it has run. Before the driver is a queue (transmit.h). Receive is NAPI: the driver's interrupt handler schedules its struct napi, the softirq polls it
 * with a budget of 64, packet by packet, each one segment; when a poll finds less than the budget the driver's
 * complete() re-enables the interrupt. The softirq serves transmit queues first, then polls. A softirq that goes on for too long (10 rounds of 300 packets, 2 ms, or one round
 * while a thread waits) leaves the rest to ksoftirqd, a thread among threads: applications are not starved.
 */
#ifndef MODELS_GUEST_KERNEL_H
#define MODELS_GUEST_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/cpu.h"
#include "models/cpu/lapic.h"
#include "models/guest/wake.h"
#include "models/host/costs.h"
#include "models/memory/memory.h"
#include "models/traffic/packet.h"

enum { NAPI_BUDGET = 64, NETDEV_BUDGET = 300, SOFTIRQ_RESTARTS = 10 };

/* Processors of a guest's kernel and of the host's. */
enum { KERNEL_CPUS_MAX = 64, KERNEL_HOST_CPUS_MAX = 1024 };
#define SOFTIRQ_TIME (2 * SIM_MS)

struct kernel;
struct netdev;
struct napi;
struct transmit_queue;

/* One cpu as its kernel sees it. */
struct kernel_cpu {
    struct kernel *kernel;
    struct cpu *cpu;
    struct lapic *lapic;
    struct cpu_context softirq;
    struct cpu_context ksoftirqd; /* the thread that goes on with the poll list when softirqs take too long */
    struct sleeper ksoftirqd_sleeper;
    bool deferred;                            /* it does */
    unsigned polled;                          /* packets in this round of net_rx_action() */
    unsigned restarts;                        /* rounds of this softirq */
    sim_time softirq_start;                   /* [ps] */
    bool begun;                               /* this softirq has done something */
    struct napi *poll_head, *poll_tail;       /* scheduled NAPI instances */
    struct transmit_queue *tx_head, *tx_tail; /* queues to be served by the NET_TX softirq */
    struct kernel_timer *due_head, *due_tail; /* expired timers that the handler has yet to see */
    struct kernel_timer *armed;               /* sleeps under way, the first to end first */
    struct cpu_context *waking;               /* the thread that the timer's handler wakes */
    unsigned timer_vector;
    struct sleeper *wake_head, *wake_tail; /* threads woken from other cpus */
    unsigned wake_vector;                  /* a guest's: says that there are some */
    /* The hypervisor's part in it; NULL on a core. */
    void (*timer_expired)(struct kernel_cpu *cpu, void *self); /* else raises the vector */
    /* Programs the timer for kernel_cpu_deadline() if it is not; ends by cpu_return(ctx). */
    void (*program_timer)(struct kernel_cpu *cpu, struct cpu_context *ctx, void *self);
    void *timer_self;
    /* Sends `vector` to this cpu from ctx, on another one; ends by cpu_return(ctx). */
    void (*send_ipi)(struct kernel_cpu *cpu, struct cpu_context *ctx, unsigned vector, void *self);
    void *ipi_self;
};

/*
 * A thread's sleep that ends at a given time: the thread arms the local timer, its interrupt comes in and its handler
 * wakes the thread. On a core arming is part of the wake-up's cost; in a guest the timer's register is written, which
 * traps, whenever what ends first changes: when a sleep begins that is to end before all others, when that one is cancelled,
 * and by the handler.
 */
struct kernel_timer {
    struct kernel_cpu *cpu;
    struct cpu_context *sleeper;
    struct kernel_timer *next;  /* expired */
    struct kernel_timer *later; /* armed */
    sim_time when;              /* [ps] if armed */
    bool is_armed, due;
};

struct kernel {
    struct sim *sim;
    const char *name;            /* "host0", "vm0": owned */
    const struct costs *costs;   /* borrowed */
    struct address_space *space; /* where its addresses live: GPA of the guest, HPA of the host */
    struct memory *memory;
    bool guest;
    struct kernel_cpu *cpus; /* owned; room for as many as there can be, as their contexts stay in place */
    unsigned cpu_count;
};

/* Prepares a kernel without cpus. */
void kernel_init(struct kernel *kernel, struct sim *sim, const char *name, const struct costs *costs,
                 struct address_space *space, struct memory *memory, bool guest);
void kernel_destroy(struct kernel *kernel);
/* Adds a cpu with its lapic; returns its index. */
unsigned kernel_add_cpu(struct kernel *kernel, struct cpu *cpu, struct lapic *lapic);

/* ---- NAPI ---- */

struct napi_ops {
    /* Adds to ctx's segment what reclaiming sent packets costs and reclaims them; returns how many. The effect
     * (room on the ring) is to be made visible by tx_cleaned(), called when the segment has run. */
    unsigned (*tx_clean)(void *self, struct cpu_context *ctx);
    cpu_fn *tx_cleaned; /* (ctx, self): may wake senders; ends by cpu_return(ctx) */
    /* Adds the driver's parts of taking the next received packet and returns it; NULL if there is none. */
    struct packet *(*rx_take)(void *self, struct cpu_context *ctx);
    /* After that packet's segment: the buffer is replaced, the refill doorbell rung when due; cpu_return(ctx). */
    void (*rx_taken)(void *self, struct cpu_context *ctx);
    /* The poll found less than the budget (or: found nothing left): leaves polling mode and re-enables the interrupt;
     * ends by cpu_return(ctx). If work slipped in meanwhile, it calls napi_schedule() again. */
    void (*complete)(void *self, struct cpu_context *ctx);
    /* The rx ring was polled dry or the budget used: remaining refill; ends by cpu_return(ctx). */
    void (*poll_end)(void *self, struct cpu_context *ctx);
};

struct napi {
    const struct napi_ops *ops;
    void *self;
    struct kernel_cpu *cpu;
    struct netdev *netdev;
    struct napi *next;
    bool scheduled;
    unsigned budget_left;
    sim_time started;       /* [ps] when the softirq began to poll after the last interrupt */
    struct packet *current; /* private: the packet whose segment is running */
    /* for adaptive moderation, cleared by the driver */
    int64_t packets, bytes;
};

void napi_init(struct napi *napi, const struct napi_ops *ops, void *self, struct kernel_cpu *cpu,
               struct netdev *netdev);
/* Puts the instance on its cpu's poll list, once; the softirq runs after the hard interrupt. */
void napi_schedule(struct napi *napi);

/* Marks on a received packet what it waited for until now: the interrupt, sent at `interrupt` [ps], then the softirq,
 * then its turn. */
void napi_mark_wait(const struct napi *napi, struct packet *packet, sim_time interrupt);

/* ---- timers ---- */

void kernel_timer_init(struct kernel_timer *timer, struct kernel_cpu *cpu, struct cpu_context *sleeper);
/* From ctx, on the timer's cpu: it is to end at `when` [ps] / it has ended otherwise. Both end by cpu_return(ctx). */
void kernel_timer_arm(struct kernel_timer *timer, struct cpu_context *ctx, sim_time when);
void kernel_timer_cancel(struct kernel_timer *timer, struct cpu_context *ctx);
/* The sleep is over now, armed or not. Nothing happens if it was over already. */
void kernel_timer_expire(struct kernel_timer *timer);
/* When the first of the cpu's sleeps ends [ps]; SIM_TIME_MAX: there is none. */
sim_time kernel_cpu_deadline(const struct kernel_cpu *cpu);

/* ---- network devices ---- */

struct netdev_ops {
    /* True if `queue` has room for this packet. */
    bool (*can_send)(struct netdev *netdev, unsigned queue, const struct packet *packet);
    /* Adds the driver's parts to ctx's segment. `more`: another packet follows at once (xmit_more). Between prepare()
     * and the end of commit() nobody else is in the driver for this queue. */
    void (*prepare)(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                    bool more);
    /* The segment has run: the packet is visible to the device; rings the doorbell unless `more` allows not to; ends
     * by cpu_return(ctx). */
    void (*commit)(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                   bool more);
};

/* Where a received packet goes: to a local socket (kernel_local_delivery), or to the host's bridge. */
struct receive_handler {
    /* True if this kernel delivers the packet to one of its own sockets, false if it forwards it: the names of the
     * journey's stages depend on it. */
    bool (*local)(void *self, const struct packet *packet);
    /* Adds parts to ctx's segment (before it runs). */
    void (*prepare)(void *self, struct cpu_context *ctx, struct packet *packet);
    /* After it has run: hands the packet over; no simulated time. Returns who is to be woken to see it, or NULL: the
     * caller does so by sleeper_wake(). */
    struct sleeper *(*commit)(void *self, struct packet *packet);
    void *self;
};

/* Delivers each packet to the socket of its path (path->receiver). */
extern const struct receive_handler kernel_local_delivery;

/* Somebody who waits until a device has reclaimed sent packets. */
struct send_waiter {
    void (*wake)(struct send_waiter *waiter);
    struct send_waiter *next;
    bool waiting;
};

struct netdev {
    const struct netdev_ops *ops;
    const char *name;
    struct kernel *kernel;
    unsigned queues;
    uint32_t gso_max; /* [B] largest packet it takes with segmentation offload; 0 = none */
    bool emulated;    /* software raises its interrupts: a packet's wait is INJECT, not INTERRUPT */
    bool
        bulk; /* its driver has byte queue limits: what waits is taken off the queue in bulk, for one doorbell */
    const struct receive_handler *receive;
    struct transmit_queue *transmit; /* one a queue: transmit_create() */
    struct send_waiter *waiters;
};

/* Asks to be told when `netdev` next reclaims. / Tells all who wait. */
void netdev_wait(struct netdev *netdev, struct send_waiter *waiter);
void netdev_wake(struct netdev *netdev);

/* ---- sending and receiving ---- */

/* Adds the parts of a send system call and the stack: syscall once a burst (`first`), socket, copy, stack. */
void kernel_add_send(struct kernel *kernel, struct cpu_context *ctx, const struct packet *packet, bool first);

/* A local socket: a bounded queue and the thread that reads it. */
struct socket {
    struct kernel *kernel;
    struct packet_queue queue;
    uint32_t limit;        /* packets */
    struct sleeper reader; /* woken when a packet comes in */
};
/* `reader` is a thread on `cpu`. */
void socket_init(struct socket *socket, struct kernel_cpu *cpu, uint32_t limit, struct cpu_context *reader);

#endif
