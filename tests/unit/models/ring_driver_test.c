/*
 * The ring driver on real devices: every personality's register accesses in their order, doorbells of bursts and of
 * full rings, refills, several senders on one queue.
 */
#include "tests/unit/models/system_bench.h"

static struct system_bench bench;

static unsigned driver_index(const char *name)
{
    for (unsigned i = 0; nic_driver_names[i]; i++)
        if (strcmp(nic_driver_names[i], name) == 0)
            return i;
    cr_assert_fail("no driver %s", name);
    return 0;
}

/* One stream of `packets`, 1 ms apart, on the device `name` as `strategy` has it; recorded. */
static void run(int strategy, const char *name, int direction, int64_t packets)
{
    system_bench_prepare(&bench, strategy);
    bench.config.duration = packets * SIM_MS + SIM_MS / 2;
    bench.traffic[0].direction = direction;
    if (strategy == BENCH_EMULATION)
        bench_set(&emulation_table, &bench.vms[0].emulation, "device", name);
    else if (strategy == BENCH_PASSTHROUGH)
        bench.nics[0].vf_driver = (int)driver_index(name);
    else
        bench.nics[0].driver = (int)driver_index(name);
    system_bench_start(&bench);
    bench_record(&bench);
    system_bench_run(&bench);
    cr_expect_eq(bench_total(&bench, 0)->delivered, packets);
}

static void expect_sequence(int strategy, const char *name, int direction, const char *sequence)
{
    run(strategy, name, direction, 1);
    cr_expect_str_eq(bench_sequence(&bench), sequence, "%s, direction %d: %s", name, direction,
                     bench_sequence(&bench));
    system_bench_destroy(&bench);
}

/* ---- accesses of a single packet ---- */

Test(ring_driver, e1000)
{
    expect_sequence(BENCH_EMULATION, "e1000", TRAFFIC_TRANSMIT, "TDT ICR? IMC STATUS? IMS STATUS?");
    expect_sequence(BENCH_EMULATION, "e1000", TRAFFIC_RECEIVE, "ICR? IMC STATUS? RDT IMS STATUS?");
}

/* MSI-X: the vector masks itself, and one write enables it again. */
Test(ring_driver, e1000e)
{
    expect_sequence(BENCH_EMULATION, "e1000e", TRAFFIC_TRANSMIT, "TDT IMS");
    expect_sequence(BENCH_EMULATION, "e1000e", TRAFFIC_RECEIVE, "IMS");
}

/* Each vector of e1000e's is enabled by its own bit. */
Test(ring_driver, e1000e_enables_the_vector_that_fired)
{
    run(BENCH_EMULATION, "e1000e", TRAFFIC_TRANSMIT, 1);
    cr_expect_eq(bench_log[1].value, RING_MASK_TX);
    system_bench_destroy(&bench);
    run(BENCH_EMULATION, "e1000e", TRAFFIC_RECEIVE, 1);
    cr_expect_eq(bench_log[0].value, RING_MASK_RX);
    system_bench_destroy(&bench);
}

/* MSI: reading ICR masks. */
Test(ring_driver, e1000e_msi)
{
    expect_sequence(BENCH_EMULATION, "e1000e-msi", TRAFFIC_TRANSMIT, "TDT ICR? IMS STATUS?");
    expect_sequence(BENCH_EMULATION, "e1000e-msi", TRAFFIC_RECEIVE, "ICR? IMS STATUS?");
}

Test(ring_driver, igb)
{
    expect_sequence(BENCH_NATIVE, "igb", TRAFFIC_TRANSMIT, "TDT EIMS");
    expect_sequence(BENCH_NATIVE, "igb", TRAFFIC_RECEIVE, "RDT EIMS");
}

Test(ring_driver, ixgbe)
{
    expect_sequence(BENCH_NATIVE, "ixgbe", TRAFFIC_TRANSMIT, "TDT EIMS");
    expect_sequence(BENCH_NATIVE, "ixgbe", TRAFFIC_RECEIVE, "EIMS");
}

Test(ring_driver, ixgbevf)
{
    expect_sequence(BENCH_PASSTHROUGH, "ixgbevf", TRAFFIC_TRANSMIT, "VFTDT VTEIMS");
    expect_sequence(BENCH_PASSTHROUGH, "ixgbevf", TRAFFIC_RECEIVE, "VTEIMS");
}

Test(ring_driver, ena_and_mlx5)
{
    expect_sequence(BENCH_PASSTHROUGH, "ena", TRAFFIC_TRANSMIT, "SQ_TX_DB INTR_UNMASK");
    expect_sequence(BENCH_PASSTHROUGH, "ena", TRAFFIC_RECEIVE, "INTR_UNMASK");
    expect_sequence(BENCH_PASSTHROUGH, "mlx5", TRAFFIC_TRANSMIT, "SQ_DB CQ_ARM");
    expect_sequence(BENCH_PASSTHROUGH, "mlx5", TRAFFIC_RECEIVE, "CQ_ARM");
}

/* ---- refills ---- */

/* Drivers without a refill of the remainder write the tail with every 16th packet, not with the 15th. */
Test(ring_driver, every_sixteenth_packet_refills)
{
    for (int64_t packets = 15; packets <= 32; packets += packets == 15 ? 1 : 16) {
        run(BENCH_PASSTHROUGH, "ixgbevf", TRAFFIC_RECEIVE, packets);
        cr_expect_eq(bench.system->attachments[0].access->writes[REG_RX_TAIL], packets / 16);
        cr_expect_eq(bench.system->attachments[0].access->writes[REG_MASK_SET], packets);
        system_bench_destroy(&bench);
    }
}

/* The refill comes before polling mode is left. */
Test(ring_driver, a_refill_is_part_of_the_poll)
{
    run(BENCH_PASSTHROUGH, "ixgbevf", TRAFFIC_RECEIVE, 16);
    cr_assert_eq(bench_logged, 17);
    cr_expect_eq(bench_log[15].reg, REG_RX_TAIL);
    cr_expect_eq((int64_t)bench_log[15].value, (bench.nics[0].rx_ring - 1 + 16) % bench.nics[0].rx_ring);
    cr_expect_eq(bench_log[16].reg, REG_MASK_SET);
    system_bench_destroy(&bench);
}

/* A ring that is smaller than the driver's chunk does not run dry. */
Test(ring_driver, a_small_receive_ring_goes_on)
{
    static const int64_t sizes[] = {8, 9, 16, 17, 32};
    static const char *const drivers[] = {"ixgbe", "ena", "igb"};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t j = 0; j < sizeof(drivers) / sizeof(drivers[0]); j++) {
            system_bench_prepare(&bench, BENCH_NATIVE);
            bench.nics[0].driver = (int)driver_index(drivers[j]);
            bench.nics[0].rx_ring = sizes[i];
            bench.traffic[0].direction = TRAFFIC_RECEIVE;
            bench.traffic[0].rate = 10000 * 1000;
            bench.config.duration = 10 * SIM_MS + SIM_MS / 20;
            system_bench_start(&bench);
            system_bench_run(&bench);
            cr_expect_eq(bench_total(&bench, 0)->delivered, 100, "%s, %ld descriptors: %ld", drivers[j],
                         (long)sizes[i], (long)bench_total(&bench, 0)->delivered);
            system_bench_destroy(&bench);
        }
}

/* ---- transmit ---- */

static void run_burst(int64_t ring, int64_t burst)
{
    system_bench_prepare(&bench, BENCH_NATIVE);
    bench.nics[0].tx_ring = ring;
    bench.traffic[0].burst = burst;
    bench.traffic[0].rate = 1000 * burst * 1000;
    bench.config.duration = SIM_MS + SIM_MS / 2;
    system_bench_start(&bench);
    bench_record(&bench);
    system_bench_run(&bench);
    cr_expect_eq(bench_total(&bench, 0)->delivered, burst);
}

/* The values of all tail writes, in order. */
static unsigned tails(uint64_t *values, unsigned most)
{
    unsigned count = 0;
    for (size_t i = 0; i < bench_logged && count < most; i++)
        if (bench_log[i].reg == REG_TX_TAIL)
            values[count++] = bench_log[i].value;
    return count;
}

/* xmit_more: one doorbell for the burst. */
Test(ring_driver, a_burst_rings_once)
{
    uint64_t values[64];
    run_burst(512, 32);
    cr_assert_eq(tails(values, 64), 1);
    cr_expect_eq(values[0], 32);
    system_bench_destroy(&bench);
}

/* A ring of 16 takes 15: the 15th is not held back for more, as more cannot come. */
Test(ring_driver, a_full_ring_rings_though_more_follows)
{
    uint64_t values[64];
    run_burst(16, 15);
    cr_assert_eq(tails(values, 64), 1);
    cr_expect_eq(values[0], 15);
    system_bench_destroy(&bench);
    run_burst(16, 40);
    cr_assert_geq(tails(values, 64), 3);
    cr_expect_eq(values[0], 15);
    system_bench_destroy(&bench);
}

/* The sender waits while the ring is full; nothing is lost, and the wait is a stage. */
Test(ring_driver, a_full_ring_makes_the_sender_wait)
{
    run_burst(8, 200);
    const struct path_counters *total = bench_total(&bench, 0);
    cr_expect_eq(bench_drops(total), 0);
    cr_expect_gt(total->stage_time[STAGE_RING_WAIT], 0);
    system_bench_destroy(&bench);
}

/* Senders on several cores between prepare and commit at once: each has its slot. */
Test(ring_driver, senders_share_a_queue)
{
    for (int64_t ring = 8; ring <= 16; ring += 8) {
        system_bench_prepare(&bench, BENCH_NATIVE);
        bench.config.host.cores = BENCH_LIST_MAX + 1;
        bench.config.vms.count = bench.config.traffic.count = BENCH_LIST_MAX;
        bench.nics[0].tx_ring = ring;
        for (size_t i = 0; i < BENCH_LIST_MAX; i++) {
            bench.traffic[i].vm = (int64_t)i;
            bench.traffic[i].burst = 9;
            bench.traffic[i].rate = 9 * 1000 * 1000;
        }
        bench.config.duration = 10 * SIM_MS + SIM_MS / 2;
        system_bench_start(&bench);
        system_bench_run(&bench);
        for (size_t i = 0; i < BENCH_LIST_MAX; i++)
            cr_expect_eq(bench_total(&bench, i)->delivered, 90);
        system_bench_destroy(&bench);
    }
}

/* Tail writes that trap take long: one vCPU's must not overtake another's and set the tail back. */
Test(ring_driver, tail_writes_of_two_vcpus_keep_their_order)
{
    system_bench_prepare(&bench, BENCH_EMULATION);
    bench.vms[0].vcpus = 2;
    bench.config.traffic.count = 2;
    bench.config.duration = 5 * SIM_MS;
    bench.traffic[0].rate = bench.traffic[1].rate = 0;
    bench.traffic[0].window = bench.traffic[1].window = 3;
    bench.traffic[1].vcpu = 1;
    system_bench_start(&bench);
    bench_record(&bench);
    system_bench_run(&bench);
    int64_t packets = bench_total(&bench, 0)->delivered + bench_total(&bench, 1)->delivered;
    int64_t doorbells = bench.system->attachments[0].access->writes[REG_TX_TAIL];
    cr_expect_gt(packets, 200);
    cr_expect_lt(doorbells, packets, "some are left to the one who is at it");
    for (size_t i = 1, last = 0; i < bench_logged; i++) {
        if (bench_log[i].reg != REG_TX_TAIL)
            continue;
        size_t forward = (bench_log[i].value + 256 - last) % 256;
        cr_expect(forward > 0 && forward < 128, "from %zu to %zu", last, (size_t)bench_log[i].value);
        last = bench_log[i].value;
    }
    system_bench_destroy(&bench);
}

/* A guest's pages need not lie side by side in the host: large packets arrive all the same. */
Test(ring_driver, large_packets_in_scattered_memory)
{
    system_bench_prepare(&bench, BENCH_PASSTHROUGH);
    bench.config.host.memory.fragmentation = 1000000;
    bench.traffic[0].segment = 60000;
    bench.traffic[0].burst = 4;
    system_bench_start(&bench);
    system_bench_run(&bench);
    cr_expect_eq(bench_drops(bench_total(&bench, 0)), 0);
    cr_expect_eq(bench_total(&bench, 0)->delivered, 16);
    system_bench_destroy(&bench);
}

/* ---- moderation ---- */

/* The driver's algorithm decides when polling ends, and writes the interval before it enables the interrupt. */
Test(ring_driver, the_interval_is_written_before_the_mask)
{
    system_bench_prepare(&bench, BENCH_PASSTHROUGH);
    bench_model(&bench, &bench.nics[0].moderation, &moderation_family, "ixgbevf_adaptive");
    bench.traffic[0].direction = TRAFFIC_RECEIVE;
    bench.traffic[0].rate = 300000 * 1000;
    system_bench_start(&bench);
    bench_record(&bench);
    system_bench_run(&bench);
    const struct device_access *access = bench.system->attachments[0].access;
    cr_assert_gt(access->writes[REG_THROTTLE], 0);
    for (size_t i = 0; i + 1 < bench_logged; i++)
        if (bench_log[i].reg == REG_THROTTLE)
            cr_expect_eq(bench_log[i + 1].reg, REG_MASK_SET);
    system_bench_destroy(&bench);
}

/* ena's driver has no interval of its own to adapt: nothing is written. */
Test(ring_driver, a_driver_without_an_interval_writes_none)
{
    system_bench_prepare(&bench, BENCH_PASSTHROUGH);
    bench_model(&bench, &bench.nics[0].moderation, &moderation_family, "ixgbevf_adaptive");
    bench.nics[0].vf_driver = (int)driver_index("ena");
    bench.traffic[0].direction = TRAFFIC_RECEIVE;
    bench.traffic[0].rate = 300000 * 1000;
    system_bench_start(&bench);
    system_bench_run(&bench);
    cr_expect_eq(bench.system->attachments[0].access->writes[REG_THROTTLE], 0);
    system_bench_destroy(&bench);
}
