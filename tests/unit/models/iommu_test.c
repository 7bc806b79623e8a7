#include "models/iommu/iommu.h"

#include <criterion/criterion.h>
#include <string.h>

#include "models/iommu/iotlb.h"
#include "models/iommu/page_table.h"
#include "sim/random.h"

static struct sim *sim;
static struct memory *memory;
static struct iommu *iommu;
static struct iommu_domain *domain;

enum { REQUESTER = 0x0123, OTHER = 0x0224 };

#define KIB4 UINT64_C(0x1000)
#define MIB2 UINT64_C(0x200000)
#define GIB1 UINT64_C(0x40000000)
#define HPA UINT64_C(0x4000000000)

static const struct iommu_config config = {
    .enabled = true,
    .iotlb_entries = 4,
    .walkers = 2,
    .walk_latency = 65003,
    .hit_latency = 5003,
};

static void make(const struct iommu_config *with)
{
    iommu = iommu_create(sim, with, memory);
    domain = iommu_domain_create(iommu);
    iommu_attach(iommu, REQUESTER, domain);
}

static void setup(void)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
    memory = memory_create(sim, &(struct memory_config){.nodes = 1, .node_size = INT64_C(1) << 40});
    make(&config);
}

static void teardown(void)
{
    iommu_destroy(iommu);
    memory_destroy(memory);
    sim_destroy(sim);
}

TestSuite(iommu, .init = setup, .fini = teardown);

static sim_time latest;

/* Translates at `now`, expects this HPA, and returns how long it took. */
static sim_time expect_hpa(uint64_t iova, sim_time now, uint64_t expected)
{
    uint64_t hpa;
    bool mapped = iommu_translate(iommu, REQUESTER, iova, false, now, &hpa, &latest);
    cr_expect(mapped, "%lx", (unsigned long)iova);
    cr_expect_eq(hpa, expected, "%lx: %lx", (unsigned long)iova, (unsigned long)hpa);
    return latest - now;
}

static void expect_fault(uint64_t iova, bool write, sim_time now)
{
    uint64_t hpa;
    cr_expect_not(iommu_translate(iommu, REQUESTER, iova, write, now, &hpa, &latest), "%lx",
                  (unsigned long)iova);
}

/* ---- page tables ---- */

Test(iommu, walks_read_a_table_a_level)
{
    iommu_map(domain, KIB4, HPA + KIB4, KIB4, true);
    iommu_map(domain, MIB2, HPA + MIB2, MIB2, true);
    iommu_map(domain, GIB1, HPA + GIB1, GIB1, true);
    cr_expect_eq(expect_hpa(KIB4 + 5, 0, HPA + KIB4 + 5), 5003 + 4 * 65003);
    cr_expect_eq(expect_hpa(MIB2 + 0x12345, SIM_US, HPA + MIB2 + 0x12345), 5003 + 3 * 65003);
    cr_expect_eq(expect_hpa(GIB1 + 0x1234567, 2 * SIM_US, HPA + GIB1 + 0x1234567), 5003 + 2 * 65003);
    cr_expect_eq(iommu_counters(iommu)->walk_reads, 4 + 3 + 2);
    cr_expect_eq(iommu_counters(iommu)->iotlb_misses, 3);
}

static uint64_t entry(uint64_t table, unsigned index)
{
    uint64_t value;
    memcpy(&value, memory_bytes(memory, table + index * 8), sizeof value);
    return value;
}

Test(iommu, entries_are_those_of_the_specification)
{
    struct page_table table;
    page_table_init(&table, memory);
    cr_expect_eq(page_table_map(&table, (UINT64_C(3) << 39) + 5 * GIB1, HPA, GIB1, true), 3);
    cr_expect_eq(page_table_map(&table, (UINT64_C(3) << 39) + 7 * MIB2, HPA + MIB2, MIB2, false), 2);
    cr_expect_eq(page_table_map(&table, (UINT64_C(3) << 39) + 9 * KIB4, HPA + KIB4, MIB2, true), 1);
    uint64_t level3 = entry(table.root, 3);
    cr_expect_eq(level3 & 0xFFF, 3, "R and W in tables");
    level3 &= ~UINT64_C(0xFFF);
    cr_expect_eq(entry(level3, 5), HPA | 0x83, "1 GiB, R and W");
    uint64_t level2 = entry(level3, 0) & ~UINT64_C(0xFFF);
    cr_expect_eq(entry(level2, 7), (HPA + MIB2) | 0x81, "2 MiB, R");
    uint64_t level1 = entry(level2, 0) & ~UINT64_C(0xFFF);
    cr_expect_eq(entry(level1, 9), (HPA + KIB4) | 3, "4 KiB, R and W");
    cr_expect_eq(entry(level1, 8), 0);
    cr_expect_eq(table.count, 4);
    page_table_destroy(&table);
}

Test(iommu, mapping_takes_the_largest_pages_that_fit)
{
    /* 4 KiB up to the first 2 MiB boundary, 2 MiB up to the first of 1 GiB, one of 1 GiB, and back. */
    uint64_t start = GIB1 - 2 * MIB2 - 3 * KIB4;
    uint64_t size = 3 * KIB4 + 2 * MIB2 + GIB1 + MIB2 + KIB4;
    iommu_map(domain, start, HPA + start, size, true);
    static const struct {
        uint64_t offset;
        unsigned reads;
    } rows[] = {{0, 4},
                {3 * KIB4, 3},
                {3 * KIB4 + 2 * MIB2, 2},
                {3 * KIB4 + 2 * MIB2 + GIB1, 3},
                {3 * KIB4 + 3 * MIB2 + GIB1, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sim_time took =
            expect_hpa(start + rows[i].offset, (sim_time)i * SIM_US, HPA + start + rows[i].offset);
        cr_expect_eq(took, 5003 + rows[i].reads * 65003, "row %zu", i);
    }
    expect_fault(start - 1, false, 10 * SIM_US);
    expect_fault(start + size, false, 11 * SIM_US);
}

Test(iommu, an_hpa_out_of_step_forbids_superpages)
{
    iommu_map(domain, MIB2, HPA + KIB4, MIB2, true);
    cr_expect_eq(expect_hpa(MIB2 + 7 * KIB4, 0, HPA + 8 * KIB4), 5003 + 4 * 65003);
}

Test(iommu, translation_agrees_with_a_naive_array)
{
    enum { PAGES = 2048 };
    static uint64_t naive[PAGES];
    struct random_stream stream = random_stream_make(5, 0, "iommu_test", "any");
    for (int step = 0; step < 400; step++) {
        uint64_t page = random_below(&stream, PAGES), count = 1 + random_below(&stream, 700);
        bool free = page + count <= PAGES;
        for (uint64_t i = page; free && i < page + count; i++)
            free = naive[i] == 0;
        uint64_t hpa = HPA + (step + 1) * GIB1 + page * KIB4;
        if (free)
            iommu_map(domain, page * KIB4, hpa, count * KIB4, true);
        for (uint64_t i = page; free && i < page + count; i++)
            naive[i] = hpa + (i - page) * KIB4;
        uint64_t block = random_below(&stream, PAGES / 512) * 512;
        if (step % 10 == 9) {
            iommu_unmap(domain, block * KIB4, MIB2);
            memset(&naive[block], 0, 512 * sizeof naive[0]);
        }
        for (int i = 0; i < 20; i++) {
            uint64_t probe = random_below(&stream, PAGES);
            sim_time now = (step * 20 + i) * SIM_US;
            if (naive[probe])
                expect_hpa(probe * KIB4 + 99, now, naive[probe] + 99);
            else
                expect_fault(probe * KIB4 + 99, false, now);
        }
    }
}

/* ---- requesters ---- */

Test(iommu, requesters_without_a_domain_and_a_disabled_iommu_pass_through)
{
    uint64_t hpa;
    cr_expect(iommu_translate(iommu, OTHER, 0x123456, true, 77, &hpa, &latest));
    cr_expect_eq(hpa, 0x123456);
    cr_expect_eq(latest, 77);
    cr_expect_eq(iommu_counters(iommu)->translations, 0);
    iommu_attach(iommu, REQUESTER, NULL);
    cr_expect_eq(expect_hpa(0x1234, 100, 0x1234), 0);
    iommu_destroy(iommu);
    struct iommu_config off = config;
    off.enabled = false;
    make(&off);
    cr_expect_eq(expect_hpa(0x5678, 0, 0x5678), 0);
}

Test(iommu, domains_are_kept_apart)
{
    struct iommu_domain *second = iommu_domain_create(iommu);
    iommu_attach(iommu, OTHER, second);
    iommu_map(domain, 0, HPA, KIB4, true);
    iommu_map(second, 0, HPA + GIB1, KIB4, true);
    expect_hpa(8, 0, HPA + 8);
    uint64_t hpa;
    cr_expect(iommu_translate(iommu, OTHER, 8, true, SIM_US, &hpa, &latest));
    cr_expect_eq(hpa, HPA + GIB1 + 8);
    cr_expect_eq(iommu_counters(iommu)->iotlb_misses, 2, "entries are tagged by domain");
}

Test(iommu, faults)
{
    iommu_map(domain, KIB4, HPA, KIB4, false);
    expect_fault(0, false, 0);
    cr_expect_eq(latest, 5003 + 4 * 65003);
    expect_fault(KIB4, true, SIM_US);
    expect_fault(KIB4, true, 2 * SIM_US);
    cr_expect_eq(latest, 2 * SIM_US + 5003, "the second is found in the IOTLB");
    expect_hpa(KIB4, 3 * SIM_US, HPA);
    expect_fault(UINT64_C(1) << 48, false, 4 * SIM_US);
    expect_fault(0, false, 5 * SIM_US);
    cr_expect_eq(latest, 5 * SIM_US + 5003 + 4 * 65003, "faults are not cached");
    cr_expect_eq(iommu_counters(iommu)->faults, 5);
}

/* ---- IOTLB ---- */

static void map_pages(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        iommu_map(domain, i * KIB4, HPA + i * MIB2, KIB4, true);
}

Test(iommu, the_least_recently_used_entry_goes)
{
    map_pages(5);
    sim_time now = 0;
    for (unsigned i = 0; i < 4; i++)
        expect_hpa(i * KIB4, now += SIM_US, HPA + i * MIB2);
    cr_expect_eq(expect_hpa(0, now += SIM_US, HPA), 5003);
    expect_hpa(4 * KIB4, now += SIM_US, HPA + 4 * MIB2); /* page 1 goes */
    cr_expect_eq(expect_hpa(0, now += SIM_US, HPA), 5003);
    cr_expect_eq(expect_hpa(2 * KIB4, now += SIM_US, HPA + 2 * MIB2), 5003);
    cr_expect_eq(expect_hpa(KIB4, now += SIM_US, HPA + MIB2), 5003 + 4 * 65003);
    cr_expect_eq(iommu_counters(iommu)->iotlb_hits, 3);
    cr_expect_eq(iommu_counters(iommu)->iotlb_misses, 6);
    cr_expect_eq(iommu_counters(iommu)->translations, 9);
}

Test(iommu, a_superpage_takes_one_entry)
{
    iommu_map(domain, 0, HPA, MIB2, true);
    expect_hpa(0, 0, HPA);
    for (sim_time i = 1; i < 512; i++)
        cr_assert_eq(expect_hpa((uint64_t)i * KIB4, i * SIM_US, HPA + (uint64_t)i * KIB4), 5003);
}

Test(iommu, the_iotlb_agrees_with_a_naive_list)
{
    enum { KEYS = 40, ENTRIES = 16, STEPS = 20000 };
    struct iotlb iotlb;
    iotlb_init(&iotlb, ENTRIES);
    uint64_t naive[ENTRIES] = {0}; /* most recently used first */
    struct random_stream stream = random_stream_make(6, 0, "iommu_test", "iotlb");
    for (int step = 0; step < STEPS; step++) {
        uint64_t key =
            iotlb_key(1 + (uint32_t)random_below(&stream, 2), random_below(&stream, KEYS / 2) * KIB4, 1);
        int place = 0;
        while (place < ENTRIES && naive[place] != key)
            place++;
        bool drop = random_below(&stream, 10) == 0;
        if (drop) {
            iotlb_drop(&iotlb, key);
            for (int i = place; i < ENTRIES; i++)
                naive[i] = i + 1 < ENTRIES ? naive[i + 1] : 0;
            continue;
        }
        struct iotlb_entry *found = iotlb_find(&iotlb, key);
        cr_assert_eq(found != NULL, place < ENTRIES, "step %d", step);
        if (!found)
            iotlb_insert(&iotlb, key);
        for (int i = place < ENTRIES ? place : ENTRIES - 1; i > 0; i--)
            naive[i] = naive[i - 1];
        naive[0] = key;
    }
    iotlb_destroy(&iotlb);
}

Test(iommu, unmapping_invalidates)
{
    iommu_map(domain, 0, HPA, 3 * KIB4, true);
    expect_hpa(KIB4, 0, HPA + KIB4);
    expect_hpa(2 * KIB4, SIM_US, HPA + 2 * KIB4);
    iommu_unmap(domain, 0, 2 * KIB4);
    expect_fault(KIB4, false, 2 * SIM_US);
    cr_expect_eq(expect_hpa(2 * KIB4, 3 * SIM_US, HPA + 2 * KIB4), 5003);
    iommu_map(domain, KIB4, HPA + GIB1, KIB4, true);
    expect_hpa(KIB4, 4 * SIM_US, HPA + GIB1);
}

/* ---- walkers ---- */

Test(iommu, a_hit_waits_for_the_walk_that_fills_its_entry)
{
    map_pages(1);
    sim_time walk = 5003 + 4 * 65003;
    cr_expect_eq(expect_hpa(0, 0, HPA), walk);
    cr_expect_eq(expect_hpa(8, 100, HPA + 8), walk - 100);
    cr_expect_eq(expect_hpa(8, walk - 5003, HPA + 8), 5003);
    cr_expect_eq(expect_hpa(8, walk, HPA + 8), 5003);
    cr_expect_eq(iommu_counters(iommu)->iotlb_misses, 1);
}

Test(iommu, misses_share_the_walkers)
{
    map_pages(5);
    sim_time walk = 4 * 65003;
    for (sim_time i = 0; i < 5; i++) {
        sim_time took = expect_hpa((uint64_t)i * KIB4, 0, HPA + (uint64_t)i * MIB2);
        cr_expect_eq(took, 5003 + walk * (1 + i / 2), "two at a time: %d", (int)i);
    }
}

/* Always missing, back to back: walkers / walk a second, to the picosecond. */
Test(iommu, miss_throughput_is_walkers_by_walk_time)
{
    enum { MISSES = 3000 };
    map_pages(8);
    for (unsigned i = 0; i < MISSES; i++)
        expect_hpa(i % 8 * KIB4, 0, HPA + i % 8 * MIB2);
    cr_expect_eq(iommu_counters(iommu)->iotlb_hits, 0);
    cr_expect_eq(latest, 5003 + MISSES / 2 * 4 * 65003);
}

Test(iommu, one_port_is_alone_until_the_second_comes)
{
    bool first, second;
    iommu_add_port(iommu, &first);
    cr_expect(first);
    iommu_add_port(iommu, &second);
    cr_expect_not(first);
    cr_expect_not(second);
}
