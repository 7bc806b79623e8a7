/*
 * PCI Express between a root port and the device below it, at the level of single TLPs.
 *
 * What a device sees: a struct dma, through which its functions read and write memory and send MSIs as TLPs
 * (split by MPS, MRRS, RCB and 4 KiB, tagged, credited, serialised, ordered), and a register target, which MMIO
 * from cores reaches as TLPs too. What the rest sees: links and TLP ports (tlp.h), a root complex (root.h).
 */
#ifndef MODELS_PCIE_PCIE_H
#define MODELS_PCIE_PCIE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/cpu.h"
#include "models/memory/memory.h"
#include "sim/param.h"
#include "sim/sim.h"

enum pcie_dllp_mode { PCIE_DLLP_SHARE, PCIE_DLLP_EXPLICIT };
enum pcie_ack_mode { PCIE_ACK_EACH, PCIE_ACK_COALESCED };

struct pcie_link_config {
    int64_t generation;     /* 1 .. 5 */
    int64_t width;          /* 1 2 4 8 16 lanes */
    int64_t mps, mrrs, rcb; /* [B] */
    int64_t completion_max; /* [B] largest payload of a completion from the root complex; 0 = mps */
    int64_t tags;           /* outstanding non-posted requests of the device */
    int64_t propagation;    /* [ps] of PHY, data link and transaction layer, a direction */
    int dllp;               /* enum pcie_dllp_mode */
    int64_t dllp_share;     /* [1e-6] of the raw rate that DLLPs take, mode share */
    int ack;                /* enum pcie_ack_mode, mode explicit */
    int64_t posted_headers, posted_data; /* credits advertised by each receiver; 0 = infinite */
    int64_t nonposted_headers, nonposted_data;
    int64_t completion_headers, completion_data;
};

extern const struct param_table pcie_link_table;

/* What is wrong with a configuration whose fields are in range one by one, or NULL: "must be a power of two, ..."; then
 * *key (unless `key` is NULL) is set to the field's: "mps". */
const char *pcie_link_check(const struct pcie_link_config *config, const char **key);

/* Counts per function, from the TLPs that it sent and received. */
struct pcie_counters {
    int64_t memory_writes, memory_reads, completions; /* TLPs */
    int64_t msis;
    int64_t mmio_writes, mmio_reads;
    int64_t bytes_up, bytes_down; /* on the link, all overheads but DLLPs included */
};

struct root_complex; /* root.h */
struct dma;          /* the device's end of the link */

/* What a device offers to MMIO: called when the TLP has arrived. `function` is the index given at dma_function(). */
struct register_target {
    void (*write)(void *self, unsigned function, uint32_t offset, uint64_t value);
    uint64_t (*read)(void *self, unsigned function, uint32_t offset);
    void *self;
};

/*
 * Creates the link below a new root port of `root`, with the device's end of it, as component "NAME.link". `config`
 * has passed pcie_link_check() and is copied, as `target` is; a device without registers has target NULL.
 * Devices below one IOMMU are all created before the first of them is used.
 */
struct dma *dma_create(struct sim *sim, struct root_complex *root, const char *name,
                       const struct pcie_link_config *config, const struct register_target *target);
/* To be destroyed before the root complex. */
void dma_destroy(struct dma *dma);

/* Adds a function (PF or VF) with this requester ID; returns its index, from 0. At most 256. */
unsigned dma_function(struct dma *dma, uint16_t requester_id);
const struct pcie_counters *dma_counters(const struct dma *dma, unsigned function);
/* How long each direction of its link was sending until now [ps]: of all functions, overheads and DLLPs included. */
sim_time dma_link_busy_time(const struct dma *dma, bool up);

/*
 * One DMA request. Lives in its owner's struct; busy from dma_read()/dma_write() until done() is called.
 * Descriptors: `bytes` points at the owner's buffer, filled (read) or taken (write) at the moment of the memory
 * access. Payload: bytes is NULL, `tag` is what memory_tag_at()/memory_tag() see.
 */
struct dma_request {
    void (*done)(struct dma_request *request); /* read: the last completion arrived at the device.
                                                  write: visible in memory. May be NULL for a write: then the
                                                  request is free again when dma_write() returns, and if `bytes` is
                                                  not NULL, `length` must be at most 64 */
    uint8_t *bytes;
    uint64_t tag;
    uint64_t iova;
    uint32_t length;
    uint8_t
        status; /* of a read: 0 = success, else the completion status (1 = UR, 4 = CA). A write has none: one
                       that the IOMMU blocks or that finds no memory is lost, and done() is called as ever */
    /* private */
    uint16_t function;
    uint16_t outstanding;
    uint32_t issued;
    struct dma_request *next;
};

/* A read of length 0 is the zero-length read, which reads nothing and pushes earlier writes. */
void dma_read(struct dma *dma, unsigned function, struct dma_request *request);
/* length > 0. */
void dma_write(struct dma *dma, unsigned function, struct dma_request *request);

/* A 4-byte posted write into the interrupt range, ordered behind the function's earlier writes. */
void dma_msi(struct dma *dma, unsigned function, uint64_t address, uint32_t data);

/* MMIO from a core: a posted write leaves now; the core is not held. `offset` is below 1 MiB; 4 bytes, or 8 if the
 * value needs them. */
void mmio_write(struct dma *dma, unsigned function, uint32_t offset, uint64_t value);

/* A read: `ctx` (running) is stalled until the completion arrives, then *value is set and ctx returns
 * (cpu_return). 4 bytes. */
void mmio_read(struct dma *dma, unsigned function, uint32_t offset, struct cpu_context *ctx, uint64_t *value);

/*
 * Picoseconds a byte on the link, after encoding and, mode share, the DLLPs' share, before TLP overheads, as a
 * fraction in lowest terms: what sim_line_make() takes. For closed forms.
 */
void pcie_link_rate(const struct pcie_link_config *config, int64_t *ps_per_byte_num,
                    int64_t *ps_per_byte_den);

/* How long an Ack may be held back [ps]: the Ack latency limit, section 3.6.3.1, tables 3-5 to 3-7. */
sim_time pcie_ack_limit(const struct pcie_link_config *config);

#endif
