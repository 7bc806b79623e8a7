/*
 * A root complex: where a node's memory, its root ports, the IOMMU and the interrupt messages meet.
 *
 * An upstream memory request is translated (iommu.h; identity without one), takes the memory's latency, and
 * answers by completions. A write into 0xFEE00000 .. 0xFEEFFFFF is an interrupt message: its remapping-table entry
 * says which lapic and vector it becomes, or to which posted-interrupt descriptor it is posted.
 *
 * When, for a request that arrives at a port at t, with `in` = ingress_latency / 2 rounded down:
 *     a write       is in memory at t + in + translation, not before earlier posted requests of its port
 *     a read        is answered at t + ingress_latency + translation + memory_latency(), not before earlier posted
 *                   requests are in memory; memory is read at that moment
 *     a message     reaches its core at t + in + interrupt_latency, likewise ordered behind earlier writes
 * A request to what is not mapped, or no memory, is answered by Unsupported Request, or lost if it is a write.
 */
#ifndef MODELS_PCIE_ROOT_H
#define MODELS_PCIE_ROOT_H

#include <stdint.h>

#include "models/cpu/lapic.h"
#include "models/iommu/iommu.h"
#include "models/memory/memory.h"
#include "sim/param.h"

struct root_complex_config {
    int64_t
        ingress_latency; /* [ps] a request's way from the port to the memory system and its answer's back */
    int64_t interrupt_latency;  /* [ps] from an interrupt message at the memory system to the core */
    int64_t mmio_write_latency; /* [ps] from the core's store to the root port */
    int64_t mmio_read_latency;  /* [ps] likewise for a read, there (as long as a write) and back */
};

extern const struct param_table root_complex_table;

struct root_complex;
/* `config` is copied; `memory` and `iommu` (may be NULL) are borrowed; `name` is the component's. */
struct root_complex *root_complex_create(struct sim *sim, const char *name,
                                         const struct root_complex_config *config, struct memory *memory,
                                         struct iommu *iommu, int node);
void root_complex_destroy(struct root_complex *root);

/*
 * Interrupt remapping table entries. A device sends (address, data) from msi_address(); the entry then routes it to
 * a lapic's vector, or posts it: post(self, vector) is called after interrupt_latency.
 */
unsigned msi_allocate(struct root_complex *root); /* at most 65536 */
void msi_route_lapic(struct root_complex *root, unsigned index, struct lapic *lapic, unsigned vector);
void msi_route_posted(struct root_complex *root, unsigned index, void (*post)(void *self, unsigned vector),
                      void *self, unsigned vector);
uint64_t msi_address(unsigned index); /* remappable format, VT-d section 5.1 */

/* Messages without a present entry or in the format that cannot be remapped: blocked, as VT-d section 5.1.4 has it. */
int64_t msi_blocked(const struct root_complex *root);

#endif
