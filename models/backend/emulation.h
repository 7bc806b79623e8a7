/*
 * The fully emulated NIC: parameters, among them a switch a cost factor, so that each can be taken away by itself.
 */
#ifndef MODELS_BACKEND_EMULATION_H
#define MODELS_BACKEND_EMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/param.h"

/* In the order of emulation_devices. */
enum emulated_device {
    EMULATED_E1000,
    EMULATED_E1000E,
    EMULATED_E1000E_MSI,
    EMULATED_E1000E_INTX,
    EMULATED_IGB
};

struct emulation_config {
    int device;                      /* enum emulated_device */
    int64_t tx_ring, rx_ring;        /* descriptors, the driver's defaults */
    bool mitigation;                 /* QEMU's interrupt mitigation timer (e1000) */
    struct param_variant moderation; /* the guest driver's algorithm */
    /* Factors: true is what the real thing does. */
    bool exits;                /* register accesses cost their exits (false: counted, priced at zero) */
    bool copies;               /* payload is copied between guest and tap */
    bool segmentation;         /* false: the device takes no TSO, the guest segments */
    bool synchronous;          /* transmit runs in the vCPU's thread; false: in the device's own thread */
    bool interrupt_per_packet; /* false: interrupts as a moderated NIC's */
    int64_t tap_queue;         /* packets */
};

extern const char *const emulation_devices[]; /* NULL-terminated */
extern const struct param_table emulation_table;

#endif
