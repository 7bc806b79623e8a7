/* What the sources of the system share. */
#ifndef MODELS_HOST_SYSTEM_PRIVATE_H
#define MODELS_HOST_SYSTEM_PRIVATE_H

#include "models/host/system.h"
#include "models/strategy/strategy.h"

enum { SYSTEM_BATCHES = 50, SYSTEM_NAME_MAX = 64 };

static inline const struct vm_config *system_vm_config(const struct config *config, size_t index)
{
    return (const struct vm_config *)config->vms.items + index;
}

/* Building, in this order (system_build.c). */
void system_build_host(struct system *system);
void system_build_nics(struct system *system);
bool system_build_vms(struct system *system, config_report *report, void *self);     /* false: reported */
bool system_build_traffic(struct system *system, config_report *report, void *self); /* likewise */

/* Tracking of counters (system_tracking.c). */
void system_tracking_start(struct system *system);
void system_tracking_destroy(struct system *system);

/* Brings the busy times of wires, links and page walkers up to now: before each edge (system_busy.c). */
void system_update_busy(struct system *system);

#endif
