/*
 * The packed layout: one ring of descriptors that both sides write, and an event suppression structure each.
 * virtio 1.2, section 2.8; the driver as in Linux' drivers/virtio/virtio_ring.c, the device as in QEMU's
 * virtio.c.
 */
#include "models/backend/virtqueue_private.h"

enum { WRAP_SHIFT = 15, OFFSET_MASK = 0x7fff };

/* ---- the ring in memory ---- */

static uint64_t slot_at(const struct virtqueue *queue, uint16_t slot)
{
    return queue->descriptors + 16u * (uint64_t)slot;
}

static uint16_t read_flags(const struct virtqueue *queue, uint16_t slot)
{
    return virtqueue_read16(queue, slot_at(queue, slot) + 14);
}

/* The flags AVAIL and USED of a descriptor made available, or used, in a round of this wrap counter. */
static uint16_t available_bits(bool wrap)
{
    return wrap ? VIRTQUEUE_DESC_AVAIL : VIRTQUEUE_DESC_USED;
}

static uint16_t used_bits(bool wrap)
{
    return wrap ? VIRTQUEUE_DESC_AVAIL | VIRTQUEUE_DESC_USED : 0;
}

static bool has_bits(const struct virtqueue *queue, uint16_t slot, uint16_t bits)
{
    return (read_flags(queue, slot) & (VIRTQUEUE_DESC_AVAIL | VIRTQUEUE_DESC_USED)) == bits;
}

/* Moves a slot and its wrap counter `slots` on. */
static void advance(const struct virtqueue *queue, uint16_t *slot, bool *wrap, unsigned slots)
{
    unsigned next = *slot + slots;
    if (next >= queue->config.size) {
        next -= queue->config.size;
        *wrap = !*wrap;
    }
    *slot = (uint16_t)next;
}

static void retreat(const struct virtqueue *queue, uint16_t *slot, bool *wrap, unsigned slots)
{
    if (*slot < slots) {
        *slot = (uint16_t)(*slot + queue->config.size);
        *wrap = !*wrap;
    }
    *slot = (uint16_t)(*slot - slots);
}

static uint16_t offset_and_wrap(uint16_t slot, bool wrap)
{
    return (uint16_t)(slot | (uint16_t)wrap << WRAP_SHIFT);
}

/*
 * Whether the event suppression structure at `area` wants to be told of the `count` slots up to slot `next`,
 * whose wrap counter is `wrap` (section 2.8.10; the event's slot lies in the round before if its wrap bit
 * differs).
 */
static bool event_wanted(const struct virtqueue *queue, uint64_t area, uint16_t next, bool wrap,
                         uint16_t count)
{
    uint16_t where = virtqueue_read16(queue, area);
    uint16_t flags = virtqueue_read16(queue, area + 2);
    if (flags != VIRTQUEUE_EVENT_DESC)
        return flags != VIRTQUEUE_EVENT_DISABLE;
    uint16_t event = where & OFFSET_MASK;
    if ((where >> WRAP_SHIFT) != wrap)
        event = (uint16_t)(event - queue->config.size);
    return virtqueue_need_event(event, next, (uint16_t)(next - count));
}

/* ---- driver ---- */

static void write_slot(struct virtqueue *queue, uint16_t slot, uint16_t id, const struct virtqueue_part *part,
                       uint16_t flags)
{
    struct virtqueue_packed_descriptor descriptor = {
        .address = part->address,
        .length = part->length,
        .id = id,
        .flags = (uint16_t)(flags | (part->write ? VIRTQUEUE_DESC_WRITE : 0)),
    };
    memcpy(virtqueue_at(queue, slot_at(queue, slot)), &descriptor, sizeof(descriptor));
}

static void write_chain(struct virtqueue *queue, uint16_t id, const struct virtqueue_part *parts,
                        unsigned count)
{
    uint16_t slot = queue->driver.next;
    bool wrap = queue->driver.wrap;
    for (unsigned i = 0; i < count; i++) {
        uint16_t next = i + 1 < count ? VIRTQUEUE_DESC_NEXT : 0;
        write_slot(queue, slot, id, &parts[i], (uint16_t)(next | available_bits(wrap)));
        advance(queue, &slot, &wrap, 1);
    }
}

static uint16_t packed_add(struct virtqueue *queue, const struct virtqueue_part *parts, unsigned count)
{
    struct virtqueue_driver *driver = &queue->driver;
    uint16_t id = driver->free_head;
    driver->free_head = driver->link[id];
    driver->slots[id] = (uint16_t)virtqueue_slots(queue, count);
    if (driver->slots[id] < count) {
        struct virtqueue_part table = {
            .address = virtqueue_write_table(queue, id, parts, count),
            .length = 16 * count,
        };
        write_slot(queue, driver->next, id, &table, VIRTQUEUE_DESC_INDIRECT | available_bits(driver->wrap));
    } else {
        write_chain(queue, id, parts, count);
    }
    advance(queue, &driver->next, &driver->wrap, driver->slots[id]);
    driver->free_count = (uint16_t)(driver->free_count - driver->slots[id]);
    driver->added = (uint16_t)(driver->added + driver->slots[id]);
    return id;
}

static bool packed_kick_prepare(struct virtqueue *queue)
{
    struct virtqueue_driver *driver = &queue->driver;
    uint16_t added = driver->added;
    driver->added = 0;
    return event_wanted(queue, queue->device_area, driver->next, driver->wrap, added);
}

static bool packed_has_used(const struct virtqueue *queue)
{
    return has_bits(queue, queue->driver.last_used, used_bits(queue->driver.used_wrap));
}

static void packed_each_used(const struct virtqueue *queue, virtqueue_see *see, void *self)
{
    const struct virtqueue_driver *driver = &queue->driver;
    uint16_t slot = driver->last_used;
    bool wrap = driver->used_wrap;
    unsigned slots = 0;
    while (slots < queue->config.size && has_bits(queue, slot, used_bits(wrap))) {
        uint16_t id = virtqueue_read16(queue, slot_at(queue, slot) + 12);
        see(self, id);
        slots += driver->slots[id];
        advance(queue, &slot, &wrap, driver->slots[id]);
    }
}

static void count_chain(void *self, uint16_t id)
{
    unsigned *chains = self;
    (void)id;
    ++*chains;
}

static unsigned packed_used(const struct virtqueue *queue)
{
    unsigned chains = 0;
    packed_each_used(queue, count_chain, &chains);
    return chains;
}

static bool packed_get(struct virtqueue *queue, uint16_t *id, uint32_t *length)
{
    struct virtqueue_driver *driver = &queue->driver;
    if (!packed_has_used(queue))
        return false;
    struct virtqueue_packed_descriptor descriptor;
    memcpy(&descriptor, virtqueue_at(queue, slot_at(queue, driver->last_used)), sizeof(descriptor));
    *id = descriptor.id;
    *length = descriptor.length;
    driver->link[*id] = driver->free_head;
    driver->free_head = *id;
    driver->free_count = (uint16_t)(driver->free_count + driver->slots[*id]);
    advance(queue, &driver->last_used, &driver->used_wrap, driver->slots[*id]);
    if (driver->suppress == VIRTQUEUE_EVENT_DESC)
        virtqueue_write16(queue, queue->driver_area, offset_and_wrap(driver->last_used, driver->used_wrap));
    return true;
}

static void packed_disable_interrupts(struct virtqueue *queue)
{
    struct virtqueue_driver *driver = &queue->driver;
    if (driver->suppress == VIRTQUEUE_EVENT_DISABLE)
        return;
    driver->suppress = VIRTQUEUE_EVENT_DISABLE;
    if (!driver->triggered) /* else the event has been passed: no other interrupt will come */
        virtqueue_write16(queue, queue->driver_area + 2, driver->suppress);
}

/* Interrupts are wanted from a used slot on; without event index, from now on. */
static void want_interrupt_at(struct virtqueue *queue, uint16_t slot, bool wrap)
{
    struct virtqueue_driver *driver = &queue->driver;
    if (queue->config.event_index)
        virtqueue_write16(queue, queue->driver_area, offset_and_wrap(slot, wrap));
    if (driver->suppress != VIRTQUEUE_EVENT_DISABLE)
        return;
    driver->suppress = queue->config.event_index ? VIRTQUEUE_EVENT_DESC : VIRTQUEUE_EVENT_ENABLE;
    virtqueue_write16(queue, queue->driver_area + 2, driver->suppress);
}

static void packed_enable_interrupts(struct virtqueue *queue)
{
    want_interrupt_at(queue, queue->driver.last_used, queue->driver.used_wrap);
}

static bool packed_enable_interrupts_delayed(struct virtqueue *queue)
{
    const struct virtqueue_driver *driver = &queue->driver;
    uint16_t slot = driver->last_used;
    bool wrap = driver->used_wrap;
    unsigned outstanding = (unsigned)queue->config.size - driver->free_count;
    advance(queue, &slot, &wrap, outstanding * 3 / 4);
    want_interrupt_at(queue, slot, wrap);
    return !packed_has_used(queue);
}

/* ---- device ---- */

static bool packed_has_available(struct virtqueue *queue)
{
    return has_bits(queue, queue->device.next, available_bits(queue->device.wrap));
}

static bool packed_take(struct virtqueue *queue, struct virtqueue_chain *chain)
{
    struct virtqueue_device *device = &queue->device;
    if (!packed_has_available(queue))
        return false;
    struct virtqueue_packed_descriptor descriptor;
    chain->slots = 0;
    chain->count = 0;
    do {
        memcpy(&descriptor, virtqueue_at(queue, slot_at(queue, device->next)), sizeof(descriptor));
        if (descriptor.flags & VIRTQUEUE_DESC_INDIRECT)
            virtqueue_read_table(queue, descriptor.address, descriptor.length, chain);
        else
            virtqueue_append(chain, descriptor.address, descriptor.length, descriptor.flags);
        chain->slots++;
        advance(queue, &device->next, &device->wrap, 1);
    } while (descriptor.flags & VIRTQUEUE_DESC_NEXT);
    chain->id = descriptor.id;
    device->seen = device->seen > chain->slots ? (uint16_t)(device->seen - chain->slots) : 0;
    return true;
}

static void packed_untake(struct virtqueue *queue, unsigned chains, unsigned slots)
{
    struct virtqueue_device *device = &queue->device;
    (void)chains;
    retreat(queue, &device->next, &device->wrap, slots);
    device->seen = (uint16_t)(device->seen + slots);
}

/* The first of a batch stays unused in the driver's eyes until the batch is published. */
static void packed_use(struct virtqueue *queue, uint16_t id, unsigned slots, uint32_t length)
{
    struct virtqueue_device *device = &queue->device;
    uint64_t slot = slot_at(queue, device->used);
    virtqueue_write32(queue, slot + 8, length);
    virtqueue_write16(queue, slot + 12, id);
    if (device->unpublished == 0) {
        device->first = device->used;
        device->first_flags = used_bits(device->used_wrap);
    } else {
        virtqueue_write16(queue, slot + 14, used_bits(device->used_wrap));
    }
    advance(queue, &device->used, &device->used_wrap, slots);
    device->unpublished = (uint16_t)(device->unpublished + slots);
}

static void packed_publish(struct virtqueue *queue)
{
    struct virtqueue_device *device = &queue->device;
    if (device->unpublished == 0)
        return;
    virtqueue_write16(queue, slot_at(queue, device->first) + 14, device->first_flags);
    device->since_signal = (uint16_t)(device->since_signal + device->unpublished);
    device->unpublished = 0;
}

static bool packed_wants_interrupt(struct virtqueue *queue)
{
    struct virtqueue_device *device = &queue->device;
    uint16_t count = device->since_signal;
    device->since_signal = 0;
    return event_wanted(queue, queue->driver_area, device->used, device->used_wrap, count);
}

static void packed_disable_kicks(struct virtqueue *queue)
{
    virtqueue_write16(queue, queue->device_area + 2, VIRTQUEUE_EVENT_DISABLE);
}

static bool packed_enable_kicks(struct virtqueue *queue)
{
    uint16_t slot = queue->device.next;
    bool wrap = queue->device.wrap;
    advance(queue, &slot, &wrap, queue->device.seen);
    if (queue->config.event_index) {
        virtqueue_write16(queue, queue->device_area, offset_and_wrap(slot, wrap));
        virtqueue_write16(queue, queue->device_area + 2, VIRTQUEUE_EVENT_DESC);
    } else {
        virtqueue_write16(queue, queue->device_area + 2, VIRTQUEUE_EVENT_ENABLE);
    }
    return has_bits(queue, slot, available_bits(wrap));
}

const struct virtqueue_ops virtqueue_packed_ops = {
    .add = packed_add,
    .kick_prepare = packed_kick_prepare,
    .get = packed_get,
    .has_used = packed_has_used,
    .used = packed_used,
    .each_used = packed_each_used,
    .disable_interrupts = packed_disable_interrupts,
    .enable_interrupts = packed_enable_interrupts,
    .enable_interrupts_delayed = packed_enable_interrupts_delayed,
    .take = packed_take,
    .untake = packed_untake,
    .has_available = packed_has_available,
    .use = packed_use,
    .publish = packed_publish,
    .wants_interrupt = packed_wants_interrupt,
    .disable_kicks = packed_disable_kicks,
    .enable_kicks = packed_enable_kicks,
};
