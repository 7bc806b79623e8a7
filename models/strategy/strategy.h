/*
 * A strategy is an assembly: it connects a VM's (or, natively, the host's) kernel to a physical NIC by one kind of
 * data path. It owns what it builds; the system owns cores, memory, NICs and VMs.
 */
#ifndef MODELS_STRATEGY_STRATEGY_H
#define MODELS_STRATEGY_STRATEGY_H

#include "models/host/system.h"

/* What was counted on one virtqueue since time 0. Interrupts: used-buffer notifications, before any share a line. */
struct virtqueue_counts {
    int64_t kicks, interrupts;
};

/* What a strategy fills in and the rest of the program asks about one VM's network interface. */
struct attachment {
    struct system *system;
    const struct vm_config *config;
    const struct strategy *strategy;
    unsigned index;        /* of the VM */
    struct vm *vm;         /* NULL: native */
    struct kernel *kernel; /* in which the applications run */
    struct netdev *netdev; /* on which they send */
    unsigned queue;        /* of it, for a single-queue sender */
    unsigned first_cpu;    /* of the kernel's cpus, the VM's first */
    unsigned cpus;
    uint16_t endpoint, station;        /* addresses of received packets */
    const char *const *register_names; /* of `access`, by enum device_register */
    struct device_access *access;      /* the driver's way to its device: counted accesses */
    int64_t (*kicks)(const struct attachment *attachment, bool tx); /* NULL: has none */
    unsigned virtqueues;                                            /* of its device; 0: it has none */
    struct virtqueue_counts (*virtqueue_counts)(const struct attachment *attachment, unsigned queue);
    int64_t (*interrupts_raised)(const struct attachment *attachment);
    int64_t (*interrupts_handled)(const struct attachment *attachment);
    void *own; /* the strategy's struct */
};

struct strategy {
    const char *name, *help;
    bool needs_vm;
    const struct journey *send, *receive; /* the stages of its packets */
    /* Builds the data path. VM and vCPUs exist, not started. */
    void (*build)(struct attachment *attachment);
    void (*destroy)(struct attachment *attachment);
    /* Shows the packets that its parts hold; NULL: all of them are the system's. */
    void (*census)(const struct attachment *attachment, struct census *census);
};

/* native, emulation, virtio, passthrough; NULL-terminated. */
extern const struct strategy *const strategies[];
extern const char *const strategy_names[];    /* the same by name, NULL-terminated */
extern const char *const vm_strategy_names[]; /* "scenario" and then the same */

#endif
