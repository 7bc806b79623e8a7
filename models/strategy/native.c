/*
 * Native: the applications run on the host itself and use the PF through the host's driver. No VM exists; the cores
 * that its vCPUs would have are the applications'.
 */
#include "models/strategy/all.h"
#include "models/strategy/assembly.h"

/* Of the whole PF: flows are spread over its queues. Several native VMs of a NIC share it. */
static int64_t interrupts_raised(const struct attachment *attachment)
{
    const struct system_nic *nic = attachment_nic(attachment);
    int64_t sum = 0;
    for (unsigned queue = 0; queue < nic->config->queues; queue++)
        sum += nic_interrupts(nic->nic, 0, queue);
    return sum;
}

static int64_t interrupts_handled(const struct attachment *attachment)
{
    const struct system_nic *nic = attachment_nic(attachment);
    int64_t sum = 0;
    for (unsigned queue = 0; queue < nic->config->queues; queue++)
        sum += ring_queue_interrupts(ring_driver_queue(nic->host.driver, queue));
    return sum;
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
    .send = &journey_direct_send,
    .receive = &journey_direct_receive,
    .build = build,
    .destroy = destroy,
};
