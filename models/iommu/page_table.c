#include "models/iommu/page_table.h"

#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

#define PTE_ADDRESS UINT64_C(0x000FFFFFFFFFF000)

enum { LEVELS = 4, SUPERPAGE_LEVEL_MAX = 3 };

static uint64_t new_table(struct page_table *table)
{
    uint64_t hpa = memory_allocate(table->memory, 0, PAGE_SIZE, PAGE_SIZE);
    SIM_ASSERT(hpa != 0);
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? 2 * table->capacity : 8;
        table->tables = realloc(table->tables, table->capacity * sizeof(uint64_t));
        SIM_ASSERT(table->tables != NULL);
    }
    table->tables[table->count++] = hpa;
    return hpa;
}

void page_table_init(struct page_table *table, struct memory *memory)
{
    *table = (struct page_table){.memory = memory};
    table->root = new_table(table);
}

void page_table_destroy(struct page_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        memory_free(table->memory, table->tables[i], PAGE_SIZE);
    free(table->tables);
}

static uint8_t *entry_at(const struct page_table *table, uint64_t hpa, unsigned level, uint64_t iova)
{
    return memory_bytes(table->memory, hpa + (iova >> page_shift(level)) % 512 * 8);
}

static uint64_t entry_load(const uint8_t *entry)
{
    uint64_t value;
    memcpy(&value, entry, sizeof value);
    return value;
}

static void entry_store(uint8_t *entry, uint64_t value)
{
    memcpy(entry, &value, sizeof value);
}

static bool is_present(uint64_t entry)
{
    return (entry & (PTE_READ | PTE_WRITE)) != 0;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
    return level == 1 || (entry & PTE_SUPERPAGE) != 0;
}

/* The highest level at which one leaf may map iova to hpa without reaching beyond size. */
static unsigned leaf_level(uint64_t iova, uint64_t hpa, uint64_t size)
{
    unsigned level = SUPERPAGE_LEVEL_MAX;
    while (level > 1) {
        uint64_t bytes = UINT64_C(1) << page_shift(level);
        if (((iova | hpa) & (bytes - 1)) == 0 && size >= bytes)
            break;
        level--;
    }
    return level;
}

unsigned page_table_map(struct page_table *table, uint64_t iova, uint64_t hpa, uint64_t size, bool write)
{
    SIM_ASSERT(((iova | hpa | size) & (PAGE_SIZE - 1)) == 0 && size > 0 && iova + size <= IOVA_LIMIT);
    unsigned wanted = leaf_level(iova, hpa, size);
    uint64_t current = table->root;
    for (unsigned level = LEVELS;; level--) {
        uint8_t *entry = entry_at(table, current, level, iova);
        uint64_t value = entry_load(entry);
        if (level <= wanted && !is_present(value)) {
            uint64_t flags = PTE_READ | (write ? PTE_WRITE : 0) | (level > 1 ? PTE_SUPERPAGE : 0);
            entry_store(entry, hpa | flags);
            return level;
        }
        SIM_ASSERT(!is_present(value) || !is_leaf(value, level)); /* else mapped already */
        if (!is_present(value)) {
            value = new_table(table) | PTE_READ | PTE_WRITE;
            entry_store(entry, value);
        }
        current = value & PTE_ADDRESS;
    }
}

struct page_walk page_table_walk(const struct page_table *table, uint64_t iova)
{
    struct page_walk walk = {.level = SUPERPAGE_LEVEL_MAX};
    if (iova >= IOVA_LIMIT)
        return walk;
    uint64_t current = table->root;
    for (unsigned level = LEVELS; level >= 1; level--) {
        uint64_t entry = entry_load(entry_at(table, current, level, iova));
        walk.reads++;
        walk.level = level < LEVELS ? level : SUPERPAGE_LEVEL_MAX;
        if (!is_present(entry))
            return walk;
        current = entry & PTE_ADDRESS;
        if (is_leaf(entry, level)) {
            walk.present = true;
            walk.write = (entry & PTE_WRITE) != 0;
            walk.hpa = current;
            return walk;
        }
    }
    return walk;
}

struct page_walk page_table_clear(struct page_table *table, uint64_t iova)
{
    struct page_walk walk = page_table_walk(table, iova);
    if (!walk.present)
        return walk;
    uint64_t current = table->root;
    for (unsigned level = LEVELS; level > walk.level; level--)
        current = entry_load(entry_at(table, current, level, iova)) & PTE_ADDRESS;
    entry_store(entry_at(table, current, walk.level, iova), 0);
    return walk;
}
