#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/sim.h"
#include "sim/systemc/shim.h"

static struct sim *start(enum sim_mode mode)
{
    return sim_create(&(struct sim_config){.seed = 1, .mode = mode});
}

/* What happened, as "name@time " words. */
static char journal[4096];
static size_t journal_length;

static void write_down(struct sim *sim, char name)
{
    journal_length += (size_t)snprintf(journal + journal_length, sizeof(journal) - journal_length, "%c@%lld ",
                                       name, (long long)sim_now(sim));
}

static void clear_journal(void)
{
    journal_length = 0;
    journal[0] = '\0';
}

/* ---- one ball between a C event and a SystemC method ---- */

struct table {
    struct sim_event event; /* 'c' */
    struct sim_event other; /* 'o': C events that stand in between */
    struct sim_sc_method *method;
    sim_time there, back; /* [ps] */
    int bounces;
};

static void to_systemc(struct sim *sim, struct sim_event *event)
{
    struct table *table = SIM_CONTAINER_OF(event, struct table, event);
    write_down(sim, 'c');
    sim_sc_notify(table->method, table->there);
}

static void to_c(struct sim *sim, void *context)
{
    struct table *table = context;
    write_down(sim, 's');
    if (--table->bounces > 0)
        sim_schedule(sim, &table->event, sim_now(sim) + table->back);
}

static void stand_between(struct sim *sim, struct sim_event *event)
{
    write_down(sim, 'o');
    sim_schedule(sim, event, sim_now(sim) + 10);
}

static uint64_t bounce(enum sim_mode mode, sim_time there, sim_time back)
{
    clear_journal();
    struct sim *sim = start(mode);
    struct table table = {.there = there, .back = back, .bounces = 5};
    table.method = sim_sc_method_create(sim, "wall", to_c, &table);
    sim_event_init(&table.event, to_systemc, sim_component(sim, "ball"), 1);
    sim_event_init(&table.other, stand_between, sim_component(sim, "other"), 1);
    sim_schedule(sim, &table.event, 10);
    sim_schedule(sim, &table.other, 10);
    sim_run(sim, 60);
    uint64_t fingerprint = sim_fingerprint(sim);
    sim_destroy(sim);
    return fingerprint;
}

static void expect_bounce(sim_time there, sim_time back, const char *expected)
{
    uint64_t lockstep = bounce(SIM_LOCKSTEP, there, back);
    cr_expect_str_eq(journal, expected);
    uint64_t decoupled = bounce(SIM_DECOUPLED, there, back);
    cr_expect_str_eq(journal, expected);
    cr_expect_eq(decoupled, lockstep);
}

Test(systemc, a_bouncing_ball_takes_the_same_way_in_both_modes)
{
    expect_bounce(5, 5, "c@10 o@10 s@15 o@20 c@20 s@25 o@30 c@30 s@35 o@40 c@40 s@45 o@50 c@50 s@55 o@60 ");
}

Test(systemc, systemc_goes_first_at_equal_times)
{
    expect_bounce(10, 10, "c@10 o@10 s@20 o@20 c@30 o@30 s@40 o@40 c@50 o@50 s@60 o@60 ");
}

Test(systemc, a_notification_for_now_goes_before_the_c_events_of_now)
{
    expect_bounce(0, 20, "c@10 s@10 o@10 o@20 c@30 s@30 o@30 o@40 c@50 s@50 o@50 o@60 ");
}

Test(systemc, a_ball_may_bounce_at_one_instant)
{
    expect_bounce(0, 0, "c@10 s@10 o@10 c@10 s@10 c@10 s@10 c@10 s@10 c@10 s@10 o@20 o@30 o@40 o@50 o@60 ");
}

/* ---- notification rules ---- */

static void note_method(struct sim *sim, void *context)
{
    write_down(sim, *(const char *)context);
}

Test(systemc, an_earlier_notification_replaces_a_later_one_which_is_dropped)
{
    struct sim *sim = start(SIM_DECOUPLED);
    struct sim_sc_method *method = sim_sc_method_create(sim, "m", note_method, "m");
    sim_sc_notify(method, 50);
    sim_sc_notify(method, 20);
    sim_sc_notify(method, 30);
    sim_run(sim, 100);
    cr_expect_str_eq(journal, "m@20 ");
    sim_sc_notify(method, 7);
    sim_run(sim, 106);
    cr_expect_str_eq(journal, "m@20 ");
    sim_run(sim, 107);
    cr_expect_str_eq(journal, "m@20 m@107 ");
    sim_destroy(sim);
}

Test(systemc, methods_of_one_time_fire_in_order_of_notification)
{
    struct sim *sim = start(SIM_DECOUPLED);
    static const char names[] = "abcdefgh";
    struct sim_sc_method *methods[8];
    for (int i = 0; i < 8; i++)
        methods[i] = sim_sc_method_create(sim, (char[]){names[i], '\0'}, note_method, (void *)&names[i]);
    for (int i = 0; i < 8; i++)
        sim_sc_notify(methods[i * 3 % 8], 10); /* a d g b e h c f */
    sim_sc_notify(methods[0], 9);
    sim_run(sim, 10);
    cr_expect_str_eq(journal, "a@9 d@10 g@10 b@10 e@10 h@10 c@10 f@10 ");
    sim_destroy(sim);
}

Test(systemc, a_method_created_after_the_first_run_aborts, .signal = SIGABRT)
{
    struct sim *sim = start(SIM_DECOUPLED);
    sim_run(sim, 10);
    sim_sc_method_create(sim, "host0.late", note_method, "l");
}

static void stop_in_method(struct sim *sim, void *context)
{
    write_down(sim, *(const char *)context);
    sim_stop(sim);
}

Test(systemc, a_method_can_stop_the_run)
{
    struct sim *sim = start(SIM_DECOUPLED);
    struct table table = {0};
    sim_event_init(&table.other, stand_between, sim_component(sim, "other"), 1);
    sim_schedule(sim, &table.other, 10);
    sim_sc_notify(sim_sc_method_create(sim, "m", stop_in_method, "m"), 20);
    cr_expect_eq(sim_run(sim, 30), 20);
    cr_expect_str_eq(journal, "o@10 m@20 ");
    cr_expect_eq(sim_run(sim, 30), 30);
    cr_expect_str_eq(journal, "o@10 m@20 o@20 o@30 ");
    sim_destroy(sim);
}

Test(systemc, a_negative_delay_aborts, .signal = SIGABRT)
{
    struct sim *sim = start(SIM_DECOUPLED);
    sim_sc_notify(sim_sc_method_create(sim, "m", note_method, "m"), -1);
}

static void start_systemc_again(struct sim *sim, void *context)
{
    (void)sim;
    (void)context;
    shim_run();
}

Test(systemc, an_error_that_systemc_reports_aborts, .signal = SIGABRT)
{
    struct sim *sim = start(SIM_DECOUPLED);
    sim_sc_notify(sim_sc_method_create(sim, "m", start_systemc_again, NULL), 1);
    sim_run(sim, 10);
}

/* ---- random traffic between both sides ---- */

enum { ACTORS = 6, METHODS = 4 };

struct arena {
    uint64_t random;
    int steps;
    struct sim_event actors[ACTORS];
    struct sim_sc_method *methods[METHODS];
};

static struct arena arena;

static uint32_t random_under(uint32_t bound)
{
    arena.random = arena.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((arena.random >> 33) % bound);
}

/* Delays from 0 to 3 ps now and then a long one: nearly every instant has ties on both sides. */
static sim_time random_delay(void)
{
    return random_under(8) == 0 ? random_under(200) : random_under(4);
}

static void act(struct sim *sim)
{
    if (++arena.steps > 3000)
        return;
    for (uint32_t count = random_under(4); count > 0; count--) {
        uint32_t choice = random_under(20);
        struct sim_event *actor = &arena.actors[random_under(ACTORS)];
        if (choice < 8)
            sim_reschedule(sim, actor, sim_now(sim) + random_delay());
        else if (choice < 10)
            sim_cancel(sim, actor);
        else if (choice < 19)
            sim_sc_notify(arena.methods[random_under(METHODS)], random_delay());
        else if (random_under(4) == 0)
            sim_stop(sim);
    }
}

static void actor_fires(struct sim *sim, struct sim_event *event)
{
    (void)event;
    act(sim);
}

static void method_fires(struct sim *sim, void *context)
{
    (void)context;
    act(sim);
}

static void arena_create(struct sim *sim, uint64_t seed)
{
    char name[32];
    arena = (struct arena){.random = seed};
    for (int i = 0; i < METHODS; i++) {
        snprintf(name, sizeof(name), "method%d", i);
        arena.methods[i] = sim_sc_method_create(sim, name, method_fires, NULL);
    }
    for (int i = 0; i < ACTORS; i++) {
        snprintf(name, sizeof(name), "actor%d", i);
        sim_event_init_priority(&arena.actors[i], actor_fires, sim_component(sim, name), (uint8_t)i,
                                (enum sim_priority)random_under(8));
        sim_schedule(sim, &arena.actors[i], random_delay());
    }
}

struct outcome {
    uint64_t fingerprint, events, stops;
    int steps;
};

static struct outcome run_arena(enum sim_mode mode, uint64_t seed)
{
    struct sim *sim = start(mode);
    struct outcome outcome = {0};
    arena_create(sim, seed);
    for (sim_time end = 0; end <= 4000; end += 40) {
        while (sim_run(sim, end) < end)
            outcome.stops++;
        act(sim); /* from outside, between two runs */
        sim_fingerprint_add(sim, 1, sim_now(sim), 0);
    }
    outcome.fingerprint = sim_fingerprint(sim);
    outcome.events = sim_event_count(sim);
    outcome.steps = arena.steps;
    sim_destroy(sim);
    return outcome;
}

Test(systemc, random_traffic_has_the_same_fingerprint_in_both_modes)
{
    struct outcome sum = {0};
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct outcome lockstep = run_arena(SIM_LOCKSTEP, seed);
        struct outcome decoupled = run_arena(SIM_DECOUPLED, seed);
        cr_assert_eq(lockstep.fingerprint, decoupled.fingerprint, "seed %d", (int)seed);
        cr_assert_eq(lockstep.events, decoupled.events);
        cr_assert_eq(lockstep.steps, decoupled.steps);
        cr_assert_eq(lockstep.stops, decoupled.stops);
        sum.events += lockstep.events;
        sum.steps += lockstep.steps;
        sum.stops += lockstep.stops;
    }
    /* Both sides were busy, and runs were stopped in the middle. */
    cr_expect_gt(sum.events, 10000);
    cr_expect_gt((uint64_t)sum.steps, sum.events + 10000);
    cr_expect_gt(sum.stops, 100);
}

/* ---- VCD ---- */

struct counter {
    struct sim_event event;
    uint32_t value;
};

static void count_up(struct sim *sim, struct sim_event *event)
{
    SIM_CONTAINER_OF(event, struct counter, event)->value++;
    sim_schedule(sim, event, sim_now(sim) + 100);
}

static uint64_t run_counter(const char *vcd_path)
{
    struct sim *sim = sim_create(&(struct sim_config){.vcd_path = vcd_path});
    struct counter counter = {0};
    sim_event_init(&counter.event, count_up, sim_component(sim, "host0.nic0"), 1);
    sim_schedule(sim, &counter.event, 50);
    sim_trace_value(sim, "host0.nic0.count", &counter.value);
    sim_run(sim, 250);
    uint64_t fingerprint = sim_fingerprint(sim);
    sim_destroy(sim);
    return fingerprint;
}

static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

/* Runs the counter in a folder of its own; the VCD goes to `text`. */
static uint64_t run_counter_traced(char *text, size_t size)
{
    char folder[] = "/tmp/vcd_XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    uint64_t fingerprint = run_counter("run");
    read_file("run.vcd", text, size);
    unlink("run.vcd");
    rmdir(folder);
    return fingerprint;
}

static const char expected_vcd[] = "$scope module SystemC $end\n"
                                   "$scope module host0 $end\n"
                                   "$scope module nic0 $end\n"
                                   "$var wire   32  aaaaa  count [31:0]  $end\n"
                                   "$upscope $end\n"
                                   "$upscope $end\n"
                                   "$upscope $end\n"
                                   "$enddefinitions  $end\n";

Test(systemc, a_vcd_holds_every_change_up_to_the_end)
{
    char text[4096];
    uint64_t traced = run_counter_traced(text, sizeof(text));
    cr_expect_not_null(strstr(text, "$timescale\n     1 ps\n$end\n"), "%s", text);
    cr_expect_not_null(strstr(text, expected_vcd), "%s", text);
    cr_expect_not_null(strstr(text, "#50\nb1 aaaaa\n"), "%s", text);
    cr_expect_not_null(strstr(text, "#150\nb10 aaaaa\n"), "%s", text);
    cr_expect_not_null(strstr(text, "#250\nb11 aaaaa\n"), "%s", text);
    cr_expect_eq(traced, run_counter(NULL), "tracing changes nothing");
}

Test(systemc, two_runs_write_equal_vcds_without_date_or_build)
{
    char first[4096], second[4096];
    run_counter_traced(first, sizeof(first));
    run_counter_traced(second, sizeof(second));
    cr_expect_str_eq(first, second);
    cr_expect_not_null(strstr(first, "$date\n     simulated"));
    cr_expect_not_null(strstr(first, "$version\n iovsim"));
    cr_expect_null(strstr(first, "Accellera"));
}

Test(systemc, a_vcd_that_cannot_be_written_makes_no_simulation)
{
    cr_expect_null(sim_create(&(struct sim_config){.vcd_path = "/nonexistent/run"}));
    struct sim *sim = start(SIM_DECOUPLED); /* and does not stand in the way of another */
    sim_run(sim, 1);
    sim_destroy(sim);
}

Test(systemc, a_traced_value_without_a_vcd_costs_nothing)
{
    struct sim *sim = start(SIM_DECOUPLED);
    uint32_t value = 0;
    sim_trace_value(sim, "value", &value);
    cr_expect_eq(sim_run(sim, 10), 10);
    sim_destroy(sim);
}
