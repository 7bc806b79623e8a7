/* PCIe throughput arithmetic: payload against what carries it, from the same splitting that TLPs go through. */
#include "analysis/closed_form.h"

#include "models/pcie/split.h"

/* Bytes on each direction for one request of each kind. */
struct direction_bytes {
    double up, down;
};

static struct direction_bytes write_bytes(const struct pcie_link_config *link, uint32_t size,
                                          uint64_t address)
{
    return (struct direction_bytes){.up = split_writes(address, size, (uint32_t)link->mps).wire};
}

static struct direction_bytes read_bytes(const struct pcie_link_config *link, uint32_t size, uint64_t address)
{
    uint32_t limit = (uint32_t)(link->completion_max ? link->completion_max : link->mps);
    struct direction_bytes bytes = {.up = split_reads(address, size, (uint32_t)link->mrrs).wire};
    for (uint32_t done = 0; done < size;) {
        uint32_t piece = split_request(address + done, size - done, (uint32_t)link->mrrs);
        bytes.down += split_completions(address + done, piece, limit, (uint32_t)link->rcb).wire;
        done += piece;
    }
    return bytes;
}

double closed_form_pcie(const struct pcie_link_config *link, enum closed_form_dma kind, uint32_t size,
                        bool wide)
{
    uint64_t address = wide ? MEMORY_BASE : 0;
    struct direction_bytes sum = {0, 0};
    int64_t num, den;
    pcie_link_rate(link, &num, &den);
    if (kind != CLOSED_FORM_READ)
        sum = write_bytes(link, size, address);
    if (kind != CLOSED_FORM_WRITE) {
        struct direction_bytes read = read_bytes(link, size, address);
        sum.up += read.up;
        sum.down += read.down;
    }
    double fuller = sum.up > sum.down ? sum.up : sum.down;
    return 8.0 * size / fuller * 1e12 * (double)den / (double)num;
}
