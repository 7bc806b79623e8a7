#include <stdlib.h>

#include "models/cpu/cpu_private.h"

struct cpu *cpu_virtual_create(struct sim *sim, const char *name, struct cpu_context *thread, cpu_fn *on_idle,
                               void *self)
{
    SIM_ASSERT(!thread->cpu->is_virtual && !thread->vcpu);
    struct vcpu *vcpu = calloc(1, sizeof(*vcpu));
    SIM_ASSERT(vcpu != NULL);
    cpu_scheduler_init(&vcpu->cpu, sim, name);
    vcpu->cpu.core = thread->cpu->core;
    vcpu->cpu.is_virtual = true;
    vcpu->cpu.accounts = ACCOUNT_GUEST;
    vcpu->thread = thread;
    vcpu->on_idle = on_idle;
    vcpu->on_idle_self = self;
    thread->vcpu = &vcpu->cpu;
    vcpu->next = vcpu->cpu.core->vcpus;
    vcpu->cpu.core->vcpus = vcpu;
    return &vcpu->cpu;
}

/* The core, or the vCPU, is about to be destroyed. */
void vcpu_unlink(struct vcpu *vcpu)
{
    struct core *core = vcpu->cpu.core;
    if (!core)
        return;
    struct vcpu **at = &core->vcpus;
    while (*at != vcpu)
        at = &(*at)->next;
    *at = vcpu->next;
    vcpu->cpu.core = NULL;
}

void cpu_set_ready_hook(struct cpu *cpu, cpu_fn *hook, void *self)
{
    struct vcpu *vcpu = vcpu_of(cpu);
    vcpu->ready_hook = hook;
    vcpu->ready_self = self;
}

struct cpu_context *cpu_thread(const struct cpu *cpu)
{
    return vcpu_of_const(cpu)->thread;
}

bool cpu_is_supplied(const struct cpu *cpu)
{
    return vcpu_of_const(cpu)->thread->supplied == cpu;
}

void cpu_supply(struct cpu *cpu)
{
    struct cpu_context *thread = vcpu_of(cpu)->thread;
    SIM_ASSERT(thread->undecided && thread->part_count == 0);
    SIM_ASSERT(!cpu->current || cpu->current->state == CPU_RUNNING);
    cpu_run_at(thread, thread->home_level, NULL, NULL); /* never called: the vCPU's leaf runs instead */
    thread->supplied = cpu;
}

/* The thread leaves guest mode at a boundary that has been reached or settled. */
static void leave_guest_mode(struct vcpu *vcpu)
{
    vcpu->thread->supplied = NULL;
    vcpu->thread->undecided = true;
}

void cpu_unsupply(struct cpu *cpu)
{
    struct vcpu *vcpu = vcpu_of(cpu);
    struct core *core = cpu->core;
    if (!cpu_is_supplied(cpu))
        return;
    if (core->running && (core->running->cpu == cpu || core->running == vcpu->thread))
        core_detach(core);
    leave_guest_mode(vcpu);
}

void cpu_trap(struct cpu_context *ctx, cpu_fn *next, void *self)
{
    struct vcpu *vcpu = vcpu_of(ctx->cpu);
    SIM_ASSERT(cpu_is_supplied(ctx->cpu) && ctx->cpu->current == ctx && ctx->part_count == 0);
    cpu_run(ctx, next, self);
    ctx->state = CPU_TRAPPED;
    leave_guest_mode(vcpu);
}

/* A context of the vCPU has become ready: in guest mode it may have to run at once. */
void vcpu_context_ready(struct cpu *cpu, const struct cpu_context *ctx)
{
    struct vcpu *vcpu = vcpu_of(cpu);
    if (!cpu_is_supplied(cpu)) {
        if (vcpu->ready_hook)
            vcpu->ready_hook(vcpu->thread, vcpu->ready_self);
    } else if (cpu->core->cpu.current == vcpu->thread &&
               (!cpu->current || ctx->level > cpu->current->level)) {
        core_poke(cpu->core);
    }
}

/* The guest context that runs now as the thread's segment; NULL when the thread has something else to do.
 * */
struct cpu_context *vcpu_leaf(struct cpu_context *thread)
{
    struct vcpu *vcpu = vcpu_of(thread->supplied);
    struct cpu_context *leaf = cpu_pick(&vcpu->cpu);
    if (leaf) {
        SIM_ASSERT(!leaf->undecided);
        return leaf;
    }
    if (!cpu_enter_idle_loop(&vcpu->cpu)) {
        leave_guest_mode(vcpu);
        vcpu->on_idle(thread, vcpu->on_idle_self);
        SIM_ASSERT(!thread->undecided);
    }
    return NULL;
}
