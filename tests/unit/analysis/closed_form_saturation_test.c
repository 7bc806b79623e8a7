/*
 * Saturation: the smallest of what cores, wire, link and walkers allow, within 1 %, and the name of that one as the run's
 * bottleneck has it. The PCIe arithmetic against the published table.
 */
#include "tests/unit/analysis/closed_form_fixture.h"

struct limit_case {
    const char *sets[8]; /* NULL-terminated */
    const char *kind, *resource;
};

static const struct limit_case cases[] = {
    /* cores */
    {{"strategy=native", "traffic[0].direction=transmit", "costs.app=2000cycles"}, "core", "host0.core1"},
    {{"strategy=native", "traffic[0].direction=transmit", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=20us"},
     "core",
     "host0.core1"},
    {{"strategy=native", "traffic[0].direction=transmit", "traffic[0].size.bytes=1500B",
      "nics[0].moderation.model=frames", "nics[0].moderation.frames=16", "host.profile=skylake-sp"},
     "core",
     "host0.core1"},
    {{"strategy=native", "traffic[0].direction=receive", "costs.app=9000cycles"}, "core", "host0.core1"},
    {{"strategy=native", "traffic[0].direction=receive", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=50us", "traffic[0].size.bytes=512B"},
     "core",
     "host0.core1"},
    {{"strategy=passthrough", "traffic[0].direction=transmit", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=50us"},
     "core",
     "host0.core1"},
    {{"strategy=passthrough", "traffic[0].direction=receive", "costs.app=9000cycles",
      "traffic[0].size.bytes=700B"},
     "core",
     "host0.core1"},
    {{"strategy=emulation", "traffic[0].direction=transmit", "vms[0].emulation.mitigation=false"},
     "core",
     "host0.core1"},
    {{"strategy=emulation", "traffic[0].direction=transmit", "traffic[0].size.bytes=1500B"},
     "core",
     "host0.core1"},
    {{"strategy=virtio", "traffic[0].direction=transmit", "costs.vhost_packet=3000cycles",
      "traffic[0].window=1000"},
     "core",
     "host0.core2"},
    {{"strategy=virtio", "traffic[0].direction=transmit", "costs.app=20000cycles"}, "core", "host0.core1"},
    /* the wire */
    {{"strategy=native", "traffic[0].direction=transmit", "traffic[0].size.bytes=1500B",
      "nics[0].bit_rate=1Gbps"},
     "wire",
     "host0.nic0.wire.tx"},
    {{"strategy=passthrough", "traffic[0].direction=receive", "traffic[0].size.bytes=1000B",
      "nics[0].bit_rate=1Gbps"},
     "wire",
     "host0.nic0.wire.rx"},
    {{"strategy=virtio", "traffic[0].direction=receive", "traffic[0].size.bytes=1500B",
      "nics[0].bit_rate=1Gbps"},
     "wire",
     "host0.nic0.wire.rx"},
    {{"strategy=virtio", "traffic[0].direction=transmit", "traffic[0].size.bytes=1500B",
      "nics[0].bit_rate=1Gbps"},
     "wire",
     "host0.nic0.wire.tx"},
    {{"strategy=emulation", "traffic[0].direction=receive", "traffic[0].size.bytes=1500B",
      "nics[0].bit_rate=100Mbps"},
     "wire",
     "host0.nic0.wire.rx"},
    {{"strategy=emulation", "traffic[0].direction=transmit", "traffic[0].size.bytes=512B",
      "nics[0].bit_rate=100Mbps"},
     "wire",
     "host0.nic0.wire.tx"},
    /* the link */
    {{"strategy=native", "traffic[0].direction=transmit", "traffic[0].size.bytes=1500B",
      "nics[0].link.generation=1", "nics[0].link.width=1"},
     "link",
     "host0.nic0.link.down"},
    {{"strategy=passthrough", "traffic[0].direction=transmit", "traffic[0].size.bytes=1024B",
      "nics[0].link.generation=1", "nics[0].link.width=1", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=50us"},
     "link",
     "host0.nic0.link.down"},
    /* page walks */
    {{"strategy=passthrough", "traffic[0].direction=receive", "host.memory.fragmentation=100%",
      "host.iommu.iotlb_entries=1", "host.iommu.walkers=1", "host.iommu.walk_latency=600ns"},
     "walker",
     "host0.iommu.walkers"},
    {{"strategy=passthrough", "traffic[0].direction=receive", "host.memory.fragmentation=100%",
      "host.iommu.iotlb_entries=1", "host.iommu.walkers=2", "host.iommu.walk_latency=2us"},
     "walker",
     "host0.iommu.walkers"},
};

static void check_case(const struct limit_case *limit)
{
    struct sets sets = {.count = 0};
    struct closed_form_prediction prediction;
    char what[4 * SET_SIZE];
    set(&sets, "traffic[0].rate=0");
    set(&sets, "traffic[0].window=250");
    for (size_t i = 0; limit->sets[i]; i++)
        set(&sets, "%s", limit->sets[i]);
    snprintf(what, sizeof(what), "%s %s %s", limit->sets[0], limit->sets[1],
             limit->sets[2] ? limit->sets[2] : "");
    struct experiment_run run = bind_sets(&sets);
    cr_assert(closed_form_predict(run.config, &prediction), "%s: %s", what, prediction.reason);
    const struct closed_form_saturation *saturation = &prediction.saturation;
    cr_assert_null(saturation->reason, "%s: %s", what, saturation->reason);
    struct observed observed = observe(run.config);
    expect_close(observed.throughput_pps, saturation->pps, 1, what);
    cr_expect(observed.saturated, "%s: not saturated", what);
    cr_expect_str_eq(saturation->kind, limit->kind, "%s: %s", what, saturation->kind);
    cr_expect_str_eq(saturation->resource, limit->resource, "%s: %s", what, saturation->resource);
    cr_expect_str_eq(observed.bottleneck, limit->resource, "%s: the run names %s", what, observed.bottleneck);
    release(&run);
}

Test(closed_form_saturation, throughput_and_bottleneck)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_case(&cases[i]);
}

static const char *saturation_reason(const char *const *list)
{
    static struct closed_form_prediction prediction;
    struct sets sets = {.count = 0};
    set(&sets, "traffic[0].rate=0");
    set(&sets, "traffic[0].window=250");
    for (size_t i = 0; list[i]; i++)
        set(&sets, "%s", list[i]);
    struct experiment_run run = bind_sets(&sets);
    bool predicted = closed_form_predict(run.config, &prediction);
    release(&run);
    return predicted ? prediction.saturation.reason : prediction.reason;
}

Test(closed_form_saturation, says_why_there_is_no_form)
{
    static const struct {
        const char *sets[5], *reason;
    } outside[] = {
        {{"strategy=virtio"}, "the vhost worker is neither clearly slower than the guest nor clearly faster"},
        {{"strategy=virtio", "traffic[0].direction=receive"},
         "how many packets share virtio's interrupts depends on their rhythm"},
        {{"strategy=native", "traffic[0].direction=receive"},
         "how many packets a poll finds depends on their rhythm"},
        {{"traffic[0].direction=request_response"}, "a request waits for its answer: nothing is full"},
        {{"traffic[0].window=4", "costs.app=5000cycles"},
         "the window is too small to fill what is on the way"},
        {{"strategy=passthrough", "traffic[0].direction=receive", "host.memory.fragmentation=50%"},
         "how often the IOMMU walks its tables depends on the order of buffers"},
        {{"strategy=passthrough", "host.hypervisor.posted_interrupts=false"},
         "interrupts make the guest exit"},
    };
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        const char *reason = saturation_reason(outside[i].sets);
        cr_expect(reason && strcmp(reason, outside[i].reason) == 0, "%s: %s", outside[i].sets[0],
                  reason ? reason : "exact");
    }
}

/* Gen3 x8, MPS 256, MRRS 512, 64-bit addresses, DLLPs 8.15 %: pcie-bench's arithmetic, to the digits published. */
Test(closed_form_saturation, pcie_arithmetic)
{
    static const struct {
        uint32_t size;
        double gbps[3]; /* write, read, both */
    } table[] = {
        {8, {14.47, 16.54, 8.27}},     {64, {42.10, 44.10, 33.08}},  {128, {48.75, 50.06, 42.10}},
        {256, {52.92, 53.69, 48.75}},  {512, {52.92, 53.69, 50.75}}, {1024, {52.92, 53.69, 50.75}},
        {2048, {52.92, 53.69, 50.75}},
    };
    struct sets sets = {.count = 0};
    set(&sets, "nics[0].link.generation=3");
    set(&sets, "nics[0].link.width=8");
    set(&sets, "nics[0].link.mps=256B");
    set(&sets, "nics[0].link.mrrs=512B");
    struct experiment_run run = bind_sets(&sets);
    const struct pcie_link_config *link = &((const struct nic_config *)run.config->nics.items)->link;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        for (int kind = 0; kind < 3; kind++)
            cr_expect_float_eq(closed_form_pcie(link, (enum closed_form_dma)kind, table[i].size, true) * 1e-9,
                               table[i].gbps[kind], 0.0101, "%u B, kind %d: %.3f", table[i].size, kind,
                               closed_form_pcie(link, (enum closed_form_dma)kind, table[i].size, true) *
                                   1e-9);
    release(&run);
}

Test(closed_form_saturation, short_addresses_carry_more)
{
    struct sets sets = {.count = 0};
    struct experiment_run run = bind_sets(&sets);
    const struct pcie_link_config *link = &((const struct nic_config *)run.config->nics.items)->link;
    double wide = closed_form_pcie(link, CLOSED_FORM_WRITE, 64, true);
    double narrow = closed_form_pcie(link, CLOSED_FORM_WRITE, 64, false);
    cr_expect_float_eq(narrow / wide, 88.0 / 84.0, 1e-9);
    release(&run);
}

Test(closed_form_saturation, overlays_by_name)
{
    struct sets sets = {.count = 0};
    double value = 0;
    set(&sets, "traffic[0].size.bytes=1518B");
    struct experiment_run run = bind_sets(&sets);
    struct closed_form_prediction prediction;
    cr_assert(closed_form_predict(run.config, &prediction));
    cr_expect(closed_form_value("wire_pps", run.config, &value));
    cr_expect_float_eq(value, 1e10 / (8 * 1538), 1e-6);
    cr_expect(closed_form_value("latency_ns", run.config, &value));
    cr_expect_float_eq(value, prediction.latency.mean / 1000, 1e-9);
    cr_expect(closed_form_value("utilization", run.config, &value));
    cr_expect_float_eq(value, prediction.utilization.total, 1e-12);
    cr_expect_not(closed_form_value("waiting_ns", run.config, &value), "arrivals are no Poisson process");
    cr_expect_not(closed_form_value("no_such_form", run.config, &value));
    for (size_t i = 0; closed_form_names[i]; i++)
        closed_form_value(closed_form_names[i], run.config, &value);
    release(&run);
}
