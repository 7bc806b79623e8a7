#include <string.h>

#include "models/guest/ring_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

/* Several senders may be at it at once, as senders of one queue are on a lock: a slot is the sender's from prepare() on. */
static uint32_t free_slots(const struct ring_queue *queue)
{
    return ring_room(&queue->tx) - queue->reserved;
}

static bool can_send(struct netdev *netdev, unsigned queue, const struct packet *packet)
{
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    (void)packet;
    return free_slots(&driver->queues[queue]) > 0;
}

static void prepare(struct netdev *netdev, unsigned queue, struct cpu_context *ctx, struct packet *packet,
                    bool more)
{
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    (void)packet;
    SIM_ASSERT(free_slots(&driver->queues[queue]) > 0);
    driver->queues[queue].reserved++;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, netdev->kernel->costs->driver_send);
    if (!more || free_slots(&driver->queues[queue]) == 0)
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

static void rung(struct cpu_context *ctx, void *self);

/*
 * Tail writes do not overtake each other: while one sender's is being carried out, which takes time where it traps,
 * others leave theirs to it, as senders of one queue leave their packets to the one that holds its lock.
 */
static void ring_doorbell(struct ring_queue *queue, struct cpu_context *ctx)
{
    if (queue->ringing) {
        queue->ring_again = true;
        cpu_return(ctx);
        return;
    }
    queue->ringing = true;
    queue->ring_again = false;
    cpu_push(ctx, rung, queue);
    device_write(queue->driver->config.access, ctx, REG_TX_TAIL, queue->index, queue->tx.next_to_use);
}

static void rung(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    queue->ringing = false;
    if (queue->ring_again)
        ring_doorbell(queue, ctx);
    else
        cpu_return(ctx);
}

static void commit(struct netdev *netdev, unsigned index, struct cpu_context *ctx, struct packet *packet,
                   bool more)
{
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    struct ring_queue *queue = &driver->queues[index];
    SIM_ASSERT(queue->reserved > 0);
    queue->reserved--;
    describe(queue, packet);
    if (more && free_slots(queue) > 0)
        cpu_return(ctx);
    else
        ring_doorbell(queue, ctx);
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

void ring_tx_cleaned(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    struct ring *ring = &queue->tx;
    (void)ctx;
    if (queue->reclaimed == 0)
        return;
    for (; queue->reclaimed > 0; queue->reclaimed--) {
        struct ring_slot *slot = &ring->slots[ring->next_to_clean];
        buffer_pool_give(slot->pool, slot->buffer);
        slot->buffer = 0;
        slot->packet = NULL;
        ring->next_to_clean = ring_next(ring, ring->next_to_clean);
    }
    netdev_wake(&queue->driver->netdev);
}
