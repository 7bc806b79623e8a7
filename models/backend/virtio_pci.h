/*
 * The PCI function of a virtio-net device: its configuration space as a driver sees it, and where it notifies
 * (virtio 1.2, section 4.1; the layout of BARs and capabilities is that of QEMU's virtio-pci; facts E4).
 *
 *     BAR 0   legacy interface, port I/O, 64 B          transitional devices only
 *     BAR 1   MSI-X table and pending bits, 4 KiB       with MSI-X
 *     BAR 4   modern interface, 64-bit memory, 16 KiB: common configuration, ISR, device, notifications
 */
#ifndef MODELS_BACKEND_VIRTIO_PCI_H
#define MODELS_BACKEND_VIRTIO_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "models/backend/virtio.h"

enum {
    VIRTIO_PCI_VENDOR = 0x1af4,
    VIRTIO_PCI_NET_TRANSITIONAL = 0x1000, /* the device type is the subsystem id */
    VIRTIO_PCI_NET_MODERN = 0x1041,       /* 0x1040 + device type */
    VIRTIO_PCI_TYPE_NET = 1,
    VIRTIO_PCI_CONFIG_SIZE = 256,
    VIRTIO_PCI_BARS = 6,
};

/* cfg_type of a virtio capability (section 4.1.4). */
enum virtio_pci_capability {
    VIRTIO_PCI_CAP_COMMON = 1,
    VIRTIO_PCI_CAP_NOTIFY = 2,
    VIRTIO_PCI_CAP_ISR = 3,
    VIRTIO_PCI_CAP_DEVICE = 4,
    VIRTIO_PCI_CAP_CONFIG = 5,
};

struct virtio_pci {
    uint8_t config[VIRTIO_PCI_CONFIG_SIZE]; /* configuration space, little-endian */
    uint64_t bar_size[VIRTIO_PCI_BARS];     /* [B]; 0: none, or the upper half of the one before */
    unsigned vectors;                       /* MSI-X; 0: INTx */
};

/* The function of a device with this configuration. BARs hold their type bits, no addresses. */
void virtio_pci_init(struct virtio_pci *pci, const struct virtio_config *config);

uint8_t virtio_pci_read8(const struct virtio_pci *pci, unsigned offset);
uint16_t virtio_pci_read16(const struct virtio_pci *pci, unsigned offset);
uint32_t virtio_pci_read32(const struct virtio_pci *pci, unsigned offset);

/* The offset in configuration space of the virtio capability of this type, by walking the list; 0 if there is
 * none. */
unsigned virtio_pci_find(const struct virtio_pci *pci, enum virtio_pci_capability type);

/*
 * Where a driver writes to kick virtqueue `queue`: the BAR, its offset there, and the bytes written. Modern:
 * the notify capability's offset + queue_notify_off * notify_off_multiplier (section 4.1.4.4); legacy: the
 * register Queue Notify.
 */
struct virtio_pci_notify {
    unsigned bar;
    uint32_t offset; /* [B] */
    unsigned width;  /* [B] */
    bool port;       /* I/O space */
};
struct virtio_pci_notify virtio_pci_notify_of(const struct virtio_pci *pci,
                                              const struct virtio_config *config, unsigned queue);

/* Device feature bits that a device of this configuration offers (facts E4). */
uint64_t virtio_pci_features(const struct virtio_config *config);

#endif
