#include "models/pcie/link.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim/random.h"
#include "tests/unit/models/pcie_fixture.h"

enum { SENT_MAX = 4096 };

/* A receiver that logs what arrives and gives credits back `hold` after it. */
struct sink {
    struct tlp_port port;
    sim_time hold; /* [ps] */
    struct tlp *got[SENT_MAX];
    sim_time when[SENT_MAX];
    unsigned count;
};

static struct sink sink, other;
static struct link link, back;
static struct tlp pool[SENT_MAX];
static unsigned used;
static const uint64_t high = UINT64_C(0x100000000);

static void sink_deliver(struct tlp_port *port, struct tlp *tlp, sim_time when)
{
    struct sink *self = port->self;
    cr_assert(port->ahead || when == sim_now(sim));
    self->got[self->count] = tlp;
    self->when[self->count++] = when;
    tlp_release(port, tlp, when + self->hold);
}

static void setup(void)
{
    fixture_setup();
    used = 0;
    sink = (struct sink){.port = {.deliver = sink_deliver, .self = &sink}};
    other = (struct sink){.port = {.deliver = sink_deliver, .self = &other}};
}

static void teardown(void)
{
    link_destroy(&link);
    link_destroy(&back);
    fixture_teardown();
}

TestSuite(link, .init = setup, .fini = teardown);

static void connect(const struct pcie_link_config *config)
{
    uint16_t component = sim_component(sim, "link");
    link_init(&link, sim, component, 1, config, &sink.port, &back);
    link_init(&back, sim, component, 2, config, &other.port, &link);
}

static struct tlp *make(enum tlp_class kind, uint32_t bytes)
{
    struct tlp *tlp = &pool[used++];
    struct tlp request;
    switch (kind) {
    case TLP_POSTED:
        tlp_make_write(tlp, 1, high, bytes);
        break;
    case TLP_NONPOSTED:
        tlp_make_read(tlp, 1, 0, high, bytes);
        break;
    default:
        tlp_make_read(&request, 1, 0, high, bytes);
        tlp_make_completion(tlp, &request, high, bytes, bytes);
        break;
    }
    return tlp;
}

static void send_now(void *tlp)
{
    link_send(&link, tlp);
}

/* ---- time ---- */

Test(link, a_tlp_arrives_when_its_last_byte_has_crossed)
{
    for (int64_t generation = 1; generation <= 5; generation += 2) {
        struct pcie_link_config config = link_defaults;
        config.generation = generation;
        config.width = 4;
        char name[] = "link0";
        name[4] = (char)('0' + generation);
        link_init(&link, sim, sim_component(sim, name), 1, &config, &sink.port, &back);
        sim_time start = sim_now(sim);
        sim_time arrival = crossed(&config, start, 24 + 200);
        unsigned before = sink.count;
        link_send(&link, make(TLP_POSTED, 200));
        sim_run(sim, arrival - 1);
        cr_expect_eq(sink.count, before);
        sim_run(sim, arrival);
        cr_expect_eq(sink.count, before + 1);
        if (generation < 5)
            link_destroy(&link);
    }
    link_init(&back, sim, sim_component(sim, "back"), 1, &link_defaults, &other.port, NULL);
}

Test(link, back_to_back_no_fraction_of_a_picosecond_is_lost)
{
    connect(&link_defaults);
    int64_t num, den;
    pcie_link_rate(&link_defaults, &num, &den);
    for (int i = 0; i < 1000; i++)
        link_send(&link, make(TLP_POSTED, 4));
    sim_run(sim, SIM_MS);
    cr_assert_eq(sink.count, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        sim_time left = (sim_time)((__int128)(i + 1) * 28 * num / den);
        cr_assert_eq(sink.when[i], left + link_defaults.propagation);
    }
    cr_expect_eq(link.counters.bytes, 28000);
    cr_expect_eq(sim_event_count(sim), 1000);
}

Test(link, a_receiver_that_is_told_ahead_costs_no_event)
{
    sink.port.ahead = true;
    connect(&link_defaults);
    link_send(&link, make(TLP_POSTED, 64));
    link_send(&link, make(TLP_NONPOSTED, 64));
    cr_expect_eq(sink.count, 2);
    cr_expect_eq(sink.when[0], crossed(&link_defaults, 0, 88));
    cr_expect_eq(sink.when[1], crossed(&link_defaults, 0, 88 + 24));
    sim_run(sim, SIM_MS);
    cr_expect_eq(sim_event_count(sim), 0);
}

Test(link, a_train_takes_the_line_as_its_tlps_would)
{
    sink.port.ahead = true;
    connect(&link_defaults);
    for (unsigned i = 0; i < 3; i++)
        link_send(&link, make(TLP_POSTED, 256));
    sim_time first = sink.when[0], last = sink.when[2];
    struct sim_line line = link.line;
    link.line.free_at = 0;
    link.line.remainder = 0;
    struct tlp *train = make(TLP_POSTED, 256);
    train->count = 3;
    train->wire = 3 * 280;
    train->bytes = 768;
    link_send(&link, train);
    cr_expect_eq(train->first_when, first);
    cr_expect_eq(train->when, last);
    cr_expect_eq(link.line.free_at, line.free_at);
    cr_expect_eq(link.line.remainder, line.remainder);
    cr_expect_eq(link.counters.tlps, 6);
}

/* ---- sends that are to come ---- */

static void send_later(void *tlp)
{
    link_send_at(&link, tlp, sim_now(sim) + 200003);
}

struct send {
    sim_time start;
    struct tlp *tlp;
};

static int by_start(const void *a, const void *b)
{
    const struct send *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* Sends now and sends to come, mixed at random, against a list sorted by when each enters the line. */
Test(link, sends_to_come_take_their_place_in_line)
{
    enum { SENDS = 2000 };
    connect(&link_defaults);
    struct random_stream stream = random_stream_make(7, 0, "link_test", "mix");
    static struct send sends[SENDS];
    sim_time now = 0;
    for (unsigned i = 0; i < SENDS; i++) {
        now += 1 + (sim_time)random_below(&stream, 20000); /* no ties */
        bool later = random_below(&stream, 2) == 0;
        struct tlp *tlp = make(TLP_POSTED, 4 + 4 * (uint32_t)random_below(&stream, 60));
        sends[i] = (struct send){.start = later ? now + 200003 : now, .tlp = tlp};
        at(now, later ? send_later : send_now, tlp);
    }
    sim_run(sim, SIM_MS);
    qsort(sends, SENDS, sizeof sends[0], by_start);
    struct sim_line line = link.line;
    line.free_at = line.remainder = 0;
    cr_assert_eq(sink.count, SENDS);
    for (unsigned i = 0; i < SENDS; i++) {
        cr_assert_eq(sink.got[i], sends[i].tlp, "place %u", i);
        sim_time arrival =
            sim_line_send(&line, sends[i].start, sends[i].tlp->wire) + link_defaults.propagation;
        cr_assert_eq(sink.when[i], arrival, "place %u", i);
    }
}

Test(link, a_send_to_come_alone_costs_one_event)
{
    connect(&link_defaults);
    link_send_at(&link, make(TLP_POSTED, 4), 200003);
    sim_run(sim, SIM_MS);
    cr_expect_eq(sink.count, 1);
    cr_expect_eq(sink.when[0], crossed(&link_defaults, 200003, 28));
    cr_expect_eq(sim_event_count(sim), 1);
}

/* ---- credits ---- */

/* `count` equal writes at once through a window of `window`, each held by the receiver for `hold`. */
static void expect_window(unsigned window, uint32_t bytes, unsigned count)
{
    sim_time first = crossed(&link_defaults, 0, 24 + bytes);
    sim_time turn = first + sink.hold + link_defaults.propagation; /* from send to the credit's return */
    for (unsigned i = 0; i < count; i++)
        link_send(&link, make(TLP_POSTED, bytes));
    sim_run(sim, SIM_MS);
    cr_assert_eq(sink.count, count);
    sim_time start[SENT_MAX];
    struct sim_line line = link.line;
    line.free_at = line.remainder = 0;
    for (unsigned i = 0; i < count; i++) {
        sim_time credit = i < window ? 0 : sink.when[i - window] + sink.hold + link_defaults.propagation;
        start[i] = credit;
        cr_assert_eq(sink.when[i], sim_line_send(&line, credit, 24 + bytes) + link_defaults.propagation, "%u",
                     i);
    }
    cr_expect_eq(start[window], turn);
    cr_expect_eq(sink.when[window], 2 * first + sink.hold + link_defaults.propagation,
                 "the credit's TLP leaves the moment it is back");
}

Test(link, header_credits_limit_throughput_to_a_window_a_round_trip)
{
    struct pcie_link_config config = link_defaults;
    config.posted_headers = 4;
    sink.hold = 175001;
    connect(&config);
    expect_window(4, 64, 1000);
    cr_expect_eq(link.counters.blocked, 996);
    /* Exactly: in steady state four TLPs a round trip. */
    sim_time period = sink.when[996] - sink.when[992];
    sim_time round_trip = crossed(&config, 0, 88) + sink.hold + config.propagation;
    cr_expect(period >= round_trip && period <= round_trip + 1, "%ld %ld", (long)period, (long)round_trip);
}

Test(link, data_credits_limit_likewise)
{
    struct pcie_link_config config = link_defaults;
    config.posted_headers = 100;
    config.posted_data = 2 * 16 + 15; /* two TLPs of 256 bytes and not quite a third */
    sink.hold = 175001;
    connect(&config);
    expect_window(2, 256, 600);
}

Test(link, data_credits_alone_are_counted_too)
{
    struct pcie_link_config config = link_defaults;
    config.posted_data = 16;
    connect(&config);
    expect_window(1, 256, 100);
}

Test(link, many_credits_wrap_their_counters)
{
    struct pcie_link_config config = link_defaults;
    config.posted_headers = 127;
    config.posted_data = 2047;
    sink.hold = 5 * SIM_US;
    connect(&config);
    expect_window(127, 256, 2000);
}

Test(link, scaled_credits_go_beyond)
{
    struct pcie_link_config config = link_defaults;
    config.posted_headers = 200;
    config.posted_data = 4000;
    sink.hold = 20 * SIM_US;
    connect(&config);
    expect_window(200, 256, 3000);
}

Test(link, a_blocked_tlp_leaves_at_the_credits_time_and_not_before)
{
    struct pcie_link_config config = link_defaults;
    config.nonposted_headers = 1;
    sink.hold = 1000003;
    connect(&config);
    link_send(&link, make(TLP_NONPOSTED, 64));
    link_send(&link, make(TLP_NONPOSTED, 64));
    sim_time first = crossed(&config, 0, 24);
    sim_time credit = first + sink.hold + config.propagation;
    sim_run(sim, credit - 1);
    cr_expect_eq(link.waiting_count, 1);
    sim_run(sim, credit);
    cr_expect_eq(link.waiting_count, 0);
    sim_run(sim, SIM_MS);
    cr_expect_eq(sink.when[1], credit + first);
}

/* ---- order, section 2.4.1 ---- */

/* Blocks `kind` by sending one TLP of it (its only credit), then sends what the tests look at. */
static void block(enum tlp_class kind)
{
    struct pcie_link_config config = link_defaults;
    config.posted_headers = kind == TLP_POSTED;
    config.nonposted_headers = kind == TLP_NONPOSTED;
    config.completion_headers = kind == TLP_COMPLETIONS;
    sink.hold = SIM_US;
    connect(&config);
    link_send(&link, make(kind, 64));
}

static void expect_order(const enum tlp_class *sent, const unsigned *expected, unsigned count)
{
    struct tlp *tlps[8];
    for (unsigned i = 0; i < count; i++) {
        tlps[i] = make(sent[i], 64);
        link_send(&link, tlps[i]);
    }
    sim_run(sim, SIM_MS);
    cr_assert_eq(sink.count, count + 1);
    for (unsigned i = 0; i < count; i++)
        cr_expect_eq(sink.got[i + 1], tlps[expected[i]], "place %u", i);
}

Test(link, posted_and_completions_pass_blocked_reads)
{
    block(TLP_NONPOSTED);
    expect_order((enum tlp_class[]){TLP_NONPOSTED, TLP_POSTED, TLP_COMPLETIONS, TLP_POSTED},
                 (unsigned[]){1, 2, 3, 0}, 4);
}

Test(link, nothing_passes_a_blocked_write)
{
    block(TLP_POSTED);
    expect_order((enum tlp_class[]){TLP_POSTED, TLP_NONPOSTED, TLP_COMPLETIONS, TLP_COMPLETIONS},
                 (unsigned[]){0, 1, 2, 3}, 4);
}

Test(link, writes_and_reads_pass_blocked_completions)
{
    block(TLP_COMPLETIONS);
    expect_order((enum tlp_class[]){TLP_COMPLETIONS, TLP_POSTED, TLP_NONPOSTED, TLP_POSTED},
                 (unsigned[]){1, 2, 3, 0}, 4);
}

Test(link, a_read_behind_a_blocked_write_waits_though_it_has_credits)
{
    block(TLP_POSTED);
    struct tlp *write = make(TLP_POSTED, 64), *read = make(TLP_NONPOSTED, 64);
    link_send(&link, write);
    link_send(&link, read);
    sim_time credit = crossed(&link_defaults, 0, 88) + sink.hold + link_defaults.propagation;
    sim_run(sim, SIM_MS);
    cr_expect_eq(sink.when[1], crossed(&link_defaults, credit, 88));
    cr_expect_eq(sink.when[2], crossed(&link_defaults, credit, 88 + 24));
}

/* ---- explicit DLLPs ---- */

static struct pcie_link_config explicit_config(int ack)
{
    struct pcie_link_config config = link_defaults;
    config.dllp = PCIE_DLLP_EXPLICIT;
    config.ack = ack;
    return config;
}

Test(link, every_tlp_is_acknowledged_on_the_other_line)
{
    struct pcie_link_config config = explicit_config(PCIE_ACK_EACH);
    connect(&config);
    for (int i = 0; i < 100; i++)
        link_send(&link, make(TLP_POSTED, 64));
    sim_run(sim, SIM_MS);
    cr_expect_eq(sink.count, 100);
    cr_expect_eq(back.counters.dllps, 100);
    cr_expect_eq(link.counters.dllps, 0);
    cr_expect_eq(back.counters.tlps, 0);
    int64_t num, den;
    pcie_link_rate(&config, &num, &den);
    for (int64_t i = 0; i < 100; i++) {
        /* The line is given away at whole picoseconds: it never idles longer than that between two TLPs. */
        sim_time left = (sim_time)((__int128)(i + 1) * 88 * num / den);
        cr_assert_eq(sink.when[i], left + config.propagation);
    }
}

Test(link, acks_take_the_line_from_the_other_directions_tlps)
{
    struct pcie_link_config config = explicit_config(PCIE_ACK_EACH);
    connect(&config);
    for (int i = 0; i < 1000; i++) {
        link_send(&link, make(TLP_POSTED, 64));
        link_send(&back, make(TLP_POSTED, 64));
    }
    sim_run(sim, SIM_MS);
    cr_assert_eq(other.count, 1000);
    /* In steady state each direction carries 88 + 8 bytes a TLP. */
    int64_t num, den;
    pcie_link_rate(&config, &num, &den);
    sim_time spacing = (other.when[900] - other.when[400]) / 500;
    cr_expect(llabs(spacing - 96 * num / den) <= 1, "%ld ps", (long)spacing);
}

Test(link, coalesced_acks_wait_for_the_latency_limit)
{
    struct pcie_link_config config = explicit_config(PCIE_ACK_COALESCED);
    connect(&config);
    for (int i = 0; i < 3; i++)
        link_send(&link, make(TLP_POSTED, 64));
    sim_time first = crossed(&config, 0, 88);
    sim_time limit = (284 * 25 / 80 + 115) * SIM_NS; /* x8, MPS 256, 8 GT/s */
    sim_run(sim, first + limit - 1);
    cr_expect_eq(sink.count, 3);
    cr_expect_eq(back.counters.dllps, 0);
    sim_run(sim, first + limit);
    cr_expect_eq(back.counters.dllps, 1, "one for all three");
    sim_run(sim, SIM_MS);
    cr_expect_eq(back.counters.dllps, 1);
}

Test(link, an_update_crosses_the_other_line_before_credits_are_back)
{
    struct pcie_link_config config = explicit_config(PCIE_ACK_EACH);
    config.posted_headers = 1;
    sink.hold = 175001;
    connect(&config);
    link_send(&link, make(TLP_POSTED, 64));
    link_send(&link, make(TLP_POSTED, 64));
    sim_run(sim, SIM_MS);
    sim_time freed = crossed(&config, 0, 88) + sink.hold;
    sim_time credit = crossed(&config, freed, DLLP_WIRE);
    cr_expect_eq(sink.when[1], crossed(&config, credit, 88));
    cr_expect_eq(back.counters.dllps, 4, "two Acks and two UpdateFCs");
}

Test(link, explicit_sends_to_come_start_at_their_time)
{
    struct pcie_link_config config = explicit_config(PCIE_ACK_EACH);
    connect(&config);
    link_send_at(&link, make(TLP_POSTED, 4), 200003);
    at(200003 - 100, send_now, make(TLP_POSTED, 256)); /* is on the line then */
    sim_run(sim, SIM_MS);
    cr_assert_eq(sink.count, 2);
    cr_expect_eq(sink.when[0], crossed(&config, 200003 - 100, 280));
    cr_expect_eq(sink.when[1], crossed(&config, 200003 - 100, 280 + 28));
}
