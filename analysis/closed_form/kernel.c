/*
 * A kernel's pieces of the way, as models/guest has them: system calls, interrupts, NAPI and the ring driver, and on the
 * host the tap and the bridge. The same code serves the host's kernel and a guest's: struct form_cpu says which.
 */
#include "analysis/closed_form/form.h"

void form_timer_arm(const struct form *form, const struct form_cpu *cpu)
{
    if (!cpu->guest || form->traffic->rate == 0)
        return;
    form_exit(form, cpu, EXIT_MSR_WRITE, EXIT_SITE_FAST);
    form_entry(form, cpu, EXIT_MSR_WRITE);
}

void form_timer_interrupt(struct form *form, const struct form_cpu *cpu)
{
    form_irq_entry(cpu);
    form_run(cpu, CPU_SCHED, cpu->costs->wakeup);
    form_timer_arm(form, cpu);
    form_irq_exit(form, cpu, false);
}

void form_send(struct form *form, const struct form_cpu *cpu)
{
    form_run(cpu, CPU_APP, cpu->costs->app);
    form_run(cpu, CPU_SYSCALL, cpu->costs->syscall + cpu->costs->socket_send);
    form_run(cpu, CPU_COPY, costs_copy(cpu->costs, form->length));
    form_run(cpu, CPU_STACK, cpu->costs->stack_send);
}

void form_read_socket(struct form *form, const struct form_cpu *cpu)
{
    form_run(cpu, CPU_SYSCALL, cpu->costs->syscall + cpu->costs->socket_receive);
    form_run(cpu, CPU_COPY, costs_copy(cpu->costs, form->length));
    form_run(cpu, CPU_APP, cpu->costs->app);
}

/* ---- interrupts ---- */

void form_irq_entry(const struct form_cpu *cpu)
{
    form_run(cpu, CPU_IRQ, cpu->costs->irq_entry);
}

/* The EOI, which on a vCPU may be an exit, and the way out. */
void form_irq_exit(const struct form *form, const struct form_cpu *cpu, bool level)
{
    bool apicv = form->hypervisor->apicv;
    if (!cpu->guest || (apicv && !level)) {
        form_run(cpu, CPU_IRQ, cpu->costs->eoi);
    } else {
        enum exit_reason reason = apicv ? EXIT_EOI_INDUCED : EXIT_MSR_WRITE;
        form_exit(form, cpu, reason, EXIT_SITE_KERNEL);
        form_entry(form, cpu, reason);
    }
    form_run(cpu, CPU_IRQ, cpu->costs->irq_exit);
}

/* ---- the ring driver on a NIC reached by MMIO ---- */

/* A register access; returns when it has reached the device (a write) or come back (a read). */
static sim_time access(struct form *form, const struct form_cpu *cpu, const struct driver_step *step)
{
    if (step->write) {
        form_run(cpu, CPU_MMIO, cpu->costs->mmio_write);
        return form_store(form, form_now(form, cpu->core));
    }
    sim_time back = form_load(form, form_now(form, cpu->core));
    form_stall(form, cpu, back);
    return back;
}

void form_ring_interrupt(struct form *form, const struct form_cpu *cpu)
{
    const struct driver_personality *personality = form->device.personality;
    form_irq_entry(cpu);
    form_run(cpu, CPU_IRQ, cpu->costs->irq_handler);
    for (unsigned i = 0; i < personality->interrupt_steps; i++)
        access(form, cpu, &personality->interrupt[i]);
    form_irq_exit(form, cpu, false);
}

/* Leaves polling mode: from its interrupt until the unmasking write arrives the vector was busy. */
static void complete(struct form *form, const struct form_cpu *cpu)
{
    const struct driver_personality *personality = form->device.personality;
    sim_time unmasked = 0;
    form_run(cpu, CPU_SOFTIRQ_POLL, cpu->costs->napi_complete);
    for (unsigned i = 0; i < personality->enable_steps; i++) {
        sim_time reached = access(form, cpu, &personality->enable[i]);
        if (personality->enable[i].reg == REG_MASK_SET)
            unmasked = reached;
    }
    form_occupy(form, FORM_VECTOR, form->last_fire, unmasked,
                "an interrupt comes before the last one has been dealt with");
    form_occupy(form, FORM_INTERVAL, form->last_fire, form->last_fire + form->setting.interval,
                "interrupts are held back by the least interval between them");
}

void form_ring_poll_sent(struct form *form, const struct form_cpu *cpu)
{
    form_run(cpu, CPU_SOFTIRQ_POLL, cpu->costs->softirq);
    form_run(cpu, CPU_DRIVER, cpu->costs->driver_clean);
    complete(form, cpu);
}

static void refill(struct form *form, const struct form_cpu *cpu)
{
    form_run(cpu, CPU_MMIO, cpu->costs->mmio_write);
    form_store(form, form_now(form, cpu->core));
}

sim_time form_ring_poll_received(struct form *form, const struct form_cpu *cpu, bool refill_due,
                                 bool forwarded)
{
    const struct costs *costs = cpu->costs;
    form_run(cpu, CPU_SOFTIRQ_POLL, costs->softirq);
    form_run(cpu, CPU_DRIVER, costs->driver_receive + costs->driver_refill);
    if (refill_due)
        form_run(cpu, CPU_MMIO, costs->mmio_write);
    form_run(cpu, forwarded ? CPU_BRIDGE : CPU_STACK, forwarded ? costs->bridge : costs->stack_receive);
    form_run(cpu, CPU_SCHED, costs->wakeup);
    sim_time handed_on = form_now(form, cpu->core);
    if (forwarded || cpu->core != form->app.core)
        form_hand_over(form, cpu->core);
    if (refill_due)
        form_store(form, handed_on);
    if (form->device.personality->refill_remainder)
        refill(form, cpu);
    complete(form, cpu);
    return handed_on;
}

/* ---- the host's path between a backend and the PF ---- */

sim_time form_tap_send(struct form *form, const struct form_cpu *cpu)
{
    form_run(cpu, CPU_BRIDGE, cpu->costs->tap_send + cpu->costs->bridge);
    form_run(cpu, CPU_DRIVER, cpu->costs->driver_send);
    form_run(cpu, CPU_MMIO, cpu->costs->mmio_write);
    return form_now(form, cpu->core);
}

void form_host_completion(struct form *form, sim_time message)
{
    form_wake(form, form->irq.core, message);
    form_ring_interrupt(form, &form->irq);
    form_ring_poll_sent(form, &form->irq);
    form_sleep(form, form->irq.core);
}

sim_time form_host_receive(struct form *form, sim_time message)
{
    form_wake(form, form->irq.core, message);
    form_ring_interrupt(form, &form->irq);
    sim_time on_tap = form_ring_poll_received(form, &form->irq, form->host_refill, true);
    form_sleep(form, form->irq.core);
    return on_tap;
}
