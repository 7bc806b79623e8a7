/*
 * The wire behind the NIC's transmit pipeline, and its far end.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_WIRE_HPP
#define TESTS_BENCH_VF_SYSTEMC_WIRE_HPP

#include <cstdint>
#include <deque>

#include <systemc>

#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/systemc/trace_log.hpp"

struct frame {
    uint64_t packet;
    uint32_t length; /* [B] without FCS */
    picoseconds ready;
};

struct frame_sink : virtual sc_core::sc_interface {
    virtual void transmit(const frame &item) = 0;
};

struct delivery_target : virtual sc_core::sc_interface {
    virtual void delivered() = 0;
};

/* Notifications for a frame's first bit, its last bit, and its arrival at the far end. */
class wire : public sc_core::sc_module, public frame_sink
{
  public:
    sc_core::sc_port<delivery_target> source;

    SC_HAS_PROCESS(wire);
    wire(sc_core::sc_module_name name, const parameters &p, trace_log &log)
        : sc_module(name), source("source"), trace(log), line(p["wire_byte_num_ps"], p["wire_byte_den"]),
          cable(p["cable_ps"])
    {
        SC_METHOD(start);
        sensitive << first_bit;
        dont_initialize();
        SC_METHOD(finish);
        sensitive << last_bit;
        dont_initialize();
        SC_METHOD(arrive);
        sensitive << arrival;
        dont_initialize();
    }

    /* The frame leaves the pipeline at item.ready [ps]. */
    void transmit(const frame &item) override
    {
        if (queue.empty() && !sending)
            notify_at(first_bit, std::max(item.ready, line.free_at()));
        queue.push_back(item);
    }

    uint64_t packets() const
    {
        return received;
    }

  private:
    struct travelling {
        uint64_t packet;
        picoseconds when;
    };

    static constexpr int64_t preamble_and_fcs = 12, gap = 12;

    void start()
    {
        const frame &item = queue.front();
        trace.note(item.packet, HOP_FIRST_BIT, now());
        sending = true;
        picoseconds end = line.send(now(), item.length + preamble_and_fcs);
        line.send(now(), gap);
        notify_at(last_bit, end);
    }

    void finish()
    {
        uint64_t sent = queue.front().packet;
        trace.note(sent, HOP_LAST_BIT, now());
        queue.pop_front();
        sending = false;
        if (!queue.empty())
            notify_at(first_bit, std::max(queue.front().ready, line.free_at()));
        if (on_cable.empty())
            notify_at(arrival, now() + cable);
        on_cable.push_back({sent, now() + cable});
    }

    void arrive()
    {
        trace.arrived(on_cable.front().packet);
        on_cable.pop_front();
        if (!on_cable.empty())
            notify_at(arrival, on_cable.front().when);
        received++;
        source->delivered();
    }

    trace_log &trace;
    serial_line line;
    picoseconds cable;
    bool sending = false;
    uint64_t received = 0;
    std::deque<frame> queue;
    std::deque<travelling> on_cable;
    sc_core::sc_event first_bit, last_bit, arrival;
};

#endif
