/*
 * A scenario's configuration: what the scenario language fills in (scenarios/) from the parameter tables, and what a
 * system is built from. The root table is registry_root(); every member is one row of a table beside its model.
 */
#ifndef MODELS_HOST_CONFIG_H
#define MODELS_HOST_CONFIG_H

#include "models/backend/emulation.h"
#include "models/backend/virtio.h"
#include "models/cpu/tick.h"
#include "models/host/costs.h"
#include "models/hypervisor/vm.h"
#include "models/iommu/iommu.h"
#include "models/memory/memory.h"
#include "models/nic/nic.h"
#include "models/pcie/root.h"
#include "models/traffic/source.h"

struct host_config {
    int64_t cores;      /* physical cores, spread evenly over the nodes */
    int64_t frequency;  /* [Hz] */
    int64_t idle_wake;  /* [ps] leaving the idle state */
    int64_t time_slice; /* [ps] of threads that share a core */
    int tick;           /* enum tick_mode of the host's cores */
    int64_t hz;         /* [1/s] CONFIG_HZ of the host */
    int64_t tap_queue;  /* packets */
    struct memory_config memory;
    struct root_complex_config root;
    struct iommu_config iommu;
    struct hypervisor_config hypervisor;
};

struct vm_config {
    const char *name;
    int strategy; /* 0: the scenario's `strategy`; else 1 + index into strategies */
    int64_t vcpus;
    int64_t memory;       /* [B] */
    int64_t nic;          /* which NIC, from 0 */
    int64_t core;         /* of vCPU 0, the others follow; -1: chosen */
    int64_t backend_core; /* of the vhost worker or device thread; -1: chosen; may equal `core` */
    int64_t irq_core;     /* that takes the PF's interrupts for this VM; -1: chosen */
    struct virtio_config virtio;
    struct emulation_config emulation;
};

struct config {
    int strategy;     /* index into strategies: native emulation virtio passthrough */
    int64_t duration; /* [ps] */
    int64_t warmup;   /* [ps] cut off before statistics */
    bool find_warmup; /* when none is given, it is found afterwards (MSER-5) */
    int64_t seed;
    struct host_config host;
    struct costs costs;
    struct param_list nics;    /* of struct nic_config */
    struct param_list vms;     /* of struct vm_config */
    struct param_list traffic; /* of struct traffic_config */
};

extern const struct param_table config_table;

/* A mistake that single rows cannot see (a VM that does not exist, more queues than cores); `path` says where. */
typedef void config_report(void *self, const char *path, const char *message);
void config_check(const struct config *config, config_report *report, void *self);

/* Values beside which that at `path` has no effect or cannot be, to be told to who wrote it; a default is no conflict. */
void config_conflicts(const struct config *config, config_report *report, void *self);

/* The PCI bus number of NIC `index`: its own or, if that is 0, the first that no other NIC before it or of the
 * scenario's choice has. */
int64_t config_bus(const struct config *config, size_t index);

#endif
