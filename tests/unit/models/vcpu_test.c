/* Virtual machines: memory, the vCPU's life, the host's and the guest's timers. */
#include "sim/diag.h"
#include "tests/unit/models/vm_bench.h"

/* ---- memory ---- */

Test(vm, guest_memory_is_backed_from_end_to_end)
{
    struct vm_bench bench;
    bench_create(&bench, true);
    struct address_space *space = vm_space(bench.vm);
    cr_assert_eq(vm_memory_size(bench.vm), 4 << 20);
    for (uint64_t gpa = 0; gpa < 4 << 20; gpa += PAGE_SIZE)
        cr_assert(memory_contains(bench.memory, address_space_translate(space, gpa), PAGE_SIZE));
    cr_assert_eq(address_space_translate(space, 4 << 20), UINT64_MAX);
    cr_assert_eq(address_space_translate(space, 0) % (2 << 20), 0); /* superpages are possible */
    bench_destroy(&bench);
}

static uint64_t translated(struct vm *vm, uint64_t gpa)
{
    return address_space_translate(vm_space(vm), gpa);
}

Test(vm, memory_goes_around_the_hole_below_4_gib)
{
    const uint64_t gib = UINT64_C(1) << 30;
    struct sim_config config = {.seed = 1};
    struct hypervisor_config hypervisor = {.apicv = true};
    struct sim *sim = sim_create(&config);
    struct memory_config memory_config = {.nodes = 1, .node_size = 8 * INT64_C(1073741824)};
    struct memory *memory = memory_create(sim, &memory_config);
    struct vm *vm = vm_create(sim, "vm0", &hypervisor, &bench_costs, memory, 0, 4 * gib);
    cr_assert_neq(translated(vm, 3 * gib - 1), UINT64_MAX);
    cr_assert_eq(translated(vm, 3 * gib), UINT64_MAX);
    cr_assert_eq(translated(vm, 4 * gib - 1), UINT64_MAX);
    cr_assert_neq(translated(vm, 4 * gib), UINT64_MAX);
    cr_assert_neq(translated(vm, 5 * gib - 1), UINT64_MAX);
    cr_assert_eq(translated(vm, 5 * gib), UINT64_MAX);
    vm_destroy(vm);
    memory_destroy(memory);
    sim_destroy(sim);
}

Test(vm, fragmented_memory_serves_in_pieces_and_is_given_back)
{
    struct sim_config config = {.seed = 1};
    struct hypervisor_config hypervisor = {.apicv = true};
    struct sim *sim = sim_create(&config);
    struct memory_config memory_config = {.nodes = 1, .node_size = 64 << 20, .fragmentation = 1000000};
    struct memory *memory = memory_create(sim, &memory_config);
    for (int i = 0; i < 3; i++) {
        struct vm *vm = vm_create(sim, "vm0", &hypervisor, &bench_costs, memory, 0, 48 << 20);
        cr_assert_not_null(vm);
        for (uint64_t gpa = 0; gpa < 48 << 20; gpa += PAGE_SIZE)
            cr_assert_neq(translated(vm, gpa), UINT64_MAX);
        vm_destroy(vm);
    }
    memory_destroy(memory);
    sim_destroy(sim);
}

Test(vm, more_memory_than_the_node_has_is_refused_and_leaves_nothing_behind)
{
    struct vm_bench bench;
    bench_create(&bench, true);
    cr_assert_null(vm_create(bench.sim, "big", &bench.config, &bench.costs, bench.memory, 0, 61 << 20));
    struct vm *fits = vm_create(bench.sim, "fits", &bench.config, &bench.costs, bench.memory, 0, 60 << 20);
    cr_assert_not_null(fits);
    vm_destroy(fits);
    bench_destroy(&bench);
}

Test(vm, its_parameter_table_is_sound)
{
    struct diag *diag = diag_create();
    cr_assert(param_check_table(&hypervisor_table, diag));
    diag_destroy(diag);
}

Test(vm, posting_needs_apicv)
{
    struct vm_bench bench;
    bench_create(&bench, true);
    cr_assert(vm_posts_interrupts(bench.vm));
    bench_destroy(&bench);
    bench_create(&bench, false);
    cr_assert_not(vm_posts_interrupts(bench.vm));
    bench_destroy(&bench);
}

/* ---- guest, root, halted ---- */

Test(vcpu, without_work_it_halts_and_sleeps)
{
    struct vm_bench bench;
    bench_create(&bench, true);
    vm_start(bench.vm);
    sim_run(bench.sim, 1 * CYCLE);
    cr_assert_not(vcpu_in_guest(bench.vcpu));
    cr_assert_not(vcpu_is_asleep(bench.vcpu));
    sim_run(bench.sim, SIM_MS);
    cr_assert(vcpu_is_asleep(bench.vcpu));
    cr_assert_eq(bench_exits(&bench, EXIT_HLT), 1);
    const struct ledger *ledger = cpu_ledger(bench.core);
    cr_assert_eq(ledger->cycles[ACCOUNT_EXIT + EXIT_HLT], EXIT_HALF + 800);
    cr_assert_eq(ledger->cycles[ACCOUNT_HOST + CPU_SCHED], 90);
    cr_assert_eq(ledger->idle, SIM_MS - (EXIT_HALF + 800 + 90) * CYCLE);
    bench_destroy(&bench);
}

Test(vcpu, the_guests_work_is_the_guests)
{
    struct vm_bench bench;
    struct bench_work work;
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, 12345);
    cpu_wake(&work.ctx);
    vm_start(bench.vm);
    sim_run(bench.sim, 10000 * CYCLE);
    cr_assert(vcpu_in_guest(bench.vcpu));
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(work.done, 12345 * CYCLE); /* the first entry is free */
    cr_assert_eq(cpu_ledger(bench.core)->cycles[ACCOUNT_GUEST + CPU_APP], 12345);
    cr_assert_eq(vcpu_of(&work.ctx), bench.vcpu);
    bench_destroy(&bench);
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

Test(vcpu, a_host_interrupt_pays_the_way_out_before_and_the_way_in_after)
{
    struct vm_bench bench;
    struct bench_work work;
    struct bench_call calls[3];
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, 20000);
    cpu_wake(&work.ctx);
    vm_start(bench.vm);
    for (int i = 0; i < 3; i++)
        bench_at(&bench, &calls[i], (1000 + 5000 * i) * CYCLE + 1, raise_on_host, &bench);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(work.done, (20000 + 3 * (1301 + HOST_IRQ)) * CYCLE);
    cr_assert_eq(bench_exits(&bench, EXIT_EXTERNAL_INTERRUPT), 3);
    const struct vcpu_counters *counters = vcpu_counters(bench.vcpu);
    cr_assert_eq(counters->exit_time[EXIT_EXTERNAL_INTERRUPT], 3 * (1301 + HOST_IRQ) * CYCLE);
    cr_assert_eq(cpu_ledger(bench.core)->cycles[ACCOUNT_EXIT + EXIT_EXTERNAL_INTERRUPT], 3 * 1301);
    bench_destroy(&bench);
}

Test(vcpu, an_interrupt_at_the_end_of_the_entry_is_another_exit)
{
    struct vm_bench bench;
    struct bench_work work;
    struct bench_call calls[2];
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, 20000);
    cpu_wake(&work.ctx);
    vm_start(bench.vm);
    sim_time entered = 1000 + 1301 + HOST_IRQ;
    bench_at(&bench, &calls[0], 1000 * CYCLE, raise_on_host, &bench);
    bench_at(&bench, &calls[1], entered * CYCLE - 1, raise_on_host, &bench);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_EXTERNAL_INTERRUPT), 2);
    cr_assert_eq(work.done, (20000 + 2 * (1301 + HOST_IRQ)) * CYCLE);
    bench_destroy(&bench);
}

Test(vcpu, an_interrupt_during_the_entry_is_not)
{
    struct vm_bench bench;
    struct bench_work work;
    struct bench_call calls[2];
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, 20000);
    cpu_wake(&work.ctx);
    vm_start(bench.vm);
    bench_at(&bench, &calls[0], 1000 * CYCLE, raise_on_host, &bench);
    bench_at(&bench, &calls[1], (1000 + 1301 + HOST_IRQ - 1) * CYCLE, raise_on_host, &bench);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_EXTERNAL_INTERRUPT), 1);
    cr_assert_eq(work.done, (20000 + 1301 + 2 * HOST_IRQ) * CYCLE);
    bench_destroy(&bench);
}

Test(vcpu, two_vcpus_on_a_core_take_turns)
{
    enum { SEGMENTS = 50 };
    struct vm_bench bench;
    struct bench_work first[SEGMENTS], second[SEGMENTS];
    bench_prepare(&bench, 1000000000, 0, 100 * SIM_US);
    bench_finish(&bench);
    struct vm *other = bench_vm(&bench, "vm1");
    for (int i = 0; i < SEGMENTS; i++) {
        bench_work_init(&first[i], bench.cpu, 10000);
        bench_work_init(&second[i], vm_kernel(other)->cpus[0].cpu, 10000);
        cpu_wake(&first[i].ctx);
        cpu_wake(&second[i].ctx);
    }
    vm_start(bench.vm);
    vm_start(other);
    sim_run(bench.sim, 10 * SIM_MS);
    cr_assert_eq(first[9].done, 100000 * CYCLE);
    cr_assert_eq(first[10].done, (210000 + 1301 + EXIT_HALF) * CYCLE);
    /* Five slices each; a guest finds out that it has nothing more to do when it is its turn again. */
    cr_assert_eq(bench_exits(&bench, EXIT_EXTERNAL_INTERRUPT), 5);
    cr_assert_eq(vcpu_counters(vm_vcpu(other, 0))->exits[EXIT_EXTERNAL_INTERRUPT], 5);
    bench_check(&bench, other);
    vm_destroy(other);
    bench_destroy(&bench);
}

Test(vcpu, work_from_elsewhere_wakes_it)
{
    struct vm_bench bench;
    struct bench_work work;
    bench_create(&bench, true);
    bench_work_init(&work, bench.cpu, 100);
    vm_start(bench.vm);
    sim_run(bench.sim, 50000 * CYCLE);
    cpu_wake(&work.ctx);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(work.done, (50000 + ENTRY_HALF + 100) * CYCLE);
    cr_assert_eq(vcpu_counters(bench.vcpu)->wakeups, 1);
    bench_destroy(&bench);
}

/* ---- the guest's timers ---- */

static void tick_create_bench(struct vm_bench *bench, enum tick_mode mode)
{
    bench_prepare(bench, 1000000000, 0, 0);
    bench->config.guest_tick = mode;
    bench->config.guest_hz = 250;
    bench_finish(bench);
}

Test(guest_tick, always_costs_a_preemption_timer_exit_and_a_trapped_write_each)
{
    struct vm_bench bench;
    struct bench_work work;
    tick_create_bench(&bench, TICK_ALWAYS);
    bench_work_init(&work, bench.cpu, 900000000);
    cpu_wake(&work.ctx);
    vm_start(bench.vm);
    sim_run(bench.sim, 800 * SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 200);
    cr_assert_eq(bench_exits(&bench, EXIT_MSR_WRITE), 200);
    cr_assert_eq(bench_all_exits(&bench), 400);
    const struct ledger *ledger = cpu_ledger(bench.core);
    cr_assert_eq(ledger->cycles[ACCOUNT_GUEST + CPU_TICK], 200 * 500);
    cr_assert_eq(ledger->cycles[ACCOUNT_EXIT + EXIT_PREEMPTION_TIMER], 200 * 1301);
    cr_assert_eq(ledger->cycles[ACCOUNT_EXIT + EXIT_MSR_WRITE], 200 * (1301 + 350));
    bench_destroy(&bench);
}

Test(guest_tick, off_costs_nothing)
{
    struct vm_bench bench;
    struct bench_work work;
    tick_create_bench(&bench, TICK_OFF);
    bench_work_init(&work, bench.cpu, 500000000);
    cpu_wake(&work.ctx);
    vm_start(bench.vm);
    sim_run(bench.sim, 400 * SIM_MS);
    cr_assert_eq(bench_all_exits(&bench), 0);
    bench_destroy(&bench);
}

Test(guest_tick, an_idle_guest_stops_it)
{
    struct vm_bench bench;
    struct bench_work work;
    tick_create_bench(&bench, TICK_IDLE);
    bench_work_init(&work, bench.cpu, 1000);
    vm_start(bench.vm);
    sim_run(bench.sim, SIM_MS);
    int64_t writes = bench_exits(&bench, EXIT_MSR_WRITE);
    sim_run(bench.sim, 400 * SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_MSR_WRITE), writes);
    cr_assert_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 0);
    cr_assert_eq(lapic_raised(bench.core_lapic), 0);
    cpu_wake(&work.ctx);
    sim_run(bench.sim, 800 * SIM_MS);
    cr_assert_eq(work.rounds, 1);
    cr_assert_eq(bench_exits(&bench, EXIT_MSR_WRITE), writes + 2); /* started, and stopped again */
    bench_destroy(&bench);
}

Test(guest_tick, an_idle_guest_that_keeps_it_is_woken_by_the_hosts_timer)
{
    struct vm_bench bench;
    tick_create_bench(&bench, TICK_ALWAYS);
    vm_start(bench.vm);
    sim_run(bench.sim, 400 * SIM_MS);
    cr_assert_eq(bench_exits(&bench, EXIT_PREEMPTION_TIMER), 0);
    cr_assert_eq(lapic_raised(bench.core_lapic), 100);
    cr_assert_eq(vcpu_counters(bench.vcpu)->wakeups, 100);
    cr_assert_eq(bench_exits(&bench, EXIT_MSR_WRITE), 100);
    cr_assert_eq(bench_exits(&bench, EXIT_HLT), 101);
    bench_destroy(&bench);
}
