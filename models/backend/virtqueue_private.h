/* What the two ring layouts share: private to models/backend/virtqueue*.c. */
#ifndef MODELS_BACKEND_VIRTQUEUE_PRIVATE_H
#define MODELS_BACKEND_VIRTQUEUE_PRIVATE_H

#include <string.h>

#include "models/backend/virtqueue.h"
#include "sim/assert.h"

/* A layout. Each function is that of the same name in virtqueue.h. */
struct virtqueue_ops {
    uint16_t (*add)(struct virtqueue *queue, const struct virtqueue_part *parts, unsigned count);
    bool (*kick_prepare)(struct virtqueue *queue);
    bool (*get)(struct virtqueue *queue, uint16_t *id, uint32_t *length);
    bool (*has_used)(const struct virtqueue *queue);
    unsigned (*used)(const struct virtqueue *queue);
    void (*each_used)(const struct virtqueue *queue, virtqueue_see *see, void *self);
    void (*disable_interrupts)(struct virtqueue *queue);
    void (*enable_interrupts)(struct virtqueue *queue);
    bool (*enable_interrupts_delayed)(struct virtqueue *queue);
    bool (*take)(struct virtqueue *queue, struct virtqueue_chain *chain);
    void (*untake)(struct virtqueue *queue, unsigned chains, unsigned slots);
    bool (*has_available)(struct virtqueue *queue);
    void (*use)(struct virtqueue *queue, uint16_t id, unsigned slots, uint32_t length);
    void (*publish)(struct virtqueue *queue);
    bool (*wants_interrupt)(struct virtqueue *queue);
    void (*disable_kicks)(struct virtqueue *queue);
    bool (*enable_kicks)(struct virtqueue *queue);
};

extern const struct virtqueue_ops virtqueue_split_ops;
extern const struct virtqueue_ops virtqueue_packed_ops;

/* The byte at a guest address within the virtqueue's memory. */
static inline uint8_t *virtqueue_at(const struct virtqueue *queue, uint64_t address)
{
    uint64_t offset = address - queue->base;
    return queue->pages[offset / PAGE_SIZE] + offset % PAGE_SIZE;
}

static inline uint16_t virtqueue_read16(const struct virtqueue *queue, uint64_t address)
{
    uint16_t value;
    memcpy(&value, virtqueue_at(queue, address), sizeof(value));
    return value;
}

static inline void virtqueue_write16(const struct virtqueue *queue, uint64_t address, uint16_t value)
{
    memcpy(virtqueue_at(queue, address), &value, sizeof(value));
}

static inline uint32_t virtqueue_read32(const struct virtqueue *queue, uint64_t address)
{
    uint32_t value;
    memcpy(&value, virtqueue_at(queue, address), sizeof(value));
    return value;
}

static inline void virtqueue_write32(const struct virtqueue *queue, uint64_t address, uint32_t value)
{
    memcpy(virtqueue_at(queue, address), &value, sizeof(value));
}

/* Writes the indirect table of chain `id`; returns its address. */
uint64_t virtqueue_write_table(struct virtqueue *queue, uint16_t id, const struct virtqueue_part *parts,
                               unsigned count);
/* Appends the parts of the table at `address` to the chain. */
void virtqueue_read_table(const struct virtqueue *queue, uint64_t address, uint32_t length,
                          struct virtqueue_chain *chain);

/* Appends one part to a chain. */
static inline void virtqueue_append(struct virtqueue_chain *chain, uint64_t address, uint32_t length,
                                    uint16_t flags)
{
    SIM_ASSERT(chain->count < VIRTQUEUE_PARTS_MAX);
    chain->parts[chain->count++] =
        (struct virtqueue_part){address, length, (flags & VIRTQUEUE_DESC_WRITE) != 0};
}

#endif
