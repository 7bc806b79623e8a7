#include "models/host/placement.h"

#include "models/strategy/strategy.h"

unsigned placement_core(const struct config *config, unsigned number)
{
    unsigned cores = (unsigned)config->host.cores;
    if (number < cores)
        return number;
    return cores == 1 ? 0 : 1 + (number - 1) % (cores - 1);
}

static unsigned vcpus_before(const struct config *config, size_t index)
{
    const struct vm_config *vms = config->vms.items;
    unsigned count = 0;
    for (size_t i = 0; i < index; i++)
        count += (unsigned)vms[i].vcpus;
    return count;
}

struct placement placement_of(const struct config *config, size_t index, bool native)
{
    const struct vm_config *vm = (const struct vm_config *)config->vms.items + index;
    unsigned all = vcpus_before(config, config->vms.count);
    unsigned vcpu = placement_core(config, 1 + vcpus_before(config, index));
    unsigned backend = placement_core(config, 1 + all + (unsigned)index);
    struct placement placement = {
        .vcpu = vm->core >= 0 ? (unsigned)vm->core : vcpu,
        .backend = vm->backend_core >= 0 ? (unsigned)vm->backend_core : backend,
    };
    unsigned irq = native ? placement.vcpu : 0;
    placement.irq = vm->irq_core >= 0 ? (unsigned)vm->irq_core : irq;
    return placement;
}

const struct strategy *placement_strategy(const struct config *config, size_t index)
{
    int own = ((const struct vm_config *)config->vms.items + index)->strategy;
    return strategies[own > 0 ? own - 1 : config->strategy];
}

unsigned placement_queue_core(const struct config *config, size_t nic, unsigned queue)
{
    const struct vm_config *vms = config->vms.items;
    size_t queues = (size_t)((const struct nic_config *)config->nics.items + nic)->queues;
    for (size_t i = queue; i < config->vms.count; i += queues)
        if (vms[i].nic == (int64_t)nic)
            return placement_core(config,
                                  placement_of(config, i, !placement_strategy(config, i)->needs_vm).irq);
    return 0;
}
