/* Planted faults: packets that are forgotten somewhere on their way. They stay in flight, and nobody holds them. */
#include "models/guest/ring_private.h"
#include "models/guest/virtio_net_private.h"
#include "models/nic/nic_private.h"
#include "models/traffic/census.h"
#include "tests/unit/models/planted_fault.h"

enum { TRANSMIT = TRAFFIC_TRANSMIT, RECEIVE = TRAFFIC_RECEIVE };

static void expect_leak(int strategy, int direction, bool (*plant)(struct planted_fault *fault))
{
    struct planted_fault fault;
    fault_prepare(&fault, strategy, direction);
    fault_expect(&fault, fault_run(&fault, plant, 0), "is in flight and nobody holds it");
}

static bool leak_backlog(struct planted_fault *fault)
{
    return packet_queue_pop(&fault->bench.system->traffic[0].app.backlog) != NULL;
}

Test(leaked_packet, from_the_senders_backlog)
{
    expect_leak(BENCH_NATIVE, TRANSMIT, leak_backlog);
}

static bool leak_socket(struct planted_fault *fault)
{
    return packet_queue_pop(&fault->bench.system->traffic[0].app.socket.queue) != NULL;
}

Test(leaked_packet, from_the_receivers_socket)
{
    expect_leak(BENCH_PASSTHROUGH, RECEIVE, leak_socket);
}

static bool leak_tap(struct planted_fault *fault)
{
    struct tap *tap = fault->bench.system->nics[0].bridge.ports[0];
    return packet_queue_pop(&tap->queue) != NULL;
}

Test(leaked_packet, from_a_tap)
{
    expect_leak(BENCH_EMULATION, RECEIVE, leak_tap);
}

static struct nic_queue *queue_of(struct planted_fault *fault)
{
    const struct attachment *attachment = &fault->bench.system->attachments[0];
    return nic_queue_of(fault->bench.system->nics[0].nic, attachment->endpoint, 0);
}

/* A transmit descriptor on the NIC loses a command bit. */
static bool clear_command(struct planted_fault *fault, uint8_t bit)
{
    struct tx_queue *tx = &queue_of(fault)->tx;
    for (uint32_t i = 0; i < tx->fetcher.window; i++) {
        if (tx->slots[i].state == TX_FREE)
            continue;
        tx->slots[i].descriptor.command &= (uint8_t)~bit;
        return true;
    }
    return false;
}

static bool leak_on_nic(struct planted_fault *fault)
{
    return clear_command(fault, TX_EOP);
}

Test(leaked_packet, on_the_nic)
{
    expect_leak(BENCH_PASSTHROUGH, TRANSMIT, leak_on_nic);
    expect_leak(BENCH_VIRTIO, TRANSMIT, leak_on_nic);
}

/* The descriptor's done bit gets lost: the driver will never look behind it. */
static bool hide_descriptor(struct planted_fault *fault)
{
    struct netdev *netdev = fault->bench.system->attachments[0].netdev;
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    struct ring *ring = &driver->queues[0].rx;
    struct rx_descriptor *descriptor = ring_descriptor(ring, netdev->kernel->memory, ring->next_to_clean);
    bool done = descriptor->status & DESC_DD;
    descriptor->status = 0;
    return done;
}

Test(leaked_packet, in_a_receive_ring)
{
    expect_leak(BENCH_NATIVE, RECEIVE, hide_descriptor);
    expect_leak(BENCH_EMULATION, RECEIVE, hide_descriptor);
}

/* The transmit ring forgets what a slot that the device has yet to send is about. */
static bool forget_slot(struct planted_fault *fault)
{
    struct netdev *netdev = fault->bench.system->attachments[0].netdev;
    struct ring_driver *driver = SIM_CONTAINER_OF(netdev, struct ring_driver, netdev);
    struct ring *ring = &driver->queues[0].tx;
    const struct ring_device *device = driver->config.device;
    uint32_t head = device->tx_head(device->self, 0);
    if (head == ring->next_to_use || fault->bench.config.duration - sim_now(fault->bench.sim) > SIM_US)
        return false;
    ring->slots[head].packet = NULL;
    return true;
}

/* An overloaded wire keeps the ring full to the end of the run. */
Test(leaked_packet, in_a_transmit_ring)
{
    struct planted_fault fault;
    fault_prepare(&fault, BENCH_NATIVE, TRANSMIT);
    fault.bench.nics[0].bit_rate = 1000000;
    fault.bench.nics[0].tx_fifo = 1000;
    fault_expect(&fault, fault_run(&fault, forget_slot, 0), "is in flight and nobody holds it");
}

/* A used buffer goes back to the pool unread. */
static bool skip_used(struct planted_fault *fault)
{
    struct netdev *netdev = fault->bench.system->attachments[0].netdev;
    struct virtio_net *net = SIM_CONTAINER_OF(netdev, struct virtio_net, netdev);
    uint16_t id;
    uint32_t length;
    return virtqueue_get(&net->pairs[0].rx, &id, &length);
}

Test(leaked_packet, in_a_virtqueue)
{
    for (int packed = 0; packed < 2; packed++) {
        struct planted_fault fault;
        fault_prepare(&fault, BENCH_VIRTIO, RECEIVE);
        fault.bench.vms[0].virtio.layout = packed ? VIRTIO_PACKED : VIRTIO_SPLIT;
        fault_expect(&fault, fault_run(&fault, skip_used, 0), "is in flight and nobody holds it");
    }
}

/* A packet ends while a queue still has it. */
static bool end_in_queue(struct planted_fault *fault)
{
    struct system *system = fault->bench.system;
    struct packet *packet = system->traffic[0].app.backlog.head;
    if (!packet || fault->bench.config.duration - sim_now(fault->bench.sim) > SIM_US)
        return false;
    path_drop(packet->path, packet, DROP_SOURCE_OVERRUN);
    return true;
}

Test(leaked_packet, that_has_ended_where_it_is_still_held)
{
    struct planted_fault fault;
    fault_prepare(&fault, BENCH_NATIVE, TRANSMIT);
    fault.bench.nics[0].bit_rate = 1000000;
    fault.bench.nics[0].tx_ring = 64;
    fault.bench.traffic[0].rate = INT64_C(2000) * 1000 * 1000;
    fault_expect(&fault, fault_run(&fault, end_in_queue, 0), "held that have ended");
}

static bool drop_completion(struct planted_fault *fault)
{
    return clear_command(fault, TX_RS);
}

Test(leaked_packet, a_completion_that_is_never_written_back_is_noticed)
{
    struct planted_fault fault;
    fault_prepare(&fault, BENCH_PASSTHROUGH, TRANSMIT);
    fault_expect(&fault, fault_run(&fault, drop_completion, 0), "completions:");
}

/* ---- the census itself ---- */

Test(leaked_packet, a_census_counts_each_packet_once)
{
    struct sim_pool *pool = sim_pool_create(sizeof(struct packet), 4);
    struct packet_queue queue = {0};
    struct packet *held = sim_pool_take(pool), *lost = sim_pool_take(pool), *gone = sim_pool_take(pool);
    sim_pool_give(pool, gone);
    packet_queue_push(&queue, held);
    struct census *census = census_start(pool);
    census_packet(census, NULL);
    census_packet(census, held);
    census_queue(census, &queue);
    census_handle(census, sim_pool_handle(pool, held));
    struct census_result result = census_end(census);
    cr_expect_eq(result.alive, 2);
    cr_expect_eq(result.held, 1);
    cr_expect_eq(result.gone, 0);
    cr_expect_eq(result.lost, lost);
    census = census_start(pool);
    census_packet(census, gone);
    census_packet(census, held);
    census_packet(census, lost);
    result = census_end(census);
    cr_expect_eq(result.gone, 1);
    cr_expect_null(result.lost);
    sim_pool_destroy(pool);
}
