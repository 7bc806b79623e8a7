/* net_dim's state machine against traces worked out by hand from its rules. */
#include "tests/unit/models/moderation_fixture.h"

static struct algorithm dim;

static int64_t delay_us(void)
{
    return dim.setting.delay / SIM_US;
}

/*
 * One measurement of `us` microseconds and 64 interrupts with these counts; returns whether the profile changed. The
 * interrupt that starts the next measurement has no work.
 */
static bool measure(int64_t us, int64_t packets, int64_t bytes)
{
    dim.sample.now += us * SIM_US;
    dim.sample.interrupts += 64;
    dim.sample.rx_packets += packets;
    dim.sample.rx_bytes += bytes;
    bool changed = algorithm_update(&dim);
    if (changed)
        cr_assert_not(algorithm_update(&dim), "only starts the next measurement");
    return changed;
}

/* A millisecond with so many bytes in 100 packets. */
static bool rate(int64_t bytes)
{
    return measure(1000, 100, bytes);
}

static void start(const char *key, const char *value)
{
    dim = algorithm_start("dim", key, value);
    cr_assert_not(algorithm_update(&dim), "the first call starts a measurement");
}

static void set_up(void)
{
    start(NULL, NULL);
}

static void tear_down(void)
{
    algorithm_stop(&dim);
}

TestSuite(dim, .init = set_up, .fini = tear_down);

Test(dim, starts_in_profile_1)
{
    cr_expect_eq(delay_us(), 8);
    cr_expect_eq(dim.setting.frames, 256);
    cr_expect_eq(dim.setting.interval, 0);
}

/* To the left edge (0), where it parks; out of it to the right, up to 3; back one to 2, which is better: on top. */
Test(dim, climbs_turns_and_parks_on_top)
{
    cr_expect(rate(100000), "leaves its parking place to the left");
    cr_expect_eq(delay_us(), 1);
    cr_expect_not(rate(120000), "better, but there is nothing further left: parks");
    cr_expect_not(rate(120000), "the same: stays");
    cr_expect_not(rate(131000), "nine in a hundred are not significant: stays");
    cr_expect(rate(90000), "something changed: out, to the right");
    cr_expect_eq(delay_us(), 8);
    cr_expect(rate(110000), "better: on");
    cr_expect_eq(delay_us(), 64);
    cr_expect(rate(130000), "better: on");
    cr_expect_eq(delay_us(), 128);
    cr_expect(rate(100000), "worse: turns, and goes one left");
    cr_expect_eq(delay_us(), 64);
    cr_expect_not(rate(130000), "better after two right and one left: on top");
    cr_expect_eq(delay_us(), 64);
    cr_expect_not(rate(130000), "and stays");
    cr_expect(rate(100000), "until something changes: out, to the left");
    cr_expect_eq(delay_us(), 8);
}

Test(dim, the_right_edge_parks)
{
    rate(100000);
    rate(100000);
    cr_expect_eq(delay_us(), 8, "the same is not better: turned right at 0");
    int64_t bytes = 100000;
    static const int64_t delays[] = {64, 128, 256};
    for (int i = 0; i < 3; i++) {
        bytes = bytes * 5 / 4;
        cr_expect(rate(bytes));
        cr_expect_eq(delay_us(), delays[i]);
    }
    cr_expect_not(rate(bytes * 5 / 4), "at the edge");
    cr_expect_not(rate(bytes * 5 / 4), "parked: the same changes nothing");
    cr_expect(rate(bytes * 5 / 8), "out, to the left");
    cr_expect_eq(delay_us(), 128);
    cr_expect(rate(bytes), "better: on");
    cr_expect_eq(delay_us(), 64);
    cr_expect(rate(bytes / 2), "worse: turns, and goes one right");
    cr_expect_eq(delay_us(), 128);
    cr_expect_not(rate(bytes), "better after two left and one right: on top");
    cr_expect_eq(delay_us(), 128);
}

/* Steps to the left that lie before a turn to the right do not count after the turn back. */
Test(dim, a_turn_forgets_the_steps_of_its_new_direction)
{
    cr_expect(rate(100000), "one to the left");
    cr_expect(rate(100000), "right");
    cr_expect(rate(125000), "right");
    cr_expect(rate(157000), "right");
    cr_expect_eq(delay_us(), 128);
    cr_expect(rate(100000), "worse: one to the left, not on top yet");
    cr_expect_eq(delay_us(), 64);
}

/* Nothing ever changes: it steps to and fro ten times, rests for ten measurements, and begins anew. */
Test(dim, gets_tired_and_rests)
{
    for (int step = 1; step <= 10; step++) {
        cr_expect(rate(100000), "step %d", step);
        cr_expect_eq(delay_us(), step % 2 ? 1 : 8, "step %d", step);
    }
    cr_expect_not(rate(100000), "too tired for the eleventh");
    for (int rest = 1; rest <= 9; rest++)
        cr_expect_not(rate(rest * 1000000), "rest %d, whatever happens", rest);
    cr_expect(rate(100000), "the tenth is over");
    cr_expect_eq(delay_us(), 1, "from 1 to the left");
}

Test(dim, parking_on_top_rests)
{
    rate(80000);
    cr_expect_not(rate(100000), "parks after one step");
    cr_expect(rate(50000), "out: the first of ten steps");
    for (int step = 2; step <= 10; step++)
        cr_expect(rate(50000), "step %d", step);
    cr_expect_not(rate(50000), "too tired for the eleventh");
}

Test(dim, a_measurement_takes_64_interrupts)
{
    dim.sample.now += SIM_MS;
    dim.sample.rx_bytes += 1000;
    dim.sample.interrupts += 63;
    cr_expect_not(algorithm_update(&dim));
    dim.sample.interrupts++;
    cr_expect(algorithm_update(&dim));
}

Test(dim, the_interrupt_counter_wraps_at_16_bits)
{
    dim.sample.interrupts += 65535 - 10;
    dim.sample.now += SIM_MS;
    cr_expect_not(algorithm_update(&dim), "a new measurement starts: no bytes, nothing better");
    dim.sample.interrupts += 63;
    dim.sample.rx_bytes += 1000;
    dim.sample.now += SIM_MS;
    cr_expect_not(algorithm_update(&dim));
    dim.sample.interrupts++;
    cr_expect(algorithm_update(&dim));
}

Test(dim, a_measurement_without_time_is_none)
{
    dim.sample.interrupts += 64;
    dim.sample.rx_bytes += 1000;
    dim.sample.now += SIM_US - 1;
    cr_expect_not(algorithm_update(&dim));
    dim.sample.now += 1;
    cr_expect(algorithm_update(&dim));
}

/* Parked at 0 with 100000 bytes a ms; every comparison but "same" leaves the parking place. */
static void park(int64_t packets)
{
    measure(1000, packets, 80000);
    measure(1000, packets, 100000);
    cr_assert_eq(delay_us(), 1);
    cr_assert_not(measure(1000, packets, 100000));
}

Test(dim, bytes_are_significant_above_ten_percent_by_integer_division)
{
    park(100);
    cr_expect_not(rate(110999), "10.999 of a hundred are 10");
    cr_expect_not(rate(89001));
    cr_expect(rate(111000), "11 of a hundred");
}

Test(dim, fewer_bytes_are_significant_alike)
{
    park(100);
    cr_expect(rate(89000));
}

Test(dim, packets_decide_when_bytes_are_alike)
{
    park(1000);
    cr_expect_not(measure(1000, 1109, 100000));
    cr_expect(measure(1000, 1110, 100000));
}

/* Twice the bytes and packets in twice the time: the rates are the same, interrupts are half as frequent. */
Test(dim, fewer_interrupts_are_better_when_all_else_is_alike)
{
    park(100);
    cr_expect(measure(2000, 200, 200000), "out, to the right");
    cr_expect_eq(delay_us(), 8);
    cr_expect(measure(4000, 400, 400000), "fewer: better, on");
    cr_expect_eq(delay_us(), 64);
    cr_expect(measure(2000, 200, 200000), "more: worse, back");
    cr_expect_eq(delay_us(), 8);
}

struct row {
    const char *mode;
    int64_t us[5], frames[5];
};

/* Walks all profiles: left to 0, where it turns, then right to 4, each step better than the last. */
static void walk(const struct row *row)
{
    static const int order[] = {0, 1, 2, 3, 4};
    start("mode", row->mode);
    cr_expect_eq(delay_us(), row->us[1]);
    int64_t bytes = 100000;
    for (int i = 0; i < 5; i++) {
        cr_expect(rate(bytes));
        bytes = i == 0 ? bytes : bytes * 5 / 4;
        cr_expect_eq(delay_us(), row->us[order[i]], "%s, profile %d", row->mode, order[i]);
        cr_expect_eq(dim.setting.frames, row->frames[order[i]], "%s, profile %d", row->mode, order[i]);
    }
}

Test(dim, receive_profiles)
{
    static const struct row rows[] = {
        {"eqe", {1, 8, 64, 128, 256}, {256, 256, 256, 256, 256}},
        {"cqe", {2, 8, 16, 32, 64}, {256, 128, 64, 64, 64}},
    };
    for (int i = 0; i < 2; i++) {
        algorithm_stop(&dim);
        walk(&rows[i]);
    }
}

Test(dim, transmit_measures_what_is_sent)
{
    algorithm_stop(&dim);
    start("direction", "tx");
    cr_expect_eq(dim.setting.frames, 128);
    cr_expect_not(rate(100000), "received: not looked at");
    dim.sample.now += SIM_MS;
    dim.sample.interrupts += 64;
    dim.sample.tx_packets += 100;
    dim.sample.tx_bytes += 100000;
    cr_expect(algorithm_update(&dim));
    cr_expect_eq(delay_us(), 1);
}
