/*
 * When each packet was at which hop: kept until it has arrived at the far end, then added up by stage as iovsim's paths
 * do. The first packets' times are kept for the trace.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_TRACE_LOG_HPP
#define TESTS_BENCH_VF_SYSTEMC_TRACE_LOG_HPP

#include <array>
#include <cstdint>

#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/trace.h"

class trace_log
{
  public:
    explicit trace_log(uint64_t packets)
    {
        trace_init(&trace, packets);
    }
    ~trace_log()
    {
        trace_destroy(&trace);
    }
    trace_log(const trace_log &) = delete;
    trace_log &operator=(const trace_log &) = delete;

    void note(uint64_t packet, trace_hop hop, picoseconds when)
    {
        under_way[packet % under_way.size()].hop[hop] = when;
        if (packet <= trace.count)
            trace.packets[packet - 1].hop[hop] = when;
    }

    /* The packet has arrived: what it spent between two hops belongs to the stage that ends at the second. */
    void arrived(uint64_t packet)
    {
        const trace_packet &times = under_way[packet % under_way.size()];
        for (int hop = HOP_VISIBLE; hop <= HOP_LAST_BIT; hop++)
            stages.time[hop] += times.hop[hop] - times.hop[hop - 1];
    }

    void print() const
    {
        trace_print(&trace);
    }

    void print_stages() const
    {
        trace_print_stages(&stages);
    }

  private:
    struct trace trace;
    trace_stages stages = {};
    std::array<trace_packet, 1024> under_way; /* by packet number; the window is smaller */
};

#endif
