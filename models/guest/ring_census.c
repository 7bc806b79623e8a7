#include <string.h>

#include "models/guest/ring_private.h"

/* The device is done with what lies before its head; the rest is there, seen by it or not. */
static void census_tx(const struct ring_queue *queue, struct census *census)
{
    const struct ring_device *device = queue->driver->config.device;
    uint32_t at = device->tx_head(device->self, queue->index);
    for (; at != queue->tx.next_to_use; at = ring_next(&queue->tx, at))
        census_packet(census, queue->tx.slots[at].packet);
}

static void census_rx(const struct ring_queue *queue, struct census *census)
{
    const struct ring *ring = &queue->rx;
    struct memory *memory = queue->driver->netdev.kernel->memory;
    for (uint32_t at = ring->next_to_clean; at != ring->next_to_use; at = ring_next(ring, at)) {
        struct rx_descriptor descriptor;
        memcpy(&descriptor, ring_descriptor(ring, memory, at), sizeof(descriptor));
        if (!(descriptor.status & DESC_DD))
            break;
        census_handle(census, memory_tag_at(memory, ring->slots[at].hpa));
    }
}

void ring_driver_census(const struct ring_driver *driver, struct census *census)
{
    transmit_census(&driver->netdev, census);
    for (unsigned i = 0; i < driver->config.queues; i++) {
        const struct ring_queue *queue = &driver->queues[i];
        if (!queue->napi.ops)
            continue; /* not started */
        census_tx(queue, census);
        census_rx(queue, census);
        census_packet(census, queue->napi.current);
    }
}
