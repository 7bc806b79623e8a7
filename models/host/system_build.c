#include <stdio.h>
#include <stdlib.h>

#include "models/cpu/work.h"
#include "models/host/placement.h"
#include "models/host/system_private.h"
#include "models/strategy/all.h"
#include "models/strategy/assembly.h"
#include "sim/assert.h"
#include "sim/pool.h"

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    SIM_ASSERT(memory);
    return memory;
}

/* ---- host ---- */

static void build_core(struct system *system, size_t index)
{
    const struct host_config *host = &system->config->host;
    const struct costs *costs = &system->config->costs;
    struct system_core *core = &system->cores[index];
    char name[SYSTEM_NAME_MAX];
    snprintf(name, sizeof(name), "host0.core%zu", index);
    struct cpu_core_config config = {
        .hz = host->frequency,
        .node = (int)((int64_t)index * host->memory.nodes / host->cores),
        .idle_wake = host->idle_wake,
        .switch_cycles = costs->context_switch,
        .slice = host->time_slice,
    };
    core->cpu = cpu_core_create(system->sim, name, &config);
    cpu_set_fair(core->cpu, host->time_slice > 0 ? (unsigned)host->cores : 0);
    struct lapic_costs lapic = {.entry = costs->irq_entry, .exit = costs->irq_exit, .eoi = costs->eoi};
    core->lapic = lapic_create(core->cpu, &lapic, NULL, NULL);
    core->kernel_cpu = kernel_add_cpu(&system->host, core->cpu, core->lapic);
    sim_time period = SIM_SECOND / host->hz;
    struct tick_config tick = {
        .mode = host->tick,
        .period = period,
        .phase = period * (sim_time)index / host->cores,
        .cycles = costs->tick,
    };
    core->tick = tick_create(core->cpu, NULL, &tick, NULL, NULL);
}

void system_build_host(struct system *system)
{
    const struct config *config = system->config;
    const struct host_config *host = &config->host;
    system->packets = sim_pool_create(sizeof(struct packet), 1024);
    system->memory = memory_create(system->sim, &host->memory);
    system->host_space = address_space_create(system->memory, true);
    system->iommu = iommu_create(system->sim, &host->iommu, system->memory);
    kernel_init(&system->host, system->sim, "host0", &config->costs, system->host_space, system->memory,
                false);
    system->core_count = (size_t)host->cores;
    system->cores = allocate(system->core_count, sizeof(*system->cores));
    for (size_t i = 0; i < system->core_count; i++)
        build_core(system, i);
    system->roots = allocate((size_t)host->memory.nodes, sizeof(*system->roots));
    for (int node = 0; node < host->memory.nodes; node++) {
        char name[SYSTEM_NAME_MAX];
        snprintf(name, sizeof(name), "host0.rc%d", node);
        system->roots[node] =
            root_complex_create(system->sim, name, &host->root, system->memory, system->iommu, node);
    }
}

/* ---- NICs ---- */

static void start_queue(struct system *system, size_t index, unsigned queue)
{
    struct system_nic *nic = &system->nics[index];
    struct system_core *core = &system->cores[placement_queue_core(system->config, index, queue)];
    unsigned entry = function_driver_start(&nic->host, nic, queue, &system->host.cpus[core->kernel_cpu]);
    struct ring_queue *ring = ring_driver_queue(nic->host.driver, queue);
    unsigned vector = lapic_allocate(core->lapic, ring_driver_interrupt, ring, false);
    msi_route_lapic(nic->root, entry, core->lapic, vector);
}

static void build_nic(struct system *system, size_t index)
{
    struct system_nic *nic = &system->nics[index];
    char name[SYSTEM_NAME_MAX];
    snprintf(name, sizeof(name), "host0.nic%zu", index);
    nic->config = (const struct nic_config *)system->config->nics.items + index;
    nic->root = system->roots[0];
    struct nic_config own = *nic->config;
    own.bus = config_bus(system->config, index);
    nic->nic = nic_create(system->sim, name, &own, nic->root, system->packets);
    snprintf(name, sizeof(name), "peer%zu", index);
    nic->peer = peer_create(system->sim, name, nic_wire(nic->nic));
    function_driver_create(&nic->host, system, nic, 0, (unsigned)nic->config->queues, &system->host, "pf");
    bridge_init(&nic->bridge, &system->host, ring_driver_netdev(nic->host.driver));
    ring_driver_netdev(nic->host.driver)->receive = &nic->bridge.handler;
    for (unsigned queue = 0; queue < nic->config->queues; queue++)
        start_queue(system, index, queue);
}

void system_build_nics(struct system *system)
{
    system->nic_count = system->config->nics.count;
    system->nics = allocate(system->nic_count, sizeof(*system->nics));
    for (size_t i = 0; i < system->nic_count; i++)
        build_nic(system, i);
}

/* ---- VMs ---- */

/* The costs that a VM's exits have: the configured ones, or none where the scenario takes that factor away. */
static const struct costs *vm_costs(struct system *system, size_t index)
{
    struct costs *costs = &system->vm_costs[index];
    *costs = system->config->costs;
    bool emulated = placement_strategy(system->config, index) == &strategy_emulation;
    if (emulated && !system_vm_config(system->config, index)->emulation.exits)
        costs->exit = costs->exit_kernel = costs->exit_fast = costs->exit_ioeventfd = costs->exit_user = 0;
    return costs;
}

static struct vm *build_vm(struct system *system, size_t index)
{
    const struct config *config = system->config;
    const struct vm_config *own = system_vm_config(config, index);
    char name[SYSTEM_NAME_MAX];
    if (own->name)
        snprintf(name, sizeof(name), "%s", own->name);
    else
        snprintf(name, sizeof(name), "vm%zu", index);
    unsigned first = placement_of(config, index, false).vcpu;
    int node = cpu_node(system->cores[placement_core(config, first)].cpu);
    struct vm *vm = vm_create(system->sim, name, &config->host.hypervisor, vm_costs(system, index),
                              system->memory, node, (uint64_t)own->memory);
    if (!vm)
        return NULL;
    for (unsigned i = 0; i < own->vcpus; i++) {
        struct system_core *core = &system->cores[placement_core(config, first + i)];
        vm_add_vcpu(vm, core->cpu, core->lapic);
    }
    return vm;
}

static void report_memory(size_t index, config_report *report, void *self)
{
    char path[SYSTEM_NAME_MAX];
    snprintf(path, sizeof(path), "vms[%zu].memory", index);
    report(self, path, "its node has not that much memory left (host.memory.node_size)");
}

bool system_build_vms(struct system *system, config_report *report, void *self)
{
    const struct config *config = system->config;
    system->attachment_count = config->vms.count;
    system->attachments = allocate(system->attachment_count, sizeof(*system->attachments));
    system->vm_costs = allocate(system->attachment_count, sizeof(*system->vm_costs));
    for (size_t i = 0; i < system->attachment_count; i++) {
        struct attachment *attachment = &system->attachments[i];
        *attachment = (struct attachment){
            .system = system,
            .config = system_vm_config(config, i),
            .strategy = placement_strategy(config, i),
            .index = (unsigned)i,
            .station = (uint16_t)i,
        };
        if (attachment->strategy->needs_vm && !(attachment->vm = build_vm(system, i))) {
            report_memory(i, report, self);
            return false;
        }
        attachment->strategy->build(attachment);
    }
    return true;
}

/* ---- traffic ---- */

static struct kernel_cpu *app_cpu(struct attachment *attachment, unsigned vcpu)
{
    unsigned cpu = attachment->first_cpu + vcpu;
    if (!attachment->vm)
        cpu = placement_core(attachment->system->config, cpu);
    return &attachment->kernel->cpus[cpu];
}

static unsigned app_queue(const struct attachment *attachment, unsigned vcpu)
{
    return attachment->vm ? vcpu % attachment->netdev->queues : attachment->queue;
}

static void build_path(struct system *system, struct path *path, const char *name, const char *suffix)
{
    char full[SYSTEM_NAME_MAX];
    snprintf(full, sizeof(full), "%s%s", name, suffix);
    path_init(path, system->sim, full, system->packets);
}

/* A replayed capture has both directions; a transaction goes out and comes back on one path. */
static void expect_journeys(struct system_traffic *traffic)
{
    const struct strategy *strategy = traffic->attachment->strategy;
    struct journey back = *strategy->receive;
    back.always |= UINT32_C(1) << STAGE_PEER;
    bool receive = traffic->config->direction == TRAFFIC_RECEIVE;
    bool turns = traffic->config->direction == TRAFFIC_REQUEST_RESPONSE;
    path_expect(&traffic->path, receive ? strategy->receive : strategy->send, turns ? &back : NULL);
    path_expect(&traffic->reverse, receive ? strategy->send : strategy->receive, NULL);
}

static void build_entry(struct system *system, size_t index)
{
    struct system_traffic *traffic = &system->traffic[index];
    const struct traffic_config *config =
        (const struct traffic_config *)system->config->traffic.items + index;
    char name[SYSTEM_NAME_MAX - 16];
    if (config->name)
        snprintf(name, sizeof(name), "%s", config->name);
    else
        snprintf(name, sizeof(name), "traffic%zu", index);
    traffic->config = config;
    traffic->attachment = &system->attachments[config->vm];
    build_path(system, &traffic->path, name, "");
    build_path(system, &traffic->reverse, name, ".reverse");
    expect_journeys(traffic);
    struct attachment *attachment = traffic->attachment;
    app_init(&traffic->app, app_cpu(attachment, (unsigned)config->vcpu), attachment->netdev,
             app_queue(attachment, (unsigned)config->vcpu), (uint32_t)config->backlog,
             (uint32_t)config->socket_buffer);
    app_set_send_buffer(&traffic->app, traffic_send_buffer(config));
    if (!attachment->vm)
        cpu_work_set_owner(&traffic->app.thread, name);
    traffic->path.receiver = traffic->reverse.receiver = &traffic->app.socket;
    struct source_target target = {
        .app = &traffic->app,
        .peer = system->nics[attachment->config->nic].peer,
        .endpoint = attachment->endpoint,
        .station = attachment->station,
        .gso_max = attachment->netdev->gso_max,
        .reverse = &traffic->reverse,
    };
    traffic->source = source_create(system->sim, config, &traffic->path, &target);
}

bool system_build_traffic(struct system *system, config_report *report, void *self)
{
    char path[SYSTEM_NAME_MAX];
    system->traffic_count = system->config->traffic.count;
    system->traffic = allocate(system->traffic_count, sizeof(*system->traffic));
    for (size_t i = 0; i < system->traffic_count; i++)
        build_entry(system, i);
    for (size_t i = 0; i < system->traffic_count; i++) {
        const char *error = source_error(system->traffic[i].source);
        if (!error)
            continue;
        snprintf(path, sizeof(path), "traffic[%zu].arrival", i);
        report(self, path, error);
        return false;
    }
    return true;
}
