#include "models/strategy/assembly.h"

#include "models/host/placement.h"

const struct driver_personality *function_personality(const struct nic_config *config, unsigned function)
{
    return driver_personality_find(nic_driver_names[function == 0 ? config->driver : config->vf_driver]);
}

void function_driver_create(struct function_driver *own, struct system *system, struct system_nic *nic,
                            unsigned function, unsigned queues, struct kernel *kernel, const char *name)
{
    const struct nic_config *config = nic->config;
    nic_device_init(&own->device, nic->nic, function);
    native_access_init(&own->access, nic_dma(nic->nic), function, kernel->costs);
    struct ring_driver_config driver = {
        .personality = function_personality(config, function),
        .kernel = kernel,
        .access = &own->access.base,
        .device = &own->device.device,
        .queues = queues,
        .tx_size = (uint32_t)config->tx_ring,
        .rx_size = (uint32_t)config->rx_ring,
        .gso_max = (uint32_t)config->tso_max,
        .link_mbps = config->bit_rate / 1000000,
        .moderation = &config->moderation,
        .packets = system->packets,
    };
    own->driver = ring_driver_create(&driver, name);
    ring_driver_netdev(own->driver)->receive = &kernel_local_delivery;
}

void function_driver_destroy(struct function_driver *own)
{
    ring_driver_destroy(own->driver);
}

unsigned function_driver_start(struct function_driver *own, struct system_nic *nic, unsigned queue,
                               struct kernel_cpu *cpu)
{
    unsigned entry = msi_allocate(nic->root);
    ring_queue_start(ring_driver_queue(own->driver, queue), cpu, msi_address(entry), 0);
    return entry;
}

struct system_nic *attachment_nic(const struct attachment *attachment)
{
    return &attachment->system->nics[attachment->config->nic];
}

unsigned attachment_uplink_queue(const struct attachment *attachment)
{
    return attachment->index % (unsigned)attachment_nic(attachment)->config->queues;
}

struct system_core *attachment_core(const struct attachment *attachment, unsigned number)
{
    return &attachment->system->cores[placement_core(attachment->system->config, number)];
}

struct placement attachment_placement(const struct attachment *attachment)
{
    return placement_of(attachment->system->config, attachment->index, !attachment->strategy->needs_vm);
}
