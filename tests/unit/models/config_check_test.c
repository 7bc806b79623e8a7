/* What config_check() reports, with its place; and that it reports nothing else. */
#include "tests/unit/models/system_bench.h"

enum { SEEN_MAX = 8 };

struct seen {
    char path[SEEN_MAX][128], message[SEEN_MAX][256];
    size_t count;
};

static void see(void *self, const char *path, const char *message)
{
    struct seen *seen = self;
    if (seen->count < SEEN_MAX) {
        snprintf(seen->path[seen->count], sizeof(seen->path[0]), "%s", path);
        snprintf(seen->message[seen->count], sizeof(seen->message[0]), "%s", message);
    }
    seen->count++;
}

static struct system_bench bench;

static struct seen check(void)
{
    struct seen seen = {.count = 0};
    config_check(&bench.config, see, &seen);
    return seen;
}

/* Checks, and gives the configuration's memory back. */
static void expect_one(const char *path, const char *message)
{
    struct seen seen = check();
    cr_expect_eq(seen.count, 1, "%zu mistakes: %s: %s", seen.count, seen.path[1], seen.message[1]);
    cr_expect_str_eq(seen.path[0], path);
    cr_expect_str_eq(seen.message[0], message);
    system_bench_free(&bench);
}

static void expect_none(void)
{
    struct seen seen = check();
    cr_expect_eq(seen.count, 0, "%s: %s", seen.path[0], seen.message[0]);
    system_bench_free(&bench);
}

static void prepare(int strategy)
{
    system_bench_prepare(&bench, strategy);
}

Test(config_check, the_defaults_are_right)
{
    for (int strategy = 0; strategy < 4; strategy++) {
        prepare(strategy);
        expect_none();
    }
}

Test(config_check, references_to_what_is_not_there)
{
    prepare(BENCH_VIRTIO);
    bench.vms[0].core = 3;
    bench.vms[0].backend_core = 4;
    expect_one("vms[0].backend_core", "there is no core 4: the host has 4, numbered from 0");
    prepare(BENCH_VIRTIO);
    bench.vms[0].nic = 1;
    expect_one("vms[0].nic", "there is no NIC 1: the scenario has 1, numbered from 0");
    prepare(BENCH_VIRTIO);
    bench.traffic[0].vm = 1;
    expect_one("traffic[0].vm", "there is no VM 1: the scenario has 1, numbered from 0");
    prepare(BENCH_VIRTIO);
    bench.vms[0].vcpus = 2;
    bench.traffic[0].vcpu = 2;
    expect_one("traffic[0].vcpu", "there is no vCPU 2: the VM has 2, numbered from 0");
}

Test(config_check, a_link_that_cannot_be)
{
    prepare(BENCH_NATIVE);
    bench.config.nics.count = 2;
    bench.nics[1].link.width = 3;
    expect_one("nics[1].link.width", "must be 1, 2, 4, 8 or 16");
}

Test(config_check, one_bus_for_two_cards)
{
    prepare(BENCH_NATIVE);
    bench.config.nics.count = 3;
    bench.nics[0].bus = bench.nics[2].bus = 7;
    expect_one("nics[2].bus", "bus 7 is that of nics[0] already");
    prepare(BENCH_NATIVE);
    bench.config.nics.count = BENCH_LIST_MAX;
    expect_none();
}

Test(config_check, chosen_bus_numbers_keep_out_of_the_way)
{
    prepare(BENCH_NATIVE);
    static const int64_t expected[] = {1, 3, 2, 5, 4};
    bench.config.nics.count = 5;
    bench.nics[2].bus = 2;
    bench.nics[4].bus = 4;
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(config_bus(&bench.config, i), expected[i]);
    expect_none();
}

/* As many VMs as VFs are right, one more is not. */
Test(config_check, more_vms_than_virtual_functions)
{
    prepare(BENCH_PASSTHROUGH);
    bench.config.vms.count = 3;
    bench.nics[0].vfs = 3;
    expect_none();
    prepare(BENCH_PASSTHROUGH);
    bench.config.vms.count = 3;
    bench.nics[0].vfs = 2;
    expect_one("vms[2].nic", "NIC 0 has no virtual function left for it: nics[0].vfs is 2");
    prepare(BENCH_VIRTIO);
    bench.nics[0].vfs = 0;
    expect_none();
}

Test(config_check, passthrough_without_an_iommu)
{
    prepare(BENCH_PASSTHROUGH);
    bench.config.vms.count = 2;
    bench.config.host.iommu.enabled = false;
    expect_one("host.iommu.enabled", "passthrough needs the IOMMU: devices see the guest's addresses");
    prepare(BENCH_VIRTIO);
    bench.config.host.iommu.enabled = false;
    expect_none();
}

Test(config_check, virtqueues_that_cannot_be)
{
    prepare(BENCH_VIRTIO);
    bench.vms[0].virtio.queue_size = 300;
    expect_one("vms[0].virtio.queue_size",
               "must be a power of two for the split layout, 32 to 32768; `layout: packed` takes any");
    prepare(BENCH_EMULATION);
    bench.vms[0].virtio.queue_size = 300;
    expect_none();
}

Test(config_check, traffic_that_cannot_be)
{
    prepare(BENCH_VIRTIO);
    bench.traffic[0].rate = 0;
    expect_one("traffic[0].rate", "there is neither a `rate` nor a `window` of packets to keep in flight");
    prepare(BENCH_VIRTIO);
    bench.traffic[0].direction = TRAFFIC_REQUEST_RESPONSE;
    bench.traffic[0].segment = 1000;
    expect_one("traffic[0].segment", "does not apply to request_response: a request is one frame");
}

Test(config_check, a_capture_that_cannot_be_read)
{
    prepare(BENCH_VIRTIO);
    void *replay = bench_model(&bench, &bench.traffic[0].arrival, &arrival_family, "replay");
    bench_set(bench.traffic[0].arrival.model->table, replay, "file", "/no/such/file.pcap");
    bench.traffic[0].rate = 0;
    struct seen seen = check();
    cr_expect_eq(seen.count, 1);
    cr_expect_str_eq(seen.path[0], "traffic[0].arrival.file");
    cr_expect_not_null(strstr(seen.message[0], "No such file"), "%s", seen.message[0]);
    system_bench_free(&bench);
}

Test(config_check, a_warm_up_as_long_as_the_run)
{
    prepare(BENCH_NATIVE);
    bench.config.warmup = bench.config.duration - 1;
    expect_none();
    prepare(BENCH_NATIVE);
    bench.config.warmup = bench.config.duration;
    expect_one("warmup", "must be shorter than the `duration` of 20ms");
}

/* ---- names ---- */

Test(config_check, names_given_twice)
{
    prepare(BENCH_VIRTIO);
    bench.config.vms.count = 3;
    bench.vms[0].name = bench.vms[2].name = "web";
    expect_one("vms[2].name", "`web` is the name of vms[0] already");
    prepare(BENCH_VIRTIO);
    bench.config.traffic.count = 2;
    bench.traffic[0].name = "traffic1"; /* what the second one is called by default */
    expect_one("traffic[1].name", "`traffic1` is the name of traffic[0] already");
    prepare(BENCH_VIRTIO);
    bench.vms[0].name = bench.traffic[0].name = "web";
    expect_none();
}

Test(config_check, names_of_another_form)
{
    prepare(BENCH_VIRTIO);
    bench.vms[0].name = "a.b";
    expect_one("vms[0].name", "a name has letters, digits, '-' and '_' only");
    prepare(BENCH_VIRTIO);
    bench.traffic[0].name = "0123456789012345678901234567890123456789";
    expect_none();
    prepare(BENCH_VIRTIO);
    bench.traffic[0].name = "01234567890123456789012345678901234567890";
    expect_one("traffic[0].name", "a name has 1 to 40 characters");
    prepare(BENCH_VIRTIO);
    bench.vms[0].name = "";
    expect_one("vms[0].name", "a name has 1 to 40 characters");
    prepare(BENCH_VIRTIO);
    bench.vms[0].name = "host0";
    expect_one("vms[0].name", "`host0` is the name of a part of every system");
}

/* ---- resources ---- */

Test(config_check, memory_that_does_not_hold_the_rings)
{
    prepare(BENCH_PASSTHROUGH);
    bench.vms[0].memory = 1 << 20;
    expect_one("vms[0].memory",
               "too little for its network driver's rings and buffers: they take up to 4MiB");
    prepare(BENCH_PASSTHROUGH);
    bench.vms[0].memory = 4 << 20;
    expect_none();
    prepare(BENCH_PASSTHROUGH); /* large packets have larger buffers */
    bench.vms[0].memory = 4 << 20;
    bench.traffic[0].segment = 60000;
    expect_one("vms[0].memory",
               "too little for its network driver's rings and buffers: they take up to 37MiB");
    prepare(BENCH_NATIVE);
    bench.vms[0].memory = 1 << 20;
    expect_none();
}

Test(config_check, memory_that_is_not_there)
{
    prepare(BENCH_VIRTIO);
    bench.config.vms.count = 3;
    for (int i = 0; i < 3; i++)
        bench.vms[i].memory = bench.config.host.memory.node_size / 2 - (16 << 20);
    expect_one("vms[2].memory", "32752MiB is more than the 25MiB that the VMs and drivers before it leave of "
                                "its node; host.memory.node_size is 65536MiB");
    prepare(BENCH_NATIVE);
    bench.config.host.memory.node_size = 64 << 20;
    bench.nics[0].queues = 64;
    expect_one("host.memory.node_size",
               "64MiB is too little for the host's drivers: their rings and buffers take up to 134MiB");
}

Test(config_check, more_vcpus_than_a_core_has_vectors_for)
{
    prepare(BENCH_VIRTIO);
    bench.config.host.cores = 1;
    bench.vms[0].vcpus = 64;
    bench.config.vms.count = 1;
    expect_none();
    prepare(BENCH_VIRTIO);
    bench.config.host.cores = 1;
    bench.vms[0].vcpus = 64;
    bench.vms[1].vcpus = 3;
    bench.config.vms.count = 2;
    expect_one("host.cores",
               "core 0 would take 203 interrupt vectors, for its NIC queues and 3 a vCPU: it has 200");
}

/* What passes at the limit can be built. */
Test(config_check, a_core_full_of_vectors_works)
{
    prepare(BENCH_VIRTIO);
    bench.config.host.cores = 1;
    bench.config.duration = 2 * SIM_MS;
    bench.vms[0].vcpus = 64;
    bench.vms[1].vcpus = 2;
    bench.config.vms.count = 2;
    cr_expect_eq(check().count, 0, "1 + 1 + 3 * 66 = 200");
    system_bench_start(&bench);
    system_bench_run(&bench);
    system_bench_destroy(&bench);
}

Test(config_check, mistakes_are_told_all_at_once)
{
    prepare(BENCH_VIRTIO);
    bench.vms[0].core = 9;
    bench.vms[0].name = "";
    bench.traffic[0].rate = 0;
    bench.config.warmup = bench.config.duration;
    cr_expect_eq(check().count, 4);
    system_bench_free(&bench);
}
