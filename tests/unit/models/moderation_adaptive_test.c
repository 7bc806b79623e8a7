/* The fixed settings, and the algorithms of e1000, ixgbe and ixgbevf against values worked out from their rules. */
#include "tests/unit/models/moderation_fixture.h"

struct step {
    int64_t packets, bytes; /* received since the last update */
    bool changed;
    int64_t interval; /* [ns] afterwards */
};

static void follow(struct algorithm *algorithm, const struct step *steps, int count)
{
    for (int i = 0; i < count; i++) {
        bool changed = algorithm_receive(algorithm, steps[i].packets, steps[i].bytes);
        cr_expect_eq(changed, steps[i].changed, "step %d", i);
        cr_expect_eq(algorithm->setting.interval, steps[i].interval * SIM_NS, "step %d: %ld ns", i,
                     (long)(algorithm->setting.interval / SIM_NS));
    }
}

#define FOLLOW(algorithm, steps) follow(algorithm, steps, (int)(sizeof(steps) / sizeof((steps)[0])))

Test(moderation, fixed_settings_are_the_users)
{
    struct algorithm none = algorithm_start("none", NULL, NULL);
    cr_expect(none.setting.interval == 0 && none.setting.frames == 0 && none.setting.delay == 0);
    struct algorithm itr = algorithm_start("itr", "interval", "200us");
    cr_expect(itr.setting.interval == 200 * SIM_US && itr.setting.frames == 0 && itr.setting.delay == 0);
    struct algorithm frames = algorithm_start("frames", "frames", "7");
    cr_expect(frames.setting.interval == 0 && frames.setting.frames == 7 && frames.setting.delay == 0);
    struct algorithm both = algorithm_start("frames_time", "delay", "10us");
    cr_expect(both.setting.interval == 0 && both.setting.frames == 32 && both.setting.delay == 10 * SIM_US);
    cr_expect_not(algorithm_receive(&none, 1000, 100000));
    cr_expect_not(algorithm_receive(&both, 1000, 100000));
    algorithm_stop(&none);
    algorithm_stop(&itr);
    algorithm_stop(&frames);
    algorithm_stop(&both);
}

Test(moderation, no_moderation_is_the_default)
{
    cr_expect_str_eq(moderation_family.models[0]->table->name, "none");
}

/* ---- e1000: 20000/s is 195 units of 256 ns, 4000/s is 976 ---- */

static struct algorithm e1000_start(const char *mode)
{
    struct algorithm algorithm = algorithm_start("e1000_adaptive", "mode", mode);
    algorithm.sample.link_mbps = 1000;
    return algorithm;
}

Test(e1000, falls_at_once_and_rises_by_a_quarter)
{
    static const struct step steps[] = {
        {20, 30000, false, 49920}, /* lowest stays, conservative makes it low: 20000/s */
        {20, 30000, true, 249856}, /* 1500 B a packet: bulk */
        {20, 30000, false, 249856}, {0, 0, false, 249856}, /* no packets: no change of range */
        {2, 3000, true, 111104},                           /* low again: 4000 + 5000/s */
        {2, 3000, true, 71424},                            /* 14000/s */
        {2, 3000, true, 52480},                            /* 19000/s */
        {2, 3000, true, 49920},                            /* 20000/s */
        {2, 3000, false, 49920},
    };
    struct algorithm algorithm = e1000_start("conservative");
    cr_expect_eq(algorithm.setting.interval, 49920 * SIM_NS);
    FOLLOW(&algorithm, steps);
    algorithm_stop(&algorithm);
}

Test(e1000, dynamic_mode_has_the_lowest_latency)
{
    static const struct step steps[] = {
        {1, 60, true, 26624},    /* lowest: 20000 + 17500/s */
        {1, 60, true, 18176},    /* 55000/s */
        {1, 60, true, 14080},    /* 70000/s */
        {4, 512, false, 14080},  /* not more than 512 bytes */
        {5, 5000, false, 14080}, /* not fewer than 5 packets */
        {4, 513, true, 49920},   /* low */
        {2, 512, false, 49920},  /* not fewer than 512 bytes */
        {3, 300, false, 49920},  /* not at most 2 packets */
        {2, 511, true, 26624},   /* lowest */
    };
    struct algorithm algorithm = e1000_start("dynamic");
    FOLLOW(&algorithm, steps);
    algorithm_stop(&algorithm);
}

/* Whether `work` leads from low latency to bulk. */
static bool low_to_bulk(int64_t packets, int64_t bytes)
{
    struct algorithm algorithm = e1000_start("conservative");
    algorithm_receive(&algorithm, 10, 1000);
    algorithm_receive(&algorithm, packets, bytes);
    bool bulk = algorithm.setting.interval == 249856 * SIM_NS;
    algorithm_stop(&algorithm);
    return bulk;
}

Test(e1000, from_low_to_bulk)
{
    cr_expect(low_to_bulk(9, 10001), "over 10000 bytes in fewer than 10 packets");
    cr_expect_not(low_to_bulk(10, 10001));
    cr_expect_not(low_to_bulk(10, 12009), "1200 bytes a packet");
    cr_expect(low_to_bulk(10, 12010), "1201");
    cr_expect_not(low_to_bulk(5, 10000), "10000 bytes, 2000 a packet");
    cr_expect(low_to_bulk(4, 8004), "2001 a packet");
}

/* Whether `work` leads from bulk back to low latency. */
static bool bulk_to_low(int64_t packets, int64_t bytes)
{
    struct algorithm algorithm = e1000_start("conservative");
    algorithm_receive(&algorithm, 10, 1000);
    algorithm_receive(&algorithm, 20, 30000);
    algorithm_receive(&algorithm, packets, bytes);
    bool low = algorithm.setting.interval == 111104 * SIM_NS;
    algorithm_stop(&algorithm);
    return low;
}

Test(e1000, from_bulk_to_low)
{
    cr_expect(bulk_to_low(1, 5999));
    cr_expect_not(bulk_to_low(1, 6000));
    cr_expect_not(bulk_to_low(36, 25000));
    cr_expect(bulk_to_low(36, 25001));
    cr_expect_not(bulk_to_low(35, 25001));
}

Test(e1000, many_small_packets_go_from_low_to_lowest)
{
    static const struct step steps[] = {
        {4, 513, false, 49920}, /* low */
        {35, 10001, false, 49920},
        {36, 10001, true, 26624},
    };
    struct algorithm algorithm = e1000_start("dynamic");
    FOLLOW(&algorithm, steps);
    algorithm_stop(&algorithm);
}

Test(e1000, the_slower_direction_counts)
{
    struct algorithm algorithm = e1000_start("conservative");
    algorithm_receive(&algorithm, 10, 1000);
    algorithm.sample.tx_packets += 20;
    algorithm.sample.tx_bytes += 30000;
    algorithm_receive(&algorithm, 1, 60);
    algorithm.sample.tx_packets += 20;
    algorithm.sample.tx_bytes += 30000;
    algorithm_receive(&algorithm, 1, 60);
    cr_expect_eq(algorithm.setting.interval, 249856 * SIM_NS);
    algorithm_stop(&algorithm);
}

Test(e1000, other_speeds_are_fixed_at_4000)
{
    struct algorithm algorithm = e1000_start("dynamic");
    algorithm.sample.link_mbps = 100;
    cr_expect(algorithm_receive(&algorithm, 1, 60));
    cr_expect_eq(algorithm.setting.interval, 249856 * SIM_NS);
    cr_expect_not(algorithm_receive(&algorithm, 1, 60));
    algorithm_stop(&algorithm);
}

/* ---- ixgbe ---- */

static struct algorithm ixgbe_start(const char *hz)
{
    return algorithm_start("ixgbe_adaptive", "hz", hz);
}

Test(ixgbe, the_first_update_finds_an_old_one)
{
    struct algorithm algorithm = ixgbe_start("250");
    cr_expect_eq(algorithm.setting.interval, 50 * SIM_US, "20000/s");
    cr_expect(algorithm_receive(&algorithm, 1000, 1000000));
    cr_expect_eq(algorithm.setting.interval, 10 * SIM_US);
    algorithm_stop(&algorithm);
}

Test(ixgbe, follows_the_packets_of_an_interval)
{
    static const struct step steps[] = {
        {0, 0, true, 10000},                                /* old: 10 us */
        {2, 120, false, 10000},                             /* latency: 2560/512 = 5 steps of 2 us */
        {4, 240, true, 12000},                              /* 4 .. 47: 2 us more */
        {47, 2820, true, 14000},  {48, 2880, false, 14000}, /* 48 .. 95: right */
        {95, 5700, false, 14000},
    };
    struct algorithm algorithm = ixgbe_start("250");
    FOLLOW(&algorithm, steps);
    cr_expect(algorithm_receive(&algorithm, 96, 5760), "96 .. 255: halved, but at least 10 us");
    cr_expect_eq(algorithm.setting.interval, 10 * SIM_US);
    cr_expect(algorithm_receive(&algorithm, 256, 256 * 1500), "bulk: 29920 / 512 = 59 steps of 2 us");
    cr_expect_eq(algorithm.setting.interval, 118 * SIM_US);
    cr_expect(algorithm_receive(&algorithm, 255, 255 * 60), "halved: 59 us, of which the register keeps 58");
    cr_expect_eq(algorithm.setting.interval, 58 * SIM_US);
    algorithm_stop(&algorithm);
}

Test(ixgbe, rises_to_126_us_and_no_further)
{
    struct algorithm algorithm = ixgbe_start("250");
    algorithm_receive(&algorithm, 0, 0);
    for (int64_t us = 12; us <= 126; us += 2) {
        cr_assert(algorithm_receive(&algorithm, 20, 1200));
        cr_assert_eq(algorithm.setting.interval, us * SIM_US);
    }
    cr_expect_not(algorithm_receive(&algorithm, 20, 1200));
    algorithm_stop(&algorithm);
}

/* The interval [us] after one packet (latency) or 256 packets (bulk) of `size` bytes each, in both directions. */
static int64_t by_size(int64_t packets, int64_t size, int64_t link_mbps)
{
    struct algorithm algorithm = ixgbe_start("250");
    algorithm.sample.link_mbps = link_mbps;
    algorithm_receive(&algorithm, 0, 0);
    algorithm.sample.tx_packets += packets;
    algorithm.sample.tx_bytes += packets * size;
    algorithm_receive(&algorithm, packets, packets * size);
    int64_t us = algorithm.setting.interval / SIM_US;
    algorithm_stop(&algorithm);
    return us;
}

Test(ixgbe, adjusts_by_the_packets_size)
{
    static const struct {
        int64_t packets, size, mbps, us;
    } rows[] = {
        {256, 60, 10000, 20},    /* 5120: 10 steps of 2 */
        {256, 61, 10000, 22},    /* 61 * 40 + 2720 = 5160: 11 steps */
        {256, 316, 10000, 60},   /* 15360 */
        {256, 317, 10000, 64},   /* 16207: 32 steps */
        {256, 1084, 10000, 110}, /* 27712: 55 steps */
        {256, 1967, 10000, 126}, /* 32255 */
        {256, 9000, 10000, 126}, /* 32256 */
        {1, 1514, 10000, 60},    /* 29990 / 2 = 14995: 30 steps */
        {1, 60, 1000, 40},       /* 2560 / 128 = 20 steps */
        {256, 1514, 1000, 126},  /* at most 8064: 63 steps */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t us = by_size(rows[i].packets, rows[i].size, rows[i].mbps);
        cr_expect_eq(us, rows[i].us, "row %zu: %ld us", i, (long)us);
    }
}

Test(ixgbe, an_idle_direction_pulls_towards_short_delays)
{
    struct algorithm algorithm = ixgbe_start("250");
    algorithm_receive(&algorithm, 0, 0);
    cr_expect(algorithm_receive(&algorithm, 1, 1514));
    cr_expect_eq(algorithm.setting.interval, 12 * SIM_US, "60 us by size, but 2 more than 10 for transmit");
    algorithm_stop(&algorithm);
}

Test(ixgbe, an_update_older_than_a_jiffy_starts_anew)
{
    struct algorithm algorithm = ixgbe_start("1000");
    algorithm_receive(&algorithm, 0, 0);
    algorithm_receive(&algorithm, 20, 1200);
    cr_expect_eq(algorithm.setting.interval, 12 * SIM_US);
    algorithm.sample.now = 2 * SIM_MS - 1;
    algorithm_receive(&algorithm, 20, 1200);
    cr_expect_eq(algorithm.setting.interval, 14 * SIM_US, "the jiffy after");
    algorithm.sample.now = 3 * SIM_MS;
    algorithm_receive(&algorithm, 20, 1200);
    cr_expect_eq(algorithm.setting.interval, 10 * SIM_US, "two jiffies after");
    algorithm_stop(&algorithm);
}

Test(ixgbe, bulk_in_one_direction_beats_latency_in_the_other)
{
    struct algorithm algorithm = ixgbe_start("250");
    algorithm_receive(&algorithm, 0, 0);
    algorithm.sample.tx_packets += 256;
    algorithm.sample.tx_bytes += 256 * 1500;
    cr_expect(algorithm_receive(&algorithm, 1, 60));
    cr_expect_eq(algorithm.setting.interval, 118 * SIM_US, "a flag of latency makes the value the larger");
    algorithm_stop(&algorithm);
}

/* ---- ixgbevf ---- */

Test(ixgbevf, approaches_the_range_smoothly)
{
    static const struct step steps[] = {
        {1, 60, true, 34000}, /* 10 * 40 * 200 / 560 = 142 */
        {1, 60, true, 28000}, /* 10 * 40 * 142 / 502 = 113 */
        {0, 0, true, 22000},  /* no packets: the range stays, the approach goes on: 95 */
    };
    struct algorithm algorithm = algorithm_start("ixgbevf_adaptive", NULL, NULL);
    cr_expect_eq(algorithm.setting.interval, 50 * SIM_US);
    FOLLOW(&algorithm, steps);
    for (int i = 0; i < 50; i++)
        algorithm_receive(&algorithm, 1, 60);
    cr_expect_eq(algorithm.setting.interval, 10 * SIM_US, "100000/s in the end");
    cr_expect_not(algorithm_receive(&algorithm, 1, 60));
    algorithm_stop(&algorithm);
}

Test(ixgbevf, ranges_by_bytes_a_microsecond)
{
    static const struct step steps[] = {
        {10, 550, false, 50000},  /* 11 B/us of the last 50 us: low, as programmed */
        {10, 1049, false, 50000}, /* 20.98 is 20: stays */
        {10, 1050, true, 52000},  /* 21: bulk, 10 * 336 * 200 / 3224 = 208 */
        {10, 1091, true, 50000},  /* 20 of 52 us: low, 10 * 200 * 208 / 2008 = 207, kept as 200 */
        {10, 510, true, 36000},   /* 10 of 51 us: lowest, 10 * 40 * 207 / 567 = 146, kept as 144 */
    };
    struct algorithm algorithm = algorithm_start("ixgbevf_adaptive", NULL, NULL);
    FOLLOW(&algorithm, steps);
    algorithm_stop(&algorithm);
}
