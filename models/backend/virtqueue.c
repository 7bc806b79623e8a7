#include "models/backend/virtqueue.h"

#include <stdlib.h>

#include "models/backend/virtqueue_private.h"

/* Sizes and alignments of the areas: virtio 1.2, sections 2.7, 2.8.10; a legacy used ring: 2.7.2. */
enum {
    DESCRIPTOR_SIZE = 16,
    AVAILABLE_FIXED = 6, /* flags, idx, used_event */
    USED_FIXED = 6,      /* flags, idx, avail_event */
    EVENT_SIZE = 4,
    AREA_ALIGN = 64,
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    SIM_ASSERT(memory);
    return memory;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) / align * align;
}

/* Places the areas one behind the other from `base`; returns the end. */
static uint64_t lay_out(struct virtqueue *queue, uint64_t base)
{
    const struct virtqueue_config *config = &queue->config;
    uint64_t size = config->size;
    uint64_t driver_size = config->packed ? EVENT_SIZE : AVAILABLE_FIXED + 2 * size;
    uint64_t device_size = config->packed ? EVENT_SIZE : USED_FIXED + 8 * size;
    queue->base = base;
    queue->descriptors = base;
    queue->driver_area = base + DESCRIPTOR_SIZE * size;
    queue->device_area = align_up(queue->driver_area + driver_size,
                                  config->legacy && !config->packed ? PAGE_SIZE : AREA_ALIGN);
    uint64_t end = queue->device_area + device_size;
    queue->table_size = (uint32_t)align_up(DESCRIPTOR_SIZE * (uint64_t)config->parts, AREA_ALIGN);
    if (config->indirect && config->parts > 1) {
        queue->tables = align_up(end, AREA_ALIGN);
        end = queue->tables + size * queue->table_size;
    }
    return end;
}

static void map_pages(struct virtqueue *queue, uint64_t end)
{
    uint64_t pages = (end - queue->base + PAGE_SIZE - 1) / PAGE_SIZE;
    queue->pages = allocate(pages, sizeof(*queue->pages));
    for (uint64_t page = 0; page < pages; page++) {
        uint64_t hpa = address_space_translate(queue->config.space, queue->base + page * PAGE_SIZE);
        queue->pages[page] = memory_bytes(queue->config.memory, hpa);
    }
}

static void driver_init(struct virtqueue *queue)
{
    struct virtqueue_driver *driver = &queue->driver;
    uint16_t size = queue->config.size;
    driver->free_count = size;
    driver->wrap = true;
    driver->used_wrap = true;
    driver->link = allocate(size, sizeof(*driver->link));
    driver->slots = allocate(size, sizeof(*driver->slots));
    for (uint16_t i = 0; i + 1 < size; i++)
        driver->link[i] = (uint16_t)(i + 1);
    if (queue->config.packed)
        driver->suppress = VIRTQUEUE_EVENT_ENABLE;
}

void virtqueue_init(struct virtqueue *queue, const struct virtqueue_config *config)
{
    SIM_ASSERT(config->size >= 2 && config->size <= VIRTQUEUE_SIZE_MAX &&
               config->parts <= VIRTQUEUE_PARTS_MAX);
    SIM_ASSERT(config->packed || (config->size & (config->size - 1)) == 0);
    *queue = (struct virtqueue){
        .ops = config->packed ? &virtqueue_packed_ops : &virtqueue_split_ops,
        .config = *config,
        .device = {.wrap = true, .used_wrap = true},
    };
    uint64_t size = lay_out(queue, 0);
    size = align_up(size, PAGE_SIZE);
    uint64_t base = address_space_allocate(config->space, config->node, size);
    SIM_ASSERT(base != 0);
    map_pages(queue, lay_out(queue, base));
    driver_init(queue);
}

void virtqueue_destroy(struct virtqueue *queue)
{
    free(queue->pages);
    free(queue->driver.link);
    free(queue->driver.slots);
    *queue = (struct virtqueue){0};
}

/* ---- indirect tables ---- */

uint64_t virtqueue_write_table(struct virtqueue *queue, uint16_t id, const struct virtqueue_part *parts,
                               unsigned count)
{
    SIM_ASSERT(count <= queue->config.parts);
    uint64_t table = queue->tables + (uint64_t)id * queue->table_size;
    for (unsigned i = 0; i < count; i++) {
        bool last = i + 1 == count;
        struct virtqueue_descriptor descriptor = {
            .address = parts[i].address,
            .length = parts[i].length,
            .flags =
                (uint16_t)((last ? 0 : VIRTQUEUE_DESC_NEXT) | (parts[i].write ? VIRTQUEUE_DESC_WRITE : 0)),
            .next = (uint16_t)(last ? 0 : i + 1),
        };
        memcpy(virtqueue_at(queue, table + DESCRIPTOR_SIZE * i), &descriptor, sizeof(descriptor));
    }
    return table;
}

void virtqueue_read_table(const struct virtqueue *queue, uint64_t address, uint32_t length,
                          struct virtqueue_chain *chain)
{
    for (uint32_t at = 0; at < length; at += DESCRIPTOR_SIZE) {
        struct virtqueue_descriptor descriptor;
        memcpy(&descriptor, virtqueue_at(queue, address + at), sizeof(descriptor));
        virtqueue_append(chain, descriptor.address, descriptor.length, descriptor.flags);
    }
}

/* ---- both layouts ---- */

unsigned virtqueue_slots(const struct virtqueue *queue, unsigned parts)
{
    return queue->config.indirect && parts > 1 ? 1 : parts;
}

uint16_t virtqueue_add(struct virtqueue *queue, const struct virtqueue_part *parts, unsigned count)
{
    SIM_ASSERT(count > 0 && virtqueue_slots(queue, count) <= queue->driver.free_count);
    uint16_t id = queue->ops->add(queue, parts, count);
    if (queue->watch)
        queue->watch(queue->watcher);
    return id;
}

bool virtqueue_kick_prepare(struct virtqueue *queue)
{
    return queue->ops->kick_prepare(queue);
}

bool virtqueue_get(struct virtqueue *queue, uint16_t *id, uint32_t *length)
{
    return queue->ops->get(queue, id, length);
}

bool virtqueue_has_used(const struct virtqueue *queue)
{
    return queue->ops->has_used(queue);
}

unsigned virtqueue_used(const struct virtqueue *queue)
{
    return queue->ops->used(queue);
}

bool virtqueue_interrupted(struct virtqueue *queue)
{
    if (!virtqueue_has_used(queue))
        return false;
    if (queue->config.event_index)
        queue->driver.triggered = true;
    return true;
}

void virtqueue_disable_interrupts(struct virtqueue *queue)
{
    queue->ops->disable_interrupts(queue);
}

void virtqueue_enable_interrupts(struct virtqueue *queue)
{
    queue->driver.triggered = false;
    queue->ops->enable_interrupts(queue);
}

bool virtqueue_enable_interrupts_delayed(struct virtqueue *queue)
{
    queue->driver.triggered = false;
    return queue->ops->enable_interrupts_delayed(queue);
}

bool virtqueue_take(struct virtqueue *queue, struct virtqueue_chain *chain)
{
    return queue->ops->take(queue, chain);
}

void virtqueue_untake(struct virtqueue *queue, unsigned chains, unsigned slots)
{
    queue->ops->untake(queue, chains, slots);
}

bool virtqueue_has_available(struct virtqueue *queue)
{
    return queue->ops->has_available(queue);
}

void virtqueue_use(struct virtqueue *queue, uint16_t id, unsigned slots, uint32_t length)
{
    queue->ops->use(queue, id, slots, length);
}

void virtqueue_publish(struct virtqueue *queue)
{
    queue->ops->publish(queue);
}

bool virtqueue_wants_interrupt(struct virtqueue *queue)
{
    return queue->ops->wants_interrupt(queue);
}

void virtqueue_disable_kicks(struct virtqueue *queue)
{
    queue->ops->disable_kicks(queue);
}

bool virtqueue_enable_kicks(struct virtqueue *queue)
{
    return queue->ops->enable_kicks(queue);
}

/* ---- looking from outside ---- */

void virtqueue_each_available(struct virtqueue *queue, virtqueue_see *see, void *self)
{
    struct virtqueue before = *queue;
    struct virtqueue_chain chain;
    queue->config.event_on_take = false; /* it would write */
    while (queue->ops->take(queue, &chain))
        see(self, chain.id);
    queue->device = before.device;
    queue->config = before.config;
}

void virtqueue_each_used(const struct virtqueue *queue, virtqueue_see *see, void *self)
{
    queue->ops->each_used(queue, see, self);
}
