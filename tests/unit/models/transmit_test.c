/* The queue before a device's ring: order, bypass, limit, one server at a time, its quota, and who goes on. */
#include "models/guest/transmit.h"
#include "tests/unit/models/netdev_bench.h"

enum { LENGTH = 1000, STACK = 500, DOORBELL = 5000, SENDERS = 2, MANY = 200 };

static struct kernel_bench bench;
static struct bench_netdev device;
static struct cpu *other_core;
static struct lapic *other_lapic;
static const struct costs *const costs = &system_bench_costs;

/* A thread that sends `left` packets, STACK cycles each. */
struct sender {
    struct cpu_context ctx;
    struct transmit_sender sender;
    unsigned left;
    struct send_buffer *buffer; /* NULL: none */
    bool more;                  /* it says that another one follows */
    sim_time over;              /* [ps] when it went on after the last one */
};

static struct sender senders[SENDERS];

static void create(unsigned room)
{
    struct cpu_core_config core = {.hz = 1000000000};
    struct lapic_costs lapic = {.entry = costs->irq_entry, .exit = costs->irq_exit, .eoi = costs->eoi};
    kernel_bench_create(&bench, 0);
    bench_netdev_init(&device, &bench, room);
    other_core = cpu_core_create(bench.sim, "core1", &core);
    other_lapic = lapic_create(other_core, &lapic, NULL, NULL);
    kernel_add_cpu(&bench.kernel, other_core, other_lapic);
}

static void destroy(void)
{
    bench_netdev_free(&device);
    lapic_destroy(other_lapic);
    cpu_destroy(other_core);
    kernel_bench_destroy(&bench);
}

static void send_next(struct cpu_context *ctx, void *self)
{
    struct sender *own = self;
    own->over = sim_now(bench.sim);
    if (own->left == 0) {
        cpu_block(ctx, send_next, own);
        return;
    }
    own->left--;
    struct packet *packet = path_packet(&bench.path, LENGTH);
    if (own->buffer)
        send_buffer_take(own->buffer, packet);
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, STACK);
    cpu_push(ctx, send_next, own);
    transmit_send(&own->sender, &device.netdev, 0, ctx, packet, own->more && own->left > 0);
}

static void start_on(unsigned index, struct cpu *core, unsigned count)
{
    struct sender *own = &senders[index];
    own->left = count;
    cpu_context_init(&own->ctx, core, "sender", CPU_TASK, send_next, own);
    cpu_wake(&own->ctx);
}

static int64_t other_cycles(enum cpu_category category)
{
    return cpu_ledger(other_core)->cycles[ACCOUNT_HOST + category];
}

/* ---- straight to the driver ---- */

/* With nobody before it a packet is not queued, whether its sender is the only one or not. */
Test(transmit, an_empty_queue_is_passed_at_once)
{
    for (unsigned known = 0; known <= 1; known++) {
        create(8);
        device.netdev.transmit[0].senders = known;
        start_on(0, bench.core, 3);
        sim_run(bench.sim, SIM_MS);
        cr_assert_eq(device.count, 3);
        for (int i = 0; i < 3; i++)
            cr_expect_eq(device.notes[i].when, (i + 1) * (STACK + NETDEV_PREPARE) * CYCLE);
        cr_expect_eq(device.stage[STAGE_SEND], (STACK + NETDEV_PREPARE) * CYCLE);
        cr_expect_eq(device.stage[STAGE_RING_WAIT], 0);
        cr_expect_eq(kernel_bench_cycles(&bench, CPU_SOFTIRQ_POLL), 0);
        destroy();
        senders[0].sender = (struct transmit_sender){0};
    }
}

Test(transmit, hands_on_whether_more_follows)
{
    create(8);
    senders[0].more = true;
    start_on(0, bench.core, 3);
    sim_run(bench.sim, SIM_MS);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(device.notes[i].more, i < 2);
    destroy();
}

/* ---- a full ring ---- */

static void reclaim_all(struct sim *sim, struct sim_event *event)
{
    (void)sim, (void)event;
    bench_netdev_reclaim(&device, MANY);
}

/* Packets wait in the order in which they came, whoever sent them, until the driver has reclaimed: not at t - 1 ps. */
Test(transmit, a_full_ring_keeps_the_order)
{
    create(0);
    start_on(0, bench.core, 5);
    start_on(1, other_core, 5);
    sim_run(bench.sim, 50 * SIM_US);
    cr_expect_eq(device.count, 0);
    cr_expect_eq(senders[0].over, 5 * STACK * CYCLE, "nobody waits for the ring");
    cr_expect_eq(senders[1].over, 5 * STACK * CYCLE);
    kernel_bench_at(&bench, 60 * SIM_US, reclaim_all);
    sim_time first = 60 * SIM_US + (costs->softirq + NETDEV_PREPARE) * CYCLE;
    sim_run(bench.sim, first - 1);
    cr_expect_eq(device.count, 0);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, 10);
    for (unsigned i = 0; i < 10; i++) {
        cr_expect_eq(device.notes[i].id, i + 1);
        cr_expect_eq(device.notes[i].when, first + i * NETDEV_PREPARE * CYCLE);
    }
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SOFTIRQ_POLL), costs->softirq);
    cr_expect_eq(other_cycles(CPU_DRIVER), 0, "the cpu that reclaims serves");
    destroy();
}

/* What finds a packet waiting waits behind it, though there is room by now. */
Test(transmit, nobody_overtakes)
{
    create(0);
    start_on(0, bench.core, 1);
    sim_run(bench.sim, 10 * SIM_US);
    device.room = 8; /* and nobody has been told */
    start_on(1, other_core, 1);
    sim_run(bench.sim, 20 * SIM_US);
    cr_assert_eq(device.count, 2, "who queues a packet serves those before it");
    cr_expect_eq(device.notes[0].id, 1);
    cr_expect_eq(device.notes[1].id, 2);
    cr_expect_eq(other_cycles(CPU_DRIVER), 2 * NETDEV_PREPARE);
    destroy();
}

Test(transmit, one_more_than_it_holds_is_lost)
{
    for (int guest = 0; guest <= 1; guest++) {
        enum drop_cause cause = guest ? DROP_GUEST_TX_FULL : DROP_HOST_TX_FULL;
        create(0);
        bench.kernel.guest = guest;
        cr_expect_eq(device.netdev.transmit[0].limit, TRANSMIT_QUEUE);
        start_on(0, bench.core, TRANSMIT_QUEUE);
        sim_run(bench.sim, SIM_MS);
        cr_expect_eq(bench.path.total.dropped[cause], 0);
        start_on(0, bench.core, 1);
        sim_run(bench.sim, 2 * SIM_MS);
        cr_expect_eq(bench.path.total.dropped[cause], 1);
        cr_expect_eq(path_in_flight(&bench.path), TRANSMIT_QUEUE);
        bench_netdev_reclaim(&device, TRANSMIT_QUEUE);
        sim_run(bench.sim, 4 * SIM_MS);
        cr_expect_eq(bench.path.total.delivered, TRANSMIT_QUEUE);
        destroy();
        senders[0].sender = (struct transmit_sender){0};
    }
}

/* A packet that is lost gives its part of the send buffer back. */
Test(transmit, a_lost_packet_leaves_the_send_buffer)
{
    static struct send_buffer buffer = {.limit = SEND_BUFFER_DATAGRAM};
    create(0);
    device.netdev.transmit[0].limit = 2;
    senders[0].buffer = &buffer;
    start_on(0, bench.core, 5);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.dropped[DROP_HOST_TX_FULL], 3);
    cr_expect_eq(buffer.used, 2 * send_buffer_size(LENGTH));
    destroy();
}

/* ---- one at a time ---- */

static struct packet *committed;
static bool committed_more;

static void rung(struct cpu_context *ctx, void *self)
{
    bench_netdev_commit(self, 0, ctx, committed, committed_more);
}

/* A doorbell that takes long, as one that traps. */
static void slow_commit(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                        bool more)
{
    (void)queue;
    committed = packet;
    committed_more = more;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, DOORBELL);
    cpu_run(ctx, rung, netdev);
}

static const struct netdev_ops slow_ops = {bench_netdev_can_send, bench_netdev_prepare, slow_commit};

/* While one is in the driver another one only queues its packet and goes on; the first sends it too. */
Test(transmit, only_one_is_in_the_driver)
{
    create(MANY);
    device.netdev.ops = &slow_ops;
    device.netdev.transmit[0].senders = SENDERS;
    start_on(0, bench.core, 1);
    sim_run(bench.sim, SIM_US);
    start_on(1, other_core, 3);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, 4);
    cr_expect_eq(senders[1].over, SIM_US + 3 * STACK * CYCLE);
    cr_expect_eq(other_cycles(CPU_DRIVER), 0);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_DRIVER), 4 * (NETDEV_PREPARE + DOORBELL));
    cr_expect_eq(senders[0].over, (STACK + 4 * (NETDEV_PREPARE + DOORBELL)) * CYCLE, "in its own call");
    for (unsigned i = 0; i < 4; i++)
        cr_expect_eq(device.notes[i].id, i + 1);
    destroy();
}

/* A driver with byte queue limits gets what waits in bulk: one doorbell for all of it. */
Test(transmit, what_waits_goes_in_bulk)
{
    for (int bulk = 0; bulk <= 1; bulk++) {
        create(0);
        device.netdev.bulk = bulk;
        start_on(0, bench.core, 5);
        kernel_bench_at(&bench, 60 * SIM_US, reclaim_all);
        sim_run(bench.sim, SIM_MS);
        cr_assert_eq(device.count, 5);
        for (int i = 0; i < 5; i++)
            cr_expect_eq(device.notes[i].more, bulk && i < 4);
        destroy();
        senders[0].sender = (struct transmit_sender){0};
    }
}

/* A server has had its share after 64; what is left is the softirq's, round by round. */
Test(transmit, a_quota_ends_the_serving)
{
    create(0);
    device.netdev.bulk = true;
    start_on(0, bench.core, MANY);
    kernel_bench_at(&bench, 200 * SIM_US, reclaim_all);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, MANY);
    for (unsigned i = 0; i < MANY; i++)
        cr_expect_eq(device.notes[i].more, (i + 1) % TRANSMIT_QUOTA != 0 && i + 1 < MANY, "%u", i);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SOFTIRQ_POLL), 4 * costs->softirq, "3 times 64, and 8");
    destroy();
}

/* A thread that waits for the cpu has it after one round: ksoftirqd goes on behind it. */
Test(transmit, a_waiting_thread_comes_after_one_round)
{
    static struct bench_thread work;
    create(0);
    start_on(0, bench.core, MANY);
    sim_run(bench.sim, 200 * SIM_US);
    bench_thread_init(&work, &bench, 1000, 1);
    bench_netdev_reclaim(&device, MANY);
    cpu_wake(&work.ctx);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, MANY);
    cr_expect_gt(work.done, device.notes[TRANSMIT_QUOTA - 1].when);
    cr_expect_lt(work.done, device.notes[TRANSMIT_QUOTA].when);
    destroy();
}
