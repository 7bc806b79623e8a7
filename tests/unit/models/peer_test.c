/* The far end of a wire: when packets end there, when answers and its own packets start, what is lost. */
#include "models/nic/wire.h"
#include "sim/pool.h"
#include "tests/unit/models/traffic_fixture.h"

#define GBIT INT64_C(1000000000)
#define PROPAGATION (5 * SIM_NS)

/* A line of 10 Gb/s: 800 ps a byte. */
enum { BYTE = 800, SEEN_MAX = 4096 };

/* The NIC's side: notes when frames arrive, and delivers them. */
struct bench {
    struct wire_end end;
    struct sim *sim;
    struct sim_pool *pool;
    struct wire *wire;
    struct peer *peer;
    struct path path, other;
    struct sim_event event;
    void (*then)(struct bench *bench);
    size_t seen;
    sim_time arrived[SEEN_MAX], started[SEEN_MAX];
    uint64_t id[SEEN_MAX];
    const struct path *on[SEEN_MAX];
};

static void arrived(struct wire_end *end, struct packet *packet)
{
    struct bench *bench = SIM_CONTAINER_OF(end, struct bench, end);
    bench->arrived[bench->seen] = sim_now(bench->sim);
    bench->started[bench->seen] = packet->start;
    bench->on[bench->seen] = packet->path;
    bench->id[bench->seen++] = packet->id;
    path_deliver(packet->path, packet, packet->last);
}

static void fire(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct bench *bench = SIM_CONTAINER_OF(event, struct bench, event);
    bench->then(bench);
}

static struct bench *bench_create(void)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    bench->sim = sim_create(&(struct sim_config){.seed = 1});
    bench->pool = sim_pool_create(sizeof(struct packet), 64);
    bench->wire = wire_create(bench->sim, "wire", 10 * GBIT, PROPAGATION);
    bench->end.receive = arrived;
    wire_attach(bench->wire, 0, &bench->end);
    bench->peer = peer_create(bench->sim, "peer0", bench->wire);
    path_init(&bench->path, bench->sim, "a", bench->pool);
    path_init(&bench->other, bench->sim, "b", bench->pool);
    sim_event_init(&bench->event, fire, 0, 0);
    return bench;
}

static void bench_destroy(struct bench *bench)
{
    const struct path *const paths[] = {&bench->path, &bench->other};
    cr_assert(paths_check(paths, 2));
    path_destroy(&bench->path);
    path_destroy(&bench->other);
    peer_destroy(bench->peer);
    wire_destroy(bench->wire);
    sim_pool_destroy(bench->pool);
    sim_destroy(bench->sim);
    free(bench);
}

static void run_then(struct bench *bench, sim_time when, void (*then)(struct bench *bench))
{
    bench->then = then;
    sim_schedule(bench->sim, &bench->event, when);
    sim_run(bench->sim, when);
}

static struct peer_port *open_port(struct bench *bench, struct path *path, sim_time delay, uint32_t backlog)
{
    return peer_open(bench->peer, path,
                     &(struct peer_service){.response = 196, .delay = delay, .backlog = backlog});
}

Test(peer, swallows_data_at_the_last_bit_on_the_wire)
{
    struct bench *bench = bench_create();
    struct packet *packet = path_packet(&bench->path, 60);
    wire_send(bench->wire, 0, packet);
    sim_run(bench->sim, 72 * BYTE + PROPAGATION - 1);
    cr_assert_eq(bench->path.total.delivered, 0);
    sim_run(bench->sim, 72 * BYTE + PROPAGATION);
    cr_assert_eq(bench->path.total.delivered, 1);
    cr_assert_eq(bench->path.total.latency_time, 72 * BYTE); /* 60 + FCS 4 + preamble 8 */
    cr_assert_eq(bench->path.total.stage_time[STAGE_PEER], 0);
    bench_destroy(bench);
}

static struct packet *send_request(struct bench *bench, struct path *path, uint32_t length)
{
    struct packet *packet = path_packet(path, length);
    packet->kind = PACKET_REQUEST;
    packet->endpoint = 3;
    packet->station = 2;
    wire_send(bench->wire, 0, packet);
    return packet;
}

Test(peer, answers_a_request_after_its_delay)
{
    struct bench *bench = bench_create();
    open_port(bench, &bench->path, 10 * SIM_US, 1);
    struct packet *packet = send_request(bench, &bench->path, 60);
    sim_time out = 72 * BYTE, answered = out + PROPAGATION + 10 * SIM_US, back = answered + 208 * BYTE;
    sim_run(bench->sim, answered - 1);
    cr_assert_eq(packet->kind, PACKET_REQUEST);
    sim_run(bench->sim, answered);
    cr_assert_eq(packet->kind, PACKET_RESPONSE);
    cr_assert_eq(packet->direction, PACKET_RECEIVE);
    cr_assert_eq(packet->length, 196);
    cr_assert_eq(packet->segments, 1);
    cr_assert_eq(packet->endpoint, 3);
    cr_assert_eq(packet->station, 2);
    cr_assert_eq(packet->stage[STAGE_PEER], PROPAGATION + 10 * SIM_US);
    sim_run(bench->sim, back + PROPAGATION);
    cr_assert_eq(bench->seen, 1);
    cr_assert_eq(bench->arrived[0], back + PROPAGATION);
    cr_assert_eq(bench->path.total.latency_time, back);
    cr_assert_eq(bench->path.total.stage_time[STAGE_WIRE], (72 + 208) * BYTE);
    bench_destroy(bench);
}

/* Three requests back to back; the answers are larger, so they queue for the line. */
Test(peer, answers_leave_in_order_behind_one_another)
{
    struct bench *bench = bench_create();
    open_port(bench, &bench->path, SIM_US, 1);
    for (int i = 0; i < 3; i++)
        send_request(bench, &bench->path, 60);
    sim_run(bench->sim, 10 * SIM_US);
    sim_time first = 72 * BYTE + PROPAGATION + SIM_US;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(bench->id[i], (uint64_t)i + 1);
        cr_assert_eq(bench->arrived[i], first + i * 220 * BYTE + 208 * BYTE + PROPAGATION);
    }
    cr_assert_eq(bench->path.total.stage_time[STAGE_WIRE_WAIT],
                 84 * BYTE * (1 + 2) + (220 - 84) * BYTE * (1 + 2));
    bench_destroy(bench);
}

Test(peer, paths_with_different_delays_do_not_wait_for_each_other)
{
    struct bench *bench = bench_create();
    open_port(bench, &bench->path, 50 * SIM_US, 1);
    open_port(bench, &bench->other, 0, 1);
    send_request(bench, &bench->path, 60);
    send_request(bench, &bench->other, 60);
    sim_run(bench->sim, 100 * SIM_US);
    cr_assert_eq(bench->on[0], &bench->other);
    cr_assert_eq(bench->arrived[0], (84 + 72 + 208) * BYTE + 2 * PROPAGATION);
    cr_assert_eq(bench->on[1], &bench->path);
    cr_assert_eq(bench->arrived[1], 72 * BYTE + 50 * SIM_US + 208 * BYTE + 2 * PROPAGATION);
    bench_destroy(bench);
}

static void send_five(struct bench *bench)
{
    struct peer_port *port = open_port(bench, &bench->path, 0, 3);
    for (int i = 0; i < 5; i++)
        peer_send(port, path_packet(&bench->path, 60));
}

/* The first starts at once, three wait for the line, the fifth is one too many. */
Test(peer, starts_a_packet_with_its_first_bit_and_drops_what_the_backlog_does_not_hold)
{
    struct bench *bench = bench_create();
    run_then(bench, SIM_US, send_five);
    cr_assert_eq(bench->path.total.dropped[DROP_SOURCE_OVERRUN], 1);
    sim_run(bench->sim, 2 * SIM_US);
    cr_assert_eq(bench->seen, 4);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(bench->started[i], SIM_US + i * 84 * BYTE, "packet %d", i);
        cr_assert_eq(bench->arrived[i], bench->started[i] + 72 * BYTE + PROPAGATION);
    }
    cr_assert_eq(bench->path.total.latency_time, 4 * 72 * BYTE);
    bench_destroy(bench);
}

static struct peer_port *port_of_test;

static void fill_then_probe(struct bench *bench)
{
    peer_send(port_of_test, path_packet(&bench->path, 60));
}

/* A place in the backlog is free when the line takes the packet that had it: not 1 ps before. */
Test(peer, frees_a_place_in_the_backlog_when_the_line_takes_the_packet)
{
    for (int late = 0; late < 2; late++) {
        struct bench *bench = bench_create();
        port_of_test = open_port(bench, &bench->path, 0, 1);
        peer_send(port_of_test, path_packet(&bench->path, 60)); /* on the line */
        peer_send(port_of_test, path_packet(&bench->path, 60)); /* waits until byte 84 */
        run_then(bench, 84 * BYTE - 1 + late, fill_then_probe);
        cr_assert_eq(bench->path.total.dropped[DROP_SOURCE_OVERRUN], 1 - late);
        sim_run(bench->sim, SIM_US);
        cr_assert_eq(bench->path.total.delivered, 2 + late);
        bench_destroy(bench);
    }
}

static void send_many(struct bench *bench)
{
    for (int i = 0; i < 20; i++)
        peer_send(port_of_test, path_packet(&bench->other, 1514));
}

/* Answers and the peer's own packets share the line, first come first served. */
Test(peer, an_answer_queues_behind_what_was_sent_before_it)
{
    struct bench *bench = bench_create();
    open_port(bench, &bench->path, SIM_US, 1);
    port_of_test = open_port(bench, &bench->other, 0, 100);
    send_request(bench, &bench->path, 60);
    run_then(bench, 500 * SIM_NS, send_many);
    sim_run(bench->sim, 100 * SIM_US);
    cr_assert_eq(bench->seen, 21);
    cr_assert_eq(bench->on[20], &bench->path);
    cr_assert_eq(bench->arrived[20], 500 * SIM_NS + 20 * 1538 * BYTE + 208 * BYTE + PROPAGATION);
    bench_destroy(bench);
}
