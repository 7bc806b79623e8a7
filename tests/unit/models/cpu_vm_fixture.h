/*
 * A hypervisor of a few lines for the tests of virtual cpus: one thread, one vCPU, exits with fixed costs.
 */
#ifndef TESTS_UNIT_MODELS_CPU_VM_FIXTURE_H
#define TESTS_UNIT_MODELS_CPU_VM_FIXTURE_H

#include "tests/unit/models/cpu_fixture.h"

enum { EXIT_INTERRUPT = 1, EXIT_HLT = 12, EXIT_MISCONFIG = 49, EXIT_TIMER = 52 };
enum { COST_INTERRUPT = 200, COST_HLT = 300, COST_MISCONFIG = 1000, COST_TIMER = 150 };

struct vm {
    struct cpu_context thread;
    struct cpu *vcpu;
    struct cpu_context *trapped;
    bool halted;
    bool stopping; /* no exit is begun from outside any more */
    int exits[80];
};

static inline void vm_enter(struct cpu_context *ctx, void *self)
{
    struct vm *vm = self;
    (void)ctx;
    vm->halted = false;
    if (vm->trapped)
        cpu_resume(vm->trapped);
    vm->trapped = NULL;
    cpu_supply(vm->vcpu);
}

/* Interrupts are on again before the entry: whatever waits on the host runs first. */
static inline void vm_before_entry(struct cpu_context *ctx, void *self)
{
    cpu_run_at(ctx, CPU_TASK, vm_enter, self);
}

static inline void vm_exit(struct vm *vm, int reason, int64_t cycles, cpu_fn *next)
{
    vm->exits[reason]++;
    cpu_add_exit(&vm->thread, reason, cycles);
    cpu_run_at(&vm->thread, CPU_HARDIRQ, next, vm);
}

static inline void vm_preempted(struct cpu_context *ctx, void *self)
{
    struct vm *vm = self;
    (void)ctx;
    cpu_unsupply(vm->vcpu);
    vm_exit(vm, EXIT_INTERRUPT, COST_INTERRUPT, vm_before_entry);
}

static inline void vm_block(struct cpu_context *ctx, void *self)
{
    cpu_block(ctx, vm_enter, self);
}

static inline void vm_idle(struct cpu_context *ctx, void *self)
{
    struct vm *vm = self;
    (void)ctx;
    vm->halted = true;
    vm_exit(vm, EXIT_HLT, COST_HLT, vm_block);
}

static inline void vm_ready(struct cpu_context *ctx, void *self)
{
    struct vm *vm = self;
    if (vm->halted)
        cpu_wake(ctx);
}

/* The guest context ctx makes an access that traps. */
static inline void vm_trap(struct vm *vm, struct cpu_context *ctx, cpu_fn *next, void *self)
{
    cpu_trap(ctx, next, self);
    vm->trapped = ctx;
    vm_exit(vm, EXIT_MISCONFIG, COST_MISCONFIG, vm_before_entry);
}

/* The hypervisor's own timer ends guest mode from outside. */
static inline void vm_timer(void *self)
{
    struct vm *vm = self;
    if (vm->stopping || !cpu_is_supplied(vm->vcpu))
        return;
    cpu_unsupply(vm->vcpu);
    vm_exit(vm, EXIT_TIMER, COST_TIMER, vm_before_entry);
}

static inline void vm_init(struct vm *vm, struct cpu *core)
{
    *vm = (struct vm){.halted = true};
    cpu_context_init(&vm->thread, core, "vcpu thread", CPU_TASK, vm_enter, vm);
    vm->vcpu = cpu_virtual_create(sim, "vcpu0", &vm->thread, vm_idle, vm);
    cpu_set_preempt_hook(&vm->thread, vm_preempted, vm);
    cpu_set_ready_hook(vm->vcpu, vm_ready, vm);
}

#endif
