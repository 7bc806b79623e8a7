#include "models/iommu/iommu.h"

#include <stdlib.h>

#include "models/iommu/iotlb.h"
#include "models/iommu/page_table.h"
#include "sim/assert.h"

enum { WALKERS_MAX = 64, DOMAINS_MAX = 65535, DEVFNS = 256 };

struct iommu_domain {
    struct iommu *iommu;
    struct iommu_domain *next;
    uint32_t id;
    unsigned levels; /* bit l: some leaf is of level l */
    struct page_table table;
};

/* As hardware's context table: by device and function. */
struct context_table {
    struct iommu_domain *domain[DEVFNS];
};

struct iommu {
    struct iommu_config config;
    struct memory *memory;
    struct iommu_domain *domains;
    uint32_t domain_count;
    bool *alone;                     /* the first port's; NULL before it comes */
    struct context_table *root[256]; /* by bus; NULL where nothing was attached */
    struct iotlb iotlb;
    sim_time walker_free[WALKERS_MAX]; /* [ps] when each has ended its last walk */
    sim_time now;                      /* [ps] of the latest translation */
    struct iommu_counters counters;
};

static const struct param iommu_params[] = {
    PARAM_BOOL_ROW(struct iommu_config, enabled, "true", "translate what attached requesters send"),
    PARAM_INTEGER_ROW(struct iommu_config, iotlb_entries, 1, 1 << 20, "112",
                      "translations cached (derived from pcie-bench: 100 to 128)"),
    PARAM_INTEGER_ROW(struct iommu_config, walkers, 1, WALKERS_MAX, "5",
                      "page walks in flight (derived from pcie-bench: 4.6 to 5.6)"),
    PARAM_COST_ROW(struct iommu_config, walk_latency, UNIT_TIME, 0, SIM_MS, "65ns",
                   "one memory access of a walk (derived from pcie-bench: 220 to 300 ns for four)"),
    PARAM_COST_ROW(struct iommu_config, hit_latency, UNIT_TIME, 0, SIM_MS, "5ns",
                   "a translation found in the IOTLB (assumed)"),
};

const struct param_table iommu_table = {
    .name = "iommu",
    .help = "I/O memory management unit: cache and page walks",
    .size = sizeof(struct iommu_config),
    .params = iommu_params,
    .count = PARAM_COUNT(iommu_params),
};

struct iommu *iommu_create(struct sim *sim, const struct iommu_config *config, struct memory *memory)
{
    SIM_ASSERT(sim != NULL && config->walkers >= 1 && config->walkers <= WALKERS_MAX);
    struct iommu *iommu = calloc(1, sizeof *iommu);
    SIM_ASSERT(iommu != NULL);
    iommu->config = *config;
    iommu->memory = memory;
    iotlb_init(&iommu->iotlb, (uint32_t)config->iotlb_entries);
    return iommu;
}

void iommu_destroy(struct iommu *iommu)
{
    if (!iommu)
        return;
    while (iommu->domains) {
        struct iommu_domain *domain = iommu->domains;
        iommu->domains = domain->next;
        page_table_destroy(&domain->table);
        free(domain);
    }
    for (unsigned bus = 0; bus < 256; bus++)
        free(iommu->root[bus]);
    iotlb_destroy(&iommu->iotlb);
    free(iommu);
}

struct iommu_domain *iommu_domain_create(struct iommu *iommu)
{
    SIM_ASSERT(iommu->domain_count < DOMAINS_MAX);
    struct iommu_domain *domain = calloc(1, sizeof *domain);
    SIM_ASSERT(domain != NULL);
    domain->iommu = iommu;
    domain->id = ++iommu->domain_count;
    domain->next = iommu->domains;
    iommu->domains = domain;
    page_table_init(&domain->table, iommu->memory);
    return domain;
}

void iommu_map(struct iommu_domain *domain, uint64_t iova, uint64_t hpa, uint64_t size, bool write)
{
    uint64_t done = 0;
    while (done < size) {
        unsigned level = page_table_map(&domain->table, iova + done, hpa + done, size - done, write);
        domain->levels |= 1U << level;
        done += UINT64_C(1) << page_shift(level);
    }
}

void iommu_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
    uint64_t end = iova + size;
    while (iova < end) {
        struct page_walk walk = page_table_clear(&domain->table, iova);
        if (!walk.present) {
            iova += PAGE_SIZE;
            continue;
        }
        uint64_t bytes = UINT64_C(1) << page_shift(walk.level);
        SIM_ASSERT(iova % bytes == 0 && end - iova >= bytes);
        iotlb_drop(&domain->iommu->iotlb, iotlb_key(domain->id, iova, walk.level));
        iova += bytes;
    }
}

void iommu_attach(struct iommu *iommu, uint16_t requester_id, struct iommu_domain *domain)
{
    struct context_table **context = &iommu->root[requester_id >> 8];
    if (!*context) {
        *context = calloc(1, sizeof **context);
        SIM_ASSERT(*context != NULL);
    }
    (*context)->domain[requester_id & 0xFF] = domain;
}

static struct iommu_domain *domain_of(const struct iommu *iommu, uint16_t requester_id)
{
    const struct context_table *context = iommu->root[requester_id >> 8];
    return context ? context->domain[requester_id & 0xFF] : NULL;
}

/* Probes the page sizes that the domain uses, smallest first. */
static struct iotlb_entry *cached(struct iommu *iommu, const struct iommu_domain *domain, uint64_t iova)
{
    for (unsigned levels = domain->levels; levels != 0; levels &= levels - 1) {
        unsigned level = (unsigned)__builtin_ctz(levels);
        struct iotlb_entry *entry = iotlb_find(&iommu->iotlb, iotlb_key(domain->id, iova, level));
        if (entry)
            return entry;
    }
    return NULL;
}

/* Gives a walk of `reads` accesses that may start at `from` [ps] to the walker that is free first; returns its end. */
static sim_time walk_end(struct iommu *iommu, sim_time from, unsigned reads)
{
    sim_time *walker = &iommu->walker_free[0];
    for (int64_t i = 1; i < iommu->config.walkers; i++) {
        if (iommu->walker_free[i] < *walker)
            walker = &iommu->walker_free[i];
    }
    sim_time start = from > *walker ? from : *walker;
    *walker = start + reads * iommu->config.walk_latency;
    iommu->counters.walk_reads += reads;
    return *walker;
}

static bool page_hit(struct iommu *iommu, const struct iotlb_entry *entry, uint64_t iova, bool write,
                     sim_time known, uint64_t *hpa, sim_time *ready)
{
    unsigned level = entry->key & 3;
    *ready = entry->ready > known ? entry->ready : known;
    *hpa = entry->hpa + (iova & ((UINT64_C(1) << page_shift(level)) - 1));
    if (write && !entry->write) {
        iommu->counters.faults++;
        return false;
    }
    return true;
}

bool iommu_translate(struct iommu *iommu, uint16_t requester_id, uint64_t iova, bool write, sim_time now,
                     uint64_t *hpa, sim_time *ready)
{
    *hpa = iova;
    *ready = now;
    struct iommu_domain *domain = iommu->config.enabled ? domain_of(iommu, requester_id) : NULL;
    if (!domain)
        return true;
    SIM_ASSERT(now >= iommu->now);
    iommu->now = now;
    iommu->counters.translations++;
    sim_time known = now + iommu->config.hit_latency;
    struct iotlb_entry *entry = iova < IOVA_LIMIT ? cached(iommu, domain, iova) : NULL;
    if (entry) {
        iommu->counters.iotlb_hits++;
        return page_hit(iommu, entry, iova, write, known, hpa, ready);
    }
    iommu->counters.iotlb_misses++;
    struct page_walk walk = page_table_walk(&domain->table, iova);
    *ready = walk_end(iommu, known, walk.reads);
    if (!walk.present) {
        iommu->counters.faults++;
        return false;
    }
    entry = iotlb_insert(&iommu->iotlb, iotlb_key(domain->id, iova, walk.level));
    entry->hpa = walk.hpa;
    entry->ready = *ready;
    entry->write = walk.write;
    return page_hit(iommu, entry, iova, write, *ready, hpa, ready);
}

void iommu_count_repeats(struct iommu *iommu, uint16_t requester_id, unsigned count)
{
    if (!iommu->config.enabled || !domain_of(iommu, requester_id))
        return;
    iommu->counters.translations += count;
    iommu->counters.iotlb_hits += count;
}

void iommu_add_port(struct iommu *iommu, bool *alone)
{
    *alone = iommu->alone == NULL;
    if (*alone)
        iommu->alone = alone;
    else
        *iommu->alone = false;
}

bool iommu_enabled(const struct iommu *iommu)
{
    return iommu->config.enabled;
}

/* Each walker's last walks are back to back, as far as they lie ahead: a pause between them would count as busy time
 * that is still to come. */
sim_time iommu_walk_time(const struct iommu *iommu, sim_time now)
{
    sim_time busy = (sim_time)iommu->counters.walk_reads * iommu->config.walk_latency, ahead = 0;
    for (int64_t i = 0; i < iommu->config.walkers; i++)
        if (iommu->walker_free[i] > now)
            ahead += iommu->walker_free[i] - now;
    return busy > ahead ? busy - ahead : 0;
}

const struct iommu_counters *iommu_counters(const struct iommu *iommu)
{
    return &iommu->counters;
}
