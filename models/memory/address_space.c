#include <stdlib.h>
#include <string.h>

#include "models/memory/area.h"
#include "models/memory/memory.h"
#include "sim/assert.h"

/* Where 32-bit devices and the interrupt range are in a machine's address map: no memory there. */
#define HOLE_START UINT64_C(0xC0000000)
#define HOLE_END UINT64_C(0x100000000)
#define SPACE_START UINT64_C(0x100000) /* the first megabyte is the firmware's */
#define SPACE_END (UINT64_C(1) << 47)

/* [address, address + size) is [hpa, hpa + size). */
struct extent {
    uint64_t address, size, hpa;
};

struct address_space {
    struct memory *memory;
    bool identity;
    struct extent *extents; /* ascending; neighbours that continue each other are joined */
    size_t count, capacity;
    struct area_pool low, high; /* addresses for address_space_allocate(), below and above the hole */
};

struct address_space *address_space_create(struct memory *memory, bool identity)
{
    struct address_space *space = calloc(1, sizeof *space);
    SIM_ASSERT(space != NULL);
    space->memory = memory;
    space->identity = identity;
    area_pool_init(&space->low, SPACE_START, HOLE_START, 0, 0);
    area_pool_init(&space->high, HOLE_END, SPACE_END, 0, 0);
    return space;
}

void address_space_destroy(struct address_space *space)
{
    if (!space)
        return;
    area_pool_destroy(&space->low);
    area_pool_destroy(&space->high);
    free(space->extents);
    free(space);
}

/* The index of the first extent that ends after `address`. */
static size_t extent_after(const struct address_space *space, uint64_t address)
{
    size_t low = 0, high = space->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (space->extents[middle].address + space->extents[middle].size <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void extent_insert(struct address_space *space, size_t index, struct extent extent)
{
    if (space->count == space->capacity) {
        space->capacity = space->capacity ? 2 * space->capacity : 16;
        space->extents = realloc(space->extents, space->capacity * sizeof(struct extent));
        SIM_ASSERT(space->extents != NULL);
    }
    memmove(&space->extents[index + 1], &space->extents[index],
            (space->count - index) * sizeof(struct extent));
    space->extents[index] = extent;
    space->count++;
}

static void extent_remove(struct address_space *space, size_t index)
{
    space->count--;
    memmove(&space->extents[index], &space->extents[index + 1],
            (space->count - index) * sizeof(struct extent));
}

static bool continues(const struct extent *first, const struct extent *second)
{
    return first->address + first->size == second->address && first->hpa + first->size == second->hpa;
}

/* Joins the extent at `index` with the one before it, if that is what it continues. */
static void extent_join(struct address_space *space, size_t index)
{
    if (index == 0 || index >= space->count || !continues(&space->extents[index - 1], &space->extents[index]))
        return;
    space->extents[index - 1].size += space->extents[index].size;
    extent_remove(space, index);
}

void address_space_unmap(struct address_space *space, uint64_t address, uint64_t size)
{
    uint64_t end = address + size;
    size_t i = extent_after(space, address);
    while (i < space->count && space->extents[i].address < end) {
        struct extent old = space->extents[i];
        extent_remove(space, i);
        if (old.address < address)
            extent_insert(space, i++, (struct extent){old.address, address - old.address, old.hpa});
        if (old.address + old.size > end)
            extent_insert(space, i++,
                          (struct extent){end, old.address + old.size - end, old.hpa + end - old.address});
    }
}

void address_space_map(struct address_space *space, uint64_t address, uint64_t hpa, uint64_t size)
{
    SIM_ASSERT(!space->identity);
    SIM_ASSERT(address % PAGE_SIZE == 0 && hpa % PAGE_SIZE == 0 && size > 0 && size % PAGE_SIZE == 0);
    address_space_unmap(space, address, size);
    size_t index = extent_after(space, address);
    extent_insert(space, index, (struct extent){address, size, hpa});
    extent_join(space, index + 1);
    extent_join(space, index);
}

uint64_t address_space_translate(const struct address_space *space, uint64_t address)
{
    if (space->identity)
        return address;
    size_t index = extent_after(space, address);
    if (index == space->count || space->extents[index].address > address)
        return UINT64_MAX;
    return space->extents[index].hpa + (address - space->extents[index].address);
}

/* Puts memory of `node` behind those pages of [address, address + size) that have none. */
static bool back(struct address_space *space, int node, uint64_t address, uint64_t size)
{
    for (uint64_t page = address; page < address + size; page += PAGE_SIZE) {
        if (address_space_translate(space, page) != UINT64_MAX)
            continue;
        uint64_t hpa = memory_allocate(space->memory, node, PAGE_SIZE, PAGE_SIZE);
        if (hpa == 0)
            return false;
        address_space_map(space, page, hpa, PAGE_SIZE);
    }
    return true;
}

uint64_t address_space_allocate(struct address_space *space, int node, uint64_t size)
{
    if (space->identity)
        return memory_allocate(space->memory, node, size, PAGE_SIZE);
    uint64_t address = area_pool_take(&space->low, size, PAGE_SIZE);
    if (address == AREA_NONE)
        address = area_pool_take(&space->high, size, PAGE_SIZE);
    if (address == AREA_NONE || !back(space, node, address, size))
        return 0;
    return address;
}

size_t address_space_extents(const struct address_space *space)
{
    return space->count;
}

void address_space_extent(const struct address_space *space, size_t index, uint64_t *address, uint64_t *hpa,
                          uint64_t *size)
{
    SIM_ASSERT(index < space->count);
    *address = space->extents[index].address;
    *hpa = space->extents[index].hpa;
    *size = space->extents[index].size;
}
