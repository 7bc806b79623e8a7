/*
 * The device's end of a link, inside. Private to models/pcie.
 */
#ifndef MODELS_PCIE_DMA_PRIVATE_H
#define MODELS_PCIE_DMA_PRIVATE_H

#include "models/pcie/mmio.h"
#include "models/pcie/pcie.h"
#include "models/pcie/root_private.h"

/* A tag: the read request that it stands for, while it is in use. */
struct dma_tag {
    struct dma_request *request;
    uint32_t left;      /* [B] still to come */
    bool first;         /* the request's first bytes */
    uint16_t next_free; /* while it is free */
};

struct dma_function {
    uint16_t requester_id;
    struct pcie_counters counters;
};

enum { NO_TAG = UINT16_MAX };

struct dma {
    struct sim *sim;
    struct root_complex *root;
    struct root_port port;
    struct link up;
    struct tlp_port down; /* where TLPs from the root port arrive */
    struct register_target target;
    uint32_t mps, mrrs; /* [B] */
    struct dma_function functions[MMIO_FUNCTIONS_MAX];
    unsigned function_count;
    struct dma_tag *tags;
    uint16_t free_tag;               /* the first of a chain; NO_TAG if all are in use */
    struct dma_request *head, *tail; /* reads not yet issued to the end, waiting for tags */
};

/* Sends a TLP of `function` and counts its bytes. */
void dma_send(struct dma *dma, unsigned function, struct tlp *tlp);

/* A core's access has arrived at the device. */
void mmio_arrive(struct dma *dma, struct tlp *tlp);

#endif
