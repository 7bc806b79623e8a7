/* A physical NIC's function as the ring driver sees its device: set-up, and when its vectors last fired. */
#ifndef MODELS_GUEST_NIC_DEVICE_H
#define MODELS_GUEST_NIC_DEVICE_H

#include "models/guest/ring_driver.h"
#include "models/nic/nic.h"

struct nic_device {
    struct ring_device device;
    struct nic *nic;
    unsigned function;
};

/* The device is valid as long as *nic_device and the NIC are. */
void nic_device_init(struct nic_device *nic_device, struct nic *nic, unsigned function);

#endif
