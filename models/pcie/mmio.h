/*
 * Register accesses from cores, on the wire. Each function's registers are a BAR of 1 MiB below 4 GiB, one behind the
 * other. Private to models/pcie.
 */
#ifndef MODELS_PCIE_MMIO_H
#define MODELS_PCIE_MMIO_H

#include <stdint.h>

#include "models/cpu/cpu.h"

#define MMIO_BASE UINT64_C(0x80000000)

enum { MMIO_SHIFT = 20, MMIO_FUNCTIONS_MAX = 256 };

/* A read that a core waits for. */
struct mmio_access {
    struct cpu_context *ctx;
    uint64_t *value;
};

static inline uint64_t mmio_address(unsigned function, uint32_t offset)
{
    return MMIO_BASE + ((uint64_t)function << MMIO_SHIFT) + offset;
}

static inline unsigned mmio_function(uint64_t address)
{
    return (unsigned)((address - MMIO_BASE) >> MMIO_SHIFT);
}

static inline uint32_t mmio_offset(uint64_t address)
{
    return (uint32_t)(address & ((UINT64_C(1) << MMIO_SHIFT) - 1));
}

#endif
