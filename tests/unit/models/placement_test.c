/* Where things run when the scenario does not say. */
#include "models/host/placement.h"
#include "tests/unit/models/system_bench.h"

/* A configuration alone: nothing is built. */
static void prepare(struct system_bench *bench, int strategy, int64_t cores, size_t vms)
{
    system_bench_prepare(bench, strategy);
    bench->config.host.cores = cores;
    bench->config.vms.count = vms;
}

static void expect_placed(const struct system_bench *bench, size_t vm, unsigned vcpu, unsigned backend,
                          unsigned irq)
{
    bool native = bench->config.strategy == BENCH_NATIVE;
    struct placement placement = placement_of(&bench->config, vm, native);
    cr_expect_eq(placement.vcpu, vcpu, "VM %zu: vCPU on core %u", vm, placement.vcpu);
    cr_expect_eq(placement.backend, backend, "VM %zu: backend on core %u", vm, placement.backend);
    cr_expect_eq(placement.irq, irq, "VM %zu: interrupts on core %u", vm, placement.irq);
}

Test(placement, vcpus_then_backends_follow_core_0)
{
    struct system_bench bench;
    prepare(&bench, BENCH_VIRTIO, 16, 3);
    bench.vms[1].vcpus = 3;
    expect_placed(&bench, 0, 1, 6, 0);
    expect_placed(&bench, 1, 2, 7, 0);
    expect_placed(&bench, 2, 5, 8, 0);
    system_bench_free(&bench);
}

Test(placement, native_interrupts_are_taken_where_the_application_runs)
{
    struct system_bench bench;
    prepare(&bench, BENCH_NATIVE, 16, 2);
    expect_placed(&bench, 0, 1, 3, 1);
    expect_placed(&bench, 1, 2, 4, 2);
    system_bench_free(&bench);
}

Test(placement, what_the_scenario_says_comes_first)
{
    struct system_bench bench;
    prepare(&bench, BENCH_VIRTIO, 4, 2);
    bench.vms[0].core = 3;
    bench.vms[0].backend_core = 3;
    bench.vms[0].irq_core = 2;
    expect_placed(&bench, 0, 3, 3, 2);
    expect_placed(&bench, 1, 2, 1, 0);
    system_bench_free(&bench);
}

/* Cores 1 .. n - 1 are used again before core 0 is. */
Test(placement, numbers_wrap_behind_core_0)
{
    struct system_bench bench;
    static const unsigned expected[] = {0, 1, 2, 3, 1, 2, 3, 1};
    prepare(&bench, BENCH_VIRTIO, 4, 1);
    for (unsigned number = 0; number < 8; number++)
        cr_expect_eq(placement_core(&bench.config, number), expected[number]);
    bench.config.host.cores = 1;
    for (unsigned number = 0; number < 8; number++)
        cr_expect_eq(placement_core(&bench.config, number), 0);
    system_bench_free(&bench);
}

Test(placement, a_vm_may_have_a_strategy_of_its_own)
{
    struct system_bench bench;
    prepare(&bench, BENCH_EMULATION, 4, 2);
    bench.vms[1].strategy = 1 + BENCH_PASSTHROUGH;
    cr_expect_str_eq(placement_strategy(&bench.config, 0)->name, "emulation");
    cr_expect_str_eq(placement_strategy(&bench.config, 1)->name, "passthrough");
    system_bench_free(&bench);
}

Test(placement, a_queue_interrupts_the_core_of_its_first_vm)
{
    struct system_bench bench;
    prepare(&bench, BENCH_NATIVE, 8, 4);
    bench.nics[0].queues = 3;
    bench.nics[1].queues = 2;
    bench.config.nics.count = 2;
    bench.vms[0].nic = 1;
    /* VM i sends on queue i % queues of its NIC: VM 0 on (1, 0); VMs 1, 2, 3 on (0, 1), (0, 2), (0, 0). */
    cr_expect_eq(placement_queue_core(&bench.config, 0, 0), 4);
    cr_expect_eq(placement_queue_core(&bench.config, 0, 1), 2);
    cr_expect_eq(placement_queue_core(&bench.config, 0, 2), 3);
    cr_expect_eq(placement_queue_core(&bench.config, 1, 0), 1);
    cr_expect_eq(placement_queue_core(&bench.config, 1, 1), 0, "nobody sends on it");
    system_bench_free(&bench);
}

/* The applications do run there, and nothing else does. */
Test(placement, is_what_is_built)
{
    struct system_bench bench;
    prepare(&bench, BENCH_VIRTIO, 6, 1);
    bench.vms[0].core = 4;
    bench.vms[0].backend_core = 5;
    bench.vms[0].irq_core = 3;
    bench.traffic[0].direction = TRAFFIC_RECEIVE;
    system_bench_start(&bench);
    system_bench_run(&bench);
    const sim_time all = bench.config.duration;
    for (unsigned core = 0; core < 3; core++)
        cr_expect_eq(cpu_ledger(bench.system->cores[core].cpu)->idle, all);
    cr_expect_gt(cpu_ledger(bench.system->cores[3].cpu)->cycles[ACCOUNT_HOST + CPU_IRQ], 0);
    cr_expect_gt(cpu_ledger(bench.system->cores[4].cpu)->cycles[ACCOUNT_GUEST + CPU_APP], 0);
    cr_expect_gt(cpu_ledger(bench.system->cores[5].cpu)->cycles[ACCOUNT_HOST + CPU_VHOST], 0);
    system_bench_destroy(&bench);
}
