/* The emulated e1000: every register access an exit to user space, the packet's way through the device model. */
#include "analysis/closed_form/form.h"

/* QEMU's mitigation timer: 500 units of 256 ns at least. */
#define MITIGATION_LEAST (INT64_C(500) * 256 * SIM_NS)

static const struct emulation_config *emulation(const struct form *form)
{
    return &form->vm->emulation;
}

/* A register access: the way out and the device model's function; the way in is form_entry()'s. */
static void access_begin(struct form *form)
{
    form_exit(form, &form->app, EXIT_EPT_MISCONFIG, EXIT_SITE_USER);
    form_run_host(&form->app, CPU_EMULATION, form->costs->emulate_register);
}

static void access_end(struct form *form)
{
    form_entry(form, &form->app, EXIT_EPT_MISCONFIG);
}

static void access(struct form *form)
{
    access_begin(form);
    access_end(form);
}

/* A write to the receive tail only queues; the device model sees it before the next access that goes to user space. */
static void coalesced_write(struct form *form)
{
    form_exit(form, &form->app, EXIT_EPT_MISCONFIG, EXIT_SITE_COALESCED);
    form_entry(form, &form->app, EXIT_EPT_MISCONFIG);
}

static void carry_out_coalesced(struct form *form)
{
    form_run_host(&form->app, CPU_EMULATION, form->costs->emulate_register);
}

/* ---- the line ---- */

sim_time form_mitigation_delay(const struct form *form)
{
    struct moderation_setting setting = {0};
    const struct param_variant *moderation = &emulation(form)->moderation;
    const struct moderation_ops *ops = moderation->model->ops;
    ops->start(NULL, moderation->config, &setting);
    return setting.interval > MITIGATION_LEAST ? setting.interval : MITIGATION_LEAST;
}

/* The device's thread looks when the mitigation timer has run out, woken by the host's timer: there is nothing. */
static void mitigation_over(struct form *form, sim_time at)
{
    form_wake(form, form->backend.core, at);
    form_timer_interrupt(form, &form->backend);
    form_run(&form->backend, CPU_EMULATION, form->costs->qemu_dispatch);
    form_sleep(form, form->backend.core);
}

/* Raises the line from `cpu`, whose thread makes the system call; returns when the mitigation timer will be over. */
static sim_time raise_line(struct form *form, const struct form_cpu *cpu, bool wakes)
{
    sim_time now = form_now(form, cpu->core), over = now + form_mitigation_delay(form);
    if (emulation(form)->mitigation)
        form_occupy(form, FORM_MITIGATION, now, over, "the mitigation timer holds interrupts back");
    form_run_host(cpu, CPU_EMULATION, form->costs->irq_ioctl);
    if (wakes)
        form_run_host(cpu, CPU_INJECT, form_interrupt_cycles(form));
    else if (form->hypervisor->apicv) /* the vCPU is in root mode: it makes the call itself */
        form_run_host(cpu, CPU_INJECT, form->vm_costs.pi_update);
    return over;
}

/* e1000_intr(): ICR, which lowers the line, IMC, STATUS. */
static void guest_irq(struct form *form)
{
    form_irq_entry(&form->app);
    form_run(&form->app, CPU_IRQ, form->app.costs->irq_handler);
    access_begin(form);
    form_run_host(&form->app, CPU_EMULATION, form->costs->irq_ioctl);
    access_end(form);
    access(form);
    access(form);
    form_irq_exit(form, &form->app, true);
}

/* Leaves polling mode: IMS, STATUS. */
static void complete(struct form *form)
{
    form_run(&form->app, CPU_SOFTIRQ_POLL, form->app.costs->napi_complete);
    access(form);
    access(form);
}

static void poll_sent(struct form *form)
{
    form_run(&form->app, CPU_SOFTIRQ_POLL, form->app.costs->softirq);
    form_run(&form->app, CPU_DRIVER, form->app.costs->driver_clean);
    complete(form);
}

/* ---- transmit ---- */

/* start_xmit() in the context that runs it: descriptor, copies, write() to the tap. */
static sim_time device_transmit(struct form *form, const struct form_cpu *cpu)
{
    form_run_host(cpu, CPU_EMULATION, form->costs->emulate_descriptor);
    if (emulation(form)->copies)
        form_run_host(cpu, CPU_COPY, 2 * costs_copy(form->costs, form->length));
    form_run_host(cpu, CPU_SYSCALL, form->costs->syscall);
    form_run_host(cpu, CPU_BRIDGE, form->costs->tap_send + form->costs->bridge);
    form_run_host(cpu, CPU_DRIVER, form->costs->driver_send);
    form_run_host(cpu, CPU_MMIO, form->costs->mmio_write);
    return form_now(form, cpu->core);
}

/* Up to the tail register's write, which traps. */
static void send_packet(struct form *form)
{
    form_send(form, &form->app);
    form_run(&form->app, CPU_DRIVER, form->app.costs->driver_send);
    access_begin(form);
}

void form_emulation_send(struct form *form, bool raise)
{
    send_packet(form);
    device_transmit(form, &form->app);
    if (raise)
        raise_line(form, &form->app, false);
    access_end(form);
}

void form_emulation_interrupt(struct form *form)
{
    guest_irq(form);
    poll_sent(form);
}

/* A caller waits for the answer, a sender for its next packet's time. */
static void arm_after_sending(const struct form *form)
{
    if (form->traffic->direction == TRAFFIC_TRANSMIT)
        form_timer_arm(form, &form->app);
}

/* In the vCPU's thread: the interrupt is pending when the access ends. */
static struct form_sent transmit_synchronously(struct form *form)
{
    sim_time stored = device_transmit(form, &form->app);
    form_hand_over(form, form->app.core);
    sim_time over = raise_line(form, &form->app, false);
    if (!form->hypervisor->apicv)
        form_run_host(&form->app, CPU_INJECT, form->vm_costs.inject);
    access_end(form);
    guest_irq(form);
    poll_sent(form);
    arm_after_sending(form);
    form_guest_halt(form, &form->app);
    struct form_sent sent = form_nic_transmit(form, stored);
    form_host_completion(form, sent.message);
    if (emulation(form)->mitigation)
        mitigation_over(form, over);
    return sent;
}

/* In the device's own thread: the vCPU sleeps before the interrupt comes. */
static struct form_sent transmit_by_thread(struct form *form)
{
    const struct form_cpu *thread = &form->backend;
    form_run_host(&form->app, CPU_SYSCALL, form->costs->syscall);
    form_run_host(&form->app, CPU_SCHED, form->costs->wakeup);
    sim_time rung = form_now(form, form->app.core);
    form_hand_over(form, form->app.core);
    access_end(form);
    arm_after_sending(form);
    form_guest_halt(form, &form->app);
    form_wake(form, thread->core, rung);
    form_run(thread, CPU_EMULATION, form->costs->qemu_dispatch);
    sim_time stored = device_transmit(form, thread);
    form_hand_over(form, thread->core);
    sim_time over = raise_line(form, thread, true);
    sim_time raised = form_now(form, thread->core);
    form_sleep(form, thread->core);
    struct form_sent sent = form_nic_transmit(form, stored);
    form_host_completion(form, sent.message);
    form_guest_wake_software(form, &form->app, raised);
    guest_irq(form);
    poll_sent(form);
    form_guest_halt(form, &form->app);
    if (emulation(form)->mitigation)
        mitigation_over(form, over);
    return sent;
}

static struct form_sent transmit(struct form *form)
{
    form_guest_wake_timer(form, &form->app, 0);
    form_timer_interrupt(form, &form->app);
    send_packet(form);
    return emulation(form)->synchronous ? transmit_synchronously(form) : transmit_by_thread(form);
}

/* ---- receive ---- */

/* The device's thread reads the tap and fills a descriptor; returns when the vCPU is woken. */
static sim_time device_receive(struct form *form, sim_time on_tap, sim_time *over)
{
    const struct form_cpu *thread = &form->backend;
    form_wake(form, thread->core, on_tap);
    form_run(thread, CPU_EMULATION, form->costs->qemu_dispatch + form->costs->emulate_descriptor);
    form_run(thread, CPU_SYSCALL, form->costs->syscall);
    form_run(thread, CPU_BRIDGE, form->costs->tap_receive);
    if (emulation(form)->copies)
        form_run(thread, CPU_COPY, 2 * costs_copy(form->costs, form->length));
    *over = raise_line(form, thread, true);
    sim_time raised = form_now(form, thread->core);
    form_hand_over(form, thread->core);
    form_sleep(form, thread->core);
    return raised;
}

static void receive(struct form *form, sim_time at)
{
    const struct form_cpu *app = &form->app;
    sim_time over;
    struct form_received received = form_nic_receive(form, at, form->length);
    sim_time on_tap = form_host_receive(form, received.message);
    form_guest_wake_software(form, app, device_receive(form, on_tap, &over));
    guest_irq(form);
    form_run(app, CPU_SOFTIRQ_POLL, app->costs->softirq);
    form_run(app, CPU_DRIVER, app->costs->driver_receive + app->costs->driver_refill);
    form_run(app, CPU_STACK, app->costs->stack_receive);
    form_run(app, CPU_SCHED, app->costs->wakeup);
    coalesced_write(form); /* RDT */
    carry_out_coalesced(form);
    complete(form);
    form_read_socket(form, app);
    form->latency = form_now(form, app->core);
    form_hand_over(form, app->core);
    if (form->traffic->direction == TRAFFIC_REQUEST_RESPONSE)
        form_timer_arm(form, app);
    form_guest_halt(form, app);
    if (emulation(form)->mitigation)
        mitigation_over(form, over);
    if (form->device.personality->interrupt_steps > 0)
        form->reason = "register reads may wait for descriptors on the link";
}

void form_emulation(struct form *form)
{
    if (form->traffic->direction == TRAFFIC_RECEIVE) {
        receive(form, 0);
        return;
    }
    struct form_sent sent = transmit(form);
    form->latency = sent.left;
    if (form->traffic->direction == TRAFFIC_TRANSMIT)
        return;
    form->length = (uint32_t)(form->traffic->response - FRAME_FCS);
    receive(form, form_peer_answer(form, sent.left));
}
