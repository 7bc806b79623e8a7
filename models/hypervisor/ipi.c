/* Interprocessor interrupts that a guest sends from one vCPU to another. */
#include "models/hypervisor/vm_private.h"

static void posted(struct cpu_context *thread, void *self)
{
    struct vcpu *target = self;
    vcpu_interrupt_from(thread, target, target->kernel_cpu->wake_vector);
}

/* The sender's thread: the vector becomes pending, then the target is told. */
static void deliver(struct cpu_context *thread, void *self)
{
    struct vcpu *target = self;
    cpu_add(thread, CPU_INJECT, SHARE_BATCH, vcpu_post_cycles(target));
    cpu_run(thread, posted, target);
}

static void write_command(struct kernel_cpu *cpu, struct cpu_context *ctx, unsigned vector, void *self)
{
    struct vcpu *sender = vcpu_of(ctx);
    SIM_ASSERT(vector == cpu->wake_vector);
    sender->counters.ipis++;
    vcpu_exit(sender, ctx, EXIT_MSR_WRITE, EXIT_SITE_FAST, deliver, self);
}

void vcpu_ipi_init(struct vcpu *vcpu)
{
    vcpu->kernel_cpu->send_ipi = write_command;
    vcpu->kernel_cpu->ipi_self = vcpu;
}
