/*
 * What the root complex is made of, however its delays are kept: memory, translations, the core's stores on their way
 * out, and the cutting of completions.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_HOST_HPP
#define TESTS_BENCH_VF_SYSTEMC_HOST_HPP

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <systemc>

#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/systemc/tlp.hpp"
#include "tests/bench/vf/systemc/trace_log.hpp"

/* The guest's memory, as far as it matters: the transmit ring, and whose payload is in which buffer. */
class guest_memory
{
  public:
    explicit guest_memory(const parameters &p)
        : ring(static_cast<size_t>(p["tx_ring_descriptors"])), tags(ring.size()),
          ring_address(static_cast<uint64_t>(p["tx_ring_address"])),
          buffers(static_cast<uint64_t>(p["tx_buffer_address"])),
          buffer_bytes(static_cast<uint64_t>(p["tx_buffer_bytes"]))
    {
    }

    descriptor &descriptor_at(uint64_t address)
    {
        return ring[(address - ring_address) / descriptor_bytes];
    }

    uint64_t &payload_at(uint64_t address)
    {
        return tags[(address - buffers) / buffer_bytes];
    }

    /* Descriptors go where the request says; of payload, which packet's it is. */
    uint64_t read(const tlp &request)
    {
        if (request.data)
            std::copy_n(&descriptor_at(request.address), request.bytes / descriptor_bytes, request.data);
        return request.address >= buffers ? payload_at(request.address) : 0;
    }

    void write(const tlp &packet, trace_log &trace)
    {
        uint32_t count = packet.bytes / descriptor_bytes;
        std::copy_n(packet.data, count, &descriptor_at(packet.address));
        for (uint32_t i = 0; i < count; i++)
            trace.note(packet.value + i, HOP_WRITTEN_BACK, now());
    }

  private:
    std::vector<descriptor> ring;
    std::vector<uint64_t> tags;
    uint64_t ring_address, buffers, buffer_bytes;
};

/* Translations are cached, the least recently used makes room; a miss takes a walker that is free first. */
class iommu
{
  public:
    explicit iommu(const parameters &p)
        : walkers(static_cast<size_t>(p["walkers"])), capacity(static_cast<size_t>(p["iotlb_entries"])),
          page(static_cast<uint64_t>(p["page_bytes"])), hit(p["iotlb_hit_ps"]),
          walk(p["walk_reads"] * p["walk_read_ps"])
    {
    }

    /* When the translation of a request that asks at `when` is known [ps]. */
    picoseconds translate(uint64_t address, picoseconds when)
    {
        picoseconds known = when + hit;
        uint64_t number = address / page;
        for (size_t i = entries.size(); i-- > 0;) {
            if (entries[i].page == number) {
                std::rotate(entries.begin() + static_cast<long>(i),
                            entries.begin() + static_cast<long>(i) + 1, entries.end());
                return std::max(known, entries.back().ready);
            }
        }
        return miss(number, known);
    }

  private:
    struct entry {
        uint64_t page;
        picoseconds ready;
    };

    picoseconds miss(uint64_t number, picoseconds known)
    {
        picoseconds &walker = *std::min_element(walkers.begin(), walkers.end());
        walker = std::max(known, walker) + walk;
        if (entries.size() == capacity)
            entries.erase(entries.begin());
        entries.push_back({number, walker});
        return walker;
    }

    std::vector<entry> entries; /* the last was used last */
    std::vector<picoseconds> walkers;
    size_t capacity;
    uint64_t page;
    picoseconds hit, walk;
};

struct interrupt_target : virtual sc_core::sc_interface {
    virtual void interrupt() = 0;
};

struct register_bus : virtual sc_core::sc_interface {
    virtual void write_register(uint64_t address, uint64_t value) = 0;
};

/* Posted register writes on their way from the core to the root port. */
class store_queue : public sc_core::sc_module
{
  public:
    SC_HAS_PROCESS(store_queue);
    store_queue(const std::string &name, const parameters &p, sc_core::sc_port<tlp_sender> &port)
        : sc_module(sc_core::sc_module_name(name.c_str())), down(port), latency(p["mmio_write_latency_ps"])
    {
        SC_METHOD(forward);
        sensitive << forwarding;
        dont_initialize();
    }

    void write(uint64_t address, uint64_t value)
    {
        picoseconds when = now() + latency;
        if (stores.empty())
            notify_at(forwarding, when);
        stores.push_back({{tlp_kind::write, address, dword, 0, value, nullptr}, when});
    }

    /* At equal times a store goes before a completion. */
    void flush()
    {
        while (!stores.empty() && stores.front().when <= now()) {
            down->send(stores.front().packet);
            stores.pop_front();
        }
    }

  private:
    struct pending {
        tlp packet;
        picoseconds when;
    };

    void forward()
    {
        flush();
        if (!stores.empty())
            notify_at(forwarding, stores.front().when);
    }

    sc_core::sc_port<tlp_sender> &down;
    picoseconds latency;
    std::deque<pending> stores;
    sc_core::sc_event forwarding;
};

/* Completions end at a multiple of the read completion boundary, the last one excepted. */
class completion_split
{
  public:
    explicit completion_split(const parameters &p)
        : limit(static_cast<uint32_t>(p["completion_bytes"])), boundary(static_cast<uint32_t>(p["rcb_bytes"]))
    {
    }

    void send(tlp_sender &down, const tlp &request, uint64_t value) const
    {
        uint64_t address = request.address;
        for (uint32_t left = request.bytes; left > 0;) {
            uint32_t piece = piece_of(address, left);
            down.send({tlp_kind::completion, address, piece, request.tag, value, nullptr});
            address += piece;
            left -= piece;
        }
    }

  private:
    uint32_t piece_of(uint64_t address, uint32_t left) const
    {
        uint32_t most = limit - static_cast<uint32_t>(address % dword);
        return left <= most ? left : static_cast<uint32_t>((address + most) / boundary * boundary - address);
    }

    uint32_t limit, boundary;
};

#endif
