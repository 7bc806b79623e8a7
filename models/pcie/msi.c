#include <stdlib.h>

#include "models/pcie/root_private.h"
#include "sim/assert.h"

/* Remappable format: 0xFEE in bits 31:20, handle[14:0] in 19:5, interrupt format in 4, handle[15] in 2. */
#define MESSAGE_BASE UINT64_C(0xFEE00000)
#define MESSAGE_REMAPPABLE UINT64_C(0x10)
enum { ENTRIES_MAX = 65536 };

uint64_t msi_address(unsigned index)
{
    SIM_ASSERT(index < ENTRIES_MAX);
    return MESSAGE_BASE | (uint64_t)(index & 0x7FFF) << 5 | MESSAGE_REMAPPABLE | (uint64_t)(index >> 15) << 2;
}

static unsigned handle_of(uint64_t address)
{
    return (unsigned)(address >> 5 & 0x7FFF) | (unsigned)(address >> 2 & 1) << 15;
}

unsigned msi_allocate(struct root_complex *root)
{
    SIM_ASSERT(root->entry_count < ENTRIES_MAX);
    if (root->entry_count == root->entry_capacity) {
        root->entry_capacity = root->entry_capacity ? 2 * root->entry_capacity : 16;
        root->entries = realloc(root->entries, root->entry_capacity * sizeof(struct interrupt_entry));
        SIM_ASSERT(root->entries != NULL);
    }
    root->entries[root->entry_count] = (struct interrupt_entry){0};
    return root->entry_count++;
}

void msi_route_lapic(struct root_complex *root, unsigned index, struct lapic *lapic, unsigned vector)
{
    SIM_ASSERT(index < root->entry_count);
    root->entries[index] = (struct interrupt_entry){.lapic = lapic, .vector = vector};
}

void msi_route_posted(struct root_complex *root, unsigned index, void (*post)(void *self, unsigned vector),
                      void *self, unsigned vector)
{
    SIM_ASSERT(index < root->entry_count);
    root->entries[index] = (struct interrupt_entry){.post = post, .self = self, .vector = vector};
}

void msi_deliver(struct root_complex *root, uint64_t address)
{
    unsigned index = handle_of(address);
    struct interrupt_entry entry = {0};
    if ((address & MESSAGE_REMAPPABLE) && index < root->entry_count)
        entry = root->entries[index];
    if (entry.post)
        entry.post(entry.self, entry.vector);
    else if (entry.lapic)
        lapic_raise(entry.lapic, entry.vector);
    else
        root->blocked_messages++;
}

int64_t msi_blocked(const struct root_complex *root)
{
    return root->blocked_messages;
}
