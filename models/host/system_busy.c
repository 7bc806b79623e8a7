/*
 * Busy times of what serves one thing at a time besides cores: the wires' and links' directions and the page walkers.
 * They are booked ahead; what is shown at an edge is what was over by then.
 */
#include "models/host/system_private.h"

/* A pause before a booking counts as if it lay behind it: the time shown never goes back for that. */
static void show(int64_t *shown, sim_time busy)
{
    if (busy > *shown)
        *shown = busy;
}

void system_update_busy(struct system *system)
{
    for (size_t i = 0; i < system->nic_count; i++) {
        struct system_nic *nic = &system->nics[i];
        for (int side = 0; side < 2; side++)
            show(&nic->wire_busy[side], wire_busy_time(nic_wire(nic->nic), side));
        show(&nic->link_busy[0], dma_link_busy_time(nic_dma(nic->nic), true));
        show(&nic->link_busy[1], dma_link_busy_time(nic_dma(nic->nic), false));
    }
    show(&system->walkers_busy, iommu_walk_time(system->iommu, sim_now(system->sim)));
}
