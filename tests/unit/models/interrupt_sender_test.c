/* What interrupting a vCPU costs software that does it: by the vCPU's state when the vector becomes pending. */
#include "tests/unit/models/interrupt_bench.h"

enum { PI_UPDATE = 60, IPI = 120, WAKEUP = 200, ASLEEP_AT = EXIT_HALF + 800 + 90 };

static struct fixture f;
static struct sender senders[2];

static void create(bool apicv, int64_t work)
{
    fixture_create(&f, apicv, work);
    sender_init(&senders[0], &f.handler, "core1");
    sender_init(&senders[1], &f.handler, "core2");
}

static void send_at(unsigned index, sim_time when)
{
    bench_at(&f.bench, &f.calls[index], when, sender_wake, &senders[index]);
}

static void finish(void)
{
    sender_end(&senders[0]);
    sender_end(&senders[1]);
    fixture_end(&f);
}

/* ---- smoke: each state's price ---- */

Test(interrupt_sender, pays_an_ipi_for_a_vcpu_in_guest_mode)
{
    create(true, 20000);
    send_at(0, 5000 * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_expect_eq(senders[0].raised, (5000 + PI_UPDATE) * CYCLE);
    cr_expect_eq(senders[0].done, (5000 + PI_UPDATE + IPI) * CYCLE);
    cr_expect_eq(f.handler.at[0], (5000 + PI_UPDATE + IPI + 600 + 100) * CYCLE);
    finish();
}

Test(interrupt_sender, pays_a_wake_up_for_a_vcpu_asleep)
{
    create(true, 0);
    send_at(0, 50000 * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_expect_eq(sender_cycles(&senders[0]), PI_UPDATE + WAKEUP);
    cr_expect_eq(f.handler.at[0], (50000 + PI_UPDATE + WAKEUP + ENTRY_HALF + 100) * CYCLE);
    finish();
}

Test(interrupt_sender, pays_no_posting_without_apicv)
{
    create(false, 20000);
    send_at(0, 5000 * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_expect_eq(sender_cycles(&senders[0]), IPI);
    cr_expect_eq(vcpu_counters(f.bench.vcpu)->kicks, 1);
    finish();
}

/* A polling vCPU looks by itself. */
Test(interrupt_sender, pays_posting_alone_for_a_vcpu_that_polls)
{
    f = (struct fixture){0};
    bench_prepare(&f.bench, 1000000000, 0, 0);
    f.bench.config.halt_poll = f.bench.config.halt_poll_start = SIM_MS;
    bench_finish(&f.bench);
    handler_init(&f.handler, &f.bench, false);
    sender_init(&senders[0], &f.handler, "core1");
    sender_init(&senders[1], &f.handler, "core2");
    vm_start(f.bench.vm);
    send_at(0, 50 * SIM_US); /* the first halt does not poll: the limit grows at its end */
    send_at(1, 150 * SIM_US);
    sim_run(f.bench.sim, 2 * SIM_MS);
    cr_expect_eq(vcpu_counters(f.bench.vcpu)->halt_polls_hit, 1);
    cr_expect_eq(sender_cycles(&senders[0]), PI_UPDATE + WAKEUP);
    cr_expect_eq(sender_cycles(&senders[1]), PI_UPDATE);
    finish();
}

/* ---- boundary: the state counts when the vector is pending, not when the sender's work was begun ---- */

/* A sender whose posting ends at `raised`: does it find the vCPU asleep? */
static void around_sleep(sim_time raised, int64_t expected)
{
    create(true, 0);
    send_at(0, raised - PI_UPDATE * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_expect_eq(senders[0].raised, raised);
    cr_expect_eq(sender_cycles(&senders[0]), expected, "at %lld", (long long)raised);
    cr_expect_eq(f.handler.count, 1);
    finish();
}

Test(interrupt_sender, a_picosecond_before_the_sleep_it_owes_nothing)
{
    around_sleep(ASLEEP_AT * CYCLE - 1, PI_UPDATE);
}

Test(interrupt_sender, once_it_sleeps_it_owes_the_wake_up)
{
    around_sleep(ASLEEP_AT * CYCLE + 1, PI_UPDATE + WAKEUP);
}

/* ---- sequence: two senders ---- */

/* The second finds the vector pending, or the descriptor's ON set: the first tells the vCPU. */
Test(interrupt_sender, the_second_finds_the_first_at_it)
{
    create(true, 0);
    send_at(0, 50000 * CYCLE);
    send_at(1, 50100 * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_expect_eq(sender_cycles(&senders[0]), PI_UPDATE + WAKEUP);
    cr_expect_eq(sender_cycles(&senders[1]), PI_UPDATE);
    cr_expect_eq(vcpu_counters(f.bench.vcpu)->wakeups, 1);
    finish();
}

/* Without APICv, too: one of another vector leaves the waking to the first. */
Test(interrupt_sender, one_wakes_for_both)
{
    static struct handler other;
    create(false, 0);
    handler_init(&other, &f.bench, false);
    senders[1].handler = &other;
    send_at(0, 50000 * CYCLE);
    send_at(1, 50100 * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_expect_eq(sender_cycles(&senders[0]), WAKEUP);
    cr_expect_eq(sender_cycles(&senders[1]), 0);
    cr_expect_eq(f.handler.count, 1);
    cr_expect_eq(other.count, 1);
    finish();
}
