/*
 * What limits a run: the resource that is full, by name and by whom; or a window or a queue although nothing is; or
 * nothing. Nothing is ever busier than all the time, and polling makes nothing busy.
 */
#include "tests/unit/analysis/simulate.h"

static const char text[] =
    "schema_version: 1\n"
    "name: bottleneck\n"
    "duration: 12ms\n"
    "warmup: 2ms\n"
    "host: {profile: xeon-e5, tick: \"off\", hypervisor: {guest_tick: \"off\", halt_poll: 0}}\n"
    "costs: {profile: xeon-e5}\n"
    "nics: [{profile: 82599, moderation: {model: none}}]\n"
    "vms: [{name: web}]\n"
    "traffic: [{vm: 0, rate: 20kpps, size: 64B}]\n";

struct expected {
    const char *sets[8]; /* NULL-terminated */
    const char *kind, *resource, *thread, *vm;
};

static const char *text_at(const json_t *result, const char *path)
{
    const char *found = json_string_value(result_at(result, path));
    return found ? found : "";
}

static void check_shares(const json_t *result, const char *what)
{
    size_t index;
    json_t *resource;
    const json_t *list = json_object_get(result, "resources");
    cr_expect_gt(json_array_size(list), 4);
    json_array_foreach((json_t *)list, index, resource)
    {
        double share = json_number_value(json_object_get(resource, "utilization"));
        cr_expect(share >= 0 && share <= 1, "%s: %s is busy %.6f", what, text_at(resource, "resource"),
                  share);
    }
}

static void check(const struct expected *expected)
{
    struct run_options run = {0};
    json_t *result = simulate_text(text, expected->sets, &run);
    char what[200];
    snprintf(what, sizeof(what), "%s %s", expected->sets[0], expected->sets[1] ? expected->sets[1] : "");
    bool full = expected->thread != NULL;
    cr_expect_str_eq(text_at(result, "bottleneck.kind"), expected->kind, "%s: %s", what,
                     text_at(result, "bottleneck.kind"));
    cr_expect_str_eq(text_at(result, "bottleneck.resource"), expected->resource, "%s: %s", what,
                     text_at(result, "bottleneck.resource"));
    cr_expect_str_eq(text_at(result, "bottleneck.thread"), full ? expected->thread : "", "%s: %s", what,
                     text_at(result, "bottleneck.thread"));
    cr_expect_str_eq(text_at(result, "bottleneck.vm"), full ? expected->vm : "", "%s", what);
    cr_expect_eq(simulated(result, "bottleneck.saturated"), full, "%s", what);
    check_shares(result, what);
    json_decref(result);
}

static void check_all(const struct expected *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&cases[i]);
}

#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof((cases)[0]))

Test(bottleneck, a_core_by_its_thread)
{
    static const struct expected cases[] = {
        {{"strategy=native", "traffic[0].rate=3Mpps"}, "core", "host0.core1", "traffic0.app", ""},
        {{"strategy=emulation", "traffic[0].rate=1Mpps"}, "core", "host0.core1", "web.vcpu0", "web"},
        {{"strategy=virtio", "traffic[0].rate=1Mpps", "costs.vhost_packet=5000cycles"},
         "core",
         "host0.core2",
         "web.vhost",
         "web"},
        {{"strategy=virtio", "traffic[0].rate=1Mpps", "vms[0].virtio.backend=qemu"},
         "core",
         "host0.core2",
         "web.qemu",
         "web"},
        {{"strategy=passthrough", "traffic[0].rate=3Mpps"}, "core", "host0.core1", "web.vcpu0", "web"},
    };
    CHECK_ALL(cases);
}

/* The NIC's interrupts have core 0 full, the tap overflows; and still the later one limits. */
Test(bottleneck, of_several_full_cores_the_last_on_the_way)
{
    static const struct expected cases[] = {
        {{"strategy=virtio", "traffic[0].direction=receive", "traffic[0].rate=4Mpps",
          "costs.driver_receive=900cycles", "costs.vhost_packet=3000cycles", "vms[0].irq_core=0"},
         "core",
         "host0.core2",
         "web.vhost",
         "web"},
        {{"strategy=native", "traffic[0].direction=receive", "traffic[0].rate=4Mpps",
          "costs.driver_receive=6000cycles", "vms[0].irq_core=0"},
         "core",
         "host0.core0",
         "ksoftirqd",
         ""},
    };
    CHECK_ALL(cases);
}

Test(bottleneck, wire_links_and_walkers)
{
    static const struct expected cases[] = {
        {{"strategy=native", "traffic[0].rate=200kpps", "traffic[0].size.bytes=1500B",
          "nics[0].bit_rate=1Gbps"},
         "wire",
         "host0.nic0.wire.tx",
         "",
         ""},
        {{"strategy=native", "traffic[0].direction=receive", "traffic[0].rate=200kpps",
          "traffic[0].size.bytes=1500B", "nics[0].bit_rate=1Gbps"},
         "wire",
         "host0.nic0.wire.rx",
         "",
         ""},
        {{"strategy=native", "traffic[0].rate=300kpps", "traffic[0].size.bytes=1500B",
          "nics[0].link.generation=1", "nics[0].link.width=1"},
         "link",
         "host0.nic0.link.down",
         "",
         ""},
        {{"strategy=native", "traffic[0].direction=receive", "traffic[0].rate=300kpps",
          "traffic[0].size.bytes=1500B", "nics[0].link.generation=1", "nics[0].link.width=1"},
         "link",
         "host0.nic0.link.up",
         "",
         ""},
        {{"strategy=passthrough", "traffic[0].direction=receive", "traffic[0].rate=600kpps",
          "host.memory.fragmentation=100%", "host.iommu.iotlb_entries=1", "host.iommu.walkers=1",
          "host.iommu.walk_latency=600ns"},
         "walker",
         "host0.iommu.walkers",
         "",
         ""},
    };
    CHECK_ALL(cases);
}

Test(bottleneck, none_when_the_load_is_carried)
{
    static const struct expected cases[] = {
        {{"strategy=native"}, "none", "none", NULL, NULL},
        {{"strategy=emulation", "traffic[0].rate=2kpps"}, "none", "none", NULL, NULL},
        {{"strategy=passthrough", "traffic[0].direction=receive"}, "none", "none", NULL, NULL},
        {{"strategy=virtio", "traffic[0].direction=request_response", "traffic[0].rate=2kpps"},
         "none",
         "none",
         NULL,
         NULL},
    };
    CHECK_ALL(cases);
}

/* A core that only polls is in use, and limits nothing. */
Test(bottleneck, polling_is_no_work)
{
    static const char *const polling[][4] = {
        {"strategy=passthrough", "host.hypervisor.halt_poll=200us", "host.hypervisor.halt_poll_start=200us"},
        {"strategy=virtio", "vms[0].virtio.busy_poll=1ms"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct run_options run = {0};
        json_t *result = simulate_text(text, polling[i], &run);
        cr_expect_gt(simulated(result, i == 0 ? "cores[1].utilization" : "cores[2].utilization"), 0.98);
        cr_expect_str_eq(text_at(result, "bottleneck.resource"), "none");
        cr_expect_str_eq(text_at(result, "bottleneck.why"), "offered load is carried");
        cr_expect_lt(simulated(result, "bottleneck.utilization"), 0.5);
        check_shares(result, polling[i][0]);
        json_decref(result);
    }
}

Test(bottleneck, windows_and_queues)
{
    static const struct expected cases[] = {
        {{"strategy=virtio", "traffic[0].direction=request_response", "traffic[0].rate=0"},
         "window",
         "traffic0",
         NULL,
         NULL},
        {{"strategy=native", "traffic[0].direction=request_response", "traffic[0].rate=1Mpps"},
         "window",
         "traffic0",
         NULL,
         NULL},
        {{"strategy=native", "traffic[0].rate=0", "traffic[0].window=1"}, "window", "traffic0", NULL, NULL},
        {{"strategy=native", "traffic[0].direction=receive", "traffic[0].burst=100",
          "traffic[0].socket_buffer=10"},
         "queue",
         "socket_full",
         NULL,
         NULL},
        {{"strategy=virtio", "traffic[0].direction=receive", "traffic[0].burst=200", "host.tap_queue=10"},
         "queue",
         "tap_full",
         NULL,
         NULL},
    };
    CHECK_ALL(cases);
}

/* Threads that wait for room although nothing is full: completions come too rarely for the ring. */
Test(bottleneck, a_queue_that_grows)
{
    static const struct expected slow[] = {
        {{"strategy=native", "traffic[0].rate=300kpps", "nics[0].tx_ring=64", "traffic[0].backlog=1000000",
          "nics[0].moderation.model=itr", "nics[0].moderation.interval=1ms"},
         "queue",
         "source_wait",
         NULL,
         NULL},
    };
    CHECK_ALL(slow);
}

/* The wire is full in the window, and was not before it: the window's share tells. */
Test(bottleneck, shares_are_of_the_window)
{
    static const char *const sets[] = {"strategy=native", "traffic[0].rate=100kpps", "warmup=6ms", NULL};
    struct run_options run = {0};
    json_t *result = simulate_text(text, sets, &run);
    size_t index;
    json_t *resource;
    json_array_foreach(json_object_get(result, "resources"), index, resource)
    {
        if (strcmp(text_at(resource, "resource"), "host0.nic0.wire.tx") == 0)
            cr_expect_float_eq(json_number_value(json_object_get(resource, "utilization")),
                               simulated(result, "throughput_pps") * 84 * 0.8e-9, 1e-4);
    }
    json_decref(result);
}
