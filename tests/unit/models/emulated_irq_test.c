/*
 * The emulated NIC's interrupts: causes are set from a context of the test's own, and the guest's driver answers. The
 * line with its mitigation timer, what a masked cause comes to, messages that mask themselves.
 */
#include "tests/unit/models/emulated_bench.h"

/* Sets causes from core 3, `count` times in a row, at `when`. */
struct poke {
    struct cpu_context ctx;
    struct sim_event event;
    uint32_t causes;
    unsigned count;
};

static void poke_next(struct cpu_context *ctx, void *self)
{
    struct poke *poke = self;
    if (poke->count == 0) {
        cpu_block(ctx, poke_next, poke);
        return;
    }
    poke->count--;
    cpu_push(ctx, poke_next, poke);
    emulated_cause_set(emulated(), ctx, poke->causes);
}

static void poke_begins(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    cpu_wake(&SIM_CONTAINER_OF(event, struct poke, event)->ctx);
}

static struct poke pokes[4];

static void poke_at(unsigned index, sim_time when, uint32_t causes, unsigned count)
{
    static uint16_t component;
    struct poke *poke = &pokes[index];
    if (index == 0)
        component = sim_component(bench.sim, "poke");
    *poke = (struct poke){.causes = causes, .count = count};
    cpu_context_init(&poke->ctx, bench.system->cores[3].cpu, "poke", CPU_TASK, poke_next, poke);
    sim_event_init(&poke->event, poke_begins, component, (uint8_t)index);
    sim_schedule(bench.sim, &poke->event, when);
}

/* The guest runs and is asleep at 1 ms. */
enum { IRQ_IOCTL = 257, QEMU_DISPATCH = 337, SWITCH = 173 };
#define START SIM_MS

static void start(void)
{
    system_bench_start(&bench);
    vm_start(bench.system->attachments[0].vm);
    sim_run(bench.sim, START - SIM_US);
    cr_assert(vcpu_is_asleep(emulated_vcpu()));
}

static void finish(void)
{
    const char *broken = system_check(bench.system);
    cr_expect_null(broken, "conservation of %s", broken);
    system_bench_destroy(&bench);
}

/* The system call and, with APICv, the posting; waking the vCPU's thread comes after. */
static sim_time raise_cycles(void)
{
    return (IRQ_IOCTL + vcpu_post_cycles(emulated_vcpu())) * CYCLE;
}

/* The host's timer interrupts the core of the device's thread, whose handler wakes it. */
static sim_time timer_cycles(void)
{
    const struct costs *costs = &system_bench_costs;
    return (costs->irq_entry + costs->wakeup + costs->eoi + costs->irq_exit) * CYCLE;
}

/* ---- the line ---- */

Test(emulated_irq, a_cause_raises_the_line_when_the_system_call_is_over)
{
    emulated_prepare("e1000");
    start();
    sim_time takes = raise_cycles();
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, START + takes - 1);
    cr_expect_eq(emulated()->raised, 0);
    sim_run(bench.sim, START + takes);
    cr_expect_eq(emulated()->raised, 1);
    cr_expect_eq(emulated()->vectors[0].last, START + takes);
    finish();
}

Test(emulated_irq, the_guest_reads_the_cause_and_lowers_the_line)
{
    emulated_prepare("e1000");
    start();
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->cause, 0);
    cr_expect_not(emulated()->vectors[0].asserted);
    cr_expect_not(emulated()->vectors[0].delivered, "its EOI came back");
    cr_expect_eq(lapic_eoi_broadcasts(vcpu_lapic(emulated_vcpu())), 1);
    finish();
}

/* The next assertion comes no earlier than 500 units of 256 ns after this one: not a picosecond before. */
#define FLOOR (128 * SIM_US)

static void expect_held_until(sim_time due)
{
    int64_t before = emulated()->raised;
    sim_run(bench.sim, due - 1);
    cr_expect_eq(emulated()->raised, before);
    cr_expect_not(emulated()->evaluate_wanted);
    cr_expect_neq(emulated()->cause, 0, "it waits");
    sim_run(bench.sim, due);
    cr_expect(emulated()->evaluate_wanted, "the device's thread is woken");
    sim_time takes = timer_cycles() + QEMU_DISPATCH * CYCLE + raise_cycles();
    sim_run(bench.sim, due + takes - 1);
    cr_expect_eq(emulated()->raised, before);
    sim_run(bench.sim, due + takes);
    cr_expect_eq(emulated()->raised, before + 1);
}

Test(emulated_irq, mitigation_holds_the_next_interrupt_back)
{
    emulated_prepare("e1000");
    start();
    poke_at(0, START, CAUSE_RX, 1);
    poke_at(1, START + 60 * SIM_US, CAUSE_RX, 1);
    sim_run(bench.sim, START + 61 * SIM_US);
    expect_held_until(START + FLOOR);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->raised, 2);
    finish();
}

/* The timer's interrupt is the host's, on the core of the device's thread: 10 us of nothing pending cost just that. */
Test(emulated_irq, the_timer_of_the_device_is_an_interrupt_of_the_host)
{
    emulated_prepare("e1000");
    start();
    const struct ledger *ledger = cpu_ledger(bench.system->cores[2].cpu);
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, START + FLOOR - 1);
    int64_t irq = ledger->cycles[ACCOUNT_HOST + CPU_IRQ], sched = ledger->cycles[ACCOUNT_HOST + CPU_SCHED];
    sim_run(bench.sim, START + 2 * FLOOR);
    const struct costs *costs = &system_bench_costs;
    ledger = cpu_ledger(bench.system->cores[2].cpu);
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_IRQ] - irq,
                 costs->irq_entry + costs->eoi + costs->irq_exit);
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_SCHED] - sched, costs->wakeup);
    finish();
}

/* With nothing pending the timer runs out and nothing comes of it; a later cause is not held back. */
Test(emulated_irq, mitigation_that_is_over_holds_nothing)
{
    emulated_prepare("e1000");
    start();
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, START + 200 * SIM_US);
    cr_expect_eq(emulated()->raised, 1);
    sim_time takes = SWITCH * CYCLE + raise_cycles();
    poke_at(1, START + 300 * SIM_US, CAUSE_RX, 1);
    sim_run(bench.sim, START + 300 * SIM_US + takes - 1);
    cr_expect_eq(emulated()->raised, 1);
    sim_run(bench.sim, START + 300 * SIM_US + takes);
    cr_expect_eq(emulated()->raised, 2);
    finish();
}

static void throttle(sim_time interval)
{
    struct moderation_setting setting = {.interval = interval};
    emulated()->device.moderate(emulated()->device.self, 0, &setting);
}

/* The interval register counts when it is longer than the floor, and then for what is received. */
Test(emulated_irq, a_long_interval_holds_longer)
{
    emulated_prepare("e1000");
    start();
    throttle(250 * SIM_US);
    poke_at(0, START, CAUSE_RX, 1);
    poke_at(1, START + 150 * SIM_US, CAUSE_RX, 1);
    sim_run(bench.sim, START + 151 * SIM_US);
    expect_held_until(START + 250 * SIM_US);
    finish();
}

/* For what was sent with a delay, TADV is shorter: back to the floor, and once only. */
Test(emulated_irq, a_transmit_delay_shortens_a_long_interval)
{
    emulated_prepare("e1000");
    start();
    throttle(250 * SIM_US);
    emulated()->delayed = true;
    poke_at(0, START, CAUSE_TX, 1);
    poke_at(1, START + 60 * SIM_US, CAUSE_TX, 1);
    sim_run(bench.sim, START + 61 * SIM_US);
    expect_held_until(START + FLOOR);
    sim_time second =
        START + FLOOR + timer_cycles() + QEMU_DISPATCH * CYCLE; /* the delay was used up: 250 us from here */
    poke_at(2, START + 300 * SIM_US, CAUSE_TX, 1);
    sim_run(bench.sim, START + 301 * SIM_US);
    expect_held_until(second + 250 * SIM_US);
    finish();
}

/* A received packet's cause is not shortened by it. */
Test(emulated_irq, a_transmit_delay_is_for_transmit_causes)
{
    emulated_prepare("e1000");
    start();
    throttle(250 * SIM_US);
    emulated()->delayed = true;
    poke_at(0, START, CAUSE_RX, 1);
    poke_at(1, START + 150 * SIM_US, CAUSE_RX, 1);
    sim_run(bench.sim, START + 151 * SIM_US);
    expect_held_until(START + 250 * SIM_US);
    finish();
}

Test(emulated_irq, without_mitigation_every_cause_interrupts)
{
    emulated_prepare("e1000");
    bench.vms[0].emulation.mitigation = false;
    start();
    for (unsigned i = 0; i < 3; i++)
        poke_at(i, START + i * 60 * SIM_US, CAUSE_RX, 1);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->raised, 3);
    finish();
}

/* ---- masks ---- */

static sim_time issued(enum device_register reg)
{
    for (size_t i = 0; i < bench_logged; i++)
        if (bench_log[i].reg == reg)
            return bench_log[i].when;
    cr_assert_fail("no such access");
    return 0;
}

/* A cause set between the mask's clearing and its setting again is delivered then, and once. */
Test(emulated_irq, a_masked_cause_is_delivered_when_it_is_unmasked)
{
    sim_time unmasked = 0;
    for (int round = 0; round < 2; round++) {
        emulated_prepare("e1000");
        bench.vms[0].emulation.mitigation = false;
        start();
        bench_record(&bench);
        poke_at(0, START, CAUSE_RX, 1);
        if (round == 1)
            poke_at(1, unmasked - SIM_US, CAUSE_RX, 1);
        sim_run(bench.sim, 2 * SIM_MS);
        cr_expect_eq(emulated()->raised, 1 + round);
        if (round == 0)
            unmasked = issued(REG_MASK_SET);
        else
            cr_expect_gt(emulated()->vectors[0].last, unmasked);
        finish();
    }
}

static void unmask_all(struct sim *sim, struct sim_event *event)
{
    (void)sim, (void)event;
    emulated()->mask = ~0u;
}

/* A line that is asserted anew before the EOI of its last interrupt is sent with the EOI, no earlier. */
Test(emulated_irq, an_asserted_line_is_sent_again_at_the_eoi)
{
    sim_time flushed = 0;
    for (int round = 0; round < 2; round++) {
        struct sim_event unmask;
        emulated_prepare("e1000");
        bench.vms[0].emulation.mitigation = false;
        start();
        bench_record(&bench);
        poke_at(0, START, CAUSE_RX, 1);
        if (round == 1) {
            sim_event_init(&unmask, unmask_all, sim_component(bench.sim, "unmask"), 0);
            sim_schedule(bench.sim, &unmask, flushed + SIM_US / 2);
            poke_at(1, flushed + SIM_US / 2 + 1, CAUSE_RX, 1);
            sim_run(bench.sim, flushed + 2 * SIM_US);
            cr_expect(emulated()->vectors[0].asserted);
            cr_expect_eq(emulated()->raised, 1);
            cr_expect_eq(lapic_eoi_broadcasts(vcpu_lapic(emulated_vcpu())), 0);
        }
        sim_run(bench.sim, 2 * SIM_MS);
        cr_expect_eq(emulated()->raised, 1 + round);
        cr_expect_eq(lapic_eoi_broadcasts(vcpu_lapic(emulated_vcpu())), (uint64_t)(1 + round));
        flushed = issued(REG_STATUS);
        finish();
    }
}

Test(emulated_irq, what_nobody_asked_for_does_not_interrupt)
{
    emulated_prepare("e1000");
    start();
    emulated()->mask = CAUSE_TX;
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->raised, 0);
    cr_expect_eq(emulated()->cause, CAUSE_RX);
    finish();
}

/* ---- the factor: an interrupt a packet ---- */

/* Taken away, 64 causes make an interrupt, or 100 us. */
Test(emulated_irq, without_an_interrupt_a_packet_64_make_one)
{
    emulated_prepare("e1000");
    bench.vms[0].emulation.interrupt_per_packet = false;
    start();
    poke_at(0, START, CAUSE_RX, 63);
    poke_at(1, START + 50 * SIM_US, CAUSE_RX, 1);
    sim_time takes = SWITCH * CYCLE + raise_cycles();
    sim_run(bench.sim, START + 50 * SIM_US + takes - 1);
    cr_expect_eq(emulated()->raised, 0);
    sim_run(bench.sim, START + 50 * SIM_US + takes);
    cr_expect_eq(emulated()->raised, 1);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->raised, 1);
    finish();
}

Test(emulated_irq, without_an_interrupt_a_packet_one_waits_100_us)
{
    emulated_prepare("e1000");
    bench.vms[0].emulation.interrupt_per_packet = false;
    start();
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, START + 60 * SIM_US);
    expect_held_until(START + 100 * SIM_US);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->cause, 0, "the guest has seen it");
    finish();
}

/* ---- messages ---- */

Test(emulated_irq, each_direction_has_a_message_of_its_own)
{
    emulated_prepare("e1000e");
    start();
    bench_record(&bench);
    poke_at(0, START, CAUSE_RX, 1);
    sim_run(bench.sim, 2 * SIM_MS);
    cr_expect_eq(emulated()->raised, 1);
    cr_assert_eq(bench_logged, 1);
    cr_expect_eq(bench_log[0].value, RING_MASK_RX);
    poke_at(1, 2 * SIM_MS, CAUSE_TX, 1);
    sim_run(bench.sim, 3 * SIM_MS);
    cr_expect_eq(emulated()->raised, 2);
    cr_assert_eq(bench_logged, 2);
    cr_expect_eq(bench_log[1].value, RING_MASK_TX);
    finish();
}

/* Many causes while the vector is masked are one message when it is unmasked. */
Test(emulated_irq, a_masked_vector_keeps_one_message)
{
    sim_time unmasked = 0;
    for (int round = 0; round < 2; round++) {
        emulated_prepare("e1000e");
        start();
        bench_record(&bench);
        poke_at(0, START, CAUSE_RX, 1);
        if (round == 1)
            poke_at(1, unmasked - SIM_US / 2, CAUSE_RX, 5);
        sim_run(bench.sim, 2 * SIM_MS);
        cr_expect_eq(emulated()->raised, 1 + round);
        cr_expect_eq(bench_logged, (size_t)(1 + round));
        unmasked = issued(REG_MASK_SET);
        finish();
    }
}
