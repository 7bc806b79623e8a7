/* What the strategies' assemblies share. */
#ifndef MODELS_STRATEGY_ASSEMBLY_H
#define MODELS_STRATEGY_ASSEMBLY_H

#include "models/host/placement.h"
#include "models/strategy/strategy.h"

/* The driver that a function has: the PF's or a VF's. */
const struct driver_personality *function_personality(const struct nic_config *config, unsigned function);

/* Creates the driver of `function` of `nic` in `kernel`, delivering locally; its queues are started one by one. */
void function_driver_create(struct function_driver *own, struct system *system, struct system_nic *nic,
                            unsigned function, unsigned queues, struct kernel *kernel, const char *name);
void function_driver_destroy(struct function_driver *own);

/* Starts a queue on `cpu`; returns its interrupt's remapping-table entry, yet to be routed. */
unsigned function_driver_start(struct function_driver *own, struct system_nic *nic, unsigned queue,
                               struct kernel_cpu *cpu);

/* Journeys: the kernel that has the application drives the NIC itself; a backend and the host's kernel lie between. */
extern const struct journey journey_direct_send, journey_direct_receive;
extern const struct journey journey_backend_send, journey_backend_receive;

/* The attachment's NIC, its queue of that NIC's PF, its placement, and the core that a running number wraps to. */
struct system_nic *attachment_nic(const struct attachment *attachment);
unsigned attachment_uplink_queue(const struct attachment *attachment);
struct placement attachment_placement(const struct attachment *attachment);
struct system_core *attachment_core(const struct attachment *attachment, unsigned number);

#endif
