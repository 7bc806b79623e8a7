#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "models/traffic/path.h"
#include "sim/pool.h"

static struct sim *sim;
static struct sim_pool *packets;
static struct path path;

static void set_up(void)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
    packets = sim_pool_create(sizeof(struct packet), 16);
    path_init(&path, sim, "vm0.tx", packets);
}

static void tear_down(void)
{
    path_destroy(&path);
    sim_pool_destroy(packets);
    sim_destroy(sim);
}

TestSuite(path, .init = set_up, .fini = tear_down);

/* Delivers a packet whose latency is `send` + `wire` [ps]. */
static void deliver(struct packet *packet, sim_time send, sim_time wire)
{
    packet_mark(packet, STAGE_SEND, packet->last + send);
    packet_mark(packet, STAGE_WIRE, packet->last + wire);
    path_deliver(&path, packet, packet->last);
}

static bool all_hold(void)
{
    const struct path *one = &path;
    return paths_check(&one, 1);
}

Test(path, every_stage_and_cause_has_a_name_of_its_own)
{
    for (int i = 0; i < STAGES; i++) {
        cr_assert_not_null(stage_name(i), "stage %d", i);
        cr_assert_not_null(stage_help(i), "stage %d", i);
        for (int k = 0; k < i; k++)
            cr_assert_str_neq(stage_name(i), stage_name(k));
    }
    for (int i = 0; i < DROP_CAUSES; i++) {
        cr_assert_not_null(drop_cause_name(i), "cause %d", i);
        for (int k = 0; k < i; k++)
            cr_assert_str_neq(drop_cause_name(i), drop_cause_name(k));
    }
    cr_expect_str_eq(stage_name(STAGE_DESCRIPTOR_FETCH), "descriptor_fetch");
    cr_expect_str_eq(drop_cause_name(DROP_RX_NO_DESCRIPTOR), "rx_no_descriptor");
}

Test(path, a_packet_is_born_at_its_time_and_in_order)
{
    sim_run(sim, 500);
    struct packet *first = path_packet(&path, 64);
    struct packet *second = path_packet(&path, 1514);
    cr_expect_eq(first->id, 1);
    cr_expect_eq(second->id, 2);
    cr_expect_eq(first->start, 500);
    cr_expect_eq(first->last, 500);
    cr_expect_eq(second->length, 1514);
    cr_expect_eq(second->segments, 1);
    cr_expect_eq(path_in_flight(&path), 2);
    cr_expect(all_hold());
}

Test(path, deliveries_add_up)
{
    deliver(path_packet(&path, 60), 100, 7);
    deliver(path_packet(&path, 1514), 300, 11);
    const struct path_counters *total = &path.total;
    cr_expect_eq(total->offered, 2);
    cr_expect_eq(total->delivered, 2);
    cr_expect_eq(total->delivered_frames, 2);
    cr_expect_eq(total->delivered_bytes, 64 + 1518);
    cr_expect_eq(total->latency_time, 107 + 311);
    cr_expect_eq(total->stage_time[STAGE_SEND], 400);
    cr_expect_eq(total->stage_time[STAGE_WIRE], 18);
    cr_expect_eq(path.latency.max, 311);
    cr_expect_eq(path_in_flight(&path), 0);
    cr_expect(all_hold());
}

Test(path, a_segmented_packet_counts_as_its_frames)
{
    struct packet *packet = path_packet(&path, FRAME_HEADERS + 3 * 1460);
    packet->gso_size = 1460;
    deliver(packet, 1, 1);
    cr_expect_eq(path.total.delivered_frames, 3);
    cr_expect_eq(path.total.delivered_bytes, 3 * 1518);
}

Test(path, drops_count_by_cause_and_leave_no_latency)
{
    path_drop(&path, path_packet(&path, 60), DROP_TAP_FULL);
    path_drop(&path, path_packet(&path, 60), DROP_TAP_FULL);
    path_drop(&path, path_packet(&path, 60), DROP_RX_FIFO_FULL);
    cr_expect_eq(path.total.dropped[DROP_TAP_FULL], 2);
    cr_expect_eq(path.total.dropped[DROP_RX_FIFO_FULL], 1);
    cr_expect_eq(path.total.latency_time, 0);
    cr_expect_eq(path.latency.count, 0);
    cr_expect_eq(path_in_flight(&path), 0);
    cr_expect(all_hold());
}

static int ended_count;
static bool ended_delivered;
static uint64_t ended_id;

static void note_end(struct path *from, struct packet *packet, bool delivered, void *self)
{
    cr_expect_eq(from, self);
    ended_count++;
    ended_delivered = delivered;
    ended_id = packet->id;
}

Test(path, the_source_hears_of_each_end)
{
    path.ended = note_end;
    path.ended_self = &path;
    deliver(path_packet(&path, 60), 1, 1);
    cr_expect(ended_count == 1 && ended_delivered && ended_id == 1);
    path_drop(&path, path_packet(&path, 60), DROP_SOCKET_FULL);
    cr_expect(ended_count == 2 && !ended_delivered && ended_id == 2);
}

Test(path, outcome_and_time_are_in_the_fingerprint)
{
    uint64_t before = sim_fingerprint(sim);
    deliver(path_packet(&path, 60), 10, 1);
    uint64_t delivered = sim_fingerprint(sim);
    cr_expect_neq(delivered, before);
    path_drop(&path, path_packet(&path, 60), DROP_SOCKET_FULL);
    cr_expect_neq(sim_fingerprint(sim), delivered);
}

Test(path, fragments_count_their_bytes_and_the_rest_carries_the_journey)
{
    struct packet *packet = path_packet(&path, FRAME_HEADERS + 2 * 1000);
    packet->gso_size = 1000;
    struct packet *first = path_fragment(packet, FRAME_HEADERS + 1000);
    packet->length = FRAME_HEADERS + 1000;
    packet->gso_size = 0;
    cr_expect(all_hold());
    path_deliver(&path, first, first->last);
    cr_expect_eq(path.total.delivered, 0);
    cr_expect_eq(path.total.delivered_frames, 1);
    deliver(packet, 10, 1);
    cr_expect_eq(path.total.delivered, 1);
    cr_expect_eq(path.total.delivered_frames, 2);
    cr_expect_eq(path.total.delivered_bytes, 2 * (FRAME_HEADERS + 1000 + FRAME_FCS));
    cr_expect(all_hold());
}

Test(path, a_lost_fragment_is_counted_apart)
{
    struct packet *packet = path_packet(&path, FRAME_HEADERS + 2 * 1000);
    path_drop(&path, path_fragment(packet, FRAME_HEADERS + 1000), DROP_TAP_FULL);
    cr_expect_eq(path.total.dropped_fragments, 1);
    cr_expect_eq(path.total.dropped[DROP_TAP_FULL], 0);
    cr_expect_eq(path_in_flight(&path), 1);
    cr_expect(all_hold());
}

/* ---- planted faults ---- */

Test(path, a_fragment_delivered_twice_trips, .signal = SIGABRT)
{
    struct packet *fragment = path_fragment(path_packet(&path, 2000), 1000);
    path_deliver(&path, fragment, fragment->last);
    path_deliver(&path, fragment, fragment->last);
}

Test(path, a_double_delivery_trips, .signal = SIGABRT)
{
    struct packet *packet = path_packet(&path, 60);
    deliver(packet, 1, 1);
    path_deliver(&path, packet, packet->last);
}

Test(path, a_delivery_after_a_drop_trips, .signal = SIGABRT)
{
    struct packet *packet = path_packet(&path, 60);
    path_drop(&path, packet, DROP_TAP_FULL);
    path_deliver(&path, packet, packet->last);
}

Test(path, a_skipped_last_stage_is_found)
{
    struct packet *packet = path_packet(&path, 60);
    packet_mark(packet, STAGE_SEND, 100);
    path_deliver(&path, packet, 130);
    cr_expect_not(all_hold());
    cr_expect_str_eq(path.broken, "delivered with stages that do not add up to its latency");
    cr_expect_eq(path.broken_id, 1);
}

/* The first to break a law is the one that is named, and what comes behind it does not heal the path. */
Test(path, time_lost_between_stages_is_found)
{
    deliver(path_packet(&path, 60), 1, 1);
    for (int i = 0; i < 2; i++) {
        struct packet *packet = path_packet(&path, 60);
        packet_mark(packet, STAGE_SEND, 100);
        packet->last = 120;
        packet_mark(packet, STAGE_WIRE, 150);
        path_deliver(&path, packet, 150);
    }
    deliver(path_packet(&path, 60), 1, 1);
    cr_expect_not(all_hold());
    cr_expect_not_null(path.broken);
    cr_expect_eq(path.broken_id, 2);
}

/* ---- journeys ---- */

#define BIT(stage) (UINT32_C(1) << (stage))

/* Delivers a packet with these stages, 10 ps each. */
static void deliver_staged(uint32_t stages)
{
    struct packet *packet = path_packet(&path, 60);
    for (int stage = 0; stage < STAGES; stage++)
        if (stages & BIT(stage))
            packet_mark(packet, stage, packet->last + 10);
    path_deliver(&path, packet, packet->last);
}

Test(path, a_stage_that_a_journey_may_have_is_asked_of_none)
{
    struct journey journey = {BIT(STAGE_SEND) | BIT(STAGE_WIRE), BIT(STAGE_RING_WAIT)};
    path_expect(&path, &journey, NULL);
    deliver_staged(BIT(STAGE_SEND) | BIT(STAGE_WIRE));
    deliver_staged(BIT(STAGE_SEND) | BIT(STAGE_WIRE) | BIT(STAGE_RING_WAIT));
    cr_expect(all_hold());
}

/* Its time went to another stage: the sum is right. */
Test(path, a_stage_left_out_is_found)
{
    struct journey journey = {BIT(STAGE_SEND) | BIT(STAGE_WIRE), 0};
    path_expect(&path, &journey, NULL);
    deliver_staged(BIT(STAGE_SEND));
    cr_expect_not(all_hold());
    cr_expect_str_eq(path.broken, "not marked with a stage of its journey");
    cr_expect_eq(path.broken_stage, STAGE_WIRE);
}

Test(path, a_stage_of_another_journey_is_found)
{
    struct journey journey = {BIT(STAGE_SEND), 0};
    path_expect(&path, &journey, NULL);
    deliver_staged(BIT(STAGE_SEND) | BIT(STAGE_BACKEND));
    cr_expect_not(all_hold());
    cr_expect_str_eq(path.broken, "marked with a stage that its journey does not have");
    cr_expect_eq(path.broken_stage, STAGE_BACKEND);
}

Test(path, a_dropped_packet_need_not_have_had_all_stages_but_no_other)
{
    struct journey journey = {BIT(STAGE_SEND) | BIT(STAGE_WIRE), 0};
    path_expect(&path, &journey, NULL);
    struct packet *packet = path_packet(&path, 60);
    packet_mark(packet, STAGE_SEND, 100);
    path_drop(&path, packet, DROP_TAP_FULL);
    cr_expect(all_hold());
    packet = path_packet(&path, 60);
    packet_mark(packet, STAGE_TAP_WAIT, 100);
    path_drop(&path, packet, DROP_TAP_FULL);
    cr_expect_not(all_hold());
}

/* Both legs have a WIRE stage of their own, and one does not stand in for the other. */
Test(path, the_legs_of_a_transaction_are_held_apart)
{
    struct journey out = {BIT(STAGE_SEND) | BIT(STAGE_WIRE), 0},
                   back = {BIT(STAGE_PEER) | BIT(STAGE_WIRE), 0};
    path_expect(&path, &out, &back);
    for (int skipped = 0; skipped < 2; skipped++) {
        struct packet *packet = path_packet(&path, 60);
        packet_mark(packet, STAGE_SEND, 10);
        packet_mark(packet, STAGE_WIRE, 20);
        path_turn(&path, packet);
        packet_mark(packet, STAGE_PEER, 30);
        if (!skipped)
            packet_mark(packet, STAGE_WIRE, 40);
        path_deliver(&path, packet, packet->last);
        cr_expect_eq(all_hold(), !skipped);
    }
}

Test(path, a_first_leg_that_ends_too_early_is_found)
{
    struct journey out = {BIT(STAGE_SEND) | BIT(STAGE_WIRE), 0}, back = {BIT(STAGE_PEER), 0};
    path_expect(&path, &out, &back);
    struct packet *packet = path_packet(&path, 60);
    packet_mark(packet, STAGE_SEND, 10);
    path_turn(&path, packet);
    cr_expect_not(all_hold());
}

Test(path, a_packet_of_another_path_trips, .signal = SIGABRT)
{
    struct path other;
    path_init(&other, sim, "vm1.tx", packets);
    struct packet *packet = path_packet(&other, 60);
    path_deliver(&path, packet, packet->last);
}

Test(path, a_lost_packet_is_found)
{
    struct packet *packet = path_packet(&path, 60);
    cr_expect(all_hold());
    sim_pool_give(packets, packet);
    cr_expect_not(all_hold());
}

Test(path, a_packet_that_nobody_offered_is_found)
{
    sim_pool_take(packets);
    cr_expect_not(all_hold());
}

Test(path, a_charge_behind_the_packets_back_is_found)
{
    deliver(path_packet(&path, 60), 10, 1);
    cr_expect(path_check(&path));
    path.total.stage_time[STAGE_SEND]++;
    cr_expect_not(path_check(&path));
}

Test(path, a_double_count_is_found)
{
    deliver(path_packet(&path, 60), 10, 1);
    path.total.delivered++;
    cr_expect_not(path_check(&path));
}
