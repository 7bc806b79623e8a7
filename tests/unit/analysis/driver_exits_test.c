/*
 * Counts equal real drivers': every register access, kick, interrupt and EOI broadcast a packet of stock Linux guests
 * (tests/data/driver-exits/exits.csv), against the same guest simulated. The low-rate counts are exact properties of
 * drivers and devices; flat out, only the doorbell is.
 */
#include "tests/unit/analysis/driver_data.h"

static void low_rate(const char *config, const char *strategy, const char *workload, const char *direction,
                     const char *size, row_check *check)
{
    char set_strategy[64], set_direction[64], set_size[64];
    snprintf(set_strategy, sizeof(set_strategy), "strategy=%s", strategy);
    snprintf(set_direction, sizeof(set_direction), "traffic[0].direction=%s", direction);
    snprintf(set_size, sizeof(set_size), "traffic[0].size=%s", size);
    const char *sets[] = {set_strategy, set_direction, set_size, NULL};
    json_t *result = simulate(sets);
    cr_expect_eq((int)number(result, "packets.offered"), 200);
    cr_expect_gt(each_row(config, workload, result, check), 0);
    json_decref(result);
}

Test(driver_exits, e1000_transmit_64)
{
    low_rate("e1000-q72", "emulation", "tx_low_64", "transmit", "64B", near_mean);
}

Test(driver_exits, e1000_transmit_1500)
{
    low_rate("e1000-q72", "emulation", "tx_low_1500", "transmit", "1518B", near_mean);
}

Test(driver_exits, e1000_receive_64)
{
    low_rate("e1000-q72", "emulation", "rx_low_64", "receive", "64B", near_mean);
}

/* Some of the measured packets left in pairs: their maximum is the undisturbed count. */
Test(driver_exits, e1000_receive_1500)
{
    low_rate("e1000-q72", "emulation", "rx_low_1500", "receive", "1518B", near_most);
}

Test(driver_exits, virtio_transmit_64)
{
    low_rate("virtio-split-evidx", "virtio", "tx_low_64", "transmit", "64B", near_mean);
}

Test(driver_exits, virtio_transmit_1500)
{
    low_rate("virtio-split-evidx", "virtio", "tx_low_1500", "transmit", "1518B", near_mean);
}

Test(driver_exits, virtio_receive_64)
{
    low_rate("virtio-split-evidx", "virtio", "rx_low_64", "receive", "64B", near_mean);
}

Test(driver_exits, virtio_receive_1500)
{
    low_rate("virtio-split-evidx", "virtio", "rx_low_1500", "receive", "1518B", near_mean);
}

Test(driver_exits, virtio_request_response)
{
    low_rate("virtio-split-evidx", "virtio", "rr_low_64", "request_response", "64B", near_mean);
    low_rate("virtio-split-evidx", "virtio", "rr_low_1500", "request_response", "1518B", near_mean);
}

/* One doorbell and one refill a transaction; ICR, IMC, STATUS, IMS, STATUS an interrupt, whether or not two merge. */
static double e1000_request_response(const char *frequency)
{
    const char *sets[] = {"traffic[0].direction=request_response", frequency, NULL};
    json_t *result = simulate(sets);
    double handled = number(result, "interrupts.handled");
    cr_expect_float_eq(per_packet(result, "accesses.TDT.write"), 1.0, 0.006);
    cr_expect_float_eq(per_packet(result, "accesses.RDT.write"), 1.0, 0.006);
    cr_expect_eq(number(result, "accesses.ICR.read"), handled);
    cr_expect_eq(number(result, "accesses.IMC.write"), handled);
    cr_expect_eq(number(result, "accesses.IMS.write"), handled);
    cr_expect_eq(number(result, "accesses.STATUS.read"), 2 * handled);
    cr_expect_eq(number(result, "eoi_broadcasts"), handled);
    json_decref(result);
    return handled;
}

/* A fast guest has read the cause before the response comes in; a slow one, as the measured was, takes both at once. */
Test(driver_exits, e1000_request_response)
{
    cr_expect_eq(e1000_request_response("host.frequency=2.8GHz"), 400);
    cr_expect_eq(e1000_request_response("host.frequency=300MHz"), 200);
}

/* xmit_more: one doorbell for 32 packets handed over at once. */
static void burst(const char *strategy, const char *doorbells)
{
    char set[64];
    snprintf(set, sizeof(set), "strategy=%s", strategy);
    const char *sets[] = {set, "traffic[0].burst=32", "traffic[0].rate=20kpps", "duration=500ms", NULL};
    json_t *result = simulate(sets);
    cr_expect_float_eq(per_packet(result, doorbells), 1.0 / 32, 0.002);
    json_decref(result);
}

Test(driver_exits, doorbells_of_bursts)
{
    burst("emulation", "accesses.TDT.write");
    burst("virtio", "kicks.tx");
}

/* Saturated receive: the tail is written once for 16 buffers. */
Test(driver_exits, refills_of_saturated_receive)
{
    const char *sets[] = {"traffic[0].direction=receive", "traffic[0].rate=2Mpps", "duration=100ms", NULL};
    json_t *result = simulate(sets);
    double taken = number(result, "packets.delivered") + number(result, "packets.dropped.socket_full");
    cr_expect_gt(taken, 1000);
    cr_expect_float_eq(number(result, "accesses.RDT.write") / taken, 1.0 / 16, 0.002);
    json_decref(result);
}
