#include <criterion/criterion.h>
#include <string.h>

#include "models/memory/area.h"
#include "models/memory/memory.h"
#include "sim/random.h"

static struct sim *sim;

static void setup(void)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
}

static void teardown(void)
{
    sim_destroy(sim);
}

TestSuite(memory, .init = setup, .fini = teardown);

static struct memory_config config = {
    .nodes = 2,
    .node_size = INT64_C(64) << 20,
    .llc_latency = 60013,
    .dram_latency = 53003,
    .remote_latency = 81001,
};

#define NODE_SIZE (UINT64_C(64) << 20)
#define MIB2 (UINT64_C(2) << 20)

static uint64_t below(uint64_t bound)
{
    static struct random_stream stream;
    static bool made;
    if (!made)
        stream = random_stream_make(1, 0, "memory_test", "any");
    made = true;
    return random_below(&stream, bound);
}

/* ---- frames ---- */

Test(memory, bytes_are_zero_until_written_and_then_stay)
{
    struct memory *memory = memory_create(sim, &config);
    for (uint64_t page = 0; page < 3000; page++) {
        uint8_t *bytes = memory_bytes(memory, MEMORY_BASE + page * PAGE_SIZE + 8);
        cr_assert_eq(bytes[0], 0);
        memcpy(bytes, &page, sizeof page);
    }
    for (uint64_t page = 3000; page-- > 0;) {
        uint64_t value;
        memcpy(&value, memory_bytes(memory, MEMORY_BASE + page * PAGE_SIZE + 8), sizeof value);
        cr_assert_eq(value, page);
        cr_assert_eq(*memory_bytes(memory, MEMORY_BASE + page * PAGE_SIZE + 7), 0);
        cr_assert_eq(*memory_bytes(memory, MEMORY_BASE + page * PAGE_SIZE + 16), 0);
    }
    memory_destroy(memory);
}

Test(memory, tags_cover_every_line_that_is_touched_and_no_other)
{
    struct memory *memory = memory_create(sim, &config);
    uint64_t page = MEMORY_BASE + 7 * PAGE_SIZE;
    memory_tag(memory, page + 63, 2, 11);
    cr_expect_eq(memory_tag_at(memory, page), 11);
    cr_expect_eq(memory_tag_at(memory, page + 64), 11);
    cr_expect_eq(memory_tag_at(memory, page + 127), 11);
    cr_expect_eq(memory_tag_at(memory, page + 128), 0);
    memory_tag(memory, page + 4032, 65, 12); /* into the next page */
    cr_expect_eq(memory_tag_at(memory, page + 4031), 0);
    cr_expect_eq(memory_tag_at(memory, page + 4032), 12);
    cr_expect_eq(memory_tag_at(memory, page + 4096), 12);
    cr_expect_eq(memory_tag_at(memory, page + 4160), 0);
    memory_tag(memory, page + 64, 64, 13);
    cr_expect_eq(memory_tag_at(memory, page), 11);
    cr_expect_eq(memory_tag_at(memory, page + 64), 13);
    memory_destroy(memory);
}

Test(memory, tags_agree_with_a_naive_array)
{
    enum { LINES = 4 * PAGE_SIZE / LINE_SIZE };
    struct memory *memory = memory_create(sim, &config);
    uint64_t naive[LINES] = {0};
    for (uint64_t tag = 1; tag <= 500; tag++) {
        uint64_t start = below(LINES * LINE_SIZE);
        uint32_t length = 1 + (uint32_t)below(LINES * LINE_SIZE - start);
        memory_tag(memory, MEMORY_BASE + start, length, tag);
        for (uint64_t byte = start; byte < start + length; byte++)
            naive[byte / LINE_SIZE] = tag;
        for (unsigned line = 0; line < LINES; line++)
            cr_assert_eq(memory_tag_at(memory, MEMORY_BASE + line * LINE_SIZE), naive[line]);
    }
    memory_destroy(memory);
}

/* ---- allocation ---- */

Test(memory, areas_are_aligned_disjoint_and_on_their_node)
{
    enum { AREAS = 200 };
    struct memory *memory = memory_create(sim, &config);
    uint64_t start[AREAS], size[AREAS];
    for (int i = 0; i < AREAS; i++) {
        uint64_t align = (uint64_t)PAGE_SIZE << below(6);
        size[i] = (1 + below(10)) * PAGE_SIZE;
        start[i] = memory_allocate(memory, i % 2, size[i], align);
        cr_assert_neq(start[i], 0);
        cr_assert_eq(start[i] % align, 0);
        cr_assert_eq(memory_node(memory, start[i]), i % 2);
        cr_assert_eq(memory_node(memory, start[i] + size[i] - 1), i % 2);
        for (int j = 0; j < i; j++)
            cr_assert(start[i] + size[i] <= start[j] || start[j] + size[j] <= start[i]);
    }
    memory_destroy(memory);
}

Test(memory, a_full_node_gives_nothing_and_gives_again_what_was_freed)
{
    struct memory *memory = memory_create(sim, &config);
    uint64_t pages = NODE_SIZE / PAGE_SIZE;
    uint64_t last = 0, before_last = 0;
    for (uint64_t i = 0; i < pages; i++) {
        before_last = last;
        last = memory_allocate(memory, 1, 1, PAGE_SIZE);
        cr_assert_neq(last, 0);
    }
    cr_expect_eq(memory_allocate(memory, 1, 1, PAGE_SIZE), 0);
    *memory_bytes(memory, before_last) = 5;
    memory_tag(memory, before_last, 64, 9);
    memory_free(memory, before_last, PAGE_SIZE);
    cr_expect_eq(memory_allocate(memory, 1, 2 * PAGE_SIZE, PAGE_SIZE), 0);
    cr_expect_eq(memory_allocate(memory, 1, 1, PAGE_SIZE), before_last);
    cr_expect_eq(*memory_bytes(memory, before_last), 0, "a page that was freed reads as zeroes");
    cr_expect_eq(memory_tag_at(memory, before_last), 0);
    memory_free(memory, before_last, PAGE_SIZE);
    memory_free(memory, last, PAGE_SIZE);
    cr_expect_eq(memory_allocate(memory, 1, 2 * PAGE_SIZE, PAGE_SIZE), before_last, "neighbours are joined");
    cr_expect_neq(memory_allocate(memory, 0, 1, PAGE_SIZE), 0, "the other node is empty");
    memory_destroy(memory);
}

Test(memory, freed_areas_are_reused_last_in_first_out)
{
    struct memory *memory = memory_create(sim, &config);
    uint64_t areas[6];
    for (int i = 0; i < 6; i++)
        areas[i] = memory_allocate(memory, 0, PAGE_SIZE, PAGE_SIZE);
    memory_free(memory, areas[1], PAGE_SIZE);
    memory_free(memory, areas[3], PAGE_SIZE);
    cr_expect_eq(memory_allocate(memory, 0, PAGE_SIZE, PAGE_SIZE), areas[3]);
    cr_expect_eq(memory_allocate(memory, 0, PAGE_SIZE, PAGE_SIZE), areas[1]);
    memory_destroy(memory);
}

static unsigned whole_blocks(int64_t fragmentation)
{
    struct memory_config fragmented = config;
    fragmented.fragmentation = fragmentation;
    struct memory *memory = memory_create(sim, &fragmented);
    unsigned count = 0;
    while (memory_allocate(memory, 0, MIB2, MIB2) != 0)
        count++;
    cr_expect_neq(memory_allocate(memory, 0, PAGE_SIZE, PAGE_SIZE) != 0, fragmentation == 0,
                  "what is left of broken blocks serves pages");
    memory_destroy(memory);
    return count;
}

Test(memory, fragmentation_is_the_share_of_blocks_that_cannot_be_had_whole)
{
    cr_expect_eq(whole_blocks(0), NODE_SIZE / MIB2);
    cr_expect_eq(whole_blocks(1000000), 0);
    unsigned half = whole_blocks(500000);
    cr_expect(half >= 8 && half <= 24, "%u of 32", half);
    cr_expect_eq(whole_blocks(500000), half, "the same seed breaks the same blocks");
}

Test(memory, a_page_of_somebody_else_is_never_handed_out)
{
    struct area_pool pool;
    area_pool_init(&pool, MEMORY_BASE, MEMORY_BASE + NODE_SIZE, 1, 1000000);
    uint64_t pages = 0;
    for (uint64_t size = PAGE_SIZE;; size = size % (7 * PAGE_SIZE) + PAGE_SIZE) {
        uint64_t start = area_pool_take(&pool, size, PAGE_SIZE);
        if (start == AREA_NONE && size == PAGE_SIZE)
            break;
        if (start == AREA_NONE)
            continue;
        uint64_t first = area_pool_hole(&pool, start / MIB2);
        uint64_t second = area_pool_hole(&pool, (start + size - 1) / MIB2);
        cr_assert(first < start || first >= start + size);
        cr_assert(second < start || second >= start + size);
        pages += size / PAGE_SIZE;
    }
    cr_expect_eq(pages, NODE_SIZE / MIB2 * (MIB2 / PAGE_SIZE - 1), "all pages but one of each block");
    area_pool_destroy(&pool);
}

/* ---- latency ---- */

Test(memory, latency_is_that_of_cache_dram_and_node)
{
    struct memory *memory = memory_create(sim, &config);
    uint64_t local = MEMORY_BASE, remote = MEMORY_BASE + NODE_SIZE;
    cr_expect_eq(memory_latency(memory, 0, local), 60013 + 53003);
    cr_expect_eq(memory_latency(memory, 0, remote), 60013 + 53003 + 81001);
    memory_bytes(memory, local);
    memory_tag(memory, remote, 1, 1);
    cr_expect_eq(memory_latency(memory, 0, local), 60013);
    cr_expect_eq(memory_latency(memory, 0, remote), 60013 + 81001);
    cr_expect_eq(memory_latency(memory, 1, remote), 60013);
    cr_expect_eq(memory_latency(memory, 0, local + PAGE_SIZE), 60013 + 53003);
    memory_destroy(memory);
}

Test(memory, contains_ends_where_the_nodes_end)
{
    struct memory *memory = memory_create(sim, &config);
    uint64_t end = MEMORY_BASE + 2 * NODE_SIZE;
    cr_expect(memory_contains(memory, MEMORY_BASE, 1));
    cr_expect_not(memory_contains(memory, MEMORY_BASE - 1, 1));
    cr_expect(memory_contains(memory, end - 1, 1));
    cr_expect_not(memory_contains(memory, end - 1, 2));
    cr_expect_not(memory_contains(memory, end, 0));
    cr_expect_not(memory_contains(memory, UINT64_MAX, 1));
    memory_destroy(memory);
}

Test(memory, defaults_of_the_table_are_legal)
{
    for (size_t i = 0; i < memory_table.count; i++) {
        const struct param *param = &memory_table.params[i];
        int64_t value;
        cr_expect_eq(unit_parse(param->fallback, param->dimension, &value), UNIT_OK, "%s", param->key);
        cr_expect(value >= param->min && value <= param->max, "%s", param->key);
    }
}

/* ---- address spaces ---- */

Test(memory, a_space_agrees_with_a_naive_page_array)
{
    enum { PAGES = 64 };
    struct memory *memory = memory_create(sim, &config);
    struct address_space *space = address_space_create(memory, false);
    uint64_t naive[PAGES];
    memset(naive, 0xFF, sizeof naive);
    for (int step = 0; step < 2000; step++) {
        uint64_t page = below(PAGES);
        uint64_t count = 1 + below(PAGES - page);
        uint64_t hpa = (1 + below(8)) * 1024 * PAGE_SIZE + page * PAGE_SIZE;
        bool map = below(2) == 0;
        if (map)
            address_space_map(space, page * PAGE_SIZE, hpa, count * PAGE_SIZE);
        else
            address_space_unmap(space, page * PAGE_SIZE, count * PAGE_SIZE);
        for (uint64_t i = 0; i < count; i++)
            naive[page + i] = map ? hpa + i * PAGE_SIZE : UINT64_MAX;
        for (uint64_t i = 0; i < PAGES; i++) {
            uint64_t expected = naive[i] == UINT64_MAX ? UINT64_MAX : naive[i] + 123;
            cr_assert_eq(address_space_translate(space, i * PAGE_SIZE + 123), expected);
        }
    }
    address_space_destroy(space);
    memory_destroy(memory);
}

Test(memory, an_identity_space_hands_out_memory_itself)
{
    struct memory *memory = memory_create(sim, &config);
    struct address_space *space = address_space_create(memory, true);
    cr_expect_eq(address_space_translate(space, 12345), 12345);
    uint64_t address = address_space_allocate(space, 1, 3 * PAGE_SIZE);
    cr_expect_eq(memory_node(memory, address), 1);
    address_space_destroy(space);
    memory_destroy(memory);
}

Test(memory, pages_of_a_space_keep_their_memory_or_get_some)
{
    struct memory *memory = memory_create(sim, &config);
    struct address_space *space = address_space_create(memory, false);
    uint64_t ram = memory_allocate(memory, 0, MIB2, MIB2);
    address_space_map(space, 0, ram, MIB2);
    uint64_t inside = address_space_allocate(space, 1, PAGE_SIZE);
    cr_expect_eq(address_space_translate(space, inside), ram + inside);
    uint64_t beyond = address_space_allocate(space, 1, MIB2);
    uint64_t last = address_space_translate(space, beyond + MIB2 - PAGE_SIZE);
    cr_expect_eq(beyond, inside + PAGE_SIZE);
    cr_expect_eq(memory_node(memory, last), 1);
    address_space_destroy(space);
    memory_destroy(memory);
}

/* ---- buffer pools ---- */

Test(memory, buffers_are_recycled_last_in_first_out_and_do_not_cross_pages)
{
    struct memory *memory = memory_create(sim, &config);
    struct address_space *space = address_space_create(memory, false);
    struct buffer_pool *pool = buffer_pool_create(space, memory, 0, 1500);
    uint64_t first = buffer_pool_take(pool);
    uint64_t second = buffer_pool_take(pool);
    cr_expect_eq(second, first + 1536, "whole lines");
    for (int i = 0; i < 100; i++) {
        uint64_t buffer = buffer_pool_take(pool);
        cr_assert_eq(buffer / PAGE_SIZE, (buffer + 1535) / PAGE_SIZE);
        cr_assert(buffer >= second + 1536 || buffer + 1536 <= first);
    }
    buffer_pool_give(pool, first);
    buffer_pool_give(pool, second);
    cr_expect_eq(buffer_pool_take(pool), second);
    cr_expect_eq(buffer_pool_take(pool), first);
    uint64_t ring = buffer_pool_area(pool, 5 * PAGE_SIZE - 1);
    cr_expect_eq(ring % PAGE_SIZE, 0);
    for (uint64_t page = 0; page < 5; page++)
        cr_expect_neq(address_space_translate(space, ring + page * PAGE_SIZE), UINT64_MAX);
    buffer_pool_destroy(pool);
    address_space_destroy(space);
    memory_destroy(memory);
}

Test(memory, buffers_above_a_page_are_contiguous_pages)
{
    struct memory *memory = memory_create(sim, &config);
    struct address_space *space = address_space_create(memory, true);
    struct buffer_pool *pool = buffer_pool_create(space, memory, 1, 9018);
    uint64_t first = buffer_pool_take(pool);
    uint64_t second = buffer_pool_take(pool);
    cr_expect_eq(first % PAGE_SIZE, 0);
    cr_expect_eq(second, first + 3 * PAGE_SIZE);
    cr_expect_eq(memory_node(memory, first), 1);
    buffer_pool_destroy(pool);
    address_space_destroy(space);
    memory_destroy(memory);
}
