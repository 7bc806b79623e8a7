/*
 * A test bench for the virtio-net path: the strategy's own assembly - guest driver, VM, backend, tap, bridge
 * - on a host of three cores at 1 GHz (a cycle is a nanosecond): core 0 the host's, core 1 the vCPU's, core 2
 * the backend's. In the place of the physical NIC is an uplink that swallows packets, or turns requests round
 * after 20 us.
 */
#ifndef TESTS_UNIT_MODELS_VIRTIO_BENCH_H
#define TESTS_UNIT_MODELS_VIRTIO_BENCH_H

#include <criterion/criterion.h>

#include "models/guest/app.h"
#include "models/strategy/all.h"
#include "sim/pool.h"

static const struct costs virtio_bench_costs = {
    .syscall = 150,
    .socket_send = 250,
    .stack_send = 600,
    .socket_receive = 250,
    .stack_receive = 700,
    .app = 100,
    .copy_per_byte = 100,
    .irq_entry = 100,
    .irq_exit = 50,
    .irq_handler = 70,
    .eoi = 30,
    .softirq = 120,
    .napi_complete = 60,
    .wakeup = 200,
    .virtio_send = 110,
    .virtio_clean = 40,
    .virtio_receive = 130,
    .virtio_refill = 45,
    .barrier = 20,
    .exit = 1300,
    .exit_kernel = 800,
    .exit_fast = 350,
    .exit_ioeventfd = 300,
    .exit_user = 5000,
    .inject = 150,
    .irqfd = 250,
    .irq_ioctl = 900,
    .ipi = 120,
    .ipi_latency = 600 * SIM_NS,
    .pi_update = 60,
    .halt_block = 90,
    .vhost_work = 180,
    .vhost_packet = 220,
    .vhost_batch = 90,
    .vhost_poll = 50,
    .tap_send = 300,
    .tap_receive = 160,
    .bridge = 140,
    .gso_segment = 75,
    .emulate_register = 400,
    .qemu_dispatch = 1500,
    .qemu_virtio_packet = 800,
};

static const struct virtio_config virtio_bench_default = {
    .layout = VIRTIO_SPLIT,
    .backend = VIRTIO_VHOST,
    .notify = VIRTIO_NOTIFY_MMIO,
    .transitional = true,
    .event_index = true,
    .indirect = true,
    .mergeable = true,
    .gso = true,
    .tx_interrupts = true,
    .queue_size = 256,
    .queues = 1,
    .vhost_weight = 256,
    .vhost_batch = 64,
    .interrupts_msix = true,
};

enum { VIRTIO_BENCH_CORES = 3, VIRTIO_BENCH_UPLINK_CYCLES = 100 };

struct virtio_bench {
    struct sim *sim;
    struct system system;
    struct system_core cores[VIRTIO_BENCH_CORES];
    struct system_nic nic;
    struct nic_config nic_config;
    struct vm_config vm_config;
    struct config config;
    struct attachment attachment;
    struct netdev uplink;
    int64_t uplink_packets, uplink_doorbells, uplink_longest_burst, uplink_burst;
    struct packet_queue on_wire; /* requests, due at the front's time */
    struct sim_event turn;
    struct app app;
    struct path path;
    struct sim_event source;
    sim_time gap;  /* [ps] */
    unsigned left; /* packets the source has yet to send */
    uint32_t length, gso_size;
    enum packet_kind kind;
    bool receive;
    unsigned burst; /* packets at once */
};

/* ---- the uplink ---- */

static inline struct virtio_bench *virtio_bench_of(struct netdev *netdev)
{
    return SIM_CONTAINER_OF(netdev, struct virtio_bench, uplink);
}

static inline bool uplink_can_send(struct netdev *netdev, unsigned queue, const struct packet *packet)
{
    (void)netdev, (void)queue, (void)packet;
    return true;
}

static inline void uplink_prepare(struct netdev *netdev, unsigned queue, struct cpu_context *ctx,
                                  struct packet *packet, bool more)
{
    (void)netdev, (void)queue, (void)packet, (void)more;
    cpu_add(ctx, CPU_DRIVER, SHARE_PACKET, VIRTIO_BENCH_UPLINK_CYCLES);
}

static inline void uplink_commit(struct netdev *netdev, unsigned queue, struct cpu_context *ctx,
                                 struct packet *packet, bool more)
{
    struct virtio_bench *bench = virtio_bench_of(netdev);
    (void)queue;
    bench->uplink_packets++;
    bench->uplink_burst++;
    if (bench->uplink_burst > bench->uplink_longest_burst)
        bench->uplink_longest_burst = bench->uplink_burst;
    if (!more) {
        bench->uplink_doorbells++;
        bench->uplink_burst = 0;
    }
    if (packet->kind == PACKET_REQUEST) {
        packet_queue_push(&bench->on_wire, packet);
        sim_schedule(bench->sim, &bench->turn, sim_now(bench->sim) + 20 * SIM_US);
    } else {
        path_deliver(packet->path, packet, sim_now(bench->sim));
        transmit_reclaimed(netdev, 0); /* it reclaims at once */
    }
    cpu_return(ctx);
}

static const struct netdev_ops uplink_ops = {uplink_can_send, uplink_prepare, uplink_commit};

/* A packet has come in from the wire and the host's driver hands it to the bridge. */
static inline void virtio_bench_incoming(struct virtio_bench *bench, struct packet *packet)
{
    packet_mark(packet, STAGE_WIRE, sim_now(bench->sim));
    packet->direction = PACKET_RECEIVE;
    sleeper_wake_now(bench->nic.bridge.handler.commit(&bench->nic.bridge, packet));
}

static inline void virtio_bench_turned(struct sim *sim, struct sim_event *event)
{
    struct virtio_bench *bench = SIM_CONTAINER_OF(event, struct virtio_bench, turn);
    (void)sim;
    struct packet *packet = packet_queue_pop(&bench->on_wire);
    packet->kind = PACKET_RESPONSE;
    virtio_bench_incoming(bench, packet);
    transmit_reclaimed(&bench->uplink, 0);
}

/* ---- the source ---- */

static inline void virtio_bench_emit(struct virtio_bench *bench, bool more)
{
    struct packet *packet = path_packet(&bench->path, bench->length);
    packet->kind = (uint8_t)bench->kind;
    packet->more = more;
    packet->gso_size = bench->gso_size;
    if (bench->gso_size)
        packet->segments =
            (uint16_t)((bench->length - FRAME_HEADERS + bench->gso_size - 1) / bench->gso_size);
    if (bench->receive)
        virtio_bench_incoming(bench, packet);
    else
        app_submit(&bench->app, packet);
}

static inline void virtio_bench_fire(struct sim *sim, struct sim_event *event)
{
    struct virtio_bench *bench = SIM_CONTAINER_OF(event, struct virtio_bench, source);
    for (unsigned i = 0; i < bench->burst && bench->left > 0; i++) {
        bench->left--;
        virtio_bench_emit(bench, i + 1 < bench->burst && bench->left > 0);
    }
    if (bench->left > 0)
        sim_schedule(sim, &bench->source, sim_now(sim) + bench->gap);
}

/* Sends `count` packets of `length` [B], one every `gap` [ps], and runs 100 ms longer than that takes. */
static inline void virtio_bench_run(struct virtio_bench *bench, unsigned count, uint32_t length, sim_time gap)
{
    bench->left = count;
    bench->length = length;
    bench->gap = gap;
    sim_schedule(bench->sim, &bench->source, sim_now(bench->sim) + SIM_US);
    sim_run(bench->sim, sim_now(bench->sim) + count * gap + 100 * SIM_MS);
}

/* ---- building ---- */

static inline void virtio_bench_core(struct virtio_bench *bench, unsigned index)
{
    struct system_core *core = &bench->cores[index];
    static const char *const names[] = {"core0", "core1", "core2"};
    const struct costs *costs = &bench->config.costs;
    struct cpu_core_config config = {.hz = 1000000000};
    struct lapic_costs lapic = {.entry = costs->irq_entry, .exit = costs->irq_exit, .eoi = costs->eoi};
    core->cpu = cpu_core_create(bench->sim, names[index], &config);
    core->lapic = lapic_create(core->cpu, &lapic, NULL, NULL);
    core->kernel_cpu = kernel_add_cpu(&bench->system.host, core->cpu, core->lapic);
}

static inline void virtio_bench_host(struct virtio_bench *bench)
{
    struct system *system = &bench->system;
    struct memory_config memory = {.nodes = 1, .node_size = (int64_t)1 << 30};
    system->sim = bench->sim;
    system->config = &bench->config;
    system->packets = sim_pool_create(sizeof(struct packet), 1024);
    system->memory = memory_create(bench->sim, &memory);
    system->host_space = address_space_create(system->memory, true);
    kernel_init(&system->host, bench->sim, "host0", &bench->config.costs, system->host_space, system->memory,
                false);
    system->cores = bench->cores;
    system->core_count = VIRTIO_BENCH_CORES;
    for (unsigned i = 0; i < VIRTIO_BENCH_CORES; i++)
        virtio_bench_core(bench, i);
    bench->uplink = (struct netdev){
        .ops = &uplink_ops, .name = "uplink", .kernel = &system->host, .queues = 1, .gso_max = 65536};
    transmit_create(&bench->uplink);
    bench->nic.config = &bench->nic_config;
    bridge_init(&bench->nic.bridge, &system->host, &bench->uplink);
    system->nics = &bench->nic;
    system->nic_count = 1;
}

static inline void virtio_bench_vm(struct virtio_bench *bench)
{
    struct hypervisor_config hypervisor = {
        .apicv = true, .posted_interrupts = true, .halt_poll_grow = 2, .guest_tick = TICK_OFF};
    struct vm *vm = vm_create(bench->sim, "vm0", &hypervisor, &bench->config.costs, bench->system.memory, 0,
                              (uint64_t)256 << 20);
    cr_assert_not_null(vm);
    vm_add_vcpu(vm, bench->cores[1].cpu, bench->cores[1].lapic);
    bench->attachment = (struct attachment){
        .system = &bench->system, .config = &bench->vm_config, .strategy = &strategy_virtio, .vm = vm};
    strategy_virtio.build(&bench->attachment);
}

/* Builds the path with the unit costs in `costs` and the backend on core `backend`; the VM runs. */
static inline void virtio_bench_create_on(struct virtio_bench *bench, const struct virtio_config *virtio,
                                          const struct costs *costs, int backend)
{
    struct sim_config sim = {.seed = 1};
    *bench = (struct virtio_bench){
        .sim = sim_create(&sim),
        .nic_config = {.queues = 1},
        .vm_config = {.vcpus = 1, .core = 1, .backend_core = backend, .irq_core = 0, .virtio = *virtio},
        .burst = 1,
    };
    bench->config = (struct config){
        .host = {.cores = VIRTIO_BENCH_CORES, .tap_queue = 500},
        .costs = *costs,
        .vms = {.items = &bench->vm_config, .count = 1},
    };
    virtio_bench_host(bench);
    virtio_bench_vm(bench);
    uint16_t component = sim_component(bench->sim, "bench");
    sim_event_init(&bench->source, virtio_bench_fire, component, 1);
    sim_event_init(&bench->turn, virtio_bench_turned, component, 2);
    path_init(&bench->path, bench->sim, "path", bench->system.packets);
    app_init(&bench->app, &bench->attachment.kernel->cpus[0], bench->attachment.netdev, 0, 100000, 100000);
    bench->path.receiver = &bench->app.socket;
    vm_start(bench->attachment.vm);
    sim_run(bench->sim, SIM_MS);
}

static inline void virtio_bench_create_with(struct virtio_bench *bench, const struct virtio_config *virtio,
                                            const struct costs *costs)
{
    virtio_bench_create_on(bench, virtio, costs, 2);
}

static inline void virtio_bench_create(struct virtio_bench *bench, const struct virtio_config *virtio)
{
    virtio_bench_create_with(bench, virtio, &virtio_bench_costs);
}

/* Every test ends with it: packets, stages and the cores' time are conserved, and nothing is left lying
 * about. */
static inline void virtio_bench_destroy(struct virtio_bench *bench)
{
    cr_expect(path_check(&bench->path));
    cr_expect_eq(path_in_flight(&bench->path), 0, "%ld packets are lost", (long)path_in_flight(&bench->path));
    cr_expect_eq(sim_pool_live(bench->system.packets), 0);
    for (unsigned i = 0; i < VIRTIO_BENCH_CORES; i++)
        cr_expect(!cpu_check(bench->cores[i].cpu, sim_now(bench->sim)));
    strategy_virtio.destroy(&bench->attachment);
    vm_destroy(bench->attachment.vm);
    for (unsigned i = 0; i < VIRTIO_BENCH_CORES; i++) {
        lapic_destroy(bench->cores[i].lapic);
        cpu_destroy(bench->cores[i].cpu);
    }
    path_destroy(&bench->path);
    transmit_destroy(&bench->uplink);
    kernel_destroy(&bench->system.host);
    address_space_destroy(bench->system.host_space);
    memory_destroy(bench->system.memory);
    sim_pool_destroy(bench->system.packets);
    sim_destroy(bench->sim);
}

/* ---- counts ---- */

static inline int64_t bench_kicks(const struct virtio_bench *bench, bool tx)
{
    return bench->attachment.kicks(&bench->attachment, tx);
}

static inline int64_t bench_raised(const struct virtio_bench *bench)
{
    return bench->attachment.interrupts_raised(&bench->attachment);
}

static inline int64_t bench_handled(const struct virtio_bench *bench)
{
    return bench->attachment.interrupts_handled(&bench->attachment);
}

static inline int64_t bench_exits(const struct virtio_bench *bench, enum exit_reason reason)
{
    return vcpu_counters(vm_vcpu(bench->attachment.vm, 0))->exits[reason];
}

static inline int64_t bench_sites(const struct virtio_bench *bench, enum exit_site site)
{
    return vcpu_counters(vm_vcpu(bench->attachment.vm, 0))->sites[site];
}

/* Cycles of a core's account. */
static inline int64_t bench_cycles(struct virtio_bench *bench, unsigned core, int account)
{
    return cpu_ledger(bench->cores[core].cpu)->cycles[account];
}

#endif
