#include "models/nic/nic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/nic/nic_private.h"
#include "sim/assert.h"

enum { NAME_MAX_LENGTH = 128 };

/* SR-IOV routing IDs of an 82599: the first VF lies 128 behind the PF, the others 2 apart. */
enum { VF_OFFSET = 128, VF_STRIDE = 2 };

void *nic_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    SIM_ASSERT(memory != NULL);
    return memory;
}

static void create_wire(struct nic *nic)
{
    const struct nic_config *config = &nic->config;
    char name[NAME_MAX_LENGTH];
    snprintf(name, sizeof(name), "%s.wire", nic->name);
    nic->wire = wire_create(nic->sim, name, config->bit_rate, config->cable);
    nic->end.receive = rx_receive;
    wire_attach(nic->wire, 0, &nic->end);
    wire_set_latency(nic->wire, 0, config->rx_latency);
    nic->tx_fifo = (sim_time)((__int128)config->tx_fifo * 8 * SIM_SECOND / config->bit_rate);
    snprintf(name, sizeof(name), "%s.tx_fifo", nic->name);
    sim_event_init(&nic->tx_room, tx_room_found, sim_component(nic->sim, name), 0);
}

static void create_functions(struct nic *nic, struct root_complex *root)
{
    char name[NAME_MAX_LENGTH];
    snprintf(name, sizeof(name), "%s.pcie", nic->name);
    struct register_target target = {.write = nic_register_write, .read = nic_register_read, .self = nic};
    nic->dma = dma_create(nic->sim, root, name, &nic->config.link, &target);
    for (unsigned function = 0; function < nic_functions(nic); function++) {
        unsigned index = dma_function(nic->dma, nic_requester_id(nic, function));
        SIM_ASSERT(index == function);
    }
}

static void create_queues(struct nic *nic)
{
    nic->queues = nic_allocate(nic_functions(nic) * (size_t)nic->config.queues, sizeof(*nic->queues));
    for (unsigned function = 0; function < nic_functions(nic); function++)
        for (unsigned queue = 0; queue < nic->config.queues; queue++) {
            nic_queue_of(nic, function, queue)->nic = nic;
            nic_queue_of(nic, function, queue)->function = function;
        }
}

struct nic *nic_create(struct sim *sim, const char *name, const struct nic_config *config,
                       struct root_complex *root, struct sim_pool *packets)
{
    SIM_ASSERT(config->tx_fifo > 0 && config->bus > 0 && config->queues > 0);
    struct nic *nic = nic_allocate(1, sizeof(*nic));
    nic->sim = sim;
    nic->config = *config;
    nic->packets = packets;
    nic->name = strdup(name);
    SIM_ASSERT(nic->name != NULL);
    create_wire(nic);
    create_functions(nic, root);
    create_queues(nic);
    return nic;
}

void nic_destroy(struct nic *nic)
{
    if (nic == NULL)
        return;
    for (size_t i = 0; i < nic_functions(nic) * (size_t)nic->config.queues; i++) {
        tx_free(&nic->queues[i]);
        rx_free(&nic->queues[i]);
    }
    free(nic->queues);
    dma_destroy(nic->dma);
    wire_destroy(nic->wire);
    free(nic->name);
    free(nic);
}

const struct nic_config *nic_config(const struct nic *nic)
{
    return &nic->config;
}

struct dma *nic_dma(struct nic *nic)
{
    return nic->dma;
}

struct wire *nic_wire(struct nic *nic)
{
    return nic->wire;
}

uint16_t nic_requester_id(const struct nic *nic, unsigned function)
{
    SIM_ASSERT(function < nic_functions(nic));
    unsigned id = (unsigned)nic->config.bus << 8;
    return (uint16_t)(function == 0 ? id : id + VF_OFFSET + VF_STRIDE * (function - 1));
}

static struct nic_queue *checked_queue(const struct nic *nic, unsigned function, unsigned queue)
{
    SIM_ASSERT(function < nic_functions(nic) && queue < nic->config.queues);
    return nic_queue_of(nic, function, queue);
}

void nic_setup_queue(struct nic *nic, unsigned function, unsigned queue, const struct nic_ring *ring)
{
    struct nic_queue *pair = checked_queue(nic, function, queue);
    SIM_ASSERT(pair->tx_vector == NULL);
    char name[NAME_MAX_LENGTH];
    snprintf(name, sizeof(name), "%s.f%u.q%u", nic->name, function, queue);
    tx_setup(pair, ring);
    rx_setup(pair, ring);
    vectors_setup(pair, ring, sim_component(nic->sim, name));
}

void nic_first_rx_tail(struct nic *nic, unsigned function, unsigned queue, uint32_t tail)
{
    struct fetcher *fetcher = &checked_queue(nic, function, queue)->rx.fetcher;
    fetcher_post(fetcher, tail);
    fetcher_advance(fetcher);
}

void nic_set_moderation(struct nic *nic, unsigned function, unsigned queue,
                        const struct moderation_setting *setting)
{
    struct nic_queue *pair = checked_queue(nic, function, queue);
    moderator_set(&pair->rx_vector.moderator, setting);
    if (pair->tx_vector != &pair->rx_vector)
        moderator_set(&pair->tx_vector->moderator, setting);
}

const struct nic_queue_counters *nic_counters(const struct nic *nic, unsigned function, unsigned queue)
{
    return &checked_queue(nic, function, queue)->counters;
}

int64_t nic_interrupts(const struct nic *nic, unsigned function, unsigned queue)
{
    const struct nic_queue *pair = checked_queue(nic, function, queue);
    return pair->rx_vector.interrupts + pair->own_tx_vector.interrupts;
}

sim_time nic_last_interrupt(const struct nic *nic, unsigned function, unsigned queue)
{
    return checked_queue(nic, function, queue)->rx_vector.last;
}

int64_t nic_rx_fifo_used(const struct nic *nic)
{
    return nic->rx_fifo_used;
}

uint32_t nic_tx_head(const struct nic *nic, unsigned function, unsigned queue)
{
    const struct fetcher *fetcher = &checked_queue(nic, function, queue)->tx.fetcher;
    uint32_t left = fetcher->posted - fetcher->freed;
    return fetcher->tail >= left ? fetcher->tail - left : fetcher->tail + fetcher->size - left;
}

void nic_census(const struct nic *nic, struct census *census)
{
    wire_census(nic->wire, census);
    for (size_t i = 0; i < nic_functions(nic) * (size_t)nic->config.queues; i++)
        rx_census(&nic->queues[i], census);
}

bool nic_check(const struct nic *nic)
{
    for (size_t i = 0; i < nic_functions(nic) * (size_t)nic->config.queues; i++) {
        const struct nic_queue *queue = &nic->queues[i];
        const struct fetcher *rx = &queue->rx.fetcher;
        if (queue->tx.fetcher.freed != queue->tx.returned || rx->taken - rx->freed != rx_carrying(queue))
            return false;
    }
    return true;
}
