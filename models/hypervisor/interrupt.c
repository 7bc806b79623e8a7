#include "models/hypervisor/vm_private.h"

/* ---- towards the vCPU ---- */

/* Takes pending vectors over at an entry; true if one is injected, whose cycles are then in the thread's segment. */
bool vcpu_inject(struct vcpu *vcpu)
{
    vcpu->on = false;
    if (!lapic_awaits_accept(vcpu->lapic))
        return false;
    if (vcpu->vm->config.apicv) {
        vcpu->counters.synced++;
        lapic_accept(vcpu->lapic);
        return false;
    }
    if (vcpu->injected || lapic_in_service(vcpu->lapic)) {
        vcpu->window = true;
        return false;
    }
    lapic_accept_one(vcpu->lapic);
    vcpu->injected = true;
    vcpu->window = lapic_awaits_accept(vcpu->lapic);
    vcpu->counters.injections++;
    cpu_add(&vcpu->thread, CPU_INJECT, SHARE_BATCH, vcpu->vm->costs->inject);
    return true;
}

/* The notification vector reaches the core in guest mode: the processor takes the posted vectors by itself. */
static void take_posted(struct vcpu *vcpu)
{
    vcpu->on = false;
    if (!lapic_awaits_accept(vcpu->lapic))
        return;
    vcpu->counters.posted++;
    lapic_accept(vcpu->lapic);
}

static void ipi_arrives(struct sim *sim, struct sim_event *event)
{
    struct vcpu *vcpu = SIM_CONTAINER_OF(event, struct vcpu, ipi);
    (void)sim;
    if (vcpu->vm->config.apicv && vcpu->mode == VCPU_GUEST)
        take_posted(vcpu);
    else
        lapic_raise(vcpu->core_lapic, vcpu->ipi_vector);
}

/* One in flight is enough: whatever is pending when it arrives is seen. */
static void send_ipi(struct vcpu *vcpu)
{
    struct sim *sim = vcpu->vm->sim;
    if (sim_event_pending(&vcpu->ipi))
        return;
    if (!vcpu->vm->config.apicv)
        vcpu->counters.kicks++;
    sim_schedule(sim, &vcpu->ipi, sim_now(sim) + vcpu->vm->costs->ipi_latency);
}

/* vmx_deliver_posted_interrupt(); without APICv, kvm_vcpu_kick(): what the vCPU's state asks for. */
static enum vcpu_notice notice_of(struct vcpu *vcpu)
{
    if (vcpu->vm->config.apicv) {
        if (vcpu->on)
            return NOTICE_NONE;
        vcpu->on = true;
    }
    switch (vcpu->mode) {
    case VCPU_GUEST:
        return NOTICE_IPI;
    case VCPU_ASLEEP:
        return NOTICE_WAKE;
    case VCPU_POLLING: /* it looks by itself */
        vcpu_stop_polling(vcpu);
        return NOTICE_NONE;
    default:
        return NOTICE_NONE;
    }
}

static void wake_for_notice(struct vcpu *vcpu)
{
    vcpu->waking = false;
    if (vcpu->mode == VCPU_ASLEEP)
        vcpu_wake(vcpu);
}

static void notify_from_software(struct vcpu *vcpu)
{
    enum vcpu_notice notice = notice_of(vcpu);
    if (vcpu->sending)
        vcpu->notice = notice > vcpu->notice ? notice : vcpu->notice;
    else if (notice == NOTICE_IPI)
        send_ipi(vcpu);
    else if (notice == NOTICE_WAKE)
        wake_for_notice(vcpu);
}

/* Runnable, but the core has something else to do: the descriptor's SN is set. */
static bool is_scheduled_out(const struct vcpu *vcpu)
{
    return vcpu->mode == VCPU_ROOT && vcpu->thread.state == CPU_READY;
}

/* VT-d's side of a posted interrupt, section 5.2.3. */
static void notify_from_hardware(struct vcpu *vcpu)
{
    if (vcpu->on || is_scheduled_out(vcpu))
        return;
    vcpu->on = true;
    switch (vcpu->mode) {
    case VCPU_GUEST:
        take_posted(vcpu);
        break;
    case VCPU_POLLING:
        vcpu_stop_polling(vcpu);
        lapic_raise(vcpu->core_lapic, vcpu->ipi_vector);
        break;
    case VCPU_ASLEEP:
        lapic_raise(vcpu->core_lapic, vcpu->wakeup_vector);
        break;
    case VCPU_ROOT:
        lapic_raise(vcpu->core_lapic, vcpu->ipi_vector);
        break;
    }
}

static void notify(struct lapic *lapic, void *self)
{
    struct vcpu *vcpu = self;
    (void)lapic;
    if (vcpu->posting)
        notify_from_hardware(vcpu);
    else
        notify_from_software(vcpu);
}

void vcpu_interrupt(struct vcpu *vcpu, unsigned vector)
{
    lapic_raise(vcpu->lapic, vector);
}

void vcpu_post(void *self, unsigned vector)
{
    struct vcpu *vcpu = self;
    SIM_ASSERT(vm_posts_interrupts(vcpu->vm));
    vcpu->posting = true;
    lapic_raise(vcpu->lapic, vector);
    vcpu->posting = false;
}

/* ---- from software that pays ---- */

int64_t vcpu_post_cycles(const struct vcpu *vcpu)
{
    return vcpu->vm->config.apicv ? vcpu->vm->costs->pi_update : 0;
}

static void ipi_sent(struct cpu_context *ctx, void *self)
{
    send_ipi(self);
    cpu_return(ctx);
}

static void thread_woken(struct cpu_context *ctx, void *self)
{
    wake_for_notice(self);
    cpu_return(ctx);
}

void vcpu_begin_sending(struct vcpu *vcpu)
{
    vcpu->sending = true;
    vcpu->notice = NOTICE_NONE;
}

void vcpu_end_sending(struct cpu_context *ctx, struct vcpu *vcpu)
{
    const struct costs *costs = vcpu->vm->costs;
    vcpu->sending = false;
    if (vcpu->notice == NOTICE_IPI && !sim_event_pending(&vcpu->ipi)) {
        cpu_add(ctx, CPU_INJECT, SHARE_BATCH, costs->ipi);
        cpu_run(ctx, ipi_sent, vcpu);
    } else if (vcpu->notice == NOTICE_WAKE && !vcpu->waking) {
        vcpu->waking = true;
        cpu_add(ctx, CPU_INJECT, SHARE_BATCH, costs->wakeup);
        cpu_run(ctx, thread_woken, vcpu);
    } else {
        cpu_return(ctx);
    }
}

void vcpu_interrupt_from(struct cpu_context *ctx, struct vcpu *vcpu, unsigned vector)
{
    vcpu_begin_sending(vcpu);
    lapic_raise(vcpu->lapic, vector);
    vcpu_end_sending(ctx, vcpu);
}

/* ---- from the guest ---- */

void vcpu_set_eoi_listener(struct vcpu *vcpu, unsigned vector, vcpu_eoi_fn *fn, void *self)
{
    SIM_ASSERT(vector < VCPU_VECTORS);
    vcpu->listeners[vector] = (struct vcpu_listener){fn, self};
}

static void after_eoi(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

/* The hypervisor's part of an EOI that traps. */
static void handle_eoi(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    const struct vcpu_listener *listener = &vcpu->listeners[vcpu->eoi_vector];
    if (listener->fn && lapic_is_level(vcpu->lapic, vcpu->eoi_vector))
        listener->fn(vcpu, vcpu->eoi_vector, listener->self);
    cpu_return(thread);
}

static void end_of_interrupt(struct lapic *lapic, struct cpu_context *ctx, unsigned vector, void *self)
{
    struct vcpu *vcpu = self;
    bool apicv = vcpu->vm->config.apicv;
    vcpu->injected = false;
    if (apicv && !lapic_is_level(lapic, vector)) {
        cpu_add(ctx, CPU_IRQ, SHARE_BATCH, vcpu->vm->costs->eoi);
        cpu_run(ctx, after_eoi, NULL);
        return;
    }
    vcpu->eoi_vector = vector;
    vcpu_exit(vcpu, ctx, apicv ? EXIT_EOI_INDUCED : EXIT_MSR_WRITE, EXIT_SITE_KERNEL, handle_eoi, vcpu);
}

/* Interrupts are on again. Without APICv the entry may have asked for this exit; a vector that has become pending
 * since has its own kick on the way. */
static void interrupt_window(struct lapic *lapic, struct cpu_context *ctx, void *self)
{
    struct vcpu *vcpu = self;
    (void)lapic;
    if (!vcpu->window) {
        cpu_return(ctx);
        return;
    }
    vcpu->window = false;
    vcpu_exit(vcpu, ctx, EXIT_INTERRUPT_WINDOW, EXIT_SITE_KERNEL, NULL, NULL);
}

const struct lapic_ops vcpu_lapic_ops = {
    .notify = notify, .eoi = end_of_interrupt, .window = interrupt_window};

/* ---- the host's interrupt handlers ---- */

/* A notification or a kick has done its work by interrupting the core. */
static void acknowledge(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void wake_posted(struct cpu_context *ctx, void *self)
{
    struct vcpu *vcpu = self;
    if (vcpu->mode == VCPU_ASLEEP)
        vcpu_wake(vcpu);
    cpu_return(ctx);
}

/* pi_wakeup_handler(). */
static void handle_wakeup(struct cpu_context *ctx, void *self)
{
    struct vcpu *vcpu = self;
    if (vcpu->mode == VCPU_ASLEEP)
        cpu_add(ctx, CPU_SCHED, SHARE_BATCH, vcpu->vm->costs->wakeup);
    cpu_run(ctx, wake_posted, vcpu);
}

static void forward(struct cpu_context *ctx, void *self)
{
    struct vm_irq_forward *forward = self;
    vcpu_interrupt_from(ctx, forward->vcpu, forward->vector);
}

void vm_forward_interrupt(struct cpu_context *ctx, void *self)
{
    struct vm_irq_forward *irq = self;
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, irq->costs->irq_handler);
    cpu_add(ctx, CPU_INJECT, SHARE_BATCH, irq->costs->irqfd + vcpu_post_cycles(irq->vcpu));
    cpu_run(ctx, forward, irq);
}

void vcpu_interrupts_init(struct vcpu *vcpu, uint16_t component)
{
    vcpu->ipi_vector = lapic_allocate(vcpu->core_lapic, acknowledge, vcpu, false);
    vcpu->wakeup_vector = lapic_allocate(vcpu->core_lapic, handle_wakeup, vcpu, false);
    sim_event_init(&vcpu->ipi, ipi_arrives, component, VCPU_EVENT_IPI);
}
