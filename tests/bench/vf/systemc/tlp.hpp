/*
 * Transaction layer packets, and where they are sent and received.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_TLP_HPP
#define TESTS_BENCH_VF_SYSTEMC_TLP_HPP

#include <cstdint>

#include <systemc>

#include "tests/bench/vf/systemc/timing.hpp"

enum class tlp_kind { write, read, completion, message };

/* A transmit descriptor, of 16 bytes in memory. */
struct descriptor {
    uint64_t address;
    uint32_t length;
    bool done;
};

constexpr uint32_t descriptor_bytes = 16;
constexpr uint32_t dword = 4;

struct tlp {
    tlp_kind kind;
    uint64_t address;
    uint32_t bytes;
    uint32_t tag;
    uint64_t value;   /* of a register; or which packet it is about */
    descriptor *data; /* the requester's: where read descriptors go, written ones come from; else null */
};

/* Framing 8 bytes, a header of 12, and whole dwords of data. */
inline uint32_t wire_bytes(const tlp &packet)
{
    uint32_t overhead = 20;
    if (packet.kind == tlp_kind::read)
        return overhead;
    uint32_t start = static_cast<uint32_t>(packet.address % dword);
    return overhead + (start + packet.bytes + dword - 1) / dword * dword;
}

struct tlp_receiver : virtual sc_core::sc_interface {
    virtual void receive(const tlp &packet) = 0;
};

struct tlp_sender : virtual sc_core::sc_interface {
    virtual void send(const tlp &packet) = 0;
};

#endif
