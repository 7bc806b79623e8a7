/*
 * NAPI on one core: what a poll costs, its budget, the order of instances, when a softirq hands over to ksoftirqd, and
 * that threads are not starved meanwhile.
 */
#include "tests/unit/models/kernel_bench.h"

enum { TAKE = 1000, DELIVER = 500, CLEAN = 40, COMPLETE = 60 }; /* [cycles] of the driver's parts below */
enum { INSTANCES = 2, ORDER_MAX = 8192 };

struct bench;

/* A driver whose ring holds `waiting` packets. */
struct device {
    struct bench *bench;
    struct napi napi;
    struct netdev netdev;
    struct receive_handler handler;
    uint64_t waiting;
    uint64_t arrives_in_complete; /* packets that slip in while polling mode is being left */
    unsigned cleans, ends, completes;
    sim_time completed; /* [ps] the last time */
};

struct bench {
    struct kernel_bench base;
    struct device device[INSTANCES];
    uint8_t order[ORDER_MAX]; /* of the packets taken: their device; 0x80: by ksoftirqd */
    size_t taken;
    int64_t take; /* [cycles] */
};

static struct bench bench;

static unsigned tx_clean(void *self, struct cpu_context *ctx)
{
    struct device *device = self;
    device->cleans++;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, CLEAN);
    return 0;
}

static void tx_cleaned(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static struct packet *rx_take(void *self, struct cpu_context *ctx)
{
    struct device *device = self;
    if (device->waiting == 0)
        return NULL;
    device->waiting--;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, bench.take);
    struct packet *packet = path_packet(&bench.base.path, 60);
    bool thread = ctx == &bench.base.cpu->ksoftirqd;
    if (bench.taken < ORDER_MAX)
        bench.order[bench.taken] = (uint8_t)((device - bench.device) | (thread ? 0x80 : 0));
    bench.taken++;
    return packet;
}

static void rx_taken(void *self, struct cpu_context *ctx)
{
    (void)self;
    cpu_return(ctx);
}

static void poll_end(void *self, struct cpu_context *ctx)
{
    struct device *device = self;
    device->ends++;
    cpu_return(ctx);
}

static void enabled(struct cpu_context *ctx, void *self)
{
    struct device *device = self;
    device->completed = sim_now(bench.base.sim);
    cpu_return(ctx);
}

static void complete(void *self, struct cpu_context *ctx)
{
    struct device *device = self;
    device->completes++;
    if (device->arrives_in_complete > 0) {
        device->waiting += device->arrives_in_complete;
        device->arrives_in_complete = 0;
        napi_schedule(&device->napi);
    }
    cpu_add(ctx, CPU_MMIO, SHARE_BATCH, COMPLETE);
    cpu_run(ctx, enabled, device);
}

static const struct napi_ops ops = {
    .tx_clean = tx_clean,
    .tx_cleaned = tx_cleaned,
    .rx_take = rx_take,
    .rx_taken = rx_taken,
    .poll_end = poll_end,
    .complete = complete,
};

static bool is_local(void *self, const struct packet *packet)
{
    (void)self, (void)packet;
    return true;
}

static void prepare(void *self, struct cpu_context *ctx, struct packet *packet)
{
    (void)self, (void)packet;
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, DELIVER);
}

static struct sleeper *commit(void *self, struct packet *packet)
{
    (void)self;
    path_deliver(packet->path, packet, sim_now(bench.base.sim));
    return NULL;
}

static void create(sim_time slice)
{
    kernel_bench_create(&bench.base, slice);
    for (int i = 0; i < INSTANCES; i++) {
        struct device *device = &bench.device[i];
        *device = (struct device){.bench = &bench};
        device->handler = (struct receive_handler){.local = is_local, .prepare = prepare, .commit = commit};
        device->netdev = (struct netdev){.kernel = &bench.base.kernel, .receive = &device->handler};
        napi_init(&device->napi, &ops, device, bench.base.cpu, &device->netdev);
    }
    bench.taken = 0;
    bench.take = TAKE;
}

static void run(sim_time until)
{
    sim_run(bench.base.sim, until);
}

static void destroy(void)
{
    kernel_bench_destroy(&bench.base);
}

/* The cycles of a poll that takes `packets`. */
static int64_t poll_cycles(int64_t packets)
{
    return system_bench_costs.softirq + CLEAN + packets * (TAKE + DELIVER);
}

static int64_t leave_cycles(void)
{
    return system_bench_costs.napi_complete + COMPLETE;
}

Test(napi, a_packet_takes_the_sum_of_its_parts)
{
    create(0);
    bench.device[0].waiting = 1;
    napi_schedule(&bench.device[0].napi);
    run(SIM_MS);
    cr_expect_eq(bench.base.path.total.delivered, 1);
    cr_expect_eq(bench.device[0].completed, (poll_cycles(1) + leave_cycles()) * CYCLE);
    cr_expect_eq(kernel_bench_cycles(&bench.base, CPU_SOFTIRQ_POLL),
                 system_bench_costs.softirq + system_bench_costs.napi_complete);
    destroy();
}

Test(napi, scheduling_twice_is_once)
{
    create(0);
    napi_schedule(&bench.device[0].napi);
    napi_schedule(&bench.device[0].napi);
    run(SIM_MS);
    cr_expect_eq(bench.device[0].cleans, 1);
    cr_expect_eq(bench.device[0].completes, 1);
    destroy();
}

/* 63 packets leave polling mode in their first poll, 64 use the budget up and are polled once more, in vain. */
Test(napi, a_budget_of_64_that_is_used_up_polls_again)
{
    for (unsigned packets = 63; packets <= 65; packets++) {
        create(0);
        bench.device[0].waiting = packets;
        napi_schedule(&bench.device[0].napi);
        run(SIM_MS);
        unsigned polls = packets < 64 ? 1 : 2;
        int64_t cycles = poll_cycles(packets) + (polls - 1) * poll_cycles(0) + leave_cycles();
        cr_expect_eq(bench.device[0].cleans, polls, "%u packets: %u polls", packets, bench.device[0].cleans);
        cr_expect_eq(bench.device[0].ends, polls);
        cr_expect_eq(bench.device[0].completes, 1);
        cr_expect_eq(bench.device[0].completed, cycles * CYCLE);
        destroy();
    }
}

Test(napi, instances_take_turns_of_a_budget_each)
{
    create(0);
    bench.device[0].waiting = 130;
    bench.device[1].waiting = 70;
    napi_schedule(&bench.device[0].napi);
    napi_schedule(&bench.device[1].napi);
    run(SIM_MS);
    cr_expect_eq(bench.taken, 200);
    for (size_t i = 0; i < 200; i++) {
        int expected = i < 64 ? 0 : i < 128 ? 1 : i < 192 ? 0 : i < 198 ? 1 : 0;
        cr_expect_eq(bench.order[i], expected, "packet %zu is of device %d", i, bench.order[i]);
    }
    destroy();
}

Test(napi, what_slips_in_while_polling_ends_is_not_forgotten)
{
    create(0);
    bench.device[0].waiting = 3;
    bench.device[0].arrives_in_complete = 5;
    napi_schedule(&bench.device[0].napi);
    run(SIM_MS);
    cr_expect_eq(bench.base.path.total.delivered, 8);
    cr_expect_eq(bench.device[0].completes, 2);
    destroy();
}

/* ---- too long ---- */

static size_t first_of_ksoftirqd(void)
{
    for (size_t i = 0; i < bench.taken && i < ORDER_MAX; i++)
        if (bench.order[i] & 0x80)
            return i;
    return SIZE_MAX;
}

/* A round of net_rx_action() is over when 300 packets were taken: after five budgets, at 320. */
enum { ROUND = 320 };

/* Packets of 1500 cycles: the round during which 2 ms are over is the fifth, 5 x 320 x 1.5 us. */
Test(napi, a_softirq_gives_up_after_two_milliseconds)
{
    create(0);
    bench.device[0].waiting = 5000;
    napi_schedule(&bench.device[0].napi);
    run(20 * SIM_MS);
    cr_expect_eq(bench.taken, 5000);
    cr_expect_eq(first_of_ksoftirqd(), 5 * ROUND, "%zu", first_of_ksoftirqd());
    cr_expect_not(bench.base.cpu->deferred, "the thread is done");
    cr_expect_eq(kernel_bench_cycles(&bench.base, CPU_SCHED), system_bench_costs.wakeup,
                 "the softirq wakes it, nobody else runs before");
    destroy();
}

/* Packets of 510 cycles: ten rounds are over before 2 ms are. */
Test(napi, a_softirq_gives_up_after_ten_rounds)
{
    create(0);
    bench.take = 10;
    bench.device[0].waiting = 5000;
    napi_schedule(&bench.device[0].napi);
    run(20 * SIM_MS);
    cr_expect_eq(first_of_ksoftirqd(), 10 * ROUND, "%zu", first_of_ksoftirqd());
    destroy();
}

/* Two instances make no difference to that: the packets of both count. */
Test(napi, a_round_counts_the_packets_of_all_instances)
{
    create(0);
    bench.device[0].waiting = bench.device[1].waiting = 2500;
    napi_schedule(&bench.device[0].napi);
    napi_schedule(&bench.device[1].napi);
    run(20 * SIM_MS);
    cr_expect_eq(first_of_ksoftirqd(), 5 * ROUND, "%zu", first_of_ksoftirqd());
    destroy();
}

/* With a thread that waits for the cpu one round is enough. */
Test(napi, a_softirq_gives_up_after_a_round_if_a_thread_waits)
{
    struct bench_thread thread;
    create(0);
    bench_thread_init(&thread, &bench.base, 100, 1);
    bench.device[0].waiting = 5000;
    napi_schedule(&bench.device[0].napi);
    cpu_wake(&thread.ctx);
    run(20 * SIM_MS);
    cr_expect_eq(first_of_ksoftirqd(), ROUND);
    cr_expect_gt(thread.done, poll_cycles(64) * 5 * CYCLE);
    cr_expect_lt(thread.done, poll_cycles(64) * 5 * CYCLE + 2 * SIM_US, "the thread runs next");
    destroy();
}

/* At ten times what the core can take, a thread gets its share of the core: half of it. Slices alone would not do: a
 * round of ksoftirqd's is not interrupted by them, and what it has too much is counted against it. */
Test(napi, a_thread_is_not_starved_at_overload)
{
    struct bench_thread thread;
    create(SIM_MS);
    cpu_set_fair(bench.base.cpu->cpu, 1);
    bench_thread_init(&thread, &bench.base, 1000, 20000);
    bench.device[0].waiting = 1 << 30;
    napi_schedule(&bench.device[0].napi);
    cpu_wake(&thread.ctx);
    run(30 * SIM_MS);
    int64_t worked = kernel_bench_cycles(&bench.base, CPU_APP);
    cr_expect_gt(worked, 13 * 1000 * 1000, "%ld of 30 million cycles", (long)worked);
    cr_expect_lt(worked, 16 * 1000 * 1000, "%ld of 30 million cycles", (long)worked);
    cr_expect_geq(bench.taken, 9000, "and the packets get the rest");
    destroy();
}

/* While ksoftirqd has the list, what is scheduled joins it: the softirq does not run. */
Test(napi, scheduling_while_deferred_waits_for_the_thread)
{
    struct bench_thread thread;
    create(0);
    bench_thread_init(&thread, &bench.base, 3000000, 1); /* 3 ms, and no time slices */
    bench.device[0].waiting = 400;
    napi_schedule(&bench.device[0].napi);
    cpu_wake(&thread.ctx);
    run(SIM_MS); /* the round is over, the thread runs */
    cr_assert(bench.base.cpu->deferred);
    bench.device[1].waiting = 1;
    napi_schedule(&bench.device[1].napi);
    run(2 * SIM_MS);
    cr_expect_eq(bench.taken, ROUND);
    run(10 * SIM_MS);
    cr_expect_eq(bench.taken, 401);
    cr_expect_eq(bench.order[ROUND + 64], 0x81, "behind a budget of what was there");
    cr_expect_not(bench.base.cpu->deferred);
    destroy();
}

/* ---- the journey's stages ---- */

/* In memory at 100, interrupt at 250, softirq at 900, its turn at 1000 [ns]. */
Test(napi, waits_are_told_apart)
{
    for (int emulated = 0; emulated <= 1; emulated++) {
        create(0);
        struct device *device = &bench.device[0];
        struct packet *packet = path_packet(&bench.base.path, 60);
        device->netdev.emulated = emulated;
        run(1000 * SIM_NS);
        packet_mark(packet, STAGE_DMA_WRITE, 100 * SIM_NS);
        device->napi.started = 900 * SIM_NS;
        napi_mark_wait(&device->napi, packet, 250 * SIM_NS);
        cr_expect_eq(packet->stage[STAGE_MODERATION], 150 * SIM_NS);
        cr_expect_eq(packet->stage[emulated ? STAGE_INJECT : STAGE_INTERRUPT], 650 * SIM_NS);
        cr_expect_eq(packet->stage[STAGE_POLL_WAIT], 100 * SIM_NS);
        path_deliver(&bench.base.path, packet, 1000 * SIM_NS);
        destroy();
    }
}

/* What comes in while the ring is being polled waits for its turn alone. */
Test(napi, no_interrupt_is_waited_for_while_polling)
{
    create(0);
    struct packet *packet = path_packet(&bench.base.path, 60);
    run(1000 * SIM_NS);
    packet_mark(packet, STAGE_DMA_WRITE, 950 * SIM_NS);
    bench.device[0].napi.started = 900 * SIM_NS;
    napi_mark_wait(&bench.device[0].napi, packet, 250 * SIM_NS);
    cr_expect_eq(packet->stage[STAGE_MODERATION] + packet->stage[STAGE_INTERRUPT], 0);
    cr_expect_eq(packet->stage[STAGE_POLL_WAIT], 50 * SIM_NS);
    path_deliver(&bench.base.path, packet, 1000 * SIM_NS);
    destroy();
}
