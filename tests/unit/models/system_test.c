/* Whole systems: every strategy in every direction conserves packets, time and cycles, and runs as its parts say. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/unit/models/system_bench.h"

struct system_case {
    int strategy, direction;
};

ParameterizedTestParameters(whole_system, conserves)
{
    static struct system_case cases[12];
    for (int i = 0; i < 12; i++)
        cases[i] = (struct system_case){.strategy = i / 3, .direction = i % 3};
    return cr_make_param_array(struct system_case, cases, 12);
}

ParameterizedTest(struct system_case *which, whole_system, conserves)
{
    struct system_bench bench;
    system_bench_prepare(&bench, which->strategy);
    bench.traffic[0].direction = which->direction;
    system_bench_start(&bench);
    system_bench_run(&bench);
    cr_expect_eq(bench_total(&bench, 0)->offered, 20);
    cr_expect_eq(bench_total(&bench, 0)->delivered + path_in_flight(&bench.system->traffic[0].path), 20);
    cr_expect_geq(bench_total(&bench, 0)->delivered, 19);
    cr_expect_eq(bench_drops(bench_total(&bench, 0)), 0);
    system_bench_destroy(&bench);
}

static uint64_t fingerprint(int strategy, int64_t seed, enum sim_mode mode)
{
    struct system_bench bench;
    system_bench_prepare(&bench, strategy);
    bench.config.seed = seed;
    bench_model(&bench, &bench.traffic[0].arrival, &arrival_family, "poisson");
    system_bench_start_in(&bench, mode);
    system_bench_run(&bench);
    uint64_t found = sim_fingerprint(bench.sim);
    system_bench_destroy(&bench);
    return found;
}

Test(whole_system, repeats_itself_in_either_mode)
{
    for (int strategy = 0; strategy < 4; strategy++) {
        uint64_t first = fingerprint(strategy, 7, SIM_DECOUPLED);
        cr_expect_eq(first, fingerprint(strategy, 7, SIM_DECOUPLED));
        cr_expect_eq(first, fingerprint(strategy, 7, SIM_LOCKSTEP));
        cr_expect_neq(first, fingerprint(strategy, 8, SIM_DECOUPLED));
    }
}

/* Natively nothing but the sender's kernel, the NIC and the wire lies between call and last bit. */
Test(whole_system, native_latency_is_the_sum_of_its_parts)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_NATIVE);
    system_bench_start(&bench);
    system_bench_run(&bench);
    const struct path_counters *total = bench_total(&bench, 0);
    const struct costs *costs = &system_bench_costs;
    int64_t wake = costs->irq_entry + costs->wakeup + costs->eoi + costs->irq_exit;
    int64_t send = costs->app + costs->syscall + costs->socket_send + costs_copy(costs, 60) +
                   costs->stack_send + costs->driver_send + costs->mmio_write;
    cr_assert_eq(total->delivered, 19, "the twentieth starts at the very end");
    cr_expect_eq(total->stage_time[STAGE_SOURCE_WAIT], 19 * wake * CYCLE);
    cr_expect_eq(total->stage_time[STAGE_SEND], 19 * send * CYCLE);
    cr_expect_eq(total->stage_time[STAGE_NIC_TX], 19 * bench.nics[0].tx_latency);
    cr_expect_eq(total->stage_time[STAGE_WIRE], 19 * 57600, "72 bytes to the last bit at 10 Gbit/s");
    cr_expect_eq(total->stage_time[STAGE_WIRE_WAIT], 0);
    system_bench_destroy(&bench);
}

/* The last packet's time is the end of the run: what starts at the very end counts, what would start later does not. */
Test(whole_system, the_run_ends_where_it_should)
{
    for (int64_t more = 0; more < 2; more++) {
        struct system_bench bench;
        system_bench_prepare(&bench, BENCH_NATIVE);
        bench.config.duration = 5 * SIM_MS - 1 + more;
        system_bench_start(&bench);
        system_bench_run(&bench);
        cr_expect_eq(bench_total(&bench, 0)->offered, 4 + more);
        cr_expect_eq(sim_now(bench.sim), bench.config.duration);
        system_bench_destroy(&bench);
    }
}

Test(whole_system, vms_of_all_strategies_share_one_nic)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_VIRTIO);
    bench.config.vms.count = bench.config.traffic.count = BENCH_LIST_MAX;
    bench.nics[0].queues = 2;
    for (size_t i = 0; i < BENCH_LIST_MAX; i++) {
        bench.vms[i].strategy = 1 + (int)i % 4;
        bench.traffic[i].vm = (int64_t)i;
        bench.traffic[i].direction = (int)i % 3;
        bench.traffic[i].flows = 4;
        bench.traffic[i].rate *= 5;
    }
    system_bench_start(&bench);
    system_bench_run(&bench);
    for (size_t i = 0; i < BENCH_LIST_MAX; i++)
        cr_expect_geq(bench_total(&bench, i)->delivered, 98, "traffic %zu: %ld", i,
                      (long)bench_total(&bench, i)->delivered);
    system_bench_destroy(&bench);
}

Test(whole_system, cards_get_bus_numbers_of_their_own)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_PASSTHROUGH);
    bench.config.nics.count = 3;
    bench.nics[1].bus = 1;
    system_bench_start(&bench);
    cr_expect_eq(nic_requester_id(bench.system->nics[0].nic, 0), 2 << 8);
    cr_expect_eq(nic_requester_id(bench.system->nics[1].nic, 0), 1 << 8);
    cr_expect_eq(nic_requester_id(bench.system->nics[2].nic, 0), 3 << 8);
    system_bench_run(&bench);
    system_bench_destroy(&bench);
}

Test(whole_system, has_room_for_many_cores)
{
    struct system_bench bench;
    system_bench_prepare(&bench, BENCH_NATIVE);
    bench.config.host.cores = 1024;
    bench.config.duration = 3 * SIM_MS;
    bench.vms[0].core = 1023;
    system_bench_start(&bench);
    system_bench_run(&bench);
    cr_expect_lt(cpu_ledger(bench.system->cores[1023].cpu)->idle, 3 * SIM_MS);
    cr_expect_eq(cpu_ledger(bench.system->cores[1022].cpu)->idle, 3 * SIM_MS);
    system_bench_destroy(&bench);
}

/* ---- refused ---- */

struct report_seen {
    char path[128], message[256];
    int count;
};

static void see(void *self, const char *path, const char *message)
{
    struct report_seen *seen = self;
    if (seen->count++ == 0) {
        snprintf(seen->path, sizeof(seen->path), "%s", path);
        snprintf(seen->message, sizeof(seen->message), "%s", message);
    }
}

/* Memory so broken up that a VM cannot have it is found when it is built. */
Test(whole_system, a_vm_without_memory_is_refused)
{
    struct system_bench bench;
    struct report_seen seen = {0};
    struct sim_config config = {.seed = 1};
    system_bench_prepare(&bench, BENCH_VIRTIO);
    bench.config.vms.count = 2;
    bench.vms[1].memory = bench.config.host.memory.node_size;
    bench.sim = sim_create(&config);
    cr_expect_null(system_create(bench.sim, &bench.config, see, &seen));
    cr_expect_str_eq(seen.path, "vms[1].memory");
    cr_expect_eq(seen.count, 1);
    system_bench_destroy(&bench);
}
