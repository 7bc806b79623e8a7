/*
 * Low-load latency to the picosecond: software + hardware + moderation, predicted before the run, equals every packet's
 * latency in it, for all strategies, directions and sizes, two machines, and costs and latencies drawn at random.
 */
#include "tests/unit/analysis/closed_form_fixture.h"

/* Predicts, runs, compares. */
static void expect_exact(const struct sets *sets, const char *what)
{
    struct experiment_run run = bind_sets(sets);
    struct closed_form_prediction prediction;
    cr_assert(closed_form_predict(run.config, &prediction), "%s: %s", what, prediction.reason);
    const struct closed_form_latency *latency = &prediction.latency;
    cr_assert_null(latency->reason, "%s: %s", what, latency->reason);
    cr_assert_null(latency->crowded, "%s: %s", what, latency->crowded);
    cr_expect_eq(latency->software + latency->hardware + latency->moderation, latency->least);
    struct observed observed = observe(run.config);
    cr_expect_gt(observed.packets, 40);
    expect_latencies(latency, &observed, what);
    release(&run);
}

struct machine {
    char host[16], nic[16];
};

static void every_way(const struct machine *machine)
{
    static const int sizes[] = {64, 512, 1500};
    for (size_t strategy = 0; strategy < 4; strategy++)
        for (size_t direction = 0; direction < 3; direction++)
            for (size_t size = 0; size < 3; size++) {
                struct sets sets = {.count = 0};
                char what[96];
                set(&sets, "strategy=%s", strategy_list[strategy]);
                set(&sets, "traffic[0].direction=%s", direction_list[direction]);
                set(&sets, "traffic[0].size.bytes=%dB", sizes[size]);
                set(&sets, "traffic[0].response=%dB", sizes[2 - size]);
                set(&sets, "host.profile=%s", machine->host);
                set(&sets, "costs.profile=%s", machine->host);
                set(&sets, "nics[0].profile=%s", machine->nic);
                snprintf(what, sizeof(what), "%s %s %dB on %s", strategy_list[strategy],
                         direction_list[direction], sizes[size], machine->host);
                expect_exact(&sets, what);
            }
}

Test(closed_form_latency, every_strategy_direction_and_size_on_a_xeon_e5_with_10g)
{
    every_way(&(struct machine){"xeon-e5", "82599"});
}

Test(closed_form_latency, every_strategy_direction_and_size_on_a_skylake_with_25g)
{
    every_way(&(struct machine){"skylake-sp", "25g"});
}

/* ---- variants ---- */

struct variant {
    char sets[4][SET_SIZE];
};

ParameterizedTestParameters(closed_form_latency, variants)
{
    static struct variant variants[] = {
        {{"strategy=native", "traffic[0].direction=receive", "nics[0].moderation.model=frames_time",
          "nics[0].moderation.delay=30us"}},
        {{"strategy=passthrough", "traffic[0].direction=request_response", "nics[0].moderation.model=itr",
          "nics[0].moderation.interval=200us"}},
        {{"strategy=virtio", "traffic[0].direction=receive", "nics[0].moderation.model=frames_time",
          "nics[0].moderation.delay=75us"}},
        {{"strategy=native", "traffic[0].direction=transmit", "nics[0].profile=82540em",
          "traffic[0].size.bytes=1000B"}},
        {{"strategy=native", "traffic[0].direction=receive", "nics[0].profile=82574",
          "traffic[0].size.bytes=700B"}},
        {{"strategy=native", "traffic[0].direction=receive", "vms[0].irq_core=3",
          "traffic[0].size.bytes=900B"}},
        {{"strategy=native", "traffic[0].direction=request_response", "vms[0].irq_core=0",
          "nics[0].profile=100g"}},
        {{"strategy=passthrough", "traffic[0].direction=receive", "host.hypervisor.apicv=false", "seed=5"}},
        {{"strategy=passthrough", "traffic[0].direction=transmit", "host.hypervisor.posted_interrupts=false",
          "seed=6"}},
        {{"strategy=passthrough", "traffic[0].direction=receive", "host.memory.nodes=2", "vms[0].core=3"}},
        {{"strategy=virtio", "traffic[0].direction=transmit", "vms[0].virtio.tx_interrupts=false", "seed=7"}},
        {{"strategy=virtio", "traffic[0].direction=request_response", "vms[0].virtio.layout=packed",
          "seed=8"}},
        {{"strategy=virtio", "traffic[0].direction=receive", "vms[0].virtio.event_index=false",
          "vms[0].virtio.queue_size=32"}},
        {{"strategy=virtio", "traffic[0].direction=transmit", "vms[0].virtio.notify=port",
          "host.hypervisor.apicv=false"}},
        {{"strategy=emulation", "traffic[0].direction=receive", "host.hypervisor.apicv=false", "seed=9"}},
        {{"strategy=emulation", "traffic[0].direction=transmit", "vms[0].emulation.synchronous=false",
          "seed=10"}},
        {{"strategy=emulation", "traffic[0].direction=request_response", "vms[0].emulation.exits=false",
          "vms[0].emulation.mitigation=false"}},
        {{"strategy=emulation", "traffic[0].direction=receive", "vms[0].emulation.copies=false",
          "traffic[0].size.bytes=1400B"}},
    };
    return cr_make_param_array(struct variant, variants, sizeof(variants) / sizeof(variants[0]));
}

ParameterizedTest(struct variant *variant, closed_form_latency, variants)
{
    struct sets sets = {.count = 0};
    char what[4 * SET_SIZE];
    for (size_t i = 0; i < 4; i++)
        set(&sets, "%s", variant->sets[i]);
    snprintf(what, sizeof(what), "%s %s %s %s", variant->sets[0], variant->sets[1], variant->sets[2],
             variant->sets[3]);
    expect_exact(&sets, what);
}

Test(closed_form_latency, moderation_is_the_delay_less_the_way_to_memory)
{
    struct sets sets = {.count = 0};
    set(&sets, "strategy=native");
    set(&sets, "traffic[0].direction=receive");
    struct experiment_run run = bind_sets(&sets);
    struct closed_form_prediction plain, moderated;
    cr_assert(closed_form_predict(run.config, &plain));
    set(&sets, "nics[0].moderation.model=frames_time");
    set(&sets, "nics[0].moderation.delay=30us");
    struct experiment_run held = bind_sets(&sets);
    cr_assert(closed_form_predict(held.config, &moderated));
    cr_expect_eq(plain.latency.moderation, 0);
    cr_expect_eq(moderated.latency.software, plain.latency.software);
    cr_expect_gt(moderated.latency.moderation, 29 * SIM_US);
    cr_expect_lt(moderated.latency.moderation, 30 * SIM_US);
    release(&held);
    release(&run);
}

/* ---- random costs and latencies ---- */

static uint64_t draw_state;

static int64_t draw(int64_t least, int64_t most)
{
    draw_state = draw_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return least + (int64_t)((draw_state >> 33) % (uint64_t)(most - least + 1));
}

static void draw_costs(struct sets *sets)
{
    static const char *const names[] = {"syscall",
                                        "socket_send",
                                        "stack_send",
                                        "socket_receive",
                                        "stack_receive",
                                        "app",
                                        "irq_entry",
                                        "irq_exit",
                                        "irq_handler",
                                        "eoi",
                                        "softirq",
                                        "napi_complete",
                                        "wakeup",
                                        "mmio_write",
                                        "driver_send",
                                        "driver_clean",
                                        "driver_receive",
                                        "driver_refill",
                                        "virtio_send",
                                        "virtio_clean",
                                        "virtio_receive",
                                        "virtio_refill",
                                        "barrier",
                                        "exit",
                                        "exit_kernel",
                                        "exit_fast",
                                        "exit_user",
                                        "exit_ioeventfd",
                                        "inject",
                                        "irqfd",
                                        "irq_ioctl",
                                        "pi_update",
                                        "halt_block",
                                        "vhost_work",
                                        "vhost_packet",
                                        "vhost_batch",
                                        "tap_send",
                                        "tap_receive",
                                        "bridge",
                                        "emulate_register",
                                        "emulate_descriptor",
                                        "qemu_dispatch"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        set(sets, "costs.%s=%dcycles", names[i], (int)draw(0, 2500));
    set(sets, "costs.copy_per_byte=0.%03dcycles/B", (int)draw(0, 999));
}

static void draw_hardware(struct sets *sets)
{
    set(sets, "host.frequency=%dMHz", (int)draw(1500, 4300));
    set(sets, "host.idle_wake=%dns", (int)draw(0, 3000));
    set(sets, "host.root.ingress_latency=%dps", (int)draw(100000, 900001));
    set(sets, "host.root.interrupt_latency=%dps", (int)draw(0, 700001));
    set(sets, "host.root.mmio_write_latency=%dps", (int)draw(0, 500001));
    set(sets, "host.memory.llc_latency=%dps", (int)draw(0, 200001));
    set(sets, "host.iommu.hit_latency=%dps", (int)draw(0, 30001));
    set(sets, "nics[0].link.generation=%d", (int)draw(2, 5));
    set(sets, "nics[0].link.width=%d", 1 << (int)draw(2, 4));
    set(sets, "nics[0].link.mps=%dB", 128 << (int)draw(0, 3));
    set(sets, "nics[0].link.mrrs=%dB", 128 << (int)draw(0, 4));
    set(sets, "nics[0].link.propagation=%dps", (int)draw(0, 150001));
    set(sets, "nics[0].tx_latency=%dps", (int)draw(0, 400001));
    set(sets, "nics[0].rx_latency=%dps", (int)draw(0, 400001));
    set(sets, "nics[0].cable=%dps", (int)draw(0, 100001));
    set(sets, "nics[0].bit_rate=%dMbps", (int)draw(3000, 47000));
}

/* A draw can be outside the regime: a core that is slow to sleep is met by its own interrupt. Most must be inside. */
static bool random_case(uint64_t seed)
{
    struct sets sets = {.count = 0};
    char what[64];
    draw_state = seed;
    const char *strategy = strategy_list[draw(0, 3)], *direction = direction_list[draw(0, 2)];
    set(&sets, "strategy=%s", strategy);
    set(&sets, "traffic[0].direction=%s", direction);
    set(&sets, "traffic[0].size.bytes=%dB", (int)draw(64, 1518));
    set(&sets, "traffic[0].response=%dB", (int)draw(64, 1518));
    draw_costs(&sets);
    draw_hardware(&sets);
    snprintf(what, sizeof(what), "draw %d: %s %s", (int)seed, strategy, direction);
    struct experiment_run run = bind_sets(&sets);
    struct closed_form_prediction prediction;
    cr_assert(closed_form_predict(run.config, &prediction));
    bool exact = !prediction.latency.reason && !prediction.latency.crowded;
    release(&run);
    if (exact)
        expect_exact(&sets, what);
    return exact;
}

Test(closed_form_latency, random_costs_and_latencies)
{
    enum { DRAWS = 60 };
    int exact = 0;
    for (uint64_t seed = 1; seed <= DRAWS; seed++)
        exact += random_case(seed);
    cr_expect_geq(exact, DRAWS / 2, "only %d draws in the regime", exact);
}

/* ---- outside the regime ---- */

static const char *latency_reason(const char *const *list)
{
    static struct closed_form_prediction prediction;
    struct sets sets = {.count = 0};
    for (size_t i = 0; list[i]; i++)
        set(&sets, "%s", list[i]);
    struct experiment_run run = bind_sets(&sets);
    bool predicted = closed_form_predict(run.config, &prediction);
    release(&run);
    if (!predicted)
        return prediction.reason;
    return prediction.latency.reason ? prediction.latency.reason : prediction.latency.crowded;
}

Test(closed_form_latency, says_why_there_is_no_form)
{
    static const struct {
        const char *sets[4], *reason;
    } cases[] = {
        {{"host.tick=idle"}, "timer ticks are on"},
        {{"strategy=virtio", "host.hypervisor.halt_poll=10us"}, "halt polling is on"},
        {{"nics[0].moderation.model=dim"}, "the driver adapts the interrupt moderation"},
        {{"nics[0].link.dllp=explicit"}, "DLLPs are on the link one by one"},
        {{"nics[0].link.posted_headers=4"}, "the link's credits are limited"},
        {{"traffic[0].burst=2"}, "packets are handed over several at once"},
        {{"traffic[0].size={model: imix}"}, "frames differ in size"},
        {{"strategy=virtio", "vms[0].backend_core=1"},
         "the vCPU, its backend and the host's interrupts share a core"},
        {{"strategy=virtio", "vms[0].virtio.busy_poll=5us"}, "vhost polls, or sends without copying"},
        {{"strategy=emulation", "vms[0].emulation.device=e1000e"}, "the emulated NIC sends messages"},
        {{"traffic[0].rate=300kpps"}, "packets come before the last one has gone"},
        {{"traffic[0].arrival.model=poisson"}, "packets do not come at a constant rate"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *reason = latency_reason(cases[i].sets);
        cr_expect(reason && strcmp(reason, cases[i].reason) == 0, "%s: %s", cases[i].sets[0],
                  reason ? reason : "exact");
    }
}

/* An answer that comes back while the request's completion is being handled shares its interrupt. */
Test(closed_form_latency, an_early_answer_is_outside_the_regime)
{
    static const char *const early[] = {"traffic[0].direction=request_response", "traffic[0].peer_delay=0",
                                        NULL};
    static const char *const late[] = {"traffic[0].direction=request_response", "traffic[0].peer_delay=50us",
                                       NULL};
    cr_expect_not_null(latency_reason(early));
    cr_expect_null(latency_reason(late));
}
