#include <criterion/criterion.h>
#include <string.h>

#include "models/pcie/split.h"
#include "sim/random.h"
#include "tests/unit/models/pcie_fixture.h"

TestSuite(requester, .init = fixture_setup, .fini = fixture_teardown);

enum { PROBES_MAX = 8 };

/* A stream of requests of one kind: each is sent again when it is done, as many in flight as there are. */
struct stream {
    struct dma_request requests[512];
    bool write;
    int64_t bytes;   /* done */
    sim_time latest; /* [ps] */
};

static struct stream stream;

static void stream_send(struct dma_request *request, bool write)
{
    if (write)
        dma_write(dma, 0, request);
    else
        dma_read(dma, 0, request);
}

static void stream_done(struct dma_request *request)
{
    stream.bytes += request->length;
    stream.latest = sim_now(sim);
    stream_send(request, stream.write);
}

static void stream_start(uint32_t size, bool write, uint64_t iova, unsigned in_flight)
{
    stream.write = write;
    for (unsigned i = 0; i < in_flight; i++) {
        stream.requests[i] = (struct dma_request){.done = stream_done, .iova = iova, .length = size};
        stream_send(&stream.requests[i], write);
    }
}

/* What a stream moves in steady state, from one request's end to another's [Gb/s]. */
static double measure(void)
{
    sim_run(sim, 100 * SIM_US);
    int64_t bytes = stream.bytes;
    sim_time start = stream.latest;
    sim_run(sim, 300 * SIM_US);
    return 8000.0 * (double)(stream.bytes - bytes) / (double)(stream.latest - start);
}

static void expect_near(double measured, double expected, const char *what, uint32_t size)
{
    cr_expect(measured > expected * 0.995 && measured < expected * 1.005,
              "%s of %u: %.3f, expected %.2f Gb/s", what, size, measured, expected);
}

/* ---- PCIe arithmetic: Gen3 x8, MPS 256, MRRS 512, 64-bit addresses ---- */

static const struct {
    uint32_t size;
    double write, read, both;
} arithmetic[] = {
    {8, 14.47, 16.54, 8.27},     {64, 42.10, 44.10, 33.08},  {128, 48.75, 50.06, 42.10},
    {256, 52.92, 53.69, 48.75},  {512, 52.92, 53.69, 50.75}, {1024, 52.92, 53.69, 50.75},
    {2048, 52.92, 53.69, 50.75},
};

enum { SIZES = sizeof arithmetic / sizeof arithmetic[0] };

static uint64_t page_of_memory(void)
{
    uint64_t hpa = memory_allocate(memory, 0, PAGE_SIZE, PAGE_SIZE);
    memory_tag(memory, hpa, PAGE_SIZE, 1);
    return hpa;
}

static struct pcie_link_config with_tags(int64_t tags)
{
    struct pcie_link_config config = link_defaults;
    config.tags = tags;
    return config;
}

#define ARITHMETIC_TESTS(row)                                                                                \
    Test(requester, writes_reach_the_closed_form_##row)                                                      \
    {                                                                                                        \
        fixture_device(&link_defaults, NULL, NULL);                                                          \
        stream_start(arithmetic[row].size, true, page_of_memory(), 500);                                     \
        expect_near(measure(), arithmetic[row].write, "write", arithmetic[row].size);                        \
    }                                                                                                        \
    Test(requester, reads_reach_the_closed_form_##row)                                                       \
    {                                                                                                        \
        struct pcie_link_config config = with_tags(1024);                                                    \
        fixture_device(&config, NULL, NULL);                                                                 \
        stream_start(arithmetic[row].size, false, page_of_memory(), 500);                                    \
        expect_near(measure(), arithmetic[row].read, "read", arithmetic[row].size);                          \
    }                                                                                                        \
    Test(requester, both_reach_the_closed_form_##row)                                                        \
    {                                                                                                        \
        both(row);                                                                                           \
    }

/* One write for each read, in turn: what remains when the slower has its share. */
static void both_done(struct dma_request *request)
{
    stream_done(request);
    dma_write(dma, 0, &(struct dma_request){.iova = request->iova, .length = request->length});
}

static void both(int row)
{
    struct pcie_link_config config = with_tags(1024);
    fixture_device(&config, NULL, NULL);
    /* Enough to fill the round trip, and few, so that the queue at the slower line builds up soon. */
    unsigned in_flight = arithmetic[row].size < 96 ? 128 : 12288 / arithmetic[row].size;
    stream_start(arithmetic[row].size, false, page_of_memory(), in_flight);
    for (unsigned i = 0; i < in_flight; i++)
        stream.requests[i].done = both_done;
    expect_near(measure(), arithmetic[row].both, "both", arithmetic[row].size);
}

ARITHMETIC_TESTS(0)
ARITHMETIC_TESTS(1)
ARITHMETIC_TESTS(2)
ARITHMETIC_TESTS(3)
ARITHMETIC_TESTS(4)
ARITHMETIC_TESTS(5)
ARITHMETIC_TESTS(6)
_Static_assert(SIZES == 7, "a test for each row");

/* Any generation, width, MPS and MRRS: the line's time a byte times what a transfer takes of it. */
static void expect_rate(int64_t generation, int64_t width, int64_t mps, int64_t mrrs, bool write)
{
    enum { SIZE = 1024 };
    struct pcie_link_config config = with_tags(1024);
    config.generation = generation;
    config.width = width;
    config.mps = mps;
    config.mrrs = mrrs;
    fixture_device(&config, NULL, NULL);
    uint64_t page = page_of_memory();
    stream_start(SIZE, write, page, 500);
    int64_t num, den;
    pcie_link_rate(&config, &num, &den);
    uint32_t wire = write ? split_writes(page, SIZE, (uint32_t)mps).wire : 0;
    for (uint32_t done = 0; !write && done < SIZE; done += (uint32_t)mrrs)
        wire += split_completions(page + done, SIZE < mrrs ? SIZE : (uint32_t)mrrs, (uint32_t)mps, 64).wire;
    double gigabits = 8000.0 * SIZE / ((double)wire * (double)num / (double)den);
    expect_near(measure(), gigabits, write ? "write" : "read", SIZE);
}

Test(requester, generation_1_x1_writes)
{
    expect_rate(1, 1, 128, 512, true);
}

Test(requester, generation_1_x4_reads)
{
    expect_rate(1, 4, 128, 128, false);
}

Test(requester, generation_2_x8_reads)
{
    expect_rate(2, 8, 512, 4096, false);
}

Test(requester, generation_4_x16_writes)
{
    expect_rate(4, 16, 512, 512, true);
}

Test(requester, generation_4_x8_reads)
{
    expect_rate(4, 8, 256, 1024, false);
}

/* ---- tags ---- */

static sim_time read_latency(uint32_t bytes)
{
    struct pcie_link_config config = link_defaults;
    sim_time there = crossed(&config, 0, 24);
    return crossed(&config, there + root_defaults.ingress_latency + memory_defaults.llc_latency, 20 + bytes);
}

static void expect_tag_limit(int64_t tags)
{
    struct pcie_link_config config = with_tags(tags);
    fixture_device(&config, NULL, NULL);
    stream_start(64, false, page_of_memory(), 500);
    sim_run(sim, 50 * SIM_US);
    sim_time start = stream.latest;
    int64_t before = stream.bytes;
    sim_run(sim, 250 * SIM_US);
    int64_t reads = (stream.bytes - before) / 64;
    /* Exactly one window of reads a round trip, but for the fraction of a picosecond that ends each. */
    sim_time rounds = (stream.latest - start) / read_latency(64);
    cr_expect(reads >= rounds * tags - tags && reads <= rounds * tags + tags,
              "%ld reads in %ld rounds of %ld", (long)reads, (long)rounds, (long)tags);
}

Test(requester, one_tag_is_one_read_a_round_trip)
{
    expect_tag_limit(1);
}

Test(requester, tags_limit_throughput_to_a_window_a_round_trip)
{
    expect_tag_limit(16);
}

static struct probe probes[PROBES_MAX];

Test(requester, the_read_without_a_tag_leaves_when_one_is_free)
{
    struct pcie_link_config config = with_tags(2);
    fixture_device(&config, NULL, NULL);
    uint64_t page = page_of_memory();
    for (unsigned i = 0; i < 3; i++) {
        probe_init(&probes[i], page, 64, false);
        dma_read(dma, 0, &probes[i].request);
    }
    sim_run(sim, SIM_MS);
    cr_expect_eq(probes[0].done, read_latency(64));
    cr_expect_eq(probes[2].done, 2 * read_latency(64), "exactly one round trip later");
}

Test(requester, a_write_does_not_wait_for_tags)
{
    struct pcie_link_config config = with_tags(1);
    fixture_device(&config, NULL, NULL);
    uint64_t page = page_of_memory();
    for (unsigned i = 0; i < 2; i++) {
        probe_init(&probes[i], page, 64, false);
        dma_read(dma, 0, &probes[i].request);
    }
    probe_init(&probes[2], page, 64, false);
    dma_write(dma, 0, &probes[2].request);
    sim_run(sim, SIM_MS);
    cr_expect_eq(probes[2].done, crossed(&config, 0, 24 + 88) + root_defaults.ingress_latency / 2);
    cr_expect_gt(probes[1].done, probes[0].done);
}

/* ---- what the memory holds and what the counters say ---- */

Test(requester, bytes_go_there_and_back_whatever_the_alignment)
{
    struct random_stream random = random_stream_make(3, 0, "requester_test", "any");
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t area = memory_allocate(memory, 0, 4 * PAGE_SIZE, PAGE_SIZE);
    static uint8_t naive[4 * PAGE_SIZE];
    for (int round = 0; round < 300; round++) {
        uint64_t offset = random_below(&random, 3 * PAGE_SIZE);
        uint32_t length = 1 + (uint32_t)random_below(&random, PAGE_SIZE);
        probe_init(&probes[0], area + offset, length, true);
        for (uint32_t i = 0; i < length; i++)
            naive[offset + i] = probes[0].bytes[i] = (uint8_t)random_u64(&random);
        dma_write(dma, 0, &probes[0].request);
        probe_init(&probes[1], area, PAGE_SIZE, true);
        probe_init(&probes[2], area + offset, length, true);
        dma_read(dma, 0, &probes[1].request);
        dma_read(dma, 0, &probes[2].request);
        sim_run(sim, sim_now(sim) + 100 * SIM_US);
        cr_assert(probes[0].done >= 0 && probes[1].done >= 0 && probes[2].done >= 0);
        cr_assert_eq(memcmp(probes[1].bytes, naive, PAGE_SIZE), 0);
        cr_assert_eq(memcmp(probes[2].bytes, naive + offset, length), 0);
    }
}

Test(requester, a_write_without_done_takes_its_bytes_along)
{
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t area = memory_allocate(memory, 0, 2 * PAGE_SIZE, PAGE_SIZE);
    uint8_t bytes[64];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + 1);
    struct dma_request request = {.bytes = bytes, .iova = area + PAGE_SIZE - 20, .length = 64};
    dma_write(dma, 0, &request);
    memset(bytes, 0, sizeof bytes);
    memset(&request, 0, sizeof request);
    sim_run(sim, SIM_MS);
    for (unsigned i = 0; i < sizeof bytes; i++)
        cr_assert_eq(*memory_bytes(memory, area + PAGE_SIZE - 20 + i), i + 1);
    cr_expect_eq(dma_counters(dma, 0)->memory_writes, 2, "cut at 4 KiB");
}

Test(requester, payload_tags_go_there_and_back)
{
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t area = memory_allocate(memory, 0, 4 * PAGE_SIZE, PAGE_SIZE);
    probe_init(&probes[0], area + 100, 9000, false);
    probes[0].request.tag = 77;
    dma_write(dma, 0, &probes[0].request);
    probe_init(&probes[1], area + 64, 8000, false);
    dma_read(dma, 0, &probes[1].request);
    sim_run(sim, SIM_MS);
    cr_expect_eq(memory_tag_at(memory, area), 0);
    for (uint64_t line = area + 64; line < area + 9100; line += 64)
        cr_assert_eq(memory_tag_at(memory, line), 77);
    cr_expect_eq(memory_tag_at(memory, area + 9152), 0);
    cr_expect_eq(probes[1].request.tag, 77);
    cr_expect_eq(probes[1].request.status, 0);
}

Test(requester, counters_count_every_tlp_and_every_byte)
{
    fixture_device(&link_defaults, NULL, NULL);
    unsigned other = dma_function(dma, REQUESTER + 1);
    uint64_t area = memory_allocate(memory, 0, 4 * PAGE_SIZE, PAGE_SIZE);
    struct dma_request write = {.iova = area + 4000, .length = 1500};
    dma_write(dma, 0, &write);
    probe_init(&probes[0], area + 4000, 1500, false);
    dma_read(dma, other, &probes[0].request);
    sim_run(sim, SIM_MS);
    /* 96 bytes to the boundary, then 1404. */
    const struct pcie_counters *first = dma_counters(dma, 0), *second = dma_counters(dma, other);
    cr_expect_eq(first->memory_writes, 1 + 6);
    cr_expect_eq(first->bytes_up, 1500 + 7 * 24);
    cr_expect_eq(first->memory_reads, 0);
    cr_expect_eq(second->memory_reads, 1 + 3);
    cr_expect_eq(second->completions, 1 + 2 + 2 + 2);
    cr_expect_eq(second->bytes_up, 4 * 24);
    cr_expect_eq(second->bytes_down, 1500 + 7 * 20);
    cr_expect_eq(second->memory_writes, 0);
}

/* Trains are a way to have fewer events, and nothing else. */
static sim_time write_then_read(int64_t credits, uint64_t *events)
{
    struct pcie_link_config config = link_defaults;
    config.posted_headers = credits;
    config.completion_headers = credits;
    fixture_device(&config, NULL, NULL);
    uint64_t page = page_of_memory();
    probe_init(&probes[0], page + 3, 1500, false);
    probe_init(&probes[1], page + 3, 1500, false);
    uint64_t before = sim_event_count(sim);
    dma_write(dma, 0, &probes[0].request);
    dma_read(dma, 0, &probes[1].request);
    sim_run(sim, SIM_MS);
    *events = sim_event_count(sim) - before;
    cr_expect_eq(dma_counters(dma, 0)->memory_writes, 6);
    cr_expect_eq(dma_counters(dma, 0)->completions, 6);
    return probes[0].done ^ probes[1].done << 32;
}

Test(requester, trains_change_no_time)
{
    uint64_t with, without;
    sim_time trains = write_then_read(0, &with);
    fixture_teardown();
    fixture_setup();
    cr_expect_eq(write_then_read(2000, &without), trains);
    cr_expect_eq(with, 1 + 3 + 3);
    cr_expect_eq(without, 6 + 3 + 6);
}

Test(requester, a_zero_length_read_pushes_writes_and_reads_nothing)
{
    fixture_device(&link_defaults, NULL, NULL);
    uint64_t page = page_of_memory();
    probe_init(&probes[0], page, 0, false);
    dma_read(dma, 0, &probes[0].request);
    sim_run(sim, SIM_MS);
    cr_expect_eq(probes[0].done, read_latency(4));
    cr_expect_eq(dma_counters(dma, 0)->memory_reads, 1);
    cr_expect_eq(dma_counters(dma, 0)->completions, 1);
}
