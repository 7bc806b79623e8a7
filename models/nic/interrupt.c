/* Interrupt vectors: causes, masks, moderation, and the message. */
#include "models/nic/nic_private.h"
#include "sim/assert.h"

static void fire(struct moderator *moderator)
{
    struct nic_vector *vector = SIM_CONTAINER_OF(moderator, struct nic_vector, moderator);
    vector->interrupts++;
    vector->last = sim_now(vector->nic->sim);
    dma_msi(vector->nic->dma, vector->function, vector->msi_address, vector->msi_data);
    if (vector->auto_mask)
        moderator_enable(moderator, false);
}

static void vector_init(struct nic_vector *vector, struct nic_queue *queue, uint16_t component, uint8_t kind)
{
    vector->nic = queue->nic;
    vector->function = queue->function;
    moderator_init(&vector->moderator, queue->nic->sim, component, kind, fire);
    moderator_enable(&vector->moderator, true);
}

void vectors_setup(struct nic_queue *queue, const struct nic_ring *ring, uint16_t component)
{
    vector_init(&queue->rx_vector, queue, component, 0);
    queue->rx_vector.msi_address = ring->msi_address;
    queue->rx_vector.msi_data = ring->msi_data;
    queue->rx_vector.auto_mask = ring->auto_mask;
    queue->tx_vector = &queue->rx_vector;
    if (!ring->split_vectors)
        return;
    queue->tx_vector = &queue->own_tx_vector;
    vector_init(queue->tx_vector, queue, component, 1);
    queue->tx_vector->msi_address = ring->tx_msi_address;
    queue->tx_vector->msi_data = ring->tx_msi_data;
    queue->tx_vector->auto_mask = ring->auto_mask;
}

void vector_event(struct nic_vector *vector, uint32_t cause, int64_t count)
{
    vector->causes |= cause;
    moderator_event(&vector->moderator, count);
}

struct nic_vector *vector_by_number(struct nic *nic, unsigned function, unsigned number)
{
    unsigned queues = (unsigned)nic->config.queues;
    SIM_ASSERT(function < nic_functions(nic) && number < 2 * queues);
    struct nic_queue *queue = nic_queue_of(nic, function, number % queues);
    return number < queues ? &queue->rx_vector : queue->tx_vector;
}

uint32_t vector_take_causes(struct nic_vector *vector)
{
    uint32_t causes = vector->causes;
    vector->causes = 0;
    moderator_clear(&vector->moderator);
    return causes;
}
