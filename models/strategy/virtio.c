/*
 * Virtio: the guest's virtio-net driver and a backend on the host, vhost-net or user space, joined by
 * virtqueues in guest memory. Kicks are exits that signal an eventfd; interrupts go by irqfd. Packets leave
 * through a tap, the host's bridge and the host's own driver of the physical NIC. Queue pair q is served by
 * vCPU q and, with vhost, a worker of its own.
 */
#include <stdlib.h>

#include "models/backend/multiqueue_tap.h"
#include "models/backend/qemu_virtio.h"
#include "models/backend/vhost.h"
#include "models/backend/virtio_interrupt.h"
#include "models/cpu/work.h"
#include "models/guest/virtio_net.h"
#include "models/hypervisor/trapped.h"
#include "models/strategy/all.h"
#include "models/strategy/assembly.h"
#include "sim/assert.h"

/* One queue pair's part of the assembly. */
struct virtio_assembly_pair {
    struct vhost vhost; /* backend vhost only */
    struct virtio_message rx_message, tx_message;
    struct virtio_line_source rx_source, tx_source;
};

struct virtio_assembly {
    const struct virtio_config *config;
    struct trapped_access access;
    struct virtio_net *net;
    struct multiqueue_tap tap;
    struct virtio_line line;   /* INTx */
    struct qemu_virtio device; /* backend qemu */
    struct virtio_assembly_pair *pairs;
    unsigned count;
};

static const char *const register_names[REGISTERS] = {[REG_NOTIFY] = "QUEUE_NOTIFY", [REG_ISR] = "ISR"};

/* ---- the device's registers ---- */

static void device_write_register(void *self, struct cpu_context *thread, enum device_register reg,
                                  unsigned index, uint64_t value)
{
    struct virtio_assembly *own = self;
    (void)value;
    SIM_ASSERT(reg == REG_NOTIFY && index / 2 < own->count);
    bool tx = index == virtio_tx_queue(index / 2);
    if (own->config->backend == VIRTIO_VHOST)
        vhost_kick(&own->pairs[index / 2].vhost, thread, tx);
    else
        qemu_virtio_kick(&own->device, index / 2, thread, tx);
}

static void isr_emulated(struct cpu_context *thread, void *self)
{
    (void)self;
    cpu_return(thread);
}

static void device_read_register(void *self, struct cpu_context *thread, enum device_register reg,
                                 unsigned index, uint64_t *value)
{
    struct virtio_assembly *own = self;
    (void)index;
    SIM_ASSERT(reg == REG_ISR);
    *value = virtio_line_read_isr(&own->line);
    cpu_add(thread, CPU_EMULATION, SHARE_BATCH, own->line.costs->emulate_register);
    cpu_run(thread, isr_emulated, NULL);
}

static const struct emulated_device_ops device_ops = {.write = device_write_register,
                                                      .read = device_read_register};

/* ---- reports ---- */

static int64_t kicks(const struct attachment *attachment, bool tx)
{
    const struct virtio_assembly *own = attachment->own;
    const struct virtio_net_counters *counters = virtio_net_counters(own->net);
    return tx ? counters->tx_kicks : counters->rx_kicks;
}

static int64_t interrupts_raised(const struct attachment *attachment)
{
    const struct virtio_assembly *own = attachment->own;
    if (!own->config->interrupts_msix)
        return own->line.lines;
    int64_t sum = 0;
    for (unsigned i = 0; i < own->count; i++)
        sum += own->pairs[i].rx_message.base.raised + own->pairs[i].tx_message.base.raised;
    return sum;
}

static int64_t interrupts_handled(const struct attachment *attachment)
{
    const struct virtio_assembly *own = attachment->own;
    const struct virtio_net_counters *counters = virtio_net_counters(own->net);
    return counters->rx_interrupts + counters->tx_interrupts;
}

static const struct virtio_interrupt *interrupt_of(const struct virtio_assembly *own, unsigned queue)
{
    const struct virtio_assembly_pair *pair = &own->pairs[queue / 2];
    bool tx = queue == virtio_tx_queue(queue / 2);
    if (own->config->interrupts_msix)
        return tx ? &pair->tx_message.base : &pair->rx_message.base;
    return tx ? &pair->tx_source.base : &pair->rx_source.base;
}

static struct virtqueue_counts virtqueue_counts(const struct attachment *attachment, unsigned queue)
{
    const struct virtio_assembly *own = attachment->own;
    return (struct virtqueue_counts){
        .kicks = virtio_net_kicks(own->net, queue),
        .interrupts = interrupt_of(own, queue)->raised,
    };
}

/* ---- assembly ---- */

static void create_access(struct virtio_assembly *own)
{
    bool port = own->config->notify == VIRTIO_NOTIFY_PORT;
    trapped_access_init(&own->access, &device_ops, own, port ? EXIT_IO_INSTRUCTION : EXIT_EPT_MISCONFIG,
                        EXIT_SITE_USER);
    trapped_set_write_site(&own->access, REG_NOTIFY, EXIT_SITE_IOEVENTFD);
}

static struct cpu *backend_core(const struct attachment *attachment, unsigned pair)
{
    return attachment_core(attachment, attachment_placement(attachment).backend + pair)->cpu;
}

/* The vCPU that serves a queue pair. */
static unsigned vcpu_of_pair(const struct attachment *attachment, unsigned pair)
{
    return pair % attachment->cpus;
}

static void create_line(struct attachment *attachment, struct virtio_assembly *own)
{
    struct vcpu *vcpu = vm_vcpu(attachment->vm, 0);
    bool from_kernel = own->config->backend == VIRTIO_VHOST;
    unsigned vector = lapic_allocate(vcpu_lapic(vcpu), virtio_net_line_interrupt, own->net, true);
    virtio_line_init(&own->line, vcpu, vector, &attachment->system->config->costs,
                     from_kernel ? backend_core(attachment, 0) : NULL);
    if (from_kernel)
        cpu_work_set_owner(&own->line.loop.thread, attachment->kernel->name);
}

/* Gives a pair's virtqueues their ways to the guest: a vector each, or both the line. */
static void create_interrupts(struct attachment *attachment, struct virtio_assembly *own, unsigned index,
                              struct virtio_pair *pair)
{
    struct virtio_assembly_pair *mine = &own->pairs[index];
    if (!own->config->interrupts_msix) {
        virtio_line_source_init(&mine->rx_source, &own->line);
        virtio_line_source_init(&mine->tx_source, &own->line);
        pair->rx_interrupt = &mine->rx_source.base;
        pair->tx_interrupt = &mine->tx_source.base;
        return;
    }
    struct vcpu *vcpu = vm_vcpu(attachment->vm, vcpu_of_pair(attachment, index));
    struct lapic *lapic = vcpu_lapic(vcpu);
    struct virtio_net_pair *driver = virtio_net_pair(own->net, index);
    virtio_message_init(&mine->rx_message, vcpu,
                        lapic_allocate(lapic, virtio_net_rx_interrupt, driver, false));
    virtio_message_init(&mine->tx_message, vcpu,
                        lapic_allocate(lapic, virtio_net_tx_interrupt, driver, false));
    pair->rx_interrupt = &mine->rx_message.base;
    pair->tx_interrupt = &mine->tx_message.base;
}

static void connect_pair(struct attachment *attachment, struct virtio_assembly *own, unsigned index)
{
    struct system *system = attachment->system;
    struct virtio_net_pair *driver = virtio_net_pair(own->net, index);
    struct virtio_pair pair = {
        .config = own->config,
        .costs = &system->config->costs,
        .rx = virtio_net_rx_queue(driver),
        .tx = virtio_net_tx_queue(driver),
        .tap = &own->tap.queues[index],
        .space = vm_space(attachment->vm),
        .memory = system->memory,
        .packets = system->packets,
        .sent = own->count > 1 ? multiqueue_tap_learn : NULL,
        .sent_self = &own->tap,
        .index = index,
    };
    create_interrupts(attachment, own, index, &pair);
    if (own->config->backend == VIRTIO_VHOST) {
        vhost_init(&own->pairs[index].vhost, &pair, backend_core(attachment, index), "vhost");
        cpu_work_set_owner(&own->pairs[index].vhost.worker.thread, attachment->kernel->name);
    } else {
        qemu_virtio_start(&own->device, index, &pair);
    }
    virtio_net_start(driver, &attachment->kernel->cpus[vcpu_of_pair(attachment, index)]);
}

static void create(struct attachment *attachment, struct virtio_assembly *own)
{
    struct system *system = attachment->system;
    struct system_nic *nic = attachment_nic(attachment);
    create_access(own);
    struct virtio_net_config net = {
        .virtio = own->config,
        .kernel = attachment->kernel,
        .access = &own->access.base,
        .packets = system->packets,
    };
    own->net = virtio_net_create(&net, "virtio-net");
    multiqueue_tap_init(&own->tap, &nic->bridge, attachment->station, own->count,
                        attachment_uplink_queue(attachment), nic->bridge.uplink->queues,
                        (uint32_t)system->config->host.tap_queue);
    if (!own->config->interrupts_msix)
        create_line(attachment, own);
    if (own->config->backend == VIRTIO_QEMU) {
        qemu_virtio_init(&own->device, own->count, &system->config->costs, backend_core(attachment, 0),
                         "qemu");
        cpu_work_set_owner(&own->device.loop.thread, attachment->kernel->name);
    }
    for (unsigned i = 0; i < own->count; i++)
        connect_pair(attachment, own, i);
}

static void build(struct attachment *attachment)
{
    struct virtio_assembly *own = calloc(1, sizeof(*own));
    SIM_ASSERT(own);
    own->config = &attachment->config->virtio;
    own->count = (unsigned)own->config->queues;
    own->pairs = calloc(own->count, sizeof(*own->pairs));
    SIM_ASSERT(own->pairs);
    attachment->own = own;
    attachment->kernel = vm_kernel(attachment->vm);
    attachment->cpus = attachment->kernel->cpu_count;
    create(attachment, own);
    attachment->netdev = virtio_net_netdev(own->net);
    attachment->register_names = register_names;
    attachment->access = &own->access.base;
    attachment->kicks = kicks;
    attachment->virtqueues = 2 * own->count;
    attachment->virtqueue_counts = virtqueue_counts;
    attachment->interrupts_raised = interrupts_raised;
    attachment->interrupts_handled = interrupts_handled;
}

static void destroy(struct attachment *attachment)
{
    struct virtio_assembly *own = attachment->own;
    if (!own)
        return;
    virtio_net_destroy(own->net);
    multiqueue_tap_destroy(&own->tap);
    if (own->config->backend == VIRTIO_QEMU)
        qemu_virtio_destroy(&own->device);
    free(own->pairs);
    free(own);
}

static void show_packets(const struct attachment *attachment, struct census *census)
{
    const struct virtio_assembly *own = attachment->own;
    virtio_net_census(own->net, census);
    multiqueue_tap_census(&own->tap, census);
    if (own->config->backend == VIRTIO_QEMU)
        qemu_virtio_census(&own->device, census);
    for (unsigned i = 0; own->config->backend == VIRTIO_VHOST && i < own->count; i++)
        vhost_census(&own->pairs[i].vhost, census);
}

const struct strategy strategy_virtio = {
    .name = "virtio",
    .help = "virtio-net: rings in guest memory, served by vhost-net or in user space",
    .needs_vm = true,
    .send = &journey_backend_send,
    .receive = &journey_backend_receive,
    .build = build,
    .destroy = destroy,
    .census = show_packets,
};
