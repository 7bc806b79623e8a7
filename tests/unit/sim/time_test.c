#include <criterion/criterion.h>

#include "sim/time.h"

Test(time, cycles_round_up_to_whole_picoseconds)
{
    cr_expect_eq(sim_cycles_to_time(0, 2800000000), 0);
    cr_expect_eq(sim_cycles_to_time(1, 1000000000), 1000);
    cr_expect_eq(sim_cycles_to_time(1, 2800000000), 358); /* 357.14 */
    cr_expect_eq(sim_cycles_to_time(28, 2800000000), 10000);
    cr_expect_eq(sim_cycles_to_time(1, 3), 333333333334);
}

Test(time, cumulative_cycles_lose_no_remainder)
{
    /* 28 single cycles of 357.14 ps are 10 ns together, not 28 times 358 ps. */
    const int64_t hz = 2800000000;
    sim_time previous = 0;
    for (int64_t cycles = 1; cycles <= 28; cycles++) {
        sim_time end = sim_cycles_to_time(cycles, hz);
        cr_expect(end - previous == 357 || end - previous == 358);
        previous = end;
    }
    cr_expect_eq(previous, 10000);
}

Test(time, cycles_span_a_hundred_days)
{
    const int64_t hz = 3000000000;
    const int64_t seconds = 100LL * 86400;
    cr_expect_eq(sim_cycles_to_time(seconds * hz, hz), seconds * SIM_SECOND);
    cr_expect_eq(sim_time_to_cycles(seconds * SIM_SECOND, hz), seconds * hz);
}

Test(time, first_cycle_boundary_at_or_after_a_span)
{
    const int64_t hz = 2800000000;
    cr_expect_eq(sim_time_to_cycles(0, hz), 0);
    cr_expect_eq(sim_time_to_cycles(1, hz), 1);
    cr_expect_eq(sim_time_to_cycles(357, hz), 1);
    cr_expect_eq(sim_time_to_cycles(358, hz), 2); /* one cycle ends at 357.14 */
    cr_expect_eq(sim_time_to_cycles(10000, hz), 28);
    cr_expect_eq(sim_time_to_cycles(10001, hz), 29);
    for (sim_time span = 0; span < 5000; span++)
        cr_expect_geq(sim_cycles_to_time(sim_time_to_cycles(span, hz), hz), span);
}

Test(time, line_at_ten_gigabits_takes_800_ps_a_byte)
{
    struct sim_line line = sim_line_make(800, 1);
    cr_expect_eq(sim_line_send(&line, 0, 64), 51200);
    cr_expect_eq(sim_line_send(&line, 0, 1), 52000); /* behind the first */
    cr_expect_eq(sim_line_send(&line, 60000, 1), 60800);
    cr_expect_eq(line.free_at, 60800);
}

Test(time, busy_line_carries_its_remainder)
{
    /* PCIe Gen3 x8: 1015625/8000 = 126.953125 ps a byte. */
    struct sim_line line = sim_line_make(1015625, 8000);
    sim_time end = 0;
    for (int64_t sends = 1; sends <= 8000; sends++) {
        end = sim_line_send(&line, 0, 1);
        cr_assert_eq(end, sends * 1015625 / 8000, "after %ld sends", (long)sends);
    }
    cr_expect_eq(end, 1015625);
    cr_expect_eq(line.remainder, 0);
}

Test(time, idle_line_forgets_its_remainder)
{
    struct sim_line line = sim_line_make(3, 2);
    cr_expect_eq(sim_line_send(&line, 0, 1), 1);
    cr_expect_eq(line.remainder, 1);
    struct sim_line busy = line;
    cr_expect_eq(sim_line_send(&busy, 1, 1), 3); /* no gap: 1 + 1.5 + 0.5 */
    cr_expect_eq(sim_line_send(&line, 2, 1), 3); /* idle from 1 to 2: 2 + 1.5, rounded down */
    cr_expect_eq(line.remainder, 1);
}
