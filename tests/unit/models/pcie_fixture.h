/*
 * What the tests of models/pcie, models/iommu and models/memory share: a simulation, a memory, a root complex and one
 * device below it, actions at given times.
 */
#ifndef TESTS_UNIT_MODELS_PCIE_FIXTURE_H
#define TESTS_UNIT_MODELS_PCIE_FIXTURE_H

#include <criterion/criterion.h>

#include "models/pcie/pcie.h"
#include "models/pcie/root.h"
#include "sim/assert.h"

/* The latencies are primes, so that no two sums agree by chance. */
static const struct memory_config memory_defaults = {
    .nodes = 2,
    .node_size = INT64_C(1) << 30,
    .llc_latency = 60013,
    .dram_latency = 53003,
    .remote_latency = 81001,
};

static const struct root_complex_config root_defaults = {
    .ingress_latency = 350003,
    .interrupt_latency = 300007,
    .mmio_write_latency = 200003,
    .mmio_read_latency = 700001,
};

static const struct pcie_link_config link_defaults = {
    .generation = 3,
    .width = 8,
    .mps = 256,
    .mrrs = 512,
    .rcb = 64,
    .tags = 256,
    .propagation = 60017,
    .dllp_share = 81500,
};

static const struct iommu_config iommu_defaults = {
    .enabled = true,
    .iotlb_entries = 4,
    .walkers = 2,
    .walk_latency = 65003,
    .hit_latency = 5003,
};

enum { REQUESTER = 0x0300, ACTIONS_MAX = 4096 };

struct action {
    struct sim_event event;
    void (*fn)(void *self);
    void *self;
};

static struct sim *sim;
static struct memory *memory;
static struct root_complex *root;
static struct dma *dma;
static struct action actions[ACTIONS_MAX];
static unsigned action_count;
static uint16_t tester;

static inline void fixture_setup(void)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
    tester = sim_component(sim, "tester");
    memory = memory_create(sim, &memory_defaults);
    action_count = 0;
}

static inline void fixture_teardown(void)
{
    dma_destroy(dma);
    root_complex_destroy(root);
    memory_destroy(memory);
    sim_destroy(sim);
}

/* A root complex on node 0 with one device of one function. */
static inline void fixture_device(const struct pcie_link_config *link, struct iommu *iommu,
                                  const struct register_target *target)
{
    root = root_complex_create(sim, "rc0", &root_defaults, memory, iommu, 0);
    dma = dma_create(sim, root, "nic0", link, target);
    dma_function(dma, REQUESTER);
}

static inline void action_fire(struct sim *at, struct sim_event *event)
{
    struct action *action = SIM_CONTAINER_OF(event, struct action, event);
    (void)at;
    action->fn(action->self);
}

/* Calls fn(self) at `when` [ps]. */
static inline void at(sim_time when, void (*fn)(void *self), void *self)
{
    SIM_ASSERT(action_count < ACTIONS_MAX);
    struct action *action = &actions[action_count++];
    action->fn = fn;
    action->self = self;
    sim_event_init(&action->event, action_fire, tester, 0);
    sim_schedule(sim, &action->event, when);
}

/* When `bytes` that are put on an idle link at `start` have arrived [ps]. */
static inline sim_time crossed(const struct pcie_link_config *link, sim_time start, int64_t bytes)
{
    int64_t num, den;
    pcie_link_rate(link, &num, &den);
    struct sim_line line = sim_line_make(num, den);
    return sim_line_send(&line, start, bytes) + link->propagation;
}

/* A DMA request whose end is logged. */
struct probe {
    struct dma_request request;
    sim_time done; /* [ps] -1 before */
    uint8_t bytes[4096];
};

static inline void probe_done(struct dma_request *request)
{
    struct probe *probe = SIM_CONTAINER_OF(request, struct probe, request);
    cr_assert_eq(probe->done, -1, "done twice");
    probe->done = sim_now(sim);
}

static inline void probe_init(struct probe *probe, uint64_t iova, uint32_t length, bool with_bytes)
{
    *probe = (struct probe){.done = -1};
    probe->request.done = probe_done;
    probe->request.iova = iova;
    probe->request.length = length;
    probe->request.bytes = with_bytes ? probe->bytes : NULL;
}

#endif
