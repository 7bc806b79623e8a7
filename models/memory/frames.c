#include "models/memory/frames.h"

#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

enum { FRAMES_FIRST = 1024 };

static void *zeroed(size_t count, size_t size)
{
    void *block = calloc(count, size);
    SIM_ASSERT(block != NULL);
    return block;
}

/* Fibonacci hashing: neighbouring pages spread over the table. */
static uint32_t frames_hash(uint64_t page, uint32_t capacity)
{
    return (uint32_t)((page * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (capacity - 1);
}

static uint32_t frames_slot(const struct frames *frames, uint64_t page)
{
    uint32_t slot = frames_hash(page, frames->capacity);
    while (frames->slots[slot] && frames->slots[slot]->page != page)
        slot = (slot + 1) & (frames->capacity - 1);
    return slot;
}

void frames_init(struct frames *frames)
{
    *frames = (struct frames){.capacity = FRAMES_FIRST};
    frames->slots = zeroed(frames->capacity, sizeof(struct frame *));
}

static void frame_destroy(struct frame *frame)
{
    free(frame->bytes);
    free(frame->tags);
    free(frame);
}

void frames_destroy(struct frames *frames)
{
    for (uint32_t i = 0; i < frames->capacity; i++) {
        if (frames->slots[i])
            frame_destroy(frames->slots[i]);
    }
    free(frames->slots);
}

static void frames_grow(struct frames *frames)
{
    struct frame **old = frames->slots;
    uint32_t old_capacity = frames->capacity;
    frames->capacity *= 2;
    frames->slots = zeroed(frames->capacity, sizeof(struct frame *));
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i])
            frames->slots[frames_slot(frames, old[i]->page)] = old[i];
    }
    free(old);
}

struct frame *frames_look_up(const struct frames *frames, uint64_t page)
{
    return frames->slots[frames_slot(frames, page)];
}

struct frame *frames_obtain(struct frames *frames, uint64_t page)
{
    uint32_t slot = frames_slot(frames, page);
    if (!frames->slots[slot]) {
        if (frames->count * 2 >= frames->capacity) {
            frames_grow(frames);
            slot = frames_slot(frames, page);
        }
        frames->slots[slot] = zeroed(1, sizeof(struct frame));
        frames->slots[slot]->page = page;
        frames->count++;
    }
    frames->recent[page % FRAMES_RECENT] = frames->slots[slot];
    return frames->slots[slot];
}

void frames_clear(struct frames *frames, uint64_t page)
{
    struct frame *frame = frames_find(frames, page);
    if (!frame)
        return;
    if (frame->bytes)
        memset(frame->bytes, 0, PAGE_SIZE);
    if (frame->tags)
        memset(frame->tags, 0, LINES_PER_PAGE * sizeof(uint64_t));
}

uint8_t *frame_bytes(struct frame *frame)
{
    if (!frame->bytes)
        frame->bytes = zeroed(1, PAGE_SIZE);
    return frame->bytes;
}

uint64_t *frame_tags(struct frame *frame)
{
    if (!frame->tags)
        frame->tags = zeroed(LINES_PER_PAGE, sizeof(uint64_t));
    return frame->tags;
}
