/*
 * Transmit. Payload reads complete in any order; frames leave, and descriptors are written back, in ring order. The
 * FIFO between the reads and the wire is kept as line time: what is outstanding is reserved, the rest is what the wire
 * still has to send. Queues that find it full wait in one list, and go on one read each in turn.
 */
#include <stdlib.h>
#include <string.h>

#include "models/nic/nic_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

enum { FIFO_RESUME_SHARE = 8 }; /* reads go on when one in so many parts of the FIFO is free */

static void payload_read(struct dma_request *request);

static struct tx_slot *slot_at(struct tx_queue *tx, uint32_t number)
{
    return &tx->slots[number & (tx->fetcher.window - 1)];
}

/* ---- write-back ---- */

static void flush_write_back(struct nic_queue *queue)
{
    struct tx_queue *tx = &queue->tx;
    if (tx->write_count == 0)
        return;
    tx->write_back.done = NULL;
    tx->write_back.bytes = (uint8_t *)tx->written;
    tx->write_back.iova = tx->fetcher.base + (uint64_t)tx->write_index * DESCRIPTOR_SIZE;
    tx->write_back.length = tx->write_count * DESCRIPTOR_SIZE;
    dma_write(queue->nic->dma, queue->function, &tx->write_back);
    queue->counters.write_backs++;
    vector_event(queue->tx_vector, CAUSE_TXDW, tx->write_count);
    tx->returned += tx->write_count;
    tx->write_count = 0;
}

/* Descriptors that are done at the same moment and lie side by side share a write. */
static void write_back(struct nic_queue *queue, const struct tx_slot *slot)
{
    struct tx_queue *tx = &queue->tx;
    if (tx->write_count == WRITE_BACK_MAX || slot->index != tx->write_index + tx->write_count)
        flush_write_back(queue);
    if (tx->write_count == 0)
        tx->write_index = slot->index;
    tx->written[tx->write_count] = slot->descriptor;
    tx->written[tx->write_count++].status |= DESC_DD;
}

/* ---- to the wire ---- */

static void transmit(struct nic_queue *queue, struct tx_slot *slot)
{
    struct nic *nic = queue->nic;
    struct packet *packet = slot->packet;
    sim_time ready = sim_now(nic->sim) + nic->config.tx_latency;
    SIM_ASSERT(packet && packet->length == slot->descriptor.length && packet->last <= slot->doorbell);
    packet_mark(packet, STAGE_DOORBELL, slot->doorbell);
    packet_mark(packet, STAGE_DESCRIPTOR_FETCH, slot->fetched);
    packet_mark(packet, STAGE_PAYLOAD_FETCH, slot->read);
    packet_mark(packet, STAGE_NIC_TX, ready);
    wire_send_at(nic->wire, 0, packet, ready);
    queue->counters.tx_packets++;
}

static void release(struct nic_queue *queue)
{
    struct tx_queue *tx = &queue->tx;
    struct tx_slot *slot;
    while ((slot = slot_at(tx, tx->fetcher.freed))->state == TX_READ) {
        if (slot->descriptor.command & TX_EOP)
            transmit(queue, slot);
        if (slot->descriptor.command & TX_RS)
            write_back(queue, slot);
        queue->nic->tx_reserved -= slot->line_time;
        slot->state = TX_FREE;
        tx->fetcher.freed++;
    }
    flush_write_back(queue);
}

/* ---- payload reads and the FIFO ---- */

static bool wants_read(const struct nic_queue *queue)
{
    const struct tx_queue *tx = &queue->tx;
    return tx->fetcher.taken != tx->fetcher.fetched && tx->reading < queue->nic->config.reads_in_flight;
}

static sim_time next_line_time(struct nic_queue *queue)
{
    return slot_at(&queue->tx, queue->tx.fetcher.taken)->line_time;
}

static void start_read(struct nic_queue *queue)
{
    struct tx_queue *tx = &queue->tx;
    struct tx_slot *slot = slot_at(tx, tx->fetcher.taken++);
    slot->state = TX_READING;
    slot->request.done = payload_read;
    slot->request.bytes = NULL;
    slot->request.iova = slot->descriptor.address;
    slot->request.length = slot->descriptor.length;
    queue->nic->tx_reserved += slot->line_time;
    tx->reading++;
    dma_read(queue->nic->dma, queue->function, &slot->request);
}

/* What the wire still has to send [ps]. */
static sim_time backlog(const struct nic *nic)
{
    sim_time left = wire_free_at(nic->wire, 0) - sim_now(nic->sim);
    return left > 0 ? left : 0;
}

/* A packet larger than the whole FIFO passes when it is empty. */
static bool fits(const struct nic *nic, sim_time line_time)
{
    sim_time fill = nic->tx_reserved + backlog(nic);
    return fill == 0 || fill + line_time <= nic->tx_fifo;
}

static void wait_push(struct nic *nic, struct nic_queue *queue)
{
    queue->tx.waiting = true;
    queue->tx.wait_next = NULL;
    if (nic->wait_head)
        nic->wait_tail->tx.wait_next = queue;
    else
        nic->wait_head = queue;
    nic->wait_tail = queue;
}

static struct nic_queue *wait_pop(struct nic *nic)
{
    struct nic_queue *queue = nic->wait_head;
    nic->wait_head = queue->tx.wait_next;
    queue->tx.waiting = false;
    return queue;
}

/* One read for each waiting queue in turn, as long as there is room. */
static void serve_waiting(struct nic *nic)
{
    while (nic->wait_head) {
        SIM_DEBUG_ASSERT(wants_read(nic->wait_head));
        if (!fits(nic, next_line_time(nic->wait_head)))
            return;
        struct nic_queue *queue = wait_pop(nic);
        start_read(queue);
        fetcher_advance(&queue->tx.fetcher);
        if (wants_read(queue))
            wait_push(nic, queue);
    }
}

/*
 * Sees to it that the waiting queues go on when there is room: by time if the wire makes it, else at the next
 * release(), when what is reserved now has become the wire's.
 */
static void await_room(struct nic *nic)
{
    if (!nic->wait_head || sim_event_pending(&nic->tx_room))
        return;
    sim_time need = next_line_time(nic->wait_head);
    sim_time least = nic->tx_fifo / FIFO_RESUME_SHARE;
    sim_time fill = nic->tx_fifo - (need > least ? need : least);
    if (fill < 0)
        fill = 0;
    if (nic->tx_reserved > fill)
        return;
    sim_time when = wire_free_at(nic->wire, 0) - (fill - nic->tx_reserved);
    if (when > sim_now(nic->sim)) {
        sim_schedule(nic->sim, &nic->tx_room, when);
    } else {
        serve_waiting(nic);
        await_room(nic);
    }
}

void tx_room_found(struct sim *sim, struct sim_event *event)
{
    struct nic *nic = SIM_CONTAINER_OF(event, struct nic, tx_room);
    (void)sim;
    serve_waiting(nic);
    await_room(nic);
}

static void advance(struct nic_queue *queue)
{
    struct nic *nic = queue->nic;
    while (!queue->tx.waiting && wants_read(queue)) {
        if (nic->wait_head || !fits(nic, next_line_time(queue)))
            wait_push(nic, queue);
        else
            start_read(queue);
    }
    fetcher_advance(&queue->tx.fetcher);
    await_room(nic);
}

static void payload_read(struct dma_request *request)
{
    struct tx_slot *slot = SIM_CONTAINER_OF(request, struct tx_slot, request);
    struct nic_queue *queue = slot->queue;
    SIM_ASSERT(request->status == 0);
    slot->packet = sim_pool_at(queue->nic->packets, request->tag);
    slot->read = sim_now(queue->nic->sim);
    slot->state = TX_READ;
    queue->tx.reading--;
    release(queue);
    advance(queue);
}

/* ---- descriptors ---- */

static void arrived(struct nic_queue *queue, uint32_t first, uint32_t count)
{
    struct tx_queue *tx = &queue->tx;
    struct nic *nic = queue->nic;
    uint32_t index = (uint32_t)((tx->fetcher.request.iova - tx->fetcher.base) / DESCRIPTOR_SIZE);
    for (uint32_t i = 0; i < count; i++, index++) {
        struct tx_slot *slot = slot_at(tx, first + i);
        struct tx_descriptor *descriptor = &slot->descriptor;
        memcpy(descriptor, tx->fetcher.bytes + (size_t)i * DESCRIPTOR_SIZE, DESCRIPTOR_SIZE);
        slot->state = TX_FETCHED;
        slot->index = index;
        slot->queue = queue;
        slot->line_time =
            wire_time(nic->wire, descriptor->length, descriptor->command & TX_TSO ? descriptor->mss : 0);
        slot->doorbell = tx->doorbell[index];
        slot->fetched = sim_now(nic->sim);
    }
    advance(queue);
}

void tx_doorbell(struct nic_queue *queue, uint32_t tail)
{
    struct fetcher *fetcher = &queue->tx.fetcher;
    sim_time now = sim_now(queue->nic->sim);
    SIM_ASSERT(tail < fetcher->size);
    for (uint32_t index = fetcher->tail; index != tail; index = ring_after(fetcher, index))
        queue->tx.doorbell[index] = now;
    queue->counters.doorbells++;
    fetcher_post(fetcher, tail);
    fetcher_advance(fetcher);
}

void tx_setup(struct nic_queue *queue, const struct nic_ring *ring)
{
    struct tx_queue *tx = &queue->tx;
    const struct nic_config *config = &queue->nic->config;
    fetcher_init(&tx->fetcher, queue, ring->tx_base, ring->tx_size, config->tx_prefetch,
                 config->reads_in_flight, arrived);
    tx->slots = nic_allocate(tx->fetcher.window, sizeof(*tx->slots));
    tx->doorbell = nic_allocate(ring->tx_size, sizeof(*tx->doorbell));
}

void tx_free(struct nic_queue *queue)
{
    fetcher_free(&queue->tx.fetcher);
    free(queue->tx.slots);
    free(queue->tx.doorbell);
}
