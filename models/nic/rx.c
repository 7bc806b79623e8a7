/*
 * Receive. A frame's payload is written as soon as its queue has a fetched descriptor; the descriptor's write-back
 * follows at once, and posted writes stay in order, so that who sees the descriptor done sees the payload.
 */
#include <stdlib.h>
#include <string.h>

#include "models/nic/nic_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

enum { WRITES_IN_FLIGHT = 128 }; /* slots beside those of descriptors in waiting */

static struct rx_slot *slot_at(struct rx_queue *rx, uint32_t number)
{
    return &rx->slots[number & (rx->fetcher.window - 1)];
}

/* The frame has left the FIFO. */
static void payload_written(struct dma_request *request)
{
    struct rx_slot *slot = SIM_CONTAINER_OF(request, struct rx_slot, payload);
    SIM_ASSERT(request->status == 0);
    slot->queue->nic->rx_fifo_used -= request->length;
}

/* The descriptor is visible: from here on the packet is the driver's. */
static void descriptor_written(struct dma_request *request)
{
    struct rx_slot *slot = SIM_CONTAINER_OF(request, struct rx_slot, write_back);
    struct nic_queue *queue = slot->queue;
    SIM_ASSERT(request->status == 0);
    packet_mark(slot->packet, STAGE_DMA_WRITE, sim_now(queue->nic->sim));
    slot->packet = NULL;
    queue->rx.fetcher.freed++;
    fetcher_advance(&queue->rx.fetcher);
}

static void write_payload(struct nic_queue *queue, struct rx_slot *slot)
{
    struct nic *nic = queue->nic;
    slot->payload.done = payload_written;
    slot->payload.bytes = NULL;
    slot->payload.tag = sim_pool_handle(nic->packets, slot->packet);
    slot->payload.iova = slot->descriptor.address;
    slot->payload.length = slot->packet->length;
    dma_write(nic->dma, queue->function, &slot->payload);
}

static void write_descriptor(struct nic_queue *queue, struct rx_slot *slot)
{
    slot->descriptor.length = slot->packet->length;
    slot->descriptor.status = DESC_DD | DESC_EOP;
    slot->write_back.done = descriptor_written;
    slot->write_back.bytes = (uint8_t *)&slot->descriptor;
    slot->write_back.iova = queue->rx.fetcher.base + (uint64_t)slot->index * DESCRIPTOR_SIZE;
    slot->write_back.length = DESCRIPTOR_SIZE;
    dma_write(queue->nic->dma, queue->function, &slot->write_back);
}

/* Gives the frame the next fetched descriptor. */
static void write_frame(struct nic_queue *queue, struct packet *packet)
{
    struct rx_slot *slot = slot_at(&queue->rx, queue->rx.fetcher.taken++);
    slot->packet = packet;
    packet_mark(packet, STAGE_RX_FIFO, sim_now(queue->nic->sim));
    write_payload(queue, slot);
    write_descriptor(queue, slot);
    queue->counters.rx_packets++;
    queue->counters.write_backs++;
    vector_event(&queue->rx_vector, CAUSE_RXT0, 1);
}

static bool has_descriptor(const struct nic_queue *queue)
{
    return queue->rx.fetcher.taken != queue->rx.fetcher.fetched;
}

static void arrived(struct nic_queue *queue, uint32_t first, uint32_t count)
{
    struct rx_queue *rx = &queue->rx;
    uint32_t index = (uint32_t)((rx->fetcher.request.iova - rx->fetcher.base) / DESCRIPTOR_SIZE);
    for (uint32_t i = 0; i < count; i++) {
        struct rx_slot *slot = slot_at(rx, first + i);
        memcpy(&slot->descriptor, rx->fetcher.bytes + (size_t)i * DESCRIPTOR_SIZE, DESCRIPTOR_SIZE);
        slot->index = index + i;
        slot->queue = queue;
    }
    while (rx->waiting.head && has_descriptor(queue))
        write_frame(queue, packet_queue_pop(&rx->waiting));
    fetcher_advance(&rx->fetcher);
}

/* Receive-side scaling: which of the function's queues a flow goes to. */
static unsigned queue_of_flow(const struct nic *nic, uint32_t flow)
{
    uint32_t hash = flow * UINT32_C(2654435761); /* 2^32 over the golden ratio */
    return (hash >> 16) % (unsigned)nic->config.queues;
}

/* Whether the frame can stay: room in the FIFO, and a descriptor on the ring if the NIC does not wait for one. */
static bool admit(struct nic_queue *queue, struct packet *packet)
{
    struct nic *nic = queue->nic;
    struct fetcher *fetcher = &queue->rx.fetcher;
    if (nic->rx_fifo_used + packet->length > nic->config.rx_fifo) {
        path_drop(packet->path, packet, DROP_RX_FIFO_FULL);
        return false;
    }
    if (nic->config.rx_drop && fetcher->posted - fetcher->taken <= queue->rx.waiting.count) {
        path_drop(packet->path, packet, DROP_RX_NO_DESCRIPTOR);
        return false;
    }
    return true;
}

void rx_receive(struct wire_end *end, struct packet *packet)
{
    struct nic *nic = SIM_CONTAINER_OF(end, struct nic, end);
    SIM_ASSERT(packet->endpoint < nic_functions(nic) && packet->gso_size == 0);
    struct nic_queue *queue = nic_queue_of(nic, packet->endpoint, queue_of_flow(nic, packet->flow));
    packet_mark(packet, STAGE_NIC_RX, sim_now(nic->sim));
    if (!admit(queue, packet))
        return;
    nic->rx_fifo_used += packet->length;
    if (queue->rx.waiting.head == NULL && has_descriptor(queue)) {
        write_frame(queue, packet);
        fetcher_advance(&queue->rx.fetcher);
    } else {
        packet_queue_push(&queue->rx.waiting, packet);
    }
}

void rx_refill(struct nic_queue *queue, uint32_t tail)
{
    queue->counters.refills++;
    fetcher_post(&queue->rx.fetcher, tail);
    fetcher_advance(&queue->rx.fetcher);
}

void rx_setup(struct nic_queue *queue, const struct nic_ring *ring)
{
    struct rx_queue *rx = &queue->rx;
    fetcher_init(&rx->fetcher, queue, ring->rx_base, ring->rx_size, queue->nic->config.rx_prefetch,
                 WRITES_IN_FLIGHT, arrived);
    rx->slots = nic_allocate(rx->fetcher.window, sizeof(*rx->slots));
}

void rx_free(struct nic_queue *queue)
{
    fetcher_free(&queue->rx.fetcher);
    free(queue->rx.slots);
}

void rx_census(const struct nic_queue *queue, struct census *census)
{
    census_queue(census, &queue->rx.waiting);
    for (uint32_t i = 0; i < queue->rx.fetcher.window && queue->rx.slots; i++)
        census_packet(census, queue->rx.slots[i].packet);
}

uint32_t rx_carrying(const struct nic_queue *queue)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < queue->rx.fetcher.window && queue->rx.slots; i++)
        count += queue->rx.slots[i].packet != NULL;
    return count;
}
