#include <criterion/criterion.h>
#include <signal.h>

#include "models/nic/wire.h"
#include "models/traffic/path.h"
#include "sim/pool.h"

#define GBPS INT64_C(1000000000)

enum { LOG_MAX = 64 };

/* A far end that notes what it hears. */
struct listener {
    struct wire_end end;
    unsigned count;
    sim_time heard[LOG_MAX];
    uint64_t id[LOG_MAX];
};

static struct sim *sim;
static struct sim_pool *packets;
static struct path path;

static void hear(struct wire_end *end, struct packet *packet)
{
    struct listener *listener = SIM_CONTAINER_OF(end, struct listener, end);
    listener->heard[listener->count] = sim_now(sim);
    listener->id[listener->count++] = packet->id;
    path_deliver(packet->path, packet, packet->last);
}

static struct listener far = {.end = {.receive = hear}};
static struct listener near = {.end = {.receive = hear}};

static struct wire *start(int64_t bit_rate, sim_time propagation)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
    packets = sim_pool_create(sizeof(struct packet), 16);
    path_init(&path, sim, "path", packets);
    struct wire *wire = wire_create(sim, "wire", bit_rate, propagation);
    wire_attach(wire, 0, &near.end);
    wire_attach(wire, 1, &far.end);
    return wire;
}

static void stop(struct wire *wire)
{
    wire_destroy(wire);
    path_destroy(&path);
    sim_pool_destroy(packets);
    sim_destroy(sim);
}

Test(wire, a_frame_takes_its_bytes_preamble_and_gap)
{
    cr_expect_eq(wire_frame_time(10 * GBPS, 60), 84 * 800);
    cr_expect_eq(wire_frame_time(10 * GBPS, 1514), 1538 * 800);
    cr_expect_eq(wire_frame_time(10 * GBPS, 20), 84 * 800, "padded to the minimum");
    cr_expect_eq(wire_frame_time(GBPS, 60), 672 * SIM_NS);
    cr_expect_eq(wire_frame_time(3 * GBPS, 60), 224000);
    cr_expect_eq(wire_frame_time(3 * GBPS, 61), 226667, "rounded up");
}

Test(wire, the_last_bit_leaves_before_the_gap_and_arrives_after_the_propagation)
{
    struct wire *wire = start(10 * GBPS, 5 * SIM_NS);
    sim_run(sim, 1000);
    struct packet *packet = path_packet(&path, 64);
    sim_time sent = wire_send(wire, 0, packet);
    cr_expect_eq(sent, 1000 + 76 * 800);
    cr_expect_eq(packet->stage[STAGE_WIRE_WAIT], 0);
    cr_expect_eq(packet->stage[STAGE_WIRE], 76 * 800);
    cr_expect_eq(wire_free_at(wire, 0), 1000 + 88 * 800);
    sim_run(sim, sent + 5 * SIM_NS - 1);
    cr_expect_eq(far.count, 0, "not a picosecond before");
    sim_run(sim, sent + 5 * SIM_NS);
    cr_expect_eq(far.count, 1);
    cr_expect_eq(wire_busy_time(wire, 0), 66800 - 1000, "what is still to be sent does not count");
    sim_run(sim, SIM_US);
    cr_expect_eq(wire_busy_time(wire, 0), 88 * 800);
    stop(wire);
}

Test(wire, frames_follow_each_other_at_the_line_rate)
{
    enum { FRAMES = 20 };
    struct wire *wire = start(10 * GBPS, 0);
    for (unsigned i = 0; i < FRAMES; i++)
        wire_send(wire, 0, path_packet(&path, 60));
    cr_expect_eq(wire_free_at(wire, 0), FRAMES * wire_frame_time(10 * GBPS, 60));
    sim_run(sim, SIM_MS);
    cr_expect_eq(far.count, FRAMES);
    for (unsigned i = 0; i < FRAMES; i++) {
        cr_expect_eq(far.id[i], i + 1);
        cr_expect_eq(far.heard[i], i * 84 * 800 + 72 * 800);
    }
    cr_expect_eq(path.total.stage_time[STAGE_WIRE], FRAMES * 72 * 800);
    cr_expect_eq(path.total.stage_time[STAGE_WIRE_WAIT], FRAMES * (FRAMES - 1) / 2 * 84 * 800);
    cr_expect_eq(sim_event_count(sim), FRAMES, "one event a frame");
    stop(wire);
}

Test(wire, a_rate_that_is_no_whole_number_of_ps_loses_nothing)
{
    enum { FRAMES = 30 };
    struct wire *wire = start(7 * GBPS, 0);
    for (unsigned i = 0; i < FRAMES; i++)
        wire_send(wire, 0, path_packet(&path, 61));
    cr_expect_eq(wire_free_at(wire, 0), FRAMES * INT64_C(85) * 8000 / 7);
    sim_run(sim, SIM_MS);
    for (unsigned i = 0; i < FRAMES; i++)
        cr_expect_eq(far.heard[i], (i * INT64_C(85) + 73) * 8000 / 7);
    cr_expect_eq(wire_busy_time(wire, 0), wire_free_at(wire, 0));
    stop(wire);
}

Test(wire, a_segmented_packet_arrives_with_its_last_frame)
{
    struct wire *wire = start(10 * GBPS, 0);
    struct packet *packet = path_packet(&path, FRAME_HEADERS + 2 * 1460 + 3);
    packet->gso_size = 1460;
    cr_expect_eq(wire_frames(packet), 3);
    cr_expect_eq(wire_bytes(packet), 2 * 1518 + 64, "the last one is padded");
    int64_t bytes = 2 * 1538 + 84;
    cr_expect_eq(wire_time(wire, packet->length, packet->gso_size), bytes * 800);
    cr_expect_eq(wire_send(wire, 0, packet), (bytes - FRAME_GAP) * 800);
    cr_expect_eq(wire_free_at(wire, 0), bytes * 800);
    sim_run(sim, SIM_MS);
    cr_expect_eq(far.count, 1);
    cr_expect_eq(path.total.delivered_frames, 3);
    stop(wire);
}

Test(wire, segments_that_fill_the_packet_exactly)
{
    struct packet packet = {.length = FRAME_HEADERS + 2 * 1000, .gso_size = 1000};
    cr_expect_eq(wire_frames(&packet), 2);
    packet.length++;
    cr_expect_eq(wire_frames(&packet), 3);
    packet.length = FRAME_HEADERS + 1000;
    cr_expect_eq(wire_frames(&packet), 1);
}

Test(wire, directions_do_not_meet)
{
    struct wire *wire = start(10 * GBPS, 100);
    wire_send(wire, 0, path_packet(&path, 1514));
    wire_send(wire, 1, path_packet(&path, 60));
    sim_run(sim, SIM_MS);
    cr_expect_eq(near.heard[0], 72 * 800 + 100);
    cr_expect_eq(far.heard[0], 1526 * 800 + 100);
    cr_expect_eq(wire_busy_time(wire, 1), 84 * 800);
    stop(wire);
}

Test(wire, a_frame_that_is_ready_later_leaves_later)
{
    struct wire *wire = start(10 * GBPS, 0);
    struct packet *packet = path_packet(&path, 60);
    packet_mark(packet, STAGE_NIC_TX, 12345);
    cr_expect_eq(wire_send_at(wire, 0, packet, 12345), 12345 + 72 * 800);
    cr_expect_eq(packet->stage[STAGE_WIRE_WAIT], 0);
    stop(wire);
}

Test(wire, an_ends_own_latency_delays_its_call)
{
    struct wire *wire = start(10 * GBPS, 100);
    wire_set_latency(wire, 1, 400);
    wire_send(wire, 0, path_packet(&path, 60));
    wire_send(wire, 1, path_packet(&path, 60));
    sim_run(sim, SIM_MS);
    cr_expect_eq(far.heard[0], 72 * 800 + 500);
    cr_expect_eq(near.heard[0], 72 * 800 + 100);
    stop(wire);
}

Test(wire, frames_ready_out_of_order_trip, .signal = SIGABRT)
{
    struct wire *wire = start(10 * GBPS, 0);
    struct packet *late = path_packet(&path, 60);
    packet_mark(late, STAGE_NIC_TX, 100);
    wire_send_at(wire, 0, late, 100);
    wire_send(wire, 0, path_packet(&path, 60));
}
