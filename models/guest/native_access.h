/*
 * The device_access binding "native": register accesses are MMIO over PCIe, issued by the core that runs the
 * context. On the host it is the native driver's; in a guest it is "direct": EPT maps the BAR, so that the same
 * accesses reach the device without an exit (facts D4). A write is posted; a read stalls the core.
 */
#ifndef MODELS_GUEST_NATIVE_ACCESS_H
#define MODELS_GUEST_NATIVE_ACCESS_H

#include "models/guest/device_access.h"
#include "models/host/costs.h"
#include "models/pcie/pcie.h"

struct native_access {
    struct device_access base;
    struct dma *dma;
    unsigned function;
    const struct costs *costs;
};

/* Binds to `function` of the device at `dma`; both `dma` and `costs` are borrowed. */
void native_access_init(struct native_access *access, struct dma *dma, unsigned function,
                        const struct costs *costs);

#endif
