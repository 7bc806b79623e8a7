/*
 * A bench for sources: the application is the one of this file. What a source hands it is noted, and ends when the test
 * says so, or after `service`. Included once a program, as it stands in for models/guest/app.c.
 */
#ifndef TESTS_UNIT_MODELS_SOURCE_FIXTURE_H
#define TESTS_UNIT_MODELS_SOURCE_FIXTURE_H

#include "models/nic/wire.h"
#include "sim/pool.h"
#include "tests/unit/models/traffic_fixture.h"

enum { NOTES_MAX = 20000 };

struct note {
    sim_time when;
    uint32_t length, gso_size, flow;
    uint16_t segments;
    bool more;
};

static struct bench {
    struct sim *sim;
    struct sim_pool *pool;
    struct wire *wire;
    struct peer *peer;
    struct wire_end end;
    struct path path, reverse;
    struct app app;
    struct source *source;
    struct packet_queue queue; /* handed over and not ended */
    struct note notes[NOTES_MAX];
    size_t count;
    int64_t received;
    struct sim_event event;
    sim_time service; /* [ps] the application takes for a packet; 0: they do not end by themselves */
} bench;

static void note(const struct packet *packet)
{
    cr_assert_lt(bench.count, (size_t)NOTES_MAX);
    bench.notes[bench.count++] = (struct note){
        .when = sim_now(bench.sim),
        .length = packet->length,
        .gso_size = packet->gso_size,
        .flow = packet->flow,
        .segments = packet->segments,
        .more = packet->more,
    };
}

/* In place of models/guest/app.c. */
void app_submit(struct app *app, struct packet *packet)
{
    cr_assert_eq(app, &bench.app);
    note(packet);
    packet_queue_push(&bench.queue, packet);
    if (bench.service > 0 && !sim_event_pending(&bench.event))
        sim_schedule(bench.sim, &bench.event, sim_now(bench.sim) + bench.service);
}

static inline void end_packet(bool delivered)
{
    struct packet *packet = packet_queue_pop(&bench.queue);
    packet_mark(packet, STAGE_APP, sim_now(bench.sim));
    if (delivered)
        path_deliver(packet->path, packet, packet->last);
    else
        path_drop(packet->path, packet, DROP_SOCKET_FULL);
}

static void serve(struct sim *sim, struct sim_event *event)
{
    end_packet(true);
    if (bench.queue.head && !sim_event_pending(event))
        sim_schedule(sim, event, sim_now(sim) + bench.service);
}

static void receive(struct wire_end *end, struct packet *packet)
{
    (void)end;
    bench.received++;
    cr_assert_leq(packet->length, (uint32_t)FRAME_MTU_MAX);
    note(packet);
    path_deliver(packet->path, packet, packet->last);
}

static inline void bench_start(const struct traffic_config *config, uint32_t gso_max, struct path *reverse)
{
    memset(&bench, 0, sizeof(bench));
    bench.sim = sim_create(&(struct sim_config){.seed = 42});
    bench.pool = sim_pool_create(sizeof(struct packet), 64);
    bench.wire = wire_create(bench.sim, "wire", INT64_C(10000000000), 0);
    bench.end.receive = receive;
    wire_attach(bench.wire, 0, &bench.end);
    bench.peer = peer_create(bench.sim, "peer0", bench.wire);
    path_init(&bench.path, bench.sim, "traffic0", bench.pool);
    path_init(&bench.reverse, bench.sim, "traffic0.reverse", bench.pool);
    sim_event_init(&bench.event, serve, 0, 0);
    struct source_target target = {.app = &bench.app,
                                   .peer = bench.peer,
                                   .endpoint = 4,
                                   .station = 5,
                                   .gso_max = gso_max,
                                   .reverse = reverse};
    bench.source = source_create(bench.sim, config, &bench.path, &target);
    source_start(bench.source);
}

static inline void bench_stop(struct traffic_config *config)
{
    const struct path *const paths[] = {&bench.path, &bench.reverse};
    cr_assert(paths_check(paths, 2));
    source_destroy(bench.source);
    path_destroy(&bench.path);
    path_destroy(&bench.reverse);
    peer_destroy(bench.peer);
    wire_destroy(bench.wire);
    sim_pool_destroy(bench.pool);
    sim_destroy(bench.sim);
    free_variants(config);
}

#endif
