/*
 * A system: one host with everything a scenario's configuration asks for, ready to run. Building order is fixed, so
 * that component numbers, and with them fingerprints, depend on the configuration alone.
 */
#ifndef MODELS_HOST_SYSTEM_H
#define MODELS_HOST_SYSTEM_H

#include "models/backend/tap.h"
#include "models/guest/native_access.h"
#include "models/guest/nic_device.h"
#include "models/host/config.h"
#include "models/traffic/path.h"
#include "sim/sim.h"

struct attachment;

struct system_core {
    struct cpu *cpu;
    struct lapic *lapic;
    struct tick *tick;
    unsigned kernel_cpu; /* index in the host's kernel */
};

/* A NIC function with its driver, in the host's or a guest's kernel. */
struct function_driver {
    struct nic_device device;
    struct native_access access;
    struct ring_driver *driver;
};

struct system_nic {
    const struct nic_config *config;
    struct nic *nic;
    struct peer *peer;
    struct root_complex *root;   /* of its node */
    struct function_driver host; /* the PF, driven by the host */
    struct bridge bridge;
    unsigned functions_used; /* VFs handed out */
    int64_t wire_busy[2];    /* [ps] tracked: transmit, receive */
    int64_t link_busy[2];    /* [ps] tracked: up, down */
};

struct system_traffic {
    const struct traffic_config *config;
    struct attachment *attachment;
    struct path path;
    struct path reverse; /* the other direction of a replayed capture; else nothing is ever offered on it */
    struct app app;
    struct source *source;
};

struct system {
    struct sim *sim;
    const struct config *config;
    struct memory *memory;
    struct address_space *host_space;
    struct iommu *iommu;
    struct sim_pool *packets;
    struct kernel host; /* the host's kernel */
    struct system_core *cores;
    size_t core_count;
    struct root_complex **roots; /* one a node */
    struct system_nic *nics;
    size_t nic_count;
    struct attachment *attachments; /* one a VM */
    struct costs *vm_costs;         /* one a VM: those of its exits */
    size_t attachment_count;
    struct system_traffic *traffic;
    size_t traffic_count;
    int64_t walkers_busy;            /* [ps] tracked: of all page walkers together */
    struct batches *batches;         /* of all counters, for warm-up and intervals */
    struct system_counter *counters; /* tracked by the batches */
    size_t counter_count, counter_capacity;
    struct sim_event edge;
    char broken[192]; /* what system_check() returned */
};

/*
 * Builds. NULL if the configuration cannot be built; then `report` has been told why. `config` is borrowed.
 */
struct system *system_create(struct sim *sim, const struct config *config, config_report *report, void *self);
void system_destroy(struct system *system);

/* Starts VMs and sources at time 0 and runs to the configured duration. */
void system_run(struct system *system);

/*
 * Conservation, to be called when a run has ended (it walks the rings):
 * packets: offered = delivered + dropped + in flight; those in flight are those alive in the pool, and each of them is
 * held by a queue, a ring, a wire or somebody at work on it;
 * time: every packet's stages were those of its journey and add up to its latency; accounts and idle time add up to every
 * core's time, and are the time of their cycles (cpu_check());
 * cycles: those charged are those executed, which are those asked for less those left;
 * interrupts: those raised are those taken, merged and pending, on every core and vCPU (lapic_check());
 * completions: a NIC has written back every descriptor that it is done with (nic_check()).
 * NULL if all of it holds, else which law is broken and where, "packets: ...", valid until the next call.
 */
const char *system_check(struct system *system);
extern const char *const system_laws[]; /* what it checks: "packets", "time", ...; NULL-terminated */

/* A counter whose course over the run is kept (system_tracking.c). */
struct system_counter {
    const int64_t *counter;
    size_t index; /* in the batches */
};

/* Where a window's beginning comes from: nothing is cut, the configuration says, MSER. */
enum warmup_kind { WARMUP_NONE, WARMUP_GIVEN, WARMUP_FOUND };

/*
 * The window of a finished run that statistics are taken from: from the end of the warm-up (the configured one, or
 * MSER over the batches' latencies, the latest of all directions) to the end. Edges are the batches'.
 */
struct system_window {
    size_t from, to;     /* edges */
    sim_time start, end; /* [ps] */
    enum warmup_kind warmup;
    bool at_limit; /* found: as late as it may be in some direction, so that the run is too short to tell */
};
struct system_window system_window(const struct system *system);

/* What a tracked counter gained between two edges. */
int64_t system_gain(const struct system *system, const int64_t *counter, size_t from, size_t to);

#endif
