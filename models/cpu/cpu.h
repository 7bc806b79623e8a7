/*
 * Processors and what runs on them.
 *
 * A struct cpu is anything that executes contexts one at a time, highest level first: a physical core, or
 * a vCPU, whose contexts advance only while the vCPU's thread runs in guest mode on some core. Drivers,
 * stacks and applications are written against contexts and do not know which of the two they are on.
 *
 * Contexts. A context is one flow of control: an interrupt handler, a softirq, a thread. It does work in
 * segments, in continuation-passing style:
 *
 *     cpu_add(ctx, CPU_STACK, SHARE_PACKET, 900);   parts of the next segment, in order
 *     cpu_add(ctx, CPU_COPY, SHARE_PACKET, 150);
 *     cpu_run(ctx, after_copy, self);               run them, then call after_copy(ctx, self)
 *
 * A segment's effect becomes visible when it ends, in the continuation; nothing before. A part's end is
 * known exactly afterwards (cpu_part_end()). Preemption by a higher level splits a segment's time and
 * changes nothing else. Within a level contexts run until they block, first come first served, except that
 * threads (CPU_TASK) rotate at the end of a segment once the running one has used its time slice, and share the
 * cpu fairly if it is asked to (cpu_set_fair()).
 *
 * Calls. A function that takes a context and may take simulated time ends by cpu_return(ctx). Its caller
 * says where to go on before the call:
 *
 *     cpu_push(ctx, after_write, self);
 *     device_write(access, ctx, reg, value);        ... later: after_write(ctx, self)
 *
 * A context is always in exactly one place: running a segment, ready, blocked, stalled on a register read,
 * or trapped (its vCPU is in root mode on its behalf). Code never touches a context that is not its own,
 * except to wake it.
 *
 * Time. A busy period starts when an idle cpu gets work, idle_wake later (the delay is idle time); a
 * segment ends at the busy period's start plus the cumulative cycles since, converted by
 * sim_cycles_to_time(). Preemption happens at a cycle boundary: the first, in whole picoseconds, at or
 * after the interrupt. A segment that ends at that very boundary has ended: its continuation is called
 * before the higher level runs. A stall ends the running count: the next segment is anchored anew at the
 * completion.
 *
 * Continuations are called by the cpu's own event, never from inside cpu_wake(), cpu_resume() or
 * cpu_run(). A continuation must decide what its context does next, exactly once: cpu_run(), cpu_block(),
 * cpu_yield(), cpu_stall(), cpu_trap(), cpu_supply(), or cpu_return() to a continuation that does.
 */
#ifndef MODELS_CPU_CPU_H
#define MODELS_CPU_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/account.h"
#include "sim/event.h"
#include "sim/sim.h"

enum cpu_level { CPU_TASK, CPU_SOFTIRQ, CPU_HYPERVISOR, CPU_HARDIRQ, CPU_LEVELS };

enum { CPU_PARTS_MAX = 12, CPU_CALLS_MAX = 12 };

struct cpu;
struct cpu_context;

typedef void cpu_fn(struct cpu_context *ctx, void *self);

struct cpu_call {
    cpu_fn *fn;
    void *self;
};

struct cpu_part {
    int64_t cycles;
    uint16_t account;
    uint8_t share;
};

enum cpu_state {
    CPU_BLOCKED, /* waits for cpu_wake() */
    CPU_READY,   /* has a segment or continuation, waits for the cpu */
    CPU_RUNNING, /* its segment is being executed (on a vCPU: is the guest's current one) */
    CPU_STALLED, /* holds the cpu, waits for cpu_resume() */
    CPU_TRAPPED, /* on a vCPU in root mode on its behalf; waits for cpu_resume() */
};

/* A flow of control. Lives in its owner's struct. All fields are private to models/cpu. */
struct cpu_context {
    struct cpu *cpu;
    const char *name; /* borrowed */
    enum cpu_state state;
    uint8_t level;         /* enum cpu_level of the current segment */
    uint8_t home_level;    /* where it starts when woken */
    bool wake_pending;     /* woken while not blocked: the next block returns at once */
    bool undecided;        /* its continuation is being called, or its segment was taken away */
    bool started;          /* its segment has been on the cpu */
    uint8_t part_count;    /* parts of the segment being built or run */
    uint8_t part_done;     /* parts fully charged */
    uint8_t part_ended;    /* parts of the last segment that ended */
    uint8_t calls;         /* depth of the continuation stack */
    int64_t left;          /* [cycles] of the segment still to run, switch_left included */
    int64_t switch_left;   /* [cycles] of a context switch to pay before the segment */
    sim_time slice_used;   /* [ps] on the cpu since it was last at the end of a queue */
    bool held;             /* cpu_hold() */
    sim_time had;          /* [ps] of the cpu, as fair scheduling counts it */
    bool waits;            /* ready, and another thread or nothing has the cpu */
    sim_time wait_start;   /* [ps] */
    sim_time waited;       /* [ps] in all waits that are over */
    struct cpu_work *work; /* where its time on the core is counted; NULL on a vCPU */
    struct cpu_part parts[CPU_PARTS_MAX];
    sim_time part_end[CPU_PARTS_MAX];
    struct cpu_call call[CPU_CALLS_MAX];
    struct cpu_call next; /* where to go when the segment ends or the block is over */
    struct cpu_context *queue_next;
    struct cpu *vcpu;     /* the vCPU this thread carries, if any */
    struct cpu *supplied; /* the same while the thread is in guest mode, else NULL */
    cpu_fn *preempt_hook; /* see cpu_set_preempt_hook() */
    void *preempt_self;
};

/* Parameters of a core. A thread is a context initialised at CPU_TASK; a switch is paid before anything
 * that the thread switched to does. */
struct cpu_core_config {
    int64_t hz;            /* [Hz] */
    int node;              /* NUMA node */
    sim_time idle_wake;    /* [ps] from an interrupt or wake-up on an idle core to its first cycle */
    int64_t switch_cycles; /* [cycles] a switch to another thread than the last one to run */
    sim_time slice;        /* [ps] a thread's time slice when others wait; 0 = runs until it blocks */
};

/* Creates a core called `name` ("host0.core3", copied); it lives until cpu_destroy(). */
struct cpu *cpu_core_create(struct sim *sim, const char *name, const struct cpu_core_config *config);
void cpu_destroy(struct cpu *cpu);

struct sim *cpu_sim(const struct cpu *cpu);
int64_t cpu_hz(const struct cpu *cpu);
int cpu_node(const struct cpu *cpu);
const char *cpu_name(const struct cpu *cpu);

/*
 * The core's ledger, brought up to date to now: a segment under way counts with its whole cycles and with
 * its time up to now, so that the sum is now exactly. Valid until the next call for this core; always at
 * the same place. A vCPU has none (our mistake to ask): its work is in the core's, as guest.
 */
const struct ledger *cpu_ledger(struct cpu *cpu);

/*
 * Conservation on a core since it was made, from counts that are kept apart from the ledger: its accounts and idle time
 * add up to `elapsed` [ps]; the accounts' cycles are those executed between the boundaries that were settled; those that
 * segments asked for are those executed, taken back, or left in contexts; and busy time is that of the cycles, within
 * the roundings to a picosecond (less than one a busy period, in an account one a charge). NULL if all of it holds, else
 * the law that is broken: "time: ...", "cycles: ...".
 */
const char *cpu_check(struct cpu *core, sim_time elapsed);

/* A core's mode, for wave traces: 0 idle, 1 waking up, 2 busy, 3 stalled on a register read. */
const uint32_t *cpu_mode(const struct cpu *core);

/* True if no context of this cpu is running or ready (nor stalled, nor trapped). */
bool cpu_is_idle(const struct cpu *cpu);

/* True if a context waits at `level`: at CPU_TASK, another thread wants the cpu. */
bool cpu_has_ready(const struct cpu *cpu, enum cpu_level level);

/*
 * How long a thread was runnable without having its cpu, until now [ps]: from its wake-up, or from when the cpu went to
 * another thread, until it has the cpu again (Linux' run_delay, which KVM reports to a guest as steal time). An
 * interrupt or softirq on top of a thread does not take the cpu from it.
 */
sim_time cpu_waited(const struct cpu_context *thread);

/* Sets what a context switch costs [cycles] and the time slice [ps, 0 = until it blocks] of this cpu's own
 * scheduler. A core has them from its configuration; a vCPU starts with 0 and 0. */
void cpu_set_scheduler(struct cpu *cpu, int64_t switch_cycles, sim_time slice);

/*
 * Fair scheduling of a cpu's threads as Linux does it by default on a machine of `cpus` processors: whoever had the cpu
 * least goes next when a time slice is over or a thread blocks, and a thread that wakes up takes the place of the
 * running one if that has had more by over the wake-up granularity, (1 + log2(min(cpus, 8))) ms, at the end of its
 * segment. A long sleep counts for at most three times as much. 0, as at first: first come, first served.
 */
void cpu_set_fair(struct cpu *cpu, unsigned cpus);

/* While held a thread is not rotated: it is where its kernel does not reschedule. Higher levels preempt it all the
 * same. */
void cpu_hold(struct cpu_context *thread, bool hold);

/*
 * A hook on the idle loop, as Linux has it: called with idle = true when nothing is left to run (before a
 * vCPU executes HLT), and with idle = false when the first thread is about to run since; interrupts and
 * softirqs alone do not leave the idle loop. The hook may wake contexts, which then run first. A cpu
 * starts in its idle loop.
 */
typedef void cpu_idle_fn(struct cpu *cpu, bool idle, void *self);
void cpu_set_idle_hook(struct cpu *cpu, cpu_idle_fn *hook, void *self);
bool cpu_in_idle_loop(const struct cpu *cpu);

/* Prepares a blocked context on `cpu`; the first cpu_wake() calls entry(ctx, self). */
void cpu_context_init(struct cpu_context *ctx, struct cpu *cpu, const char *name, enum cpu_level level,
                      cpu_fn *entry, void *self);

/* Appends a part to the context's next segment; 0 cycles are dropped. Category becomes a host or guest
 * account by the kind of cpu. At most CPU_PARTS_MAX a segment, dropped ones included. */
void cpu_add(struct cpu_context *ctx, enum cpu_category category, enum cpu_share share, int64_t cycles);

/* Appends a part charged to VM exits of `reason` (0 .. 79), SHARE_BATCH. */
void cpu_add_exit(struct cpu_context *ctx, int reason, int64_t cycles);

/* Runs the parts added so far at the context's current level, then calls next(ctx, self). A segment without
 * parts ends at once, but never inside this call. */
void cpu_run(struct cpu_context *ctx, cpu_fn *next, void *self);

/* As cpu_run(), at another level from this segment on: CPU_HARDIRQ cannot be preempted. */
void cpu_run_at(struct cpu_context *ctx, enum cpu_level level, cpu_fn *next, void *self);

/* When part `index` of the segment that has just ended was done [ps]; index counts cpu_add() calls of the
 * segment, dropped ones included (a dropped part ends with its predecessor). */
sim_time cpu_part_end(const struct cpu_context *ctx, unsigned index);

/* Pushes a continuation / pops and calls it. */
void cpu_push(struct cpu_context *ctx, cpu_fn *fn, void *self);
void cpu_return(struct cpu_context *ctx);

/* Gives up the cpu until cpu_wake(); then next(ctx, self), at the level the context was initialised with.
 * Parts added before are run first by the caller (so, too, before cpu_yield(), cpu_stall() and
 * cpu_trap()). */
void cpu_block(struct cpu_context *ctx, cpu_fn *next, void *self);

/* Makes a blocked context ready; if it is not blocked, its next block returns at once. May be called from
 * anywhere at any time. Returns true if it was blocked. */
bool cpu_wake(struct cpu_context *ctx);

/* True while it waits for cpu_wake(). */
static inline bool cpu_is_blocked(const struct cpu_context *ctx)
{
    return ctx->state == CPU_BLOCKED;
}

/* Lets other threads of this level run first, then goes on with next (a thread's cond_resched()). */
void cpu_yield(struct cpu_context *ctx, cpu_fn *next, void *self);

/* True if another thread is ready to run on this one's cpu (not single_task_running()). */
bool cpu_others_wait(const struct cpu_context *thread);

/* Holds the cpu without cycles until cpu_resume(), charged as CPU_STALL: a register read in flight. Nothing
 * preempts a stall. */
void cpu_stall(struct cpu_context *ctx, cpu_fn *next, void *self);
void cpu_resume(struct cpu_context *ctx);

/*
 * A hook that is called, instead of preempting at once, when a higher level becomes ready while ctx runs at
 * CPU_TASK, or when its time slice is over and it has to make room for another thread. It is called at the
 * cycle boundary of the preemption. The vCPU uses it to leave guest mode first: the hook of a thread that
 * carries a vCPU is called in guest mode only. The hook must take the segment away (cpu_split(),
 * cpu_unsupply()) and decide what ctx does next, or let the segment go on; after it returns the preemption
 * is decided anew, without asking the hook again.
 */
void cpu_set_preempt_hook(struct cpu_context *ctx, cpu_fn *hook, void *self);

/*
 * Ends the running or preempted segment of ctx (not stalled, not blocked) now, at the next cycle boundary:
 * what was executed is charged; what is left of its parts is written to `rest` (CPU_PARTS_MAX entries;
 * dropped parts left out) and their number returned. The caller must then decide, before it returns, what
 * ctx does next, as ctx's continuation would; that starts at the boundary. May be called from anywhere: a
 * spinning context (halt polling, busy polling) is stopped by it. On a thread in guest mode it is
 * cpu_unsupply().
 */
unsigned cpu_split(struct cpu_context *ctx, struct cpu_part *rest);

/*
 * vCPU supply: creates a cpu whose contexts run as segments of `thread` (a context on a core). The vCPU
 * starts suspended. While it is supplied (cpu_supply()), its highest ready context's segment runs as the
 * thread's; when none is ready, the vCPU is unsupplied and on_idle(thread, self) is called: the guest
 * executes HLT.
 *
 * cpu_supply() is one way for the thread to decide what to do next; it puts the thread at the level it was
 * initialised with. cpu_unsupply() takes the supply away at the next cycle boundary and keeps the rest of
 * the guest's segment for later; the caller must then decide, before it returns, what the thread does
 * next, which starts at that boundary. It may be called from anywhere at any time (if the guest is
 * stalled, the boundary is the completion; if the thread is preempted, it is where it stopped) and does
 * nothing if the vCPU is not supplied. A vCPU is not to be supplied while its context is trapped.
 */
struct cpu *cpu_virtual_create(struct sim *sim, const char *name, struct cpu_context *thread, cpu_fn *on_idle,
                               void *self);
void cpu_supply(struct cpu *vcpu);
void cpu_unsupply(struct cpu *vcpu);
bool cpu_is_virtual(const struct cpu *cpu);
bool cpu_is_supplied(const struct cpu *vcpu);

/* A hook that is called, as hook(thread, self) from inside cpu_wake(), when a context becomes ready while
 * the vCPU is not supplied: a halted vCPU has work. It may be called when the hypervisor knows already. */
void cpu_set_ready_hook(struct cpu *vcpu, cpu_fn *hook, void *self);

/*
 * For a trapped access: the running guest context ctx stops at this instruction (state CPU_TRAPPED) and
 * the vCPU is unsupplied; the caller decides what the thread does next: it runs the exit's segments.
 * cpu_resume(ctx) marks the guest context runnable again; it goes on with next(ctx, self) when the vCPU is
 * next supplied, before anything of its own level or below.
 */
void cpu_trap(struct cpu_context *ctx, cpu_fn *next, void *self);

/* The thread that carries a virtual cpu. */
struct cpu_context *cpu_thread(const struct cpu *vcpu);

#endif
