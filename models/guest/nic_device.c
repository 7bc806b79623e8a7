#include "models/guest/nic_device.h"

static void setup(void *self, unsigned queue, const struct nic_ring *ring)
{
    struct nic_device *device = self;
    nic_setup_queue(device->nic, device->function, queue, ring);
}

static void moderate(void *self, unsigned queue, const struct moderation_setting *setting)
{
    struct nic_device *device = self;
    nic_set_moderation(device->nic, device->function, queue, setting);
}

static void first_tail(void *self, unsigned queue, uint32_t tail)
{
    struct nic_device *device = self;
    nic_first_rx_tail(device->nic, device->function, queue, tail);
}

static sim_time last_interrupt(const void *self, unsigned queue)
{
    const struct nic_device *device = self;
    return nic_last_interrupt(device->nic, device->function, queue);
}

static uint32_t tx_head(const void *self, unsigned queue)
{
    const struct nic_device *device = self;
    return nic_tx_head(device->nic, device->function, queue);
}

void nic_device_init(struct nic_device *nic_device, struct nic *nic, unsigned function)
{
    *nic_device = (struct nic_device){
        .device = {.setup = setup,
                   .moderate = moderate,
                   .first_tail = first_tail,
                   .last_interrupt = last_interrupt,
                   .tx_head = tx_head,
                   .self = nic_device},
        .nic = nic,
        .function = function,
    };
}
