#include <string.h>

#include "models/guest/ring_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

static bool can_send(struct netdev *netdev, unsigned queue, const struct packet *packet)
{
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    (void)packet;
    return ring_room(&driver->queues[queue].tx) > 0;
}

static void prepare(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                    bool more)
{
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    (void)packet;
    uint32_t room = ring_room(&driver->queues[queue].tx);
    SIM_ASSERT(room > 0);
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, netdev->kernel->costs->driver_send);
    if (!more || room == 1)
        device_add_write(driver->config.access, ctx);
}

/* The packet's bytes, as tags: pages that follow each other for the kernel need not do so in host memory. */
static void fill(struct kernel *kernel, uint64_t buffer, uint32_t length, uint64_t tag)
{
    for (uint64_t end = buffer + length; buffer < end;) {
        uint64_t page_end = (buffer / PAGE_SIZE + 1) * PAGE_SIZE;
        uint64_t part = (page_end < end ? page_end : end) - buffer;
        memory_tag(kernel->memory, address_space_translate(kernel->space, buffer), (uint32_t)part, tag);
        buffer += part;
    }
}

/* Copies the packet into a fresh buffer and describes it to the device. */
static void describe(struct ring_queue *queue, struct packet *packet)
{
    struct ring *ring = &queue->tx;
    struct kernel *kernel = queue->driver->netdev.kernel;
    struct ring_slot *slot = &ring->slots[ring->next_to_use];
    slot->pool = packet->length > RING_BUFFER ? ring->large : ring->buffers;
    SIM_ASSERT(packet->length <= RING_BUFFER || packet->length <= queue->driver->config.gso_max);
    slot->buffer = buffer_pool_take(slot->pool);
    slot->packet = packet;
    slot->charge = send_charge_move(packet);
    fill(kernel, slot->buffer, packet->length, sim_pool_handle(queue->driver->config.packets, packet));
    struct tx_descriptor descriptor = {
        .address = slot->buffer,
        .length = packet->length,
        .mss = (uint16_t)packet->gso_size,
        .command = (uint8_t)(TX_EOP | TX_RS | (packet->gso_size ? TX_TSO : 0)),
    };
    memcpy(ring_descriptor(ring, kernel->memory, ring->next_to_use), &descriptor, sizeof(descriptor));
    ring->next_to_use = ring_next(ring, ring->next_to_use);
    queue->tx_packets += packet->segments;
    queue->tx_bytes += packet->length;
}

static void commit(struct netdev *netdev, unsigned index, struct cpu_context *ctx, struct packet *packet,
                   bool more)
{
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    struct ring_queue *queue = &driver->queues[index];
    describe(queue, packet);
    if (more && ring_room(&queue->tx) > 0)
        cpu_return(ctx);
    else
        device_write(driver->config.access, ctx, REG_TX_TAIL, queue->index, queue->tx.next_to_use);
}

const struct netdev_ops ring_netdev_ops = {.can_send = can_send, .prepare = prepare, .commit = commit};

unsigned ring_tx_clean(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    struct ring *ring = &queue->tx;
    struct kernel *kernel = queue->driver->netdev.kernel;
    uint32_t at = ring->next_to_clean;
    unsigned count = 0;
    while (at != ring->next_to_use) {
        struct tx_descriptor descriptor;
        memcpy(&descriptor, ring_descriptor(ring, kernel->memory, at), sizeof(descriptor));
        if (!(descriptor.status & DESC_DD))
            break;
        at = ring_next(ring, at);
        count++;
    }
    queue->reclaimed = count;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, (int64_t)count * kernel->costs->driver_clean);
    return count;
}

void ring_tx_cleaned(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    struct ring *ring = &queue->tx;
    struct transmit_queue *transmit = &queue->driver->netdev.transmit[queue->index];
    if (queue->reclaimed == 0) {
        cpu_return(ctx);
        return;
    }
    for (; queue->reclaimed > 0; queue->reclaimed--) {
        struct ring_slot *slot = &ring->slots[ring->next_to_clean];
        buffer_pool_give(slot->pool, slot->buffer);
        slot->buffer = 0;
        slot->packet = NULL;
        send_charge_free(&slot->charge, transmit);
        ring->next_to_clean = ring_next(ring, ring->next_to_clean);
    }
    transmit_reclaimed(&queue->driver->netdev, queue->index);
    transmit_wake(ctx, transmit);
}
