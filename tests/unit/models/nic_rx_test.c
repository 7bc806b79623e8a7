#include <signal.h>

#include "models/guest/ring_driver.h"
#include "models/nic/nic_private.h"
#include "sim/diag.h"
#include "tests/unit/models/nic_fixture.h"

Test(nic_rx, a_lone_frame_takes_the_sum_of_its_parts)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(1, 0);
    driver_start(&driver);
    sim_time write = write_time(driver.rx_buffers, 60, driver.ring.rx_base);
    rx_put_first(&driver, RING - 1);
    sim_run(sim, sim_now(sim) + MOMENT);
    sim_time start = sim_now(sim);
    struct packet *packet = far_send(1, 0, 60);
    sim_time line = 72 * 800, pipeline = nic_defaults.cable + nic_defaults.rx_latency;
    sim_run(sim, start + line + pipeline + write - 1);
    cr_expect_null(rx_take(&driver), "not a picosecond before");
    sim_run(sim, start + line + pipeline + write);
    cr_assert_eq(rx_take(&driver), packet);
    cr_expect_eq(packet->stage[STAGE_WIRE], line);
    cr_expect_eq(packet->stage[STAGE_NIC_RX], pipeline);
    cr_expect_eq(packet->stage[STAGE_RX_FIFO], 0);
    cr_expect_eq(packet->stage[STAGE_DMA_WRITE], write);
    cr_expect_eq(packet->last, sim_now(sim));
    cr_expect_eq(nic_rx_fifo_used(nic), 0);
    path_deliver(&received, packet, packet->last);
    check_conservation();
    nic_stop();
}

Test(nic_rx, the_interrupt_finds_the_descriptor_written)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, 10);
    sim_run(sim, MOMENT);
    far_send(0, 0, 1514);
    while (driver.interrupts == 0)
        sim_run(sim, sim_now(sim) + 1);
    const struct rx_descriptor *descriptor = rx_descriptor_at(&driver, 0);
    cr_expect_eq(descriptor->status, DESC_DD | DESC_EOP);
    cr_expect_eq(descriptor->length, 1514);
    cr_expect_eq(rx_drain(&driver), 1);
    cr_expect_lt(nic_last_interrupt(nic, 0, 0), driver.interrupt_at);
    nic_stop();
}

Test(nic_rx, saturates_the_wire_without_loss)
{
    enum { COUNT = 500 };
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, RING - 1);
    sim_run(sim, MOMENT);
    uint64_t events = sim_event_count(sim);
    sim_time start = sim_now(sim);
    for (int i = 0; i < COUNT; i++)
        far_send(0, 0, 60);
    sim_run(sim, start + COUNT * wire_frame_time(10 * GBPS, 60) + 2 * SIM_US);
    cr_expect_eq(rx_drain(&driver), COUNT);
    const struct nic_queue_counters *counters = nic_counters(nic, 0, 0);
    cr_expect_eq(counters->rx_packets, COUNT);
    cr_expect_eq(counters->write_backs, COUNT);
    cr_expect_eq(counters->descriptors_fetched, RING - 1);
    cr_expect_leq(sim_event_count(sim) - events, 7 * COUNT);
    check_conservation();
    nic_stop();
}

Test(nic_rx, goes_round_the_ring_many_times)
{
    enum { ROUNDS = 40, BURST = 100 };
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, RING - 1);
    sim_run(sim, MOMENT);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BURST; i++)
            far_send(0, 0, 60);
        sim_run(sim, sim_now(sim) + 20 * SIM_US);
        cr_assert_eq(rx_drain(&driver), BURST, "round %d", round);
        rx_put(&driver, BURST);
        write_register(&driver, REG_RX_TAIL, driver.rx_tail);
        sim_run(sim, sim_now(sim) + 5 * SIM_US);
    }
    cr_expect_eq(nic_counters(nic, 0, 0)->refills, ROUNDS);
    check_conservation();
    nic_stop();
}

Test(nic_rx, a_frame_without_a_descriptor_is_dropped)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, 7);
    sim_run(sim, MOMENT);
    for (int i = 0; i < 10; i++)
        far_send(0, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(received.total.dropped[DROP_RX_NO_DESCRIPTOR], 3);
    cr_expect_eq(rx_drain(&driver), 7);
    cr_expect_eq(nic_rx_fifo_used(nic), 0);
    check_conservation();
    nic_stop();
}

Test(nic_rx, a_frame_waits_for_a_descriptor_on_its_way)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put(&driver, 1);
    sim_time fetch = read_time(driver.ring.rx_base, 16);
    sim_time pipeline = 72 * 800 + nic_defaults.cable + nic_defaults.rx_latency;
    sim_time start = sim_now(sim);
    struct packet *packet = far_send(0, 0, 60);
    sim_run(sim, start + pipeline - 1000);
    nic_first_rx_tail(nic, 0, 0, driver.rx_tail);
    sim_run(sim, start + MOMENT);
    cr_expect_eq(packet->stage[STAGE_RX_FIFO], fetch - 1000);
    cr_expect_eq(rx_drain(&driver), 1);
    nic_stop();
}

Test(nic_rx, frames_may_wait_for_a_refill)
{
    struct nic_config config = nic_defaults;
    config.rx_drop = false;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, 7);
    sim_run(sim, MOMENT);
    for (int i = 0; i < 10; i++)
        far_send(0, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(rx_drain(&driver), 7);
    cr_expect_eq(nic_rx_fifo_used(nic), 3 * 60);
    rx_put(&driver, 3);
    write_register(&driver, REG_RX_TAIL, driver.rx_tail);
    sim_run(sim, 3 * MOMENT);
    cr_expect_eq(rx_drain(&driver), 3);
    cr_expect_eq(received.total.delivered, 10);
    cr_expect_eq(nic_rx_fifo_used(nic), 0);
    check_conservation();
    nic_stop();
}

Test(nic_rx, a_full_fifo_drops_at_the_byte)
{
    struct nic_config config = nic_defaults;
    config.rx_drop = false;
    config.rx_fifo = 3000;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    for (int i = 0; i < 3; i++)
        far_send(0, 0, 1000);
    sim_run(sim, MOMENT);
    cr_expect_eq(received.total.dropped[DROP_RX_FIFO_FULL], 0, "exactly full");
    far_send(0, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(received.total.dropped[DROP_RX_FIFO_FULL], 1, "one too many");
    rx_put(&driver, 3);
    write_register(&driver, REG_RX_TAIL, driver.rx_tail);
    sim_run(sim, 3 * MOMENT);
    cr_expect_eq(rx_drain(&driver), 3);
    check_conservation();
    nic_stop();
}

/* A Gen1 lane is slower than the wire: the FIFO fills, and what is received is what the way up carries. */
Test(nic_rx, a_slow_link_fills_the_fifo)
{
    enum { COUNT = 1000 };
    struct nic_config config = nic_defaults;
    config.link = link_defaults;
    config.link.generation = 1;
    config.link.width = 1;
    config.rx_fifo = 32768;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, RING - 1);
    sim_run(sim, MOMENT);
    sim_time start = sim_now(sim);
    for (int i = 0; i < COUNT; i++)
        far_send(0, 0, 1514);
    sim_run(sim, start + 200 * SIM_US);
    rx_drain(&driver);
    sim_run(sim, start + 1200 * SIM_US);
    double frames = rx_drain(&driver);
    cr_expect_gt(received.total.dropped[DROP_RX_FIFO_FULL], 500);
    cr_expect(nic_rx_fifo_used(nic) <= 32768 && nic_rx_fifo_used(nic) > 32768 - 2 * 1514);
    int64_t num, den;
    pcie_link_rate(&config.link, &num, &den);
    double frame_bytes =
        (double)dma_counters(nic_dma(nic), 0)->bytes_up / nic_counters(nic, 0, 0)->rx_packets;
    double limit = (double)SIM_MS * den / num / frame_bytes;
    cr_expect(frames > 0.99 * limit && frames < 1.01 * limit, "%g frames, the link carries %g", frames,
              limit);
    sim_run(sim, sim_now(sim) + SIM_MS);
    rx_drain(&driver);
    cr_expect_eq(path_in_flight(&received), 0);
    check_conservation();
    nic_stop();
}

/* On a slow link hundreds of writes are under way at once; descriptors are fetched behind them. */
Test(nic_rx, many_writes_in_flight_stay_apart)
{
    enum { COUNT = 500 };
    struct nic_config config = nic_defaults;
    config.link = link_defaults;
    config.link.generation = 1;
    config.link.width = 1;
    nic_start(&config);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, RING - 1);
    sim_run(sim, MOMENT);
    for (int i = 0; i < COUNT; i++)
        far_send(0, 0, 60);
    sim_run(sim, SIM_MS);
    for (unsigned id = 1; id <= COUNT; id++) {
        struct packet *packet = rx_take(&driver);
        cr_assert_not_null(packet, "packet %u", id);
        cr_assert_eq(packet->id, id);
        path_deliver(&received, packet, packet->last);
    }
    check_conservation();
    nic_stop();
}

Test(nic_rx, flows_are_spread_over_queues_and_stay_there)
{
    enum { QUEUES = 4, FLOWS = 64 };
    struct nic_config config = nic_defaults;
    config.queues = QUEUES;
    nic_start(&config);
    struct driver drivers[QUEUES];
    for (unsigned q = 0; q < QUEUES; q++) {
        drivers[q] = driver_make(0, q);
        driver_start(&drivers[q]);
        rx_put_first(&drivers[q], 2 * FLOWS);
    }
    for (int round = 0; round < 2; round++)
        for (uint32_t flow = 0; flow < FLOWS; flow++)
            far_send(0, flow, 60);
    sim_run(sim, 4 * MOMENT);
    unsigned queue_of[FLOWS], seen[FLOWS] = {0};
    for (unsigned q = 0; q < QUEUES; q++) {
        unsigned count = 0;
        for (struct packet *packet; (packet = rx_take(&drivers[q])) != NULL; count++) {
            if (seen[packet->flow]++ > 0)
                cr_expect_eq(queue_of[packet->flow], q);
            queue_of[packet->flow] = q;
            path_deliver(&received, packet, packet->last);
        }
        cr_expect(count >= FLOWS / 4 && count <= FLOWS, "queue %u: %u", q, count);
    }
    cr_expect_eq(received.total.delivered, 2 * FLOWS);
    nic_stop();
}

Test(nic_rx, frames_go_to_their_function)
{
    nic_start(&nic_defaults);
    struct driver drivers[3];
    for (unsigned f = 0; f < 3; f++) {
        drivers[f] = driver_make(f, 0);
        driver_start(&drivers[f]);
        rx_put_first(&drivers[f], 10);
    }
    sim_run(sim, MOMENT);
    far_send(2, 0, 60);
    far_send(1, 0, 60);
    far_send(2, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(rx_drain(&drivers[0]), 0);
    cr_expect_eq(rx_drain(&drivers[1]), 1);
    cr_expect_eq(rx_drain(&drivers[2]), 2);
    cr_expect(drivers[0].interrupts == 0 && drivers[1].interrupts == 1);
    nic_stop();
}

/* ---- vectors ---- */

Test(nic_rx, a_vector_that_masks_itself_waits_for_its_enable)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver.ring.auto_mask = true;
    driver_start(&driver);
    rx_put_first(&driver, 100);
    for (int i = 1; i <= 3; i++) {
        far_send(0, 0, 60);
        sim_run(sim, i * MOMENT);
    }
    cr_expect_eq(driver.interrupts, 1);
    write_register(&driver, REG_MASK_SET, ~0u);
    sim_run(sim, 4 * MOMENT);
    cr_expect_eq(driver.interrupts, 2, "for the two that came meanwhile");
    write_register(&driver, REG_MASK_SET, ~0u);
    sim_run(sim, 5 * MOMENT);
    cr_expect_eq(driver.interrupts, 2, "nothing waits");
    nic_stop();
}

Test(nic_rx, masked_and_unmasked_by_register)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, 100);
    write_register(&driver, REG_MASK_CLEAR, ~0u);
    sim_run(sim, MOMENT);
    far_send(0, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(driver.interrupts, 0);
    write_register(&driver, REG_MASK_SET, ~0u);
    sim_run(sim, 3 * MOMENT);
    cr_expect_eq(driver.interrupts, 1);
    nic_stop();
}

static uint64_t read_cause(void)
{
    return nic_register_read(nic, 0, device_register_offset(REG_CAUSE, 0));
}

Test(nic_rx, reading_the_cause_clears_it_and_what_waits)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, 100);
    write_register(&driver, REG_MASK_CLEAR, ~0u);
    sim_run(sim, MOMENT);
    far_send(0, 0, 60);
    tx_put(&driver, 60);
    tx_ring_doorbell(&driver);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(read_cause(), CAUSE_RXT0 | CAUSE_TXDW);
    cr_expect_eq(read_cause(), 0);
    write_register(&driver, REG_MASK_SET, ~0u);
    sim_run(sim, 3 * MOMENT);
    cr_expect_eq(driver.interrupts, 0);
    nic_stop();
}

Test(nic_rx, software_can_raise_a_vector)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    write_register(&driver, REG_CAUSE_SET, CAUSE_RXT0);
    sim_run(sim, MOMENT);
    cr_expect_eq(driver.interrupts, 1);
    cr_expect_eq(read_cause(), CAUSE_RXT0);
    nic_stop();
}

Test(nic_rx, moderated_frames_share_an_interrupt)
{
    nic_start(&nic_defaults);
    struct driver driver = driver_make(0, 0);
    driver_start(&driver);
    rx_put_first(&driver, 100);
    struct moderation_setting setting = {.interval = 50 * SIM_US};
    nic_set_moderation(nic, 0, 0, &setting);
    sim_run(sim, MOMENT);
    for (int i = 0; i < 20; i++)
        far_send(0, 0, 60);
    sim_run(sim, 2 * MOMENT);
    cr_expect_eq(driver.interrupts, 1, "the first");
    sim_time first = nic_last_interrupt(nic, 0, 0);
    sim_run(sim, first + 50 * SIM_US - 1);
    cr_expect_eq(nic_interrupts(nic, 0, 0), 1);
    sim_run(sim, first + 50 * SIM_US);
    cr_expect_eq(nic_interrupts(nic, 0, 0), 2, "and one for the rest");
    nic_stop();
}

Test(nic_rx, the_table_is_sound_and_its_drivers_exist)
{
    struct diag *diag = diag_create();
    cr_expect(param_check_table(&nic_table, diag));
    diag_print(diag, stderr);
    diag_destroy(diag);
    for (size_t i = 0; nic_driver_names[i]; i++)
        cr_expect_not_null(driver_personality_find(nic_driver_names[i]), "%s", nic_driver_names[i]);
}

Test(nic_rx, a_buffer_to_be_segmented_on_receive_trips, .signal = SIGABRT)
{
    nic_start(&nic_defaults);
    struct packet *packet = path_packet(&received, 4000);
    packet->gso_size = 1460;
    wire_send(nic_wire(nic), 1, packet);
    sim_run(sim, MOMENT);
}
