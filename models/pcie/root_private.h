/*
 * The root complex and its ports, inside. Private to models/pcie.
 */
#ifndef MODELS_PCIE_ROOT_PRIVATE_H
#define MODELS_PCIE_ROOT_PRIVATE_H

#include "models/pcie/link.h"
#include "models/pcie/root.h"
#include "models/pcie/tlp.h"
#include "sim/pool.h"

/* An interrupt remapping table entry: present if one of lapic and post is not NULL. */
struct interrupt_entry {
    struct lapic *lapic;
    void (*post)(void *self, unsigned vector);
    void *self;
    unsigned vector;
};

struct root_complex {
    struct sim *sim;
    struct root_complex_config config;
    struct memory *memory;
    struct iommu *iommu;
    int node;
    uint16_t component;
    struct sim_pool *tlps;
    struct sim_pool *mmio_reads;
    struct interrupt_entry *entries;
    unsigned entry_count, entry_capacity;
    int64_t blocked_messages;
};

/*
 * A root port. What arrives from below is looked at once, when its arrival is known, and kept in the order in which it
 * takes effect; at equal times in order of arrival.
 */
struct root_port {
    struct root_complex *root;
    struct tlp_port up;        /* where TLPs from below arrive */
    struct link down;          /* to the device */
    struct tlp *first, *last;  /* to take effect at tlp->when */
    struct sim_event event;    /* at first->when */
    sim_time posted;           /* [ps] when the latest posted request is in memory */
    sim_time core_send;        /* [ps] when the latest access by a core leaves the port */
    uint32_t completion_limit; /* [B] */
    uint32_t rcb;              /* [B] */
};

/* Prepares the port's own part; the links are the caller's to initialise. */
void root_port_init(struct root_port *port, struct root_complex *root, uint16_t component, uint8_t kind,
                    const struct pcie_link_config *config);
void root_port_destroy(struct root_port *port);

static inline bool is_interrupt_message(uint64_t address)
{
    return (address >> 20) == 0xFEE;
}

/* A register read's request takes as long to the port as a write, its answer takes what is left [ps]. */
static inline sim_time mmio_way_in(const struct root_complex_config *config)
{
    bool write_is_longer = config->mmio_write_latency > config->mmio_read_latency;
    return write_is_longer ? config->mmio_read_latency : config->mmio_write_latency;
}

static inline sim_time mmio_way_back(const struct root_complex_config *config)
{
    return config->mmio_read_latency - mmio_way_in(config);
}

/* An interrupt message has been taken: to its core. */
void msi_deliver(struct root_complex *root, uint64_t address);

/* A register read's completion has come back to the core. */
void mmio_complete(struct root_complex *root, const struct tlp *completion);

#endif
