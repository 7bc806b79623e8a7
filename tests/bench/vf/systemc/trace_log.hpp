/*
 * Notes of when the first packets were at which hop.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_TRACE_LOG_HPP
#define TESTS_BENCH_VF_SYSTEMC_TRACE_LOG_HPP

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
        if (packet <= trace.count)
            trace.packets[packet - 1].hop[hop] = when;
    }

    void print() const
    {
        trace_print(&trace);
    }

  private:
    struct trace trace;
};

#endif
