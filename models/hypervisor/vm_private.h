/*
 * What the sources of models/hypervisor share: the structs behind vm.h. Nothing outside models/hypervisor includes
 * this.
 *
 * A vCPU's life is a cycle: guest mode (the thread's segments are the guest's) - vcpu_leave() with a reason - root
 * mode (the thread's segments are the hypervisor's) - vcpu_enter(), whose last step is guest mode again. A halted
 * vCPU is in root mode, polling or asleep. The thread's continuations below are all called in root mode.
 */
#ifndef MODELS_HYPERVISOR_VM_PRIVATE_H
#define MODELS_HYPERVISOR_VM_PRIVATE_H

#include "models/hypervisor/coalesced.h"
#include "models/hypervisor/trapped.h"
#include "models/hypervisor/vm.h"
#include "sim/assert.h"

enum { VCPU_NAME_MAX = 64, VCPU_VECTORS = 256 };

enum vcpu_mode {
    VCPU_ROOT,    /* hypervisor, or waiting for the core */
    VCPU_GUEST,   /* the guest runs */
    VCPU_POLLING, /* halted; a segment of the polling loop is under way */
    VCPU_ASLEEP,  /* halted; the thread is blocked */
};

struct vm_block {
    uint64_t hpa, size; /* [B] */
};

struct vm {
    struct sim *sim;
    struct hypervisor_config config;
    const struct costs *costs;
    struct memory *memory;
    int node;
    uint64_t memory_size; /* [B] */
    struct vm_block *blocks;
    size_t block_count, block_capacity;
    struct address_space *space;
    struct kernel kernel;
    struct coalesced_ring coalesced;
    struct vcpu *vcpus[KERNEL_CPUS_MAX];
    unsigned vcpu_count;
};

/* Expired timers of the guest that have not raised their vectors. */
enum { DUE_SLEEP = 1, DUE_TICK = 2 };

/* The timer has gone off: whatever is written to its register next differs. */
#define TIMER_FIRED (-SIM_PS)

/* What is left to do for a vector that software has made pending. */
enum vcpu_notice { NOTICE_NONE, NOTICE_IPI, NOTICE_WAKE };

struct vcpu_listener {
    vcpu_eoi_fn *fn;
    void *self;
};

struct vcpu {
    struct vm *vm;
    char name[VCPU_NAME_MAX];
    struct cpu_context thread;
    struct lapic *core_lapic;
    struct cpu *cpu; /* the virtual one */
    struct lapic *lapic;
    enum vcpu_mode mode;

    /* The exit being handled. */
    enum exit_reason reason;
    bool exited;               /* there is one: not so at the first entry */
    sim_time exit_start;       /* [ps] */
    struct cpu_context *guest; /* that trapped, NULL if the exit was not of its making */
    cpu_fn *handler;
    void *handler_self;
    struct trapped_call call;

    /* Interrupts. */
    bool on;                 /* the posted-interrupt descriptor's ON: a notification is on its way */
    bool posting;            /* lapic_raise() is being called by the posting hardware */
    bool sending;            /* ... by software that pays for what is left to do, */
    enum vcpu_notice notice; /* which is this */
    bool waking;             /* somebody is waking the thread */
    bool injected;           /* an injected vector has not seen its EOI */
    bool window;             /* the entry asked for an interrupt-window exit */
    unsigned eoi_vector;
    struct sim_event ipi;                             /* a notification or a kick on its way */
    unsigned ipi_vector, wakeup_vector, timer_vector; /* on core_lapic */
    struct vcpu_listener listeners[VCPU_VECTORS];

    /* Halts. */
    bool halted;         /* from HLT on until the thread goes for the entry */
    sim_time halt_poll;  /* [ps] how long to poll, as adapted so far */
    sim_time halt_start; /* [ps] */
    sim_time poll_stop;  /* [ps] */
    bool polled, slept;  /* in this halt */
    struct sim_event poll_end;

    /* Timers. */
    struct tick *tick;
    struct kernel_cpu *kernel_cpu; /* the guest kernel's view of it */
    sim_time tick_deadline;        /* [ps] of the guest's tick; SIM_TIME_MAX: stopped */
    sim_time deadline;             /* [ps] in the timer's register; SIM_TIME_MAX: none, TIMER_FIRED */
    uint8_t due;                   /* DUE_*: expired while not halted, in root mode the entry exits at once */
    uint8_t host_due;              /* DUE_*: expired while halted, the host's timer interrupt is on its way */

    struct vcpu_counters counters;
    sim_time counted,
        counted_wait; /* [ps] counters.time reach up to here; of it the thread has waited so long */
};

/* exit.c */
void vcpu_leave(struct vcpu *vcpu, enum exit_reason reason, enum exit_site site);
void vcpu_add_exit(struct vcpu *vcpu, enum exit_site site);
cpu_fn vcpu_leave_for_host; /* (thread, vcpu): the preempt hook */

/* vcpu.c */
void vcpu_create(struct vm *vm, struct cpu *core, struct lapic *core_lapic);
void vcpu_destroy(struct vcpu *vcpu);
void vcpu_enter(struct vcpu *vcpu);
bool vcpu_has_work(const struct vcpu *vcpu);
void vcpu_wake(struct vcpu *vcpu);

/* ipi.c */
void vcpu_ipi_init(struct vcpu *vcpu);

/* interrupt.c */
void vcpu_begin_sending(struct vcpu *vcpu);
void vcpu_end_sending(struct cpu_context *ctx, struct vcpu *vcpu); /* cpu_return(ctx) */
extern const struct lapic_ops vcpu_lapic_ops;
void vcpu_interrupts_init(struct vcpu *vcpu, uint16_t component);
bool vcpu_inject(struct vcpu *vcpu);

/* halt.c */
void vcpu_halt_init(struct vcpu *vcpu, uint16_t component);
cpu_fn vcpu_halt; /* (thread, vcpu): the guest has executed HLT */
void vcpu_stop_polling(struct vcpu *vcpu);

/* guest_tick.c */
void vcpu_timers_init(struct vcpu *vcpu, struct kernel_cpu *cpu);
void vcpu_timers_destroy(struct vcpu *vcpu);
void vcpu_timer_exit(struct vcpu *vcpu);
void vcpu_raise_due(struct vcpu *vcpu, uint8_t *due);

enum { VCPU_EVENT_IPI, VCPU_EVENT_POLL_END };

#endif
