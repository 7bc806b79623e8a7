/* Trapped register accesses: what reaches the device, when, and what it costs. */
#include "models/hypervisor/coalesced.h"
#include "models/hypervisor/trapped.h"
#include "tests/unit/models/vm_bench.h"

enum { LOG_SIZE = 256 };

/* An emulated device that logs its accesses and takes `cycles` for each. */
struct device {
    struct sim *sim;
    int64_t cycles;
    uint64_t answer;
    unsigned count;
    struct {
        sim_time when;
        bool read;
        enum device_register reg;
        unsigned index;
        uint64_t value;
    } log[LOG_SIZE];
};

static void device_done(struct cpu_context *thread, void *self)
{
    (void)self;
    cpu_return(thread);
}

static void device_work(struct device *device, struct cpu_context *thread)
{
    cpu_add(thread, CPU_EMULATION, SHARE_PACKET, device->cycles);
    cpu_run(thread, device_done, device);
}

static void on_write(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                     uint64_t value)
{
    struct device *device = self;
    unsigned i = device->count++;
    cr_assert_lt(i, LOG_SIZE);
    device->log[i].when = sim_now(device->sim);
    device->log[i].reg = reg;
    device->log[i].index = index;
    device->log[i].value = value;
    device_work(device, thread);
}

static void on_read(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                    uint64_t *value)
{
    struct device *device = self;
    on_write(self, thread, reg, index, 0);
    device->log[device->count - 1].read = true;
    *value = device->answer;
}

static const struct emulated_device_ops device_ops = {on_write, on_read};

/* A guest thread that makes `accesses` accesses, with `cycles` of work before each. */
struct driver {
    struct cpu_context ctx;
    struct device_access *access;
    int64_t cycles;
    enum device_register reg;
    bool read;
    int accesses, made;
    uint64_t value;
    sim_time done;
};

static void driver_step(struct cpu_context *ctx, void *self);

static void driver_accessed(struct cpu_context *ctx, void *self)
{
    struct driver *driver = self;
    driver->made++;
    driver->done = sim_now(cpu_sim(ctx->cpu));
    driver_step(ctx, driver);
}

static void driver_access(struct cpu_context *ctx, void *self)
{
    struct driver *driver = self;
    cpu_push(ctx, driver_accessed, driver);
    if (driver->read)
        device_read(driver->access, ctx, driver->reg, 3, &driver->value);
    else
        device_write(driver->access, ctx, driver->reg, 3, (uint64_t)driver->made);
}

static void driver_step(struct cpu_context *ctx, void *self)
{
    struct driver *driver = self;
    if (driver->made == driver->accesses) {
        cpu_block(ctx, driver_step, driver);
        return;
    }
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, driver->cycles);
    device_add_write(driver->access, ctx);
    cpu_run(ctx, driver_access, driver);
}

struct fixture {
    struct vm_bench bench;
    struct device device;
    struct trapped_access access;
    struct driver driver;
};

static void fixture_create(struct fixture *fixture, int64_t hz, enum exit_site site)
{
    *fixture = (struct fixture){0};
    bench_prepare(&fixture->bench, hz, 0, 0);
    bench_finish(&fixture->bench);
    fixture->device.sim = fixture->bench.sim;
    trapped_access_init(&fixture->access, &device_ops, &fixture->device, EXIT_EPT_MISCONFIG, EXIT_SITE_USER);
    for (unsigned reg = 0; reg < REGISTERS; reg++)
        trapped_set_write_site(&fixture->access, reg, site);
    fixture->driver = (struct driver){.access = &fixture->access.base, .cycles = 777, .accesses = 1};
    cpu_context_init(&fixture->driver.ctx, fixture->bench.cpu, "driver", CPU_TASK, driver_step,
                     &fixture->driver);
}

static void fixture_run(struct fixture *fixture, sim_time until)
{
    cpu_wake(&fixture->driver.ctx);
    vm_start(fixture->bench.vm);
    sim_run(fixture->bench.sim, until);
}

Test(trapped, a_write_reaches_the_device_in_the_vcpus_thread)
{
    static struct fixture fixture;
    fixture_create(&fixture, 1000000000, EXIT_SITE_USER);
    fixture.driver.reg = REG_TX_TAIL;
    fixture_run(&fixture, SIM_MS);
    cr_assert_eq(fixture.device.count, 1);
    cr_assert_eq(fixture.device.log[0].reg, REG_TX_TAIL);
    cr_assert_eq(fixture.device.log[0].index, 3);
    cr_assert_eq(fixture.device.log[0].when, (777 + EXIT_HALF + 5003) * CYCLE);
    cr_assert_eq(fixture.driver.done, (777 + 1301 + 5003) * CYCLE);
    cr_assert_eq(fixture.access.base.writes[REG_TX_TAIL], 1);
    bench_destroy(&fixture.bench);
}

Test(trapped, a_read_returns_what_the_device_answers)
{
    static struct fixture fixture;
    fixture_create(&fixture, 1000000000, EXIT_SITE_USER);
    fixture.device.answer = 0x1234;
    fixture.driver.reg = REG_CAUSE;
    fixture.driver.read = true;
    fixture_run(&fixture, SIM_MS);
    cr_assert(fixture.device.log[0].read);
    cr_assert_eq(fixture.driver.value, 0x1234);
    cr_assert_eq(fixture.access.base.reads[REG_CAUSE], 1);
    cr_assert_eq(fixture.access.base.writes[REG_CAUSE], 0);
    bench_destroy(&fixture.bench);
}

/* n accesses take exactly n times work, exit, site and device, converted to time once; likewise the accounts. */
static void closed_form(int64_t hz, enum exit_site site, int64_t site_cycles, int64_t device_cycles)
{
    static struct fixture fixture;
    enum { N = 100 };
    fixture_create(&fixture, hz, site);
    fixture.driver.accesses = N;
    fixture.device.cycles = device_cycles;
    fixture_run(&fixture, SIM_SECOND);
    int64_t exit_cycles = 1301 + site_cycles;
    int64_t devices = site == EXIT_SITE_COALESCED ? 0 : device_cycles;
    cr_assert_eq(fixture.driver.done, sim_cycles_to_time(N * (777 + exit_cycles + devices), hz));
    const struct ledger *ledger = cpu_ledger(fixture.bench.core);
    cr_assert_eq(ledger->cycles[ACCOUNT_EXIT + EXIT_EPT_MISCONFIG], N * exit_cycles);
    cr_assert_eq(ledger->cycles[ACCOUNT_GUEST + CPU_DRIVER], N * 777);
    cr_assert_eq(ledger->cycles[ACCOUNT_HOST + CPU_EMULATION], N * devices);
    const struct vcpu_counters *counters = vcpu_counters(fixture.bench.vcpu);
    cr_assert_eq(counters->exits[EXIT_EPT_MISCONFIG], N);
    cr_assert_eq(counters->sites[site], N + (site == EXIT_SITE_KERNEL)); /* the HLT at the end */
    if (hz == 1000000000)
        cr_assert_eq(counters->exit_time[EXIT_EPT_MISCONFIG], N * (exit_cycles + devices) * CYCLE);
    bench_destroy(&fixture.bench);
}

Test(trapped, closed_form_kernel)
{
    closed_form(1000000000, EXIT_SITE_KERNEL, 800, 0);
}

Test(trapped, closed_form_user)
{
    closed_form(1000000000, EXIT_SITE_USER, 5003, 440);
}

Test(trapped, closed_form_ioeventfd)
{
    closed_form(2700000000, EXIT_SITE_IOEVENTFD, 300, 0);
}

Test(trapped, closed_form_coalesced)
{
    closed_form(2700000000, EXIT_SITE_COALESCED, 800, 440);
}

Test(trapped, an_exit_costs_two_events)
{
    static struct fixture fixture;
    fixture_create(&fixture, 1000000000, EXIT_SITE_KERNEL);
    fixture_run(&fixture, SIM_MS);
    uint64_t before = sim_event_count(fixture.bench.sim);
    fixture.driver.accesses = 101;
    cpu_wake(&fixture.driver.ctx);
    sim_run(fixture.bench.sim, 2 * SIM_MS);
    uint64_t woken = sim_event_count(fixture.bench.sim) - before;
    cr_assert_leq(woken, 100 * 3 + 10); /* the driver's own segment is the third */
    bench_destroy(&fixture.bench);
}

Test(trapped, coalesced_writes_come_before_the_next_access_in_user_space)
{
    static struct fixture fixture;
    fixture_create(&fixture, 1000000000, EXIT_SITE_COALESCED);
    fixture.driver.reg = REG_RX_TAIL;
    fixture.driver.accesses = 3;
    fixture_run(&fixture, SIM_MS);
    cr_assert_eq(fixture.device.count, 0);
    fixture.driver.reg = REG_STATUS;
    fixture.driver.read = true;
    fixture.driver.accesses = 4;
    cpu_wake(&fixture.driver.ctx);
    sim_run(fixture.bench.sim, 2 * SIM_MS);
    cr_assert_eq(fixture.device.count, 4);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(fixture.device.log[i].reg, REG_RX_TAIL);
        cr_assert_eq(fixture.device.log[i].value, i);
    }
    cr_assert(fixture.device.log[3].read);
    cr_assert_eq(vcpu_counters(fixture.bench.vcpu)->sites[EXIT_SITE_COALESCED], 3);
    bench_destroy(&fixture.bench);
}

Test(trapped, a_full_ring_of_coalesced_writes_goes_to_user_space)
{
    static struct fixture fixture;
    fixture_create(&fixture, 1000000000, EXIT_SITE_COALESCED);
    fixture.driver.accesses = COALESCED_ROOM;
    fixture_run(&fixture, 10 * SIM_MS);
    cr_assert_eq(fixture.device.count, 0);
    fixture.driver.accesses++;
    cpu_wake(&fixture.driver.ctx);
    sim_run(fixture.bench.sim, 20 * SIM_MS);
    cr_assert_eq(fixture.device.count, COALESCED_ROOM + 1);
    cr_assert_eq(fixture.device.log[COALESCED_ROOM].value, COALESCED_ROOM);
    cr_assert_eq(vcpu_counters(fixture.bench.vcpu)->sites[EXIT_SITE_USER], 1);
    bench_destroy(&fixture.bench);
}

static void raise_host_irq(void *self)
{
    struct vm_bench *bench = self;
    static unsigned vector;
    if (!vector)
        vector = lapic_allocate(bench->core_lapic, device_done, NULL, false);
    lapic_raise(bench->core_lapic, vector);
}

Test(trapped, a_host_interrupt_in_root_mode_is_no_exit)
{
    static struct fixture fixture;
    static struct bench_call call;
    fixture_create(&fixture, 1000000000, EXIT_SITE_USER);
    bench_at(&fixture.bench, &call, 2000 * CYCLE, raise_host_irq, &fixture.bench);
    fixture_run(&fixture, SIM_MS);
    cr_assert_eq(bench_exits(&fixture.bench, EXIT_EXTERNAL_INTERRUPT), 0);
    cr_assert_eq(fixture.driver.done, (777 + 1301 + 5003 + HOST_IRQ) * CYCLE);
    bench_destroy(&fixture.bench);
}
