/*
 * Times by window: in every batch each vCPU's states add up to its length to the picosecond, no wire, link or walker is
 * busy for longer than that, and what threads worked on a core is what it was busy.
 */
#include "models/cpu/work.h"
#include "tests/unit/models/system_bench.h"

/* Halt polling, shared cores and a shared link; nearly everything waits for something. */
static void prepare(struct system_bench *bench, int strategy, int direction)
{
    system_bench_prepare(bench, strategy);
    bench->config.host.hypervisor.halt_poll = 50 * SIM_US;
    bench->config.host.idle_wake = SIM_US;
    bench->config.vms.count = bench->config.traffic.count = 2;
    for (size_t i = 0; i < 2; i++) {
        bench->vms[i].core = 1;
        bench->vms[i].backend_core = 1;
        bench->traffic[i].vm = (int64_t)i;
        bench->traffic[i].direction = direction;
        bench->traffic[i].rate = 40 * 1000 * 1000;
    }
    bench->nics[0].queues = 2;
}

static int64_t gain(const struct system_bench *bench, const int64_t *counter, size_t batch)
{
    return system_gain(bench->system, counter, batch, batch + 1);
}

static void check_vcpus(const struct system_bench *bench, size_t batch, sim_time length)
{
    for (size_t i = 0; i < bench->system->attachment_count; i++) {
        struct vm *vm = bench->system->attachments[i].vm;
        for (unsigned j = 0; vm && j < vm_vcpu_count(vm); j++) {
            const struct vcpu_counters *counters = vcpu_counters(vm_vcpu(vm, j));
            sim_time sum = 0;
            for (int state = 0; state < VCPU_TIMES; state++) {
                sim_time time = gain(bench, &counters->time[state], batch);
                cr_assert_geq(time, 0);
                sum += time;
            }
            cr_assert_eq(sum, length, "VM %zu, batch %zu: %ld ps", i, batch, (long)sum);
        }
    }
}

static void check_busy(const struct system_bench *bench, const int64_t *busy, size_t batch, sim_time length)
{
    int64_t time = gain(bench, busy, batch);
    cr_assert(time >= 0 && time <= length, "batch %zu: %ld ps", batch, (long)time);
}

static void check_resources(const struct system_bench *bench, size_t batch, sim_time length)
{
    const struct system_nic *nic = &bench->system->nics[0];
    for (int side = 0; side < 2; side++) {
        check_busy(bench, &nic->wire_busy[side], batch, length);
        check_busy(bench, &nic->link_busy[side], batch, length);
    }
    check_busy(bench, &bench->system->walkers_busy, batch, length * bench->config.host.iommu.walkers);
}

static void check_work(const struct system_bench *bench, size_t core)
{
    struct cpu *cpu = bench->system->cores[core].cpu;
    const struct ledger *ledger = cpu_ledger(cpu);
    sim_time work = 0, busy = sim_now(bench->sim) - ledger->idle - ledger->time[ACCOUNT_HOST + CPU_POLL];
    for (const struct cpu_work *one = cpu_work_first(cpu); one; one = one->next)
        work += one->time;
    cr_expect_eq(work, busy, "core %zu: %ld of %ld ps", core, (long)work, (long)busy);
}

static void check_all(const struct system_bench *bench)
{
    sim_time length = batches_length(bench->system->batches);
    for (size_t batch = 0; batch < batches_count(bench->system->batches); batch++) {
        check_vcpus(bench, batch, length);
        check_resources(bench, batch, length);
    }
    for (size_t core = 0; core < bench->system->core_count; core++)
        check_work(bench, core);
}

Test(system_times, add_up_in_every_batch)
{
    for (int i = 0; i < 12; i++) {
        struct system_bench bench;
        prepare(&bench, i / 3, i % 3);
        system_bench_start(&bench);
        system_bench_run(&bench);
        check_all(&bench);
        system_bench_destroy(&bench);
    }
}

static const struct cpu_work *find_work(const struct system_bench *bench, size_t core, const char *owner,
                                        const char *name)
{
    const struct cpu_work *work = cpu_work_first(bench->system->cores[core].cpu);
    while (work && (strcmp(work->owner, owner) != 0 || strcmp(work->name, name) != 0))
        work = work->next;
    return work;
}

Test(system_times, threads_are_told_apart)
{
    struct system_bench bench;
    prepare(&bench, BENCH_VIRTIO, TRAFFIC_RECEIVE);
    system_bench_start(&bench);
    system_bench_run(&bench);
    static const char *const names[][2] = {
        {"vm0", "vm0.vcpu0"}, {"vm1", "vm1.vcpu0"}, {"vm0", "vhost"}, {"vm1", "vhost"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct cpu_work *work = find_work(&bench, 1, names[i][0], names[i][1]);
        cr_assert_not_null(work, "%s", names[i][1]);
        cr_expect_gt(work->time, SIM_MS, "%s: %ld ps", names[i][1], (long)work->time);
    }
    const struct cpu_work *softirq = find_work(&bench, 0, "", "softirq");
    cr_assert_not_null(softirq);
    cr_expect_gt(softirq->time, 0);
    system_bench_destroy(&bench);
}

/* The wire's time in a batch is that of the frames which it carried, but for one that an edge cuts. */
Test(system_times, a_wire_is_busy_for_its_frames)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_NATIVE);
    bench.traffic[0].rate = 50 * 1000 * 1000;
    bench.config.duration = 100 * SIM_MS;
    system_bench_start(&bench);
    system_bench_run(&bench);
    size_t last = batches_count(bench.system->batches);
    sim_time frame = wire_frame_time(bench.nics[0].bit_rate, 60);
    for (size_t from = 0; from < last; from++) {
        int64_t frames = system_gain(bench.system, &bench_total(&bench, 0)->delivered_frames, from, last);
        int64_t busy = system_gain(bench.system, &bench.system->nics[0].wire_busy[0], from, last);
        cr_expect_leq(llabs(busy - frames * frame), frame, "from %zu: %ld ps for %ld frames", from,
                      (long)busy, (long)frames);
    }
    system_bench_destroy(&bench);
}

/* ---- a core that is wanted ---- */

/* Calls of a VM that shares its core with a busy one; how many in 100 ms. */
static int64_t calls_beside_a_busy_vm(sim_time halt_poll)
{
    struct system_bench bench;
    prepare(&bench, BENCH_PASSTHROUGH, TRAFFIC_TRANSMIT);
    bench.config.host.hypervisor.halt_poll = halt_poll;
    bench.config.duration = 100 * SIM_MS;
    bench.traffic[0].rate = bench.traffic[1].rate = 0;
    bench.traffic[0].window = 64;
    bench.traffic[1].direction = TRAFFIC_REQUEST_RESPONSE;
    bench.traffic[1].window = 1;
    system_bench_start(&bench);
    system_bench_run(&bench);
    int64_t calls = bench_total(&bench, 1)->delivered;
    system_bench_destroy(&bench);
    return calls;
}

/* A vCPU does not poll for itself what another thread could use, so that it sleeps, and its wake-up preempts. */
Test(system_times, halt_polling_does_not_cost_a_vcpu_its_turn)
{
    int64_t without = calls_beside_a_busy_vm(0), with = calls_beside_a_busy_vm(200 * SIM_US);
    cr_expect_gt(without, 500, "%ld calls", (long)without);
    cr_expect_gt(10 * with, 9 * without, "%ld calls of %ld", (long)with, (long)without);
}
