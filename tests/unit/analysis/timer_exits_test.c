/*
 * Writes of a guest's timer register, MSR_WRITE exits with APICv: two a packet that a paced sender sleeps for, one when
 * it goes to sleep and one by the handler that wakes it; none in a guest that only receives. The first packet's sleep
 * began before the run, unarmed.
 */
#include "tests/unit/analysis/driver_data.h"

enum { PACKETS = 200 };

static double writes(const char *strategy, const char *direction, const char *tick, const char *more)
{
    char set_strategy[64], set_direction[64], set_tick[64];
    snprintf(set_strategy, sizeof(set_strategy), "strategy=%s", strategy);
    snprintf(set_direction, sizeof(set_direction), "traffic[0].direction=%s", direction);
    snprintf(set_tick, sizeof(set_tick), "host.hypervisor.guest_tick=\"%s\"", tick);
    const char *sets[] = {set_strategy, set_direction, set_tick, more, NULL};
    json_t *result = simulate(sets);
    cr_expect_eq((int)number(result, "packets.offered"), PACKETS);
    double count = number(result, "exits.MSR_WRITE");
    cr_expect_eq(number(result, "exit_sites.fast"), count, "all on the fast path");
    json_decref(result);
    return count;
}

static const char *const strategies[] = {"emulation", "virtio", "passthrough"};

Test(timer_exits, a_paced_sender_makes_two_a_packet)
{
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(writes(strategies[i], "transmit", "off", NULL), 2 * PACKETS - 1, "%s", strategies[i]);
        cr_expect_eq(writes(strategies[i], "request_response", "off", NULL), 2 * PACKETS - 1, "%s",
                     strategies[i]);
    }
}

Test(timer_exits, a_receiver_makes_none)
{
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(writes(strategies[i], "receive", "off", NULL), 0, "%s", strategies[i]);
}

/* The packets are 10 ms apart, ticks 4 ms: the tick that stops leaves the sleep's end in the register. A receiver's starts
 * and stops for each packet. */
Test(timer_exits, a_tick_that_stops_adds_its_start)
{
    for (size_t i = 0; i < 3; i++) {
        cr_expect_float_eq(writes(strategies[i], "transmit", "idle", NULL), 3 * PACKETS, 20, "%s",
                           strategies[i]);
        cr_expect_float_eq(writes(strategies[i], "receive", "idle", NULL), 2 * PACKETS, 20, "%s",
                           strategies[i]);
    }
}

/* Native registers do not trap, whoever sleeps. */
Test(timer_exits, bare_metal_has_none)
{
    cr_expect_eq(writes("native", "transmit", "off", NULL), 0);
}

/* Late for every packet, the thread never sleeps. */
Test(timer_exits, a_sender_that_is_always_late_makes_none)
{
    double count = writes("virtio", "transmit", "off", "costs.app=30Mcycles");
    cr_expect_leq(count, 1);
}
