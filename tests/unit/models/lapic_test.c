#include <criterion/criterion.h>
#include <signal.h>

#include "models/cpu/lapic.h"
#include "tests/unit/models/cpu_vm_fixture.h"

TestSuite(lapic, .init = fixture_setup, .fini = fixture_teardown);

enum { ENTRY = 100, LEAVE = 50, EOI = 20, WORK = 300 };

static const struct lapic_costs costs = {.entry = ENTRY, .exit = LEAVE, .eoi = EOI};

struct device {
    struct lapic *lapic;
    unsigned vector;
    int id;
};

static void handled(struct cpu_context *ctx, void *self)
{
    struct device *device = self;
    note(device->id + 100);
    cr_expect(lapic_in_service(device->lapic));
    cpu_return(ctx);
}

static void handle(struct cpu_context *ctx, void *self)
{
    struct device *device = self;
    note(device->id);
    cpu_add(ctx, CPU_DRIVER, SHARE_BATCH, WORK);
    cpu_run(ctx, handled, device);
}

static void raise_action(void *self)
{
    struct device *device = self;
    lapic_raise(device->lapic, device->vector);
}

static void device_init(struct device *device, struct lapic *lapic, int id, bool level)
{
    *device = (struct device){.lapic = lapic, .id = id};
    device->vector = lapic_allocate(lapic, handle, device, level);
}

Test(lapic, an_interrupt_runs_entry_handler_eoi_and_exit)
{
    struct cpu *core = core_at(1000000000);
    struct lapic *lapic = lapic_create(core, &costs, NULL, NULL);
    struct device device;
    device_init(&device, lapic, 1, false);
    cr_expect_eq(device.vector, 32);
    at(SIM_US, raise_action, &device);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 1, SIM_US + ENTRY * SIM_NS);
    EXPECT_LOG(1, 101, SIM_US + (ENTRY + WORK) * SIM_NS);
    const struct ledger *ledger = cpu_ledger(core);
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_IRQ], ENTRY + EOI + LEAVE);
    cr_expect_eq(ledger->cycles[ACCOUNT_HOST + CPU_DRIVER], WORK);
    cr_expect_eq(ledger->shared[SHARE_BATCH], ENTRY + EOI + LEAVE + WORK);
    cr_expect_eq(lapic_raised(lapic), 1);
    cr_expect_eq(lapic_handled(lapic), 1);
    cr_expect_eq(lapic_eois(lapic), 1);
    cr_expect_eq(lapic_eoi_broadcasts(lapic), 0);
    cr_expect_not(lapic_in_service(lapic));
    cr_expect_not(lapic_pending(lapic));
    expect_conserved(core);
    lapic_destroy(lapic);
    cpu_destroy(core);
}

Test(lapic, a_vector_raised_while_pending_merges_and_while_in_service_does_not)
{
    struct cpu *core = core_at(1000000000);
    struct lapic *lapic = lapic_create(core, &costs, NULL, NULL);
    struct device device;
    device_init(&device, lapic, 1, false);
    at(0, raise_action, &device);
    at(0, raise_action, &device);            /* not taken yet: merges */
    at(50 * SIM_NS, raise_action, &device);  /* taken: pends again */
    at(200 * SIM_NS, raise_action, &device); /* merges with that */
    sim_run(sim, 10 * SIM_US);
    cr_expect_eq(lapic_raised(lapic), 4);
    cr_expect_eq(lapic_handled(lapic), 2);
    EXPECT_LOG(2, 1, (2 * ENTRY + WORK + EOI + LEAVE) * SIM_NS);
    lapic_destroy(lapic);
    cpu_destroy(core);
}

Test(lapic, the_highest_vector_goes_first_and_one_is_in_service_at_a_time)
{
    struct cpu *core = core_at(1000000000);
    struct lapic *lapic = lapic_create(core, &costs, NULL, NULL);
    struct device device[3];
    for (int i = 0; i < 3; i++)
        device_init(&device[i], lapic, i, i == 2);
    cr_expect(lapic_is_level(lapic, device[2].vector));
    cr_expect_not(lapic_is_level(lapic, device[1].vector));
    at(0, raise_action, &device[1]);
    at(150 * SIM_NS, raise_action, &device[0]);
    at(160 * SIM_NS, raise_action, &device[2]);
    sim_run(sim, 10 * SIM_US);
    const int64_t whole = ENTRY + WORK + EOI + LEAVE;
    EXPECT_LOG(0, 1, ENTRY * SIM_NS);
    EXPECT_LOG(2, 2, (whole + ENTRY) * SIM_NS);
    EXPECT_LOG(4, 0, (2 * whole + ENTRY) * SIM_NS);
    cr_expect_eq(lapic_eoi_broadcasts(lapic), 1);
    cr_expect_eq(lapic_eois(lapic), 3);
    lapic_destroy(lapic);
    cpu_destroy(core);
}

Test(lapic, two_hundred_vectors_and_not_one_more, .signal = SIGABRT)
{
    struct cpu *core = core_at(1000000000);
    struct lapic *lapic = lapic_create(core, &costs, NULL, NULL);
    struct device device;
    for (int i = 0; i < 200; i++)
        device_init(&device, lapic, 1, false);
    cr_assert_eq(device.vector, 231);
    at(0, raise_action, &device);
    sim_run(sim, SIM_US);
    cr_assert_eq(lapic_handled(lapic), 1);
    device_init(&device, lapic, 1, false);
}

/* ---- a binding ---- */

static int notified, eois, windows;
static bool accept_at_window;

static void count_notify(struct lapic *lapic, void *self)
{
    (void)lapic;
    (void)self;
    notified++;
}

static void eoi_done(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void costly_eoi(struct lapic *lapic, struct cpu_context *ctx, unsigned vector, void *self)
{
    cr_expect_eq(vector, 32 + 0u);
    (void)lapic;
    eois++;
    cpu_add_exit(ctx, 45, 1000);
    cpu_run(ctx, eoi_done, self);
}

static void window(struct lapic *lapic, struct cpu_context *ctx, void *self)
{
    (void)self;
    windows++;
    cr_expect_not(lapic_in_service(lapic));
    if (accept_at_window)
        lapic_accept_one(lapic);
    cpu_return(ctx);
}

static const struct lapic_ops binding = {.notify = count_notify, .eoi = costly_eoi, .window = window};

static void accept_action(void *self)
{
    lapic_accept(self);
}

static void accept_one_action(void *self)
{
    lapic_accept_one(self);
}

Test(lapic, a_binding_decides_when_a_vector_is_taken_and_what_an_eoi_costs)
{
    struct cpu *core = core_at(1000000000);
    struct lapic *lapic = lapic_create(core, &costs, &binding, NULL);
    struct device device;
    device_init(&device, lapic, 1, true);
    at(0, raise_action, &device);
    at(10 * SIM_NS, raise_action, &device);
    sim_run(sim, SIM_US);
    cr_expect_eq(notified, 1, "a merged message is not news");
    cr_expect_eq(log_count, 0);
    cr_expect(lapic_pending(lapic));
    cr_expect(lapic_awaits_accept(lapic));
    at(2 * SIM_US, accept_action, lapic);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 1, 2 * SIM_US + ENTRY * SIM_NS);
    cr_expect_eq(eois, 1);
    cr_expect_eq(lapic_eoi_broadcasts(lapic), 1);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_EXIT + 45], 1000);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_HOST + CPU_IRQ], ENTRY + LEAVE);
    cr_expect_eq(windows, 0);
    lapic_destroy(lapic);
    cpu_destroy(core);
}

static void run_window(bool accept)
{
    struct cpu *core = core_at(1000000000);
    struct lapic_ops ops = binding;
    ops.eoi = NULL;
    struct lapic *lapic = lapic_create(core, &costs, &ops, NULL);
    struct device device[2];
    device_init(&device[0], lapic, 0, false);
    device_init(&device[1], lapic, 1, false);
    accept_at_window = accept;
    at(0, raise_action, &device[0]);
    at(0, raise_action, &device[1]);
    at(0, accept_one_action, lapic);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(0, 1, ENTRY * SIM_NS);
    cr_expect_eq(windows, 1);
    cr_expect_eq(lapic_handled(lapic), accept ? 2 : 1);
    cr_expect_eq(lapic_awaits_accept(lapic), !accept);
    if (accept)
        EXPECT_LOG(2, 0, (2 * ENTRY + WORK + EOI + LEAVE) * SIM_NS);
    lapic_destroy(lapic);
    cpu_destroy(core);
}

Test(lapic, the_window_opens_after_the_handler_for_what_was_not_accepted)
{
    run_window(true);
}

Test(lapic, a_vector_not_accepted_at_the_window_waits_on)
{
    run_window(false);
}

Test(lapic, accepting_during_a_handler_takes_effect_at_its_end)
{
    struct cpu *core = core_at(1000000000);
    struct lapic_ops ops = {.notify = count_notify, .window = window};
    struct lapic *lapic = lapic_create(core, &costs, &ops, NULL);
    struct device device[2];
    device_init(&device[0], lapic, 0, false);
    device_init(&device[1], lapic, 1, false);
    at(0, raise_action, &device[0]);
    at(0, accept_action, lapic);
    at(200 * SIM_NS, raise_action, &device[1]);
    at(210 * SIM_NS, accept_action, lapic);
    at(220 * SIM_NS, accept_action, lapic);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(2, 1, (2 * ENTRY + WORK + EOI + LEAVE) * SIM_NS);
    cr_expect_eq(lapic_handled(lapic), 2);
    cr_expect_eq(windows, 0);
    lapic_destroy(lapic);
    cpu_destroy(core);
}

/* ---- on a vCPU ---- */

static struct vm vm;

static void trapped_eoi(struct lapic *lapic, struct cpu_context *ctx, unsigned vector, void *self)
{
    (void)lapic;
    (void)vector;
    vm_trap(&vm, ctx, eoi_done, self);
}

Test(lapic, a_posted_interrupt_preempts_the_guest_and_its_eoi_may_trap)
{
    struct cpu *core = core_at(1000000000);
    vm_init(&vm, core);
    struct lapic_ops ops = {.eoi = trapped_eoi};
    struct lapic *lapic = lapic_create(vm.vcpu, &costs, &ops, NULL);
    struct device device;
    struct job app;
    device_init(&device, lapic, 1, true);
    job_init(&app, vm.vcpu, 2, CPU_TASK, 1000);
    cpu_wake(&app.ctx);
    at(500 * SIM_NS, raise_action, &device);
    sim_run(sim, 10 * SIM_US);
    EXPECT_LOG(1, 1, (500 + ENTRY) * SIM_NS);
    EXPECT_LOG(2, 101, (500 + ENTRY + WORK) * SIM_NS);
    EXPECT_LOG(3, 102, (1000 + ENTRY + WORK + COST_MISCONFIG + LEAVE) * SIM_NS);
    cr_expect_eq(cpu_ledger(core)->cycles[ACCOUNT_GUEST + CPU_IRQ], ENTRY + LEAVE);
    cr_expect_eq(vm.exits[EXIT_INTERRUPT], 0);
    expect_conserved(core);
    lapic_destroy(lapic);
    cpu_destroy(vm.vcpu);
    cpu_destroy(core);
}
