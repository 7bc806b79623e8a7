/*
 * The IOMMU as DMA sees it: translation of a requester's IOVA, with an IOTLB and page-table walkers of limited
 * parallelism. A domain's table is real: built in simulated memory, walked by reading it. Context entries are taken
 * to be in the context cache; every level of a walk is one read of memory.
 */
#ifndef MODELS_IOMMU_IOMMU_H
#define MODELS_IOMMU_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "models/memory/memory.h"
#include "sim/param.h"

struct iommu_config {
    bool enabled;
    int64_t iotlb_entries; /* final translations cached, LRU */
    int64_t walkers;       /* page walks in flight */
    int64_t walk_latency;  /* [ps] one memory access of a walk */
    int64_t hit_latency;   /* [ps] a translation found in the IOTLB */
};

extern const struct param_table iommu_table;

struct iommu_counters {
    int64_t translations, iotlb_hits, iotlb_misses, walk_reads, faults;
};

struct iommu;
struct iommu_domain;

struct iommu *iommu_create(struct sim *sim, const struct iommu_config *config, struct memory *memory);
/* Destroys its domains too. */
void iommu_destroy(struct iommu *iommu);

/* A domain with an empty 4-level second-level table, owned by the IOMMU. At most 65535. */
struct iommu_domain *iommu_domain_create(struct iommu *iommu);
/* Maps [iova, iova + size), whole pages not mapped yet, to contiguous HPA, with the largest pages that alignment
 * and size allow. */
void iommu_map(struct iommu_domain *domain, uint64_t iova, uint64_t hpa, uint64_t size, bool write);
/* Unmaps [iova, iova + size) and invalidates its translations; may not cut a superpage. No time passes. */
void iommu_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size);
/* Attaches a requester to a domain (NULL: to none). A requester without one passes through untranslated. */
void iommu_attach(struct iommu *iommu, uint16_t requester_id, struct iommu_domain *domain);

/*
 * Translates at time `now` [ps, non-decreasing between calls]: *hpa and the time at which it is known. Returns false
 * on a fault (not mapped, or a write to a page mapped for reading), *ready being when that is known.
 *
 * A hit takes hit_latency, and waits for the walk that fills its entry. A miss waits for the first walker that is
 * free, then takes walk_latency a level. Faults are not cached (CAP.CM = 0).
 */
bool iommu_translate(struct iommu *iommu, uint16_t requester_id, uint64_t iova, bool write, sim_time now,
                     uint64_t *hpa, sim_time *ready);

/* Counts `count` more translations of this requester, known to be hits that nobody waits for. */
void iommu_count_repeats(struct iommu *iommu, uint16_t requester_id, unsigned count);

/*
 * Announces one more port from which requests come. *alone is true as long as it is the only one: its requests are
 * then translated in the order in which they are sent, and may be translated ahead of their time. The pointer must
 * stay valid as long as the IOMMU.
 */
void iommu_add_port(struct iommu *iommu, bool *alone);
bool iommu_enabled(const struct iommu *iommu);

/* How long the walkers, together, were walking until `now` [ps]; a walk that is booked for later is not in it. */
sim_time iommu_walk_time(const struct iommu *iommu, sim_time now);

const struct iommu_counters *iommu_counters(const struct iommu *iommu);

#endif
