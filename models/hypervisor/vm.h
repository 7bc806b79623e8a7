/*
 * Virtual machines: memory, vCPUs, and the hypervisor's part in their lives.
 *
 * A vCPU is a thread on a host core that alternates between guest mode, where the guest's contexts run, and root
 * mode, where the hypervisor handles an exit. Exits are counted by VMX basic exit reason and cost cycles of the
 * thread's core, charged to that reason. An interrupt for the guest is posted (APICv), injected at the next entry, or forces
 * an exit by a kick; a halted vCPU polls for a while (halt polling), then sleeps until woken.
 */
#ifndef MODELS_HYPERVISOR_VM_H
#define MODELS_HYPERVISOR_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/lapic.h"
#include "models/cpu/tick.h"
#include "models/guest/device_access.h"
#include "models/guest/kernel.h"

/* VMX basic exit reasons that arise here (facts D1). */
enum exit_reason {
    EXIT_EXTERNAL_INTERRUPT = 1,
    EXIT_INTERRUPT_WINDOW = 7,
    EXIT_HLT = 12,
    EXIT_IO_INSTRUCTION = 30,
    EXIT_MSR_WRITE = 32,
    EXIT_APIC_ACCESS = 44,
    EXIT_EOI_INDUCED = 45,
    EXIT_EPT_VIOLATION = 48,
    EXIT_EPT_MISCONFIG = 49,
    EXIT_PREEMPTION_TIMER = 52,
    EXIT_APIC_WRITE = 56,
    EXIT_REASONS = 80,
};

/* Where an exit is handled; told apart in reports. FAST: before the rest of the way out (exit_handlers_fastpath()). */
enum exit_site {
    EXIT_SITE_KERNEL,
    EXIT_SITE_FAST,
    EXIT_SITE_IOEVENTFD,
    EXIT_SITE_USER,
    EXIT_SITE_COALESCED,
    EXIT_SITES
};

struct hypervisor_config {
    bool apicv; /* APIC-register virtualisation, virtual-interrupt delivery, posted interrupts by IPI */
    bool posted_interrupts;  /* VT-d posting of assigned devices' interrupts; needs apicv */
    int64_t halt_poll;       /* [ps] halt_poll_ns, the longest; 0 = off */
    int64_t halt_poll_start; /* [ps] grow start */
    int64_t halt_poll_grow;  /* factor */
    int guest_tick;          /* enum tick_mode */
    int64_t guest_slice;     /* [ps] time slice of threads inside a guest */
    int64_t guest_hz;        /* [1/s] CONFIG_HZ of guests */
};

extern const struct param_table hypervisor_table;

struct vm;
struct vcpu;

/*
 * Where a vCPU's time goes. Together they are the time passed, to the picosecond. Steal counts in whatever state the
 * vCPU is: its thread is runnable and has not the core (cpu_waited()).
 */
enum vcpu_time {
    VCPU_TIME_GUEST, /* guest mode */
    VCPU_TIME_EXIT,  /* root mode on the guest's behalf, host interrupts on top of it included */
    VCPU_TIME_HALTED, /* from HLT's handling until the thread goes for the entry: polling, falling asleep, sleep */
    VCPU_TIME_STEAL,
    VCPU_TIMES
};

/* An exit's time is from leaving guest mode to re-entering it [ps], waiting included; a timer's expiry counts from when
 * it happened, less than a cycle before. */
struct vcpu_counters {
    int64_t exits[EXIT_REASONS];
    sim_time exit_time[EXIT_REASONS];
    int64_t sites[EXIT_SITES];
    int64_t injections;        /* events injected at an entry; without APICv only */
    int64_t posted;            /* notifications taken in guest mode, without an exit; APICv only */
    int64_t synced;            /* entries that took pending vectors over without cost; APICv only */
    int64_t kicks;             /* IPIs sent to force an exit; without APICv only */
    int64_t ipis;              /* IPIs that the guest sent to another vCPU */
    int64_t halts;             /* HLT exits */
    int64_t halt_polls_hit;    /* halts that polled and ended before the thread slept */
    int64_t halt_polls_missed; /* halts that polled in vain, then slept */
    int64_t wakeups;           /* sleeps ended */
    sim_time time[VCPU_TIMES]; /* [ps] up to the last change of state or vcpu_update_times() */
};

/*
 * Creates a VM of `memory_size` [B, > 0, rounded up to pages] backed by host memory on `node`, in blocks as large as the
 * host's fragmentation allows. `name` "vm0" is copied; `config` too; the rest is borrowed. NULL if the node has not
 * that much memory.
 *
 * Guest RAM lies at GPA 0 .. 3 GiB and, what is more than that, from 4 GiB on, as on a PC.
 */
struct vm *vm_create(struct sim *sim, const char *name, const struct hypervisor_config *config,
                     const struct costs *costs, struct memory *memory, int node, uint64_t memory_size);
void vm_destroy(struct vm *vm);
struct kernel *vm_kernel(struct vm *vm);       /* the guest's kernel; its cpus are the vCPUs */
struct address_space *vm_space(struct vm *vm); /* GPA -> HPA */
uint64_t vm_memory_size(const struct vm *vm);
/* Whether assigned devices' interrupts are posted: posted_interrupts and apicv. */
bool vm_posts_interrupts(const struct vm *vm);

/* Adds a vCPU whose thread runs on `core`, which takes the hypervisor's own interrupts at `core_lapic`; returns its
 * index. */
unsigned vm_add_vcpu(struct vm *vm, struct cpu *core, struct lapic *core_lapic);
/* Starts all vCPUs: they enter the guest and halt until something is to do. */
void vm_start(struct vm *vm);
struct vcpu *vm_vcpu(struct vm *vm, unsigned index);
unsigned vm_vcpu_count(const struct vm *vm);
struct lapic *vcpu_lapic(struct vcpu *vcpu);
const struct vcpu_counters *vcpu_counters(const struct vcpu *vcpu);
/* Brings counters.time up to now. */
void vcpu_update_times(struct vcpu *vcpu);
/* For wave traces: 0 root mode or waiting for the core, 1 guest mode, 2 halt polling, 3 asleep. */
const uint32_t *vcpu_mode(const struct vcpu *vcpu);
bool vcpu_in_guest(const struct vcpu *vcpu);  /* in guest mode now */
bool vcpu_is_asleep(const struct vcpu *vcpu); /* halted and no longer polling: a wake-up is due */

/*
 * A trapped access: `guest` (running on this vCPU) leaves guest mode for `reason`; the vCPU's thread charges the exit's
 * site, then calls handler(thread, self) (NULL: nothing to do), which may take simulated time and ends by
 * cpu_return(thread); the vCPU re-enters and guest returns (cpu_return(guest)).
 *
 * Cycles: costs.exit has two halves, on the way out vcpu_exit_half(), on the way in vcpu_entry_half(); between them the
 * site's own (vcpu_site_cycles()). An exit handled in the kernel runs at CPU_HYPERVISOR up to the end of its handler,
 * one handled in user space at CPU_TASK; the entry half is CPU_TASK, so that what is due on the core comes first.
 * An exit to user space first carries out the coalesced writes (trapped.h).
 */
static inline int64_t vcpu_exit_half(const struct costs *costs)
{
    return (costs->exit + 1) / 2;
}

static inline int64_t vcpu_entry_half(const struct costs *costs)
{
    return costs->exit / 2;
}

/* What `site` costs on top of costs.exit [cycles]; nothing for reasons that leave nothing to decode: external interrupt,
 * interrupt window, preemption timer. */
int64_t vcpu_site_cycles(const struct costs *costs, enum exit_reason reason, enum exit_site site);

void vcpu_exit(struct vcpu *vcpu, struct cpu_context *guest, enum exit_reason reason, enum exit_site site,
               cpu_fn *handler, void *self);

/*
 * Interrupt delivery to a vCPU's virtual vector. `vcpu_interrupt_from`: from software (irqfd, line ioctl) that runs in
 * ctx on any core, and that has run vcpu_post_cycles() of its own: the vector is pending at once, and ctx pays for what
 * the vCPU's state at that moment asks for (below), CPU_INJECT; ends by cpu_return(ctx). `vcpu_interrupt`: the same at no price, for
 * the vCPU's own thread in root mode, which has nobody to tell. `vcpu_post`: from hardware, VT-d posting
 * (vm_posts_interrupts()), when the notification would arrive; the signature suits msi_route_posted(); `vcpu` is a
 * struct vcpu *.
 *
 * What comes of it, by the vCPU's state (facts B5):
 *                      APICv, software        APICv, posted           without APICv
 *     guest mode       notification IPI,      taken at once,          kick IPI: external-interrupt exit,
 *                      no exit                no exit                 injected at the entry
 *     root mode        taken at the entry     host acks, at the entry injected at the entry
 *     scheduled out    taken at the entry     no notification (SN)    injected at the entry
 *     halt polling     polling ends           host acks, polling ends polling ends
 *     asleep           thread woken           wake-up interrupt       thread woken
 * Injection waits while the guest has interrupts off: an interrupt-window exit follows when it turns them on.
 */
void vcpu_interrupt_from(struct cpu_context *ctx, struct vcpu *vcpu, unsigned vector);
void vcpu_interrupt(struct vcpu *vcpu, unsigned vector);
void vcpu_post(void *vcpu, unsigned vector);

/* What making a vector pending costs software [cycles]: pi_update with APICv. Telling the vCPU comes on top: ipi if it
 * is in guest mode, wakeup if it sleeps, unless it has been told of another vector and not yet looked. */
int64_t vcpu_post_cycles(const struct vcpu *vcpu);

/*
 * A guest's interprocessor interrupt: its write of the x2APIC's interrupt command register traps (MSR_WRITE, handled on
 * the fast path) with APICv, too, which virtualises an IPI to oneself alone; processors with IPI virtualisation are not
 * modelled. The sender's thread then delivers as any software does. Bound to the guest kernel's cpus
 * (kernel_cpu.send_ipi).
 */

/*
 * EOIs. Of an edge-triggered vector: without a trap under APICv, else a write of the x2APIC's EOI register, MSR_WRITE.
 * Of a level-triggered vector: EOI_INDUCED under APICv, else MSR_WRITE; then the listener is called: if its line is
 * still asserted it raises the vector again (resample). It takes no simulated time.
 */
typedef void vcpu_eoi_fn(struct vcpu *vcpu, unsigned vector, void *self);
void vcpu_set_eoi_listener(struct vcpu *vcpu, unsigned vector, vcpu_eoi_fn *fn, void *self);

/*
 * A physical interrupt that the host takes for a guest's device: handler for lapic_allocate() on a host core; charges the
 * host handler, then irqfd, then vcpu_interrupt_from(). For assigned devices without posting.
 */
struct vm_irq_forward {
    struct vcpu *vcpu;
    unsigned vector;
    const struct costs *costs;
};
cpu_fn vm_forward_interrupt; /* (ctx, struct vm_irq_forward *) */

/* The vCPU that a guest context runs on. */
struct vcpu *vcpu_of(const struct cpu_context *guest);

#endif
