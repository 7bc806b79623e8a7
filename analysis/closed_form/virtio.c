/* virtio-net over vhost: guest driver, worker, tap, the host's own driver. */
#include "analysis/closed_form/form.h"

static const struct virtio_config *virtio(const struct form *form)
{
    return &form->vm->virtio;
}

static void guest_irq(struct form *form)
{
    form_irq_entry(&form->app);
    form_run(&form->app, CPU_IRQ, form->app.costs->irq_handler);
    form_irq_exit(form, &form->app, false);
}

/* The worker's work is signalled by eventfd: it is told by irqfd whether the guest is to be interrupted. */
static sim_time signal_guest(struct form *form)
{
    form_run(&form->backend, CPU_INJECT, form->costs->irqfd + form_interrupt_cycles(form));
    return form_now(form, form->backend.core);
}

/* ---- transmit ---- */

static enum exit_reason kick_reason(const struct form *form)
{
    return virtio(form)->notify == VIRTIO_NOTIFY_PORT ? EXIT_IO_INSTRUCTION : EXIT_EPT_MISCONFIG;
}

void form_virtio_send(struct form *form)
{
    const struct form_cpu *app = &form->app;
    bool interrupts = virtio(form)->tx_interrupts;
    form_send(form, app);
    if (!interrupts) /* the packet before is reclaimed by this one */
        form_run(app, CPU_DRIVER, app->costs->virtio_clean);
    form_run(app, CPU_DRIVER, app->costs->virtio_send);
    form_run(app, CPU_CACHE, (interrupts ? 2 : 1) * app->costs->barrier);
}

/* The exit's way out, up to the worker's wake-up. */
static void kick(struct form *form)
{
    form_exit(form, &form->app, kick_reason(form), EXIT_SITE_IOEVENTFD);
    form_run_host(&form->app, CPU_SCHED, form->costs->wakeup);
}

void form_virtio_kick(struct form *form)
{
    kick(form);
    form_entry(form, &form->app, kick_reason(form));
}

/* The guest sends and kicks; returns when the worker is woken. */
static sim_time send_and_kick(struct form *form)
{
    form_guest_wake_timer(form, &form->app, 0);
    form_timer_interrupt(form, &form->app);
    form_virtio_send(form);
    kick(form);
    sim_time kicked = form_now(form, form->app.core);
    form_hand_over(form, form->app.core);
    form_entry(form, &form->app, kick_reason(form));
    if (form->traffic->direction == TRAFFIC_TRANSMIT)
        form_timer_arm(form, &form->app);
    form_guest_halt(form, &form->app);
    return kicked;
}

/* The worker takes the packet to the NIC; returns when the doorbell's store has retired. */
static sim_time work_transmit(struct form *form, sim_time kicked)
{
    const struct form_cpu *worker = &form->backend;
    form_wake(form, worker->core, kicked);
    form_run(worker, CPU_VHOST, form->costs->vhost_work + form->costs->vhost_packet);
    form_run(worker, CPU_COPY, costs_copy(form->costs, form->length));
    form_run(worker, CPU_VHOST, form->costs->vhost_batch);
    sim_time stored = form_tap_send(form, worker);
    form_hand_over(form, worker->core);
    return stored;
}

void form_virtio_completion(struct form *form)
{
    const struct form_cpu *app = &form->app;
    guest_irq(form);
    form_run(app, CPU_SOFTIRQ_POLL, app->costs->softirq);
    form_run(app, CPU_DRIVER, app->costs->virtio_clean);
    form_run(app, CPU_CACHE, app->costs->barrier);
    form_run(app, CPU_SOFTIRQ_POLL, app->costs->napi_complete);
}

static struct form_sent transmit(struct form *form)
{
    sim_time stored = work_transmit(form, send_and_kick(form));
    bool interrupts = virtio(form)->tx_interrupts;
    sim_time signalled = interrupts ? signal_guest(form) : 0;
    form_sleep(form, form->backend.core);
    struct form_sent sent = form_nic_transmit(form, stored);
    form_host_completion(form, sent.message);
    if (interrupts) {
        form_guest_wake_software(form, &form->app, signalled);
        form_virtio_completion(form);
        form_guest_halt(form, &form->app);
    }
    return sent;
}

/* ---- receive ---- */

/* The worker copies the packet into a buffer of the guest's; returns when the guest is interrupted. */
static sim_time work_receive(struct form *form, sim_time on_tap)
{
    const struct form_cpu *worker = &form->backend;
    form_wake(form, worker->core, on_tap);
    form_run(worker, CPU_VHOST, form->costs->vhost_work + form->costs->vhost_packet);
    form_run(worker, CPU_BRIDGE, form->costs->tap_receive);
    form_run(worker, CPU_COPY, costs_copy(form->costs, form->length));
    sim_time signalled = signal_guest(form);
    form_hand_over(form, worker->core);
    form_sleep(form, worker->core);
    return signalled;
}

static void poll_received(struct form *form)
{
    const struct form_cpu *app = &form->app;
    const struct costs *costs = app->costs;
    form_run(app, CPU_SOFTIRQ_POLL, costs->softirq);
    if (virtio(form)->tx_interrupts) /* the poll looks at the transmit queue, too */
        form_run(app, CPU_CACHE, costs->barrier);
    form_run(app, CPU_DRIVER, costs->virtio_receive);
    form_run(app, CPU_STACK, costs->stack_receive);
    form_run(app, CPU_SCHED, costs->wakeup);
    if (form->guest_refill) {
        form_run(app, CPU_DRIVER, form_guest_refill_every(form) * costs->virtio_refill);
        form_run(app, CPU_CACHE, costs->barrier);
    }
    form_run(app, CPU_CACHE, costs->barrier);
    form_run(app, CPU_SOFTIRQ_POLL, costs->napi_complete);
}

static void receive(struct form *form, sim_time at)
{
    struct form_received received = form_nic_receive(form, at, form->length);
    sim_time on_tap = form_host_receive(form, received.message);
    form_guest_wake_software(form, &form->app, work_receive(form, on_tap));
    guest_irq(form);
    poll_received(form);
    form_read_socket(form, &form->app);
    form->latency = form_now(form, form->app.core);
    form_hand_over(form, form->app.core);
    if (form->traffic->direction == TRAFFIC_REQUEST_RESPONSE)
        form_timer_arm(form, &form->app);
    form_guest_halt(form, &form->app);
    if (form->device.personality->interrupt_steps > 0)
        form->reason = "register reads may wait for descriptors on the link";
}

void form_virtio(struct form *form)
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
