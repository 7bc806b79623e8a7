/*
 * The device_access binding "trapped": every access of a guest's driver is a VM exit, whose handler calls the
 * emulated device in the vCPU's thread.
 *
 * An exit has a reason (EPT_MISCONFIG for MMIO, IO_INSTRUCTION for a port) and, by register and direction, a site:
 *     EXIT_SITE_USER       the device model is in user space: dispatched there, then the register function
 *     EXIT_SITE_KERNEL     the device model is in the kernel
 *     EXIT_SITE_IOEVENTFD  a write that matches an eventfd: the register function only signals and takes no time
 *     EXIT_SITE_COALESCED  a write that is queued; carried out before the next access handled in user space
 *                          (coalesced.h). With the ring full it goes to user space itself.
 */
#ifndef MODELS_HYPERVISOR_TRAPPED_H
#define MODELS_HYPERVISOR_TRAPPED_H

#include <stdint.h>

#include "models/guest/device_access.h"
#include "models/hypervisor/vm.h"

/* An emulated device's register functions: run by the vCPU's thread; they may take simulated time and end by
 * cpu_return(thread). `read` sets *value first. */
struct emulated_device_ops {
    void (*write)(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                  uint64_t value);
    void (*read)(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                 uint64_t *value);
};

struct trapped_access {
    struct device_access base;
    const struct emulated_device_ops *ops;
    void *device;
    enum exit_reason reason;
    enum exit_site write_site[REGISTERS];
    enum exit_site read_site[REGISTERS];
};

/* An access in flight, one a vCPU at a time. Private to models/hypervisor. */
struct trapped_call {
    struct trapped_access *access;
    enum device_register reg;
    unsigned index;
    uint64_t value;
    uint64_t *result; /* NULL: a write */
};

/* Binds to `device`, borrowed like `ops`; every register exits for `reason` to `site` (USER or KERNEL). */
void trapped_access_init(struct trapped_access *access, const struct emulated_device_ops *ops, void *device,
                         enum exit_reason reason, enum exit_site site);

/* Another site for writes (any) / reads (USER, KERNEL) of one register. */
void trapped_set_write_site(struct trapped_access *access, enum device_register reg, enum exit_site site);
void trapped_set_read_site(struct trapped_access *access, enum device_register reg, enum exit_site site);

#endif
