#include <stdio.h>
#include <stdlib.h>

#include "models/cpu/work.h"
#include "models/hypervisor/vm_private.h"

/* ---- entering guest mode ---- */

static void supply_guest(struct vcpu *vcpu)
{
    if (vcpu->guest) {
        cpu_resume(vcpu->guest);
        vcpu->guest = NULL;
    }
    cpu_supply(vcpu->cpu);
}

/* The entry's cycles are over. What has become pending meanwhile still makes it, at the cost of its injection. */
static void entered(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    if (vcpu_inject(vcpu)) {
        cpu_run(thread, entered, vcpu);
        return;
    }
    if (vcpu->exited)
        vcpu->counters.exit_time[vcpu->reason] += sim_now(vcpu->vm->sim) - vcpu->exit_start;
    vcpu_update_times(vcpu);
    vcpu->mode = VCPU_GUEST;
    if (vcpu->due)
        vcpu_timer_exit(vcpu); /* the preemption timer was loaded with 0: nothing of the guest runs */
    else
        supply_guest(vcpu);
}

void vcpu_enter(struct vcpu *vcpu)
{
    SIM_ASSERT(vcpu->mode == VCPU_ROOT);
    vcpu_inject(vcpu);
    if (vcpu->exited)
        cpu_add_exit(&vcpu->thread, (int)vcpu->reason, vcpu_entry_half(vcpu->vm->costs));
    cpu_run_at(&vcpu->thread, CPU_TASK, entered, vcpu);
}

static void start(struct cpu_context *thread, void *self)
{
    (void)thread;
    vcpu_enter(self);
}

/* ---- states ---- */

bool vcpu_has_work(const struct vcpu *vcpu)
{
    return lapic_pending(vcpu->lapic) || !cpu_is_idle(vcpu->cpu);
}

void vcpu_wake(struct vcpu *vcpu)
{
    SIM_ASSERT(vcpu->mode == VCPU_ASLEEP);
    vcpu->mode = VCPU_ROOT;
    vcpu->counters.wakeups++;
    cpu_wake(&vcpu->thread);
}

/* A guest context became ready while the guest does not run, by an interrupt or from another vCPU. */
static void guest_ready(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    (void)thread;
    if (vcpu->mode == VCPU_POLLING)
        vcpu_stop_polling(vcpu);
    else if (vcpu->mode == VCPU_ASLEEP)
        vcpu_wake(vcpu);
}

/* ---- making and asking ---- */

static struct lapic_costs lapic_costs_of(const struct costs *costs)
{
    return (struct lapic_costs){.entry = costs->irq_entry, .exit = costs->irq_exit, .eoi = costs->eoi};
}

void vcpu_create(struct vm *vm, struct cpu *core, struct lapic *core_lapic)
{
    struct vcpu *vcpu = calloc(1, sizeof(*vcpu));
    SIM_ASSERT(vcpu != NULL);
    vcpu->vm = vm;
    vcpu->core_lapic = core_lapic;
    snprintf(vcpu->name, sizeof(vcpu->name), "%s.vcpu%u", vm->kernel.name, vm->vcpu_count);
    uint16_t component = sim_component(vm->sim, vcpu->name);
    cpu_context_init(&vcpu->thread, core, vcpu->name, CPU_TASK, start, vcpu);
    cpu_work_set_owner(&vcpu->thread, vm->kernel.name);
    cpu_set_preempt_hook(&vcpu->thread, vcpu_leave_for_host, vcpu);
    vcpu->cpu = cpu_virtual_create(vm->sim, vcpu->name, &vcpu->thread, vcpu_halt, vcpu);
    cpu_set_ready_hook(vcpu->cpu, guest_ready, vcpu);
    cpu_set_scheduler(vcpu->cpu, vm->costs->context_switch, vm->config.guest_slice);
    struct lapic_costs costs = lapic_costs_of(vm->costs);
    vcpu->lapic = lapic_create(vcpu->cpu, &costs, &vcpu_lapic_ops, vcpu);
    vcpu_interrupts_init(vcpu, component);
    vcpu_halt_init(vcpu, component);
    unsigned index = kernel_add_cpu(&vm->kernel, vcpu->cpu, vcpu->lapic);
    vcpu->kernel_cpu = &vm->kernel.cpus[index];
    vcpu_timers_init(vcpu, vcpu->kernel_cpu);
    vcpu_ipi_init(vcpu);
    vm->vcpus[vm->vcpu_count++] = vcpu;
}

void vcpu_destroy(struct vcpu *vcpu)
{
    sim_cancel(vcpu->vm->sim, &vcpu->ipi);
    sim_cancel(vcpu->vm->sim, &vcpu->poll_end);
    vcpu_timers_destroy(vcpu);
    lapic_destroy(vcpu->lapic);
    cpu_destroy(vcpu->cpu);
    free(vcpu);
}

struct lapic *vcpu_lapic(struct vcpu *vcpu)
{
    return vcpu->lapic;
}

const struct vcpu_counters *vcpu_counters(const struct vcpu *vcpu)
{
    return &vcpu->counters;
}

bool vcpu_in_guest(const struct vcpu *vcpu)
{
    return vcpu->mode == VCPU_GUEST;
}

bool vcpu_is_asleep(const struct vcpu *vcpu)
{
    return vcpu->mode == VCPU_ASLEEP;
}

struct vcpu *vcpu_of(const struct cpu_context *guest)
{
    SIM_ASSERT(cpu_is_virtual(guest->cpu));
    return SIM_CONTAINER_OF(cpu_thread(guest->cpu), struct vcpu, thread);
}

const uint32_t *vcpu_mode(const struct vcpu *vcpu)
{
    return (const uint32_t *)&vcpu->mode;
}
