/* An emulated NIC in a whole system, for tests that look into it. */
#ifndef TESTS_UNIT_MODELS_EMULATED_BENCH_H
#define TESTS_UNIT_MODELS_EMULATED_BENCH_H

#include "models/backend/emulated_private.h"
#include "tests/unit/models/system_bench.h"

static struct system_bench bench;

static inline struct emulated_nic *emulated(void)
{
    struct device_access *access = bench.system->attachments[0].access;
    return SIM_CONTAINER_OF(access, struct emulated_nic, access.base);
}

static inline void emulated_prepare(const char *device)
{
    system_bench_prepare(&bench, BENCH_EMULATION);
    bench_set(&emulation_table, &bench.vms[0].emulation, "device", device);
}

static inline struct vcpu *emulated_vcpu(void)
{
    return vm_vcpu(bench.system->attachments[0].vm, 0);
}

#endif
