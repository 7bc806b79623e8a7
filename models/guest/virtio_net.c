#include "models/guest/virtio_net.h"

#include <stdlib.h>

#include "models/guest/virtio_net_private.h"

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    SIM_ASSERT(memory);
    return memory;
}

/* ---- kicks ---- */

static void store_notify(struct virtio_net *net, struct cpu_context *ctx, unsigned queue)
{
    device_write(net->config.access, ctx, REG_NOTIFY, queue, queue);
}

void virtio_net_kick(struct virtio_net *net, struct cpu_context *ctx, unsigned queue)
{
    bool tx = queue & 1;
    if (tx)
        net->counters.tx_kicks++;
    else
        net->counters.rx_kicks++;
    net->pairs[queue / 2].kicks[tx]++;
    store_notify(net, ctx, queue);
}

/* ---- interrupts ---- */

static void rx_fired(struct cpu_context *ctx, void *self)
{
    virtio_net_rx_callback(self);
    cpu_return(ctx);
}

static void tx_fired(struct cpu_context *ctx, void *self)
{
    virtio_net_tx_callback(self);
    cpu_return(ctx);
}

static void run_handler(struct virtio_net *net, struct cpu_context *ctx, cpu_fn *next, void *self)
{
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, net->netdev.kernel->costs->irq_handler);
    cpu_run(ctx, next, self);
}

void virtio_net_rx_interrupt(struct cpu_context *ctx, void *self)
{
    struct virtio_net_pair *pair = self;
    pair->net->counters.rx_interrupts++;
    run_handler(pair->net, ctx, rx_fired, pair);
}

void virtio_net_tx_interrupt(struct cpu_context *ctx, void *self)
{
    struct virtio_net_pair *pair = self;
    pair->net->counters.tx_interrupts++;
    run_handler(pair->net, ctx, tx_fired, pair);
}

/* INTx: the ISR says whether a queue was used, not which: all are looked at (vp_vring_interrupt()). */
static void isr_read(struct cpu_context *ctx, void *self)
{
    struct virtio_net *net = self;
    for (unsigned i = 0; (net->isr & 1) && i < net->netdev.queues; i++) {
        virtio_net_rx_callback(&net->pairs[i]);
        virtio_net_tx_callback(&net->pairs[i]);
    }
    cpu_return(ctx);
}

static void line_fired(struct cpu_context *ctx, void *self)
{
    struct virtio_net *net = self;
    cpu_push(ctx, isr_read, net);
    device_read(net->config.access, ctx, REG_ISR, 0, &net->isr);
}

void virtio_net_line_interrupt(struct cpu_context *ctx, void *self)
{
    struct virtio_net *net = self;
    net->counters.rx_interrupts++;
    run_handler(net, ctx, line_fired, net);
}

/* ---- set-up ---- */

static enum rx_buffers rx_kind_of(const struct virtio_config *config)
{
    if (config->mergeable)
        return RX_MERGEABLE;
    return config->gso ? RX_BIG : RX_SMALL;
}

static uint32_t rx_pool_size(enum rx_buffers kind)
{
    switch (kind) {
    case RX_MERGEABLE:
        return PAGE_SIZE;
    case RX_SMALL:
        return RX_SMALL_BUFFER;
    default:
        return RX_BIG_BUFFER;
    }
}

static void pair_init(struct virtio_net_pair *pair, struct virtio_net *net, unsigned index)
{
    const struct virtio_config *virtio = net->config.virtio;
    struct kernel *kernel = net->netdev.kernel;
    int node = cpu_node(kernel->cpus[0].cpu);
    struct virtqueue_config queue = {
        .space = kernel->space,
        .memory = kernel->memory,
        .node = node,
        .size = (uint16_t)virtio->queue_size,
        .parts = net->rx_kind == RX_BIG ? RX_BIG_PARTS : 1,
        .packed = virtio->layout == VIRTIO_PACKED,
        .event_index = virtio->event_index,
        .indirect = virtio->indirect,
        .legacy = virtio->notify == VIRTIO_NOTIFY_PORT,
        .event_on_take = virtio->backend == VIRTIO_QEMU,
    };
    pair->net = net;
    pair->index = index;
    virtqueue_init(&pair->rx, &queue);
    queue.parts = virtio->gso ? TX_PARTS_MAX : 1;
    virtqueue_init(&pair->tx, &queue);
    pair->tx_slots = allocate(queue.size, sizeof(*pair->tx_slots));
    pair->rx_slots = allocate(queue.size, sizeof(*pair->rx_slots));
    pair->tx_small = buffer_pool_create(kernel->space, kernel->memory, node, TX_SMALL_BUFFER);
    pair->tx_large = buffer_pool_create(kernel->space, kernel->memory, node,
                                        VIRTIO_GSO_MAX + VIRTIO_HEADER + FRAME_HEADERS);
    pair->rx_buffers = buffer_pool_create(kernel->space, kernel->memory, node, rx_pool_size(net->rx_kind));
}

static void pair_destroy(struct virtio_net_pair *pair)
{
    virtqueue_destroy(&pair->rx);
    virtqueue_destroy(&pair->tx);
    free(pair->tx_slots);
    free(pair->rx_slots);
    buffer_pool_destroy(pair->tx_small);
    buffer_pool_destroy(pair->tx_large);
    buffer_pool_destroy(pair->rx_buffers);
}

struct virtio_net *virtio_net_create(const struct virtio_net_config *config, const char *name)
{
    struct virtio_net *net = allocate(1, sizeof(*net));
    const struct virtio_config *virtio = config->virtio;
    net->config = *config;
    net->header = virtio_header_size(virtio);
    net->rx_kind = rx_kind_of(virtio);
    net->netdev = (struct netdev){
        .ops = &virtio_netdev_ops,
        .name = name,
        .kernel = config->kernel,
        .queues = (unsigned)virtio->queues,
        .gso_max = virtio->gso ? VIRTIO_GSO_MAX : 0,
        .bulk = virtio->tx_interrupts,
        .receive = &kernel_local_delivery,
    };
    transmit_create(&net->netdev);
    net->pairs = allocate(net->netdev.queues, sizeof(*net->pairs));
    for (unsigned i = 0; i < net->netdev.queues; i++)
        pair_init(&net->pairs[i], net, i);
    return net;
}

void virtio_net_destroy(struct virtio_net *net)
{
    if (!net)
        return;
    for (unsigned i = 0; i < net->netdev.queues; i++)
        pair_destroy(&net->pairs[i]);
    free(net->pairs);
    transmit_destroy(&net->netdev);
    free(net);
}

struct netdev *virtio_net_netdev(struct virtio_net *net)
{
    return &net->netdev;
}

struct virtio_net_pair *virtio_net_pair(struct virtio_net *net, unsigned pair)
{
    SIM_ASSERT(pair < net->netdev.queues);
    return &net->pairs[pair];
}

struct virtqueue *virtio_net_rx_queue(struct virtio_net_pair *pair)
{
    return &pair->rx;
}

struct virtqueue *virtio_net_tx_queue(struct virtio_net_pair *pair)
{
    return &pair->tx;
}

const struct virtio_net_counters *virtio_net_counters(const struct virtio_net *net)
{
    return &net->counters;
}

int64_t virtio_net_kicks(const struct virtio_net *net, unsigned queue)
{
    SIM_ASSERT(queue / 2 < net->netdev.queues);
    return net->pairs[queue / 2].kicks[queue % 2];
}

void virtio_net_start(struct virtio_net_pair *pair, struct kernel_cpu *cpu)
{
    napi_init(&pair->tx_napi, &virtio_tx_napi_ops, pair, cpu, &pair->net->netdev);
    napi_init(&pair->rx_napi, &virtio_rx_napi_ops, pair, cpu, &pair->net->netdev);
    transmit_bind(&pair->net->netdev, pair->index, cpu);
    virtio_net_tx_start(pair);
    virtio_net_rx_start(pair);
}
