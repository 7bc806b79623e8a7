#include <criterion/criterion.h>

#include "models/backend/multiqueue_tap.h"
#include "models/traffic/path.h"
#include "sim/pool.h"

struct tap_bench {
    struct sim *sim;
    struct sim_pool *packets;
    struct kernel host;
    struct netdev uplink;
    struct bridge bridge;
    struct multiqueue_tap tap;
    struct path path;
    unsigned readable;
};

static struct sleeper *count_readable(struct tap *tap, void *self)
{
    struct tap_bench *bench = self;
    (void)tap;
    bench->readable++;
    return NULL;
}

static void create(struct tap_bench *bench, unsigned queues)
{
    struct sim_config sim = {.seed = 1};
    *bench = (struct tap_bench){.sim = sim_create(&sim), .uplink = {.queues = 4}};
    bench->host.sim = bench->sim;
    bench->packets = sim_pool_create(sizeof(struct packet), 16);
    path_init(&bench->path, bench->sim, "path", bench->packets);
    bridge_init(&bench->bridge, &bench->host, &bench->uplink);
    multiqueue_tap_init(&bench->tap, &bench->bridge, 7, queues, 3, 4, 2);
    for (unsigned i = 0; i < queues; i++) {
        bench->tap.queues[i].readable = count_readable;
        bench->tap.queues[i].self = bench;
    }
}

static void destroy(struct tap_bench *bench)
{
    for (unsigned i = 0; i < bench->tap.count; i++)
        for (struct packet *packet; (packet = tap_receive(&bench->tap.queues[i]));)
            path_drop(&bench->path, packet, DROP_TAP_FULL);
    multiqueue_tap_destroy(&bench->tap);
    cr_expect(path_check(&bench->path));
    cr_expect_eq(sim_pool_live(bench->packets), 0);
    path_destroy(&bench->path);
    sim_pool_destroy(bench->packets);
    sim_destroy(bench->sim);
}

static struct packet *packet_of(struct tap_bench *bench, uint32_t flow)
{
    struct packet *packet = path_packet(&bench->path, 60);
    packet->flow = flow;
    packet->station = 7;
    return packet;
}

static void receive(struct tap_bench *bench, uint32_t flow)
{
    sleeper_wake_now(bench->bridge.handler.commit(&bench->bridge, packet_of(bench, flow)));
}

Test(multiqueue_tap, flows_are_spread_over_the_queues)
{
    struct tap_bench bench;
    create(&bench, 3);
    for (uint32_t flow = 0; flow < 6; flow++)
        receive(&bench, flow);
    for (unsigned i = 0; i < 3; i++)
        cr_expect_eq(bench.tap.queues[i].queue.count, 2);
    cr_expect_eq(bench.readable, 3, "once each, when it was empty");
    destroy(&bench);
}

Test(multiqueue_tap, a_flow_that_was_sent_comes_back_to_its_sender)
{
    struct tap_bench bench;
    create(&bench, 3);
    struct packet *sent = packet_of(&bench, 4);
    multiqueue_tap_learn(&bench.tap, 2, sent);
    path_drop(&bench.path, sent, DROP_TAP_FULL);
    receive(&bench, 4);
    cr_expect_eq(bench.tap.queues[2].queue.count, 1);
    destroy(&bench);
}

Test(multiqueue_tap, each_queue_has_the_limit)
{
    struct tap_bench bench;
    create(&bench, 2);
    for (unsigned i = 0; i < 5; i++)
        receive(&bench, 0);
    receive(&bench, 1);
    cr_expect_eq(bench.tap.queues[0].queue.count, 2);
    cr_expect_eq(bench.tap.queues[1].queue.count, 1);
    cr_expect_eq(bench.path.total.dropped[DROP_TAP_FULL], 3);
    destroy(&bench);
}

Test(multiqueue_tap, queues_send_on_the_uplinks_queues_in_turn)
{
    struct tap_bench bench;
    create(&bench, 3);
    cr_expect_eq(bench.tap.queues[0].uplink_queue, 3);
    cr_expect_eq(bench.tap.queues[1].uplink_queue, 0);
    cr_expect_eq(bench.tap.queues[2].uplink_queue, 1);
    destroy(&bench);
}

Test(multiqueue_tap, one_queue_is_the_port_itself)
{
    struct tap_bench bench;
    create(&bench, 1);
    cr_expect_eq(bench.bridge.ports[7], &bench.tap.queues[0]);
    receive(&bench, 5);
    cr_expect_eq(bench.tap.queues[0].queue.count, 1);
    destroy(&bench);
}
