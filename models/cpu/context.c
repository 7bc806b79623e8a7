#include <string.h>

#include "models/cpu/cpu_private.h"

void cpu_context_init(struct cpu_context *ctx, struct cpu *cpu, const char *name, enum cpu_level level,
                      cpu_fn *entry, void *self)
{
    SIM_ASSERT((unsigned)level < CPU_LEVELS);
    memset(ctx, 0, sizeof(*ctx));
    ctx->cpu = cpu;
    ctx->name = name;
    ctx->state = CPU_BLOCKED;
    ctx->level = level;
    ctx->home_level = level;
    ctx->next = (struct cpu_call){entry, self};
    core_set_work(ctx, "");
}

/* Leaves ctx without a segment: its owner is about to decide what it does next. */
void context_take_segment(struct cpu_context *ctx)
{
    ctx->part_ended = ctx->part_done;
    ctx->part_count = 0;
    ctx->part_done = 0;
    ctx->left = ctx->switch_left;
    ctx->started = false;
    ctx->undecided = true;
}

static void decide(struct cpu_context *ctx, cpu_fn *next, void *self)
{
    SIM_ASSERT(ctx->undecided);
    ctx->undecided = false;
    ctx->cpu->core->counts.asked += ctx->left - ctx->switch_left;
    ctx->next = (struct cpu_call){next, self};
}

static void append_part(struct cpu_context *ctx, int account, enum cpu_share share, int64_t cycles)
{
    SIM_ASSERT(ctx->undecided && ctx->part_count < CPU_PARTS_MAX && cycles >= 0);
    ctx->parts[ctx->part_count++] = (struct cpu_part){cycles, (uint16_t)account, (uint8_t)share};
    ctx->left += cycles;
}

void cpu_add(struct cpu_context *ctx, enum cpu_category category, enum cpu_share share, int64_t cycles)
{
    append_part(ctx, ctx->cpu->accounts + (int)category, share, cycles);
}

void cpu_add_exit(struct cpu_context *ctx, int reason, int64_t cycles)
{
    SIM_ASSERT(reason >= 0 && reason < ACCOUNTS - ACCOUNT_EXIT);
    append_part(ctx, ACCOUNT_EXIT + reason, SHARE_BATCH, cycles);
}

void cpu_run(struct cpu_context *ctx, cpu_fn *next, void *self)
{
    decide(ctx, next, self);
}

/* Lets the cpu know of a context that has become ready or more important. */
static void became_ready(struct cpu_context *ctx)
{
    struct cpu *cpu = ctx->cpu;
    if (cpu->is_virtual)
        vcpu_context_ready(cpu, ctx);
    else if (!cpu->current || ctx->level > cpu->current->level)
        core_poke(cpu->core);
}

/* Decided for from outside while it waited in a queue, a context changes queues. */
static void change_level(struct cpu_context *ctx, enum cpu_level level)
{
    bool queued = ctx->state == CPU_READY;
    if (queued)
        cpu_dequeue(ctx->cpu, ctx);
    ctx->level = level;
    if (queued) {
        cpu_enqueue_front(ctx->cpu, ctx);
        became_ready(ctx);
    }
}

void cpu_run_at(struct cpu_context *ctx, enum cpu_level level, cpu_fn *next, void *self)
{
    SIM_ASSERT((unsigned)level < CPU_LEVELS);
    decide(ctx, next, self);
    if (ctx->level != level)
        change_level(ctx, level);
}

sim_time cpu_part_end(const struct cpu_context *ctx, unsigned index)
{
    SIM_ASSERT(index < ctx->part_ended);
    return ctx->part_end[index];
}

void cpu_push(struct cpu_context *ctx, cpu_fn *fn, void *self)
{
    SIM_ASSERT(ctx->calls < CPU_CALLS_MAX);
    ctx->call[ctx->calls++] = (struct cpu_call){fn, self};
}

void cpu_return(struct cpu_context *ctx)
{
    SIM_ASSERT(ctx->calls > 0 && ctx->undecided);
    struct cpu_call call = ctx->call[--ctx->calls];
    call.fn(ctx, call.self);
}

/* Takes ctx off the cpu, wherever it is. */
static void leave_cpu(struct cpu_context *ctx)
{
    if (ctx->state == CPU_READY)
        cpu_dequeue(ctx->cpu, ctx);
    else
        ctx->cpu->current = NULL;
}

void cpu_block(struct cpu_context *ctx, cpu_fn *next, void *self)
{
    SIM_ASSERT(ctx->part_count == 0);
    if (ctx->wake_pending) {
        ctx->wake_pending = false;
        cpu_run_at(ctx, ctx->home_level, next, self);
        return;
    }
    decide(ctx, next, self);
    leave_cpu(ctx);
    ctx->state = CPU_BLOCKED;
    ctx->cpu->core->counts.parked += ctx->left;
}

bool cpu_wake(struct cpu_context *ctx)
{
    if (ctx->state != CPU_BLOCKED) {
        ctx->wake_pending = true;
        return false;
    }
    ctx->level = ctx->home_level;
    ctx->cpu->core->counts.parked -= ctx->left;
    if (ctx->home_level == CPU_TASK)
        cpu_fair_place(ctx->cpu, ctx);
    cpu_put_back(ctx->cpu, ctx);
    if (ctx->home_level == CPU_TASK)
        cpu_fair_woken(ctx->cpu, ctx);
    became_ready(ctx);
    return true;
}

void cpu_yield(struct cpu_context *ctx, cpu_fn *next, void *self)
{
    SIM_ASSERT(ctx->part_count == 0);
    decide(ctx, next, self);
    leave_cpu(ctx);
    cpu_put_back(ctx->cpu, ctx);
    ctx->cpu->yielded = ctx;
}

bool cpu_others_wait(const struct cpu_context *thread)
{
    const struct cpu_context *first = thread->cpu->queue[CPU_TASK].head;
    return first && (first != thread || first->queue_next);
}

/* True if the core would execute ctx now: it is where a register can be read. */
static bool on_core(const struct cpu_context *ctx)
{
    const struct cpu *cpu = ctx->cpu;
    if (cpu->current != ctx)
        return false;
    return !cpu->is_virtual || (cpu_is_supplied(cpu) && cpu->core->cpu.current == cpu_thread(cpu));
}

void cpu_stall(struct cpu_context *ctx, cpu_fn *next, void *self)
{
    SIM_ASSERT(ctx->part_count == 0 && on_core(ctx));
    decide(ctx, next, self);
    ctx->state = CPU_STALLED;
    core_stall(ctx->cpu->core, ctx->cpu->accounts + CPU_STALL);
}

void cpu_resume(struct cpu_context *ctx)
{
    SIM_ASSERT(ctx->state == CPU_STALLED || ctx->state == CPU_TRAPPED);
    bool stalled = ctx->state == CPU_STALLED;
    ctx->state = CPU_RUNNING;
    if (stalled)
        core_end_stall(ctx->cpu->core);
}

void cpu_set_preempt_hook(struct cpu_context *ctx, cpu_fn *hook, void *self)
{
    ctx->preempt_hook = hook;
    ctx->preempt_self = self;
}

static unsigned copy_rest(const struct cpu_context *ctx, struct cpu_part *rest)
{
    unsigned count = 0;
    for (unsigned i = ctx->part_done; i < ctx->part_count; i++)
        if (ctx->parts[i].cycles > 0)
            rest[count++] = ctx->parts[i];
    return count;
}

unsigned cpu_split(struct cpu_context *ctx, struct cpu_part *rest)
{
    SIM_ASSERT((ctx->state == CPU_RUNNING || ctx->state == CPU_READY) && !ctx->undecided);
    if (ctx->supplied) {
        cpu_unsupply(ctx->supplied);
        return 0;
    }
    if (ctx->cpu->core->running == ctx)
        core_detach(ctx->cpu->core);
    unsigned count = copy_rest(ctx, rest);
    ctx->cpu->core->counts.withdrawn += ctx->left - ctx->switch_left;
    context_take_segment(ctx);
    return count;
}
