/*
 * The emulated NIC's data path: what transmit costs where it runs, each factor of that cost taken away by itself,
 * software segmentation, receive without descriptors.
 */
#include "tests/unit/models/emulated_bench.h"

static const struct costs *const costs = &system_bench_costs;

/* [B] without FCS, and cycles to copy it, as often as it is: between guest and device, between device and tap. */
enum { LENGTH = 996, COPIES = 2, COPY = COPIES * LENGTH / 4 };

static void prepare(int direction)
{
    emulated_prepare("e1000");
    bench_set(bench.traffic[0].size.model->table, bench.traffic[0].size.config, "bytes", "1000B");
    bench.traffic[0].direction = direction;
    bench.config.duration = 10 * SIM_MS + SIM_MS / 2;
}

static void run(void)
{
    system_bench_start(&bench);
    system_bench_run(&bench);
}

/* [cycles] of a stage, the mean of all packets. */
static int64_t stage(enum stage which)
{
    const struct path_counters *total = bench_total(&bench, 0);
    cr_assert_eq(total->stage_time[which] % (total->delivered * CYCLE), 0);
    return total->stage_time[which] / (total->delivered * CYCLE);
}

static int64_t exit_cycles(void)
{
    return vcpu_exit_half(costs) + vcpu_site_cycles(costs, EXIT_EPT_MISCONFIG, EXIT_SITE_USER) +
           costs->emulate_register;
}

static int64_t host_send_cycles(void)
{
    return costs->syscall + costs->tap_send + costs->bridge + costs->driver_send + costs->mmio_write;
}

/* ---- transmit ---- */

/* In the vCPU's thread: the packet is on the NIC's ring before the guest goes on. */
Test(emulated_nic, synchronous_transmit_is_the_sum_of_its_parts)
{
    prepare(TRAFFIC_TRANSMIT);
    run();
    cr_assert_eq(bench_total(&bench, 0)->delivered, 10);
    cr_expect_eq(stage(STAGE_NOTIFY), exit_cycles(), "%ld", (long)stage(STAGE_NOTIFY));
    cr_expect_eq(stage(STAGE_BACKEND_WAIT), 0);
    cr_expect_eq(stage(STAGE_BACKEND), costs->emulate_descriptor + COPY, "%ld", (long)stage(STAGE_BACKEND));
    cr_expect_eq(stage(STAGE_HOST_SEND), host_send_cycles());
    system_bench_destroy(&bench);
}

/* QEMU's vCPU thread writes the main loop's eventfd and wakes it. */
static int64_t notify_cycles(void)
{
    return costs->syscall + costs->wakeup;
}

/* In the device's own thread: the vCPU's exit is over before, and the thread is another core's. */
Test(emulated_nic, asynchronous_transmit_runs_in_the_device_s_thread)
{
    int64_t busy[2], vcpu[2], woken[2];
    for (int synchronous = 0; synchronous <= 1; synchronous++) {
        prepare(TRAFFIC_TRANSMIT);
        bench.vms[0].emulation.synchronous = synchronous;
        run();
        cr_assert_eq(bench_total(&bench, 0)->delivered, 10);
        cr_expect_eq(stage(STAGE_NOTIFY), exit_cycles());
        cr_expect_eq(stage(STAGE_BACKEND_WAIT), synchronous ? 0 : notify_cycles() + costs->qemu_dispatch);
        cr_expect_eq(stage(STAGE_BACKEND), costs->emulate_descriptor + COPY, "%ld",
                     (long)stage(STAGE_BACKEND));
        vcpu[synchronous] = cpu_ledger(bench.system->cores[1].cpu)->cycles[ACCOUNT_HOST + CPU_COPY];
        woken[synchronous] = cpu_ledger(bench.system->cores[1].cpu)->cycles[ACCOUNT_HOST + CPU_SCHED];
        busy[synchronous] = cpu_ledger(bench.system->cores[2].cpu)->cycles[ACCOUNT_HOST + CPU_COPY];
        system_bench_destroy(&bench);
    }
    cr_expect_eq(vcpu[1], 10 * COPY);
    cr_expect_eq(busy[1], 0);
    cr_expect_eq(vcpu[0], 0);
    cr_expect_eq(busy[0], 10 * COPY);
    cr_expect_eq(woken[0] - 10 * costs->halt_block, woken[1] + 10 * costs->wakeup, "by the vCPU's thread");
}

/* xmit_more: one exit for the burst, and its descriptors are sent in one go, one after the other. */
Test(emulated_nic, a_burst_is_one_exit_and_one_interrupt)
{
    prepare(TRAFFIC_TRANSMIT);
    bench.traffic[0].burst = 8;
    bench.traffic[0].rate *= 8;
    run();
    cr_expect_eq(bench_total(&bench, 0)->delivered, 80);
    cr_expect_eq(bench.system->attachments[0].access->writes[REG_TX_TAIL], 10);
    cr_expect_eq(emulated()->raised, 10);
    cr_expect_eq(bench_total(&bench, 0)->stage_time[STAGE_BACKEND_WAIT],
                 10 * 28 * (costs->emulate_descriptor + COPY + host_send_cycles()) * CYCLE,
                 "0 + 1 + ... + 7 others come before");
    system_bench_destroy(&bench);
}

/* ---- factors ---- */

Test(emulated_nic, without_copies_the_rest_remains)
{
    prepare(TRAFFIC_TRANSMIT);
    bench.vms[0].emulation.copies = false;
    run();
    cr_expect_eq(stage(STAGE_BACKEND), costs->emulate_descriptor);
    system_bench_destroy(&bench);
}

/* Exits without a price are counted all the same. */
Test(emulated_nic, exits_without_a_price_are_counted)
{
    int64_t count[2];
    for (int priced = 0; priced <= 1; priced++) {
        prepare(TRAFFIC_TRANSMIT);
        bench.vms[0].emulation.exits = priced;
        run();
        cr_expect_eq(stage(STAGE_NOTIFY), priced ? exit_cycles() : costs->emulate_register);
        count[priced] = vcpu_counters(emulated_vcpu())->exits[EXIT_EPT_MISCONFIG];
        system_bench_destroy(&bench);
    }
    cr_expect_eq(count[0], 10 * 6);
    cr_expect_eq(count[1], 10 * 6);
}

/* ---- segmentation ---- */

enum { PAYLOAD = 20000, MSS = 1460, FRAMES = 14, HANDED_OVER = 10 };

static void run_large(bool segmentation, const char *tso_max)
{
    prepare(TRAFFIC_TRANSMIT);
    bench.vms[0].emulation.segmentation = segmentation;
    bench.traffic[0].segment = PAYLOAD;
    bench_set(&nic_table, &bench.nics[0], "tso_max", tso_max);
    run();
    const struct path_counters *total = bench_total(&bench, 0);
    cr_expect_eq(total->delivered, HANDED_OVER);
    cr_expect_eq(total->delivered_frames, HANDED_OVER * FRAMES);
    cr_expect_eq(total->delivered_bytes, HANDED_OVER * (PAYLOAD + FRAMES * (FRAME_HEADERS + FRAME_FCS)),
                 "%ld bytes", (long)total->delivered_bytes);
    cr_expect_eq(bench.system->traffic[0].path.fragments, 0);
}

/* Wherever large packets are cut, in the device, in the host or on the NIC, the wire carries the same. */
Test(emulated_nic, segmentation_conserves_bytes_wherever_it_is)
{
    run_large(true, "64KiB");
    cr_expect_eq(bench.system->nics[0].host.access.base.writes[REG_TX_TAIL], HANDED_OVER * FRAMES,
                 "frame by frame");
    cr_expect_geq(stage(STAGE_BACKEND),
                  costs->emulate_descriptor + FRAMES * costs->gso_segment + COPIES * PAYLOAD / 4);
    system_bench_destroy(&bench);
    run_large(false, "64KiB");
    cr_expect_eq(bench.system->nics[0].host.access.base.writes[REG_TX_TAIL], HANDED_OVER, "whole");
    cr_expect_lt(stage(STAGE_BACKEND),
                 costs->emulate_descriptor + FRAMES * costs->gso_segment + COPIES * PAYLOAD / 4);
    system_bench_destroy(&bench);
    run_large(false, "0");
    cr_expect_eq(bench.system->nics[0].host.access.base.writes[REG_TX_TAIL], HANDED_OVER,
                 "a burst of frames each");
    cr_expect_eq(cpu_ledger(bench.system->cores[1].cpu)->cycles[ACCOUNT_HOST + CPU_STACK],
                 HANDED_OVER * FRAMES * costs->gso_segment, "cut in the host's stack");
    system_bench_destroy(&bench);
}

/* The physical ring may be smaller than what a packet is cut into. */
Test(emulated_nic, segmentation_waits_for_the_ring)
{
    prepare(TRAFFIC_TRANSMIT);
    bench.traffic[0].segment = PAYLOAD;
    bench.nics[0].tx_ring = 8;
    bench_set(&nic_table, &bench.nics[0], "bit_rate", "1Gbps");
    run();
    cr_expect_eq(bench_total(&bench, 0)->delivered_frames, HANDED_OVER * FRAMES);
    system_bench_destroy(&bench);
}

/* ---- receive ---- */

Test(emulated_nic, receive_is_the_sum_of_its_parts)
{
    prepare(TRAFFIC_RECEIVE);
    run();
    cr_assert_eq(bench_total(&bench, 0)->delivered, 10);
    cr_expect_eq(stage(STAGE_TAP_WAIT), costs->wakeup + costs->qemu_dispatch);
    cr_expect_eq(stage(STAGE_BACKEND_RECEIVE),
                 costs->syscall + costs->tap_receive + costs->emulate_descriptor + COPY, "%ld",
                 (long)stage(STAGE_BACKEND_RECEIVE));
    system_bench_destroy(&bench);
}

/* A guest that does not keep up: packets wait in the tap for descriptors, and what it does not hold is lost there. */
Test(emulated_nic, packets_without_descriptors_wait_in_the_tap)
{
    prepare(TRAFFIC_RECEIVE);
    bench.vms[0].emulation.tap_queue = 20;
    bench.vms[0].emulation.rx_ring = 48;
    bench.config.costs.stack_receive = 20000;
    bench.traffic[0].rate = INT64_C(200000) * 1000;
    run();
    const struct path_counters *total = bench_total(&bench, 0);
    cr_expect_gt(total->delivered, 200);
    cr_expect_gt(total->dropped[DROP_TAP_FULL], 100);
    cr_expect_eq(bench_drops(total), total->dropped[DROP_TAP_FULL] + total->dropped[DROP_SOCKET_FULL]);
    cr_expect_leq(path_in_flight(&bench.system->traffic[0].path), 20 + 47 + 1 + 512,
                  "tap, ring, backend, the NIC");
    system_bench_destroy(&bench);
}

/* A device name for each VM: several may have the same device. */
Test(emulated_nic, several_vms_have_one)
{
    prepare(TRAFFIC_TRANSMIT);
    bench.config.vms.count = bench.config.traffic.count = 3;
    for (int i = 1; i < 3; i++)
        bench.traffic[i].vm = i;
    run();
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(bench_total(&bench, i)->delivered, 10);
    system_bench_destroy(&bench);
}
