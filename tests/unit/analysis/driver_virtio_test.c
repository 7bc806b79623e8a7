/*
 * The virtio guests that docs/models/drivers.md lists: every ring, notification, backend and interrupt, whose counts a
 * packet are derived there, and the measured rows.
 */
#include "tests/unit/analysis/driver_sets.h"

/* A guest of the virtio device; `port`: the legacy interface, which knows the split ring alone. */
struct virtio_guest {
    bool packed, event_index, qemu, msix, port;
};

static void set_virtio(struct sets *sets, const struct virtio_guest *guest)
{
    set(sets, "strategy=virtio");
    set(sets, guest->packed ? "vms[0].virtio.layout=packed" : "vms[0].virtio.layout=split");
    set(sets, guest->event_index ? "vms[0].virtio.event_index=true" : "vms[0].virtio.event_index=false");
    set(sets, guest->qemu ? "vms[0].virtio.backend=qemu" : "vms[0].virtio.backend=vhost");
    set(sets, guest->msix ? "vms[0].virtio.interrupts_msix=true" : "vms[0].virtio.interrupts_msix=false");
    set(sets, guest->port ? "vms[0].virtio.notify=port" : "vms[0].virtio.notify=mmio");
}

/* Counts a packet: kicks of the transmit queue, interrupts of the receive and of the transmit queue. */
struct virtio_counts {
    const char *direction;
    int kicks, rx, tx;
};

static void check_virtio_counts(const json_t *result, const struct virtio_guest *guest,
                                const struct virtio_counts *counts, const char *what)
{
    int packets = (int)number(result, "packets.offered"), interrupts = packets * (counts->rx + counts->tx);
    cr_expect_eq(packets, 200);
    cr_expect_eq(number(result, "packets.delivered"), packets, "%s", what);
    cr_expect_eq(number(result, "kicks.rx"), 0, "%s", what);
    cr_expect_eq(number(result, "kicks.tx"), packets * counts->kicks, "%s", what);
    cr_expect_eq(number(result, "accesses.QUEUE_NOTIFY.write"), packets * counts->kicks, "%s", what);
    cr_expect_eq(number(result, "vms[0].virtqueues[0].kicks"), 0, "%s", what);
    cr_expect_eq(number(result, "vms[0].virtqueues[1].kicks"), packets * counts->kicks, "%s", what);
    cr_expect_eq(number(result, "vms[0].virtqueues[0].interrupts"), packets * counts->rx, "%s", what);
    cr_expect_eq(number(result, "vms[0].virtqueues[1].interrupts"), packets * counts->tx, "%s", what);
    cr_expect_eq(number(result, "interrupts.raised"), interrupts, "%s", what);
    cr_expect_eq(number(result, "interrupts.handled"), interrupts, "%s", what);
    cr_expect_eq(number(result, "accesses.ISR.read"), guest->msix ? 0 : interrupts, "%s", what);
    cr_expect_eq(number(result, "eoi_broadcasts"), guest->msix ? 0 : interrupts, "%s", what);
    int by_port = guest->port ? packets * counts->kicks + (guest->msix ? 0 : interrupts) : 0;
    cr_expect_eq(number(result, "exits.IO_INSTRUCTION"), by_port, "%s", what);
}

static void check_virtio(const struct virtio_guest *guest, const struct virtio_counts *counts,
                         enum period period, const char *size)
{
    char direction[64];
    struct sets sets = {.count = 0};
    snprintf(direction, sizeof(direction), "traffic[0].direction=%s", counts->direction);
    set_virtio(&sets, guest);
    set_period(&sets, period);
    set(&sets, direction);
    set(&sets, size);
    json_t *result = simulate(sets.list);
    check_virtio_counts(result, guest, counts, describe(&sets));
    json_decref(result);
}

static void each_virtio_guest(void (*check)(const struct virtio_guest *guest))
{
    for (int bits = 0; bits < 32; bits++) {
        struct virtio_guest guest = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
        if (!(guest.port && guest.packed))
            check(&guest);
    }
}

/* One kick for what is sent; one interrupt for what was sent, one for what came in: in every ring, by every way. */
static const struct virtio_counts virtio_tx = {"transmit", 1, 0, 1}, virtio_rx = {"receive", 0, 1, 0},
                                  virtio_rr = {"request_response", 1, 1, 1};

static void low_rate_counts(const struct virtio_guest *guest)
{
    check_virtio(guest, &virtio_tx, EVERY_10_MS, "traffic[0].size=64B");
    check_virtio(guest, &virtio_tx, EVERY_100_US, "traffic[0].size=1518B");
    check_virtio(guest, &virtio_rx, EVERY_10_MS, "traffic[0].size=1518B");
    check_virtio(guest, &virtio_rx, EVERY_100_US, "traffic[0].size=64B");
    check_virtio(guest, &virtio_rr, EVERY_MS, "traffic[0].size=64B");
}

Test(driver_virtio, at_low_rate)
{
    each_virtio_guest(low_rate_counts);
}

/* Sizes, layouts of buffers, offloads, several pairs: none of the driver's or device's decisions sees them at low rate. */
Test(driver_virtio, at_low_rate_whatever_the_queue)
{
    static const char *const keys[] = {"vms[0].virtio.queue_size=64",
                                       "vms[0].virtio.queue_size=1024",
                                       "vms[0].virtio.indirect=false",
                                       "vms[0].virtio.mergeable=false",
                                       "vms[0].virtio.gso=false",
                                       "vms[0].virtio.transitional=false",
                                       "vms[0].vcpus=2",
                                       "host.hypervisor.halt_poll=0"};
    static const struct virtio_guest guests[] = {{.event_index = true, .msix = true},
                                                 {.packed = true, .qemu = true}};
    static const struct virtio_counts *const counts[] = {&virtio_tx, &virtio_rx, &virtio_rr};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) * 6; i++)
        check_virtio(&guests[i % 2], counts[i / 2 % 3], EVERY_MS, keys[i / 6]);
}

/* napi_tx=0: the first completion interrupts, and its handler turns interrupts off until a queue is stopped. With event
 * index the driver leaves the ring alone, trusting that an event passed stays so: on a packed ring, whose flags still say
 * "always" from the start, every completion goes on interrupting. */
static void counts_without_tx_interrupts(const struct virtio_guest *guest)
{
    struct sets sets = {.count = 0};
    set_virtio(&sets, guest);
    set_period(&sets, EVERY_MS);
    set(&sets, "vms[0].virtio.tx_interrupts=false");
    json_t *result = simulate(sets.list);
    int interrupts = guest->event_index && guest->packed ? 200 : 1;
    cr_expect_eq(number(result, "kicks.tx"), 200, "%s", describe(&sets));
    cr_expect_eq(number(result, "interrupts.raised"), interrupts, "%s", describe(&sets));
    json_decref(result);
}

Test(driver_virtio, without_transmit_interrupts)
{
    each_virtio_guest(counts_without_tx_interrupts);
}

/* Bursts of 32 that the backend has caught up with before the next: one kick each. */
static void burst_kicks(const struct virtio_guest *guest)
{
    struct sets sets = {.count = 0};
    set_virtio(&sets, guest);
    set(&sets, "traffic[0].burst=32");
    set(&sets, "traffic[0].rate=6400pps");
    set(&sets, "duration=102ms");
    json_t *result = simulate(sets.list);
    cr_expect_eq(32 * number(result, "kicks.tx"), number(result, "packets.offered"), "%s", describe(&sets));
    json_decref(result);
}

Test(driver_virtio, kicks_of_bursts)
{
    each_virtio_guest(burst_kicks);
}

/* A guest that is slower than its backend finds its ring used up: each poll puts 64 buffers back, with one kick. It never
 * stops polling: no interrupts, but for a packed ring's stale event, which the device passes every second time around. */
Test(driver_virtio, kicks_of_a_starved_receive_queue)
{
    static const char *const layouts[] = {"vms[0].virtio.layout=split", "vms[0].virtio.layout=packed"};
    static const char *const events[] = {"vms[0].virtio.event_index=true", "vms[0].virtio.event_index=false"};
    for (int i = 0; i < 4; i++) {
        const char *sets[] = {"strategy=virtio",
                              layouts[i / 2],
                              events[i % 2],
                              "host.frequency=2.1GHz", /* polls from the first packet on */
                              "traffic[0].direction=receive",
                              "traffic[0].rate=2Mpps",
                              "duration=50ms",
                              NULL};
        json_t *result = simulate(sets);
        double taken = number(result, "packets.delivered") + number(result, "packets.dropped.socket_full");
        cr_expect_gt(taken, 10000);
        cr_expect_float_eq(number(result, "kicks.rx") / taken, 1.0 / 64, 0.002, "%s %s", layouts[i / 2],
                           events[i % 2]);
        cr_expect_leq(number(result, "interrupts.raised"), 10 + (i == 2 ? taken / 512 : 0), "%s %s",
                      layouts[i / 2], events[i % 2]);
        json_decref(result);
    }
}

/* ---- measured ---- */

Test(driver_virtio, measured_every_ms)
{
    struct sets guest = {.count = 0};
    set(&guest, "strategy=virtio");
    against("virtio-split-evidx", "tx_1ms_64", &guest, near_mean);
}

/* The IOMMU in front of the device changes nothing that driver and device agree on. */
Test(driver_virtio, behind_an_iommu_measured)
{
    static const char *const workloads[] = {"tx_low_64", "rx_low_64", "rx_low_1500"};
    struct sets guest = {.count = 0};
    set(&guest, "strategy=virtio");
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        against("virtio-iommu-lazy", workloads[i], &guest, near_mean);
}

/* Calls back to back: what driver and device exchange does not depend on the rate. */
Test(driver_virtio, closed_loop_measured)
{
    static const char *const configs[] = {"virtio-split-evidx", "virtio-split-evidx", "virtio-iommu-lazy"};
    static const char *const workloads[] = {"rr_closed_64", "rr_closed_1500", "rr_closed_64"};
    struct sets guest = {.count = 0};
    set(&guest, "strategy=virtio");
    set(&guest, "traffic[0].rate=0");
    set(&guest, "duration=20ms");
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        against(configs[i], workloads[i], &guest, near_mean);
}
