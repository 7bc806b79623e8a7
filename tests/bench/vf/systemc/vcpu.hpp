/*
 * The core that the vCPU runs on: segments of cycles at three levels, of which the highest that has work runs. A
 * segment ends, and a higher level preempts, at a cycle boundary in whole picoseconds.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_VCPU_HPP
#define TESTS_BENCH_VF_SYSTEMC_VCPU_HPP

#include <array>
#include <cstdint>
#include <numeric>

#include <systemc>

#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"

enum level { TASK, SOFTIRQ, HARDIRQ, LEVELS };

/* The software: told that a level's segment is over. */
struct segment_client : virtual sc_core::sc_interface {
    virtual void segment_done(level which) = 0;
};

struct cpu_port : virtual sc_core::sc_interface {
    virtual void run(level which, int64_t cycles) = 0;
};

class vcpu : public sc_core::sc_module, public cpu_port
{
  public:
    sc_core::sc_port<segment_client> software;

    SC_HAS_PROCESS(vcpu);
    vcpu(sc_core::sc_module_name name, const parameters &p) : sc_module(name), software("software")
    {
        int64_t hz = p["core_hz"], second = INT64_C(1000000000000);
        num = second / std::gcd(second, hz);
        den = hz / std::gcd(second, hz);
        SC_METHOD(reach_boundary);
        sensitive << boundary;
        dont_initialize();
    }

    /* The core's first cycle is at `when` [ps]. */
    void start_at(picoseconds when)
    {
        anchor = when;
        notify_at(boundary, when);
    }

    /* Gives a level without work a segment. From outside, a level above the running one preempts it. */
    void run(level which, int64_t cycles) override
    {
        left[which] = cycles;
        if (!deciding && running != LEVELS && which > running)
            preempt();
    }

  private:
    picoseconds time_of(int64_t cycles) const
    {
        return anchor + (cycles * num + den - 1) / den;
    }

    /* At the first boundary from now on, if the segment does not end before. */
    void preempt()
    {
        int64_t cycles = ((now() - anchor) * den + num - 1) / num;
        if (time_of(cycles - 1) >= now())
            cycles--;
        if (cycles >= target)
            return;
        target = cycles;
        boundary.cancel();
        notify_at(boundary, time_of(target));
    }

    void reach_boundary()
    {
        deciding = true;
        if (running != LEVELS) {
            left[running] -= target - done;
            done = target;
            if (left[running] == 0)
                software->segment_done(running);
        }
        deciding = false;
        start_highest();
    }

    void start_highest()
    {
        running = left[HARDIRQ] > 0 ? HARDIRQ : left[SOFTIRQ] > 0 ? SOFTIRQ : left[TASK] > 0 ? TASK : LEVELS;
        if (running == LEVELS)
            SC_REPORT_FATAL("vcpu", "the core ran out of work: this program has no idle state");
        target = done + left[running];
        notify_at(boundary, time_of(target));
    }

    int64_t num, den; /* `den` cycles take `num` picoseconds */
    picoseconds anchor = 0;
    int64_t done = 0, target = 0; /* [cycles] since the anchor */
    std::array<int64_t, LEVELS> left = {};
    level running = LEVELS;
    bool deciding = false;
    sc_core::sc_event boundary;
};

#endif
