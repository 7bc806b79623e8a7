/*
 * A domain's second-level page table, four levels of 512 8-byte entries in simulated memory (VT-d section 9.8):
 * R bit 0, W bit 1, PS bit 7 (a leaf at level 2: 2 MiB, or 3: 1 GiB), address bits 51:12. An entry with neither R
 * nor W is not present. Private to models/iommu.
 */
#ifndef MODELS_IOMMU_PAGE_TABLE_H
#define MODELS_IOMMU_PAGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/memory/memory.h"

enum { PTE_READ = 1, PTE_WRITE = 2, PTE_SUPERPAGE = 0x80 };

#define IOVA_LIMIT (UINT64_C(1) << 48) /* four levels of 9 bits above 12 */

struct page_table {
    struct memory *memory;
    uint64_t root;    /* HPA of the level-4 table */
    uint64_t *tables; /* HPAs of all tables, to give them back */
    size_t count, capacity;
};

/* What a walk finds. */
struct page_walk {
    bool present, write;
    unsigned level; /* 1 .. 3: of the leaf, or where the walk found nothing */
    unsigned reads; /* of table entries */
    uint64_t hpa;   /* of the leaf's first byte */
};

/* Tables are taken from node 0 of `memory`. */
void page_table_init(struct page_table *table, struct memory *memory);
void page_table_destroy(struct page_table *table);

/* Bytes that a leaf of `level` maps, as a power of two: 12, 21, 30. */
static inline unsigned page_shift(unsigned level)
{
    return 12 + 9 * (level - 1);
}

/*
 * Writes the largest leaf that maps iova to hpa and lies in [iova, iova + size); all three are multiples of
 * PAGE_SIZE and iova is not mapped yet. Returns the leaf's level.
 */
unsigned page_table_map(struct page_table *table, uint64_t iova, uint64_t hpa, uint64_t size, bool write);

/* Clears the leaf of iova, if there is one; returns what was there. */
struct page_walk page_table_clear(struct page_table *table, uint64_t iova);

struct page_walk page_table_walk(const struct page_table *table, uint64_t iova);

#endif
