/* A vCPU's time by state. Called before each change of state. */
#include "models/hypervisor/vm_private.h"

static enum vcpu_time state(const struct vcpu *vcpu)
{
    if (vcpu->halted)
        return VCPU_TIME_HALTED;
    return vcpu->mode == VCPU_GUEST ? VCPU_TIME_GUEST : VCPU_TIME_EXIT;
}

void vcpu_update_times(struct vcpu *vcpu)
{
    sim_time now = sim_now(vcpu->vm->sim), waited = cpu_waited(&vcpu->thread);
    sim_time elapsed = now - vcpu->counted, steal = waited - vcpu->counted_wait;
    SIM_ASSERT(steal >= 0 && steal <= elapsed);
    vcpu->counters.time[VCPU_TIME_STEAL] += steal;
    vcpu->counters.time[state(vcpu)] += elapsed - steal;
    vcpu->counted = now;
    vcpu->counted_wait = waited;
}
