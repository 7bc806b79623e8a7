/*
 * Host physical memory: sparse, in 4 KiB frames that come into being when touched. Nodes follow each other from
 * MEMORY_BASE on: what lies below 4 GiB is firmware, 32-bit devices and the interrupt range.
 *
 * Control structures (descriptors, rings, page tables) are real bytes. Payload is not: each 64-byte line has a
 * tag, the pool handle (sim/pool.h) of the packet whose bytes it holds, 0 if none. A DMA write of payload sets the
 * tags of its lines, a read returns the first line's: stale, misdirected and leaked data are seen as what they are.
 *
 * Memory comes from a per-node allocator that recycles what was freed, last in, first out; `fragmentation` decides
 * which 2 MiB blocks cannot be had whole, and so which superpages are possible.
 */
#ifndef MODELS_MEMORY_MEMORY_H
#define MODELS_MEMORY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/param.h"
#include "sim/sim.h"

enum { PAGE_SIZE = 4096, LINE_SIZE = 64 };

#define MEMORY_BASE (UINT64_C(1) << 32) /* the HPA of the first node's first byte */

struct memory_config {
    int64_t nodes;          /* NUMA nodes, 1 .. 8 */
    int64_t node_size;      /* [B] a node, whole pages */
    int64_t fragmentation;  /* [1e-6] share of 2 MiB blocks that cannot be had whole */
    int64_t llc_latency;    /* [ps] a device's read served from the local LLC, at the root complex */
    int64_t dram_latency;   /* [ps] more when it comes from DRAM */
    int64_t remote_latency; /* [ps] more when the node is another */
};

extern const struct param_table memory_table;

struct memory;
/* `config` is copied; `sim` gives the seed that says which blocks are fragmented. */
struct memory *memory_create(struct sim *sim, const struct memory_config *config);
void memory_destroy(struct memory *memory);

/*
 * Allocates `size` [B] (rounded up to pages) on `node`, aligned to `align` (a power of two, >= PAGE_SIZE);
 * physically contiguous. Returns the HPA; 0 when the node is full (HPA 0 is never handed out) or, for areas that
 * need whole 2 MiB blocks, too fragmented.
 */
uint64_t memory_allocate(struct memory *memory, int node, uint64_t size, uint64_t align);
/* Gives pages back; what they held is forgotten. */
void memory_free(struct memory *memory, uint64_t hpa, uint64_t size);

/* True if all of [hpa, hpa + size) is memory. */
bool memory_contains(const struct memory *memory, uint64_t hpa, uint64_t size);

/* The bytes at hpa, valid up to the end of its page, for control structures. The page comes into being zeroed. */
uint8_t *memory_bytes(struct memory *memory, uint64_t hpa);

/* Tags of payload lines: of every line that [hpa, hpa + length) touches, length > 0; of the line at hpa. */
void memory_tag(struct memory *memory, uint64_t hpa, uint32_t length, uint64_t tag);
uint64_t memory_tag_at(struct memory *memory, uint64_t hpa);

int memory_node(const struct memory *memory, uint64_t hpa);

/*
 * How long the root complex of `node` takes to read or own the line at hpa [ps]. What was written by anybody is in
 * the cache; a page that nobody has touched yet comes from DRAM.
 */
sim_time memory_latency(const struct memory *memory, int node, uint64_t hpa);

/*
 * An address space: maps pages of some address kind (GPA, or a device's IOVA) to HPA. Identity maps everything to
 * itself (the host's own). Used for EPT and for what software knows of a VM; the IOMMU's tables are its own.
 */
struct address_space;
struct address_space *address_space_create(struct memory *memory, bool identity);
void address_space_destroy(struct address_space *space);
/* Maps whole pages; what was mapped there before is not any more. */
void address_space_map(struct address_space *space, uint64_t address, uint64_t hpa, uint64_t size);
void address_space_unmap(struct address_space *space, uint64_t address, uint64_t size);
/* The HPA for an address; UINT64_MAX if not mapped. */
uint64_t address_space_translate(const struct address_space *space, uint64_t address);

/*
 * Contiguous pages of the space (from 1 MiB on, around the 32-bit hole), handed out once. Pages that are mapped
 * already keep their memory, others get some of `node`. Returns the address; 0 when there is no memory.
 */
uint64_t address_space_allocate(struct address_space *space, int node, uint64_t size);

/* The mapped extents in ascending order: how many, and one of them. */
size_t address_space_extents(const struct address_space *space);
void address_space_extent(const struct address_space *space, size_t index, uint64_t *address, uint64_t *hpa,
                          uint64_t *size);

/* A kernel's allocator of DMA-able memory in its own address space (GPA in a guest, HPA in the host): rings page
 * aligned, packet buffers of `buffer_size` (rounded up to lines) recycled last in, first out. */
struct buffer_pool;
struct buffer_pool *buffer_pool_create(struct address_space *space, struct memory *memory, int node,
                                       uint32_t buffer_size);
void buffer_pool_destroy(struct buffer_pool *pool);
uint64_t buffer_pool_take(struct buffer_pool *pool); /* an address in the kernel's space */
void buffer_pool_give(struct buffer_pool *pool, uint64_t address);
/* A page-aligned, contiguous area for a ring. */
uint64_t buffer_pool_area(struct buffer_pool *pool, uint64_t size);

#endif
