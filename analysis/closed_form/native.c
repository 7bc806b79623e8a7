/* Bare metal and a VF: the application's kernel drives the NIC itself. In a VM it has to be woken first. */
#include "analysis/closed_form/form.h"

/* Wakes the application's cpu: a core, or the vCPU on it. */
static void wake_by_timer(struct form *form)
{
    if (form->app.guest)
        form_guest_wake_timer(form, &form->app, 0);
    else
        form_wake(form, form->app.core, 0);
}

/* The cpu that takes the NIC's interrupts: the vCPU, or on bare metal a core that may be another than the application's. */
static const struct form_cpu *irq_cpu(const struct form *form)
{
    return form->app.guest ? &form->app : &form->irq;
}

static void wake_by_device(struct form *form, sim_time at)
{
    if (form->app.guest)
        form_guest_wake_device(form, &form->app, at);
    else
        form_wake(form, form->irq.core, at);
}

static bool is_call(const struct form *form)
{
    return form->traffic->direction == TRAFFIC_REQUEST_RESPONSE;
}

static void sleep(struct form *form, const struct form_cpu *cpu)
{
    if (cpu->guest)
        form_guest_halt(form, cpu);
    else
        form_sleep(form, cpu->core);
}

void form_native_send(struct form *form)
{
    form_send(form, &form->app);
    form_run(&form->app, CPU_DRIVER, form->app.costs->driver_send);
    form_run(&form->app, CPU_MMIO, form->app.costs->mmio_write);
}

/* The source's time has come: the sender is woken by its timer and sends. */
static struct form_sent transmit(struct form *form)
{
    wake_by_timer(form);
    form_timer_interrupt(form, &form->app);
    form_native_send(form);
    sim_time stored = form_now(form, form->app.core);
    form_hand_over(form, form->app.core);
    if (!is_call(form))
        form_timer_arm(form, &form->app);
    sleep(form, &form->app);
    struct form_sent sent = form_nic_transmit(form, stored);
    wake_by_device(form, sent.message);
    form_ring_interrupt(form, irq_cpu(form));
    form_ring_poll_sent(form, irq_cpu(form));
    sleep(form, irq_cpu(form));
    return sent;
}

/* The frame's first bit is on the wire at `at`. */
static void receive(struct form *form, sim_time at)
{
    bool refill = form->app.guest ? form->guest_refill : form->host_refill;
    struct form_received received = form_nic_receive(form, at, form->length);
    wake_by_device(form, received.message);
    form_ring_interrupt(form, irq_cpu(form));
    sim_time queued = form_ring_poll_received(form, irq_cpu(form), refill, false);
    if (form->app.core != irq_cpu(form)->core) {
        sleep(form, irq_cpu(form));
        form_wake(form, form->app.core, queued);
    }
    form_read_socket(form, &form->app);
    form->latency = form_now(form, form->app.core);
    form_hand_over(form, form->app.core);
    if (is_call(form))
        form_timer_arm(form, &form->app);
    sleep(form, &form->app);
    if (form->device.personality->interrupt_steps > 0)
        form->reason = "register reads may wait for descriptors on the link";
}

static void request(struct form *form)
{
    struct form_sent sent = transmit(form);
    form->length = (uint32_t)(form->traffic->response - FRAME_FCS);
    receive(form, form_peer_answer(form, sent.left));
}

void form_native(struct form *form)
{
    switch (form->traffic->direction) {
    case TRAFFIC_TRANSMIT:
        form->latency = transmit(form).left;
        break;
    case TRAFFIC_RECEIVE:
        receive(form, 0);
        break;
    default:
        request(form);
        break;
    }
}
