#include "models/iommu/iotlb.h"

#include <stdlib.h>

#include "models/iommu/page_table.h"
#include "sim/assert.h"

static uint32_t *bucket_of(const struct iotlb *iotlb, uint64_t key)
{
    return &iotlb->buckets[(key * UINT64_C(0x9E3779B97F4A7C15)) >> 40 & iotlb->mask];
}

static void unlink_use(struct iotlb *iotlb, struct iotlb_entry *entry)
{
    iotlb->entries[entry->newer].older = entry->older;
    iotlb->entries[entry->older].newer = entry->newer;
}

/* Puts entry `index` behind `newer` in the order of use. */
static void link_use(struct iotlb *iotlb, uint32_t index, uint32_t newer)
{
    struct iotlb_entry *entry = &iotlb->entries[index];
    entry->newer = newer;
    entry->older = iotlb->entries[newer].older;
    iotlb->entries[entry->older].newer = index;
    iotlb->entries[newer].older = index;
}

void iotlb_init(struct iotlb *iotlb, uint32_t entries)
{
    SIM_ASSERT(entries > 0);
    uint32_t buckets = 16;
    while (buckets < 2 * entries)
        buckets *= 2;
    *iotlb = (struct iotlb){.mask = buckets - 1, .count = entries};
    iotlb->entries = calloc(entries + 1, sizeof(struct iotlb_entry));
    iotlb->buckets = calloc(buckets, sizeof(uint32_t));
    SIM_ASSERT(iotlb->entries != NULL && iotlb->buckets != NULL);
    for (uint32_t i = 1; i <= entries; i++)
        link_use(iotlb, i, 0);
}

void iotlb_destroy(struct iotlb *iotlb)
{
    free(iotlb->entries);
    free(iotlb->buckets);
}

uint64_t iotlb_key(uint32_t domain, uint64_t iova, unsigned level)
{
    return (uint64_t)domain << 48 | (iova >> page_shift(level)) << 2 | level;
}

static uint32_t index_of(const struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = *bucket_of(iotlb, key);
    while (index && iotlb->entries[index].key != key)
        index = iotlb->entries[index].chain;
    return index;
}

struct iotlb_entry *iotlb_find(struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = index_of(iotlb, key);
    if (!index)
        return NULL;
    struct iotlb_entry *entry = &iotlb->entries[index];
    unlink_use(iotlb, entry);
    link_use(iotlb, index, 0);
    return entry;
}

static void remove_from_bucket(struct iotlb *iotlb, uint32_t index)
{
    uint32_t *link = bucket_of(iotlb, iotlb->entries[index].key);
    while (*link != index)
        link = &iotlb->entries[*link].chain;
    *link = iotlb->entries[index].chain;
    iotlb->entries[index].valid = false;
}

struct iotlb_entry *iotlb_insert(struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = iotlb->entries[0].newer;
    struct iotlb_entry *entry = &iotlb->entries[index];
    if (entry->valid)
        remove_from_bucket(iotlb, index);
    unlink_use(iotlb, entry);
    link_use(iotlb, index, 0);
    uint32_t *bucket = bucket_of(iotlb, key);
    entry->key = key;
    entry->valid = true;
    entry->chain = *bucket;
    *bucket = index;
    return entry;
}

void iotlb_drop(struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = index_of(iotlb, key);
    if (!index)
        return;
    remove_from_bucket(iotlb, index);
    unlink_use(iotlb, &iotlb->entries[index]);
    link_use(iotlb, index, iotlb->entries[0].newer);
}
