#include "models/pcie/split.h"

#include "models/pcie/tlp.h"

enum { REQUEST_BOUNDARY = 4096 };

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

uint32_t split_request(uint64_t address, uint32_t bytes, uint32_t limit)
{
    uint32_t to_boundary = REQUEST_BOUNDARY - (uint32_t)(address % REQUEST_BOUNDARY);
    uint32_t to_limit = limit - (uint32_t)(address & 3);
    return at_most(bytes, at_most(to_boundary, to_limit));
}

uint32_t split_completion(uint64_t address, uint32_t bytes, uint32_t limit, uint32_t rcb)
{
    uint32_t to_limit = limit - (uint32_t)(address & 3);
    if (bytes <= to_limit)
        return bytes;
    uint64_t end = (address + to_limit) / rcb * rcb;
    return (uint32_t)(end - address);
}

struct split_sum split_writes(uint64_t address, uint32_t bytes, uint32_t mps)
{
    struct split_sum sum = {0, 0};
    while (bytes > 0) {
        uint32_t piece = split_request(address, bytes, mps);
        sum.count++;
        sum.wire += TLP_FRAMING + tlp_header(address) + 4 * tlp_dwords(address, piece);
        address += piece;
        bytes -= piece;
    }
    return sum;
}

struct split_sum split_reads(uint64_t address, uint32_t bytes, uint32_t mrrs)
{
    struct split_sum sum = {0, 0};
    while (bytes > 0) {
        uint32_t piece = split_request(address, bytes, mrrs);
        sum.count++;
        sum.wire += TLP_FRAMING + tlp_header(address);
        address += piece;
        bytes -= piece;
    }
    return sum;
}

struct split_sum split_completions(uint64_t address, uint32_t bytes, uint32_t limit, uint32_t rcb)
{
    struct split_sum sum = {0, 0};
    while (bytes > 0) {
        uint32_t piece = split_completion(address, bytes, limit, rcb);
        sum.count++;
        sum.wire += TLP_FRAMING + TLP_HEADER_3DW + 4 * tlp_dwords(address, piece);
        address += piece;
        bytes -= piece;
    }
    return sum;
}
