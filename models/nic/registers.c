/* The running registers, as MMIO reaches them (models/guest/device_access.h). */
#include "models/guest/device_access.h"
#include "models/nic/nic_private.h"
#include "sim/assert.h"

enum { STATUS_LINK_UP = 0x2 };

static enum device_register register_of(uint32_t offset)
{
    return (enum device_register)(offset >> 16);
}

static unsigned index_of(uint32_t offset)
{
    return offset & 0xffff;
}

static struct nic_queue *queue_at(struct nic *nic, unsigned function, uint32_t offset)
{
    SIM_ASSERT(function < nic_functions(nic) && index_of(offset) < nic->config.queues);
    struct nic_queue *queue = nic_queue_of(nic, function, index_of(offset));
    SIM_ASSERT(queue->tx_vector != NULL);
    return queue;
}

static void write_vector(struct nic_vector *vector, enum device_register reg, uint64_t value)
{
    struct moderation_setting setting;
    switch (reg) {
    case REG_MASK_SET:
        moderator_enable(&vector->moderator, true);
        break;
    case REG_MASK_CLEAR:
        moderator_enable(&vector->moderator, false);
        break;
    case REG_CAUSE_SET:
        vector_event(vector, (uint32_t)value, 1);
        break;
    case REG_THROTTLE:
        setting = moderation_decode(value);
        moderator_set(&vector->moderator, &setting);
        break;
    default:
        break;
    }
}

void nic_register_write(void *self, unsigned function, uint32_t offset, uint64_t value)
{
    struct nic *nic = self;
    enum device_register reg = register_of(offset);
    if (reg == REG_TX_TAIL)
        tx_doorbell(queue_at(nic, function, offset), (uint32_t)value);
    else if (reg == REG_RX_TAIL)
        rx_refill(queue_at(nic, function, offset), (uint32_t)value);
    else
        write_vector(vector_by_number(nic, function, index_of(offset)), reg, value);
}

uint64_t nic_register_read(void *self, unsigned function, uint32_t offset)
{
    struct nic *nic = self;
    switch (register_of(offset)) {
    case REG_CAUSE:
        return vector_take_causes(vector_by_number(nic, function, index_of(offset)));
    case REG_STATUS:
        return STATUS_LINK_UP;
    case REG_TX_TAIL:
        return queue_at(nic, function, offset)->tx.fetcher.tail;
    case REG_RX_TAIL:
        return queue_at(nic, function, offset)->rx.fetcher.tail;
    default:
        return 0;
    }
}
