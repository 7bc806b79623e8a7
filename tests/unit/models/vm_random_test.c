/* Everything at once, in random order: no interrupt, timer or piece of work is lost, time and exits are conserved. */
#include "models/hypervisor/trapped.h"
#include "sim/random.h"
#include "tests/unit/models/vm_bench.h"

enum { VMS = 2, EVENTS = 3000, STEPS = 400 };

struct guest {
    struct vm *vm;
    struct vcpu *vcpu;
    struct cpu_context driver;
    struct device_access *access;
    struct random_stream *random;
    struct kernel_timer timer;
    unsigned edge, level;
    int handled, resampled;
    int steps;
    uint64_t value;
};

struct fixture {
    struct vm_bench bench;
    struct random_stream random;
    struct guest guests[VMS];
    struct trapped_access access;
    unsigned host_vector;
    struct bench_work worker;
    struct bench_call calls[EVENTS];
    int worker_wakes;
};

/* ---- the guest: works, accesses its device, sleeps ---- */

static void step(struct cpu_context *ctx, void *self);

static void access_device(struct cpu_context *ctx, void *self)
{
    struct guest *guest = self;
    cpu_push(ctx, step, guest);
    enum device_register reg = (enum device_register)random_below(guest->random, REGISTERS);
    if (random_below(guest->random, 3) == 0)
        device_read(guest->access, ctx, reg, 0, &guest->value);
    else
        device_write(guest->access, ctx, reg, 0, 1);
}

static void step(struct cpu_context *ctx, void *self)
{
    struct guest *guest = self;
    if (guest->steps == STEPS || random_below(guest->random, 5) == 0) {
        cpu_block(ctx, step, guest);
        return;
    }
    guest->steps++;
    cpu_add(ctx, CPU_APP, SHARE_BATCH, (int64_t)random_below(guest->random, 8000));
    cpu_run(ctx, access_device, guest);
}

static void returned(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void handle(struct cpu_context *ctx, void *self)
{
    struct guest *guest = self;
    guest->handled++;
    cpu_wake(&guest->driver);
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, (int64_t)random_below(guest->random, 3000));
    cpu_run(ctx, returned, NULL);
}

static void resample(struct vcpu *vcpu, unsigned vector, void *self)
{
    struct guest *guest = self;
    if (random_below(guest->random, 4) == 0) {
        guest->resampled++;
        vcpu_interrupt(vcpu, vector);
    }
}

/* ---- the device ---- */

static void on_write(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                     uint64_t value)
{
    (void)self, (void)index, (void)value;
    cpu_add(thread, CPU_EMULATION, SHARE_BATCH, 100 * reg);
    cpu_run(thread, returned, NULL);
}

static void on_read(void *self, struct cpu_context *thread, enum device_register reg, unsigned index,
                    uint64_t *value)
{
    *value = 7;
    on_write(self, thread, reg, index, 0);
}

static const struct emulated_device_ops device_ops = {on_write, on_read};

/* ---- what happens from outside ---- */

static void raise_edge(void *self)
{
    struct guest *guest = self;
    vcpu_interrupt(guest->vcpu, guest->edge);
}

static void raise_level(void *self)
{
    struct guest *guest = self;
    vcpu_interrupt(guest->vcpu, guest->level);
}

static void post_edge(void *self)
{
    struct guest *guest = self;
    if (vm_posts_interrupts(guest->vm))
        vcpu_post(guest->vcpu, guest->edge);
    else
        raise_edge(guest);
}

static void expire(void *self)
{
    struct guest *guest = self;
    kernel_timer_expire(&guest->timer);
}

static void wake_driver(void *self)
{
    struct guest *guest = self;
    cpu_wake(&guest->driver);
}

static void raise_host(void *self)
{
    struct fixture *f = self;
    lapic_raise(f->bench.core_lapic, f->host_vector);
}

static void wake_worker(void *self)
{
    struct fixture *f = self;
    f->worker_wakes += cpu_wake(&f->worker.ctx);
}

/* ---- the test ---- */

static void guest_init(struct fixture *f, struct guest *guest, struct vm *vm)
{
    struct vcpu *vcpu = vm_vcpu(vm, 0);
    struct kernel_cpu *cpu = &vm_kernel(vm)->cpus[0];
    *guest = (struct guest){.vm = vm, .vcpu = vcpu, .random = &f->random, .access = &f->access.base};
    cpu_context_init(&guest->driver, cpu->cpu, "driver", CPU_TASK, step, guest);
    guest->edge = lapic_allocate(vcpu_lapic(vcpu), handle, guest, false);
    guest->level = lapic_allocate(vcpu_lapic(vcpu), handle, guest, true);
    vcpu_set_eoi_listener(vcpu, guest->level, resample, guest);
    kernel_timer_init(&guest->timer, cpu, &guest->driver);
    vm_start(vm);
}

static void fixture_create(struct fixture *f, uint64_t seed, bool apicv, int tick)
{
    *f = (struct fixture){.random = random_stream_make(seed, 0, "vm", "random test")};
    bench_prepare(&f->bench, 2700000000, SIM_US, 20 * SIM_US);
    f->bench.config.apicv = apicv;
    f->bench.config.halt_poll = 50 * SIM_US;
    f->bench.config.halt_poll_start = 10 * SIM_US;
    f->bench.config.guest_tick = tick;
    f->bench.config.guest_hz = 1000;
    bench_finish(&f->bench);
    trapped_access_init(&f->access, &device_ops, f, EXIT_EPT_MISCONFIG, EXIT_SITE_USER);
    trapped_set_write_site(&f->access, REG_RX_TAIL, EXIT_SITE_COALESCED);
    trapped_set_write_site(&f->access, REG_NOTIFY, EXIT_SITE_IOEVENTFD);
    trapped_set_write_site(&f->access, REG_MASK_SET, EXIT_SITE_KERNEL);
    guest_init(f, &f->guests[0], f->bench.vm);
    guest_init(f, &f->guests[1], bench_vm(&f->bench, "vm1"));
    bench_work_init(&f->worker, f->bench.core, 5000);
    f->host_vector = lapic_allocate(f->bench.core_lapic, returned, NULL, false);
}

static void schedule(struct fixture *f, struct bench_call *call, sim_time when)
{
    static void (*const of_guest[])(void *) = {raise_edge, raise_level, post_edge,
                                               post_edge,  expire,      wake_driver};
    uint64_t kind = random_below(&f->random, 8);
    struct guest *guest = &f->guests[random_below(&f->random, VMS)];
    if (kind < 6)
        bench_at(&f->bench, call, when, of_guest[kind], guest);
    else
        bench_at(&f->bench, call, when, kind == 6 ? raise_host : wake_worker, f);
}

static void check_guest(struct fixture *f, struct guest *guest)
{
    struct lapic *lapic = vcpu_lapic(guest->vcpu);
    cr_assert_not(lapic_pending(lapic));
    cr_assert_not(lapic_in_service(lapic));
    cr_assert_eq(lapic_eois(lapic), lapic_handled(lapic));
    cr_assert_gt(guest->handled, EVENTS / 20);
    cr_assert_eq(guest->steps, STEPS);
    cr_assert_not(guest->timer.due);
    cr_assert(vcpu_is_asleep(guest->vcpu));
    const struct vcpu_counters *counters = vcpu_counters(guest->vcpu);
    cr_assert_eq(counters->exits[EXIT_HLT], counters->halts);
    cr_assert_leq(counters->halt_polls_hit + counters->halt_polls_missed, counters->halts);
    bench_check(&f->bench, guest->vm);
}

static uint64_t run(uint64_t seed, bool apicv, int tick)
{
    static struct fixture f;
    fixture_create(&f, seed, apicv, tick);
    sim_time when = 0;
    for (int i = 0; i < EVENTS; i++) {
        when += random_exponential(&f.random, (int64_t)(i % 3 == 0 ? 60 * SIM_US : 3 * SIM_US));
        schedule(&f, &f.calls[i], when);
    }
    sim_run(f.bench.sim, when + 100 * SIM_MS);
    for (int i = 0; i < VMS; i++)
        check_guest(&f, &f.guests[i]);
    cr_assert_geq(f.worker.rounds, f.worker_wakes); /* a wake-up while it runs is another round */
    cr_assert_eq(f.guests[0].access->writes[REG_RX_TAIL] > 0, true);
    uint64_t fingerprint = sim_fingerprint(f.bench.sim);
    vm_destroy(f.guests[1].vm);
    bench_destroy(&f.bench);
    return fingerprint;
}

Test(vm_random, nothing_is_lost_with_apicv)
{
    for (uint64_t seed = 1; seed <= 5; seed++)
        run(seed, true, TICK_OFF);
}

Test(vm_random, nothing_is_lost_without_apicv)
{
    for (uint64_t seed = 1; seed <= 5; seed++)
        run(seed, false, TICK_OFF);
}

Test(vm_random, nothing_is_lost_with_ticks)
{
    for (uint64_t seed = 1; seed <= 5; seed++)
        run(seed, seed % 2, TICK_IDLE);
}

Test(vm_random, the_same_seed_gives_the_same_fingerprint)
{
    cr_assert_eq(run(1, true, TICK_IDLE), run(1, true, TICK_IDLE));
    cr_assert_neq(run(1, true, TICK_IDLE), run(2, true, TICK_IDLE));
}
