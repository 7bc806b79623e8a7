#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/assert.h"
#include "sim/sim.h"

static struct sim *start(void)
{
    return sim_create(&(struct sim_config){.seed = 42, .mode = SIM_DECOUPLED});
}

/* An event that notes its name and time when it fires. */
struct noted {
    struct sim_event event;
    char name;
};

static char log_names[64];
static sim_time log_times[64];
static size_t log_count;

static void note(struct sim *sim, struct sim_event *event)
{
    log_names[log_count] = SIM_CONTAINER_OF(event, struct noted, event)->name;
    log_times[log_count++] = sim_now(sim);
}

static void note_at(struct sim *sim, struct noted *noted, char name, sim_time when)
{
    noted->name = name;
    sim_event_init(&noted->event, note, 1, (uint8_t)name);
    sim_schedule(sim, &noted->event, when);
}

Test(kernel, fires_in_order_of_time_and_scheduling)
{
    struct sim *sim = start();
    struct noted a, b, c, d;
    note_at(sim, &a, 'a', 20);
    note_at(sim, &b, 'b', 10);
    note_at(sim, &c, 'c', 20);
    sim_event_init_priority(&d.event, note, 1, 0, SIM_PRIORITY_FIRST);
    d.name = 'd';
    sim_schedule(sim, &d.event, 20);
    cr_expect_eq(sim_run(sim, 100), 100);
    cr_expect_str_eq(log_names, "bdac");
    cr_expect_eq(log_times[0], 10);
    cr_expect_eq(log_times[3], 20);
    cr_expect_eq(sim_event_count(sim), 4);
    cr_expect_eq(sim_now(sim), 100);
    sim_destroy(sim);
}

Test(kernel, run_includes_its_end_and_can_go_on)
{
    struct sim *sim = start();
    struct noted at_end, after;
    note_at(sim, &at_end, 'e', 50);
    note_at(sim, &after, 'f', 51);
    cr_expect_eq(sim_run(sim, 49), 49);
    cr_expect_eq(log_count, 0);
    cr_expect_eq(sim_run(sim, 50), 50);
    cr_expect_str_eq(log_names, "e");
    cr_expect(sim_event_pending(&after.event));
    cr_expect_eq(sim_run(sim, 51), 51);
    cr_expect_str_eq(log_names, "ef");
    sim_destroy(sim);
}

Test(kernel, time_reaches_the_end_with_nothing_to_do)
{
    struct sim *sim = start();
    cr_expect_eq(sim_now(sim), 0);
    cr_expect_eq(sim_run(sim, 0), 0);
    cr_expect_eq(sim_run(sim, 5 * SIM_SECOND), 5 * SIM_SECOND);
    cr_expect_eq(sim_now(sim), 5 * SIM_SECOND);
    cr_expect_eq(sim_run(sim, 5 * SIM_SECOND), 5 * SIM_SECOND);
    cr_expect_eq(sim_event_count(sim), 0);
    sim_destroy(sim);
}

Test(kernel, an_event_at_time_zero_fires)
{
    struct sim *sim = start();
    struct noted a;
    note_at(sim, &a, 'a', 0);
    sim_run(sim, 0);
    cr_expect_str_eq(log_names, "a");
    sim_destroy(sim);
}

Test(kernel, the_last_picosecond_is_reachable)
{
    struct sim *sim = start();
    struct noted a;
    note_at(sim, &a, 'a', SIM_TIME_MAX - 1);
    cr_expect_eq(sim_run(sim, SIM_TIME_MAX - 1), SIM_TIME_MAX - 1);
    cr_expect_str_eq(log_names, "a");
    sim_destroy(sim);
}

static void stop_now(struct sim *sim, struct sim_event *event)
{
    note(sim, event);
    sim_stop(sim);
}

Test(kernel, stop_ends_the_run_after_the_current_event)
{
    struct sim *sim = start();
    struct noted a, stopper, b, c;
    note_at(sim, &a, 'a', 10);
    stopper.name = 's';
    sim_event_init(&stopper.event, stop_now, 1, 0);
    sim_schedule(sim, &stopper.event, 20);
    note_at(sim, &b, 'b', 20);
    note_at(sim, &c, 'c', 30);
    cr_expect_eq(sim_run(sim, 100), 20);
    cr_expect_str_eq(log_names, "as");
    cr_expect_eq(sim_run(sim, 100), 100);
    cr_expect_str_eq(log_names, "asbc");
    cr_expect_eq(log_times[2], 20);
    sim_destroy(sim);
}

Test(kernel, stop_outside_a_run_does_nothing)
{
    struct sim *sim = start();
    sim_stop(sim);
    struct noted a;
    note_at(sim, &a, 'a', 10);
    cr_expect_eq(sim_run(sim, 10), 10);
    cr_expect_str_eq(log_names, "a");
    sim_destroy(sim);
}

Test(kernel, cancelled_events_do_not_fire)
{
    struct sim *sim = start();
    struct noted a, b;
    note_at(sim, &a, 'a', 10);
    note_at(sim, &b, 'b', 20);
    sim_cancel(sim, &a.event);
    sim_cancel(sim, &a.event);
    cr_expect_not(sim_event_pending(&a.event));
    cr_expect(sim_event_pending(&b.event));
    sim_run(sim, 100);
    cr_expect_str_eq(log_names, "b");
    sim_cancel(sim, &b.event); /* fired: nothing to take back */
    sim_destroy(sim);
}

Test(kernel, rescheduling_moves_pending_and_schedules_idle_events)
{
    struct sim *sim = start();
    struct noted a, b, c;
    note_at(sim, &a, 'a', 10);
    note_at(sim, &b, 'b', 20);
    note_at(sim, &c, 'c', 30);
    sim_reschedule(sim, &a.event, 20); /* behind b: a new sequence number */
    sim_cancel(sim, &c.event);
    sim_reschedule(sim, &c.event, 5);
    sim_run(sim, 100);
    cr_expect_str_eq(log_names, "cba");
    cr_expect_eq(log_times[2], 20);
    sim_destroy(sim);
}

static struct noted at_once;

static void schedule_at_once(struct sim *sim, struct sim_event *event)
{
    note(sim, event);
    note_at(sim, &at_once, 'n', sim_now(sim));
}

Test(kernel, an_event_for_now_fires_behind_the_others_of_now)
{
    struct sim *sim = start();
    struct noted first, second;
    first.name = '1';
    sim_event_init(&first.event, schedule_at_once, 1, 0);
    sim_schedule(sim, &first.event, 10);
    note_at(sim, &second, '2', 10);
    sim_run(sim, 10);
    cr_expect_str_eq(log_names, "12n");
    cr_expect_eq(log_times[2], 10);
    sim_destroy(sim);
}

/* ---- fingerprint ---- */

static uint64_t fingerprint_of(const char *kinds, const sim_time *times)
{
    struct sim *sim = start();
    struct noted events[8];
    for (size_t i = 0; kinds[i] != '\0'; i++)
        note_at(sim, &events[i], kinds[i], times[i]);
    sim_run(sim, 1000);
    uint64_t fingerprint = sim_fingerprint(sim);
    sim_destroy(sim);
    return fingerprint;
}

Test(kernel, fingerprint_depends_on_kinds_times_and_order_alone)
{
    uint64_t base = fingerprint_of("ab", (sim_time[]){10, 20});
    cr_expect_eq(base, fingerprint_of("ab", (sim_time[]){10, 20}));
    cr_expect_eq(base, fingerprint_of("ba", (sim_time[]){20, 10}), "the order of scheduling is not in it");
    cr_expect_neq(base, fingerprint_of("ab", (sim_time[]){10, 21}));
    cr_expect_neq(base, fingerprint_of("ac", (sim_time[]){10, 20}));
    cr_expect_neq(base, fingerprint_of("ba", (sim_time[]){10, 20}));
    cr_expect_neq(base, fingerprint_of("a", (sim_time[]){10}));
    cr_expect_neq(fingerprint_of("ab", (sim_time[]){10, 10}), fingerprint_of("ba", (sim_time[]){10, 10}));
}

static uint64_t fingerprint_after(uint64_t subject, sim_time when, uint64_t outcome)
{
    struct sim *sim = start();
    sim_fingerprint_add(sim, subject, when, outcome);
    uint64_t fingerprint = sim_fingerprint(sim);
    sim_destroy(sim);
    return fingerprint;
}

Test(kernel, fingerprint_depends_on_all_of_a_completion)
{
    uint64_t base = fingerprint_after(1, 2, 3);
    cr_expect_eq(base, fingerprint_after(1, 2, 3));
    cr_expect_neq(base, fingerprint_after(2, 1, 3));
    cr_expect_neq(base, fingerprint_after(1, 3, 2));
    cr_expect_neq(base, fingerprint_after(0, 2, 3));
    cr_expect_neq(base, fingerprint_after(1, 2, 0));
}

/* ---- components ---- */

Test(kernel, components_are_numbered_from_one)
{
    struct sim *sim = start();
    char name[32];
    for (int i = 1; i <= 1000; i++) {
        snprintf(name, sizeof(name), "host0.rc0.port%d", i);
        cr_assert_eq(sim_component(sim, name), i);
    }
    cr_expect_str_eq(sim_component_name(sim, 1), "host0.rc0.port1");
    cr_expect_str_eq(sim_component_name(sim, 1000), "host0.rc0.port1000");
    cr_expect_str_eq(sim_component_name(sim, 0), "");
    cr_expect_str_eq(sim_component_name(sim, 1001), "");
    sim_destroy(sim);
}

Test(kernel, all_65535_components_fit)
{
    struct sim *sim = start();
    char name[32];
    for (int i = 1; i <= 65535; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        cr_assert_eq(sim_component(sim, name), i);
    }
    cr_expect_str_eq(sim_component_name(sim, 65535), "c65535");
    sim_destroy(sim);
}

Test(kernel, a_component_registered_twice_aborts, .signal = SIGABRT)
{
    struct sim *sim = start();
    sim_component(sim, "host0");
    sim_component(sim, "host0");
}

/* ---- contracts ---- */

Test(kernel, config_is_kept)
{
    struct sim *sim = sim_create(&(struct sim_config){.seed = UINT64_MAX, .replication = 7});
    cr_expect_eq(sim_get_config(sim)->seed, UINT64_MAX);
    cr_expect_eq(sim_get_config(sim)->replication, 7);
    cr_expect_eq(sim_get_config(sim)->mode, SIM_DECOUPLED);
    sim_destroy(sim);
}

Test(kernel, a_new_simulation_starts_at_zero_after_another)
{
    for (int i = 0; i < 20; i++) {
        struct sim *sim = start();
        cr_assert_eq(sim_now(sim), 0);
        struct noted a;
        note_at(sim, &a, 'a', 3);
        cr_assert_eq(sim_run(sim, 1000), 1000);
        cr_assert_eq(log_count, (size_t)i + 1);
        sim_destroy(sim);
    }
}

Test(kernel, a_second_simulation_at_a_time_aborts, .signal = SIGABRT)
{
    start();
    start();
}

Test(kernel, scheduling_into_the_past_aborts, .signal = SIGABRT)
{
    struct sim *sim = start();
    sim_run(sim, 10);
    struct noted a;
    note_at(sim, &a, 'a', 9);
}

Test(kernel, scheduling_a_pending_event_aborts, .signal = SIGABRT)
{
    struct sim *sim = start();
    struct noted a;
    note_at(sim, &a, 'a', 10);
    sim_schedule(sim, &a.event, 11);
}

static void fail(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    SIM_ASSERT(event == NULL);
}

static void run_failing_simulation(void)
{
    struct sim *sim = sim_create(&(struct sim_config){.seed = 1234567, .replication = 3});
    sim_component(sim, "host0");
    struct sim_event event;
    sim_event_init(&event, fail, sim_component(sim, "host0.nic0"), 0);
    sim_schedule(sim, &event, 77 * SIM_NS);
    sim_run(sim, SIM_US);
}

/* Runs `body` in a child, whose standard error goes to `text`; returns the child's wait status. */
static int capture(void (*body)(void), char *text, size_t size)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while (length < size - 1 && (got = read(ends[0], text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

Test(kernel, a_failed_assertion_says_where_when_who_and_seed)
{
    char text[1024];
    int status = capture(run_failing_simulation, text, sizeof(text));
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    cr_expect_not_null(strstr(text, "kernel_test.c:"), "%s", text);
    cr_expect_not_null(strstr(text, ": fail: assertion failed: event == NULL\n"), "%s", text);
    cr_expect_not_null(strstr(text, "  time 77000 ps, component host0.nic0, seed 1234567, replication 3\n"),
                       "%s", text);
}

static void fail_outside(void)
{
    SIM_ASSERT(log_count == 1000);
}

Test(kernel, an_assertion_without_a_simulation_says_where)
{
    char text[1024];
    int status = capture(fail_outside, text, sizeof(text));
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    cr_expect_not_null(strstr(text, ": fail_outside: assertion failed: log_count == 1000\n"), "%s", text);
    cr_expect_null(strstr(text, "seed"));
}

static void run_quietly(void)
{
    struct sim *sim = start();
    sim_run(sim, 10);
    sim_destroy(sim);
}

Test(kernel, systemc_prints_nothing)
{
    char text[1024];
    int status = capture(run_quietly, text, sizeof(text));
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_expect_str_eq(text, "");
}
