/*
 * Which cores things run on where the scenario does not say: core 0 takes the host's interrupts, the VMs' vCPUs follow
 * one a core, then their backends one a core; when cores run out, it starts again behind core 0 and they share.
 * Natively a VM's applications and its interrupts have the cores that its vCPUs would have.
 */
#ifndef MODELS_HOST_PLACEMENT_H
#define MODELS_HOST_PLACEMENT_H

#include "models/host/config.h"

struct strategy;

struct placement {
    unsigned vcpu; /* core of vCPU 0; vCPU i is at placement_core(config, vcpu + i) */
    unsigned backend;
    unsigned irq;
};

/* The placement of VM `index`; `native`: it runs without a VM. */
struct placement placement_of(const struct config *config, size_t index, bool native);

/* Wraps a running number of cores onto those that exist, core 0 last to be reused. */
unsigned placement_core(const struct config *config, unsigned number);

/* The strategy that VM `index` has, by its own choice or the scenario's. */
const struct strategy *placement_strategy(const struct config *config, size_t index);

/* The core that takes the interrupts of queue `queue` of a NIC's PF: that of the first VM which uses it; core 0 for a
 * queue that no VM sends on. */
unsigned placement_queue_core(const struct config *config, size_t nic, unsigned queue);

#endif
