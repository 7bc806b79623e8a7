/*
 * Conservation holds in all strategies and directions, whatever the scenario; and planted faults trip it: packets that
 * end unseen or are counted twice, stages left out, time and cycles charged twice or to the wrong account, work that is
 * forgotten, interrupts lost.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* A planted fault is in the core itself; the hypervisor has a vcpu_of() of its own. */
#define vcpu_of cpu_vcpu_of
#include "models/cpu/cpu_private.h"
#undef vcpu_of

#include "models/cpu/lapic_private.h"
#include "sim/random.h"
#include "tests/unit/models/planted_fault.h"

struct kind {
    int strategy, direction;
};

static struct criterion_test_params every_kind(void)
{
    static struct kind kinds[12];
    for (int i = 0; i < 12; i++)
        kinds[i] = (struct kind){.strategy = i / 3, .direction = i % 3};
    return cr_make_param_array(struct kind, kinds, 12);
}

/* ---- it holds ---- */

static int64_t one_of(struct random_stream *stream, const int64_t *values, size_t count)
{
    return values[random_below(stream, count)];
}

#define ONE_OF(stream, ...)                                                                                  \
    one_of((stream), (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

/* Small rings and buffers, bursts, and rates up to overload: every queue gets full somewhere. */
static void draw_traffic(struct random_stream *stream, struct traffic_config *traffic, bool closed)
{
    traffic->rate = closed ? 0 : ONE_OF(stream, 5, 50, 800) * 1000 * 1000;
    traffic->window = closed ? ONE_OF(stream, 2, 9) : 0;
    traffic->burst = ONE_OF(stream, 1, 2);
    traffic->socket_buffer = ONE_OF(stream, 1, 3, 256);
    traffic->backlog = ONE_OF(stream, 10, 1000);
    traffic->flows = ONE_OF(stream, 1, 5);
    traffic->segment = traffic->direction == TRAFFIC_TRANSMIT ? ONE_OF(stream, 0, 0, 9000) : 0;
}

static void draw_machine(struct random_stream *stream, struct system_bench *bench)
{
    struct vm_config *vm = &bench->vms[0];
    bench->config.host.cores = ONE_OF(stream, 2, 4);
    bench->config.host.tap_queue = ONE_OF(stream, 2, 1000);
    bench->config.host.hypervisor.apicv = random_below(stream, 2);
    bench->nics[0].tx_ring = bench->nics[0].rx_ring = ONE_OF(stream, 64, 512);
    vm->vcpus = ONE_OF(stream, 1, 2);
    vm->emulation.device = (int)random_below(stream, 5);
    vm->emulation.synchronous = random_below(stream, 2);
    vm->emulation.segmentation = random_below(stream, 2);
    vm->emulation.tap_queue = ONE_OF(stream, 2, 1000);
    vm->virtio.layout = (int)random_below(stream, 2);
    vm->virtio.backend = (int)random_below(stream, 2);
    vm->virtio.mergeable = random_below(stream, 2);
    vm->virtio.tx_interrupts = random_below(stream, 2);
    vm->virtio.zero_copy = random_below(stream, 2);
    vm->virtio.queue_size = ONE_OF(stream, 32, 256);
}

ParameterizedTestParameters(conservation, holds_in_random_scenarios)
{
    return every_kind();
}

ParameterizedTest(struct kind *kind, conservation, holds_in_random_scenarios)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct random_stream stream = random_stream_make(seed, 0, "conservation", "scenario");
        struct system_bench bench;
        system_bench_prepare(&bench, kind->strategy);
        bench.config.duration = 1500 * SIM_US;
        bench.traffic[0].direction = kind->direction;
        draw_traffic(&stream, &bench.traffic[0], seed % 2);
        draw_machine(&stream, &bench);
        system_bench_start(&bench);
        system_bench_run(&bench);
        const struct path_counters *total = bench_total(&bench, 0);
        cr_expect_gt(total->delivered + bench_drops(total), 0, "strategy %d, direction %d, seed %d",
                     kind->strategy, kind->direction, (int)seed);
        system_bench_destroy(&bench);
    }
}

/*
 * A lost response makes the source send the next request at once, from within the guest's softirq, which then refills its
 * ring by a write that traps.
 */
Test(conservation, a_transaction_lost_in_the_guests_own_softirq_is_followed_by_the_next)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_EMULATION);
    bench.config.host.cores = 2;
    bench.vms[0].emulation.device = 1;
    bench.traffic[0].direction = TRAFFIC_REQUEST_RESPONSE;
    bench.traffic[0].rate = 0;
    bench.traffic[0].window = 2;
    bench.traffic[0].socket_buffer = 1;
    system_bench_start(&bench);
    system_bench_run(&bench);
    const struct path_counters *total = bench_total(&bench, 0);
    cr_expect_gt(total->dropped[DROP_SOCKET_FULL], 0);
    cr_expect_gt(total->delivered, 100);
    cr_expect_eq(path_in_flight(&bench.system->traffic[0].path), 2, "the window is kept full");
    system_bench_destroy(&bench);
}

/* ---- what a finished run has counted is tampered with ---- */

static void run_and_break(struct system_bench *bench, int strategy)
{
    system_bench_prepare(bench, strategy);
    system_bench_start(bench);
    system_bench_run(bench);
}

static void expect_broken(struct system_bench *bench, const char *law)
{
    const char *broken = system_check(bench->system);
    cr_assert_not_null(broken, "the fault went unnoticed");
    cr_expect_not_null(strstr(broken, law), "%s", broken);
    system_bench_destroy(bench);
}

Test(conservation, a_packet_that_nobody_holds_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_NATIVE);
    path_packet(&bench.system->traffic[0].path, 60);
    expect_broken(&bench, "packets: traffic0: packet 21 is in flight and nobody holds it");
}

Test(conservation, a_packet_given_back_without_an_end_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_NATIVE);
    sim_pool_give(bench.system->packets, path_packet(&bench.system->traffic[0].path, 60));
    expect_broken(&bench, "packets: ");
}

Test(conservation, a_packet_from_nowhere_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_VIRTIO);
    sim_pool_take(bench.system->packets);
    expect_broken(&bench, "packets: ");
}

Test(conservation, a_delivery_counted_twice_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_EMULATION);
    bench.system->traffic[0].path.total.delivered++;
    expect_broken(&bench, "packets: traffic0: counts do not add up");
}

Test(conservation, a_stage_that_is_a_picosecond_short_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_PASSTHROUGH);
    bench.system->traffic[0].path.total.stage_time[STAGE_DMA_WRITE]--;
    expect_broken(&bench, "packets: traffic0: counts do not add up");
}

Test(conservation, idle_time_is_not_what_is_left_over)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_NATIVE);
    core_of(bench.system->cores[3].cpu)->ledger.idle--;
    expect_broken(&bench, "time: accounts and idle time");
}

/* ---- stages ---- */

/* Takes a mark back as if it had never been made: its time falls to a later stage, and the sum stays right. */
static bool skip_stage(struct planted_fault *fault)
{
    const struct sim_pool *pool = fault->bench.system->packets;
    int stage = fault->detail;
    for (uint32_t i = 0; i < sim_pool_capacity(pool); i++) {
        struct packet *packet = sim_pool_object(pool, i);
        if (!packet || !(packet->stages & UINT32_C(1) << stage))
            continue;
        packet->stages &= ~(UINT32_C(1) << stage);
        packet->stage[STAGE_WIRE] += packet->stage[stage];
        packet->stage[stage] = 0;
        return true;
    }
    return false;
}

static bool is_required(const struct journey *journey, int stage)
{
    return journey->always >> stage & 1 && stage != STAGE_WIRE;
}

ParameterizedTestParameters(conservation, every_stage_left_out_is_noticed)
{
    return every_kind();
}

/* The last stage's mark is made when the packet ends: there is no time to take it back. */
ParameterizedTest(struct kind *kind, conservation, every_stage_left_out_is_noticed)
{
    const struct strategy *strategy = strategies[kind->strategy];
    bool sends = kind->direction != TRAFFIC_RECEIVE, receives = kind->direction != TRAFFIC_TRANSMIT;
    for (int stage = 0; stage < STAGE_APP; stage++) {
        if (!(sends && is_required(strategy->send, stage)) &&
            !(receives && is_required(strategy->receive, stage)))
            continue;
        struct planted_fault fault;
        fault_prepare(&fault, kind->strategy, kind->direction);
        fault.bench.config.duration = 2500 * SIM_US;
        fault_expect(&fault, fault_run(&fault, skip_stage, stage), stage_name(stage));
    }
}

/* ---- time and cycles ---- */

/* A core that is executing a segment, and the account of the part under way. */
static struct core *busy_core(struct planted_fault *fault, const struct cpu_part **part)
{
    for (size_t i = 0; i < fault->bench.system->core_count; i++) {
        struct core *core = core_of(fault->bench.system->cores[i].cpu);
        const struct cpu_context *leaf = core->mode == CORE_BUSY ? core->running : NULL;
        if (!leaf || leaf->part_done >= leaf->part_count || leaf->parts[leaf->part_done].cycles < 10)
            continue;
        *part = &leaf->parts[leaf->part_done];
        return core;
    }
    return NULL;
}

/* The part's cycles once more, its time not. */
static bool charge_cycles_twice(struct planted_fault *fault)
{
    const struct cpu_part *part;
    struct core *core = busy_core(fault, &part);
    if (!core)
        return false;
    core->ledger.cycles[part->account] += part->cycles;
    core->ledger.shared[part->share] += part->cycles;
    return true;
}

/* The part once more, cycles and time, at the cost of idle time: all sums are right. */
static bool charge_part_twice(struct planted_fault *fault)
{
    const struct cpu_part *part;
    struct core *core = busy_core(fault, &part);
    if (!core)
        return false;
    sim_time time = core_clock_time(&core->clock, part->cycles);
    core->ledger.cycles[part->account] += part->cycles;
    core->ledger.shared[part->share] += part->cycles;
    core->ledger.time[part->account] += time;
    core->ledger.idle -= time;
    return true;
}

/* ... and counted as executed: nobody has asked for it. */
static bool execute_part_twice(struct planted_fault *fault)
{
    const struct cpu_part *part;
    struct core *core = busy_core(fault, &part);
    if (core)
        core->counts.executed += part->cycles;
    return core && charge_part_twice(fault);
}

/* Asked for twice, executed once, charged twice: time tells. */
static bool ask_twice(struct planted_fault *fault)
{
    const struct cpu_part *part;
    struct core *core = busy_core(fault, &part);
    if (!core)
        return false;
    core->counts.asked += part->cycles;
    core->counts.executed += part->cycles;
    return charge_cycles_twice(fault);
}

/* A ready context falls out of its queue and never runs again. */
static bool forget_context(struct planted_fault *fault)
{
    for (size_t i = 0; i < fault->bench.system->core_count; i++) {
        struct cpu *cpu = fault->bench.system->cores[i].cpu;
        struct cpu_context *ctx = cpu->queue[CPU_TASK].head;
        if (!ctx || ctx->left == 0)
            continue;
        cpu_dequeue(cpu, ctx);
        return true;
    }
    return false;
}

static void expect_trip(bool (*plant)(struct planted_fault *fault), const char *law)
{
    for (int strategy = 0; strategy < 4; strategy++) {
        struct planted_fault fault;
        fault_prepare(&fault, strategy, TRAFFIC_TRANSMIT);
        fault_expect(&fault, fault_run(&fault, plant, 0), law);
    }
}

Test(conservation, cycles_charged_twice_are_noticed)
{
    expect_trip(charge_cycles_twice, "cycles: those charged are not those executed");
}

Test(conservation, a_part_charged_twice_is_noticed)
{
    expect_trip(charge_part_twice, "cycles: those charged are not those executed");
}

Test(conservation, a_part_executed_twice_is_noticed)
{
    expect_trip(execute_part_twice, "cycles: those executed and left are not those asked for");
}

Test(conservation, cycles_that_take_no_time_are_noticed)
{
    expect_trip(ask_twice, "time: the time busy is not that of the cycles executed");
}

Test(conservation, a_context_that_is_forgotten_is_noticed)
{
    struct planted_fault fault;
    fault_prepare(&fault, BENCH_EMULATION, TRAFFIC_RECEIVE);
    fault.bench.config.host.cores = 1; /* the guest and the device's thread wait for each other */
    fault_expect(&fault, fault_run(&fault, forget_context, 0), "cycles: those executed and left");
}

/* Moves a core's greatest time from its account to another, which the sums do not see. */
Test(conservation, time_charged_to_another_account_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_VIRTIO);
    struct ledger *ledger = &core_of(bench.system->cores[1].cpu)->ledger;
    int from = ACCOUNT_GUEST + CPU_STACK;
    cr_assert_gt(ledger->time[from], SIM_US);
    ledger->time[from] -= SIM_US;
    ledger->time[ACCOUNT_GUEST + CPU_DRIVER] += SIM_US;
    expect_broken(&bench, "time: an account's is not that of its cycles");
}

Test(conservation, cycles_charged_to_another_account_are_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_VIRTIO);
    struct ledger *ledger = &core_of(bench.system->cores[1].cpu)->ledger;
    ledger->cycles[ACCOUNT_GUEST + CPU_STACK] -= 1000;
    ledger->cycles[ACCOUNT_GUEST + CPU_DRIVER] += 1000;
    expect_broken(&bench, "time: an account's is not that of its cycles");
}

/* ---- interrupts ---- */

/* A vector vanishes from the IRR of the guest that is on its way to take it. */
static bool lose_interrupt(struct planted_fault *fault)
{
    struct lapic *lapic = vcpu_lapic(vm_vcpu(fault->bench.system->attachments[0].vm, 0));
    for (int word = 0; word < WORDS; word++) {
        uint64_t lost = lapic->irr[word];
        lapic->irr[word] = lapic->open[word] = 0;
        if (lost)
            return true;
    }
    return false;
}

Test(conservation, an_interrupt_that_is_lost_is_noticed)
{
    for (int strategy = BENCH_EMULATION; strategy <= BENCH_VIRTIO; strategy++) {
        struct planted_fault fault;
        fault_prepare(&fault, strategy, TRAFFIC_RECEIVE);
        fault_expect(&fault, fault_run(&fault, lose_interrupt, 0), "interrupts: ");
    }
}

Test(conservation, an_interrupt_that_is_handled_twice_is_noticed)
{
    struct system_bench bench;
    run_and_break(&bench, BENCH_NATIVE);
    bench.system->cores[0].lapic->handled++;
    expect_broken(&bench, "interrupts: ");
}
