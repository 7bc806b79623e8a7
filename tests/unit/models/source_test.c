/* Sources: how many packets, when, how large, how many at once; and configurations that make no sense. */
#include "models/traffic/size/sizes.h"
#include "tests/unit/models/source_fixture.h"

/* ---- open loop ---- */

Test(source, offers_at_its_rate_from_one_period_after_the_start)
{
    struct traffic_config config = traffic_defaults();
    config.rate = 3000000; /* 3000 pps */
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, SIM_SECOND / 3000);
    cr_assert_eq(bench.count, 1);
    sim_run(bench.sim, SIM_SECOND);
    cr_assert_eq(bench.count, 3000);
    for (size_t i = 0; i < bench.count; i++)
        cr_assert_eq(bench.notes[i].when, (sim_time)(i + 1) * SIM_SECOND / 3000);
    cr_assert_eq(bench.notes[0].length, 60);
    cr_assert_eq(bench.notes[0].segments, 1);
    cr_assert_not(bench.notes[0].more);
    cr_assert_eq(bench.queue.head->kind, PACKET_DATA);
    cr_assert_eq(bench.queue.head->endpoint, 4);
    cr_assert_eq(bench.queue.head->station, 5);
    bench_stop(&config);
}

Test(source, hands_a_burst_over_at_once_and_keeps_the_rate)
{
    struct traffic_config config = traffic_defaults();
    config.rate = 32000000; /* 32000 pps in bursts of 32: one a millisecond */
    config.burst = 32;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 10 * SIM_MS);
    cr_assert_eq(bench.count, 320);
    for (size_t i = 0; i < bench.count; i++) {
        cr_assert_eq(bench.notes[i].when, (sim_time)(1 + i / 32) * SIM_MS);
        cr_assert_eq(bench.notes[i].more, i % 32 != 31, "packet %zu", i);
    }
    bench_stop(&config);
}

Test(source, takes_flows_in_turn_or_at_random)
{
    struct traffic_config config = traffic_defaults();
    config.rate = 1000000000;
    config.flows = 5;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 10 * SIM_MS);
    for (size_t i = 0; i < bench.count; i++)
        cr_assert_eq(bench.notes[i].flow, i % 5);
    bench_stop(&config);

    config = traffic_defaults();
    config.rate = 1000000000;
    config.flows = 5;
    config.flow_order = TRAFFIC_FLOW_RANDOM;
    int counts[5] = {0};
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 10 * SIM_MS);
    for (size_t i = 0; i < bench.count; i++)
        counts[bench.notes[i].flow]++;
    for (int i = 0; i < 5; i++)
        cr_assert(counts[i] > 1800 && counts[i] < 2200, "flow %d: %d", i,
                  counts[i]); /* 2000 +- 5 standard deviations */
    bench_stop(&config);
}

/* Drawing sizes and flows does not disturb arrival times. */
Test(source, draws_each_purpose_from_a_stream_of_its_own)
{
    static sim_time times[2][NOTES_MAX];
    size_t counts[2];
    for (int run = 0; run < 2; run++) {
        struct traffic_config config = traffic_defaults();
        free_variants(&config);
        config.arrival = variant_of(&arrival_family, "poisson");
        config.size = variant_of(&size_family, run == 0 ? "fixed" : "imix");
        config.rate = 1000000000;
        config.flows = run == 0 ? 1 : 7;
        config.flow_order = TRAFFIC_FLOW_RANDOM;
        bench_start(&config, 0, NULL);
        sim_run(bench.sim, SIM_MS);
        counts[run] = bench.count;
        for (size_t i = 0; i < bench.count; i++)
            times[run][i] = bench.notes[i].when;
        bench_stop(&config);
    }
    cr_assert(counts[0] > 800 && counts[0] < 1200);
    cr_assert_eq(counts[0], counts[1]);
    cr_assert_eq(memcmp(times[0], times[1], counts[0] * sizeof(sim_time)), 0);
}

static struct traffic_config large_items(int64_t bytes)
{
    struct traffic_config config = traffic_defaults();
    config.rate = 1000000; /* one a millisecond */
    ((struct fixed_config *)config.size.config)->bytes = bytes;
    return config;
}

/* 9000 bytes with FCS: 8942 of payload behind 54 of headers. */
Test(source, keeps_a_large_item_whole_if_the_netdev_segments)
{
    struct traffic_config config = large_items(9000);
    bench_start(&config, 65536, NULL);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench.count, 1);
    cr_assert_eq(bench.notes[0].length, 8996);
    cr_assert_eq(bench.notes[0].gso_size, 1460);
    cr_assert_eq(bench.notes[0].segments, 7);
    cr_assert_eq(wire_frames(bench.queue.head), 7);
    bench_stop(&config);
}

Test(source, cuts_a_large_item_into_frames_if_it_does_not)
{
    struct traffic_config config = large_items(9000);
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench.count, 7);
    for (size_t i = 0; i < 7; i++) {
        cr_assert_eq(bench.notes[i].length, i < 6 ? 1514u : 54 + 8942 - 6 * 1460);
        cr_assert_eq(bench.notes[i].gso_size, 0);
        cr_assert_eq(bench.notes[i].segments, 1);
        cr_assert_eq(bench.notes[i].more, i < 6);
    }
    bench_stop(&config);
}

/* Just at and just above the MTU, and more than the netdev takes at once. */
Test(source, cuts_where_the_limits_are)
{
    const struct {
        int64_t bytes;
        uint32_t gso_max, count, first, last;
    } cases[] = {
        {1518, 65536, 1, 1514, 1514},
        {1519, 65536, 1, 1515, 1515},
        {1519, 0, 2, 1514, 60}, /* one byte of payload, padded */
        {9000, 4500, 3, 54 + 3 * 1460, 54 + 182},
        {65536, 65536, 2, 54 + 44 * 1460, 65532 - 44 * 1460},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct traffic_config config = large_items(cases[i].bytes);
        bench_start(&config, cases[i].gso_max, NULL);
        sim_run(bench.sim, SIM_MS);
        cr_assert_eq(bench.count, cases[i].count, "case %zu", i);
        cr_assert_eq(bench.notes[0].length, cases[i].first, "case %zu", i);
        cr_assert_eq(bench.notes[bench.count - 1].length, cases[i].last, "case %zu", i);
        bench_stop(&config);
    }
}

Test(source, receive_traffic_is_frames_on_the_wire)
{
    struct traffic_config config = large_items(9000);
    config.direction = TRAFFIC_RECEIVE;
    bench_start(&config, 65536, NULL);
    sim_run(bench.sim, SIM_MS + 20 * SIM_US);
    cr_assert_eq(bench.received, 7);
    for (size_t i = 0; i < 7;
         i++) /* back to back: 24 bytes of overhead each, 12 of them behind the last bit */
        cr_assert_eq(bench.notes[i].when,
                     SIM_MS + (sim_time)i * 1538 * 800 + (bench.notes[i].length + 12) * 800);
    bench_stop(&config);
}

/* ---- windows ---- */

Test(source, a_closed_loop_keeps_exactly_its_window_in_flight)
{
    struct traffic_config config = traffic_defaults();
    config.window = 17;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 0);
    cr_assert_eq(bench.queue.count, 17);
    for (int i = 0; i < 1000; i++) {
        end_packet(i % 3 != 0);
        sim_run(bench.sim, 0); /* a lost one is replaced, too */
        cr_assert_eq(bench.queue.count, 17);
        cr_assert_eq(path_in_flight(&bench.path), 17);
        cr_assert_eq(source_in_flight(bench.source), 17);
    }
    cr_assert_eq(bench.path.total.offered, 1017);
    bench_stop(&config);
}

/* Whoever drops a packet may be in the middle of something: it is not called back. */
Test(source, what_is_lost_is_replaced_at_once_but_not_from_within)
{
    struct traffic_config config = traffic_defaults();
    config.window = 5;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, SIM_US);
    for (int i = 0; i < 3; i++)
        end_packet(false);
    cr_expect_eq(bench.count, 5, "nothing is handed over yet");
    cr_expect_eq(source_in_flight(bench.source), 5);
    end_packet(true);
    cr_expect_eq(bench.count, 6, "a delivered one is replaced from within");
    sim_run(bench.sim, SIM_US);
    cr_expect_eq(bench.count, 9);
    cr_expect_eq(bench.notes[8].when, SIM_US);
    cr_expect_eq(source_in_flight(bench.source), 5);
    cr_expect_eq(path_in_flight(&bench.path), 5);
    bench_stop(&config);
}

/* Three wait for a place in a window of one. The place of a lost one is theirs, not that of one that comes meanwhile. */
Test(source, what_is_held_takes_a_lost_ones_place_before_a_later_one)
{
    struct traffic_config config = traffic_defaults();
    config.direction = TRAFFIC_REQUEST_RESPONSE;
    config.rate = 100000000; /* one in 10 us */
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 40 * SIM_US);
    cr_assert_eq(bench.count, 1);
    cr_assert_eq(bench.path.total.offered, 4);
    end_packet(false);
    cr_expect_eq(bench.count, 1);
    sim_run(bench.sim, 40 * SIM_US);
    cr_assert_eq(bench.count, 2);
    cr_expect_eq(bench.queue.head->id, 2);
    bench_stop(&config);
}

Test(source, a_closed_loop_with_bursts_waits_for_room_for_a_whole_one)
{
    struct traffic_config config = traffic_defaults();
    config.window = 10;
    config.burst = 4;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 0);
    cr_assert_eq(bench.queue.count, 8);
    end_packet(true);
    cr_assert_eq(bench.queue.count, 7);
    end_packet(true);
    cr_assert_eq(bench.queue.count, 10);
    bench_stop(&config);
}

/* The window counts hand-overs: without segmentation offload each of them is many frames. */
Test(source, a_bulk_stream_has_as_many_bytes_in_flight_with_and_without_offload)
{
    const uint32_t gso_max[] = {65536, 0};
    const uint32_t packets[] = {4, 4 * 44};
    for (int i = 0; i < 2; i++) {
        struct traffic_config config = traffic_defaults();
        config.window = 4;
        config.segment = 44 * 1460;
        bench_start(&config, gso_max[i], NULL);
        sim_run(bench.sim, 0);
        cr_assert_eq(bench.queue.count, packets[i]);
        uint32_t payload = 0;
        for (size_t n = 0; n < bench.count; n++)
            payload += bench.notes[n].length - FRAME_HEADERS;
        cr_assert_eq(payload, 4u * 44 * 1460);
        cr_assert_eq(bench.notes[0].segments, i == 0 ? 44 : 1);
        bench_stop(&config);
    }
}

/* A window beyond the backlog is cut to it, so that nothing is ever lost and nothing loops. */
Test(source, a_window_of_frames_never_exceeds_the_backlog)
{
    struct traffic_config config = traffic_defaults();
    config.window = 40;
    config.segment = 44 * 1460;
    config.backlog = 100;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 0);
    cr_assert_eq(bench.queue.count, 88);
    for (int i = 0; i < 500; i++)
        end_packet(true);
    cr_assert_leq(bench.queue.count, 100);
    cr_assert_gt(bench.queue.count, 56);
    cr_assert_eq(bench.path.total.dropped[DROP_SOURCE_OVERRUN], 0);
    bench_stop(&config);
}

Test(source, a_burst_beyond_the_backlog_is_held_and_released)
{
    struct traffic_config config = traffic_defaults();
    config.window = 2;
    config.segment = 44 * 1460;
    config.backlog = 30;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 0);
    cr_assert_eq(bench.queue.count, 30);
    for (int i = 0; i < 500; i++) {
        end_packet(true);
        cr_assert(bench.queue.count > 0 && bench.queue.count <= 30);
    }
    bench_stop(&config);
}

Test(source, a_closed_loop_of_received_packets_fills_the_line)
{
    struct traffic_config config = traffic_defaults();
    config.direction = TRAFFIC_RECEIVE;
    config.window = 2;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 1000 * 84 * 800);
    cr_assert_eq(bench.received, 1000);
    cr_assert_eq(path_in_flight(&bench.path), 2);
    bench_stop(&config);
}

Test(source, a_caller_calls_again_when_the_call_has_returned)
{
    struct traffic_config config = traffic_defaults();
    config.direction = TRAFFIC_REQUEST_RESPONSE;
    bench_start(&config, 65536, NULL);
    bench.service = 30 * SIM_US;
    sim_run(bench.sim, 299 * SIM_US);
    cr_assert_eq(bench.count, 10);
    for (size_t i = 0; i < 10; i++)
        cr_assert_eq(bench.notes[i].when, (sim_time)i * 30 * SIM_US);
    cr_assert_eq(bench.queue.head->kind, PACKET_REQUEST);
    cr_assert_eq(bench.queue.head->direction, PACKET_TRANSMIT);
    bench_stop(&config);
}

/* A call is due every 10 us and takes 25: the others wait, and their time counts from when they were due. */
Test(source, paced_calls_wait_for_the_one_before)
{
    struct traffic_config config = traffic_defaults();
    config.direction = TRAFFIC_REQUEST_RESPONSE;
    config.rate = 100000000;
    config.backlog = 5;
    bench_start(&config, 0, NULL);
    bench.service = 25 * SIM_US;
    sim_run(bench.sim, 200 * SIM_US);
    cr_assert_eq(bench.path.total.offered, 20);
    cr_assert_eq(bench.queue.count, 1);
    for (size_t i = 0; i < bench.count; i++)
        cr_assert_eq(bench.notes[i].when, 10 * SIM_US + (sim_time)i * 25 * SIM_US);
    cr_assert_eq(bench.path.total.delivered, 7); /* at 35, 60, ... 185 us */
    /* The i-th was due at (i + 1) * 10 us and came back at 35 + i * 25 us. */
    cr_assert_eq(bench.path.total.stage_time[STAGE_APP], (7 * 25 + 15 * 21) * SIM_US);
    cr_assert_eq(bench.path.total.dropped[DROP_SOURCE_OVERRUN],
                 7); /* 20 = 7 delivered, 1 under way, 5 held, 7 lost */
    bench_stop(&config);
}

Test(source, a_request_travels_to_the_peer_and_back)
{
    struct traffic_config config = traffic_defaults();
    config.direction = TRAFFIC_REQUEST_RESPONSE;
    config.peer_delay = 10 * SIM_US;
    config.response = 1518;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 0);
    wire_send(bench.wire, 0, packet_queue_pop(&bench.queue));
    sim_run(bench.sim, 100 * SIM_US);
    cr_assert_eq(bench.received, 1);
    cr_assert_eq(bench.notes[1].when,
                 10 * SIM_US + (72 + 1514 + 12) * 800); /* and the next call is made at once */
    cr_assert_eq(bench.count, 3);
    bench_stop(&config);
}

/* ---- checks ---- */

Test(source, tells_what_is_wrong_with_a_configuration)
{
    struct traffic_config config = traffic_defaults();
    cr_assert_str_eq(check_config(&config).text,
                     "rate: there is neither a `rate` nor a `window` of packets to keep in flight");
    config.window = 4;
    cr_assert_str_eq(check_config(&config).text, "");
    config.burst = 5;
    cr_assert_str_eq(check_config(&config).text, "burst: a burst of 5 does not fit into the window of 4");
    config.burst = 1;
    config.backlog = 3;
    cr_assert_str_eq(check_config(&config).text,
                     "window: a window of 4 needs a `backlog` of as many, it is 3");
    config.window = 0;
    config.rate = 5;
    config.burst = 6;
    cr_assert_str_eq(check_config(&config).text,
                     "rate: too low for bursts of 6: at least one in 1000 s (6mpps)");
    free_variants(&config);
}

Test(source, tells_what_is_wrong_with_a_request)
{
    struct traffic_config config = traffic_defaults();
    config.direction = TRAFFIC_REQUEST_RESPONSE;
    cr_assert_str_eq(check_config(&config).text, "");
    config.segment = 3000;
    cr_assert_str_eq(check_config(&config).text,
                     "segment: does not apply to request_response: a request is one frame");
    config.segment = 0;
    ((struct fixed_config *)config.size.config)->bytes = 1519;
    cr_assert_str_eq(check_config(&config).text, "size: requests are single frames, of 1518B at most");
    free_variants(&config);
}
