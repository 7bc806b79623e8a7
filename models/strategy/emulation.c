/*
 * Emulation: a NIC in user space that the guest's stock driver believes in. Its packets leave through a tap, the host's
 * bridge and the host's own driver of the physical NIC.
 */
#include <stdlib.h>

#include "models/backend/emulated_nic.h"
#include "models/strategy/all.h"
#include "models/strategy/assembly.h"
#include "sim/assert.h"

struct emulation {
    struct emulated_nic nic;
    struct ring_driver *driver;
    const struct driver_personality *personality;
};

static int64_t interrupts_raised(const struct attachment *attachment)
{
    const struct emulation *own = attachment->own;
    return own->nic.raised;
}

static int64_t interrupts_handled(const struct attachment *attachment)
{
    const struct emulation *own = attachment->own;
    return ring_queue_interrupts(ring_driver_queue(own->driver, 0));
}

static enum emulated_signal signal_of(const struct driver_personality *personality)
{
    if (personality->intx)
        return EMULATED_LINE;
    return personality->split_vectors ? EMULATED_MSIX : EMULATED_MSI;
}

/* QEMU 7.2's e1000e raises what is written to ITR and EITR to 500, where they stand after a reset; igb takes all. */
static bool has_interval_floor(int device)
{
    return device == EMULATED_E1000E || device == EMULATED_E1000E_MSI || device == EMULATED_E1000E_INTX;
}

static void create_device(struct attachment *attachment, struct emulation *own)
{
    struct system *system = attachment->system;
    const struct system_core *core = attachment_core(attachment, attachment_placement(attachment).backend);
    struct emulated_nic_config config = {
        .emulation = &attachment->config->emulation,
        .signal = signal_of(own->personality),
        .auto_mask = own->personality->auto_mask,
        .interval_floor = has_interval_floor(attachment->config->emulation.device),
        .vm = attachment->vm,
        .core = &system->host.cpus[core->kernel_cpu],
        .packets = system->packets,
        .costs = &system->config->costs,
        .name = own->personality->name,
    };
    emulated_nic_init(&own->nic, &config, &attachment_nic(attachment)->bridge, attachment->station,
                      attachment_uplink_queue(attachment));
}

static void create_driver(struct attachment *attachment, struct emulation *own)
{
    const struct emulation_config *config = &attachment->config->emulation;
    struct ring_driver_config driver = {
        .personality = own->personality,
        .kernel = attachment->kernel,
        .access = &own->nic.access.base,
        .device = &own->nic.device,
        .queues = 1,
        .tx_size = (uint32_t)config->tx_ring,
        .rx_size = (uint32_t)config->rx_ring,
        .gso_max = 65536,
        .link_mbps = 1000,
        .moderation = &config->moderation,
        .packets = attachment->system->packets,
    };
    own->driver = ring_driver_create(&driver, own->personality->name);
    ring_driver_netdev(own->driver)->receive = &kernel_local_delivery;
}

static void connect(struct attachment *attachment, struct emulation *own)
{
    struct vcpu *vcpu = vm_vcpu(attachment->vm, 0);
    struct ring_queue *queue = ring_driver_queue(own->driver, 0);
    struct lapic *lapic = vcpu_lapic(vcpu);
    unsigned vector = lapic_allocate(lapic, ring_driver_interrupt, queue, own->personality->intx);
    emulated_nic_route(&own->nic, 0, vcpu, vector);
    if (own->nic.vector_count > 1) {
        unsigned transmit = lapic_allocate(lapic, ring_driver_tx_interrupt, queue, false);
        emulated_nic_route(&own->nic, 1, vcpu, transmit);
    }
    ring_queue_start(queue, &attachment->kernel->cpus[0], 0, 0);
}

static void build(struct attachment *attachment)
{
    struct emulation *own = calloc(1, sizeof(*own));
    SIM_ASSERT(own);
    own->personality = driver_personality_find(emulation_devices[attachment->config->emulation.device]);
    SIM_ASSERT(own->personality);
    attachment->own = own;
    attachment->kernel = vm_kernel(attachment->vm);
    attachment->cpus = attachment->kernel->cpu_count;
    create_device(attachment, own);
    create_driver(attachment, own);
    connect(attachment, own);
    attachment->netdev = ring_driver_netdev(own->driver);
    attachment->register_names = own->personality->register_names;
    attachment->access = &own->nic.access.base;
    attachment->interrupts_raised = interrupts_raised;
    attachment->interrupts_handled = interrupts_handled;
}

static void destroy(struct attachment *attachment)
{
    struct emulation *own = attachment->own;
    if (!own)
        return;
    ring_driver_destroy(own->driver);
    free(own);
}

static void show_packets(const struct attachment *attachment, struct census *census)
{
    const struct emulation *own = attachment->own;
    ring_driver_census(own->driver, census);
    emulated_nic_census(&own->nic, census);
}

const struct strategy strategy_emulation = {
    .name = "emulation",
    .help = "a NIC emulated in user space, driven by the guest's stock driver",
    .needs_vm = true,
    .send = &journey_backend_send,
    .receive = &journey_backend_receive,
    .build = build,
    .destroy = destroy,
    .census = show_packets,
};
