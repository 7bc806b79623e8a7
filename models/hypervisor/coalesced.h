/*
 * Coalesced register writes: an exit that only queues the write in a ring shared with user space, as KVM does for
 * zones that the device model registered. The device sees the writes, in order, before the next exit that goes to
 * user space is handled there. One ring a VM.
 */
#ifndef MODELS_HYPERVISOR_COALESCED_H
#define MODELS_HYPERVISOR_COALESCED_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/cpu.h"
#include "models/guest/device_access.h"

/* One page of 24-byte entries behind an 8-byte header; one entry stays free (linux/kvm.h, struct
 * kvm_coalesced_mmio_ring). */
enum { COALESCED_SLOTS = (4096 - 8) / 24, COALESCED_ROOM = COALESCED_SLOTS - 1 };

struct trapped_access;

struct coalesced_write {
    struct trapped_access *access;
    enum device_register reg;
    unsigned index;
    uint64_t value;
};

struct coalesced_ring {
    struct coalesced_write writes[COALESCED_SLOTS];
    unsigned first, count;
};

/* Queues a write; false if the ring is full. */
bool coalesced_put(struct coalesced_ring *ring, const struct coalesced_write *write);

/* Carries out what is queued, from `thread`, the oldest first; ends by cpu_return(thread). */
void coalesced_flush(struct coalesced_ring *ring, struct cpu_context *thread);

#endif
