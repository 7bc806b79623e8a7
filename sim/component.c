#include "sim/component.h"

#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

enum { FIRST_CAPACITY = 64 };

void sim_components_init(struct sim_components *components)
{
    memset(components, 0, sizeof(*components));
}

void sim_components_free(struct sim_components *components)
{
    for (uint32_t i = 0; i < components->count; i++)
        free(components->names[i]);
    free(components->names);
    free(components->table);
    memset(components, 0, sizeof(*components));
}

/* FNV-1a. */
static uint32_t hash_name(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

/* The table's entry that holds `name`, or the free one where it belongs. */
static uint16_t *find_entry(const struct sim_components *components, const char *name)
{
    uint32_t mask = components->table_size - 1;
    for (uint32_t i = hash_name(name) & mask;; i = (i + 1) & mask) {
        uint16_t number = components->table[i];
        if (number == 0 || strcmp(components->names[number - 1], name) == 0)
            return &components->table[i];
    }
}

static void grow(struct sim_components *components)
{
    components->capacity = components->capacity == 0 ? FIRST_CAPACITY : 2 * components->capacity;
    components->names = realloc(components->names, components->capacity * sizeof(char *));
    free(components->table);
    components->table_size = 2 * components->capacity;
    components->table = calloc(components->table_size, sizeof(*components->table));
    SIM_ASSERT(components->names != NULL && components->table != NULL);
    for (uint32_t i = 0; i < components->count; i++)
        *find_entry(components, components->names[i]) = (uint16_t)(i + 1);
}

uint16_t sim_components_add(struct sim_components *components, const char *name)
{
    SIM_ASSERT(name != NULL && name[0] != '\0');
    SIM_ASSERT(components->count < UINT16_MAX);
    if (components->count == components->capacity)
        grow(components);
    uint16_t *entry = find_entry(components, name);
    SIM_ASSERT(*entry == 0);
    char *copy = strdup(name);
    SIM_ASSERT(copy != NULL);
    components->names[components->count++] = copy;
    *entry = (uint16_t)components->count;
    return *entry;
}

uint16_t sim_components_find(const struct sim_components *components, const char *name)
{
    return components->count == 0 ? 0 : *find_entry(components, name);
}

const char *sim_components_name(const struct sim_components *components, uint16_t number)
{
    return number == 0 || number > components->count ? "" : components->names[number - 1];
}
