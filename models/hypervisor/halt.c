/*
 * HLT: halt polling and sleep, as kvm_vcpu_halt() does it. Polling goes on while the core has no other thread
 * to run, which is looked at when polling starts and every POLL_LOOK.
 */
#include "models/hypervisor/vm_private.h"

#define POLL_LOOK (10 * SIM_US)

/* ---- how long to poll ---- */

static void grow(struct vcpu *vcpu)
{
    const struct hypervisor_config *config = &vcpu->vm->config;
    if (config->halt_poll_grow == 0)
        return;
    vcpu->halt_poll *= config->halt_poll_grow;
    if (vcpu->halt_poll < config->halt_poll_start)
        vcpu->halt_poll = config->halt_poll_start;
}

/* The end of kvm_vcpu_halt(); the time halted includes polling, sleep and waking up. */
static void adapt(struct vcpu *vcpu, sim_time halted)
{
    sim_time longest = vcpu->vm->config.halt_poll;
    if (halted <= vcpu->halt_poll)
        return;
    if (vcpu->halt_poll > 0 && halted > longest)
        vcpu->halt_poll = 0; /* halt_poll_ns_shrink is 0 */
    else if (vcpu->halt_poll < longest && halted < longest)
        grow(vcpu);
}

/* A hit is whatever did not get to sleep, even if polling was over. */
static void end_halt(struct vcpu *vcpu)
{
    sim_cancel(vcpu->vm->sim, &vcpu->poll_end);
    vcpu_update_times(vcpu);
    vcpu->halted = false;
    if (vcpu->polled && !vcpu->slept)
        vcpu->counters.halt_polls_hit++;
    adapt(vcpu, sim_now(vcpu->vm->sim) - vcpu->halt_start);
    vcpu_enter(vcpu);
}

/* ---- sleep ---- */

static void sleep_or_end(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    if (vcpu_has_work(vcpu)) {
        end_halt(vcpu);
        return;
    }
    if (vcpu->polled && !vcpu->slept)
        vcpu->counters.halt_polls_missed++;
    vcpu->slept = true;
    vcpu->mode = VCPU_ASLEEP;
    cpu_block(thread, sleep_or_end, vcpu);
}

static void fall_asleep(struct vcpu *vcpu)
{
    cpu_add(&vcpu->thread, CPU_SCHED, SHARE_BATCH, vcpu->vm->costs->halt_block);
    cpu_run(&vcpu->thread, sleep_or_end, vcpu);
}

/* ---- polling ---- */

/* kvm_vcpu_halt() polls while single_task_running(): a thread that waits for the core has it at once. */
static void poll(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    sim_time now = sim_now(vcpu->vm->sim);
    vcpu->mode = VCPU_ROOT;
    if (vcpu_has_work(vcpu)) {
        end_halt(vcpu);
        return;
    }
    if (cpu_others_wait(thread) || now >= vcpu->poll_stop) {
        fall_asleep(vcpu);
        return;
    }
    sim_time span = vcpu->poll_stop - now < POLL_LOOK ? vcpu->poll_stop - now : POLL_LOOK;
    vcpu->mode = VCPU_POLLING;
    cpu_add(thread, CPU_POLL, SHARE_BACKGROUND, sim_time_to_cycles(span, cpu_hz(vcpu->cpu)));
    cpu_run(thread, poll, vcpu);
}

void vcpu_stop_polling(struct vcpu *vcpu)
{
    struct cpu_part rest[CPU_PARTS_MAX];
    SIM_ASSERT(vcpu->mode == VCPU_POLLING);
    vcpu->mode = VCPU_ROOT;
    cpu_split(&vcpu->thread, rest);
    cpu_run(&vcpu->thread, poll, vcpu);
}

/* Polling ends by the clock, whatever interrupts took of it. */
static void poll_end(struct sim *sim, struct sim_event *event)
{
    struct vcpu *vcpu = SIM_CONTAINER_OF(event, struct vcpu, poll_end);
    (void)sim;
    if (vcpu->mode == VCPU_POLLING)
        vcpu_stop_polling(vcpu);
}

/* ---- the exit ---- */

static void begin_halt(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    struct sim *sim = vcpu->vm->sim;
    sim_time longest = vcpu->vm->config.halt_poll;
    if (vcpu->halt_poll > longest)
        vcpu->halt_poll = longest;
    vcpu->halt_start = sim_now(sim);
    vcpu->poll_stop = vcpu->halt_start + vcpu->halt_poll;
    vcpu->polled = vcpu->halt_poll > 0;
    vcpu->slept = false;
    vcpu_update_times(vcpu);
    vcpu->halted = true;
    vcpu_raise_due(vcpu, &vcpu->due);
    if (vcpu_has_work(vcpu)) {
        end_halt(vcpu);
    } else if (vcpu->polled) {
        sim_schedule(sim, &vcpu->poll_end, vcpu->poll_stop);
        cpu_run_at(thread, CPU_TASK, poll, vcpu);
    } else {
        fall_asleep(vcpu);
    }
}

void vcpu_halt(struct cpu_context *thread, void *self)
{
    struct vcpu *vcpu = self;
    vcpu_leave(vcpu, EXIT_HLT, EXIT_SITE_KERNEL);
    vcpu->counters.halts++;
    vcpu_add_exit(vcpu, EXIT_SITE_KERNEL);
    cpu_run_at(thread, CPU_HYPERVISOR, begin_halt, vcpu);
}

void vcpu_halt_init(struct vcpu *vcpu, uint16_t component)
{
    sim_event_init(&vcpu->poll_end, poll_end, component, VCPU_EVENT_POLL_END);
}
