/*
 * A network device for kernel_bench.h that notes what it is given and ends it at once, while it has room. What a packet
 * takes up of its sender's buffer it keeps, if it `holds`, until it is told to free it.
 */
#ifndef TESTS_UNIT_MODELS_NETDEV_BENCH_H
#define TESTS_UNIT_MODELS_NETDEV_BENCH_H

#include "models/guest/transmit.h"
#include "tests/unit/models/kernel_bench.h"

enum { NETDEV_PREPARE = 700, NETDEV_NOTES_MAX = 2048 }; /* [cycles] of its driver's part */

struct netdev_note {
    uint64_t id;
    uint32_t length;
    bool more, fragment;
    sim_time when; /* [ps] */
};

struct bench_netdev {
    struct netdev netdev;
    struct kernel_bench *bench;
    unsigned room; /* packets that it still takes */
    struct netdev_note notes[NETDEV_NOTES_MAX];
    size_t count;
    sim_time stage[STAGES]; /* [ps] of the last packet */
    unsigned inside;        /* between prepare() and the end of commit() */
    bool holds;
    struct send_charge held[NETDEV_NOTES_MAX];
    size_t held_count, freed_count;
    struct cpu_context reclaimer; /* wakes whose buffers have room */
};

static inline bool bench_netdev_can_send(struct netdev *netdev, unsigned queue, const struct packet *packet)
{
    struct bench_netdev *own = SIM_CONTAINER_OF(netdev, struct bench_netdev, netdev);
    (void)queue, (void)packet;
    return own->room > 0;
}

static inline void bench_netdev_prepare(struct netdev *netdev, unsigned queue, struct cpu_context *ctx,
                                        struct packet *packet, bool more)
{
    struct bench_netdev *own = SIM_CONTAINER_OF(netdev, struct bench_netdev, netdev);
    (void)queue, (void)packet, (void)more;
    cr_assert_eq(own->inside++, 0, "somebody else is in the driver");
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, NETDEV_PREPARE);
}

static inline void bench_netdev_commit(struct netdev *netdev, unsigned queue, struct cpu_context *ctx,
                                       struct packet *packet, bool more)
{
    struct bench_netdev *own = SIM_CONTAINER_OF(netdev, struct bench_netdev, netdev);
    (void)queue;
    cr_assert_gt(own->room, 0);
    cr_assert_lt(own->count, NETDEV_NOTES_MAX);
    own->room--;
    own->inside--;
    own->held[own->held_count++] = send_charge_move(packet);
    if (!own->holds)
        send_charge_free(&own->held[own->freed_count++], own->netdev.transmit);
    own->notes[own->count++] =
        (struct netdev_note){packet->id, packet->length, more, packet->fragment, sim_now(own->bench->sim)};
    for (int stage = 0; stage < STAGES; stage++)
        own->stage[stage] = packet->stage[stage];
    path_deliver(packet->path, packet, packet->last);
    cpu_return(ctx);
}

static const struct netdev_ops bench_netdev_ops = {
    .can_send = bench_netdev_can_send,
    .prepare = bench_netdev_prepare,
    .commit = bench_netdev_commit,
};

static inline void bench_netdev_woken(struct cpu_context *ctx, void *self);

static inline void bench_netdev_reclaimer(struct cpu_context *ctx, void *self)
{
    struct bench_netdev *own = self;
    cpu_push(ctx, bench_netdev_woken, own);
    transmit_wake(ctx, own->netdev.transmit);
}

static inline void bench_netdev_woken(struct cpu_context *ctx, void *self)
{
    cpu_block(ctx, bench_netdev_reclaimer, self);
}

static inline void bench_netdev_init(struct bench_netdev *own, struct kernel_bench *bench, unsigned room)
{
    *own = (struct bench_netdev){
        .netdev = {.ops = &bench_netdev_ops, .name = "bench", .kernel = &bench->kernel, .queues = 1},
        .bench = bench,
        .room = room,
    };
    transmit_create(&own->netdev);
    cpu_context_init(&own->reclaimer, bench->core, "reclaimer", CPU_SOFTIRQ, bench_netdev_reclaimer, own);
}

static inline void bench_netdev_free(struct bench_netdev *own)
{
    transmit_destroy(&own->netdev);
}

/* Frees what the next `count` packets have kept of their senders' buffers, in a softirq of the bench's core. */
static inline void bench_netdev_free_sent(struct bench_netdev *own, size_t count)
{
    for (; count > 0; count--) {
        cr_assert_lt(own->freed_count, own->held_count);
        send_charge_free(&own->held[own->freed_count++], own->netdev.transmit);
    }
    cpu_wake(&own->reclaimer);
}

/* The device reclaims: there is room for so many now. */
static inline void bench_netdev_reclaim(struct bench_netdev *own, unsigned room)
{
    own->room = room;
    transmit_reclaimed(&own->netdev, 0);
}

#endif
