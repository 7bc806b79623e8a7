/*
 * Virtqueues: the rings in guest memory through which a virtio driver and its device hand buffers to each
 * other (virtio 1.2, section 2.6; split layout section 2.7, packed layout section 2.8; facts E4).
 *
 * A struct virtqueue is the shared memory, as real bytes at real guest addresses, and what each side
 * remembers by itself: the driver's half is Linux' virtio_ring.c, the device's is vhost.c and QEMU's
 * virtio.c. The halves know of each other only what is in memory.
 *
 * A buffer is a chain of parts. With indirect descriptors a chain of more than one part takes one slot of the
 * ring, which points to a table of its own; else it takes a slot a part. A chain is known by its id, below
 * the ring's size.
 *
 * Notifications, both ways, by flags or, with VIRTIO_F_RING_EVENT_IDX, by event index:
 * virtqueue_need_event().
 *
 * Nothing here takes simulated time: a function is called when the segment has run whose effect it is.
 */
#ifndef MODELS_BACKEND_VIRTQUEUE_H
#define MODELS_BACKEND_VIRTQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/memory/memory.h"

enum { VIRTQUEUE_SIZE_MAX = 32768, VIRTQUEUE_PARTS_MAX = 20 };

/* Descriptor flags; AVAIL and USED in the packed layout only. */
enum {
    VIRTQUEUE_DESC_NEXT = 1,
    VIRTQUEUE_DESC_WRITE = 2,
    VIRTQUEUE_DESC_INDIRECT = 4,
    VIRTQUEUE_DESC_AVAIL = 1 << 7,
    VIRTQUEUE_DESC_USED = 1 << 15,
};

/* Split layout: flags of the available ring (no interrupt) and of the used ring (no notify). */
enum { VIRTQUEUE_SUPPRESS = 1 };

/* Packed layout: flags of an event suppression structure. */
enum { VIRTQUEUE_EVENT_ENABLE, VIRTQUEUE_EVENT_DISABLE, VIRTQUEUE_EVENT_DESC };

/* A descriptor of the split layout and of indirect tables of both; of the packed ring. Little-endian. */
struct virtqueue_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};
struct virtqueue_packed_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t id;
    uint16_t flags;
};
_Static_assert(sizeof(struct virtqueue_descriptor) == 16 && sizeof(struct virtqueue_packed_descriptor) == 16,
               "descriptors are 16 bytes");

/*
 * The event index rule: after advancing from `old` to `new`, notify the other side if `event` is one of the
 * entries old .. new - 1, all modulo 2^16 (virtio 1.2, section 2.7.10).
 */
static inline bool virtqueue_need_event(uint16_t event, uint16_t new_index, uint16_t old_index)
{
    return (uint16_t)(new_index - event - 1) < (uint16_t)(new_index - old_index);
}

struct virtqueue_part {
    uint64_t address; /* in the guest's space */
    uint32_t length;  /* [B] */
    bool write;       /* the device writes it */
};

/* A chain as the device takes it. */
struct virtqueue_chain {
    uint16_t id;
    uint16_t slots; /* of the ring that it takes */
    uint16_t count;
    struct virtqueue_part parts[VIRTQUEUE_PARTS_MAX];
};

struct virtqueue_config {
    struct address_space *space; /* of the guest */
    struct memory *memory;
    int node;
    uint16_t size;  /* entries, 2 .. 32768; split: a power of two */
    uint16_t parts; /* parts that an indirect table holds at most */
    bool packed;
    bool event_index; /* VIRTIO_F_RING_EVENT_IDX */
    bool indirect;    /* VIRTIO_F_RING_INDIRECT_DESC */
    bool legacy;      /* split: the used ring starts on a page */
    bool
        event_on_take; /* split: while kicks are on, the device moves its event index with every chain it takes, as QEMU does */
};

struct virtqueue_ops;

/* What the driver remembers. */
struct virtqueue_driver {
    uint16_t free_head, free_count;
    uint16_t next;        /* split: available index; packed: slot */
    uint16_t added;       /* since the last kick decision */
    uint16_t last_used;   /* split: used index; packed: slot */
    uint16_t suppress;    /* split: available flags; packed: event flags, as last meant */
    bool wrap, used_wrap; /* packed */
    bool triggered;       /* an interrupt came since interrupts were last enabled */
    uint16_t *link;       /* free list */
    uint16_t *slots;      /* of the chain, by id */
};

/* What the device remembers. */
struct virtqueue_device {
    uint16_t next;        /* split: available index seen up to; packed: slot */
    uint16_t available;   /* split: the available index as last read */
    uint16_t seen;        /* given back and not taken since: chains (packed: slots) known to be too few */
    uint16_t used;        /* split: index to be published; packed: slot to be written */
    uint16_t unpublished; /* packed: slots written, the first's flags excepted */
    uint16_t first, first_flags;
    bool quiet;            /* split: it has turned kicks off */
    uint16_t since_signal; /* used entries (packed: slots) since the last interrupt decision */
    bool wrap, used_wrap;  /* packed */
};

struct virtqueue {
    const struct virtqueue_ops *ops;
    struct virtqueue_config config;
    uint64_t descriptors, driver_area, device_area; /* addresses of the three areas */
    uint64_t tables;                                /* of the indirect tables, one a chain; 0: none */
    uint32_t table_size;                            /* [B] */
    uint64_t base;                                  /* of all of it */
    uint8_t **pages;                                /* its bytes */
    struct virtqueue_driver driver;
    struct virtqueue_device device;
    void (*watch)(void *self); /* a busy-polling device: called when chains were added; NULL: nobody looks */
    void *watcher;
};

/* Lays the ring out in fresh memory of the guest: empty, notifications both ways enabled. */
void virtqueue_init(struct virtqueue *queue, const struct virtqueue_config *config);
void virtqueue_destroy(struct virtqueue *queue);

/* ---- the driver's side ---- */

/* Slots that a chain of `parts` takes. */
unsigned virtqueue_slots(const struct virtqueue *queue, unsigned parts);
static inline unsigned virtqueue_free(const struct virtqueue *queue)
{
    return queue->driver.free_count;
}

/* Exposes a chain, for which there is room: the device can see it at once. Returns its id. */
uint16_t virtqueue_add(struct virtqueue *queue, const struct virtqueue_part *parts, unsigned count);

/* Whether the device wants to be notified of what was added since the last call. */
bool virtqueue_kick_prepare(struct virtqueue *queue);

/* Takes the next used chain back: its id and the bytes written. False if there is none. */
bool virtqueue_get(struct virtqueue *queue, uint16_t *id, uint32_t *length);

bool virtqueue_has_used(const struct virtqueue *queue);
unsigned virtqueue_used(const struct virtqueue *queue); /* chains that virtqueue_get() would give now */

/* An interrupt of this queue has come in: false if nothing was used (a late one). */
bool virtqueue_interrupted(struct virtqueue *queue);

void virtqueue_disable_interrupts(struct virtqueue *queue);
/* Asks for an interrupt at the next used chain; virtqueue_has_used() afterwards closes the race. */
void virtqueue_enable_interrupts(struct virtqueue *queue);
/* Asks for one when about 3/4 of what is outstanding has been used; false if that much is there already. */
bool virtqueue_enable_interrupts_delayed(struct virtqueue *queue);

/* ---- the device's side ---- */

/* Takes the next available chain; false if there is none. */
bool virtqueue_take(struct virtqueue *queue, struct virtqueue_chain *chain);
/* Gives the `chains` taken last back, which took `slots` together. */
void virtqueue_untake(struct virtqueue *queue, unsigned chains, unsigned slots);
bool virtqueue_has_available(struct virtqueue *queue);

/* Notes that a taken chain is used, `length` bytes written; not visible until virtqueue_publish(). */
void virtqueue_use(struct virtqueue *queue, uint16_t id, unsigned slots, uint32_t length);
void virtqueue_publish(struct virtqueue *queue);

/* Whether the driver wants an interrupt for what was published since the last call. (Real devices answer yes
 * once at the very first, not knowing where the ring began; here it begins at 0.) */
bool virtqueue_wants_interrupt(struct virtqueue *queue);

void virtqueue_disable_kicks(struct virtqueue *queue);
/* Asks for a kick at the next chain added; true if there is one already, beyond those that were given back:
 * then the driver has not seen the request. */
bool virtqueue_enable_kicks(struct virtqueue *queue);

/* ---- looking from outside ---- */

/* Calls see(self, id) for each chain that the device has yet to take; for each that it has published as used and the
 * driver has yet to get, as often as it appears. Nothing changes. */
typedef void virtqueue_see(void *self, uint16_t id);
void virtqueue_each_available(struct virtqueue *queue, virtqueue_see *see, void *self);
void virtqueue_each_used(const struct virtqueue *queue, virtqueue_see *see, void *self);

#endif
