#include "models/guest/wake.h"

#include "models/guest/kernel.h"

void sleeper_init(struct sleeper *sleeper, struct cpu_context *thread, struct kernel_cpu *cpu)
{
    *sleeper = (struct sleeper){.thread = thread, .cpu = cpu};
}

static void make_ready(struct sleeper *sleeper)
{
    sleeper->waking = false;
    if (cpu_is_blocked(sleeper->thread))
        cpu_wake(sleeper->thread);
}

void sleeper_wake_now(struct sleeper *sleeper)
{
    if (sleeper && !sleeper->waking)
        make_ready(sleeper);
}

/* ---- from another cpu ---- */

/* The idle task has the cpu, and no thread is to run next: nothing has set its need-resched flag. */
static bool is_idle(const struct kernel_cpu *cpu)
{
    return cpu_in_idle_loop(cpu->cpu) && !cpu_has_ready(cpu->cpu, CPU_TASK);
}

/* True if the list was empty. */
static bool wake_list_add(struct kernel_cpu *cpu, struct sleeper *sleeper)
{
    bool was_empty = !cpu->wake_head;
    sleeper->next = NULL;
    if (was_empty)
        cpu->wake_head = sleeper;
    else
        cpu->wake_tail->next = sleeper;
    cpu->wake_tail = sleeper;
    return was_empty;
}

void wake_list_interrupt(struct cpu_context *ctx, void *self)
{
    struct kernel_cpu *cpu = self;
    struct sleeper *sleeper = cpu->wake_head;
    cpu->wake_head = NULL;
    while (sleeper) {
        struct sleeper *next = sleeper->next;
        make_ready(sleeper);
        sleeper = next;
    }
    cpu_return(ctx);
}

static void woken(struct cpu_context *ctx, void *self)
{
    struct sleeper *sleeper = self;
    struct kernel_cpu *cpu = sleeper->cpu;
    bool remote = cpu && cpu->cpu != ctx->cpu && cpu->send_ipi;
    if (!remote || !is_idle(cpu) || !cpu_is_blocked(sleeper->thread)) {
        make_ready(sleeper);
        cpu_return(ctx);
    } else if (wake_list_add(cpu, sleeper)) {
        cpu->send_ipi(cpu, ctx, cpu->wake_vector, cpu->ipi_self);
    } else {
        cpu_return(ctx); /* the interrupt sent for the one before is on its way */
    }
}

void sleeper_wake(struct cpu_context *ctx, struct sleeper *sleeper, int64_t cycles)
{
    if (!sleeper || sleeper->waking || !cpu_is_blocked(sleeper->thread)) {
        cpu_return(ctx);
        return;
    }
    sleeper->waking = true;
    cpu_add(ctx, CPU_SCHED, SHARE_BATCH, cycles);
    cpu_run(ctx, woken, sleeper);
}
