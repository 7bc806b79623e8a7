#include "models/pcie/root.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/models/pcie_fixture.h"

TestSuite(root, .init = fixture_setup, .fini = fixture_teardown);

enum { LOG_MAX = 64 };

static struct probe probes[8];

/* What happened, in order: a letter and a time. */
static char happened[LOG_MAX];
static sim_time happened_at[LOG_MAX];
static unsigned happened_count;

static void log_event(char what)
{
    happened[happened_count] = what;
    happened_at[happened_count++] = sim_now(sim);
}

static uint64_t page_on(int node)
{
    uint64_t hpa = memory_allocate(memory, node, PAGE_SIZE, PAGE_SIZE);
    memory_bytes(memory, hpa);
    return hpa;
}

static sim_time way_in(void)
{
    return root_defaults.ingress_latency / 2;
}

/* ---- a device with registers ---- */

static uint64_t registers[2][16];

static void write_register(void *self, unsigned function, uint32_t offset, uint64_t value)
{
    cr_assert_eq(self, registers);
    registers[function][offset / 4] = value;
    log_event('w');
}

static uint64_t read_register(void *self, unsigned function, uint32_t offset)
{
    cr_assert_eq(self, registers);
    log_event('r');
    return registers[function][offset / 4];
}

static const struct register_target target = {write_register, read_register, registers};

/* ---- latency, to the picosecond ---- */

static void expect_read(uint64_t hpa, uint32_t bytes, uint32_t answer_wire, sim_time memory_time)
{
    probe_init(&probes[0], hpa, bytes, false);
    uint64_t events = sim_event_count(sim);
    sim_time start = sim_now(sim);
    dma_read(dma, 0, &probes[0].request);
    sim_time ready = crossed(&link_defaults, start, 24) + root_defaults.ingress_latency + memory_time;
    sim_time end = crossed(&link_defaults, ready, answer_wire);
    sim_run(sim, end - 1);
    cr_expect_eq(probes[0].done, -1);
    sim_run(sim, end);
    cr_expect_eq(probes[0].done, end);
    cr_expect_eq(sim_event_count(sim) - events, 2);
}

Test(root, a_read_takes_the_sum_of_its_parts)
{
    fixture_device(&link_defaults, NULL, NULL);
    expect_read(page_on(0), 64, 84, memory_defaults.llc_latency);
    expect_read(page_on(1), 64, 84, memory_defaults.llc_latency + memory_defaults.remote_latency);
    expect_read(memory_allocate(memory, 0, PAGE_SIZE, PAGE_SIZE), 64, 84,
                memory_defaults.llc_latency + memory_defaults.dram_latency);
    expect_read(page_on(0) + 61, 6, 20 + 8, memory_defaults.llc_latency);
    expect_read(page_on(0), 512, 512 + 40, memory_defaults.llc_latency);
}

Test(root, a_write_takes_the_sum_of_its_parts)
{
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t page = page_on(0);
    probe_init(&probes[0], page, 64, true);
    memset(probes[0].bytes, 0xAB, 64);
    dma_write(dma, 0, &probes[0].request);
    sim_time end = crossed(&link_defaults, 0, 88) + way_in();
    sim_run(sim, end - 1);
    cr_expect_eq(*memory_bytes(memory, page), 0);
    sim_run(sim, end);
    cr_expect_eq(*memory_bytes(memory, page), 0xAB);
    cr_expect_eq(probes[0].done, end);
    cr_expect_eq(sim_event_count(sim), 1);
}

Test(root, bytes_are_taken_at_the_memory_access)
{
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t page = page_on(0);
    sim_time ready =
        crossed(&link_defaults, 0, 24) + root_defaults.ingress_latency + memory_defaults.llc_latency;
    probe_init(&probes[0], page, 4, true);
    dma_read(dma, 0, &probes[0].request);
    sim_run(sim, ready - 1);
    *memory_bytes(memory, page) = 1; /* in time */
    sim_run(sim, ready);
    *memory_bytes(memory, page) = 2; /* too late */
    sim_run(sim, SIM_MS);
    cr_expect_eq(probes[0].bytes[0], 1);
}

/* ---- interrupt messages ---- */

static void post(void *self, unsigned vector)
{
    cr_assert_eq(vector, 0x41);
    cr_assert_eq(self, happened);
    log_event('m');
}

static void write_done(struct dma_request *request)
{
    (void)request;
    log_event('d');
}

static unsigned message_entry(void)
{
    unsigned index = msi_allocate(root);
    msi_route_posted(root, index, post, happened, 0x41);
    return index;
}

Test(root, a_message_takes_the_sum_of_its_parts_and_one_event)
{
    fixture_device(&link_defaults, NULL, NULL);
    dma_msi(dma, 0, msi_address(message_entry()), 0);
    sim_run(sim, SIM_MS);
    cr_assert_eq(happened_count, 1);
    cr_expect_eq(happened_at[0], crossed(&link_defaults, 0, 24) + way_in() + root_defaults.interrupt_latency);
    cr_expect_eq(sim_event_count(sim), 1);
    cr_expect_eq(dma_counters(dma, 0)->msis, 1);
    cr_expect_eq(dma_counters(dma, 0)->memory_writes, 0);
}

Test(root, a_message_does_not_pass_a_write)
{
    struct iommu *iommu = iommu_create(sim, &iommu_defaults, memory);
    struct iommu_domain *domain = iommu_domain_create(iommu);
    iommu_map(domain, 0x10000, page_on(0), PAGE_SIZE, true);
    iommu_attach(iommu, REQUESTER, domain);
    fixture_device(&link_defaults, iommu, NULL);
    struct dma_request write = {.done = write_done, .iova = 0x10000, .length = 64};
    dma_write(dma, 0, &write);
    dma_msi(dma, 0, msi_address(message_entry()), 0);
    sim_run(sim, SIM_MS);
    /* The walk holds the write up for longer than the message is behind it. */
    sim_time visible = crossed(&link_defaults, 0, 84) + way_in() + iommu_defaults.hit_latency +
                       4 * iommu_defaults.walk_latency;
    cr_expect_str_eq(happened, "dm");
    cr_expect_eq(happened_at[0], visible);
    cr_expect_eq(happened_at[1], visible + root_defaults.interrupt_latency);
    iommu_destroy(iommu);
}

Test(root, messages_address_their_entry)
{
    for (unsigned index = 0; index < 65536; index += 77) {
        uint64_t address = msi_address(index);
        cr_assert_eq(address >> 20, 0xFEE);
        cr_assert(address & 0x10, "remappable");
        cr_assert_eq((address >> 5 & 0x7FFF) | (address >> 2 & 1) << 15, index);
        cr_assert_eq(address & 3, 0);
    }
}

Test(root, messages_without_an_entry_are_blocked)
{
    fixture_device(&link_defaults, NULL, NULL);
    unsigned empty = msi_allocate(root);
    dma_msi(dma, 0, msi_address(empty), 0);
    dma_msi(dma, 0, msi_address(empty + 1), 0);
    dma_msi(dma, 0, 0xFEE00000, 0);
    sim_run(sim, SIM_MS);
    cr_expect_eq(msi_blocked(root), 3);
}

/* ---- order ---- */

static void read_done(struct dma_request *request)
{
    (void)request;
    log_event('c');
}

Test(root, a_read_pushes_earlier_writes)
{
    struct iommu *iommu = iommu_create(sim, &iommu_defaults, memory);
    struct iommu_domain *domain = iommu_domain_create(iommu);
    iommu_map(domain, 0x10000, page_on(0), PAGE_SIZE, true);
    iommu_map(domain, 0x20000, page_on(0), PAGE_SIZE, true);
    iommu_attach(iommu, REQUESTER, domain);
    fixture_device(&link_defaults, iommu, NULL);
    probe_init(&probes[0], 0x20000, 64, false); /* fills the IOTLB for the read */
    dma_read(dma, 0, &probes[0].request);
    sim_run(sim, SIM_MS);
    static uint8_t bytes[4] = {1, 2, 3, 4}, back[4];
    struct dma_request write = {.done = write_done, .bytes = bytes, .iova = 0x10000, .length = 4};
    struct dma_request read = {.done = read_done, .bytes = back, .iova = 0x10000, .length = 4};
    struct dma_request hit = {.done = read_done, .iova = 0x20000, .length = 64};
    dma_write(dma, 0, &write); /* misses */
    dma_read(dma, 0, &hit);    /* hits, but may not be answered before the write is in memory */
    dma_read(dma, 0, &read);
    sim_run(sim, 2 * SIM_MS);
    cr_expect_str_eq(happened, "dcc");
    cr_expect_eq(back[3], 4);
    iommu_destroy(iommu);
}

Test(root, reads_may_be_answered_out_of_order)
{
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t near = page_on(0), far = page_on(1);
    probe_init(&probes[0], far, 64, false);
    probe_init(&probes[1], near, 64, false);
    probe_init(&probes[2], near, 64, false);
    for (unsigned i = 0; i < 3; i++)
        dma_read(dma, 0, &probes[i].request);
    sim_run(sim, SIM_MS);
    cr_expect_lt(probes[1].done, probes[2].done);
    cr_expect_lt(probes[2].done, probes[0].done);
    sim_time ready =
        crossed(&link_defaults, 0, 24) + root_defaults.ingress_latency + memory_defaults.llc_latency;
    cr_expect_eq(probes[0].done, crossed(&link_defaults, ready + memory_defaults.remote_latency, 84));
}

/* ---- faults ---- */

Test(root, what_is_not_mapped_is_an_unsupported_request)
{
    struct iommu *iommu = iommu_create(sim, &iommu_defaults, memory);
    struct iommu_domain *domain = iommu_domain_create(iommu);
    uint64_t page = page_on(0);
    iommu_map(domain, 0x10000, page, PAGE_SIZE, false);
    iommu_attach(iommu, REQUESTER, domain);
    fixture_device(&link_defaults, iommu, NULL);
    probe_init(&probes[0], 0x30000, 64, true);
    dma_read(dma, 0, &probes[0].request);
    probe_init(&probes[1], 0x10000, 64, true); /* mapped for reading only */
    memset(probes[1].bytes, 9, 64);
    dma_write(dma, 0, &probes[1].request);
    probe_init(&probes[2], 0x10000, 64, true);
    dma_read(dma, 0, &probes[2].request);
    sim_run(sim, SIM_MS);
    cr_expect_eq(probes[0].request.status, 1);
    cr_expect_eq(probes[1].request.status, 0, "nobody tells the writer");
    cr_expect_geq(probes[1].done, 0);
    cr_expect_eq(*memory_bytes(memory, page), 0);
    cr_expect_eq(probes[2].request.status, 0);
    cr_expect_eq(iommu_counters(iommu)->faults, 2);
    iommu_destroy(iommu);
}

Test(root, an_address_without_memory_is_an_unsupported_request)
{
    fixture_device(&link_defaults, NULL, NULL);
    probe_init(&probes[0], 0x1000, 2048, false);
    dma_read(dma, 0, &probes[0].request);
    struct dma_request write = {.iova = 0x1000, .length = 64};
    dma_write(dma, 0, &write);
    sim_run(sim, SIM_MS);
    cr_expect_eq(probes[0].request.status, 1);
    cr_expect_geq(probes[0].done, 0);
    cr_expect_eq(dma_counters(dma, 0)->completions, 4, "one for each MRd, without data");
    cr_expect_eq(dma_counters(dma, 0)->bytes_down, 4 * 20);
}

/* ---- register accesses ---- */

Test(root, a_register_write_takes_the_sum_of_its_parts_and_one_event)
{
    fixture_device(&link_defaults, NULL, &target);
    dma_function(dma, REQUESTER + 1);
    mmio_write(dma, 1, 8, 0xDEAD);
    mmio_write(dma, 0, 12, 0xBEEF);
    sim_run(sim, SIM_MS);
    cr_expect_eq(registers[1][2], 0xDEAD);
    cr_expect_eq(registers[0][3], 0xBEEF);
    cr_expect_eq(happened_at[0], crossed(&link_defaults, root_defaults.mmio_write_latency, 24));
    cr_expect_eq(happened_at[1], crossed(&link_defaults, root_defaults.mmio_write_latency, 48));
    cr_expect_eq(sim_event_count(sim), 2);
    cr_expect_eq(dma_counters(dma, 1)->mmio_writes, 1);
    cr_expect_eq(dma_counters(dma, 1)->bytes_down, 24);
}

/* A core that reads a register. */
static struct cpu *core;
static struct cpu_context reader;
static uint64_t value;

static void reader_returned(struct cpu_context *ctx, void *self)
{
    (void)ctx;
    (void)self;
    log_event('v');
    cpu_block(ctx, reader_returned, NULL);
}

static void reader_entry(struct cpu_context *ctx, void *self)
{
    (void)self;
    log_event('s');
    cpu_push(ctx, reader_returned, NULL);
    mmio_read(dma, 0, 4, ctx, &value);
}

static void make_reader(void)
{
    core = cpu_core_create(sim, "core0", &(struct cpu_core_config){.hz = 1000000000});
    cpu_context_init(&reader, core, "reader", CPU_TASK, reader_entry, NULL);
}

Test(root, a_register_read_holds_the_core_for_the_round_trip)
{
    fixture_device(&link_defaults, NULL, &target);
    make_reader();
    registers[0][1] = 0x1234;
    cpu_wake(&reader);
    sim_run(sim, SIM_MS);
    cr_expect_str_eq(happened, "srv");
    cr_expect_eq(value, 0x1234);
    sim_time start = happened_at[0];
    sim_time device = crossed(&link_defaults, start + root_defaults.mmio_write_latency, 20);
    cr_expect_eq(happened_at[1], device);
    sim_time port = crossed(&link_defaults, device, 24);
    sim_time rest = root_defaults.mmio_read_latency - root_defaults.mmio_write_latency;
    cr_expect_eq(happened_at[2], port + rest);
    const struct ledger *ledger = cpu_ledger(core);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_STALL], port + rest - start);
    cpu_destroy(core);
}

static void ring_and_read(void *self)
{
    (void)self;
    mmio_write(dma, 0, 8, 1);
    cpu_wake(&reader);
}

static void write_at_device(void *self)
{
    dma_write(dma, 0, self);
}

Test(root, a_register_read_pushes_writes_in_both_directions)
{
    fixture_device(&link_defaults, NULL, &target);
    make_reader();
    struct dma_request write = {.done = write_done, .iova = page_on(0), .length = 256};
    at(0, ring_and_read, NULL);
    /* Sent just before the read's completion leaves the device. */
    at(crossed(&link_defaults, root_defaults.mmio_write_latency, 44) - 1, write_at_device, &write);
    sim_run(sim, SIM_MS);
    cr_expect_str_eq(happened, "swrdv");
    cpu_destroy(core);
}

Test(root, register_writes_and_completions_share_the_line_in_order)
{
    fixture_device(&link_defaults, NULL, &target);
    uint64_t page = page_on(0);
    sim_time ready =
        crossed(&link_defaults, 0, 24) + root_defaults.ingress_latency + memory_defaults.llc_latency;
    struct dma_request read = {.done = read_done, .iova = page, .length = 256};
    dma_read(dma, 0, &read);
    sim_run(sim, ready + 1 - root_defaults.mmio_write_latency);
    mmio_write(dma, 0, 0, 1); /* leaves the root port 1 ps after the completion */
    sim_run(sim, SIM_MS);
    cr_expect_str_eq(happened, "cw");
    cr_expect_eq(happened_at[0], crossed(&link_defaults, ready, 276));
    cr_expect_eq(happened_at[1], crossed(&link_defaults, ready, 276 + 24));
}

Test(root, a_register_write_ahead_of_completions_is_not_overtaken)
{
    fixture_device(&link_defaults, NULL, &target);
    uint64_t page = page_on(0);
    sim_time ready =
        crossed(&link_defaults, 0, 24) + root_defaults.ingress_latency + memory_defaults.llc_latency;
    struct dma_request read = {.done = read_done, .iova = page, .length = 256};
    dma_read(dma, 0, &read);
    sim_run(sim, ready - 1 - root_defaults.mmio_write_latency);
    mmio_write(dma, 0, 0, 1); /* leaves 1 ps before */
    sim_run(sim, SIM_MS);
    cr_expect_str_eq(happened, "wc");
    cr_expect_eq(happened_at[0], crossed(&link_defaults, ready - 1, 24));
    cr_expect_eq(happened_at[1], crossed(&link_defaults, ready - 1, 24 + 276));
}

/* ---- several ports below one IOMMU ---- */

/* The same traffic, with or without a second, silent port: translated at arrival or ahead, the times are equal. */
static uint64_t mixed_traffic(bool second_port, uint64_t *events)
{
    struct iommu *iommu = iommu_create(sim, &iommu_defaults, memory);
    struct iommu_domain *domain = iommu_domain_create(iommu);
    iommu_map(domain, 0x10000, memory_allocate(memory, 0, 8 * PAGE_SIZE, PAGE_SIZE), 8 * PAGE_SIZE, true);
    iommu_attach(iommu, REQUESTER, domain);
    fixture_device(&link_defaults, iommu, NULL);
    struct dma *silent = second_port ? dma_create(sim, root, "nic1", &link_defaults, NULL) : NULL;
    for (unsigned i = 0; i < 8; i++) {
        probe_init(&probes[i], 0x10000 + i * 2600, 1500, false);
        if (i % 2)
            dma_read(dma, 0, &probes[i].request);
        else
            dma_write(dma, 0, &probes[i].request);
    }
    sim_run(sim, SIM_MS);
    uint64_t sum = 0;
    for (unsigned i = 0; i < 8; i++)
        sum = sum * 31 + (uint64_t)probes[i].done;
    sum = sum * 31 + (uint64_t)iommu_counters(iommu)->iotlb_hits;
    sum = sum * 31 + (uint64_t)iommu_counters(iommu)->iotlb_misses;
    *events = sim_event_count(sim);
    dma_destroy(silent);
    iommu_destroy(iommu);
    return sum;
}

Test(root, translation_ahead_of_time_changes_no_time)
{
    uint64_t ahead, at_arrival;
    uint64_t sum = mixed_traffic(false, &ahead);
    fixture_teardown();
    fixture_setup();
    cr_expect_eq(mixed_traffic(true, &at_arrival), sum);
    cr_expect_lt(ahead, at_arrival);
}

/* ---- explicit DLLPs ---- */

Test(root, all_traffic_runs_with_explicit_dllps_and_few_credits)
{
    struct pcie_link_config config = link_defaults;
    config.dllp = PCIE_DLLP_EXPLICIT;
    config.posted_headers = 2;
    config.posted_data = 32;
    config.nonposted_headers = 1;
    config.completion_headers = 3;
    config.completion_data = 48;
    fixture_device(&config, NULL, &target);
    make_reader();
    registers[0][1] = 5;
    uint64_t area = memory_allocate(memory, 0, 4 * PAGE_SIZE, PAGE_SIZE);
    probe_init(&probes[0], area, 4096, true);
    memset(probes[0].bytes, 0x5A, 4096);
    dma_write(dma, 0, &probes[0].request);
    probe_init(&probes[1], area, 4096, true);
    dma_read(dma, 0, &probes[1].request);
    dma_msi(dma, 0, msi_address(message_entry()), 0);
    mmio_write(dma, 0, 8, 1);
    cpu_wake(&reader);
    sim_run(sim, SIM_MS);
    cr_expect_eq(memcmp(probes[0].bytes, probes[1].bytes, 4096), 0);
    cr_expect_geq(probes[1].done, 0);
    cr_expect_eq(value, 5);
    cr_expect_eq(registers[0][2], 1);
    cr_expect_eq(dma_counters(dma, 0)->completions, 16);
    cr_expect_eq(happened_count, 5, "write, start, read, value, message");
    cpu_destroy(core);
}
