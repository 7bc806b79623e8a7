/*
 * Arena: memory that is given back all at once. A loaded scenario and each binding own one, so that parsed
 * trees and filled structs need no bookkeeping of their own. Internal to scenarios/.
 */
#ifndef SCENARIOS_ARENA_H
#define SCENARIOS_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* NULL is allowed */

/* `size` zeroed bytes, aligned for any type; never NULL (an exhausted machine is an assert). */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of text[0..length), ended by a NUL. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* A copy of the string `text`. */
char *arena_string(struct arena *arena, const char *text);

/* A formatted string. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Room for one more in an array of `count` elements of `size` bytes: returns `array` or a copy twice as
 * large. Capacity is always the power of two at or above `count`, so that it needs no field.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);

#endif
