/*
 * The component registry: hierarchical names to small numbers, from 1, in order of registration. Internal to
 * sim/; models use sim_component() and sim_component_name().
 */
#ifndef SIM_COMPONENT_H
#define SIM_COMPONENT_H

#include <stdint.h>

struct sim_components {
    char **names; /* names[number - 1], owned */
    uint32_t count;
    uint32_t capacity;
    uint16_t *table; /* open addressing by the name's hash; 0 = free */
    uint32_t table_size;
};

void sim_components_init(struct sim_components *components);
void sim_components_free(struct sim_components *components);

/* Registers a name that is not registered yet (asserted) and returns its number; at most 65535 (asserted). */
uint16_t sim_components_add(struct sim_components *components, const char *name);

/* The number of `name`; 0 if it is not registered. */
uint16_t sim_components_find(const struct sim_components *components, const char *name);

/* The name of `number`; "" for 0 and for a number that was never given out. */
const char *sim_components_name(const struct sim_components *components, uint16_t number);

#endif
