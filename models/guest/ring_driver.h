/*
 * The driver of a NIC with descriptor rings: one engine for the Intel and ENA families, whose members differ in the
 * registers that they touch and when. A struct driver_personality says so as data, from the Linux drivers' source
 * (facts E1 to E3); a new NIC's driver is one more of them.
 *
 * The engine works on real descriptors in its kernel's memory, takes buffers from the kernel's pool, and touches the
 * device only through struct device_access: the same code runs natively, on a VF in a guest, and on an emulated
 * device.
 */
#ifndef MODELS_GUEST_RING_DRIVER_H
#define MODELS_GUEST_RING_DRIVER_H

#include "models/guest/device_access.h"
#include "models/guest/kernel.h"
#include "models/nic/moderation.h"
#include "models/nic/nic.h"
#include "models/traffic/census.h"
#include "models/traffic/path.h"

/* One register access of a handler. */
struct driver_step {
    enum device_register reg;
    bool write;
};

enum { DRIVER_STEPS_MAX = 6, RING_BUFFER = 2048 /* [B] of a frame */ };

/* What REG_MASK_SET is written with: which of the queue's vectors are enabled again. */
enum { RING_MASK_RX = 1, RING_MASK_TX = 2, RING_MASK_ALL = 0xff };

struct driver_personality {
    const char *name; /* "ixgbevf" */
    const char *help;
    const char *register_names[REGISTERS];          /* NULL: the device has none */
    struct driver_step interrupt[DRIVER_STEPS_MAX]; /* accesses of the interrupt handler */
    unsigned interrupt_steps;
    struct driver_step enable[DRIVER_STEPS_MAX]; /* accesses that leave polling mode */
    unsigned enable_steps;
    unsigned refill_chunk;  /* receive buffers put back, and the tail written, so many at a time */
    bool refill_remainder;  /* at the end of a poll the rest is put back too */
    bool intx;              /* level-triggered line instead of MSI-X */
    bool auto_mask;         /* a message masks itself when it fires, a line when its cause is read */
    bool split_vectors;     /* transmit has a vector of its own and is reclaimed in its handler */
    bool tx_napi;           /* with split_vectors: by a NAPI instance that the handler schedules */
    bool throttle;          /* the driver adapts the interval register */
    bool byte_queue_limits; /* it takes packets off its queue in bulk, for one doorbell */
};

/* Known personalities by name; NULL if there is none. The list ends with NULL. */
extern const struct driver_personality *const driver_personalities[];
const struct driver_personality *driver_personality_find(const char *name);

/* What the driver needs of a device at set-up; no simulated time. */
struct ring_device {
    void (*setup)(void *self, unsigned queue, const struct nic_ring *ring);
    void (*moderate)(void *self, unsigned queue,
                     const struct moderation_setting *setting);    /* where the driver starts */
    void (*first_tail)(void *self, unsigned queue, uint32_t tail); /* receive buffers posted before traffic */
    sim_time (*last_interrupt)(const void *self, unsigned queue);  /* when the vector last fired [ps] */
    uint32_t (*tx_head)(const void *self, unsigned queue); /* ring index of the first packet not yet sent */
    bool emulated;                                         /* software raises its interrupts */
    bool split_vectors; /* it has a vector for each direction, if the personality wants them */
    void *self;
};

struct ring_driver_config {
    const struct driver_personality *personality;
    struct kernel *kernel;
    struct device_access *access;
    const struct ring_device *device;
    unsigned queues;
    uint32_t tx_size, rx_size;
    uint32_t gso_max;
    int64_t link_mbps;
    const struct param_variant *moderation; /* the algorithm run by the driver */
    struct sim_pool *packets;
};

struct ring_driver;
struct ring_queue;

struct ring_driver *ring_driver_create(const struct ring_driver_config *config, const char *name);
void ring_driver_destroy(struct ring_driver *driver);
struct netdev *ring_driver_netdev(struct ring_driver *driver);
struct ring_queue *ring_driver_queue(struct ring_driver *driver, unsigned queue);

/* Binds a queue to the cpu that serves its interrupts, and to its message; sets the device up. */
void ring_queue_start(struct ring_queue *queue, struct kernel_cpu *cpu, uint64_t msi_address,
                      uint32_t msi_data);

int64_t ring_queue_interrupts(const struct ring_queue *queue); /* handled so far */

/* Interrupt handlers for lapic_allocate(); self is the struct ring_queue. */
cpu_fn ring_driver_interrupt;
cpu_fn ring_driver_tx_interrupt; /* split vectors */

/* Packets on the rings that the device has yet to send, those that it has put there, and one in work. */
void ring_driver_census(const struct ring_driver *driver, struct census *census);

#endif
