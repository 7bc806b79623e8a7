#include <criterion/criterion.h>
#include <signal.h>

#include "models/nic/moderation.h"

enum { LOG_MAX = 64 };

static struct sim *sim;
static struct moderator moderator;
static bool auto_mask;
static unsigned fired_count;
static sim_time fired_at[LOG_MAX];

static void fire(struct moderator *from)
{
    fired_at[fired_count++] = sim_now(sim);
    if (auto_mask)
        moderator_enable(from, false);
}

static void set_up(void)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
    moderator_init(&moderator, sim, sim_component(sim, "vector"), 0, fire);
    moderator_enable(&moderator, true);
}

static void tear_down(void)
{
    sim_destroy(sim);
}

TestSuite(moderator, .init = set_up, .fini = tear_down);

static void set(sim_time interval, int64_t frames, sim_time delay)
{
    struct moderation_setting setting = {.interval = interval, .frames = frames, .delay = delay};
    moderator_set(&moderator, &setting);
}

static void event_at(sim_time when)
{
    sim_run(sim, when);
    moderator_event(&moderator, 1);
}

Test(moderator, without_a_setting_every_event_interrupts_at_once)
{
    for (sim_time when = 1000; when <= 3000; when += 1000)
        event_at(when);
    cr_expect_eq(fired_count, 3);
    cr_expect_eq(fired_at[2], 3000);
    cr_expect_eq(sim_event_count(sim), 0, "no timer runs");
}

Test(moderator, the_first_event_does_not_wait_for_the_interval)
{
    set(125 * SIM_US, 0, 0);
    event_at(10);
    cr_expect_eq(fired_count, 1);
}

Test(moderator, not_before_the_interval_is_over)
{
    set(1000, 0, 0);
    event_at(500);
    event_at(501);
    sim_run(sim, 1499);
    cr_expect_eq(fired_count, 1, "not at t-1");
    sim_run(sim, 1500);
    cr_expect_eq(fired_count, 2, "at t");
    cr_expect_eq(fired_at[1], 1500);
}

Test(moderator, an_event_after_the_interval_interrupts_at_once)
{
    set(1000, 0, 0);
    event_at(500);
    event_at(1500);
    cr_expect_eq(fired_count, 2);
    cr_expect_eq(sim_event_count(sim), 0);
}

Test(moderator, steady_events_interrupt_once_an_interval)
{
    set(1000, 0, 0);
    for (sim_time when = 0; when <= 10000; when += 100)
        event_at(when);
    cr_expect_eq(fired_count, 11);
    for (unsigned i = 0; i < fired_count; i++)
        cr_expect_eq(fired_at[i], 1000 * i);
}

Test(moderator, frames_alone_count_and_know_no_time)
{
    set(0, 4, 0);
    for (sim_time when = 1; when <= 3; when++)
        event_at(when);
    sim_run(sim, SIM_SECOND);
    cr_expect_eq(fired_count, 0);
    moderator_event(&moderator, 1);
    cr_expect_eq(fired_count, 1);
    moderator_event(&moderator, 4);
    cr_expect_eq(fired_count, 2, "several at once count as what they are");
}

Test(moderator, the_delay_runs_from_the_first_event)
{
    set(0, 0, 700);
    event_at(100);
    event_at(799);
    cr_expect_eq(fired_count, 0);
    sim_run(sim, 800);
    cr_expect_eq(fired_count, 1);
    event_at(900);
    sim_run(sim, 1599);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 1600);
    cr_expect_eq(fired_at[1], 1600);
}

Test(moderator, frames_and_time_whichever_is_first)
{
    set(0, 3, 1000);
    event_at(10);
    event_at(20);
    event_at(30);
    cr_expect_eq(fired_count, 1, "by frames");
    event_at(40);
    sim_run(sim, 1039);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 1040);
    cr_expect_eq(fired_count, 2, "by time, from its own first event");
}

Test(moderator, the_interval_holds_back_frames_too)
{
    set(1000, 2, 0);
    event_at(0);
    event_at(1);
    event_at(2);
    event_at(3);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 1000);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 1001);
    cr_expect_eq(fired_count, 2);
}

Test(moderator, a_masked_vector_keeps_its_events)
{
    moderator_enable(&moderator, false);
    event_at(10);
    event_at(20);
    cr_expect_eq(fired_count, 0);
    sim_run(sim, 30);
    moderator_enable(&moderator, true);
    cr_expect_eq(fired_count, 1);
    cr_expect_eq(fired_at[0], 30);
    moderator_enable(&moderator, true);
    cr_expect_eq(fired_count, 1, "both went with one");
}

Test(moderator, masking_stops_the_timer)
{
    set(1000, 0, 0);
    event_at(0);
    event_at(500);
    moderator_enable(&moderator, false);
    sim_run(sim, 2000);
    cr_expect_eq(fired_count, 1);
    moderator_enable(&moderator, true);
    cr_expect_eq(fired_at[1], 2000);
}

Test(moderator, unmasking_within_the_interval_waits_for_its_end)
{
    auto_mask = true;
    set(1000, 0, 0);
    event_at(0);
    event_at(100);
    sim_run(sim, 400);
    moderator_enable(&moderator, true);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 999);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 1000);
    cr_expect_eq(fired_count, 2);
}

Test(moderator, a_vector_that_masks_itself_interrupts_once)
{
    auto_mask = true;
    event_at(10);
    event_at(20);
    event_at(30);
    cr_expect_eq(fired_count, 1);
    moderator_enable(&moderator, true);
    cr_expect_eq(fired_count, 2);
    cr_expect_eq(fired_at[1], 30);
}

Test(moderator, a_cause_that_was_read_does_not_interrupt)
{
    set(1000, 0, 0);
    event_at(0);
    event_at(10);
    moderator_clear(&moderator);
    sim_run(sim, 5000);
    cr_expect_eq(fired_count, 1);
    moderator_event(&moderator, 1);
    cr_expect_eq(fired_count, 2);
}

Test(moderator, a_new_setting_counts_from_the_last_interrupt)
{
    set(1000, 0, 0);
    event_at(0);
    event_at(10);
    set(300, 0, 0);
    sim_run(sim, 299);
    cr_expect_eq(fired_count, 1);
    sim_run(sim, 300);
    cr_expect_eq(fired_count, 2, "a shorter interval moves the timer");
    event_at(310);
    set(100, 0, 0);
    sim_run(sim, 500);
    cr_expect_eq(fired_at[2], 400);
    set(1000, 0, 0);
    event_at(550);
    sim_run(sim, 600);
    set(200, 0, 0);
    cr_expect_eq(fired_at[fired_count - 1], 600, "one that is over interrupts at once");
}

Test(moderator, a_setting_survives_its_register)
{
    struct moderation_setting setting = {.interval = 249856 * SIM_NS, .delay = 256 * SIM_US, .frames = 256};
    struct moderation_setting back = moderation_decode(moderation_encode(&setting));
    cr_expect(back.interval == setting.interval && back.delay == setting.delay && back.frames == 256);
    struct moderation_setting odd = {.interval = 1, .delay = 2 * SIM_SECOND, .frames = 1 << 20};
    back = moderation_decode(moderation_encode(&odd));
    cr_expect_eq(back.interval, SIM_NS, "rounded up");
    cr_expect_eq(back.delay, ((1 << 24) - 1) * SIM_NS, "the longest");
    cr_expect_eq(back.frames, (1 << 15) - 1);
}

Test(moderator, a_value_that_is_no_setting_trips, .signal = SIGABRT)
{
    moderation_decode(1000);
}
