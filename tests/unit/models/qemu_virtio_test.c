#include "tests/unit/models/virtio_bench.h"

Test(qemu_virtio, every_packet_is_a_system_call_published_by_itself)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    const struct costs *c = &virtio_bench_costs;
    config.backend = VIRTIO_QEMU;
    virtio_bench_create(&bench, &config);
    virtio_bench_run(&bench, 100, 60, SIM_MS);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_EMULATION), 100 * (c->qemu_dispatch + c->qemu_virtio_packet));
    cr_expect_eq(bench_cycles(&bench, 2, CPU_SYSCALL), 100 * 2 * c->syscall, "the write, and the signal");
    cr_expect_eq(bench_cycles(&bench, 2, CPU_COPY), 100 * costs_copy(c, 60));
    cr_expect_eq(bench.uplink_doorbells, 100);
    virtio_bench_destroy(&bench);
}

Test(qemu_virtio, a_received_packet_is_copied_twice_and_read_until_there_is_none)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    const struct costs *c = &virtio_bench_costs;
    config.backend = VIRTIO_QEMU;
    virtio_bench_create(&bench, &config);
    bench.receive = true;
    virtio_bench_run(&bench, 100, 1000, SIM_MS);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_COPY), 100 * 2 * costs_copy(c, 1000));
    cr_expect_eq(bench_cycles(&bench, 2, CPU_SYSCALL), 100 * 3 * c->syscall,
                 "read, signal, the read that finds none");
    virtio_bench_destroy(&bench);
}

Test(qemu_virtio, a_burst_is_served_by_one_dispatch)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.backend = VIRTIO_QEMU;
    virtio_bench_create(&bench, &config);
    bench.burst = 32;
    virtio_bench_run(&bench, 320, 60, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 320);
    cr_expect_eq(bench_kicks(&bench, true), 10);
    virtio_bench_destroy(&bench);
}

Test(qemu_virtio, without_buffers_the_tap_is_left_alone_until_the_guest_kicks)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    struct costs costs = virtio_bench_costs;
    config.backend = VIRTIO_QEMU;
    config.queue_size = 64;
    costs.stack_receive = 50000;
    virtio_bench_create_with(&bench, &config, &costs);
    bench.receive = true;
    virtio_bench_run(&bench, 2000, 60, 10 * SIM_US);
    cr_expect_gt(bench.path.total.dropped[DROP_TAP_FULL], 0);
    cr_expect_eq(bench.path.total.delivered + bench.path.total.dropped[DROP_TAP_FULL], 2000);
    cr_expect_gt(bench_kicks(&bench, false), 0);
    virtio_bench_destroy(&bench);
}

Test(qemu_virtio, a_full_burst_schedules_itself_again)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    struct costs costs = virtio_bench_costs;
    config.backend = VIRTIO_QEMU;
    config.queue_size = 1024;
    costs.qemu_virtio_packet = 100000;
    virtio_bench_create_with(&bench, &config, &costs);
    bench.burst = 700;
    virtio_bench_run(&bench, 700, 60, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 700);
    cr_expect_eq(bench_kicks(&bench, true), 1, "kicks stay off while there is more");
    cr_expect_eq(bench_cycles(&bench, 2, CPU_EMULATION) - 700 * costs.qemu_virtio_packet,
                 3 * costs.qemu_dispatch, "the kick and two full bursts of 256");
    virtio_bench_destroy(&bench);
}
