/* Register accesses over PCIe from a guest: EPT maps the BAR, nothing exits. */
#include "models/guest/native_access.h"
#include "models/pcie/root.h"
#include "tests/unit/models/vm_bench.h"

enum { MMIO_WRITE = 40 };

struct fixture {
    struct vm_bench bench;
    struct root_complex *root;
    struct dma *dma;
    struct native_access access;
    struct cpu_context driver;
    uint64_t written, value;
    uint32_t offset;
    unsigned function;
    sim_time arrived, retired, answered;
};

static void register_write(void *self, unsigned function, uint32_t offset, uint64_t value)
{
    struct fixture *f = self;
    f->function = function;
    f->offset = offset;
    f->written = value;
    f->arrived = sim_now(f->bench.sim);
}

static uint64_t register_read(void *self, unsigned function, uint32_t offset)
{
    (void)self, (void)function;
    return 1000 + (offset & 0xffff);
}

static void answered(struct cpu_context *ctx, void *self)
{
    struct fixture *f = self;
    f->answered = sim_now(f->bench.sim);
    cpu_block(ctx, answered, f);
}

static void retired(struct cpu_context *ctx, void *self)
{
    struct fixture *f = self;
    f->retired = sim_now(f->bench.sim);
    cpu_push(ctx, answered, f);
    device_read(&f->access.base, ctx, REG_STATUS, 5, &f->value);
}

static void write_register(struct cpu_context *ctx, void *self)
{
    struct fixture *f = self;
    cpu_push(ctx, retired, f);
    device_write(&f->access.base, ctx, REG_TX_TAIL, 2, 77);
}

static void driver_entry(struct cpu_context *ctx, void *self)
{
    struct fixture *f = self;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, 1000);
    device_add_write(&f->access.base, ctx);
    cpu_run(ctx, write_register, f);
}

static void fixture_create(struct fixture *f)
{
    static const struct root_complex_config root = {350003, 300007, 200003, 700001};
    static const struct pcie_link_config link = {
        .generation = 3, .width = 8, .mps = 256, .mrrs = 512, .rcb = 64, .tags = 256, .propagation = 60017};
    *f = (struct fixture){0};
    bench_create(&f->bench, true);
    f->bench.costs.mmio_write = MMIO_WRITE;
    struct register_target target = {register_write, register_read, f};
    f->root = root_complex_create(f->bench.sim, "rc0", &root, f->bench.memory, NULL, 0);
    f->dma = dma_create(f->bench.sim, f->root, "nic0", &link, &target);
    dma_function(f->dma, 0x100);
    unsigned vf = dma_function(f->dma, 0x101);
    native_access_init(&f->access, f->dma, vf, &f->bench.costs);
    cpu_context_init(&f->driver, f->bench.cpu, "driver", CPU_TASK, driver_entry, f);
    cpu_wake(&f->driver);
    vm_start(f->bench.vm);
}

static void fixture_destroy(struct fixture *f)
{
    dma_destroy(f->dma);
    root_complex_destroy(f->root);
    bench_destroy(&f->bench);
}

Test(native_access, a_guests_accesses_reach_the_device_without_an_exit)
{
    static struct fixture f;
    fixture_create(&f);
    sim_run(f.bench.sim, (1000 + MMIO_WRITE) * CYCLE);
    cr_assert_eq(f.retired, (1000 + MMIO_WRITE) * CYCLE); /* posted: the core goes on */
    cr_assert_eq(f.arrived, 0);
    sim_run(f.bench.sim, SIM_MS);
    cr_assert_gt(f.arrived, f.retired);
    cr_assert_eq(f.function, 1);
    cr_assert_eq(f.offset, device_register_offset(REG_TX_TAIL, 2));
    cr_assert_eq(f.written, 77);
    cr_assert_eq(f.value, 1005);
    cr_assert_eq(bench_all_exits(&f.bench), 1); /* the HLT at the end */
    cr_assert_eq(f.access.base.writes[REG_TX_TAIL], 1);
    cr_assert_eq(f.access.base.reads[REG_STATUS], 1);
    const struct ledger *ledger = cpu_ledger(f.bench.core);
    cr_assert_eq(ledger->time[ACCOUNT_GUEST + CPU_STALL], f.answered - f.retired);
    cr_assert_eq(ledger->cycles[ACCOUNT_GUEST + CPU_MMIO], MMIO_WRITE);
    fixture_destroy(&f);
}

static void host_handler(struct cpu_context *ctx, void *self)
{
    *(sim_time *)self = sim_now(cpu_sim(ctx->cpu));
    cpu_return(ctx);
}

static void raise_on_host(void *self)
{
    struct lapic *lapic = self;
    lapic_raise(lapic, 35); /* the bench's vCPU has allocated 32 to 34 */
}

Test(native_access, an_interrupt_waits_for_a_read_in_flight_and_then_exits)
{
    static struct fixture f;
    static struct bench_call call;
    sim_time handled = 0;
    fixture_create(&f);
    cr_assert_eq(lapic_allocate(f.bench.core_lapic, host_handler, &handled, false), 35);
    bench_at(&f.bench, &call, (1000 + MMIO_WRITE + 50) * CYCLE, raise_on_host, f.bench.core_lapic);
    sim_run(f.bench.sim, SIM_MS);
    sim_time completed = handled - (EXIT_HALF + 100) * CYCLE;
    cr_assert_gt(completed, (1000 + MMIO_WRITE + 50) * CYCLE);
    cr_assert_eq(cpu_ledger(f.bench.core)->time[ACCOUNT_GUEST + CPU_STALL], completed - f.retired);
    cr_assert_eq(f.answered,
                 completed + (1301 + HOST_IRQ) * CYCLE); /* the driver sees it after the interrupt */
    cr_assert_eq(bench_exits(&f.bench, EXIT_EXTERNAL_INTERRUPT), 1);
    fixture_destroy(&f);
}
