#include "models/backend/vhost.h"
#include "tests/unit/models/virtio_bench.h"

/* A stream flat out: the application sends as fast as it can. */
static void run_flat_out(struct virtio_bench *bench, const struct virtio_config *config,
                         const struct costs *costs, unsigned packets)
{
    virtio_bench_create_with(bench, config, costs);
    bench->burst = 1;
    virtio_bench_run(bench, packets, 60, 10 * SIM_NS);
    cr_expect_eq(bench->path.total.delivered, packets);
}

Test(vhost, a_backend_slower_than_the_guest_is_hardly_ever_kicked)
{
    for (int event_index = 0; event_index <= 1; event_index++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        struct costs costs = virtio_bench_costs;
        config.event_index = event_index;
        costs.vhost_packet = 3000;
        run_flat_out(&bench, &config, &costs, 20000);
        cr_expect_lt(bench_kicks(&bench, true), 2000, "%ld kicks", (long)bench_kicks(&bench, true));
        cr_expect_lt(bench_raised(&bench), 2000, "%ld interrupts", (long)bench_raised(&bench));
        virtio_bench_destroy(&bench);
    }
}

Test(vhost, a_backend_faster_than_the_guest_is_kicked_for_nearly_every_packet)
{
    for (int event_index = 0; event_index <= 1; event_index++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        struct costs costs = virtio_bench_costs;
        config.event_index = event_index;
        costs.app = 20000;
        run_flat_out(&bench, &config, &costs, 3000);
        cr_expect_gt(bench_kicks(&bench, true), 2700, "%ld kicks", (long)bench_kicks(&bench, true));
        virtio_bench_destroy(&bench);
    }
}

Test(vhost, packets_go_to_the_tap_in_batches_with_one_doorbell_each)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    struct costs costs = virtio_bench_costs;
    costs.vhost_packet = 3000;
    config.vhost_batch = 16;
    run_flat_out(&bench, &config, &costs, 10000);
    cr_expect_eq(bench.uplink_longest_burst, 16);
    cr_expect_leq(bench.uplink_doorbells, 10000 / 16 + 200);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_VHOST) - 10000 * costs.vhost_packet -
                     bench.uplink_doorbells * costs.vhost_batch,
                 (bench_cycles(&bench, 2, CPU_VHOST) - 10000 * costs.vhost_packet -
                  bench.uplink_doorbells * costs.vhost_batch) /
                     costs.vhost_work * costs.vhost_work,
                 "the rest is whole activations");
    virtio_bench_destroy(&bench);
}

Test(vhost, without_batches_each_packet_has_its_doorbell)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.vhost_batch = 1;
    run_flat_out(&bench, &config, &virtio_bench_costs, 1000);
    cr_expect_eq(bench.uplink_doorbells, 1000);
    virtio_bench_destroy(&bench);
}

Test(vhost, a_packet_larger_than_a_page_goes_alone)
{
    struct virtio_bench bench;
    struct costs costs = virtio_bench_costs;
    costs.vhost_packet = 50000;
    virtio_bench_create_with(&bench, &virtio_bench_default, &costs);
    bench.gso_size = 1460;
    virtio_bench_run(&bench, 100, 54 + 4 * 1460, SIM_US);
    cr_expect_eq(bench.path.total.delivered, 100);
    cr_expect_eq(bench.uplink_doorbells, 100);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_VHOST) % costs.vhost_packet % costs.vhost_work, 0,
                 "no batch has been handed over");
    virtio_bench_destroy(&bench);
}

/* ---- busy polling ---- */

Test(vhost, a_polling_worker_needs_no_kicks)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.busy_poll = 50 * SIM_US;
    virtio_bench_create(&bench, &config);
    virtio_bench_run(&bench, 100, 60, 40 * SIM_US);
    cr_expect_eq(bench_kicks(&bench, true), 1, "the first finds it asleep");
    cr_expect_eq(bench.path.total.delivered, 100);
    virtio_bench_destroy(&bench);
}

Test(vhost, polling_gives_up_after_its_time_and_asks_for_a_kick)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.busy_poll = 50 * SIM_US;
    virtio_bench_create(&bench, &config);
    virtio_bench_run(&bench, 20, 60, SIM_MS);
    cr_expect_eq(bench_kicks(&bench, true), 20);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_POLL), 20 * 50000, "20 times 50 us at 1 GHz");
    virtio_bench_destroy(&bench);
}

Test(vhost, a_poll_sees_a_packet_at_the_end_of_the_look_under_way)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    struct costs costs = virtio_bench_costs;
    config.busy_poll = 50 * SIM_US;
    costs.vhost_poll = 7;
    virtio_bench_create_with(&bench, &config, &costs);
    virtio_bench_run(&bench, 2, 60, 40 * SIM_US);
    sim_time first = ((costs.exit + 1) / 2 + costs.exit_ioeventfd + costs.wakeup) * SIM_NS;
    sim_time second = bench.path.total.stage_time[STAGE_NOTIFY] - first;
    cr_expect_geq(second, 0);
    cr_expect_lt(second, 7 * SIM_NS);
    virtio_bench_destroy(&bench);
}

Test(vhost, a_poll_ends_when_another_thread_wants_the_core)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.busy_poll = SIM_MS;
    virtio_bench_create_on(&bench, &config, &virtio_bench_costs, 1);
    bench.kind = PACKET_REQUEST;
    virtio_bench_run(&bench, 20, 60, 10 * SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 20);
    cr_expect_lt(bench.path.total.latency_time, 20 * 70 * SIM_US, "a look at others is due every 10 us");
    virtio_bench_destroy(&bench);
}

Test(vhost, a_poll_sees_received_packets_too)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.busy_poll = 50 * SIM_US;
    virtio_bench_create(&bench, &config);
    bench.receive = true;
    virtio_bench_run(&bench, 50, 60, 30 * SIM_US);
    cr_expect_eq(bench.path.total.delivered, 50);
    cr_expect_lt(bench.path.total.stage_time[STAGE_TAP_WAIT], 50 * virtio_bench_costs.vhost_poll * SIM_NS);
    virtio_bench_destroy(&bench);
}

/* ---- receive ---- */

Test(vhost, received_packets_are_published_together)
{
    struct virtio_bench bench;
    virtio_bench_create(&bench, &virtio_bench_default);
    bench.receive = true;
    bench.burst = 40;
    virtio_bench_run(&bench, 40, 60, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 40);
    cr_expect_leq(bench_raised(&bench), 2, "the first by itself, the others behind it");
    virtio_bench_destroy(&bench);
}

Test(vhost, without_buffers_packets_wait_in_the_tap_and_the_guest_kicks)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    struct costs costs = virtio_bench_costs;
    config.queue_size = 64;
    costs.stack_receive = 50000; /* the guest is the bottleneck */
    virtio_bench_create_with(&bench, &config, &costs);
    bench.receive = true;
    virtio_bench_run(&bench, 2000, 60, 10 * SIM_US);
    cr_expect_gt(bench.path.total.dropped[DROP_TAP_FULL], 0);
    cr_expect_eq(bench.path.total.delivered + bench.path.total.dropped[DROP_TAP_FULL], 2000);
    cr_expect_gt(bench_kicks(&bench, false), 0);
    cr_expect_leq(bench_kicks(&bench, false), bench.path.total.delivered / 32);
    virtio_bench_destroy(&bench);
}

/* ---- sharing a core, several queues ---- */

Test(vhost, a_worker_on_the_vcpus_core_takes_turns_with_it)
{
    for (int backend = VIRTIO_VHOST; backend <= VIRTIO_QEMU; backend++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        config.backend = backend;
        virtio_bench_create_on(&bench, &config, &virtio_bench_costs, 1);
        bench.kind = PACKET_REQUEST;
        virtio_bench_run(&bench, 200, 60, SIM_MS);
        cr_expect_eq(bench.path.total.delivered, 200);
        cr_expect_eq(bench_kicks(&bench, true), 200);
        cr_expect_eq(bench_raised(&bench), 400);
        virtio_bench_destroy(&bench);
    }
}

Test(vhost, a_flow_comes_back_to_the_queue_pair_that_sent_it)
{
    for (int backend = VIRTIO_VHOST; backend <= VIRTIO_QEMU; backend++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        config.queues = 2;
        config.backend = backend;
        virtio_bench_create(&bench, &config);
        bench.kind = PACKET_REQUEST;
        bench.app.queue = 1; /* flow 0, whose own queue would be the first */
        virtio_bench_run(&bench, 100, 60, SIM_MS);
        cr_expect_eq(bench.path.total.delivered, 100);
        cr_expect_eq(bench_kicks(&bench, true), 100);
        cr_expect_eq(bench_raised(&bench), 200);
        virtio_bench_destroy(&bench);
    }
}

/* ---- a run's share ---- */

Test(vhost, neither_direction_starves_the_other)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    struct costs costs = virtio_bench_costs;
    costs.vhost_packet = 3000;
    config.vhost_weight = 8;
    virtio_bench_create_with(&bench, &config, &costs);
    bench.left = 5000;
    bench.length = 60;
    bench.gap = 10 * SIM_NS;
    sim_schedule(bench.sim, &bench.source, sim_now(bench.sim));
    sim_run(bench.sim, sim_now(bench.sim) + 5 * SIM_MS);
    bench.receive = true;
    int64_t raised = bench_raised(&bench);
    virtio_bench_emit(&bench, false);
    sim_run(bench.sim, sim_now(bench.sim) + 100 * SIM_US);
    cr_expect_gt(bench_raised(&bench), raised, "after at most 8 packets of the other direction");
    bench.receive = false;
    sim_run(bench.sim, sim_now(bench.sim) + 100 * SIM_MS);
    virtio_bench_destroy(&bench);
}

/* ---- zero copy ---- */

static struct packet *released_late[2000];
static unsigned released_count;

/* An uplink that sends at once and reclaims every 100 us. */
static void slow_commit(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                        bool more)
{
    struct virtio_bench *bench = virtio_bench_of(netdev);
    (void)queue, (void)more;
    bench->uplink_packets++;
    released_late[released_count++] = packet;
    if (!sim_event_pending(&bench->turn))
        sim_schedule(bench->sim, &bench->turn, sim_now(bench->sim) + 100 * SIM_US);
    cpu_return(ctx);
}

static void reclaim(struct sim *sim, struct sim_event *event)
{
    struct virtio_bench *bench = SIM_CONTAINER_OF(event, struct virtio_bench, turn);
    for (unsigned i = 0; i < released_count; i++) {
        packet_mark(released_late[i], STAGE_PAYLOAD_FETCH, sim_now(sim));
        path_deliver(&bench->path, released_late[i], sim_now(sim));
    }
    released_count = 0;
    transmit_reclaimed(&bench->uplink, 0);
}

static const struct netdev_ops slow_ops = {uplink_can_send, uplink_prepare, slow_commit};

static void zero_copy_bench(struct virtio_bench *bench, bool zero_copy)
{
    struct virtio_config config = virtio_bench_default;
    config.zero_copy = zero_copy;
    virtio_bench_create(bench, &config);
    bench->uplink.ops = &slow_ops;
    bench->turn.fire = reclaim;
}

Test(vhost, zero_copy_saves_the_copy_and_returns_buffers_when_the_nic_has_read_them)
{
    struct virtio_bench bench;
    zero_copy_bench(&bench, true);
    virtio_bench_run(&bench, 100, 1514, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 100);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_COPY), 0);
    cr_expect_eq(bench_kicks(&bench, true), 100);
    cr_expect_eq(bench_raised(&bench), 100);
    virtio_bench_destroy(&bench);
    zero_copy_bench(&bench, false);
    virtio_bench_run(&bench, 100, 1514, SIM_MS);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_COPY), 100 * costs_copy(&virtio_bench_costs, 1514));
    virtio_bench_destroy(&bench);
}

Test(vhost, small_packets_are_copied_all_the_same)
{
    struct virtio_bench bench;
    zero_copy_bench(&bench, true);
    virtio_bench_run(&bench, 10, 255, SIM_MS);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_COPY), 10 * costs_copy(&virtio_bench_costs, 255));
    virtio_bench_run(&bench, 10, 256, SIM_MS);
    cr_expect_eq(bench_cycles(&bench, 2, CPU_COPY), 10 * costs_copy(&virtio_bench_costs, 255));
    virtio_bench_destroy(&bench);
}

Test(vhost, with_a_quarter_of_the_ring_in_flight_the_rest_is_copied)
{
    struct virtio_bench bench;
    zero_copy_bench(&bench, true);
    bench.burst = 80;
    virtio_bench_run(&bench, 80, 1514, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 80);
    cr_expect_gt(bench_cycles(&bench, 2, CPU_COPY), 0);
    cr_expect_leq(bench_cycles(&bench, 2, CPU_COPY), (80 - 64) * costs_copy(&virtio_bench_costs, 1514));
    virtio_bench_destroy(&bench);
}
