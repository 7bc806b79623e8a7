#include "models/cpu/cpu_private.h"

static int64_t greatest_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct core_clock core_clock_make(int64_t hz)
{
    SIM_ASSERT(hz > 0);
    int64_t divisor = greatest_divisor(SIM_SECOND, hz);
    struct core_clock clock = {.hz = hz, .num = SIM_SECOND / divisor, .den = hz / divisor};
    clock.inverse = UINT64_MAX / (uint64_t)clock.den;
    clock.safe = (INT64_MAX - clock.den) / clock.num;
    return clock;
}

/* sim_time_to_cycles() finds the cycle whose unrounded end is at or after span; when span itself is a
 * boundary that was rounded up, that is one cycle late. */
int64_t core_clock_boundary(const struct core_clock *clock, sim_time span)
{
    if (span <= 0)
        return 0;
    int64_t cycles = sim_time_to_cycles(span, clock->hz);
    return core_clock_time(clock, cycles - 1) >= span ? cycles - 1 : cycles;
}

int64_t core_clock_complete(const struct core_clock *clock, sim_time span)
{
    return (int64_t)((__int128)span * clock->hz / SIM_SECOND);
}
