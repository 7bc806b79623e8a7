#include "tests/unit/models/virtio_bench.h"

enum { PACKETS = 200, PERIOD_MS = 10 };

/* What one packet, or one transaction, of an otherwise idle guest takes. */
struct low_rate {
    int64_t tx_kicks, rx_kicks, interrupts;
};

enum workload { TX, RX, RR };

static void check_low_rate(const struct virtio_config *config, enum workload workload, uint32_t length,
                           struct low_rate expected)
{
    struct virtio_bench bench;
    virtio_bench_create(&bench, config);
    bench.receive = workload == RX;
    bench.kind = workload == RR ? PACKET_REQUEST : PACKET_DATA;
    virtio_bench_run(&bench, PACKETS, length, PERIOD_MS * SIM_MS);
    cr_expect_eq(bench.path.total.delivered, PACKETS);
    cr_expect_eq(bench_kicks(&bench, true), expected.tx_kicks * PACKETS);
    cr_expect_eq(bench_kicks(&bench, false), expected.rx_kicks * PACKETS);
    cr_expect_eq(bench_raised(&bench), expected.interrupts * PACKETS);
    cr_expect_eq(bench_handled(&bench), expected.interrupts * PACKETS);
    cr_expect_eq(bench_sites(&bench, EXIT_SITE_IOEVENTFD), (expected.tx_kicks + expected.rx_kicks) * PACKETS);
    virtio_bench_destroy(&bench);
}

static const struct low_rate tx_low = {.tx_kicks = 1, .interrupts = 1};
static const struct low_rate rx_low = {.interrupts = 1};
static const struct low_rate rr_low = {.tx_kicks = 1, .interrupts = 2};

/* The four rings and both backends behave alike at low rate: three workloads each, at both packet sizes. */
#define LOW_RATE_TESTS(name, ...)                                                                            \
    static struct virtio_config config_##name(void)                                                          \
    {                                                                                                        \
        struct virtio_config config = virtio_bench_default;                                                  \
        __VA_ARGS__;                                                                                         \
        return config;                                                                                       \
    }                                                                                                        \
    Test(virtio_net, name##_tx_low)                                                                          \
    {                                                                                                        \
        struct virtio_config config = config_##name();                                                       \
        check_low_rate(&config, TX, 60, tx_low);                                                             \
    }                                                                                                        \
    Test(virtio_net, name##_rx_low)                                                                          \
    {                                                                                                        \
        struct virtio_config config = config_##name();                                                       \
        check_low_rate(&config, RX, 1514, rx_low);                                                           \
    }                                                                                                        \
    Test(virtio_net, name##_rr_low)                                                                          \
    {                                                                                                        \
        struct virtio_config config = config_##name();                                                       \
        check_low_rate(&config, RR, 60, rr_low);                                                             \
    }

LOW_RATE_TESTS(split_event_index, )
LOW_RATE_TESTS(split_flags, config.event_index = false)
LOW_RATE_TESTS(packed_event_index, config.layout = VIRTIO_PACKED)
LOW_RATE_TESTS(packed_flags, config.layout = VIRTIO_PACKED; config.event_index = false)
LOW_RATE_TESTS(split_event_index_qemu, config.backend = VIRTIO_QEMU)
LOW_RATE_TESTS(split_flags_qemu, config.backend = VIRTIO_QEMU; config.event_index = false)
LOW_RATE_TESTS(packed_event_index_qemu, config.backend = VIRTIO_QEMU; config.layout = VIRTIO_PACKED)
LOW_RATE_TESTS(packed_flags_qemu, config.backend = VIRTIO_QEMU; config.layout = VIRTIO_PACKED;
               config.event_index = false)
LOW_RATE_TESTS(small_buffers, config.mergeable = false; config.gso = false)
LOW_RATE_TESTS(big_buffers, config.mergeable = false)
LOW_RATE_TESTS(big_buffers_direct, config.mergeable = false; config.indirect = false)
LOW_RATE_TESTS(busy_first_ring, config.queue_size = 32)

static void check_no_tx_interrupts(struct virtio_config config, enum workload workload, int64_t interrupts)
{
    struct virtio_bench bench;
    config.tx_interrupts = false;
    virtio_bench_create(&bench, &config);
    bench.kind = workload == RR ? PACKET_REQUEST : PACKET_DATA;
    virtio_bench_run(&bench, PACKETS, 60, PERIOD_MS * SIM_MS);
    cr_expect_eq(bench.path.total.delivered, PACKETS);
    cr_expect_eq(bench_kicks(&bench, true), PACKETS);
    cr_expect_eq(bench_handled(&bench), interrupts);
    virtio_bench_destroy(&bench);
}

/* A fresh ring has interrupts on: the first one's handler turns them off, by flag, or by leaving the event index behind. */
Test(virtio_net, without_tx_interrupts_there_is_the_first)
{
    struct virtio_config config = virtio_bench_default;
    for (int events = 0; events <= 1; events++) {
        config.event_index = events;
        check_no_tx_interrupts(config, TX, 1);
        check_no_tx_interrupts(config, RR, PACKETS + 1);
    }
    config.event_index = false;
    config.layout = VIRTIO_PACKED;
    check_no_tx_interrupts(config, TX, 1);
}

/* A packed ring's flags start as "always", and the driver writes nothing when it takes the event for passed. */
Test(virtio_net, without_tx_interrupts_a_packed_event_index_has_all)
{
    struct virtio_config config = virtio_bench_default;
    config.layout = VIRTIO_PACKED;
    check_no_tx_interrupts(config, TX, PACKETS);
}

Test(virtio_net, a_kick_is_a_write_that_exits_for_its_kind_of_address)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    virtio_bench_create(&bench, &config);
    virtio_bench_run(&bench, 10, 60, SIM_MS);
    cr_expect_eq(bench_exits(&bench, EXIT_EPT_MISCONFIG), 10);
    cr_expect_eq(bench.attachment.access->writes[REG_NOTIFY], 10);
    virtio_bench_destroy(&bench);
    config.notify = VIRTIO_NOTIFY_PORT;
    virtio_bench_create(&bench, &config);
    virtio_bench_run(&bench, 10, 60, SIM_MS);
    cr_expect_eq(bench_exits(&bench, EXIT_IO_INSTRUCTION), 10);
    cr_expect_eq(bench_exits(&bench, EXIT_EPT_MISCONFIG), 0);
    virtio_bench_destroy(&bench);
}

static void check_line(int backend)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.interrupts_msix = false;
    config.backend = backend;
    virtio_bench_create(&bench, &config);
    bench.kind = PACKET_REQUEST;
    virtio_bench_run(&bench, PACKETS, 60, PERIOD_MS * SIM_MS);
    cr_expect_eq(bench_handled(&bench), 2 * PACKETS);
    cr_expect_eq(bench_raised(&bench), 2 * PACKETS);
    cr_expect_eq(bench.attachment.access->reads[REG_ISR], 2 * PACKETS, "each handler reads the ISR");
    cr_expect_eq(bench_sites(&bench, EXIT_SITE_USER), 2 * PACKETS);
    cr_expect_eq(bench_exits(&bench, EXIT_EOI_INDUCED), 2 * PACKETS, "a level-triggered EOI is broadcast");
    virtio_bench_destroy(&bench);
}

Test(virtio_net, intx_reads_the_isr_and_broadcasts_the_eoi)
{
    check_line(VIRTIO_VHOST);
    check_line(VIRTIO_QEMU);
}

Test(virtio_net, a_burst_is_kicked_once)
{
    struct virtio_bench bench;
    virtio_bench_create(&bench, &virtio_bench_default);
    bench.burst = 32;
    virtio_bench_run(&bench, 3200, 60, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 3200);
    cr_expect_eq(bench_kicks(&bench, true), 100);
    virtio_bench_destroy(&bench);
}

Test(virtio_net, receive_buffers_are_replaced_33_at_a_time)
{
    struct virtio_bench bench;
    virtio_bench_create(&bench, &virtio_bench_default);
    bench.receive = true;
    virtio_bench_run(&bench, 330, 60, SIM_MS);
    const struct costs *c = &virtio_bench_costs;
    cr_expect_eq(bench_cycles(&bench, 1, ACCOUNT_GUEST + CPU_DRIVER),
                 330 * (c->virtio_receive + c->virtio_refill));
    /* a barrier for the transmit queue and one for leaving, each poll, and one each of the ten refills */
    cr_expect_eq(bench_cycles(&bench, 1, ACCOUNT_GUEST + CPU_CACHE), (330 * 2 + 10) * c->barrier);
    virtio_bench_destroy(&bench);
}

Test(virtio_net, the_journey_of_a_packet_sent)
{
    struct virtio_bench bench;
    const struct costs *c = &virtio_bench_costs;
    virtio_bench_create(&bench, &virtio_bench_default);
    virtio_bench_run(&bench, 1, 60, SIM_MS);
    const sim_time *stage = bench.path.total.stage_time;
    int64_t copy = costs_copy(c, 60);
    cr_expect_eq(stage[STAGE_SEND], (c->app + c->syscall + c->socket_send + copy + c->stack_send +
                                     c->virtio_send + 2 * c->barrier) *
                                        SIM_NS);
    cr_expect_eq(stage[STAGE_NOTIFY], ((c->exit + 1) / 2 + c->exit_ioeventfd + c->wakeup) * SIM_NS);
    cr_expect_eq(stage[STAGE_BACKEND_WAIT], 0);
    cr_expect_eq(stage[STAGE_BACKEND], (c->vhost_work + c->vhost_packet + copy) * SIM_NS);
    cr_expect_eq(stage[STAGE_HOST_SEND],
                 (c->vhost_batch + c->tap_send + c->bridge + VIRTIO_BENCH_UPLINK_CYCLES) * SIM_NS);
    virtio_bench_destroy(&bench);
}

Test(virtio_net, the_journey_of_a_packet_received)
{
    struct virtio_bench bench;
    const struct costs *c = &virtio_bench_costs;
    virtio_bench_create(&bench, &virtio_bench_default);
    bench.receive = true;
    virtio_bench_run(&bench, 1, 1000, SIM_MS);
    const sim_time *stage = bench.path.total.stage_time;
    int64_t copy = costs_copy(c, 1000);
    int64_t signal = c->irqfd + c->pi_update + c->wakeup;
    int64_t handler = c->irq_entry + c->irq_handler + c->eoi + c->irq_exit;
    cr_expect_eq(stage[STAGE_TAP_WAIT], 0);
    cr_expect_eq(stage[STAGE_BACKEND_RECEIVE],
                 (c->vhost_work + c->tap_receive + c->vhost_packet + copy) * SIM_NS);
    cr_expect_eq(stage[STAGE_INJECT], (signal + c->exit / 2 + handler) * SIM_NS);
    cr_expect_eq(stage[STAGE_POLL_WAIT], (c->softirq + c->barrier) * SIM_NS);
    cr_expect_eq(stage[STAGE_RECEIVE], (c->virtio_receive + c->stack_receive) * SIM_NS);
    virtio_bench_destroy(&bench);
}

Test(virtio_net, a_full_ring_stops_the_queue_and_completions_wake_it)
{
    for (int tx_interrupts = 0; tx_interrupts <= 1; tx_interrupts++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        struct costs costs = virtio_bench_costs;
        config.tx_interrupts = tx_interrupts;
        config.queue_size = 64;
        costs.vhost_packet = 20000; /* slower than the guest by far */
        virtio_bench_create_with(&bench, &config, &costs);
        virtio_bench_run(&bench, 1000, 60, SIM_US);
        cr_expect_eq(bench.path.total.delivered, 1000);
        cr_expect_gt(bench.path.total.stage_time[STAGE_RING_WAIT], 0);
        cr_expect_lt(bench_raised(&bench), 100, "an interrupt for many completions, not each");
        cr_expect_lt(bench_kicks(&bench, true), 100);
        virtio_bench_destroy(&bench);
    }
}

Test(virtio_net, a_segmentation_offload_packet_takes_one_slot_or_one_a_part)
{
    for (int indirect = 0; indirect <= 1; indirect++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        config.indirect = indirect;
        virtio_bench_create(&bench, &config);
        bench.gso_size = 1460;
        virtio_bench_run(&bench, 20, 54 + 44 * 1460, SIM_MS);
        cr_expect_eq(bench.path.total.delivered, 20);
        cr_expect_eq(bench_kicks(&bench, true), 20);
        virtio_bench_destroy(&bench);
    }
}

Test(virtio_net, a_large_packet_received_spans_mergeable_buffers)
{
    for (int mergeable = 0; mergeable <= 1; mergeable++) {
        struct virtio_bench bench;
        struct virtio_config config = virtio_bench_default;
        config.mergeable = mergeable;
        virtio_bench_create(&bench, &config);
        bench.receive = true;
        bench.gso_size = 1460;
        virtio_bench_run(&bench, 30, 54 + 40 * 1460, SIM_MS);
        cr_expect_eq(bench.path.total.delivered, 30);
        cr_expect_eq(bench_raised(&bench), 30);
        virtio_bench_destroy(&bench);
    }
}

Test(virtio_net, what_comes_in_while_leaving_polling_mode_is_not_forgotten)
{
    struct virtio_bench bench;
    struct costs costs = virtio_bench_costs;
    costs.napi_complete = 50000;
    virtio_bench_create_with(&bench, &virtio_bench_default, &costs);
    bench.receive = true;
    virtio_bench_run(&bench, 2, 60, 30 * SIM_US);
    cr_expect_eq(bench.path.total.delivered, 2);
    cr_expect_eq(bench_raised(&bench), 1, "interrupts were off when the second came");
    virtio_bench_destroy(&bench);
}

Test(virtio_net, a_frame_that_no_buffer_holds_is_lost)
{
    struct virtio_bench bench;
    struct virtio_config config = virtio_bench_default;
    config.mergeable = false;
    config.gso = false;
    virtio_bench_create(&bench, &config);
    bench.receive = true;
    virtio_bench_run(&bench, 5, 4000, SIM_MS);
    cr_expect_eq(bench.path.total.dropped[DROP_OVERSIZE], 5);
    virtio_bench_run(&bench, 5, 1514, SIM_MS);
    cr_expect_eq(bench.path.total.delivered, 5);
    virtio_bench_destroy(&bench);
}

/* ---- any configuration ---- */

static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static struct virtio_config draw_config(uint32_t *state)
{
    static const int64_t sizes[] = {32, 64, 256, 1024};
    struct virtio_config config = virtio_bench_default;
    config.layout = (int)draw(state, 2);
    config.backend = (int)draw(state, 2);
    config.event_index = draw(state, 2);
    config.indirect = draw(state, 2);
    config.mergeable = draw(state, 2);
    config.gso = draw(state, 2);
    config.tx_interrupts = draw(state, 2);
    config.interrupts_msix = draw(state, 4) > 0;
    config.zero_copy = draw(state, 4) == 0;
    config.queue_size = config.layout == VIRTIO_PACKED && draw(state, 2) ? 50 : sizes[draw(state, 4)];
    config.queues = 1 + draw(state, 2);
    config.vhost_batch = 1 + draw(state, 64);
    config.vhost_weight = 1 + draw(state, 256);
    config.busy_poll = draw(state, 3) ? 0 : draw(state, 100) * SIM_US;
    return config;
}

static struct costs draw_costs(uint32_t *state)
{
    struct costs costs = virtio_bench_costs;
    costs.vhost_packet = draw(state, 5000);
    costs.qemu_virtio_packet = draw(state, 5000);
    costs.stack_receive = draw(state, 5000);
    costs.app = draw(state, 5000);
    costs.vhost_poll = draw(state, 200);
    return costs;
}

Test(virtio_net, whatever_the_configuration_no_packet_is_lost_without_a_cause)
{
    uint32_t state = 11;
    for (unsigned round = 0; round < 120; round++) {
        struct virtio_bench bench;
        struct virtio_config config = draw_config(&state);
        struct costs costs = draw_costs(&state);
        virtio_bench_create_on(&bench, &config, &costs, 1 + (int)draw(&state, 2));
        enum workload workload = draw(&state, 3);
        bench.receive = workload == RX;
        bench.kind = workload == RR ? PACKET_REQUEST : PACKET_DATA;
        bench.burst = workload == RR ? 1 : 1 + draw(&state, 40);
        bench.app.queue = draw(&state, (uint32_t)config.queues);
        bool large = config.gso && workload == TX && draw(&state, 2);
        bench.gso_size = large ? 1460 : 0;
        uint32_t length = large ? 54 + 1460 * (2 + draw(&state, 40)) : 60 + draw(&state, 1454);
        sim_time gap = workload == RR ? 2 * SIM_MS : draw(&state, 50) * SIM_US;
        virtio_bench_run(&bench, 400, length, gap);
        int64_t lost = bench.path.total.dropped[DROP_TAP_FULL];
        cr_assert_eq(bench.path.total.delivered + lost, 400, "round %u: %ld delivered, %ld lost", round,
                     (long)bench.path.total.delivered, (long)lost);
        cr_assert(workload != TX || lost == 0);
        virtio_bench_destroy(&bench);
    }
}
