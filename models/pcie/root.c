#include "models/pcie/root.h"

#include <stdlib.h>

#include "models/pcie/mmio.h"
#include "models/pcie/root_private.h"
#include "sim/assert.h"

enum { TLPS_FIRST = 256, MMIO_READS_FIRST = 16 };

struct root_complex *root_complex_create(struct sim *sim, const char *name,
                                         const struct root_complex_config *config, struct memory *memory,
                                         struct iommu *iommu, int node)
{
    struct root_complex *root = calloc(1, sizeof *root);
    SIM_ASSERT(root != NULL);
    root->sim = sim;
    root->config = *config;
    root->memory = memory;
    root->iommu = iommu;
    root->node = node;
    root->component = sim_component(sim, name);
    root->tlps = sim_pool_create(sizeof(struct tlp), TLPS_FIRST);
    root->mmio_reads = sim_pool_create(sizeof(struct mmio_access), MMIO_READS_FIRST);
    return root;
}

void root_complex_destroy(struct root_complex *root)
{
    if (!root)
        return;
    sim_pool_destroy(root->tlps);
    sim_pool_destroy(root->mmio_reads);
    free(root->entries);
    free(root);
}
