#include "models/iommu/iotlb.h"

#include <stdlib.h>

#include "sim/assert.h"

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

void iotlb_renew(struct iotlb *iotlb, uint32_t index)
{
    unlink_use(iotlb, &iotlb->entries[index]);
    link_use(iotlb, index, 0);
}

static void remove_from_bucket(struct iotlb *iotlb, uint32_t index)
{
    uint32_t *link = iotlb_bucket(iotlb, iotlb->entries[index].key);
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
    uint32_t *bucket = iotlb_bucket(iotlb, key);
    entry->key = key;
    entry->valid = true;
    entry->chain = *bucket;
    *bucket = index;
    return entry;
}

void iotlb_drop(struct iotlb *iotlb, uint64_t key)
{
    uint32_t index = iotlb_index(iotlb, key);
    if (!index)
        return;
    remove_from_bucket(iotlb, index);
    unlink_use(iotlb, &iotlb->entries[index]);
    link_use(iotlb, index, iotlb->entries[0].newer);
}
