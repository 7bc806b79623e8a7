#include <signal.h>

#include "tests/unit/models/nic_fixture.h"

Test(nic_tx, a_lone_packet_takes_the_sum_of_its_parts)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(1, 0);
    driver_start(&driver);
    sim_time doorbell = doorbell_time();
    sim_time descriptor = read_time(driver.ring.tx_base, 16);
    sim_time payload = read_time(driver.tx_buffers, 60);
    sim_time start = sim_now(sim);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, start + MOMENT);
    cr_assert_eq(far_count, 1);
    const int64_t *stage = sent.total.stage_time;
    cr_expect_eq(stage[STAGE_DOORBELL], doorbell);
    cr_expect_eq(stage[STAGE_DESCRIPTOR_FETCH], descriptor);
    cr_expect_eq(stage[STAGE_PAYLOAD_FETCH], payload);
    cr_expect_eq(stage[STAGE_NIC_TX], nic_defaults.tx_latency);
    cr_expect_eq(stage[STAGE_WIRE_WAIT], 0);
    cr_expect_eq(stage[STAGE_WIRE], 72 * 800);
    cr_expect_eq(far_at[0] - start, doorbell + descriptor + payload + nic_defaults.tx_latency + 72 * 800);
    check_conservation();
    nic_stop();
}

Test(nic_tx, the_descriptor_is_written_back_and_the_interrupt_follows)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    tx_put(&driver, 1514);
    tx_ring_doorbell(&driver);
    while (tx_reclaim(&driver) == 0)
        sim_run(sim, sim_now(sim) + 1000);
    sim_time seen = sim_now(sim);
    cr_expect_eq(driver.interrupts, 0);
    sim_run(sim, MOMENT);
    cr_expect_eq(driver.interrupts, 1);
    cr_expect_gt(driver.interrupt_at, seen - 1000, "the message stays behind the write-back");
    cr_expect_lt(nic_last_interrupt(nic, 0, 0), driver.interrupt_at);
    const struct nic_queue_counters *counters = nic_counters(nic, 0, 0);
    cr_expect(counters->tx_packets == 1 && counters->write_backs == 1 && counters->doorbells == 1);
    cr_expect(counters->descriptor_fetches == 1 && counters->descriptors_fetched == 1);
    const struct tx_descriptor *descriptor = tx_descriptor_at(&driver, 0);
    cr_expect(descriptor->length == 1514 && descriptor->address == driver.tx_buffers,
              "the rest is as it was");
    nic_stop();
}

Test(nic_tx, a_packet_that_asks_for_no_status_gets_none)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    tx_put(&driver, 60);
    tx_descriptor_at(&driver, 0)->command = TX_EOP;
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, MOMENT);
    cr_expect_eq(far_count, 2);
    cr_expect_eq(tx_descriptor_at(&driver, 0)->status, 0);
    cr_expect_eq(tx_descriptor_at(&driver, 1)->status, DESC_DD);
    cr_expect_eq(nic_counters(nic, 0, 0)->write_backs, 1);
    nic_stop();
}

Test(nic_tx, a_packet_of_two_descriptors_leaves_with_the_second)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    tx_put(&driver, 1000);
    *tx_descriptor_at(&driver, 1) = *tx_descriptor_at(&driver, 0);
    tx_descriptor_at(&driver, 0)->command = 0;
    tx_descriptor_at(&driver, 0)->length = 100;
    driver.tx_tail = 2;
    tx_ring_doorbell(&driver);
    sim_run(sim, MOMENT);
    cr_expect_eq(far_count, 1);
    cr_expect_eq(nic_counters(nic, 0, 0)->tx_packets, 1);
    check_conservation();
    nic_stop();
}

Test(nic_tx, saturates_the_wire_in_ring_order)
{
    enum { COUNT = 500 };
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    for (int i = 0; i < COUNT; i++)
        tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, SIM_MS);
    cr_assert_eq(far_count, COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        cr_assert_eq(far_id[i], i + 1);
    cr_expect_eq(far_at[COUNT - 1] - far_at[0], (COUNT - 1) * wire_frame_time(10 * GBPS, 60));
    cr_expect_eq(tx_reclaim(&driver), COUNT);
    const struct nic_queue_counters *counters = nic_counters(nic, 0, 0);
    cr_expect_eq(counters->descriptor_fetches, 16, "15 bursts of 32 and one of 20");
    cr_expect_eq(counters->descriptors_fetched, COUNT);
    cr_expect_eq(counters->doorbells, 1);
    cr_expect_leq(sim_event_count(sim), 7 * COUNT, "%lu events", (unsigned long)sim_event_count(sim));
    check_conservation();
    nic_stop();
}

Test(nic_tx, goes_round_the_ring_many_times)
{
    enum { ROUNDS = 40, BURST = 100 };
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BURST; i++)
            tx_put(&driver, 60);
        tx_ring_doorbell(&driver);
        sim_run(sim, sim_now(sim) + 20 * SIM_US);
        cr_assert_eq(tx_reclaim(&driver), BURST, "round %d", round);
    }
    cr_expect_eq(far_count, ROUNDS * BURST);
    check_conservation();
    nic_stop();
}

/* The link is the limit: a Gen1 lane carries 250 MB/s before overheads, and completions fill the way down. */
Test(nic_tx, saturates_a_slow_link)
{
    enum { COUNT = 400 };
    struct nic_config config = nic_defaults;
    config.link = link_defaults;
    config.link.generation = 1;
    config.link.width = 1;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    for (int i = 0; i < COUNT; i++)
        tx_put(&driver, 1514);
    tx_ring_doorbell(&driver);
    sim_run(sim, 5 * SIM_MS);
    cr_assert_eq(far_count, COUNT);
    int64_t num, den;
    pcie_link_rate(&config.link, &num, &den);
    sim_time busy = dma_counters(nic_dma(nic), 0)->bytes_down * num / den;
    sim_time took = far_at[COUNT - 1];
    cr_expect(busy <= took && busy > took - took / 100, "%ld of %ld ps", (long)busy, (long)took);
    nic_stop();
}

/* The first payload is farther away than the second, whose read is over before it. */
Test(nic_tx, frames_leave_in_ring_order_whatever_arrives_first)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    uint64_t remote = touched_area(1, PAGE_SIZE);
    tx_describe(&driver, 60, 0, remote);
    tx_put(&driver, 60);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, MOMENT);
    cr_assert_eq(far_count, 3);
    cr_expect(far_id[0] == 1 && far_id[1] == 2 && far_id[2] == 3);
    cr_expect_eq(tx_reclaim(&driver), 3);
    cr_expect_eq(nic_counters(nic, 0, 0)->write_backs, 1,
                 "all three were done at the same moment: one write");
    cr_expect_eq(driver.interrupts, 1);
    check_conservation();
    nic_stop();
}

Test(nic_tx, the_fifo_bounds_what_waits_for_the_wire)
{
    enum { COUNT = 300, FIFO = 8192 };
    struct nic_config config = nic_defaults;
    config.tx_fifo = FIFO;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    for (int i = 0; i < COUNT; i++)
        tx_put(&driver, 1514);
    tx_ring_doorbell(&driver);
    sim_run(sim, SIM_MS);
    cr_assert_eq(far_count, COUNT);
    cr_expect_eq(far_at[COUNT - 1] - far_at[0], (COUNT - 1) * wire_frame_time(10 * GBPS, 1514),
                 "the wire never waits");
    cr_expect_leq(sent.total.stage_time[STAGE_WIRE_WAIT], COUNT * (int64_t)FIFO * 800);
    check_conservation();
    nic_stop();
}

Test(nic_tx, descriptors_come_back_as_fast_as_the_wire_sends)
{
    enum { COUNT = 300, FIFO = 8192, IN_FIFO = FIFO / 1538 + 1 };
    struct nic_config config = nic_defaults;
    config.tx_fifo = FIFO;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    for (int i = 0; i < COUNT; i++)
        tx_put(&driver, 1514);
    tx_ring_doorbell(&driver);
    sim_run(sim, 200 * SIM_US);
    unsigned done = tx_reclaim(&driver);
    cr_expect(done >= far_count - 1 && done <= far_count + IN_FIFO, "%u done, %u sent", done, far_count);
    nic_stop();
}

Test(nic_tx, a_packet_larger_than_the_fifo_passes)
{
    struct nic_config config = nic_defaults;
    config.tx_fifo = 2048;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    uint64_t buffers = touched_area(0, 4 * 65536);
    for (unsigned i = 0; i < 4; i++)
        tx_describe(&driver, FRAME_HEADERS + 43 * 1460, 1460, buffers + i * 65536);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, SIM_MS);
    cr_expect_eq(far_count, 5);
    cr_expect_eq(sent.total.delivered_frames, 4 * 43 + 1);
    cr_expect_eq(sent.total.delivered_bytes, 4 * 43 * 1518 + 64);
    check_conservation();
    nic_stop();
}

Test(nic_tx, functions_share_the_wire_in_turn)
{
    enum { COUNT = 400 };
    struct nic_config config = nic_defaults;
    config.tx_fifo = 16384;
    nic_start(&config);
    struct driver drivers[3];
    for (unsigned f = 0; f < 3; f++) {
        drivers[f] = driver_make(f, 0);
        driver_start(&drivers[f]);
        for (int i = 0; i < COUNT; i++)
            tx_put(&drivers[f], 1514);
        tx_ring_doorbell(&drivers[f]);
    }
    sim_run(sim, SIM_MS);
    int64_t count[3] = {0};
    for (unsigned i = 0; i < far_count; i++)
        count[far_endpoint[i]]++;
    cr_expect_gt(far_count, 790);
    for (unsigned f = 1; f < 3; f++)
        cr_expect(count[f] - count[0] <= 24 && count[0] - count[f] <= 24, "%ld against %ld", (long)count[f],
                  (long)count[0]);
    sim_run(sim, 3 * SIM_MS);
    cr_expect_eq(far_count, 3 * COUNT);
    cr_expect_eq(far_at[3 * COUNT - 1] - far_at[0], (3 * COUNT - 1) * wire_frame_time(10 * GBPS, 1514));
    check_conservation();
    nic_stop();
}

static void send_small(void *self)
{
    tx_put(self, 60);
    tx_ring_doorbell(self);
}

/* Small frames would fit into what room there is while a large one waits for more: they may not overtake it. */
Test(nic_tx, small_frames_do_not_overtake_a_large_one_that_waits_for_room)
{
    enum { LARGE = 40, SMALL = 500 };
    struct nic_config config = nic_defaults;
    config.tx_fifo = 2048;
    nic_start(&config);
    struct driver large = driver_make(0, 0), small = driver_make(1, 0);
    driver_start(&large);
    driver_start(&small);
    for (int i = 0; i < LARGE; i++)
        tx_put(&large, 1514);
    tx_ring_doorbell(&large);
    for (int i = 0; i < SMALL; i++)
        at(i * 100 * SIM_NS, send_small, &small);
    sim_run(sim, SIM_MS);
    cr_assert_eq(far_count, LARGE + SMALL);
    unsigned larges = 0, smalls = 0;
    for (unsigned i = 0; larges < LARGE; i++) {
        larges += far_endpoint[i] == 0;
        smalls += far_endpoint[i] == 1;
    }
    cr_expect_leq(smalls, LARGE + LARGE / 4, "%u small ones before the last large one", smalls);
    check_conservation();
    nic_stop();
}

Test(nic_tx, packets_behind_one_doorbell_wait_for_it)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    tx_put(&driver, 60);
    sim_run(sim, SIM_US);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, MOMENT);
    cr_expect_eq(far_count, 2);
    cr_expect_eq(sent.total.stage_time[STAGE_DOORBELL] % 2, SIM_US % 2);
    sim_time doorbell = (sent.total.stage_time[STAGE_DOORBELL] - SIM_US) / 2;
    cr_expect_eq(doorbell, doorbell_time(), "the first waited a microsecond longer");
    nic_stop();
}

Test(nic_tx, moderation_limits_interrupts_to_one_an_interval)
{
    enum { COUNT = 400, INTERVAL_US = 5 };
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    struct moderation_setting setting = {.interval = INTERVAL_US * SIM_US};
    nic_set_moderation(nic, 0, 0, &setting);
    for (int i = 0; i < COUNT; i++)
        tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, SIM_MS);
    int64_t duration = COUNT * wire_frame_time(10 * GBPS, 60);
    cr_expect_leq(driver.interrupts, duration / (INTERVAL_US * SIM_US) + 2);
    cr_expect_geq(driver.interrupts, 2);
    cr_expect_eq(nic_interrupts(nic, 0, 0), driver.interrupts);
    cr_expect_eq(dma_counters(nic_dma(nic), 0)->msis, driver.interrupts);
    nic_stop();
}

Test(nic_tx, a_setting_through_its_register_holds)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    struct moderation_setting setting = {.frames = 3};
    write_register(&driver, REG_THROTTLE, moderation_encode(&setting));
    sim_run(sim, MOMENT);
    for (int i = 0; i < 7; i++)
        tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(driver.interrupts, 2);
    nic_stop();
}

Test(nic_tx, split_vectors_keep_transmit_apart)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0), tx_side = {0};
    driver.ring.split_vectors = true;
    driver.ring.tx_msi_address = message_to(&tx_side);
    driver_start(&driver);
    rx_put_first(&driver, 10);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, MOMENT);
    cr_expect(driver.interrupts == 0 && tx_side.interrupts == 1);
    far_send(0, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect(driver.interrupts == 1 && tx_side.interrupts == 1);
    cr_expect_eq(nic_interrupts(nic, 0, 0), 2);
    mmio_write(nic_dma(nic), 0, device_register_offset(REG_MASK_CLEAR, 1), ~0u);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, 3 * MOMENT);
    cr_expect_eq(tx_side.interrupts, 1, "vector 1 of one queue pair is transmit's: masked");
    nic_stop();
}

Test(nic_tx, requester_ids_follow_the_cards_bus)
{
    struct nic_config config = nic_defaults;
    config.bus = 5;
    nic_start(&config);
    cr_expect_eq(nic_requester_id(nic, 0), 0x0500);
    cr_expect_eq(nic_requester_id(nic, 1), 0x0580);
    cr_expect_eq(nic_requester_id(nic, 2), 0x0582);
    nic_stop();
}

Test(nic_tx, a_tail_beyond_the_ring_trips, .signal = SIGABRT)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    write_register(&driver, REG_TX_TAIL, RING);
    sim_run(sim, MOMENT);
}

Test(nic_tx, a_descriptor_without_a_packet_trips, .signal = SIGABRT)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    struct packet *packet = tx_put(&driver, 60);
    path_drop(&sent, packet, DROP_HOST_TX_FULL);
    tx_ring_doorbell(&driver);
    sim_run(sim, MOMENT);
}
