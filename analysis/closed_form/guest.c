/* A vCPU that sleeps between packets, as models/hypervisor has it: exits, entries, halts, and what wakes it. */
#include "analysis/closed_form/form.h"

void form_exit(const struct form *form, const struct form_cpu *cpu, enum exit_reason reason,
               enum exit_site site)
{
    form_run_exit(cpu, reason,
                  vcpu_exit_half(&form->vm_costs) + vcpu_site_cycles(&form->vm_costs, reason, site));
}

void form_entry(const struct form *form, const struct form_cpu *cpu, enum exit_reason reason)
{
    form_run_exit(cpu, reason, vcpu_entry_half(&form->vm_costs));
}

void form_guest_halt(struct form *form, const struct form_cpu *cpu)
{
    form_exit(form, cpu, EXIT_HLT, EXIT_SITE_KERNEL);
    form_run_host(cpu, CPU_SCHED, form->vm_costs.halt_block);
    form_sleep(form, cpu->core);
}

int64_t form_interrupt_cycles(const struct form *form)
{
    return (form->hypervisor->apicv ? form->vm_costs.pi_update : 0) + form->vm_costs.wakeup;
}

/* The entry that ends the halt: the pending vector is taken over for nothing, or injected. */
static void enter(struct form *form, const struct form_cpu *cpu)
{
    if (!form->hypervisor->apicv)
        form_run_host(cpu, CPU_INJECT, form->vm_costs.inject);
    form_entry(form, cpu, EXIT_HLT);
}

static void host_irq(struct form *form, const struct form_cpu *cpu, enum cpu_category category,
                     int64_t handler)
{
    form_run_host(cpu, CPU_IRQ, form->costs->irq_entry);
    form_run_host(cpu, category, handler);
    form_run_host(cpu, CPU_IRQ, form->costs->eoi + form->costs->irq_exit);
}

void form_guest_wake_timer(struct form *form, const struct form_cpu *cpu, sim_time at)
{
    form_wake(form, cpu->core, at);
    host_irq(form, cpu, CPU_INJECT, form_interrupt_cycles(form));
    enter(form, cpu);
}

void form_guest_wake_software(struct form *form, const struct form_cpu *cpu, sim_time at)
{
    form_wake(form, cpu->core, at);
    enter(form, cpu);
}

/* VT-d's wake-up interrupt, or without posting the host's handler that injects. */
void form_guest_wake_device(struct form *form, const struct form_cpu *cpu, sim_time at)
{
    const struct costs *costs = form->costs;
    form_wake(form, cpu->core, at);
    if (form->hypervisor->apicv && form->hypervisor->posted_interrupts) {
        host_irq(form, cpu, CPU_SCHED, form->vm_costs.wakeup);
    } else {
        form_run_host(cpu, CPU_IRQ, costs->irq_handler);
        host_irq(form, cpu, CPU_INJECT, costs->irqfd + form_interrupt_cycles(form));
    }
    enter(form, cpu);
}
