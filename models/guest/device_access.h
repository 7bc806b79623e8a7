/*
 * How a driver touches its device. A driver knows registers by a small number (its personality names them for
 * reports) and never how an access gets there; the binding does:
 *     native      MMIO over PCIe; a read stalls the core
 *     direct      the same from a guest, through EPT, without an exit
 *     trapped     a VM exit to an emulated device
 * Every access is counted here, by register and direction.
 */
#ifndef MODELS_GUEST_DEVICE_ACCESS_H
#define MODELS_GUEST_DEVICE_ACCESS_H

#include <stdint.h>

#include "models/cpu/cpu.h"

/* The registers that network drivers touch while running. */
enum device_register {
    REG_TX_TAIL,    /* transmit doorbell (TDT, VFTDT) */
    REG_RX_TAIL,    /* receive refill doorbell (RDT, VFRDT) */
    REG_CAUSE,      /* interrupt cause, read clears (ICR) */
    REG_MASK_SET,   /* interrupt enable (IMS, EIMS, VTEIMS) */
    REG_MASK_CLEAR, /* interrupt disable (IMC) */
    REG_STATUS,     /* read as a write flush (STATUS) */
    REG_THROTTLE,   /* interrupt interval (ITR, EITR) */
    REG_NOTIFY,     /* virtio queue notify */
    REG_ISR,        /* virtio ISR status, read clears */
    REG_CAUSE_SET,  /* software interrupt (ICS) */
    REGISTERS
};

struct device_access;

struct device_access_ops {
    /* Cycles that a store takes the core itself; the driver adds them to its segment. 0 when stores trap. */
    int64_t (*write_cycles)(const struct device_access *access);
    /* The store has retired: carries it out; ends by cpu_return(ctx). `index`: queue or vector. */
    void (*write)(struct device_access *access, struct cpu_context *ctx, enum device_register reg,
                  unsigned index, uint64_t value);
    /* Ends by cpu_return(ctx) with *value set. */
    void (*read)(struct device_access *access, struct cpu_context *ctx, enum device_register reg,
                 unsigned index, uint64_t *value);
};

/* Embedded at the start of a binding's own struct. */
struct device_access {
    const struct device_access_ops *ops;
    int64_t writes[REGISTERS];
    int64_t reads[REGISTERS];
};

/* The register's offset in MMIO as bindings pass it on: register and index. */
static inline uint32_t device_register_offset(enum device_register reg, unsigned index)
{
    return (uint32_t)reg << 16 | index;
}

/* Adds the store's cycles to ctx's segment; to be followed, after the segment, by device_write(). */
static inline void device_add_write(struct device_access *access, struct cpu_context *ctx)
{
    cpu_add(ctx, CPU_MMIO, SHARE_BATCH, access->ops->write_cycles(access));
}

static inline void device_write(struct device_access *access, struct cpu_context *ctx,
                                enum device_register reg, unsigned index, uint64_t value)
{
    access->writes[reg]++;
    access->ops->write(access, ctx, reg, index, value);
}

static inline void device_read(struct device_access *access, struct cpu_context *ctx,
                               enum device_register reg, unsigned index, uint64_t *value)
{
    access->reads[reg]++;
    access->ops->read(access, ctx, reg, index, value);
}

#endif
