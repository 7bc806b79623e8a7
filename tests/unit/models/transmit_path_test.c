/* Whole systems whose transmit side is full: what senders get of it, what is lost where, and that nobody is in the way. */
#include "models/backend/emulation.h"
#include "models/guest/transmit.h"
#include "tests/unit/models/system_bench.h"

static struct system_bench bench;

enum { RING = 64, FIFO = 4096 /* [B] */, SLOW = 20 /* [Mbit/s] */, WIRE_BYTES = 64 + 20 };

/* A NIC whose wire is the bottleneck, `count` senders of 64-byte frames, each with a vCPU or core of its own. */
static void prepare(int strategy, size_t count, int64_t window)
{
    system_bench_prepare(&bench, strategy);
    bench.config.host.cores = 8;
    bench.nics[0].bit_rate = INT64_C(1000000) * SLOW;
    bench.nics[0].tx_ring = RING;
    bench.nics[0].tx_fifo = FIFO;
    bench.vms[0].vcpus = (int64_t)count;
    bench.config.traffic.count = count;
    for (size_t i = 0; i < count; i++) {
        bench.traffic[i].vcpu = (int64_t)i;
        bench.traffic[i].rate = 0;
        bench.traffic[i].window = window;
    }
}

static int64_t wire_packets(sim_time span)
{
    return span / (WIRE_BYTES * 8 * SIM_SECOND / (INT64_C(1000000) * SLOW));
}

/* ---- fairness ---- */

/* Two senders of one full ring: half of the wire each. In a FIFO their windows follow each other, so that at any time they
 * are a window apart at most: 100 of 8900. */
Test(transmit_path, two_senders_of_a_full_ring_get_half_each)
{
    static const int strategies[] = {BENCH_NATIVE, BENCH_PASSTHROUGH, BENCH_VIRTIO, BENCH_EMULATION};
    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        prepare(strategies[i], 2, 100);
        bench.config.duration = 300 * SIM_MS;
        system_bench_start(&bench);
        system_bench_run(&bench);
        int64_t first = bench_total(&bench, 0)->delivered, second = bench_total(&bench, 1)->delivered;
        cr_expect_gt(first + second, wire_packets(298 * SIM_MS), "strategy %d: %ld", strategies[i],
                     (long)(first + second));
        int64_t apart = first > second ? first - second : second - first;
        cr_expect_leq(apart, 100, "strategy %d: %ld and %ld", strategies[i], (long)first, (long)second);
        cr_expect_eq(bench_drops(bench_total(&bench, 0)) + bench_drops(bench_total(&bench, 1)), 0);
        system_bench_destroy(&bench);
    }
}

/* ---- the host's uplink is full ---- */

/* What finds the uplink's queue full is lost there, and what is delivered is what the wire takes. */
static void expect_lost_at_the_uplink(int strategy, int backend)
{
    prepare(strategy, 1, 0);
    bench.vms[0].virtio.backend = backend;
    bench.traffic[0].rate = 60 * 1000 * 1000;
    bench.config.duration = 100 * SIM_MS;
    system_bench_start(&bench);
    system_bench_run(&bench);
    const struct path_counters *total = bench_total(&bench, 0);
    int64_t wire = wire_packets(bench.config.duration), queued = TRANSMIT_QUEUE + RING;
    cr_expect_leq(total->delivered, wire);
    cr_expect_geq(total->delivered, wire - wire_packets(2 * SIM_MS));
    cr_expect_eq(bench_drops(total), total->dropped[DROP_HOST_TX_FULL], "and nowhere else");
    cr_expect_gt(total->dropped[DROP_HOST_TX_FULL], 0);
    cr_expect_geq(total->dropped[DROP_HOST_TX_FULL], total->offered - wire - queued - 64,
                  "but for what is under way");
    cr_expect_leq(total->dropped[DROP_HOST_TX_FULL], total->offered - total->delivered - queued);
    cr_expect_gt(total->stage_time[STAGE_HOST_QUEUE], 0);
    cr_expect_eq(total->stage_time[STAGE_RING_WAIT], 0, "the guest does not feel it");
    system_bench_destroy(&bench);
}

Test(transmit_path, vhost_loses_at_a_full_uplink)
{
    expect_lost_at_the_uplink(BENCH_VIRTIO, VIRTIO_VHOST);
}

Test(transmit_path, qemu_loses_at_a_full_uplink)
{
    expect_lost_at_the_uplink(BENCH_VIRTIO, VIRTIO_QEMU);
}

Test(transmit_path, an_emulated_nic_loses_at_a_full_uplink)
{
    expect_lost_at_the_uplink(BENCH_EMULATION, VIRTIO_VHOST);
}

/* The same traffic through a function of its own: the guest's own queue is before the ring, and its sender waits. */
Test(transmit_path, a_sender_before_its_own_ring_waits)
{
    prepare(BENCH_PASSTHROUGH, 1, 0);
    bench.traffic[0].rate = 60 * 1000 * 1000;
    bench.config.duration = 100 * SIM_MS;
    system_bench_start(&bench);
    system_bench_run(&bench);
    const struct path_counters *total = bench_total(&bench, 0);
    cr_expect_gt(total->stage_time[STAGE_RING_WAIT], 0);
    cr_expect_eq(total->stage_time[STAGE_HOST_QUEUE], 0);
    cr_expect_gt(total->dropped[DROP_SOURCE_OVERRUN], 0);
    cr_expect_eq(bench_drops(total), total->dropped[DROP_SOURCE_OVERRUN]);
    cr_expect_geq(total->delivered, wire_packets(98 * SIM_MS));
    system_bench_destroy(&bench);
}

/* A window does not shrink by what is lost: each end, good or bad, is replaced. */
Test(transmit_path, a_window_survives_its_losses)
{
    prepare(BENCH_VIRTIO, 1, 2000);
    bench.traffic[0].backlog = 2000;
    bench.config.duration = 200 * SIM_MS;
    system_bench_start(&bench);
    system_bench_run(&bench);
    const struct path_counters *total = bench_total(&bench, 0);
    cr_expect_gt(total->dropped[DROP_HOST_TX_FULL], 0);
    cr_expect_eq(total->offered - total->delivered - bench_drops(total), 2000);
    cr_expect_eq(source_in_flight(bench.system->traffic[0].source), 2000);
    cr_expect_geq(total->delivered, wire_packets(198 * SIM_MS));
    system_bench_destroy(&bench);
}

/* A full uplink keeps a backend from nothing: what comes in for the guest is received as if nobody sent. */
Test(transmit_path, a_full_uplink_does_not_delay_what_is_received)
{
    sim_time latency[2];
    for (int sending = 0; sending <= 1; sending++) {
        prepare(BENCH_VIRTIO, 2, 0);
        bench.traffic[0].direction = TRAFFIC_RECEIVE;
        bench.traffic[0].rate = 1000 * 1000;
        bench.traffic[1].rate = 60 * 1000 * 1000;
        bench.config.traffic.count = sending ? 2 : 1;
        bench.config.duration = 100 * SIM_MS;
        system_bench_start(&bench);
        system_bench_run(&bench);
        const struct path_counters *total = bench_total(&bench, 0);
        cr_expect_geq(total->delivered, 99);
        latency[sending] = total->latency_time / total->delivered;
        system_bench_destroy(&bench);
    }
    cr_expect_lt(latency[1], latency[0] + 60 * SIM_US, "%ld ps, %ld ps", (long)latency[0], (long)latency[1]);
}

/* ---- two vCPUs of one emulated NIC ---- */

/* A tail write that traps takes long: what the other vCPU sends meanwhile waits in the queue, and nothing is overtaken. */
Test(transmit_path, two_vcpus_send_through_one_emulated_nic)
{
    static const char *const devices[] = {"e1000", "e1000e", "igb"};
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        prepare(BENCH_EMULATION, 2, 64);
        bench.nics[0].bit_rate = INT64_C(25000000000);
        for (bench.vms[0].emulation.device = 0;
             strcmp(emulation_devices[bench.vms[0].emulation.device], devices[i]) != 0;)
            bench.vms[0].emulation.device++;
        bench.config.duration = 30 * SIM_MS;
        system_bench_start(&bench);
        system_bench_run(&bench);
        int64_t first = bench_total(&bench, 0)->delivered, second = bench_total(&bench, 1)->delivered;
        int64_t doorbells = bench.system->attachments[0].access->writes[REG_TX_TAIL];
        cr_expect_gt(first, 64, "%s: %ld, %ld", devices[i], (long)first, (long)second);
        cr_expect_gt(second, 64, "%s: %ld, %ld", devices[i], (long)first, (long)second);
        cr_expect_lt(2 * doorbells, first + second, "what has waited goes in bulk");
        system_bench_destroy(&bench);
    }
}

/* ---- the send buffer as configured ---- */

Test(transmit_path, a_send_buffer_s_default_depends_on_what_is_sent)
{
    system_bench_prepare(&bench, BENCH_NATIVE);
    struct traffic_config *traffic = &bench.traffic[0];
    cr_expect_eq(traffic_send_buffer(traffic), SEND_BUFFER_DATAGRAM);
    traffic->segment = 64000;
    cr_expect_eq(traffic_send_buffer(traffic), SEND_BUFFER_STREAM);
    traffic->send_buffer = 5000;
    cr_expect_eq(traffic_send_buffer(traffic), 5000);
    system_bench_free(&bench);
}

/* Room for five frames of 64 bytes: no more are between the socket and the reclaiming, however large the window is. What
 * the NIC has read into its buffer is reclaimed, and comes on top. */
Test(transmit_path, a_small_send_buffer_bounds_what_is_under_way)
{
    prepare(BENCH_PASSTHROUGH, 1, 100);
    bench.traffic[0].send_buffer = 5 * send_buffer_size(60);
    bench.config.duration = 100 * SIM_MS;
    system_bench_start(&bench);
    system_bench_run(&bench);
    const struct path_counters *total = bench_total(&bench, 0);
    sim_time waited = total->stage_time[STAGE_SOURCE_WAIT] + total->stage_time[STAGE_RING_WAIT];
    sim_time most = 5 + (FIFO + WIRE_BYTES - 1) / WIRE_BYTES;
    cr_expect_geq(total->delivered, wire_packets(98 * SIM_MS), "five are enough for a slow wire");
    cr_expect_leq(total->latency_time - waited, most * bench.config.duration, "by Little's law");
    system_bench_destroy(&bench);
}

/* ---- a virtqueue that is started again too full ---- */

/* Without NAPI and with notification flags an interrupt may be about chains that a later packet has reclaimed already: it
 * starts a queue that is as full as before, and what then finds no room is lost. */
Test(transmit_path, a_stale_interrupt_restarts_a_full_virtqueue)
{
    prepare(BENCH_VIRTIO, 2, 0);
    bench.nics[0].bit_rate = INT64_C(100000000000);
    bench.vms[0].virtio.event_index = bench.vms[0].virtio.indirect = false;
    bench.vms[0].virtio.tx_interrupts = false;
    bench.traffic[0].window = 32;
    bench.traffic[0].segment = 64000;
    bench.traffic[1].window = bench.traffic[1].backlog = 2000;
    bench.traffic[1].segment = 9000;
    bench.config.duration = 30 * SIM_MS;
    system_bench_start(&bench);
    system_bench_run(&bench);
    int64_t lost = bench_total(&bench, 0)->dropped[DROP_GUEST_TX_FULL] +
                   bench_total(&bench, 1)->dropped[DROP_GUEST_TX_FULL];
    int64_t delivered = bench_total(&bench, 0)->delivered + bench_total(&bench, 1)->delivered;
    cr_expect_gt(lost, 0);
    cr_expect_gt(delivered, 20 * lost, "%ld lost of %ld", (long)lost, (long)(lost + delivered));
    system_bench_destroy(&bench);
}
