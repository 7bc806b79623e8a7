/*
 * An IOTLB: final translations, tagged by domain and page, fully associative with LRU replacement. Look-up,
 * insertion and eviction take constant time: a hash with chains through the entries, and a list in order of use.
 * Private to models/iommu.
 */
#ifndef MODELS_IOMMU_IOTLB_H
#define MODELS_IOMMU_IOTLB_H

#include <stdbool.h>
#include <stdint.h>

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
uint64_t iotlb_key(uint32_t domain, uint64_t iova, unsigned level);

/* The entry of `key`, which becomes the most recently used; NULL if there is none. */
struct iotlb_entry *iotlb_find(struct iotlb *iotlb, uint64_t key);

/* A new entry for `key`, which must not be there, in place of the least recently used one. The caller fills hpa, ready
 * and write. */
struct iotlb_entry *iotlb_insert(struct iotlb *iotlb, uint64_t key);

/* Invalidates the entry of `key`, if there is one. */
void iotlb_drop(struct iotlb *iotlb, uint64_t key);

#endif
