/* The application's thread: sending at the source's times, bursts, a full send buffer, the backlog; receiving; its timer. */
#include "models/guest/app.h"
#include "tests/unit/models/netdev_bench.h"

static struct kernel_bench bench;
static struct bench_netdev device;
static struct app app;

enum { BACKLOG = 4, SOCKET = 3, LENGTH = 1000 };

static void create(unsigned room)
{
    kernel_bench_create(&bench, 0);
    bench_netdev_init(&device, &bench, room);
    app_init(&app, bench.cpu, &device.netdev, 0, BACKLOG, SOCKET);
    bench.path.receiver = &app.socket;
}

static void destroy(void)
{
    bench_netdev_free(&device);
    kernel_bench_destroy(&bench);
}

static void submit(bool more)
{
    struct packet *packet = path_packet(&bench.path, LENGTH);
    packet->more = more;
    app_submit(&app, packet);
}

static const struct costs *const costs = &system_bench_costs;

/* From the timer's expiry to the thread's first cycle, with a thread switched to or not. */
static int64_t wake_cycles(void)
{
    return costs->irq_entry + costs->wakeup + costs->eoi + costs->irq_exit;
}

static int64_t send_cycles(bool first)
{
    return costs->app + (first ? costs->syscall : 0) + costs->socket_send + LENGTH / 4 + costs->stack_send +
           NETDEV_PREPARE;
}

static int64_t receive_cycles(void)
{
    return costs->syscall + costs->socket_receive + LENGTH / 4 + costs->app;
}

/* ---- sending ---- */

Test(app, a_packet_takes_the_sum_of_its_parts)
{
    create(8);
    submit(false);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, 1);
    cr_expect_eq(device.notes[0].when, (wake_cycles() + send_cycles(true)) * CYCLE);
    cr_expect_eq(device.stage[STAGE_SOURCE_WAIT], wake_cycles() * CYCLE);
    cr_expect_eq(device.stage[STAGE_SEND], send_cycles(true) * CYCLE);
    cr_expect_eq(device.stage[STAGE_RING_WAIT], 0);
    destroy();
}

/* What is handed over at once is one system call, and the driver is told that more follows, but for the last. */
Test(app, a_burst_is_one_system_call)
{
    create(8);
    for (int i = 0; i < 4; i++)
        submit(i < 3);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, 4);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(device.notes[i].more, i < 3);
    cr_expect_eq(device.notes[3].when, (wake_cycles() + send_cycles(true) + 3 * send_cycles(false)) * CYCLE);
    destroy();
}

/* A burst is one system call: it is taken whole if its first packet finds room, or lost whole. */
Test(app, a_burst_is_taken_whole_or_lost_whole)
{
    create(0);
    for (int i = 0; i < BACKLOG - 1; i++)
        submit(false);
    for (int i = 0; i < 3; i++)
        submit(i < 2);
    cr_expect_eq(bench.path.total.dropped[DROP_SOURCE_OVERRUN], 0);
    for (int i = 0; i < 3; i++)
        submit(i < 2);
    cr_expect_eq(bench.path.total.dropped[DROP_SOURCE_OVERRUN], 3);
    bench_netdev_reclaim(&device, 100);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, BACKLOG + 2);
    for (int i = 0; i < BACKLOG + 2; i++)
        cr_expect_eq(device.notes[i].more, i == BACKLOG - 1 || i == BACKLOG, "packet %d", i);
    destroy();
}

Test(app, one_more_than_the_backlog_is_lost)
{
    create(0);
    for (int i = 0; i < BACKLOG; i++)
        submit(false);
    cr_expect_eq(bench.path.total.dropped[DROP_SOURCE_OVERRUN], 0);
    submit(false);
    cr_expect_eq(bench.path.total.dropped[DROP_SOURCE_OVERRUN], 1);
    bench_netdev_reclaim(&device, 100);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, BACKLOG);
    destroy();
}

/* ---- the send buffer ---- */

static void free_one(struct sim *sim, struct sim_event *event)
{
    (void)sim, (void)event;
    bench_netdev_free_sent(&device, 1);
}

static void create_holding(int64_t packets)
{
    create(8);
    device.holds = true;
    app_set_send_buffer(&app, packets * send_buffer_size(LENGTH));
}

/* What a frame takes up: 256 B for itself, and a power of two that holds it with 31 and 320 B more. */
Test(app, a_packet_s_size_in_the_send_buffer)
{
    cr_expect_eq(send_buffer_size(60), 256 + 512);
    cr_expect_eq(send_buffer_size(14 + 161), 256 + 512, "192 B and 320 B fill half a KiB");
    cr_expect_eq(send_buffer_size(14 + 162), 256 + 1024);
    cr_expect_eq(send_buffer_size(1514), 256 + 2048);
    cr_expect_eq(send_buffer_size(64054), 256 + 1024 + 16 * 4096);
}

/* The thread sleeps while its buffer is full, and is woken, to the picosecond, when less than half of it is used. */
Test(app, a_full_send_buffer_blocks_the_thread_until_half_is_free)
{
    create_holding(4);
    for (int i = 0; i < 4; i++)
        submit(false);
    sim_run(bench.sim, 10 * SIM_US);
    submit(false);
    kernel_bench_at(&bench, 20 * SIM_US, free_one);
    kernel_bench_at(&bench, 30 * SIM_US, free_one);
    kernel_bench_at(&bench, 50 * SIM_US + 1, free_one);
    sim_run(bench.sim, 50 * SIM_US);
    cr_expect_eq(device.count, 4);
    cr_expect(cpu_is_idle(bench.core), "it does not spin");
    cr_expect_eq(app.buffer.used, 2 * send_buffer_size(LENGTH));
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, 5);
    cr_expect_eq(device.notes[4].when, 50 * SIM_US + 1 + (costs->wakeup + send_cycles(true)) * CYCLE);
    cr_expect_eq(device.stage[STAGE_RING_WAIT], 40 * SIM_US + 1 + (costs->wakeup - wake_cycles()) * CYCLE);
    destroy();
}

/* One wake-up, however much is freed at once; none for one that does not sleep. */
Test(app, a_wake_up_is_paid_once)
{
    create_holding(4);
    for (int i = 0; i < 4; i++)
        submit(false);
    sim_run(bench.sim, 10 * SIM_US);
    submit(false);
    sim_run(bench.sim, 20 * SIM_US);
    cr_assert(app.buffer.waiting);
    int64_t before = kernel_bench_cycles(&bench, CPU_SCHED);
    bench_netdev_free_sent(&device, 4);
    sim_run(bench.sim, 30 * SIM_US);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SCHED) - before, costs->wakeup);
    cr_expect_eq(device.count, 5);
    bench_netdev_free_sent(&device, 1);
    sim_run(bench.sim, 40 * SIM_US);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SCHED) - before, costs->wakeup);
    cr_expect_eq(app.buffer.used, 0);
    destroy();
}

/* The doorbell of a packet that fills the buffer is not left to one that cannot come. */
Test(app, a_burst_that_fills_the_buffer_rings)
{
    create_holding(2);
    for (int i = 0; i < 3; i++)
        submit(i < 2);
    sim_run(bench.sim, 10 * SIM_US);
    cr_assert_eq(device.count, 2);
    cr_expect(device.notes[0].more);
    cr_expect_not(device.notes[1].more);
    bench_netdev_free_sent(&device, 2);
    sim_run(bench.sim, 20 * SIM_US);
    cr_expect_eq(device.count, 3);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SYSCALL), costs->syscall + 3 * costs->socket_send,
                 "one system call, though it slept in it");
    destroy();
}

/* ---- waiting for a device ---- */

static unsigned woken[8], woken_count;

struct waiter {
    struct send_waiter base;
    unsigned number;
};

static void note_wake(struct send_waiter *waiter)
{
    woken[woken_count++] = SIM_CONTAINER_OF(waiter, struct waiter, base)->number;
}

Test(app, waiters_are_woken_once_in_their_order)
{
    struct waiter waiters[3];
    create(0);
    for (unsigned i = 0; i < 3; i++)
        waiters[i] = (struct waiter){.base = {.wake = note_wake}, .number = i};
    netdev_wait(&device.netdev, &waiters[1].base);
    netdev_wait(&device.netdev, &waiters[0].base);
    netdev_wait(&device.netdev, &waiters[1].base); /* waits already */
    netdev_wait(&device.netdev, &waiters[2].base);
    netdev_wake(&device.netdev);
    netdev_wake(&device.netdev);
    cr_assert_eq(woken_count, 3);
    cr_expect_eq(woken[0], 1);
    cr_expect_eq(woken[1], 0);
    cr_expect_eq(woken[2], 2);
    destroy();
}

/* ---- receiving ---- */

/* As the driver's poll does: prepare, and commit when the segment has run, here at once. */
static void deliver(void)
{
    sleeper_wake_now(kernel_local_delivery.commit(NULL, path_packet(&bench.path, LENGTH)));
}

Test(app, receiving_takes_the_sum_of_its_parts)
{
    create(0);
    deliver();
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 1);
    cr_expect_eq(bench.path.total.stage_time[STAGE_SOCKET_WAIT], 0, "woken without an interrupt of its own");
    cr_expect_eq(bench.path.total.stage_time[STAGE_APP], receive_cycles() * CYCLE);
    destroy();
}

Test(app, packets_wait_in_the_socket_for_each_other)
{
    create(0);
    for (int i = 0; i < SOCKET; i++)
        deliver();
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, SOCKET);
    cr_expect_eq(bench.path.total.stage_time[STAGE_SOCKET_WAIT], (0 + 1 + 2) * receive_cycles() * CYCLE);
    destroy();
}

Test(app, one_more_than_the_socket_holds_is_lost)
{
    create(0);
    for (int i = 0; i < SOCKET + 1; i++)
        deliver();
    cr_expect_eq(bench.path.total.dropped[DROP_SOCKET_FULL], 1);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, SOCKET);
    destroy();
}

/* A softirq that delivers two packets in a row. */
static struct cpu_context softirq;
static struct packet *delivering;
static unsigned left = 2;

static void deliver_next(struct cpu_context *ctx, void *self)
{
    if (delivering) {
        struct packet *packet = delivering;
        delivering = NULL;
        cpu_push(ctx, deliver_next, self);
        sleeper_wake(ctx, kernel_local_delivery.commit(NULL, packet), costs->wakeup);
        return;
    }
    if (left == 0) {
        cpu_block(ctx, deliver_next, self);
        return;
    }
    left--;
    delivering = path_packet(&bench.path, LENGTH);
    kernel_local_delivery.prepare(NULL, ctx, delivering);
    cpu_run(ctx, deliver_next, self);
}

/* The wake-up is paid by the packet that finds the socket empty. */
Test(app, only_an_empty_socket_costs_a_wake_up)
{
    create(0);
    cpu_context_init(&softirq, bench.core, "softirq", CPU_SOFTIRQ, deliver_next, NULL);
    cpu_wake(&softirq);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 2);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_STACK), 2 * costs->stack_receive);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SCHED), costs->wakeup);
    destroy();
}

Test(app, received_packets_come_before_those_to_be_sent)
{
    create(8);
    submit(false);
    deliver();
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(device.count, 1);
    cr_expect_geq(device.notes[0].when, (receive_cycles() + send_cycles(true)) * CYCLE);
    cr_expect_eq(bench.path.total.delivered, 2);
    destroy();
}

/* A thread blocked on its send buffer reads its socket all the same, and goes on waiting. */
Test(app, a_blocked_sender_receives)
{
    create_holding(1);
    submit(false);
    submit(false);
    sim_run(bench.sim, 10 * SIM_US);
    deliver();
    sim_run(bench.sim, 20 * SIM_US);
    cr_expect_eq(bench.path.total.delivered, 2);
    cr_expect_eq(device.count, 1);
    bench_netdev_free_sent(&device, 1);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(device.count, 2);
    destroy();
}

/* ---- timers ---- */

static unsigned order[4], order_count;

static void sleeper_ran(struct cpu_context *ctx, void *self)
{
    order[order_count++] = *(unsigned *)self;
    cpu_block(ctx, sleeper_ran, self);
}

/* Sleeps that end together: one interrupt, one wake-up each, in the order in which they ended. */
Test(app, timers_wake_in_order_and_each_costs)
{
    struct cpu_context sleepers[3];
    struct kernel_timer timers[3];
    unsigned numbers[3] = {0, 1, 2};
    create(0);
    for (unsigned i = 0; i < 3; i++) {
        cpu_context_init(&sleepers[i], bench.core, "sleeper", CPU_TASK, sleeper_ran, &numbers[i]);
        kernel_timer_init(&timers[i], bench.cpu, &sleepers[i]);
    }
    kernel_timer_expire(&timers[2]);
    kernel_timer_expire(&timers[0]);
    kernel_timer_expire(&timers[1]);
    kernel_timer_expire(&timers[2]); /* is over already */
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(order_count, 3);
    cr_expect_eq(order[0], 2);
    cr_expect_eq(order[1], 0);
    cr_expect_eq(order[2], 1);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_SCHED), 3 * costs->wakeup + 2 * costs->context_switch);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_IRQ), costs->irq_entry + costs->eoi + costs->irq_exit);
    destroy();
}
