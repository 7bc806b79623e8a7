#include <stdlib.h>
#include <string.h>

#include "models/cpu/cpu_private.h"

void cpu_scheduler_init(struct cpu *cpu, struct sim *sim, const char *name)
{
    cpu->sim = sim;
    cpu->idle_loop = true;
    cpu->name = strdup(name);
    SIM_ASSERT(cpu->name != NULL);
}

void cpu_enqueue(struct cpu *cpu, struct cpu_context *ctx)
{
    struct context_queue *queue = &cpu->queue[ctx->level];
    ctx->state = CPU_READY;
    ctx->slice_used = 0;
    ctx->queue_next = NULL;
    if (queue->head)
        queue->tail->queue_next = ctx;
    else
        queue->head = ctx;
    queue->tail = ctx;
    cpu->ready |= 1u << ctx->level;
}

void cpu_enqueue_front(struct cpu *cpu, struct cpu_context *ctx)
{
    struct context_queue *queue = &cpu->queue[ctx->level];
    ctx->state = CPU_READY;
    ctx->queue_next = queue->head;
    queue->head = ctx;
    if (!ctx->queue_next)
        queue->tail = ctx;
    cpu->ready |= 1u << ctx->level;
}

void cpu_dequeue(struct cpu *cpu, struct cpu_context *ctx)
{
    struct context_queue *queue = &cpu->queue[ctx->level];
    struct cpu_context *before = NULL;
    for (struct cpu_context *at = queue->head; at != ctx; at = at->queue_next) {
        SIM_ASSERT(at != NULL);
        before = at;
    }
    if (before)
        before->queue_next = ctx->queue_next;
    else
        queue->head = ctx->queue_next;
    if (queue->tail == ctx)
        queue->tail = before;
    if (!queue->head)
        cpu->ready &= ~(1u << ctx->level);
    ctx->queue_next = NULL;
}

static unsigned highest_level(unsigned ready)
{
    return 31u - (unsigned)__builtin_clz(ready);
}

/* True between two segments, a guest's included: where threads rotate. */
static bool between_segments(const struct cpu_context *ctx)
{
    const struct cpu_context *leaf = ctx->supplied ? ctx->supplied->current : ctx;
    return !leaf || !leaf->started;
}

/* Its slice is over, or a thread that woke up is to have the cpu. */
static bool has_to_rotate(const struct cpu *cpu, const struct cpu_context *ctx)
{
    if (ctx->level != CPU_TASK || !(cpu->ready & 1u << CPU_TASK) || ctx->held)
        return false;
    bool over = cpu->slice > 0 && ctx->slice_used >= cpu->slice;
    return (over || cpu->resched) && between_segments(ctx);
}

bool cpu_must_give_way(const struct cpu *cpu)
{
    if (!cpu->current || !cpu->ready)
        return false;
    return highest_level(cpu->ready) > cpu->current->level || has_to_rotate(cpu, cpu->current);
}

/* The hook may make other contexts ready. */
static bool leave_idle_loop(struct cpu *cpu)
{
    cpu->idle_loop = false;
    if (!cpu->idle_hook)
        return false;
    cpu->idle_hook(cpu, false, cpu->idle_self);
    return true;
}

bool cpu_enter_idle_loop(struct cpu *cpu)
{
    if (cpu->idle_loop)
        return false;
    cpu->idle_loop = true;
    if (!cpu->idle_hook)
        return false;
    cpu->idle_hook(cpu, true, cpu->idle_self);
    return true;
}

void cpu_start_wait(struct cpu_context *thread)
{
    thread->waits = true;
    thread->wait_start = sim_now(thread->cpu->sim);
}

sim_time cpu_waited(const struct cpu_context *thread)
{
    return thread->waited + (thread->waits ? sim_now(thread->cpu->sim) - thread->wait_start : 0);
}

static void end_wait(struct cpu_context *thread)
{
    thread->waited = cpu_waited(thread);
    thread->waits = false;
}

static void switch_to_thread(struct cpu *cpu, struct cpu_context *ctx)
{
    end_wait(ctx);
    if (cpu->last_thread && cpu->last_thread != ctx) {
        if (cpu->last_thread->state == CPU_READY && !cpu->last_thread->waits)
            cpu_start_wait(cpu->last_thread);
        cpu->core->counts.asked += cpu->switch_cycles - ctx->switch_left;
        ctx->left += cpu->switch_cycles - ctx->switch_left;
        ctx->switch_left = cpu->switch_cycles;
    }
    cpu->last_thread = ctx;
}

static struct cpu_context *choose(struct cpu *cpu, unsigned level)
{
    if (level != CPU_TASK)
        return cpu->queue[level].head;
    struct cpu_context *thread = cpu_fair_first(cpu);
    cpu->resched = false;
    cpu->yielded = NULL;
    return thread;
}

static struct cpu_context *take_first(struct cpu *cpu)
{
    while (cpu->ready) {
        unsigned level = highest_level(cpu->ready);
        if (level == CPU_TASK && cpu->idle_loop && leave_idle_loop(cpu))
            continue;
        struct cpu_context *ctx = choose(cpu, level);
        cpu_dequeue(cpu, ctx);
        ctx->state = CPU_RUNNING;
        cpu->current = ctx;
        if (ctx->home_level == CPU_TASK)
            switch_to_thread(cpu, ctx);
        return ctx;
    }
    return NULL;
}

void cpu_put_back(struct cpu *cpu, struct cpu_context *thread)
{
    cpu_enqueue(cpu, thread);
    if (thread->home_level == CPU_TASK)
        cpu_start_wait(thread);
}

/* Makes the context that is to run now the current one; NULL if there is none. */
struct cpu_context *cpu_pick(struct cpu *cpu)
{
    if (cpu->current) {
        if (!cpu_must_give_way(cpu))
            return cpu->current;
        if (highest_level(cpu->ready) > cpu->current->level)
            cpu_enqueue_front(cpu, cpu->current);
        else
            cpu_put_back(cpu, cpu->current);
        cpu->current = NULL;
    }
    return take_first(cpu);
}

bool cpu_is_idle(const struct cpu *cpu)
{
    return !cpu->current && !cpu->ready;
}

bool cpu_has_ready(const struct cpu *cpu, enum cpu_level level)
{
    return cpu->ready >> level & 1;
}

void cpu_set_scheduler(struct cpu *cpu, int64_t switch_cycles, sim_time slice)
{
    SIM_ASSERT(switch_cycles >= 0 && slice >= 0);
    cpu->switch_cycles = switch_cycles;
    cpu->slice = slice;
}

void cpu_set_idle_hook(struct cpu *cpu, cpu_idle_fn *hook, void *self)
{
    SIM_ASSERT(!cpu->idle_hook || !hook);
    cpu->idle_hook = hook;
    cpu->idle_self = self;
}

bool cpu_in_idle_loop(const struct cpu *cpu)
{
    return cpu->idle_loop;
}

struct sim *cpu_sim(const struct cpu *cpu)
{
    return cpu->sim;
}

const char *cpu_name(const struct cpu *cpu)
{
    return cpu->name;
}

bool cpu_is_virtual(const struct cpu *cpu)
{
    return cpu->is_virtual;
}
