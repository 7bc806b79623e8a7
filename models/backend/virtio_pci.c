#include "models/backend/virtio_pci.h"

#include <string.h>

#include "sim/assert.h"

/* Offsets in configuration space (PCI 3.0, section 6.1). */
enum {
    VENDOR_ID = 0x00,
    DEVICE_ID = 0x02,
    STATUS = 0x06,
    REVISION = 0x08,
    CLASS = 0x09,
    BAR_0 = 0x10,
    SUBSYSTEM_VENDOR = 0x2c,
    SUBSYSTEM_ID = 0x2e,
    CAPABILITIES = 0x34,
    INTERRUPT_PIN = 0x3d,
};

enum {
    STATUS_CAPABILITIES = 0x10,
    CLASS_ETHERNET = 0x020000,
    SUBSYSTEM_MODERN = 0x1100, /* QEMU's, for devices that do not need it to tell their type */
    BAR_IO = 0x1,
    BAR_64_PREFETCHABLE = 0xc,
    CAP_VENDOR = 0x09,
    CAP_MSIX = 0x11,
};

/* Where the capabilities are, and the structures within BAR 4. */
enum {
    AT_COMMON = 0x40,
    AT_ISR = 0x50,
    AT_DEVICE = 0x60,
    AT_NOTIFY = 0x70,
    AT_CONFIG = 0x84,
    AT_MSIX = 0x98,
    MODERN_BAR = 4,
    MSIX_BAR = 1,
    LEGACY_BAR = 0,
    STRUCTURE_SIZE = 0x1000,
    NOTIFY_MULTIPLIER = 4,
    LEGACY_BAR_SIZE = 64,
    MSIX_PENDING = 0x800,
    LEGACY_QUEUE_NOTIFY = 16,
};

static void put16(struct virtio_pci *pci, unsigned offset, uint16_t value)
{
    pci->config[offset] = (uint8_t)value;
    pci->config[offset + 1] = (uint8_t)(value >> 8);
}

static void put32(struct virtio_pci *pci, unsigned offset, uint32_t value)
{
    put16(pci, offset, (uint16_t)value);
    put16(pci, offset + 2, (uint16_t)(value >> 16));
}

uint8_t virtio_pci_read8(const struct virtio_pci *pci, unsigned offset)
{
    SIM_ASSERT(offset < VIRTIO_PCI_CONFIG_SIZE);
    return pci->config[offset];
}

uint16_t virtio_pci_read16(const struct virtio_pci *pci, unsigned offset)
{
    return (uint16_t)(virtio_pci_read8(pci, offset) | virtio_pci_read8(pci, offset + 1) << 8);
}

uint32_t virtio_pci_read32(const struct virtio_pci *pci, unsigned offset)
{
    return virtio_pci_read16(pci, offset) | (uint32_t)virtio_pci_read16(pci, offset + 2) << 16;
}

/* A virtio structure of BAR 4 (section 4.1.4): vndr, next, len, type, bar, id, padding, offset, length. */
static void put_structure(struct virtio_pci *pci, unsigned at, unsigned next, unsigned length, uint8_t type,
                          uint32_t offset)
{
    uint8_t *cap = &pci->config[at];
    cap[0] = CAP_VENDOR;
    cap[1] = (uint8_t)next;
    cap[2] = (uint8_t)length;
    cap[3] = type;
    if (type == VIRTIO_PCI_CAP_CONFIG)
        return;
    cap[4] = MODERN_BAR;
    put32(pci, at + 8, offset);
    put32(pci, at + 12, STRUCTURE_SIZE);
}

static void put_structures(struct virtio_pci *pci)
{
    put_structure(pci, AT_CONFIG, AT_NOTIFY, 20, VIRTIO_PCI_CAP_CONFIG, 0);
    put_structure(pci, AT_NOTIFY, AT_DEVICE, 20, VIRTIO_PCI_CAP_NOTIFY, 3 * STRUCTURE_SIZE);
    put32(pci, AT_NOTIFY + 16, NOTIFY_MULTIPLIER);
    put_structure(pci, AT_DEVICE, AT_ISR, 16, VIRTIO_PCI_CAP_DEVICE, 2 * STRUCTURE_SIZE);
    put_structure(pci, AT_ISR, AT_COMMON, 16, VIRTIO_PCI_CAP_ISR, STRUCTURE_SIZE);
    put_structure(pci, AT_COMMON, 0, 16, VIRTIO_PCI_CAP_COMMON, 0);
    pci->bar_size[MODERN_BAR] = 4 * STRUCTURE_SIZE;
    put32(pci, BAR_0 + 4 * MODERN_BAR, BAR_64_PREFETCHABLE);
}

/* One vector a virtqueue and one for configuration changes. PCI 3.0, section 6.8.2. */
static void put_msix(struct virtio_pci *pci, const struct virtio_config *config)
{
    pci->vectors = 2 * (unsigned)config->queues + 1;
    pci->config[AT_MSIX] = CAP_MSIX;
    pci->config[AT_MSIX + 1] = AT_CONFIG;
    put16(pci, AT_MSIX + 2, (uint16_t)(pci->vectors - 1));
    put32(pci, AT_MSIX + 4, MSIX_BAR);
    put32(pci, AT_MSIX + 8, MSIX_PENDING + MSIX_BAR);
    pci->bar_size[MSIX_BAR] = STRUCTURE_SIZE;
}

static void put_identity(struct virtio_pci *pci, bool transitional)
{
    put16(pci, VENDOR_ID, VIRTIO_PCI_VENDOR);
    put16(pci, DEVICE_ID, transitional ? VIRTIO_PCI_NET_TRANSITIONAL : VIRTIO_PCI_NET_MODERN);
    put16(pci, STATUS, STATUS_CAPABILITIES);
    pci->config[REVISION] = transitional ? 0 : 1;
    put16(pci, CLASS, (uint16_t)CLASS_ETHERNET);
    pci->config[CLASS + 2] = CLASS_ETHERNET >> 16;
    put16(pci, SUBSYSTEM_VENDOR, VIRTIO_PCI_VENDOR);
    put16(pci, SUBSYSTEM_ID, transitional ? VIRTIO_PCI_TYPE_NET : SUBSYSTEM_MODERN);
    pci->config[INTERRUPT_PIN] = 1;
}

void virtio_pci_init(struct virtio_pci *pci, const struct virtio_config *config)
{
    memset(pci, 0, sizeof(*pci));
    put_identity(pci, config->transitional);
    put_structures(pci);
    pci->config[CAPABILITIES] = AT_CONFIG;
    if (config->interrupts_msix) {
        put_msix(pci, config);
        pci->config[CAPABILITIES] = AT_MSIX;
    }
    if (config->transitional) {
        pci->bar_size[LEGACY_BAR] = LEGACY_BAR_SIZE;
        put32(pci, BAR_0, BAR_IO);
    }
}

unsigned virtio_pci_find(const struct virtio_pci *pci, enum virtio_pci_capability type)
{
    unsigned at = virtio_pci_read8(pci, CAPABILITIES);
    while (at != 0) {
        if (virtio_pci_read8(pci, at) == CAP_VENDOR && virtio_pci_read8(pci, at + 3) == type)
            return at;
        at = virtio_pci_read8(pci, at + 1);
    }
    return 0;
}

struct virtio_pci_notify virtio_pci_notify_of(const struct virtio_pci *pci,
                                              const struct virtio_config *config, unsigned queue)
{
    if (config->notify == VIRTIO_NOTIFY_PORT)
        return (struct virtio_pci_notify){LEGACY_BAR, LEGACY_QUEUE_NOTIFY, 2, true};
    unsigned cap = virtio_pci_find(pci, VIRTIO_PCI_CAP_NOTIFY);
    uint32_t multiplier = virtio_pci_read32(pci, cap + 16);
    uint32_t queue_notify_off = queue; /* a slot of its own for each */
    return (struct virtio_pci_notify){
        .bar = virtio_pci_read8(pci, cap + 4),
        .offset = virtio_pci_read32(pci, cap + 8) + queue_notify_off * multiplier,
        .width = 2,
    };
}

static uint64_t bit(bool offered, unsigned number)
{
    return offered ? UINT64_C(1) << number : 0;
}

uint64_t virtio_pci_features(const struct virtio_config *config)
{
    bool modern = config->notify == VIRTIO_NOTIFY_MMIO;
    return bit(true, 0) | bit(true, 1) |                /* CSUM, GUEST_CSUM */
           bit(true, 5) | bit(true, 16) |               /* MAC, STATUS */
           bit(config->gso, 7) | bit(config->gso, 11) | /* GUEST_TSO4, HOST_TSO4 */
           bit(config->mergeable, 15) |                 /* MRG_RXBUF */
           bit(config->queues > 1, 17) |                /* CTRL_VQ */
           bit(config->queues > 1, 22) |                /* MQ */
           bit(config->indirect, 28) | bit(config->event_index, 29) | bit(modern, 32) |
           bit(config->layout == VIRTIO_PACKED, 34);
}
