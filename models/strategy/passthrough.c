/*
 * Passthrough: a VF is given to the VM. Its registers are mapped into the guest, its DMA goes through the IOMMU with
 * the guest's addresses, and its interrupts are posted to the vCPU, or taken by the host and injected.
 */
#include <stdlib.h>

#include "models/strategy/all.h"
#include "models/strategy/assembly.h"
#include "sim/assert.h"

struct passthrough {
    struct function_driver vf;
    struct vm_irq_forward *forwards; /* a queue, without posting */
    unsigned function, queues;
};

static int64_t interrupts_raised(const struct attachment *attachment)
{
    const struct passthrough *own = attachment->own;
    int64_t sum = 0;
    for (unsigned queue = 0; queue < own->queues; queue++)
        sum += nic_interrupts(attachment_nic(attachment)->nic, own->function, queue);
    return sum;
}

static int64_t interrupts_handled(const struct attachment *attachment)
{
    const struct passthrough *own = attachment->own;
    int64_t sum = 0;
    for (unsigned queue = 0; queue < own->queues; queue++)
        sum += ring_queue_interrupts(ring_driver_queue(own->vf.driver, queue));
    return sum;
}

/* The whole VM's memory is mapped for the VF at its guest addresses, and stays so. */
static void map_guest(struct attachment *attachment, struct system_nic *nic, unsigned function)
{
    struct iommu *iommu = attachment->system->iommu;
    struct iommu_domain *domain = iommu_domain_create(iommu);
    const struct address_space *space = vm_space(attachment->vm);
    for (size_t i = 0; i < address_space_extents(space); i++) {
        uint64_t gpa, hpa, size;
        address_space_extent(space, i, &gpa, &hpa, &size);
        iommu_map(domain, gpa, hpa, size, true);
    }
    iommu_attach(iommu, nic_requester_id(nic->nic, function), domain);
}

static void route_interrupt(struct attachment *attachment, struct passthrough *own, unsigned queue)
{
    struct system_nic *nic = attachment_nic(attachment);
    struct system *system = attachment->system;
    struct vcpu *vcpu = vm_vcpu(attachment->vm, queue % attachment->cpus);
    struct kernel_cpu *cpu = &attachment->kernel->cpus[queue % attachment->cpus];
    struct ring_queue *ring = ring_driver_queue(own->vf.driver, queue);
    unsigned vector = lapic_allocate(vcpu_lapic(vcpu), ring_driver_interrupt, ring, false);
    unsigned entry = function_driver_start(&own->vf, nic, queue, cpu);
    const struct hypervisor_config *config = &system->config->host.hypervisor;
    if (config->apicv && config->posted_interrupts) {
        msi_route_posted(nic->root, entry, vcpu_post, vcpu, vector);
        return;
    }
    struct placement placement = attachment_placement(attachment);
    struct system_core *core = attachment_core(attachment, placement.vcpu + queue % attachment->cpus);
    own->forwards[queue] =
        (struct vm_irq_forward){.vcpu = vcpu, .vector = vector, .costs = &system->config->costs};
    unsigned physical = lapic_allocate(core->lapic, vm_forward_interrupt, &own->forwards[queue], false);
    msi_route_lapic(nic->root, entry, core->lapic, physical);
}

static void build(struct attachment *attachment)
{
    struct system_nic *nic = attachment_nic(attachment);
    struct passthrough *own = calloc(1, sizeof(*own));
    SIM_ASSERT(own);
    own->function = ++nic->functions_used;
    own->queues = (unsigned)nic->config->queues;
    own->forwards = calloc(own->queues, sizeof(*own->forwards));
    SIM_ASSERT(own->forwards && own->function <= nic->config->vfs);
    attachment->own = own;
    attachment->kernel = vm_kernel(attachment->vm);
    attachment->cpus = attachment->kernel->cpu_count;
    map_guest(attachment, nic, own->function);
    function_driver_create(&own->vf, attachment->system, nic, own->function, own->queues, attachment->kernel,
                           attachment->kernel->name);
    for (unsigned queue = 0; queue < own->queues; queue++)
        route_interrupt(attachment, own, queue);
    attachment->netdev = ring_driver_netdev(own->vf.driver);
    attachment->endpoint = (uint16_t)own->function;
    attachment->register_names = function_personality(nic->config, own->function)->register_names;
    attachment->access = &own->vf.access.base;
    attachment->interrupts_raised = interrupts_raised;
    attachment->interrupts_handled = interrupts_handled;
}

static void destroy(struct attachment *attachment)
{
    struct passthrough *own = attachment->own;
    if (!own)
        return;
    function_driver_destroy(&own->vf);
    free(own->forwards);
    free(own);
}

static void show_packets(const struct attachment *attachment, struct census *census)
{
    const struct passthrough *own = attachment->own;
    ring_driver_census(own->vf.driver, census);
}

const struct strategy strategy_passthrough = {
    .name = "passthrough",
    .help = "an SR-IOV virtual function is given to the VM",
    .needs_vm = true,
    .send = &journey_direct_send,
    .receive = &journey_direct_receive,
    .build = build,
    .destroy = destroy,
    .census = show_packets,
};
