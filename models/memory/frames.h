/*
 * The frames of physical memory that were touched: a hash from page number to frame. A frame gets bytes when a
 * control structure is read or written and tags when payload is; most have only one of the two. Private to
 * models/memory.
 */
#ifndef MODELS_MEMORY_FRAMES_H
#define MODELS_MEMORY_FRAMES_H

#include <stdint.h>

#include "models/memory/memory.h"

enum { LINES_PER_PAGE = PAGE_SIZE / LINE_SIZE };

struct frame {
    uint64_t page;  /* hpa / PAGE_SIZE */
    uint8_t *bytes; /* PAGE_SIZE of them, or NULL */
    uint64_t *tags; /* LINES_PER_PAGE of them, or NULL */
};

enum { FRAMES_RECENT = 64 };

struct frames {
    struct frame **slots; /* open addressing, linear probing; a power of two of them */
    uint32_t capacity;
    uint32_t count;
    struct frame *recent[FRAMES_RECENT]; /* by page number: touched last of those that share the place */
};

void frames_init(struct frames *frames);
void frames_destroy(struct frames *frames);

/* The same as frames_find() and frames_touch(), by the hash. */
struct frame *frames_look_up(const struct frames *frames, uint64_t page);
struct frame *frames_obtain(struct frames *frames, uint64_t page);

/* The frame of `page`, NULL if it was never touched. */
static inline struct frame *frames_find(const struct frames *frames, uint64_t page)
{
    struct frame *recent = frames->recent[page % FRAMES_RECENT];
    return recent && recent->page == page ? recent : frames_look_up(frames, page);
}

/* The frame of `page`, made if need be. */
static inline struct frame *frames_touch(struct frames *frames, uint64_t page)
{
    struct frame *recent = frames->recent[page % FRAMES_RECENT];
    return recent && recent->page == page ? recent : frames_obtain(frames, page);
}

/* Forgets what the frame of `page` holds, if there is one: it reads as zeroes and as no payload again. */
void frames_clear(struct frames *frames, uint64_t page);

uint8_t *frame_bytes(struct frame *frame); /* zeroed when they come into being */
uint64_t *frame_tags(struct frame *frame);

#endif
