/*
 * The NIC's virtual function: descriptor engine, payload engine with write-back, interrupt moderation, and the DMA
 * front through which they reach the link.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_NIC_HPP
#define TESTS_BENCH_VF_SYSTEMC_NIC_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/systemc/tlp.hpp"
#include "tests/bench/vf/systemc/trace_log.hpp"
#include "tests/bench/vf/systemc/wire.hpp"

enum register_address : uint64_t { TX_TAIL = 0, MASK_SET = 4 };

/* Who asked for a read: told the value when all of it has arrived. */
struct read_client : virtual sc_core::sc_interface {
    virtual void read_done(uint32_t context, uint64_t value) = 0;
};

struct dma_port : virtual sc_core::sc_interface {
    virtual void read(read_client &client, uint32_t context, uint64_t address, uint32_t bytes,
                      descriptor *data) = 0;
    virtual void write(uint64_t address, uint32_t bytes, descriptor *data, uint64_t first_packet) = 0;
    virtual void message() = 0;
};

struct event_counter : virtual sc_core::sc_interface {
    virtual void completed(uint32_t packets) = 0;
    virtual void unmask() = 0;
};

/* Interrupts at most once an interval; the vector masks itself when it fires. */
class moderator : public sc_core::sc_module, public event_counter
{
  public:
    sc_core::sc_port<dma_port> dma;

    SC_HAS_PROCESS(moderator);
    moderator(sc_core::sc_module_name name, const parameters &p)
        : sc_module(name), dma("dma"), interval(p["interrupt_interval_ps"])
    {
        SC_METHOD(fire);
        sensitive << due;
        dont_initialize();
    }

    void completed(uint32_t) override
    {
        if (!pending) {
            pending = true;
            first = now();
            decide();
        }
    }

    void unmask() override
    {
        enabled = true;
        decide();
    }

  private:
    void decide()
    {
        if (!pending || !enabled)
            return;
        picoseconds when = fired ? std::max(first, last + interval) : first;
        if (when <= now())
            fire();
        else
            notify_at(due, when);
    }

    void fire()
    {
        pending = enabled = false;
        fired = true;
        last = now();
        dma->message();
    }

    picoseconds interval;
    picoseconds first = 0, last = 0;
    bool pending = false, enabled = true, fired = false;
    sc_core::sc_event due;
};

struct descriptor_sink : virtual sc_core::sc_interface {
    virtual void fetched(const descriptor *items, uint32_t count, uint32_t ring_index) = 0;
};

/* How far the payload engine is: the descriptor engine keeps it supplied. */
struct supply_port : virtual sc_core::sc_interface {
    virtual void taken(uint32_t descriptors) = 0;
    virtual void freed(uint32_t descriptors) = 0;
    virtual void advance() = 0;
};

/* Reads payloads, hands them to the wire in ring order, and writes their descriptors back. */
class payload_engine : public sc_core::sc_module, public descriptor_sink, public read_client
{
  public:
    sc_core::sc_port<dma_port> dma;
    sc_core::sc_port<frame_sink> wire;
    sc_core::sc_port<event_counter> vector;
    sc_core::sc_port<supply_port> supply;

    payload_engine(sc_core::sc_module_name name, const parameters &p, uint32_t window, trace_log &log)
        : sc_module(name), dma("dma"), wire("wire"), vector("vector"), supply("supply"), trace(log),
          slots(window), mask(window - 1), reads_max(static_cast<uint32_t>(p["reads_in_flight"])),
          latency(p["tx_latency_ps"]), ring_address(static_cast<uint64_t>(p["tx_ring_address"]))
    {
    }

    void fetched(const descriptor *items, uint32_t count, uint32_t ring_index) override
    {
        for (uint32_t i = 0; i < count; i++)
            slots[last++ & mask] = {items[i], ring_index + i, false, 0, now()};
        advance();
    }

    void read_done(uint32_t number, uint64_t packet) override
    {
        slot &read = slots[number & mask];
        read.packet = packet;
        read.ready = true;
        trace.note(packet, HOP_FETCHED, read.fetched);
        trace.note(packet, HOP_READ, now());
        reading--;
        release();
        advance();
    }

  private:
    struct slot {
        descriptor item;
        uint32_t ring_index;
        bool ready;
        uint64_t packet;
        picoseconds fetched;
    };

    static constexpr uint32_t write_back_max = 4; /* descriptors of one cache line */

    void advance()
    {
        while (next != last && reading < reads_max) {
            const descriptor &item = slots[next & mask].item;
            reading++;
            supply->taken(1);
            dma->read(*this, next++, item.address, item.length, nullptr);
        }
        supply->advance();
    }

    void release()
    {
        while (oldest != next && slots[oldest & mask].ready) {
            slot &done = slots[oldest++ & mask];
            wire->transmit({done.packet, done.item.length, now() + latency});
            write_back(done);
            done.ready = false;
            supply->freed(1);
        }
        flush();
    }

    /* Descriptors that are done at the same moment and lie side by side share a write. */
    void write_back(const slot &done)
    {
        if (group == write_back_max || done.ring_index != group_index + group)
            flush();
        if (group == 0) {
            group_index = done.ring_index;
            group_packet = done.packet;
            if (staged + write_back_max > staging.size())
                staged = 0;
        }
        staging[staged + group] = done.item;
        staging[staged + group++].done = true;
    }

    void flush()
    {
        if (group == 0)
            return;
        dma->write(ring_address + group_index * descriptor_bytes, group * descriptor_bytes, &staging[staged],
                   group_packet);
        vector->completed(group);
        staged += group;
        group = 0;
    }

    trace_log &trace;
    std::vector<slot> slots;
    uint32_t mask;
    uint32_t oldest = 0, next = 0, last = 0; /* descriptors released, being read from, fetched */
    uint32_t reading = 0, reads_max;
    picoseconds latency;
    uint64_t ring_address;
    std::array<descriptor, 256> staging; /* written back, until memory has them */
    uint32_t staged = 0, group = 0, group_index = 0;
    uint64_t group_packet = 0;
};

/* Fetches descriptors that the tail has made visible, one burst at a time. */
class descriptor_engine : public sc_core::sc_module, public read_client, public supply_port
{
  public:
    sc_core::sc_port<dma_port> dma;
    sc_core::sc_port<descriptor_sink> payloads;

    descriptor_engine(sc_core::sc_module_name name, const parameters &p, uint32_t window_slots,
                      trace_log &log)
        : sc_module(name), dma("dma"), payloads("payloads"), trace(log),
          ring_address(static_cast<uint64_t>(p["tx_ring_address"])),
          size(static_cast<uint32_t>(p["tx_ring_descriptors"])),
          burst(static_cast<uint32_t>(p["tx_prefetch_descriptors"])), window(window_slots),
          fetched_items(burst)
    {
    }

    void doorbell(uint32_t new_tail)
    {
        uint32_t count = (new_tail + size - tail) % size;
        for (uint32_t i = 1; i <= count; i++)
            trace.note(posted + i, HOP_DOORBELL, now());
        tail = new_tail;
        posted += count;
        advance();
    }

    void read_done(uint32_t, uint64_t) override
    {
        uint32_t count = static_cast<uint32_t>(requested - fetched);
        uint32_t index = (next + size - count) % size;
        fetching = false;
        fetched = requested;
        payloads->fetched(fetched_items.data(), count, index);
    }

    void taken(uint32_t descriptors) override
    {
        in_use += descriptors;
    }

    void freed(uint32_t descriptors) override
    {
        done += descriptors;
    }

    void advance() override
    {
        if (fetching || fetched - in_use > burst)
            return;
        uint64_t count = std::min<uint64_t>(posted - requested, burst);
        count = std::min<uint64_t>(count, window - (requested - done));
        count = std::min<uint64_t>(count, size - next);
        if (count > 0)
            fetch(static_cast<uint32_t>(count));
    }

  private:
    void fetch(uint32_t count)
    {
        uint64_t address = ring_address + next * descriptor_bytes;
        fetching = true;
        requested += count;
        next = (next + count) % size;
        dma->read(*this, 0, address, count * descriptor_bytes, fetched_items.data());
    }

    trace_log &trace;
    uint64_t ring_address;
    uint32_t size, burst, window;
    uint32_t tail = 0, next = 0;
    uint64_t posted = 0, requested = 0, fetched = 0, in_use = 0, done = 0; /* descriptors so far */
    bool fetching = false;
    std::vector<descriptor> fetched_items;
};

/* Tags for reads, posted writes, messages; what arrives goes to whom it is for. */
class dma_front : public sc_core::sc_module, public tlp_receiver, public dma_port, public read_client
{
  public:
    sc_core::sc_port<tlp_sender> up;
    sc_core::sc_port<event_counter> vector;

    SC_HAS_PROCESS(dma_front);
    dma_front(sc_core::sc_module_name name, const parameters &p, descriptor_engine &engine)
        : sc_module(name), up("up"), vector("vector"), descriptors(engine),
          tags(static_cast<size_t>(p["tags"])), rx_ring(static_cast<uint64_t>(p["rx_ring_address"])),
          rx_burst(static_cast<uint32_t>(p["rx_prefetch_descriptors"]))
    {
        for (uint32_t tag = static_cast<uint32_t>(tags.size()); tag-- > 0;)
            free_tags.push_back(tag);
        SC_METHOD(prefetch_receive);
    }

    void read(read_client &client, uint32_t context, uint64_t address, uint32_t bytes,
              descriptor *data) override
    {
        uint32_t tag = free_tags.back();
        free_tags.pop_back();
        tags[tag] = {&client, context, bytes};
        up->send({tlp_kind::read, address, bytes, tag, 0, data});
    }

    void write(uint64_t address, uint32_t bytes, descriptor *data, uint64_t first_packet) override
    {
        up->send({tlp_kind::write, address, bytes, 0, first_packet, data});
    }

    void message() override
    {
        up->send({tlp_kind::message, 0, dword, 0, 0, nullptr});
    }

    void receive(const tlp &packet) override
    {
        if (packet.kind == tlp_kind::completion)
            complete(packet);
        else if (packet.address == TX_TAIL)
            descriptors.doorbell(static_cast<uint32_t>(packet.value));
        else
            vector->unmask();
    }

    void read_done(uint32_t, uint64_t) override
    {
    }

  private:
    struct outstanding {
        read_client *client;
        uint32_t context;
        uint32_t left;
    };

    /* The receive queue fills its cache when it is set up: no frame comes in, but the IOMMU sees it. */
    void prefetch_receive()
    {
        read(*this, 0, rx_ring, rx_burst * descriptor_bytes, nullptr);
    }

    void complete(const tlp &packet)
    {
        outstanding &request = tags[packet.tag];
        request.left -= packet.bytes;
        if (request.left > 0)
            return;
        free_tags.push_back(packet.tag);
        request.client->read_done(request.context, packet.value);
    }

    descriptor_engine &descriptors;
    std::vector<outstanding> tags;
    std::vector<uint32_t> free_tags;
    uint64_t rx_ring;
    uint32_t rx_burst;
};

#endif
