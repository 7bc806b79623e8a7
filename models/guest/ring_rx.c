#include <string.h>

#include "models/guest/ring_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

/* Puts a fresh buffer into the next slot. */
static void refill_one(struct ring_queue *queue)
{
    struct ring *ring = &queue->rx;
    struct kernel *kernel = queue->driver->netdev.kernel;
    struct ring_slot *slot = &ring->slots[ring->next_to_use];
    slot->buffer = buffer_pool_take(ring->buffers);
    slot->hpa = address_space_translate(kernel->space, slot->buffer);
    struct rx_descriptor descriptor = {.address = slot->buffer};
    memcpy(ring_descriptor(ring, kernel->memory, ring->next_to_use), &descriptor, sizeof(descriptor));
    ring->next_to_use = ring_next(ring, ring->next_to_use);
}

void ring_rx_fill(struct ring_queue *queue)
{
    while (ring_room(&queue->rx) > 0)
        refill_one(queue);
}

/* A ring that is small against the driver's chunk is refilled a third at a time; the least of the Intel drivers, 48
 * descriptors, is not. */
static bool refill_due(const struct ring_queue *queue)
{
    uint32_t chunk = queue->driver->config.personality->refill_chunk, third = queue->rx.size / 3;
    return queue->cleaned >= (chunk < third ? chunk : third);
}

struct packet *ring_rx_take(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    struct ring_driver *driver = queue->driver;
    struct ring *ring = &queue->rx;
    struct kernel *kernel = driver->netdev.kernel;
    struct rx_descriptor descriptor;
    memcpy(&descriptor, ring_descriptor(ring, kernel->memory, ring->next_to_clean), sizeof(descriptor));
    if (!(descriptor.status & DESC_DD) || ring->next_to_clean == ring->next_to_use)
        return NULL;
    struct ring_slot *slot = &ring->slots[ring->next_to_clean];
    struct packet *packet = sim_pool_at(driver->config.packets, memory_tag_at(kernel->memory, slot->hpa));
    SIM_ASSERT(packet && packet->length == descriptor.length);
    const struct ring_device *device = driver->config.device;
    napi_mark_wait(&queue->napi, packet, device->last_interrupt(device->self, queue->index));
    buffer_pool_give(ring->buffers, slot->buffer);
    slot->buffer = 0;
    ring->next_to_clean = ring_next(ring, ring->next_to_clean);
    queue->cleaned++;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, kernel->costs->driver_receive + kernel->costs->driver_refill);
    if (refill_due(queue))
        device_add_write(driver->config.access, ctx);
    return packet;
}

static void refill(struct ring_queue *queue, struct cpu_context *ctx)
{
    for (; queue->cleaned > 0; queue->cleaned--)
        refill_one(queue);
    device_write(queue->driver->config.access, ctx, REG_RX_TAIL, queue->index, queue->rx.next_to_use);
}

void ring_rx_taken(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    if (refill_due(queue))
        refill(queue, ctx);
    else
        cpu_return(ctx);
}

static void remainder_stored(struct cpu_context *ctx, void *self)
{
    refill(self, ctx);
}

void ring_rx_poll_end(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    if (queue->cleaned == 0 || !queue->driver->config.personality->refill_remainder) {
        cpu_return(ctx);
        return;
    }
    device_add_write(queue->driver->config.access, ctx);
    cpu_run(ctx, remainder_stored, queue);
}
