#include "models/backend/virtio.h"
#include "sim/time.h"

static const char *const layouts[] = {"split", "packed", NULL};
static const char *const backends[] = {"vhost", "qemu", NULL};
static const char *const notifications[] = {"mmio", "port", NULL};

static const struct param rows[] = {
    PARAM_CHOICE_ROW(struct virtio_config, layout, layouts, "split", "layout of the virtqueues"),
    PARAM_CHOICE_ROW(struct virtio_config, backend, backends, "vhost",
                     "who serves the queues: the kernel's vhost-net worker, or QEMU in user space"),
    PARAM_CHOICE_ROW(struct virtio_config, notify, notifications, "mmio",
                     "kicks by MMIO (modern interface) or port I/O (legacy interface)"),
    PARAM_BOOL_ROW(struct virtio_config, transitional, "true",
                   "PCI id 1af4:1000, both interfaces; false: 1af4:1041, modern only"),
    PARAM_BOOL_ROW(struct virtio_config, event_index, "true",
                   "notifications by event index (VIRTIO_F_RING_EVENT_IDX); false: by flags"),
    PARAM_BOOL_ROW(struct virtio_config, indirect, "true",
                   "indirect descriptors: a chain of several parts takes one slot of the ring"),
    PARAM_BOOL_ROW(struct virtio_config, mergeable, "true", "a received packet may span several buffers"),
    PARAM_BOOL_ROW(struct virtio_config, gso, "true", "segmentation offload, both directions"),
    PARAM_BOOL_ROW(
        struct virtio_config, tx_interrupts, "true",
        "interrupts on transmit completion (NAPI-TX); false: sent buffers are reclaimed when sending"),
    PARAM_INTEGER_ROW(struct virtio_config, queue_size, 32, 32768, "256", "entries of each virtqueue"),
    PARAM_INTEGER_ROW(struct virtio_config, queues, 1, 64, "1",
                      "queue pairs, each with a vhost worker of its own"),
    PARAM_INTEGER_ROW(struct virtio_config, vhost_weight, 1, 1000000, "256",
                      "packets that a vhost worker handles before it looks at the other direction"),
    PARAM_INTEGER_ROW(struct virtio_config, vhost_batch, 1, 64, "64",
                      "packets that vhost hands to the tap at once"),
    PARAM_QUANTITY_ROW(struct virtio_config, busy_poll, UNIT_TIME, 0, SIM_SECOND, "0",
                       "how long an idle vhost worker spins before it sleeps; 0: not at all"),
    PARAM_BOOL_ROW(
        struct virtio_config, zero_copy, "false",
        "vhost transmits from guest memory (256 B and more); used when the NIC has read the packet"),
    PARAM_BOOL_ROW(struct virtio_config, interrupts_msix, "true",
                   "MSI-X, a vector a queue; false: one INTx line and reads of the ISR"),
};

const struct param_table virtio_table = {
    .name = "virtio",
    .help = "the virtio-net device and its backend",
    .size = sizeof(struct virtio_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const char *virtio_config_problem(const struct virtio_config *config, const char **key)
{
    if (config->layout == VIRTIO_SPLIT && (config->queue_size & (config->queue_size - 1)) != 0) {
        *key = "queue_size";
        return "must be a power of two for the split layout, 32 to 32768; `layout: packed` takes any";
    }
    if (config->notify == VIRTIO_NOTIFY_PORT && !config->transitional) {
        *key = "notify";
        return "port needs a transitional device: a modern one has no legacy interface";
    }
    if (config->notify == VIRTIO_NOTIFY_PORT && config->layout == VIRTIO_PACKED) {
        *key = "layout";
        return "packed needs notify: mmio: the legacy interface knows the split layout only";
    }
    return NULL;
}
