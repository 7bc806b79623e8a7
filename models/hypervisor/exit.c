#include "models/hypervisor/vm_private.h"

/* Asynchronous exits tell all in their reason; the others are decoded and dispatched. */
static bool leaves_nothing_to_decode(enum exit_reason reason)
{
    return reason == EXIT_EXTERNAL_INTERRUPT || reason == EXIT_INTERRUPT_WINDOW ||
           reason == EXIT_PREEMPTION_TIMER;
}

int64_t vcpu_site_cycles(const struct costs *costs, enum exit_reason reason, enum exit_site site)
{
    if (leaves_nothing_to_decode(reason))
        return 0;
    switch (site) {
    case EXIT_SITE_FAST:
        return costs->exit_fast;
    case EXIT_SITE_IOEVENTFD:
        return costs->exit_ioeventfd;
    case EXIT_SITE_USER:
        return costs->exit_user;
    default:
        return costs->exit_kernel;
    }
}

/* Guest mode is left: the caller decides what the thread does next. */
void vcpu_leave(struct vcpu *vcpu, enum exit_reason reason, enum exit_site site)
{
    SIM_ASSERT(vcpu->mode == VCPU_GUEST);
    vcpu_update_times(vcpu);
    vcpu->mode = VCPU_ROOT;
    vcpu->reason = reason;
    vcpu->exited = true;
    vcpu->exit_start = sim_now(vcpu->vm->sim);
    vcpu->counters.exits[reason]++;
    vcpu->counters.sites[site]++;
}

/* Adds the way out and the site's cycles to the thread's segment. */
void vcpu_add_exit(struct vcpu *vcpu, enum exit_site site)
{
    const struct costs *costs = vcpu->vm->costs;
    int64_t cycles = vcpu_exit_half(costs) + vcpu_site_cycles(costs, vcpu->reason, site);
    cpu_add_exit(&vcpu->thread, (int)vcpu->reason, cycles);
}

/* ---- exits that the guest makes ---- */

static void guest_goes_on(struct cpu_context *guest, void *self)
{
    (void)self;
    cpu_return(guest);
}

static void handled(struct cpu_context *thread, void *self)
{
    (void)thread;
    vcpu_enter(self);
}

static void handle(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    if (!vcpu->handler) {
        vcpu_enter(vcpu);
        return;
    }
    cpu_push(thread, handled, vcpu);
    vcpu->handler(thread, vcpu->handler_self);
}

static void handle_in_user_space(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    cpu_push(thread, handle, vcpu);
    coalesced_flush(&vcpu->vm->coalesced, thread);
}

void vcpu_exit(struct vcpu *vcpu, struct cpu_context *guest, enum exit_reason reason, enum exit_site site,
               cpu_fn *handler, void *self)
{
    bool user = site == EXIT_SITE_USER;
    cpu_trap(guest, guest_goes_on, NULL);
    vcpu_leave(vcpu, reason, site);
    vcpu->guest = guest;
    vcpu->handler = handler;
    vcpu->handler_self = self;
    vcpu_add_exit(vcpu, site);
    cpu_run_at(&vcpu->thread, user ? CPU_TASK : CPU_HYPERVISOR, user ? handle_in_user_space : handle, vcpu);
}

/* ---- exits that the host makes ---- */

static void left_for_host(struct cpu_context *thread, void *self)
{
    (void)thread;
    vcpu_enter(self); /* at CPU_TASK: after the interrupt, its softirqs and whoever has the core now */
}

/* An interrupt of the host, or another thread's turn: the way out comes before either. */
void vcpu_leave_for_host(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    cpu_unsupply(vcpu->cpu);
    vcpu_leave(vcpu, EXIT_EXTERNAL_INTERRUPT, EXIT_SITE_KERNEL);
    vcpu_add_exit(vcpu, EXIT_SITE_KERNEL);
    cpu_run_at(thread, CPU_HARDIRQ, left_for_host, vcpu);
}
