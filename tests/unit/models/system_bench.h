/*
 * A whole small system for tests: the configuration has every table's defaults, cores of 1 GHz (a cycle is 1000 ps),
 * unit costs that tell themselves apart, no ticks, no halt polling and no idle wake-up delay, so that closed forms are
 * exact. A test changes what it is about between system_bench_prepare() and system_bench_start().
 */
#ifndef TESTS_UNIT_MODELS_SYSTEM_BENCH_H
#define TESTS_UNIT_MODELS_SYSTEM_BENCH_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "models/host/system.h"
#include "models/registry.h"
#include "models/strategy/strategy.h"
#include "sim/pool.h"

#define CYCLE SIM_NS

enum { BENCH_NATIVE, BENCH_EMULATION, BENCH_VIRTIO, BENCH_PASSTHROUGH };
enum { BENCH_LIST_MAX = 8, BENCH_BLOCKS_MAX = 512, BENCH_LOG_MAX = 4096 };

static const struct costs system_bench_costs = {
    .syscall = 101,
    .socket_send = 103,
    .stack_send = 107,
    .socket_receive = 109,
    .stack_receive = 113,
    .app = 127,
    .copy_per_byte = 250,
    .gso_segment = 131,
    .irq_entry = 137,
    .irq_exit = 139,
    .irq_handler = 149,
    .eoi = 151,
    .softirq = 157,
    .napi_complete = 163,
    .wakeup = 167,
    .context_switch = 173,
    .tick = 179,
    .mmio_write = 181,
    .driver_send = 191,
    .driver_clean = 193,
    .driver_receive = 197,
    .driver_refill = 199,
    .virtio_send = 211,
    .virtio_clean = 223,
    .virtio_receive = 227,
    .virtio_refill = 229,
    .barrier = 23,
    .exit = 1000,
    .exit_kernel = 233,
    .exit_fast = 139,
    .exit_ioeventfd = 239,
    .exit_user = 2000,
    .inject = 241,
    .irqfd = 251,
    .irq_ioctl = 257,
    .ipi = 263,
    .ipi_latency = 269 * SIM_NS,
    .pi_update = 271,
    .halt_block = 277,
    .vhost_work = 281,
    .vhost_packet = 283,
    .vhost_batch = 293,
    .vhost_poll = 29,
    .tap_send = 307,
    .tap_receive = 311,
    .bridge = 313,
    .emulate_register = 317,
    .emulate_descriptor = 331,
    .qemu_dispatch = 337,
    .qemu_virtio_packet = 347,
};

struct system_bench {
    struct sim *sim;
    struct config config;
    struct nic_config nics[BENCH_LIST_MAX];
    struct vm_config vms[BENCH_LIST_MAX];
    struct traffic_config traffic[BENCH_LIST_MAX];
    struct system *system;
    void *blocks[BENCH_BLOCKS_MAX]; /* of variants */
    size_t block_count;
};

/* ---- configuration ---- */

static inline void bench_defaults(struct system_bench *bench, const struct param_table *table, void *config);

static inline void bench_choose(struct system_bench *bench, struct param_variant *variant,
                                const struct param_model *model)
{
    cr_assert_lt(bench->block_count, BENCH_BLOCKS_MAX);
    variant->model = model;
    variant->config = bench->blocks[bench->block_count++] =
        calloc(1, model->table->size ? model->table->size : 1);
    bench_defaults(bench, model->table, variant->config);
}

/* Makes `variant` the model `name` of `family` with its defaults; returns its configuration. */
static inline void *bench_model(struct system_bench *bench, struct param_variant *variant,
                                const struct param_family *family, const char *name)
{
    const struct param_model *model = param_find_model(family, name);
    cr_assert_not_null(model);
    bench_choose(bench, variant, model);
    return variant->config;
}

/* Sets one parameter of a table's struct as a user would write it. */
static inline void bench_set(const struct param_table *table, void *config, const char *key, const char *text)
{
    const struct param *row = param_find(table, key);
    cr_assert_not_null(row, "no key %s", key);
    cr_assert_eq(param_store(row, text, config), PARAM_OK, "%s: %s", key, text);
}

static inline void bench_defaults(struct system_bench *bench, const struct param_table *table, void *config)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct param *row = &table->params[i];
        void *at = (char *)config + row->offset;
        if (row->kind == PARAM_GROUP)
            bench_defaults(bench, row->table, at);
        else if (row->kind == PARAM_VARIANT)
            bench_choose(bench, at, row->family->models[0]);
        else if (row->kind != PARAM_LIST && row->kind != PARAM_QUANTITIES && row->fallback)
            cr_assert_eq(param_store(row, row->fallback, config), PARAM_OK, "%s", row->key);
    }
}

static inline const struct param_table *bench_table(const char *key)
{
    return param_find(&config_table, key)->table;
}

/* A scenario with one NIC, one VM and one constant stream of 1000 packets a second, of 4 cores. */
static inline void system_bench_prepare(struct system_bench *bench, int strategy)
{
    *bench = (struct system_bench){0};
    struct config *config = &bench->config;
    bench_defaults(bench, &config_table, config);
    for (size_t i = 0; i < BENCH_LIST_MAX; i++) {
        bench_defaults(bench, bench_table("nics"), &bench->nics[i]);
        bench_defaults(bench, bench_table("vms"), &bench->vms[i]);
        bench_defaults(bench, bench_table("traffic"), &bench->traffic[i]);
        bench->vms[i].memory = 64 << 20;
        bench->traffic[i].rate = 1000 * 1000;
    }
    config->strategy = strategy;
    config->duration = 20 * SIM_MS;
    config->costs = system_bench_costs;
    config->host.frequency = 1000000000;
    config->host.idle_wake = 0;
    config->host.tick = TICK_OFF;
    config->host.hypervisor.guest_tick = TICK_OFF;
    config->host.hypervisor.halt_poll = 0;
    config->nics = (struct param_list){.items = bench->nics, .count = 1};
    config->vms = (struct param_list){.items = bench->vms, .count = 1};
    config->traffic = (struct param_list){.items = bench->traffic, .count = 1};
}

static inline void bench_unexpected(void *self, const char *path, const char *message)
{
    (void)self;
    cr_assert_fail("%s: %s", path, message);
}

/* ---- running ---- */

static inline void system_bench_start_in(struct system_bench *bench, enum sim_mode mode)
{
    struct sim_config sim = {.seed = (uint64_t)bench->config.seed, .mode = mode};
    bench->sim = sim_create(&sim);
    bench->system = system_create(bench->sim, &bench->config, bench_unexpected, NULL);
    cr_assert_not_null(bench->system);
}

static inline void system_bench_start(struct system_bench *bench)
{
    system_bench_start_in(bench, SIM_DECOUPLED);
}

static inline void system_bench_free(struct system_bench *bench)
{
    for (size_t i = 0; i < bench->block_count; i++)
        free(bench->blocks[i]);
}

static inline void system_bench_destroy(struct system_bench *bench)
{
    system_destroy(bench->system);
    sim_destroy(bench->sim);
    system_bench_free(bench);
}

/* Runs to the end, with everything conserved. */
static inline void system_bench_run(struct system_bench *bench)
{
    system_run(bench->system);
    const char *broken = system_check(bench->system);
    cr_assert_null(broken, "conservation of %s", broken);
}

static inline const struct path_counters *bench_total(const struct system_bench *bench, size_t traffic)
{
    return &bench->system->traffic[traffic].path.total;
}

static inline int64_t bench_drops(const struct path_counters *total)
{
    int64_t sum = 0;
    for (int cause = 0; cause < DROP_CAUSES; cause++)
        sum += total->dropped[cause];
    return sum;
}

/* ---- a record of register accesses, in place of a binding's operations ---- */

struct bench_access {
    enum device_register reg;
    bool write;
    uint64_t value; /* of a write */
    sim_time when;  /* [ps] when it was issued */
};

static struct bench_access bench_log[BENCH_LOG_MAX];
static size_t bench_logged;
static const struct device_access_ops *bench_recorded;
static struct sim *bench_clock;

static inline void bench_note(enum device_register reg, bool write, uint64_t value)
{
    if (bench_logged < BENCH_LOG_MAX)
        bench_log[bench_logged++] = (struct bench_access){reg, write, value, sim_now(bench_clock)};
}

static inline int64_t bench_write_cycles(const struct device_access *access)
{
    return bench_recorded->write_cycles(access);
}

static inline void bench_record_write(struct device_access *access, struct cpu_context *ctx,
                                      enum device_register reg, unsigned index, uint64_t value)
{
    bench_note(reg, true, value);
    bench_recorded->write(access, ctx, reg, index, value);
}

static inline void bench_record_read(struct device_access *access, struct cpu_context *ctx,
                                     enum device_register reg, unsigned index, uint64_t *value)
{
    bench_note(reg, false, 0);
    bench_recorded->read(access, ctx, reg, index, value);
}

static const struct device_access_ops bench_recorder = {
    .write_cycles = bench_write_cycles,
    .write = bench_record_write,
    .read = bench_record_read,
};

/* Records every access of the first VM's driver from now on. */
static inline void bench_record(struct system_bench *bench)
{
    struct device_access *access = bench->system->attachments[0].access;
    bench_logged = 0;
    bench_clock = bench->sim;
    bench_recorded = access->ops;
    access->ops = &bench_recorder;
}

/* The record in the driver's own register names: "TDT ICR? IMC STATUS? IMS STATUS?", '?' for reads; static storage. */
static inline const char *bench_sequence(const struct system_bench *bench)
{
    static char text[65536];
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < bench_logged; i++) {
        const char *name = bench->system->attachments[0].register_names[bench_log[i].reg];
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s%s", i ? " " : "",
                                   name ? name : "-", bench_log[i].write ? "" : "?");
    }
    return text;
}

#endif
