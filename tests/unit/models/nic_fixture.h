/*
 * What the tests of the NIC share: a NIC below a root complex, the least of a driver (rings and buffers in memory, tails by
 * MMIO), a far end that takes what is sent, and a second device that measures the parts of a transfer alone.
 */
#ifndef TESTS_UNIT_MODELS_NIC_FIXTURE_H
#define TESTS_UNIT_MODELS_NIC_FIXTURE_H

#include <stdio.h>

#include "models/guest/device_access.h"
#include "models/nic/nic.h"
#include "sim/pool.h"
#include "tests/unit/models/pcie_fixture.h"

#define GBPS INT64_C(1000000000)

enum { RING = 512, BUFFER = 2048, LOG_MAX = 4096, MOMENT = 10 * 1000 * 1000 };

static const struct nic_config nic_defaults = {
    .bit_rate = 10 * GBPS,
    .queues = 1,
    .vfs = 2,
    .tx_ring = RING,
    .rx_ring = RING,
    .descriptor_size = 16,
    .tx_prefetch = 32,
    .rx_prefetch = 32,
    .reads_in_flight = 24,
    .tx_fifo = 160 << 10,
    .rx_fifo = 512 << 10,
    .rx_drop = true,
    .cable = 10007,
    .bus = 1,
    .tx_latency = 200003,
    .rx_latency = 300007,
    .tso_max = 65536,
};

/* One queue pair as its driver sees it. */
struct driver {
    unsigned function, queue;
    struct nic_ring ring;
    uint64_t tx_buffers, rx_buffers; /* HPA */
    uint32_t tx_tail, rx_tail;       /* next to fill */
    uint32_t tx_clean, rx_clean;     /* next to look at */
    unsigned interrupts;
    sim_time interrupt_at; /* [ps] the last */
};

static struct nic *nic;
static struct sim_pool *packets;
static struct path sent, received;
static unsigned far_count;
static sim_time far_at[LOG_MAX]; /* [ps] last bit sent, by arrival */
static uint64_t far_id[LOG_MAX];
static unsigned far_endpoint[LOG_MAX];

static inline void far_receive(struct wire_end *end, struct packet *packet)
{
    (void)end;
    cr_assert_lt(far_count, LOG_MAX);
    far_at[far_count] = packet->last;
    far_id[far_count] = packet->id;
    far_endpoint[far_count++] = packet->endpoint;
    path_deliver(packet->path, packet, packet->last);
}

static struct wire_end far_end = {.receive = far_receive};

static inline void nic_start(const struct nic_config *config)
{
    struct nic_config filled = *config;
    if (filled.link.generation == 0)
        filled.link = link_defaults;
    fixture_setup();
    packets = sim_pool_create(sizeof(struct packet), 64);
    path_init(&sent, sim, "sent", packets);
    path_init(&received, sim, "received", packets);
    root = root_complex_create(sim, "rc0", &root_defaults, memory, NULL, 0);
    nic = nic_create(sim, "nic0", &filled, root, packets);
    wire_attach(nic_wire(nic), 1, &far_end);
    far_count = 0;
}

static inline void nic_stop(void)
{
    nic_destroy(nic);
    root_complex_destroy(root);
    path_destroy(&sent);
    path_destroy(&received);
    sim_pool_destroy(packets);
    memory_destroy(memory);
    sim_destroy(sim);
}

static inline void check_conservation(void)
{
    const struct path *both[] = {&sent, &received};
    cr_expect(paths_check(both, 2));
}

static inline uint64_t touched_area(int node, uint64_t size)
{
    uint64_t hpa = memory_allocate(memory, node, size, PAGE_SIZE);
    cr_assert_neq(hpa, 0);
    for (uint64_t page = 0; page < size; page += PAGE_SIZE)
        memory_bytes(memory, hpa + page)[0] = 0;
    return hpa;
}

static inline void note_interrupt(void *self, unsigned vector)
{
    struct driver *driver = self;
    (void)vector;
    driver->interrupts++;
    driver->interrupt_at = sim_now(sim);
}

/* A message address that ends at the driver. */
static inline uint64_t message_to(struct driver *driver)
{
    unsigned index = msi_allocate(root);
    msi_route_posted(root, index, note_interrupt, driver, 0);
    return msi_address(index);
}

static inline struct driver driver_make(unsigned function, unsigned queue)
{
    struct driver driver = {.function = function, .queue = queue};
    driver.ring.tx_size = RING;
    driver.ring.rx_size = RING;
    driver.ring.tx_base = touched_area(0, RING * 16);
    driver.ring.rx_base = touched_area(0, RING * 16);
    driver.tx_buffers = touched_area(0, RING * BUFFER);
    driver.rx_buffers = touched_area(0, RING * BUFFER);
    return driver;
}

static inline void driver_start(struct driver *driver)
{
    driver->ring.msi_address = message_to(driver);
    nic_setup_queue(nic, driver->function, driver->queue, &driver->ring);
}

static inline void write_register(const struct driver *driver, enum device_register reg, uint64_t value)
{
    mmio_write(nic_dma(nic), driver->function, device_register_offset(reg, driver->queue), value);
}

static inline struct tx_descriptor *tx_descriptor_at(const struct driver *driver, uint32_t index)
{
    return (struct tx_descriptor *)memory_bytes(memory, driver->ring.tx_base + index * 16);
}

static inline struct rx_descriptor *rx_descriptor_at(const struct driver *driver, uint32_t index)
{
    return (struct rx_descriptor *)memory_bytes(memory, driver->ring.rx_base + index * 16);
}

/* Describes a new packet to the NIC, its payload at `buffer`; the tail is not written. */
static inline struct packet *tx_describe(struct driver *driver, uint32_t length, uint32_t gso_size,
                                         uint64_t buffer)
{
    struct packet *packet = path_packet(&sent, length);
    packet->endpoint = (uint16_t)driver->function;
    packet->gso_size = gso_size;
    memory_tag(memory, buffer, length, sim_pool_handle(packets, packet));
    *tx_descriptor_at(driver, driver->tx_tail) = (struct tx_descriptor){
        .address = buffer,
        .length = length,
        .mss = (uint16_t)gso_size,
        .command = (uint8_t)(TX_EOP | TX_RS | (gso_size ? TX_TSO : 0)),
    };
    driver->tx_tail = (driver->tx_tail + 1) % driver->ring.tx_size;
    return packet;
}

static inline struct packet *tx_put(struct driver *driver, uint32_t length)
{
    return tx_describe(driver, length, 0, driver->tx_buffers + (uint64_t)driver->tx_tail * BUFFER);
}

static inline void tx_ring_doorbell(struct driver *driver)
{
    write_register(driver, REG_TX_TAIL, driver->tx_tail);
}

/* Descriptors written back since the last call. */
static inline unsigned tx_reclaim(struct driver *driver)
{
    unsigned count = 0;
    for (; driver->tx_clean != driver->tx_tail; count++) {
        if (!(tx_descriptor_at(driver, driver->tx_clean)->status & DESC_DD))
            break;
        driver->tx_clean = (driver->tx_clean + 1) % driver->ring.tx_size;
    }
    return count;
}

/* Puts `count` buffers on the receive ring; the tail is not written. */
static inline void rx_put(struct driver *driver, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        *rx_descriptor_at(driver, driver->rx_tail) =
            (struct rx_descriptor){.address = driver->rx_buffers + (uint64_t)driver->rx_tail * BUFFER};
        driver->rx_tail = (driver->rx_tail + 1) % driver->ring.rx_size;
    }
}

static inline void rx_put_first(struct driver *driver, unsigned count)
{
    rx_put(driver, count);
    nic_first_rx_tail(nic, driver->function, driver->queue, driver->rx_tail);
}

/* Takes the next received packet off the ring, NULL if there is none. */
static inline struct packet *rx_take(struct driver *driver)
{
    const struct rx_descriptor *descriptor = rx_descriptor_at(driver, driver->rx_clean);
    if (!(descriptor->status & DESC_DD))
        return NULL;
    struct packet *packet = sim_pool_at(packets, memory_tag_at(memory, descriptor->address));
    cr_assert_not_null(packet);
    cr_assert_eq(packet->length, descriptor->length);
    driver->rx_clean = (driver->rx_clean + 1) % driver->ring.rx_size;
    return packet;
}

/* Takes and delivers all that was received; returns how many. */
static inline unsigned rx_drain(struct driver *driver)
{
    unsigned count = 0;
    for (struct packet *packet; (packet = rx_take(driver)) != NULL; count++)
        path_deliver(packet->path, packet, packet->last);
    return count;
}

/* The far end sends a frame to `function` now. */
static inline struct packet *far_send(unsigned function, uint32_t flow, uint32_t length)
{
    struct packet *packet = path_packet(&received, length);
    packet->direction = PACKET_RECEIVE;
    packet->endpoint = (uint16_t)function;
    packet->flow = flow;
    wire_send(nic_wire(nic), 1, packet);
    return packet;
}

/* ---- the parts of a transfer, each measured alone on an idle link of the same kind ---- */

static inline struct dma *idle_device(const struct register_target *target)
{
    static int number;
    char name[32];
    snprintf(name, sizeof(name), "probe%d", number++);
    struct pcie_link_config link = nic_config(nic)->link;
    struct dma *device = dma_create(sim, root, name, &link, target);
    dma_function(device, REQUESTER);
    return device;
}

/* From dma_read() to the last completion [ps]. */
static inline sim_time read_time(uint64_t hpa, uint32_t length)
{
    static struct probe probe;
    struct dma *device = idle_device(NULL);
    sim_time start = sim_now(sim);
    probe_init(&probe, hpa, length, false);
    dma_read(device, 0, &probe.request);
    sim_run(sim, start + MOMENT);
    dma_destroy(device);
    cr_assert_neq(probe.done, -1);
    return probe.done - start;
}

/* From two writes issued together, payload and descriptor, to the second's visibility [ps]. */
static inline sim_time write_time(uint64_t payload_hpa, uint32_t length, uint64_t descriptor_hpa)
{
    static struct probe payload, descriptor;
    struct dma *device = idle_device(NULL);
    sim_time start = sim_now(sim);
    probe_init(&payload, payload_hpa, length, false);
    probe_init(&descriptor, descriptor_hpa, 16, true);
    dma_write(device, 0, &payload.request);
    dma_write(device, 0, &descriptor.request);
    sim_run(sim, start + MOMENT);
    dma_destroy(device);
    cr_assert_neq(descriptor.done, -1);
    return descriptor.done - start;
}

static sim_time register_arrived;

static inline void note_register(void *self, unsigned function, uint32_t offset, uint64_t value)
{
    (void)self, (void)function, (void)offset, (void)value;
    register_arrived = sim_now(sim);
}

/* From a core's register write to its arrival at the device [ps]. */
static inline sim_time doorbell_time(void)
{
    struct register_target target = {.write = note_register};
    struct dma *device = idle_device(&target);
    sim_time start = sim_now(sim);
    mmio_write(device, 0, 0, 1);
    sim_run(sim, start + MOMENT);
    dma_destroy(device);
    return register_arrived - start;
}

#endif
