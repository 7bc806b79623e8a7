/*
 * High-resolution timers, as hrtimer_interrupt() and its friends have them: the local timer is programmed for whatever
 * ends first, and programmed anew when that changes, which is always so when it has gone off.
 */
#include "models/guest/timer.h"

#include "sim/assert.h"

void kernel_timer_init(struct kernel_timer *timer, struct kernel_cpu *cpu, struct cpu_context *sleeper)
{
    *timer = (struct kernel_timer){.cpu = cpu, .sleeper = sleeper};
}

sim_time kernel_cpu_deadline(const struct kernel_cpu *cpu)
{
    return cpu->armed ? cpu->armed->when : SIM_TIME_MAX;
}

static void program(struct kernel_cpu *cpu, struct cpu_context *ctx)
{
    if (cpu->program_timer)
        cpu->program_timer(cpu, ctx, cpu->timer_self);
    else
        cpu_return(ctx);
}

/* ---- arming ---- */

void kernel_timer_arm(struct kernel_timer *timer, struct cpu_context *ctx, sim_time when)
{
    struct kernel_timer **place = &timer->cpu->armed;
    SIM_ASSERT(!timer->is_armed && when < SIM_TIME_MAX);
    while (*place && (*place)->when <= when)
        place = &(*place)->later;
    timer->is_armed = true;
    timer->when = when;
    timer->later = *place;
    *place = timer;
    program(timer->cpu, ctx);
}

static void disarm(struct kernel_timer *timer)
{
    struct kernel_timer **place = &timer->cpu->armed;
    if (!timer->is_armed)
        return;
    while (*place != timer)
        place = &(*place)->later;
    *place = timer->later;
    timer->is_armed = false;
}

void kernel_timer_cancel(struct kernel_timer *timer, struct cpu_context *ctx)
{
    if (!timer->is_armed) {
        cpu_return(ctx);
        return;
    }
    disarm(timer);
    program(timer->cpu, ctx);
}

/* ---- expiry ---- */

void kernel_timer_expire(struct kernel_timer *timer)
{
    struct kernel_cpu *cpu = timer->cpu;
    disarm(timer);
    if (timer->due)
        return;
    timer->due = true;
    timer->next = NULL;
    if (cpu->due_head)
        cpu->due_tail->next = timer;
    else
        cpu->due_head = timer;
    cpu->due_tail = timer;
    if (cpu->timer_expired)
        cpu->timer_expired(cpu, cpu->timer_self);
    else
        lapic_raise(cpu->lapic, cpu->timer_vector);
}

static void next_sleep(struct cpu_context *ctx, void *self);

static void sleep_over(struct cpu_context *ctx, void *self)
{
    struct kernel_cpu *cpu = self;
    if (cpu_is_blocked(cpu->waking))
        cpu_wake(cpu->waking);
    next_sleep(ctx, cpu);
}

/* The next thread whose sleep is over; one that is not asleep any more has nothing to be woken from. */
static void next_sleep(struct cpu_context *ctx, void *self)
{
    struct kernel_cpu *cpu = self;
    struct kernel_timer *timer = cpu->due_head;
    if (!timer) {
        program(cpu, ctx);
        return;
    }
    cpu->due_head = timer->next;
    timer->due = false;
    cpu->waking = timer->sleeper;
    if (cpu_is_blocked(timer->sleeper))
        cpu_add(ctx, CPU_SCHED, SHARE_PACKET, cpu->kernel->costs->wakeup);
    cpu_run(ctx, sleep_over, cpu);
}

void kernel_timer_interrupt(struct cpu_context *ctx, void *self)
{
    next_sleep(ctx, self);
}
