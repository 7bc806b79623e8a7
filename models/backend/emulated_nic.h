/*
 * A NIC emulated in user space, as QEMU's e1000, e1000e and igb are: registers that trap, rings in guest memory that the
 * device model reads and writes, a tap on the other side.
 *
 * Transmit runs where the tail register's write is handled: in the vCPU's thread, before the guest goes on
 * (`synchronous`), or in the device's own thread. Receive runs in the device's thread, woken by the tap. Interrupts
 * follow the device: e1000 raises a level-triggered line, held back by QEMU's mitigation timer (facts E1); e1000e sends
 * MSI, or MSI-X from a vector each for receive and transmit, which mask themselves.
 */
#ifndef MODELS_BACKEND_EMULATED_NIC_H
#define MODELS_BACKEND_EMULATED_NIC_H

#include "models/backend/emulation.h"
#include "models/backend/tap.h"
#include "models/guest/ring_driver.h"
#include "models/hypervisor/trapped.h"
#include "models/nic/moderation.h"

/* How a device of the family tells its driver. */
enum emulated_signal { EMULATED_LINE, EMULATED_MSI, EMULATED_MSIX };

struct emulated_nic_config {
    const struct emulation_config *emulation;
    enum emulated_signal signal;
    bool auto_mask;      /* line: reading the cause masks it (e1000e); else an e1000's */
    bool interval_floor; /* the interval registers hold no less than 128 us, whatever is written (e1000e) */
    struct vm *vm;
    struct kernel_cpu *core; /* of the device's thread */
    struct sim_pool *packets;
    const struct costs *costs;
    const char *name;
};

/* One direction's ring as the device sees it. */
struct emulated_ring {
    uint64_t base; /* GPA */
    uint32_t size, head, tail;
};

/* The interrupt causes, one bit a direction: TXDW and RXT0. */
enum { CAUSE_TX = 0x1, CAUSE_RX = 0x80 };

/* A message or line of the device: which causes it carries, and where it goes. */
struct emulated_vector {
    struct emulated_nic *nic;
    uint32_t causes; /* that raise it */
    struct vcpu *vcpu;
    unsigned vector; /* the guest's */
    bool due;        /* the moderator has let it go; message: the system call is yet to be made */
    bool asserted;   /* line: its level */
    bool delivered;  /* line: the I/O APIC has sent it and waits for the EOI */
    struct moderator moderator;
    sim_time last; /* [ps] when it was last raised */
};

enum { EMULATED_CALLS = KERNEL_CPUS_MAX };

/* A register access being carried out, one a vCPU at most. */
struct emulated_call {
    struct emulated_nic *nic; /* NULL: free */
    enum device_register reg;
    uint64_t value;
    uint64_t *result;
};

struct emulated_nic {
    struct emulated_nic_config config;
    struct emulated_call calls[EMULATED_CALLS];
    struct trapped_access access;
    struct ring_device device;
    struct tap tap;
    struct cpu_context thread; /* the device's own: QEMU's main loop */
    struct sleeper sleeper;
    struct kernel_timer timer; /* of the host: ends its sleep when one of the device's runs out */
    bool asleep;               /* for want of work; until it runs again */
    struct emulated_ring tx, rx;
    uint32_t cause, mask; /* ICR, IMS */
    bool evaluating;      /* a context is about to send what falls due */
    bool evaluate_wanted; /* the mitigation timer has run out: the device's thread looks */
    struct emulated_vector vectors[2];
    unsigned vector_count;
    /* mitigation (e1000) */
    struct sim_event mitigation;
    sim_time throttle; /* [ps] ITR, as the device takes it */
    bool delayed;      /* a descriptor with IDE was sent since the timer was last started */
    /* transmit under way */
    bool transmitting, transmit_wanted;
    sim_time doorbell; /* [ps] of the last tail write handled */
    struct packet *sending;
    uint32_t frames_left; /* of it, the one under way included */
    bool sent;            /* something was, since the causes were last set */
    /* receive under way */
    struct packet *receiving;
    int64_t raised; /* interrupts */
};

/* Prepares the device, its port `station` of `bridge` and its thread. */
void emulated_nic_init(struct emulated_nic *nic, const struct emulated_nic_config *config,
                       struct bridge *bridge, unsigned station, unsigned uplink_queue);

/* Where the vectors go: one (line, MSI), or receive and transmit (MSI-X). */
void emulated_nic_route(struct emulated_nic *nic, unsigned index, struct vcpu *vcpu, unsigned vector);

void emulated_nic_census(const struct emulated_nic *nic, struct census *census);

#endif
