/*
 * What the sources of models/cpu share: the structs behind cpu.h. Nothing outside models/cpu includes this.
 *
 * A struct cpu is the scheduler, equal on a core and on a vCPU: the current context and a queue a level. A
 * core adds time: a clock, one event, the ledger. A vCPU adds the thread that carries it. The leaf is the
 * context whose segment a core executes: the core's current context, or the current context of the vCPU it
 * carries.
 *
 * A core executes cycles since its anchor. `done` of them are settled: charged to the ledger, which
 * therefore reaches up to `settled`, the time of cycle boundary `done`. While a leaf runs, the event is
 * pending at cycle boundary `target`: the segment's end or where it is to be preempted. Outside the
 * event's callback the core is touched in three ways only: core_poke() when more important work has come,
 * core_detach() when the leaf's segment is taken away, and the end of a stall.
 */
#ifndef MODELS_CPU_CPU_PRIVATE_H
#define MODELS_CPU_CPU_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/cpu.h"
#include "models/cpu/work.h"
#include "sim/assert.h"

struct core;

struct context_queue {
    struct cpu_context *head;
    struct cpu_context *tail;
};

struct cpu {
    struct sim *sim;
    struct core *core; /* which core executes it: itself, or that of the vCPU's thread */
    bool is_virtual;
    bool idle_loop;              /* no thread has run since there was nothing to run */
    uint16_t accounts;           /* ACCOUNT_HOST or ACCOUNT_GUEST */
    unsigned ready;              /* a bit a level whose queue is not empty */
    struct cpu_context *current; /* RUNNING, STALLED or TRAPPED; in no queue */
    struct context_queue queue[CPU_LEVELS];
    struct cpu_context *last_thread;
    struct cpu_context *yielded; /* last, until a thread is taken */
    int64_t switch_cycles;
    sim_time slice;
    sim_time granularity;    /* [ps] of wake-ups that preempt; 0: first come, first served */
    sim_time sleeper_credit; /* [ps] */
    sim_time floor;          /* [ps] what every thread that did not sleep has had */
    bool resched;            /* one that woke up is to have the cpu */
    cpu_idle_fn *idle_hook;
    void *idle_self;
    char *name;
};

/*
 * A clock of hz in lowest terms: `den` cycles take `num` picoseconds exactly. Boundaries are those of
 * sim_cycles_to_time(); up to `safe` cycles 64 bits and a multiplication by the reciprocal do.
 */
struct core_clock {
    int64_t hz;
    int64_t num;
    int64_t den;
    uint64_t inverse; /* floor((2^64 - 1) / den) */
    int64_t safe;
};

enum core_mode {
    CORE_IDLE,    /* nothing to run, event not pending */
    CORE_WAKING,  /* event pending at the start of the busy period */
    CORE_BUSY,    /* event pending, except while it is being served */
    CORE_STALLED, /* a context waits for a register read, event not pending */
};

/* Kept apart from the ledger, to be held against it: cpu_check(). */
struct core_counts {
    int64_t asked;     /* [cycles] of segments decided and of switches */
    int64_t withdrawn; /* [cycles] of them taken back unexecuted */
    int64_t parked;    /* [cycles] of switches that blocked threads have yet to pay */
    int64_t executed;  /* [cycles] between the boundaries that were settled */
    int64_t charges;   /* each of which rounds to a picosecond */
    int64_t anchors;   /* likewise */
};

struct core {
    struct cpu cpu;
    struct core_clock clock;
    struct sim_event event;
    enum core_mode mode;
    bool dispatching;            /* the event is being served */
    struct cpu_context *running; /* the leaf whose segment is under way, else NULL */
    sim_time anchor;             /* [ps] */
    int64_t done;                /* [cycles] since anchor, settled */
    int64_t target;              /* [cycles] since anchor, where the event is pending */
    sim_time settled;            /* [ps] the ledger reaches up to here */
    uint16_t last_account;       /* charged last, and its share: the straddling cycle's after a detach */
    uint8_t last_share;
    uint16_t stall_account;
    sim_time idle_wake;
    int node;
    struct core_counts counts;
    struct vcpu *vcpus; /* whose threads are its contexts */
    struct ledger ledger;
    struct ledger view;                  /* what cpu_ledger() shows */
    struct cpu_work *works, *works_last; /* all, in order */
    struct cpu_work *last_work;          /* whose the last time charged was */
};

struct vcpu {
    struct cpu cpu;
    struct cpu_context *thread;
    cpu_fn *on_idle;
    void *on_idle_self;
    cpu_fn *ready_hook;
    void *ready_self;
    struct vcpu *next; /* on the core */
};

static inline struct vcpu *vcpu_of(struct cpu *cpu)
{
    SIM_ASSERT(cpu->is_virtual);
    return (struct vcpu *)cpu;
}

static inline const struct vcpu *vcpu_of_const(const struct cpu *cpu)
{
    SIM_ASSERT(cpu->is_virtual);
    return (const struct vcpu *)cpu;
}

/* sim_cycles_to_time(cycles, clock->hz), faster. */
static inline sim_time core_clock_time(const struct core_clock *clock, int64_t cycles)
{
    if (cycles > clock->safe)
        return sim_cycles_to_time(cycles, clock->hz);
    uint64_t dividend = (uint64_t)cycles * (uint64_t)clock->num + (uint64_t)clock->den - 1;
    uint64_t quotient = (uint64_t)(((unsigned __int128)dividend * clock->inverse) >> 64);
    uint64_t remainder = dividend - quotient * (uint64_t)clock->den;
    while (remainder >= (uint64_t)clock->den) { /* at most twice: the reciprocal was rounded down */
        remainder -= (uint64_t)clock->den;
        quotient++;
    }
    return (sim_time)quotient;
}

static inline bool context_has_work(const struct cpu_context *ctx)
{
    return ctx->left > 0;
}

/* clock.c */
struct core_clock core_clock_make(int64_t hz);
int64_t core_clock_boundary(const struct core_clock *clock, sim_time span); /* first at or after span */
int64_t core_clock_complete(const struct core_clock *clock, sim_time span); /* cycles over by span */

/* schedule.c */
void cpu_scheduler_init(struct cpu *cpu, struct sim *sim, const char *name);
void cpu_enqueue(struct cpu *cpu, struct cpu_context *ctx);
void cpu_enqueue_front(struct cpu *cpu, struct cpu_context *ctx);
void cpu_dequeue(struct cpu *cpu, struct cpu_context *ctx);
bool cpu_must_give_way(const struct cpu *cpu);
struct cpu_context *cpu_pick(struct cpu *cpu);
bool cpu_enter_idle_loop(struct cpu *cpu);
void cpu_start_wait(struct cpu_context *thread);
void cpu_put_back(struct cpu *cpu, struct cpu_context *thread); /* behind the others */

/* fair.c */
void cpu_fair_place(struct cpu *cpu, struct cpu_context *thread);
void cpu_fair_woken(struct cpu *cpu, const struct cpu_context *thread);
struct cpu_context *cpu_fair_first(const struct cpu *cpu);

/* core.c */
sim_time core_under_way(const struct core *core); /* [ps] not settled yet, of what runs or stalls */
struct core *core_of(struct cpu *cpu);
void core_poke(struct core *core);
void core_detach(struct core *core);
void core_stall(struct core *core, uint16_t account);
void core_end_stall(struct core *core);

/* ledger.c */
void core_settle(struct core *core, int64_t target);
void core_charge_stall(struct core *core, sim_time now);
void core_charge_idle(struct core *core, sim_time now);

/* work.c */
void core_set_work(struct cpu_context *ctx, const char *owner);
void core_free_work(struct core *core);
void core_show_work(struct core *core, sim_time under_way);

/* context.c */
void context_take_segment(struct cpu_context *ctx);

/* virtual.c */
void vcpu_context_ready(struct cpu *cpu, const struct cpu_context *ctx);
struct cpu_context *vcpu_leaf(struct cpu_context *thread);
void vcpu_unlink(struct vcpu *vcpu);

#endif
