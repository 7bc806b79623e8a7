/*
 * Native: the applications run on the host itself and use the PF through the host's driver. No VM exists; the cores
 * that its vCPUs would have are the applications'.
 */
#include "models/strategy/all.h"
#include "models/strategy/assembly.h"

static int64_t interrupts_raised(const struct attachment *attachment)
{
    return nic_interrupts(attachment_nic(attachment)->nic, 0, attachment_uplink_queue(attachment));
}

static int64_t interrupts_handled(const struct attachment *attachment)
{
    struct system_nic *nic = attachment_nic(attachment);
    return ring_queue_interrupts(ring_driver_queue(nic->host.driver, attachment_uplink_queue(attachment)));
}

static void build(struct attachment *attachment)
{
    struct system_nic *nic = attachment_nic(attachment);
    struct placement placement = attachment_placement(attachment);
    attachment->kernel = &attachment->system->host;
    attachment->netdev = ring_driver_netdev(nic->host.driver);
    attachment->queue = attachment_uplink_queue(attachment);
    attachment->first_cpu = attachment_core(attachment, placement.vcpu)->kernel_cpu;
    attachment->cpus = (unsigned)attachment->config->vcpus;
    attachment->register_names = function_personality(nic->config, 0)->register_names;
    attachment->access = &nic->host.access.base;
    attachment->interrupts_raised = interrupts_raised;
    attachment->interrupts_handled = interrupts_handled;
}

static void destroy(struct attachment *attachment)
{
    (void)attachment; /* the PF's driver is the system's */
}

const struct strategy strategy_native = {
    .name = "native",
    .help = "bare metal: the applications use the physical NIC",
    .build = build,
    .destroy = destroy,
};
