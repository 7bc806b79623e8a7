/* Interrupts that cost exits: injection without APICv, level-triggered lines, interrupts that the host takes. */
#include "tests/unit/models/interrupt_bench.h"

/* ---- without APICv ---- */

Test(interrupt, without_apicv_a_kick_makes_an_exit_and_the_entry_injects)
{
    static struct fixture f;
    fixture_create(&f, false, 20000);
    bench_at(&f.bench, &f.calls[0], 5000 * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, 15000 * CYCLE);
    sim_time entered = 5000 + 600 + EXIT_HALF + HOST_IRQ + 150 + ENTRY_HALF;
    cr_assert_eq(f.handler.at[0], (entered + 100) * CYCLE);
    const struct vcpu_counters *counters = vcpu_counters(f.bench.vcpu);
    cr_assert_eq(counters->exits[EXIT_EXTERNAL_INTERRUPT], 1);
    cr_assert_eq(counters->exits[EXIT_MSR_WRITE], 1); /* the EOI */
    cr_assert_eq(bench_all_exits(&f.bench), 2);
    cr_assert_eq(counters->kicks, 1);
    cr_assert_eq(counters->injections, 1);
    cr_assert_eq(counters->exit_time[EXIT_EXTERNAL_INTERRUPT], (entered - 5600) * CYCLE);
    cr_assert_eq(counters->exit_time[EXIT_MSR_WRITE], (1301 + 800) * CYCLE);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.work.done, (20000 + 1301 + HOST_IRQ + 150 + 100 + 1301 + 800 + 50) * CYCLE);
    cr_assert_eq(cpu_ledger(f.bench.core)->cycles[ACCOUNT_HOST + CPU_INJECT], 150);
    fixture_end(&f);
}

Test(interrupt, without_apicv_an_interrupt_while_one_is_in_service_waits_for_the_window)
{
    static struct fixture f;
    static struct handler other;
    fixture_create(&f, false, 20000);
    handler_init(&other, &f.bench, false);
    f.handler.cycles = 8000;
    bench_at(&f.bench, &f.calls[0], 1000 * CYCLE, interrupt, &f.handler);
    bench_at(&f.bench, &f.calls[1], 5000 * CYCLE, interrupt, &other);
    sim_run(f.bench.sim, SIM_MS);
    sim_time first = 1000 + 600 + EXIT_HALF + HOST_IRQ + 150 + ENTRY_HALF + 100;
    cr_assert_eq(f.handler.at[0], first * CYCLE);
    sim_time open = first + 8000 + 1301 + HOST_IRQ + (1301 + 800) + 50; /* kicked in vain, EOI, iret */
    cr_assert_eq(other.at[0], (open + 1301 + 150 + 100) * CYCLE);
    cr_assert_eq(bench_exits(&f.bench, EXIT_EXTERNAL_INTERRUPT), 2);
    cr_assert_eq(bench_exits(&f.bench, EXIT_INTERRUPT_WINDOW), 1);
    cr_assert_eq(bench_exits(&f.bench, EXIT_MSR_WRITE), 2);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->injections, 2);
    fixture_end(&f);
}

Test(interrupt, with_apicv_there_is_no_window_exit)
{
    static struct fixture f;
    static struct handler other;
    fixture_create(&f, true, 20000);
    handler_init(&other, &f.bench, false);
    f.handler.cycles = 8000;
    bench_at(&f.bench, &f.calls[0], 1000 * CYCLE, interrupt, &f.handler);
    bench_at(&f.bench, &f.calls[1], 5000 * CYCLE, interrupt, &other);
    sim_run(f.bench.sim, 19000 * CYCLE);
    cr_assert_eq(f.handler.at[0], 1700 * CYCLE);
    cr_assert_eq(other.at[0], (1700 + 8000 + 30 + 50 + 100) * CYCLE);
    cr_assert_eq(bench_all_exits(&f.bench), 0);
    fixture_end(&f);
}

Test(interrupt, without_apicv_what_comes_during_the_entry_is_still_injected)
{
    static struct fixture f;
    fixture_create(&f, false, 20000);
    bench_at(&f.bench, &f.calls[0], 1000 * CYCLE, interrupt, &f.handler);
    static struct handler other;
    handler_init(&other, &f.bench, false);
    /* The first kick arrives at 1600 and injects the first vector; the second one is raised during the entry's half
     * and has to wait for the window, but needs no kick. */
    bench_at(&f.bench, &f.calls[1], (1600 + EXIT_HALF + HOST_IRQ + 150 + 300) * CYCLE, interrupt, &other);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.count + other.count, 2);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->kicks, 1);
    cr_assert_eq(bench_exits(&f.bench, EXIT_INTERRUPT_WINDOW), 1);
    fixture_end(&f);
}

static void host_handler(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void raise_on_host(void *self)
{
    struct vm_bench *bench = self;
    lapic_raise(bench->core_lapic, lapic_allocate(bench->core_lapic, host_handler, NULL, false));
}

Test(interrupt, without_apicv_the_end_of_the_entry_looks_again)
{
    static struct fixture f;
    fixture_create(&f, false, 20000);
    bench_at(&f.bench, &f.calls[0], 1000 * CYCLE, raise_on_host, &f.bench);
    sim_time entry_ends = 1000 + EXIT_HALF + HOST_IRQ + ENTRY_HALF;
    bench_at(&f.bench, &f.calls[1], (entry_ends - 1) * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.at[0], (entry_ends + 150 + 100) * CYCLE);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->kicks, 0);
    cr_assert_eq(bench_exits(&f.bench, EXIT_EXTERNAL_INTERRUPT), 1);
    fixture_end(&f);
}

/* ---- level-triggered lines ---- */

static void resample(struct vcpu *vcpu, unsigned vector, void *self)
{
    struct handler *handler = self;
    handler->eois++;
    if (handler->still_asserted-- > 0)
        vcpu_interrupt(vcpu, vector);
}

static void level_line(bool apicv, enum exit_reason reason)
{
    static struct fixture f;
    static struct handler line;
    fixture_create(&f, apicv, 30000);
    handler_init(&line, &f.bench, true);
    line.still_asserted = 1;
    vcpu_set_eoi_listener(f.bench.vcpu, line.vector, resample, &line);
    bench_at(&f.bench, &f.calls[0], 1000 * CYCLE, interrupt, &line);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(line.count, 2);
    cr_assert_eq(line.eois, 2);
    cr_assert_eq(bench_exits(&f.bench, reason), 2);
    cr_assert_eq(lapic_eoi_broadcasts(vcpu_lapic(f.bench.vcpu)), 2);
    fixture_end(&f);
}

Test(interrupt, a_level_lines_eoi_is_induced_under_apicv_and_resampled)
{
    level_line(true, EXIT_EOI_INDUCED);
}

Test(interrupt, a_level_lines_eoi_is_a_trapped_write_without_apicv_and_resampled)
{
    level_line(false, EXIT_MSR_WRITE);
}

Test(interrupt, an_edge_triggered_eoi_calls_no_listener)
{
    static struct fixture f;
    fixture_create(&f, false, 20000);
    vcpu_set_eoi_listener(f.bench.vcpu, f.handler.vector, resample, &f.handler);
    bench_at(&f.bench, &f.calls[0], 1000 * CYCLE, interrupt, &f.handler);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_eq(f.handler.count, 1);
    cr_assert_eq(f.handler.eois, 0);
    fixture_end(&f);
}

/* ---- an assigned device's interrupt that the host takes ---- */

static void device_interrupt(bool apicv, enum exit_reason eoi_exit)
{
    static struct fixture f;
    fixture_create(&f, apicv, 20000);
    struct vm_irq_forward forward = {f.bench.vcpu, f.handler.vector, &f.bench.costs};
    unsigned vector = lapic_allocate(f.bench.core_lapic, vm_forward_interrupt, &forward, false);
    sim_run(f.bench.sim, 1000 * CYCLE);
    lapic_raise(f.bench.core_lapic, vector);
    sim_run(f.bench.sim, SIM_MS);
    int64_t host = 100 + 70 + 250 + (apicv ? 60 : 0) + 30 + 50;
    int64_t inject = apicv ? 0 : 150;
    cr_assert_eq(f.handler.at[0], (1000 + EXIT_HALF + host + inject + ENTRY_HALF + 100) * CYCLE);
    cr_assert_eq(bench_exits(&f.bench, EXIT_EXTERNAL_INTERRUPT), 1);
    cr_assert_eq(vcpu_counters(f.bench.vcpu)->kicks, 0);
    cr_assert_eq(bench_all_exits(&f.bench), 2 + (eoi_exit != 0)); /* with the HLT at the end */
    cr_assert_eq(bench_exits(&f.bench, EXIT_MSR_WRITE), eoi_exit != 0);
    fixture_end(&f);
}

Test(interrupt, a_device_interrupt_taken_by_the_host_costs_one_exit)
{
    device_interrupt(true, 0);
}

Test(interrupt, a_device_interrupt_taken_by_the_host_costs_two_exits_without_apicv)
{
    device_interrupt(false, EXIT_MSR_WRITE);
}
