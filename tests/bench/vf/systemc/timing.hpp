/*
 * What all modules share: simulated time in whole picoseconds, and a serial line.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_TIMING_HPP
#define TESTS_BENCH_VF_SYSTEMC_TIMING_HPP

#include <algorithm>
#include <cstdint>
#include <numeric>

#include <systemc>

using picoseconds = int64_t;

inline picoseconds now()
{
    return static_cast<picoseconds>(sc_core::sc_time_stamp().value());
}

/* Notifies at `when` [ps, >= now]. */
inline void notify_at(sc_core::sc_event &event, picoseconds when)
{
    event.notify(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(when - now())));
}

/* num/den picoseconds a byte; what rounding down leaves over is carried while the line stays busy. */
class serial_line
{
  public:
    serial_line(int64_t numerator, int64_t denominator)
        : num(numerator / std::gcd(numerator, denominator)),
          den(denominator / std::gcd(numerator, denominator))
    {
    }

    picoseconds free_at() const
    {
        return free;
    }

    /* When the last of `bytes` has left that are ready at `from` [ps]. */
    picoseconds send(picoseconds from, int64_t bytes)
    {
        if (free < from) {
            free = from;
            remainder = 0;
        }
        int64_t total = bytes * num + remainder;
        free += total / den;
        remainder = total % den;
        return free;
    }

  private:
    int64_t num, den;
    int64_t remainder = 0;
    picoseconds free = 0;
};

#endif
