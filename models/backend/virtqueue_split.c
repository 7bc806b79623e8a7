/*
 * The split layout: descriptor table, available ring (written by the driver), used ring (written by the
 * device). virtio 1.2, section 2.7; the driver as in Linux' drivers/virtio/virtio_ring.c, the device as in
 * drivers/vhost/vhost.c.
 */
#include "models/backend/virtqueue_private.h"

/* ---- the rings in memory ---- */

static uint64_t descriptor_at(const struct virtqueue *queue, uint16_t index)
{
    return queue->descriptors + 16u * (uint64_t)index;
}

static uint64_t available_flags(const struct virtqueue *queue)
{
    return queue->driver_area;
}

static uint64_t available_index(const struct virtqueue *queue)
{
    return queue->driver_area + 2;
}

static uint64_t available_entry(const struct virtqueue *queue, uint16_t index)
{
    return queue->driver_area + 4 + 2u * (uint64_t)(index & (queue->config.size - 1));
}

/* Behind the available ring: where the driver wants the next interrupt. */
static uint64_t used_event(const struct virtqueue *queue)
{
    return queue->driver_area + 4 + 2u * (uint64_t)queue->config.size;
}

static uint64_t used_flags(const struct virtqueue *queue)
{
    return queue->device_area;
}

static uint64_t used_index(const struct virtqueue *queue)
{
    return queue->device_area + 2;
}

static uint64_t used_entry(const struct virtqueue *queue, uint16_t index)
{
    return queue->device_area + 4 + 8u * (uint64_t)(index & (queue->config.size - 1));
}

/* Behind the used ring: where the device wants the next kick. */
static uint64_t available_event(const struct virtqueue *queue)
{
    return queue->device_area + 4 + 8u * (uint64_t)queue->config.size;
}

/* ---- driver ---- */

static void write_descriptor(struct virtqueue *queue, uint16_t index, const struct virtqueue_part *part,
                             uint16_t flags)
{
    struct virtqueue_descriptor descriptor = {
        .address = part->address,
        .length = part->length,
        .flags = (uint16_t)(flags | (part->write ? VIRTQUEUE_DESC_WRITE : 0)),
        .next = (flags & VIRTQUEUE_DESC_NEXT) ? queue->driver.link[index] : 0,
    };
    memcpy(virtqueue_at(queue, descriptor_at(queue, index)), &descriptor, sizeof(descriptor));
}

/* Writes the chain's descriptors from the head of the free list on; returns the free list's new head. */
static uint16_t write_chain(struct virtqueue *queue, uint16_t head, const struct virtqueue_part *parts,
                            unsigned count)
{
    if (virtqueue_slots(queue, count) < count) {
        struct virtqueue_part table = {
            .address = virtqueue_write_table(queue, head, parts, count),
            .length = 16 * count,
        };
        write_descriptor(queue, head, &table, VIRTQUEUE_DESC_INDIRECT);
        return queue->driver.link[head];
    }
    for (unsigned i = 0; i < count; i++) {
        write_descriptor(queue, head, &parts[i], i + 1 < count ? VIRTQUEUE_DESC_NEXT : 0);
        head = queue->driver.link[head];
    }
    return head;
}

static uint16_t split_add(struct virtqueue *queue, const struct virtqueue_part *parts, unsigned count)
{
    struct virtqueue_driver *driver = &queue->driver;
    uint16_t id = driver->free_head;
    driver->free_head = write_chain(queue, id, parts, count);
    driver->slots[id] = (uint16_t)virtqueue_slots(queue, count);
    driver->free_count = (uint16_t)(driver->free_count - driver->slots[id]);
    virtqueue_write16(queue, available_entry(queue, driver->next), id);
    virtqueue_write16(queue, available_index(queue), ++driver->next);
    driver->added++;
    return id;
}

static bool split_kick_prepare(struct virtqueue *queue)
{
    struct virtqueue_driver *driver = &queue->driver;
    uint16_t old = (uint16_t)(driver->next - driver->added);
    driver->added = 0;
    if (queue->config.event_index)
        return virtqueue_need_event(virtqueue_read16(queue, available_event(queue)), driver->next, old);
    return !(virtqueue_read16(queue, used_flags(queue)) & VIRTQUEUE_SUPPRESS);
}

/* The chain's descriptors go back to the head of the free list. */
static void free_chain(struct virtqueue_driver *driver, uint16_t id)
{
    uint16_t last = id;
    for (uint16_t i = 1; i < driver->slots[id]; i++)
        last = driver->link[last];
    driver->link[last] = driver->free_head;
    driver->free_head = id;
    driver->free_count = (uint16_t)(driver->free_count + driver->slots[id]);
}

static unsigned split_used(const struct virtqueue *queue)
{
    return (uint16_t)(virtqueue_read16(queue, used_index(queue)) - queue->driver.last_used);
}

static void split_each_used(const struct virtqueue *queue, virtqueue_see *see, void *self)
{
    for (unsigned i = 0; i < split_used(queue); i++)
        see(self,
            (uint16_t)virtqueue_read32(queue, used_entry(queue, (uint16_t)(queue->driver.last_used + i))));
}

static bool split_has_used(const struct virtqueue *queue)
{
    return split_used(queue) > 0;
}

static bool split_get(struct virtqueue *queue, uint16_t *id, uint32_t *length)
{
    struct virtqueue_driver *driver = &queue->driver;
    if (!split_has_used(queue))
        return false;
    uint64_t entry = used_entry(queue, driver->last_used);
    *id = (uint16_t)virtqueue_read32(queue, entry);
    *length = virtqueue_read32(queue, entry + 4);
    free_chain(driver, *id);
    driver->last_used++;
    if (!(driver->suppress & VIRTQUEUE_SUPPRESS))
        virtqueue_write16(queue, used_event(queue), driver->last_used);
    return true;
}

static void split_disable_interrupts(struct virtqueue *queue)
{
    struct virtqueue_driver *driver = &queue->driver;
    if (driver->suppress & VIRTQUEUE_SUPPRESS)
        return;
    driver->suppress |= VIRTQUEUE_SUPPRESS;
    if (driver->triggered)
        return; /* the event index has been passed: no other interrupt will come */
    if (queue->config.event_index)
        virtqueue_write16(queue, used_event(queue),
                          0); /* there is no "never": an index that is seldom passed */
    else
        virtqueue_write16(queue, available_flags(queue), driver->suppress);
}

/* Interrupts are wanted from used index `event` on. */
static void want_interrupt_at(struct virtqueue *queue, uint16_t event)
{
    struct virtqueue_driver *driver = &queue->driver;
    if (driver->suppress & VIRTQUEUE_SUPPRESS) {
        driver->suppress &= (uint16_t)~VIRTQUEUE_SUPPRESS;
        if (!queue->config.event_index)
            virtqueue_write16(queue, available_flags(queue), driver->suppress);
    }
    virtqueue_write16(queue, used_event(queue), event);
}

static void split_enable_interrupts(struct virtqueue *queue)
{
    want_interrupt_at(queue, queue->driver.last_used);
}

static bool split_enable_interrupts_delayed(struct virtqueue *queue)
{
    struct virtqueue_driver *driver = &queue->driver;
    uint16_t outstanding = (uint16_t)(driver->next - driver->last_used);
    uint16_t wait_for = (uint16_t)((uint32_t)outstanding * 3 / 4);
    want_interrupt_at(queue, (uint16_t)(driver->last_used + wait_for));
    return split_used(queue) <= wait_for;
}

/* ---- device ---- */

static bool split_has_available(struct virtqueue *queue)
{
    struct virtqueue_device *device = &queue->device;
    if (device->available == device->next)
        device->available = virtqueue_read16(queue, available_index(queue));
    return device->available != device->next;
}

static void read_chain(const struct virtqueue *queue, struct virtqueue_chain *chain)
{
    struct virtqueue_descriptor descriptor;
    uint16_t index = chain->id;
    do {
        memcpy(&descriptor, virtqueue_at(queue, descriptor_at(queue, index)), sizeof(descriptor));
        chain->slots++;
        if (descriptor.flags & VIRTQUEUE_DESC_INDIRECT)
            virtqueue_read_table(queue, descriptor.address, descriptor.length, chain);
        else
            virtqueue_append(chain, descriptor.address, descriptor.length, descriptor.flags);
        index = descriptor.next;
    } while (descriptor.flags & VIRTQUEUE_DESC_NEXT);
}

/* vring_set_avail_event() of QEMU, which leaves the index behind while kicks are off. */
static void follow_with_event(struct virtqueue *queue)
{
    if (queue->config.event_on_take && queue->config.event_index && !queue->device.quiet)
        virtqueue_write16(queue, available_event(queue), queue->device.next);
}

static bool split_take(struct virtqueue *queue, struct virtqueue_chain *chain)
{
    struct virtqueue_device *device = &queue->device;
    if (!split_has_available(queue))
        return false;
    chain->id = virtqueue_read16(queue, available_entry(queue, device->next));
    chain->slots = 0;
    chain->count = 0;
    read_chain(queue, chain);
    device->next++;
    device->seen = device->seen > 0 ? (uint16_t)(device->seen - 1) : 0;
    follow_with_event(queue);
    return true;
}

static void split_untake(struct virtqueue *queue, unsigned chains, unsigned slots)
{
    (void)slots;
    queue->device.next = (uint16_t)(queue->device.next - chains);
    queue->device.seen = (uint16_t)(queue->device.seen + chains);
    follow_with_event(queue);
}

static void split_use(struct virtqueue *queue, uint16_t id, unsigned slots, uint32_t length)
{
    struct virtqueue_device *device = &queue->device;
    (void)slots;
    uint64_t entry = used_entry(queue, device->used);
    virtqueue_write32(queue, entry, id);
    virtqueue_write32(queue, entry + 4, length);
    device->used++;
    device->since_signal++;
}

static void split_publish(struct virtqueue *queue)
{
    virtqueue_write16(queue, used_index(queue), queue->device.used);
}

static bool split_wants_interrupt(struct virtqueue *queue)
{
    struct virtqueue_device *device = &queue->device;
    uint16_t old = (uint16_t)(device->used - device->since_signal);
    device->since_signal = 0;
    if (!queue->config.event_index)
        return !(virtqueue_read16(queue, available_flags(queue)) & VIRTQUEUE_SUPPRESS);
    return virtqueue_need_event(virtqueue_read16(queue, used_event(queue)), device->used, old);
}

static void split_disable_kicks(struct virtqueue *queue)
{
    queue->device.quiet = true;
    if (!queue->config.event_index)
        virtqueue_write16(queue, used_flags(queue), VIRTQUEUE_SUPPRESS);
}

static bool split_enable_kicks(struct virtqueue *queue)
{
    uint16_t beyond = (uint16_t)(queue->device.next + queue->device.seen);
    queue->device.quiet = false;
    if (queue->config.event_index)
        virtqueue_write16(queue, available_event(queue), beyond);
    else
        virtqueue_write16(queue, used_flags(queue), 0);
    return virtqueue_read16(queue, available_index(queue)) != beyond;
}

const struct virtqueue_ops virtqueue_split_ops = {
    .add = split_add,
    .kick_prepare = split_kick_prepare,
    .get = split_get,
    .has_used = split_has_used,
    .used = split_used,
    .each_used = split_each_used,
    .disable_interrupts = split_disable_interrupts,
    .enable_interrupts = split_enable_interrupts,
    .enable_interrupts_delayed = split_enable_interrupts_delayed,
    .take = split_take,
    .untake = split_untake,
    .has_available = split_has_available,
    .use = split_use,
    .publish = split_publish,
    .wants_interrupt = split_wants_interrupt,
    .disable_kicks = split_disable_kicks,
    .enable_kicks = split_enable_kicks,
};
