/*
 * Threads of equal weight on one cpu as Linux' CFS has them (kernel/sched/fair.c up to 6.5): each has the time that it
 * had the cpu for; who had least goes next; who wakes up and is far enough behind the running one takes its place.
 */
#include "models/cpu/cpu_private.h"

/* For one cpu; Linux scales both by 1 + log2(min(cpus, 8)). */
#define WAKEUP_GRANULARITY SIM_MS
#define LATENCY (6 * SIM_MS)

void cpu_set_fair(struct cpu *cpu, unsigned cpus)
{
    unsigned counted = cpus < 8 ? cpus : 8;
    int64_t factor = counted > 0 ? 32 - __builtin_clz(counted) : 0;
    cpu->granularity = factor * WAKEUP_GRANULARITY;
    cpu->sleeper_credit = factor * LATENCY / 2;
}

void cpu_hold(struct cpu_context *thread, bool hold)
{
    thread->held = hold;
}

/* Has had the cpu and was not put behind others: what is on top of it, if anything, is no thread. */
static bool is_interrupted(const struct cpu *cpu, const struct cpu_context *ctx)
{
    return ctx && ctx == cpu->last_thread && ctx->state == CPU_READY && ctx->level == CPU_TASK && !ctx->waits;
}

static const struct cpu_context *thread_on(const struct cpu *cpu)
{
    if (cpu->current && cpu->current->home_level == CPU_TASK)
        return cpu->current;
    return is_interrupted(cpu, cpu->last_thread) ? cpu->last_thread : NULL;
}

/* What the thread that is on the cpu has had, the part not settled yet included [ps]. */
static sim_time had(const struct cpu *cpu, const struct cpu_context *thread)
{
    bool runs = thread == cpu->current && (!cpu->is_virtual || cpu_is_supplied(cpu));
    return thread->had + (runs ? core_under_way(cpu->core) : 0);
}

/* min_vruntime: never goes back. */
static void raise_floor(struct cpu *cpu)
{
    const struct cpu_context *on = thread_on(cpu);
    sim_time least = on ? had(cpu, on) : SIM_TIME_MAX;
    for (const struct cpu_context *at = cpu->queue[CPU_TASK].head; at; at = at->queue_next)
        if (at->had < least)
            least = at->had;
    if (least != SIM_TIME_MAX && least > cpu->floor)
        cpu->floor = least;
}

/* A sleeper comes back a little behind those that ran, however long it slept (place_entity()). */
void cpu_fair_place(struct cpu *cpu, struct cpu_context *thread)
{
    if (cpu->granularity == 0)
        return;
    raise_floor(cpu);
    if (thread->had < cpu->floor - cpu->sleeper_credit)
        thread->had = cpu->floor - cpu->sleeper_credit;
}

/* wakeup_preempt_entity() */
void cpu_fair_woken(struct cpu *cpu, const struct cpu_context *thread)
{
    const struct cpu_context *on = thread_on(cpu);
    if (cpu->granularity > 0 && on && had(cpu, on) - thread->had > cpu->granularity)
        cpu->resched = true;
}

/* An interrupted thread goes on; else who had least, the longest in the queue of equals, and not who has just yielded. */
struct cpu_context *cpu_fair_first(const struct cpu *cpu)
{
    struct cpu_context *first = cpu->queue[CPU_TASK].head, *least = NULL;
    if (cpu->granularity == 0)
        return first;
    if (is_interrupted(cpu, cpu->last_thread) && !cpu->resched)
        return cpu->last_thread;
    for (struct cpu_context *at = first; at; at = at->queue_next)
        if (at != cpu->yielded && (!least || at->had < least->had))
            least = at;
    return least ? least : first;
}
