/*
 * An IOTLB: final translations, tagged by domain and page, fully associative with LRU replacement. Look-up,
 * insertion and eviction take constant time: a hash with chains through the entries, and a list in order of use.
 * Private to models/iommu.
 */
#ifndef MODELS_IOMMU_IOTLB_H
#define MODELS_IOMMU_IOTLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/iommu/page_table.h"
#include "sim/time.h"

struct iotlb_entry {
    uint64_t key;   /* iotlb_key() */
    uint64_t hpa;   /* of the page's first byte */
    sim_time ready; /* [ps] when the walk that fills it ends */
    bool write;     /* writes are allowed */
    bool valid;
    uint32_t chain;        /* next in the bucket; 0 = none */
    uint32_t newer, older; /* 0 = the list's ends */
};

struct iotlb {
    struct iotlb_entry *entries; /* entries[0] is the list's head: its older is the newest */
    uint32_t *buckets;           /* index of the first entry; 0 = none */
    uint32_t mask;               /* buckets - 1 */
    uint32_t count;              /* entries, entries[0] not included */
};

void iotlb_init(struct iotlb *iotlb, uint32_t entries);
void iotlb_destroy(struct iotlb *iotlb);

/* domain < 2^16; level 1 .. 3 (page_table.h). */
static inline uint64_t iotlb_key(uint32_t domain, uint64_t iova, unsigned level)
{
    return (uint64_t)domain << 48 | (iova >> page_shift(level)) << 2 | level;
}

static inline uint32_t *iotlb_bucket(const struct iotlb *iotlb, uint64_t key)
{
    return &iotlb->buckets[(key * UINT64_C(0x9E3779B97F4A7C15)) >> 40 & iotlb->mask];
}

/* The index of the entry of `key`, 0 if there is none. */
static inline uint32_t iotlb_index(const struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = *iotlb_bucket(iotlb, key);
    while (index && iotlb->entries[index].key != key)
        index = iotlb->entries[index].chain;
    return index;
}

/* Makes an entry the most recently used. */
void iotlb_renew(struct iotlb *iotlb, uint32_t index);

/* The entry of `key`, which becomes the most recently used; NULL if there is none. */
static inline struct iotlb_entry *iotlb_find(struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = iotlb_index(iotlb, key);
    if (!index)
        return NULL;
    if (iotlb->entries[index].newer != 0)
        iotlb_renew(iotlb, index);
    return &iotlb->entries[index];
}

/* A new entry for `key`, which must not be there, in place of the least recently used one. The caller fills hpa, ready
 * and write. */
struct iotlb_entry *iotlb_insert(struct iotlb *iotlb, uint64_t key);

/* Invalidates the entry of `key`, if there is one. */
void iotlb_drop(struct iotlb *iotlb, uint64_t key);

#endif
