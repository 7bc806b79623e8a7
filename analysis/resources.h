/*
 * What serves one thing at a time (cores, wire directions, link directions, page walkers), and how busy each was in a
 * window: 0 to 1. Polling does not make a core busy here: it gives way to work. (`cores[].utilization` counts it.)
 */
#ifndef ANALYSIS_RESOURCES_H
#define ANALYSIS_RESOURCES_H

#include "models/host/system.h"

enum resource_kind { RESOURCE_CORE, RESOURCE_WIRE, RESOURCE_LINK, RESOURCE_WALKER, RESOURCE_KINDS };

struct resource {
    enum resource_kind kind;
    char name[64];
    double share;        /* of the window, busy */
    char thread[136];    /* of a core: who worked on it most; "" if nobody did */
    char vm[64];         /* whose that is; "" if the host's own */
    double thread_share; /* of the window, at work on the core */
    /* How far along their way packets come to it, for transmitted and for received ones: of two that are full, packets
     * are lost or wait between them, and the later one is what limits. */
    int transmit_rank, receive_rank;
};

struct resource_list {
    struct resource *items; /* owned: resources_free() */
    size_t count;
};

/* "core" "wire" "link" "walker". */
const char *resource_kind_name(enum resource_kind kind);

struct resource_list resources_of(struct system *system, const struct system_window *window);
void resources_free(struct resource_list *list);

#endif
