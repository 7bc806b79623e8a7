/* The host's bridge and taps: what comes from the uplink, and what a backend sends to it. */
#include "models/backend/tap.h"
#include "models/guest/app.h"
#include "tests/unit/models/netdev_bench.h"

enum { LIMIT = 3, STATION = 5 };

static struct kernel_bench bench;
static struct bench_netdev uplink;
static struct bridge bridge;
static struct tap tap;
static unsigned readable_count;

static struct sleeper *readable(struct tap *which, void *self)
{
    cr_expect_eq(which, &tap);
    cr_expect_eq(self, &readable_count);
    readable_count++;
    return NULL;
}

static void create(unsigned room, uint32_t gso_max)
{
    kernel_bench_create(&bench, 0);
    bench_netdev_init(&uplink, &bench, room);
    uplink.netdev.gso_max = gso_max;
    bridge_init(&bridge, &bench.kernel, &uplink.netdev);
    tap_init(&tap, &bridge, STATION, 0, LIMIT);
    tap.readable = readable;
    tap.self = &readable_count;
}

static void destroy(void)
{
    bench_netdev_free(&uplink);
    kernel_bench_destroy(&bench);
}

static struct packet *make(uint16_t station, uint32_t length)
{
    struct packet *packet = path_packet(&bench.path, length);
    packet->station = station;
    return packet;
}

/* ---- from the uplink ---- */

static void forward(struct packet *packet)
{
    sleeper_wake_now(bridge.handler.commit(bridge.handler.self, packet));
}

Test(tap, tells_the_backend_of_the_first_packet_alone)
{
    create(0, 0);
    forward(make(STATION, 60));
    forward(make(STATION, 60));
    cr_expect_eq(readable_count, 1);
    struct packet *first = tap_receive(&tap), *second = tap_receive(&tap);
    cr_assert(first && second && first->id == 1 && second->id == 2);
    cr_expect_null(tap_receive(&tap));
    forward(make(STATION, 60));
    cr_expect_eq(readable_count, 2, "it was empty again");
    path_deliver(&bench.path, first, first->last);
    path_deliver(&bench.path, second, second->last);
    destroy();
}

Test(tap, the_wait_in_the_queue_is_a_stage)
{
    create(0, 0);
    forward(make(STATION, 60));
    sim_run(bench.sim, 12345);
    struct packet *packet = tap_receive(&tap);
    cr_expect_eq(packet->stage[STAGE_TAP_WAIT], 12345);
    path_deliver(&bench.path, packet, 12345);
    destroy();
}

Test(tap, one_more_than_it_queues_is_lost)
{
    create(0, 0);
    for (int i = 0; i < LIMIT; i++)
        forward(make(STATION, 60));
    cr_expect_eq(bench.path.total.dropped[DROP_TAP_FULL], 0);
    forward(make(STATION, 60));
    cr_expect_eq(bench.path.total.dropped[DROP_TAP_FULL], 1);
    cr_expect_eq(tap.queue.count, LIMIT);
    destroy();
}

/* A station without a tap is the host itself. */
Test(tap, the_host_s_own_packets_are_delivered_locally)
{
    struct app app;
    create(0, 0);
    app_init(&app, bench.cpu, &uplink.netdev, 0, 1, 1);
    bench.path.receiver = &app.socket;
    struct packet *own = make(0, 60), *other = make(STATION, 60);
    cr_expect(bridge.handler.local(bridge.handler.self, own));
    cr_expect_not(bridge.handler.local(bridge.handler.self, other));
    forward(own);
    forward(other);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 1);
    cr_expect_eq(tap.queue.count, 1);
    destroy();
}

/* ---- to the uplink ---- */

/* A backend that sends `send_left` packets of `send_length` and notes when each send is over. */
static struct cpu_context backend;
static unsigned send_left;
static uint32_t send_length, send_gso;
static uint16_t send_segments;
static bool send_more;
static sim_time over;

static void send_next(struct cpu_context *ctx, void *self)
{
    over = sim_now(bench.sim);
    if (send_left == 0) {
        cpu_block(ctx, send_next, self);
        return;
    }
    send_left--;
    struct packet *packet = make(STATION, send_length);
    packet->gso_size = send_gso;
    packet->segments = send_segments;
    cpu_push(ctx, send_next, self);
    tap_send(&tap, ctx, packet, send_more && send_left > 0);
}

static void start_backend(unsigned count, uint32_t length, uint32_t gso_size, uint16_t segments)
{
    send_left = count;
    send_length = length;
    send_gso = gso_size;
    send_segments = segments;
    cpu_context_init(&backend, bench.core, "backend", CPU_TASK, send_next, NULL);
    cpu_wake(&backend);
}

static const struct costs *const costs = &system_bench_costs;

static int64_t send_cycles(void)
{
    return costs->tap_send + costs->bridge + NETDEV_PREPARE;
}

Test(tap, sending_takes_the_sum_of_its_parts)
{
    create(8, 0);
    start_backend(1, 1000, 0, 1);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(uplink.count, 1);
    cr_expect_eq(uplink.notes[0].when, send_cycles() * CYCLE);
    cr_expect_eq(uplink.stage[STAGE_HOST_SEND], send_cycles() * CYCLE);
    cr_expect_eq(over, send_cycles() * CYCLE);
    destroy();
}

Test(tap, hands_on_whether_more_follows)
{
    create(8, 0);
    send_more = true;
    start_backend(3, 1000, 0, 1);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(uplink.count, 3);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(uplink.notes[i].more, i < 2);
    destroy();
}

static void reclaim(struct sim *sim, struct sim_event *event)
{
    (void)sim, (void)event;
    bench_netdev_reclaim(&uplink, 1);
}

/* A full uplink does not keep the backend from its other work: packets wait in the uplink's queue, and their wait is a
 * stage of its own. */
Test(tap, a_full_uplink_does_not_block_the_sender)
{
    create(0, 0);
    start_backend(2, 1000, 0, 1);
    kernel_bench_at(&bench, 30 * SIM_US + 7, reclaim);
    kernel_bench_at(&bench, 60 * SIM_US, reclaim);
    sim_run(bench.sim, 30 * SIM_US);
    int64_t sent = costs->tap_send + costs->bridge;
    cr_expect_eq(over, 2 * sent * CYCLE, "the backend has gone on");
    cr_expect_eq(uplink.count, 0);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_DRIVER), 0);
    sim_run(bench.sim, 50 * SIM_US);
    cr_assert_eq(uplink.count, 1);
    cr_expect_eq(uplink.notes[0].when, 30 * SIM_US + 7 + (costs->softirq + NETDEV_PREPARE) * CYCLE);
    cr_expect_eq(uplink.stage[STAGE_HOST_QUEUE], 30 * SIM_US + 7 + (costs->softirq - sent) * CYCLE);
    cr_expect_eq(uplink.stage[STAGE_HOST_SEND], (sent + NETDEV_PREPARE) * CYCLE);
    cr_expect_eq(uplink.stage[STAGE_RING_WAIT], 0);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(uplink.count, 2);
    cr_expect_eq(uplink.notes[1].when, 60 * SIM_US + (costs->softirq + NETDEV_PREPARE) * CYCLE);
    cr_expect_eq(kernel_bench_cycles(&bench, CPU_BRIDGE), 2 * sent, "once each");
    destroy();
}

Test(tap, what_the_uplink_s_queue_does_not_hold_is_lost)
{
    create(0, 0);
    uplink.netdev.transmit[0].limit = 3;
    start_backend(5, 1000, 0, 1);
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(bench.path.total.dropped[DROP_HOST_TX_FULL], 2);
    bench_netdev_reclaim(&uplink, 8);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_assert_eq(uplink.count, 3);
    for (uint64_t i = 0; i < 3; i++)
        cr_expect_eq(uplink.notes[i].id, i + 1, "the first ones were kept");
    destroy();
}

/* ---- segmentation ---- */

enum { MSS = 1460, PAYLOAD = 5 * MSS + 100, LARGE = FRAME_HEADERS + PAYLOAD, FRAMES = 6 };

/* An uplink that takes just as much leaves the packet whole, a byte less and it is cut. */
Test(tap, a_large_packet_is_cut_if_the_uplink_does_not_take_it)
{
    for (uint32_t gso_max = LARGE - 1; gso_max <= LARGE; gso_max++) {
        create(16, gso_max);
        start_backend(1, LARGE, MSS, FRAMES);
        sim_run(bench.sim, SIM_MS);
        bool cut = gso_max < LARGE;
        cr_assert_eq(uplink.count, cut ? FRAMES : 1);
        cr_expect_eq(kernel_bench_cycles(&bench, CPU_STACK), cut ? FRAMES * costs->gso_segment : 0);
        cr_expect_eq(kernel_bench_cycles(&bench, CPU_DRIVER), (cut ? FRAMES : 1) * NETDEV_PREPARE);
        cr_expect_eq(bench.path.total.delivered, 1);
        cr_expect_eq(bench.path.total.delivered_frames, FRAMES);
        cr_expect_eq(bench.path.total.delivered_bytes, PAYLOAD + FRAMES * (FRAME_HEADERS + FRAME_FCS));
        destroy();
    }
}

Test(tap, frames_of_a_cut_packet_go_as_one_burst)
{
    create(16, 0);
    start_backend(1, LARGE, MSS, FRAMES);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(uplink.count, FRAMES);
    for (int i = 0; i < FRAMES; i++) {
        bool last = i == FRAMES - 1;
        cr_expect_eq(uplink.notes[i].more, !last);
        cr_expect_eq(uplink.notes[i].fragment, !last, "the packet itself comes last");
        cr_expect_eq(uplink.notes[i].length, FRAME_HEADERS + (last ? 100 : MSS));
    }
    cr_expect_eq(bench.path.fragments, 0);
    destroy();
}

Test(tap, an_uplink_that_fills_up_in_the_middle_loses_nothing)
{
    create(2, 0);
    start_backend(2, LARGE, MSS, FRAMES);
    for (int i = 1; i <= 2 * FRAMES; i++)
        kernel_bench_at(&bench, i * 20 * SIM_US, reclaim);
    sim_run(bench.sim, 45 * SIM_US);
    cr_expect_eq(uplink.count, 4, "%zu", uplink.count);
    cr_expect_eq(bench.path.fragments, 0, "what does not fit is yet to be cut off");
    sim_run(bench.sim, SIM_MS);
    cr_expect_eq(uplink.count, 2 * FRAMES);
    cr_expect_eq(bench.path.total.delivered, 2);
    cr_expect_eq(bench.path.total.delivered_bytes, 2 * (PAYLOAD + FRAMES * (FRAME_HEADERS + FRAME_FCS)));
    destroy();
}

/* The last frame may be shorter than Ethernet's least, which the wire pads. */
Test(tap, a_short_rest_is_a_frame)
{
    create(16, 0);
    start_backend(1, FRAME_HEADERS + MSS + 1, MSS, 2);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(uplink.count, 2);
    cr_expect_eq(uplink.notes[1].length, FRAME_HEADERS + 1);
    cr_expect_eq(bench.path.total.delivered_bytes, FRAME_HEADERS + MSS + FRAME_MIN + 2 * FRAME_FCS);
    destroy();
}
