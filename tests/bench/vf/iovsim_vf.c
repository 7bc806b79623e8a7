/*
 * The VF transmit path on iovsim's own models: packets per second of CPU time, or the trace that the SystemC program
 * beside it is compared with. What the hops are: README.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "models/guest/ring_private.h"
#include "models/host/system.h"
#include "models/nic/moderation.h"
#include "models/registry.h"
#include "models/strategy/strategy.h"
#include "scenarios/scenario.h"
#include "sim/kernel.h"
#include "tests/bench/vf/trace.h"

enum { SETS_MAX = 16 };

struct options {
    const char *scenario;
    const char *sets[SETS_MAX]; /* "path=value": overrides of the scenario */
    size_t set_count;
    uint64_t trace; /* packets; 0: measure */
    bool parameters;
};

/* What becomes of the first packets, as the models' own marks and memory say. */
struct recorder {
    struct trace trace;
    struct system *system;
    const struct ring *ring;
    uint32_t watched; /* ring index of the next descriptor to be written back */
    uint64_t written; /* packets whose descriptor was */
    void (*ended)(struct path *path, struct packet *packet, bool delivered, void *self);
    void *ended_self;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Of this process so far [KiB]. */
static long peak_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void complain(void *self, const char *path, const char *message)
{
    (void)self;
    fprintf(stderr, "%s: %s\n", path, message);
}

static const struct ring_queue *queue_of(const struct system *system)
{
    struct netdev *netdev = system->attachments[0].netdev;
    return &SIM_CONTAINER_OF(netdev, struct ring_driver, netdev)->queues[0];
}

/* ---- the trace ---- */

/* The hops are the ends of the packet's stages; the write-back is seen in memory. */
static void record(struct path *path, struct packet *packet, bool delivered, void *self)
{
    struct recorder *recorder = self;
    if (packet->id <= recorder->trace.count) {
        const sim_time *stage = packet->stage;
        int64_t *hop = recorder->trace.packets[packet->id - 1].hop;
        hop[HOP_CALL] = packet->start + stage[STAGE_SOURCE_WAIT];
        hop[HOP_VISIBLE] = hop[HOP_CALL] + stage[STAGE_SEND];
        hop[HOP_DOORBELL] = hop[HOP_VISIBLE] + stage[STAGE_DOORBELL];
        hop[HOP_FETCHED] = hop[HOP_DOORBELL] + stage[STAGE_DESCRIPTOR_FETCH];
        hop[HOP_READ] = hop[HOP_FETCHED] + stage[STAGE_PAYLOAD_FETCH];
        hop[HOP_FIRST_BIT] = hop[HOP_READ] + stage[STAGE_NIC_TX] + stage[STAGE_WIRE_WAIT];
        hop[HOP_LAST_BIT] = packet->last;
    }
    recorder->ended(path, packet, delivered, recorder->ended_self);
}

static bool is_written_back(const struct recorder *recorder)
{
    if (recorder->watched == recorder->ring->next_to_use)
        return false;
    const struct tx_descriptor *descriptor =
        ring_descriptor(recorder->ring, recorder->system->memory, recorder->watched);
    return descriptor->status & DESC_DD;
}

/* Stops at every time at which something happens and looks at the ring. */
static void run_watching(struct recorder *recorder, struct sim *sim)
{
    while (recorder->written < recorder->trace.count) {
        sim_time next = sim_queue_next(&sim->queue);
        SIM_ASSERT(next < SIM_TIME_MAX);
        sim_run(sim, next);
        for (; is_written_back(recorder) && recorder->written < recorder->trace.count; recorder->written++) {
            recorder->trace.packets[recorder->written].hop[HOP_WRITTEN_BACK] = sim_now(sim);
            recorder->watched = ring_next(recorder->ring, recorder->watched);
        }
    }
    while (recorder->trace.packets[recorder->trace.count - 1].hop[HOP_LAST_BIT] == 0)
        sim_run(sim, sim_queue_next(&sim->queue));
}

static void print_trace(struct system *system, uint64_t count)
{
    struct path *path = &system->traffic[0].path;
    struct recorder recorder = {
        .system = system,
        .ring = &queue_of(system)->tx,
        .ended = path->ended,
        .ended_self = path->ended_self,
    };
    trace_init(&recorder.trace, count);
    path->ended = record;
    path->ended_self = &recorder;
    vm_start(system->attachments[0].vm);
    source_start(system->traffic[0].source);
    run_watching(&recorder, system->sim);
    trace_print(&recorder.trace);
    trace_destroy(&recorder.trace);
}

/* ---- the parameters, for the SystemC program ---- */

static void print(const char *name, int64_t value)
{
    printf("%s %lld\n", name, (long long)value);
}

static void print_core(const struct config *config)
{
    const struct costs *costs = &config->costs;
    const struct traffic_config *traffic = config->traffic.items;
    print("core_hz", config->host.frequency);
    print("core_idle_wake_ps", config->host.idle_wake);
    print("app_cycles", costs->app);
    print("syscall_cycles", costs->syscall);
    print("socket_send_cycles", costs->socket_send);
    print("copy_cycles", costs_copy(costs, FRAME_MIN));
    print("stack_send_cycles", costs->stack_send);
    print("driver_send_cycles", costs->driver_send);
    print("mmio_write_cycles", costs->mmio_write);
    print("driver_clean_cycles", costs->driver_clean);
    print("irq_entry_cycles", costs->irq_entry);
    print("irq_handler_cycles", costs->irq_handler);
    print("eoi_cycles", costs->eoi);
    print("irq_exit_cycles", costs->irq_exit);
    print("softirq_cycles", costs->softirq);
    print("napi_complete_cycles", costs->napi_complete);
    print("wakeup_cycles", costs->wakeup);
    print("exit_cycles", costs->exit);
    print("window_packets", traffic->window);
    print("frame_bytes", FRAME_MIN);
}

/* The leaves of the IOMMU's page table are of 2 MiB: three of its levels are read in a walk. */
static void print_root(const struct config *config)
{
    const struct host_config *host = &config->host;
    print("mmio_write_latency_ps", host->root.mmio_write_latency);
    print("ingress_latency_ps", host->root.ingress_latency);
    print("interrupt_latency_ps", host->root.interrupt_latency);
    print("memory_latency_ps", host->memory.llc_latency);
    print("iotlb_entries", host->iommu.iotlb_entries);
    print("iotlb_hit_ps", host->iommu.hit_latency);
    print("walkers", host->iommu.walkers);
    print("walk_read_ps", host->iommu.walk_latency);
    print("walk_reads", 3);
    print("page_bytes", 2 << 20);
}

static void print_nic(const struct nic_config *nic)
{
    int64_t num, den;
    pcie_link_rate(&nic->link, &num, &den);
    print("link_byte_num_ps", num);
    print("link_byte_den", den);
    print("link_propagation_ps", nic->link.propagation);
    print("completion_bytes", nic->link.completion_max ? nic->link.completion_max : nic->link.mps);
    print("rcb_bytes", nic->link.rcb);
    print("tags", nic->link.tags);
    print("tx_ring_descriptors", nic->tx_ring);
    print("tx_prefetch_descriptors", nic->tx_prefetch);
    print("rx_prefetch_descriptors", nic->rx_prefetch);
    print("reads_in_flight", nic->reads_in_flight);
    print("tx_latency_ps", nic->tx_latency);
    print("wire_byte_num_ps", 8 * SIM_SECOND);
    print("wire_byte_den", nic->bit_rate);
    print("cable_ps", nic->cable);
}

/* Where the guest's kernel has put its rings and will put its first frame. */
static void print_guest(const struct system *system)
{
    const struct ring_queue *queue = queue_of(system);
    print("interrupt_interval_ps", queue->setting.interval);
    print("tx_ring_address", (int64_t)queue->tx.base);
    print("rx_ring_address", (int64_t)queue->rx.base);
    print("tx_buffer_address", (int64_t)buffer_pool_take(queue->tx.buffers));
    print("tx_buffer_bytes", 2048);
}

/* ---- the program ---- */

static void print_stages(const struct path *path)
{
    const int64_t *time = path->total.stage_time;
    struct trace_stages stages = {{
        [HOP_VISIBLE] = time[STAGE_SEND],
        [HOP_DOORBELL] = time[STAGE_DOORBELL],
        [HOP_FETCHED] = time[STAGE_DESCRIPTOR_FETCH],
        [HOP_READ] = time[STAGE_PAYLOAD_FETCH],
        [HOP_FIRST_BIT] = time[STAGE_NIC_TX] + time[STAGE_WIRE_WAIT],
        [HOP_LAST_BIT] = time[STAGE_WIRE],
    }};
    trace_print_stages(&stages);
}

static void measure(struct system *system)
{
    double start = cpu_seconds();
    system_run(system);
    double seconds = cpu_seconds() - start;
    const char *broken = system_check(system);
    if (broken) {
        fprintf(stderr, "iovsim_vf: conservation of %s\n", broken);
        abort();
    }
    print_stages(&system->traffic[0].path);
    int64_t packets = system->traffic[0].path.total.delivered;
    uint64_t events = sim_event_count(system->sim);
    printf("iovsim packets %lld events %llu fingerprint %016llx rss_kb %ld seconds %.4f packets/s %.0f\n",
           (long long)packets, (unsigned long long)events, (unsigned long long)sim_fingerprint(system->sim),
           peak_memory(), seconds, (double)packets / seconds);
}

static int run(const struct config *config, const struct options *options)
{
    struct sim *sim = sim_create(&(struct sim_config){.seed = (uint64_t)config->seed});
    struct system *system = system_create(sim, config, complain, NULL);
    if (!system)
        return 2;
    if (options->parameters) {
        print_core(config);
        print_root(config);
        print_nic(config->nics.items);
        print_guest(system);
    } else if (options->trace > 0) {
        print_trace(system, options->trace);
    } else {
        measure(system);
    }
    system_destroy(system);
    sim_destroy(sim);
    return 0;
}

static struct options read_options(int argc, char *argv[])
{
    struct options options = {0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--parameters") == 0)
            options.parameters = true;
        else if (strcmp(argv[i], "--trace") == 0 && i + 1 < argc)
            options.trace = strtoull(argv[++i], NULL, 10);
        else if (strchr(argv[i], '=') && options.set_count < SETS_MAX)
            options.sets[options.set_count++] = argv[i];
        else if (argv[i][0] != '-' && !options.scenario)
            options.scenario = argv[i];
        else
            return (struct options){0};
    }
    return options;
}

int main(int argc, char *argv[])
{
    struct options options = read_options(argc, argv);
    if (!options.scenario) {
        fprintf(stderr, "usage: %s SCENARIO [PATH=VALUE...] [--trace PACKETS | --parameters]\n", argv[0]);
        return 2;
    }
    struct scenario_options load = {
        .library = IOVSIM_SOURCE_LIBRARY, .sets = options.sets, .set_count = options.set_count};
    struct diag *diag = diag_create();
    struct scenario *scenario = scenario_load(options.scenario, &load, diag);
    struct scenario_binding *binding = scenario ? scenario_bind(scenario, NULL, registry_root(), diag) : NULL;
    int status = 2;
    if (binding)
        status = run(scenario_config(binding), &options);
    else
        diag_print(diag, stderr);
    scenario_binding_destroy(binding);
    scenario_destroy(scenario);
    diag_destroy(diag);
    return status;
}
