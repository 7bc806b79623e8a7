/*
 * A guest's timers: the TSC deadline timer that the hypervisor backs by the VMX preemption timer while the vCPU is
 * not halted, and by a timer of the host while it is (kvm_lapic_switch_to_sw_timer()).
 *
 * Expiry in guest mode is an exit, PREEMPTION_TIMER. In root mode the timer value at the next entry is 0: the entry
 * exits again before the guest runs. While halted the host takes a timer interrupt. The guest's vector follows.
 *
 * The register holds whatever ends first of tick and sleeps. It is written when that changes; in particular after it has
 * gone off, be it with nothing to come.
 */
#include "models/hypervisor/vm_private.h"
#include "sim/random.h"

void vcpu_raise_due(struct vcpu *vcpu, uint8_t *due)
{
    uint8_t now = *due;
    *due = 0;
    if (now & DUE_TICK)
        tick_raise(vcpu->tick);
    if (now & DUE_SLEEP)
        lapic_raise(vcpu->lapic, vcpu->kernel_cpu->timer_vector);
}

/* ---- expiry ---- */

static void timer_handled(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    (void)thread;
    vcpu_raise_due(vcpu, &vcpu->due);
    vcpu_enter(vcpu);
}

void vcpu_timer_exit(struct vcpu *vcpu)
{
    vcpu_leave(vcpu, EXIT_PREEMPTION_TIMER, EXIT_SITE_KERNEL);
    vcpu_add_exit(vcpu, EXIT_SITE_KERNEL);
    cpu_run_at(&vcpu->thread, CPU_HYPERVISOR, timer_handled, vcpu);
}

static void expired(struct vcpu *vcpu, uint8_t timer)
{
    if (vcpu->deadline <= sim_now(vcpu->vm->sim))
        vcpu->deadline = TIMER_FIRED;
    if (vcpu->halted) {
        vcpu->host_due |= timer;
        lapic_raise(vcpu->core_lapic, vcpu->timer_vector);
        return;
    }
    vcpu->due |= timer;
    if (vcpu->mode == VCPU_GUEST) {
        cpu_unsupply(vcpu->cpu);
        vcpu_timer_exit(vcpu);
    }
}

/* ---- the host's timer ---- */

static void host_timer_ran(struct cpu_context *ctx, void *self)
{
    struct vcpu *vcpu = self;
    vcpu_begin_sending(vcpu);
    vcpu_raise_due(vcpu, &vcpu->host_due);
    vcpu_end_sending(ctx, vcpu);
}

static void handle_host_timer(struct cpu_context *ctx, void *self)
{
    struct vcpu *vcpu = self;
    cpu_add(ctx, CPU_INJECT, SHARE_BATCH, vcpu_post_cycles(vcpu));
    cpu_run(ctx, host_timer_ran, vcpu);
}

/* ---- the guest's two users of its timer: the tick and threads that sleep ---- */

static void tick_expired_in(struct tick *tick, void *self)
{
    (void)tick;
    expired(self, DUE_TICK);
}

/* ---- programming it ---- */

/* Writes the TSC deadline register, which traps, if it is to change. */
static void program(struct vcpu *vcpu, struct cpu_context *ctx)
{
    sim_time sleep = kernel_cpu_deadline(vcpu->kernel_cpu);
    sim_time first = sleep < vcpu->tick_deadline ? sleep : vcpu->tick_deadline;
    if (first == vcpu->deadline) {
        cpu_return(ctx);
        return;
    }
    vcpu->deadline = first;
    vcpu_exit(vcpu, ctx, EXIT_MSR_WRITE, EXIT_SITE_FAST, NULL, NULL);
}

static void arm_tick(struct tick *tick, struct cpu_context *ctx, sim_time when, void *self)
{
    struct vcpu *vcpu = self;
    (void)tick;
    vcpu->tick_deadline = when;
    program(vcpu, ctx);
}

static void program_sleep(struct kernel_cpu *cpu, struct cpu_context *ctx, void *self)
{
    (void)cpu;
    program(self, ctx);
}

static void sleep_expired(struct kernel_cpu *cpu, void *self)
{
    (void)cpu;
    expired(self, DUE_SLEEP);
}

/* Guests were not booted at the same time: their ticks lie anywhere in the period, a guest's vCPUs' together. */
static struct tick_config tick_config_of(const struct vm *vm)
{
    const struct sim_config *sim = sim_get_config(vm->sim);
    struct random_stream stream =
        random_stream_make(sim->seed, sim->replication, vm->kernel.name, "tick phase");
    sim_time period = SIM_SECOND / vm->config.guest_hz;
    return (struct tick_config){
        .mode = vm->config.guest_tick,
        .period = period,
        .phase = (sim_time)random_below(&stream, (uint64_t)period),
        .cycles = vm->costs->tick,
    };
}

void vcpu_timers_init(struct vcpu *vcpu, struct kernel_cpu *cpu)
{
    static const struct tick_ops ops = {.arm = arm_tick, .expire = tick_expired_in};
    vcpu->timer_vector = lapic_allocate(vcpu->core_lapic, handle_host_timer, vcpu, false);
    vcpu->deadline = vcpu->tick_deadline = SIM_TIME_MAX;
    cpu->timer_expired = sleep_expired;
    cpu->program_timer = program_sleep;
    cpu->timer_self = vcpu;
    if (vcpu->vm->config.guest_tick == TICK_OFF)
        return;
    struct tick_config config = tick_config_of(vcpu->vm);
    vcpu->tick = tick_create(vcpu->cpu, vcpu->lapic, &config, &ops, vcpu);
    vcpu->deadline = vcpu->tick_deadline = tick_deadline(vcpu->tick);
}

void vcpu_timers_destroy(struct vcpu *vcpu)
{
    tick_destroy(vcpu->tick);
}
