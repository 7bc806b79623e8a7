/*
 * How requests are cut into TLPs: by maximum payload size and maximum read request size, at 4 KiB boundaries
 * (section 2.2.7), and completions at read completion boundaries (section 2.3.1.1).
 *
 * Sizes in DWs are what the limits are about: a piece that starts within a DW carries fewer bytes.
 */
#ifndef MODELS_PCIE_SPLIT_H
#define MODELS_PCIE_SPLIT_H

#include <stdint.h>

/* Bytes of the first memory request for [address, address + bytes): at most `limit` (MPS of a write, MRRS of a read;
 * a power of two >= 128) in whole DWs, not across 4 KiB. bytes > 0. */
uint32_t split_request(uint64_t address, uint32_t bytes, uint32_t limit);

/* Bytes of the first completion: at most `limit` (a power of two >= rcb) in whole DWs; if not the last one it ends at
 * a multiple of `rcb` (64 or 128). bytes > 0. */
uint32_t split_completion(uint64_t address, uint32_t bytes, uint32_t limit, uint32_t rcb);

/* A whole row of pieces. */
struct split_sum {
    uint32_t count; /* TLPs */
    uint32_t wire;  /* [B] with framing and headers */
};

/* The MWrs for [address, address + bytes). */
struct split_sum split_writes(uint64_t address, uint32_t bytes, uint32_t mps);

/* The MRds. */
struct split_sum split_reads(uint64_t address, uint32_t bytes, uint32_t mrrs);

/* The CplDs that answer one MRd. */
struct split_sum split_completions(uint64_t address, uint32_t bytes, uint32_t limit, uint32_t rcb);

#endif
