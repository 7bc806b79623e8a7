#include "models/host/system.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/host/system_private.h"
#include "sim/assert.h"
#include "sim/pool.h"

const char *const system_laws[] = {"packets", "time", "cycles", "interrupts", "completions", NULL};

struct report_count {
    config_report *report;
    void *self;
    unsigned count;
};

static void count_report(void *self, const char *path, const char *message)
{
    struct report_count *count = self;
    count->count++;
    count->report(count->self, path, message);
}

/* What a wave file shows: the cores' and vCPUs' modes, and the packets in flight on each path. */
static void trace_signals(struct system *system)
{
    char name[SYSTEM_NAME_MAX];
    for (size_t i = 0; i < system->core_count; i++) {
        snprintf(name, sizeof(name), "host0.core%zu.mode", i);
        sim_trace_value(system->sim, name, cpu_mode(system->cores[i].cpu));
    }
    for (size_t i = 0; i < system->attachment_count; i++) {
        struct vm *vm = system->attachments[i].vm;
        for (unsigned j = 0; vm && j < vm_vcpu_count(vm); j++) {
            snprintf(name, sizeof(name), "vm%zu.vcpu%u.mode", i, j);
            sim_trace_value(system->sim, name, vcpu_mode(vm_vcpu(vm, j)));
        }
    }
    for (size_t i = 0; i < system->traffic_count; i++) {
        snprintf(name, sizeof(name), "traffic%zu.in_flight", i);
        sim_trace_value(system->sim, name, &system->traffic[i].path.alive);
    }
}

struct system *system_create(struct sim *sim, const struct config *config, config_report *report, void *self)
{
    struct report_count count = {.report = report, .self = self};
    config_check(config, count_report, &count);
    if (count.count > 0)
        return NULL;
    struct system *system = calloc(1, sizeof(*system));
    SIM_ASSERT(system);
    system->sim = sim;
    system->config = config;
    system_build_host(system);
    system_build_nics(system);
    if (!system_build_vms(system, report, self) || !system_build_traffic(system, report, self)) {
        system_destroy(system);
        return NULL;
    }
    trace_signals(system);
    system_tracking_start(system);
    return system;
}

static void destroy_traffic(struct system *system)
{
    for (size_t i = 0; i < system->traffic_count; i++) {
        source_destroy(system->traffic[i].source);
        path_destroy(&system->traffic[i].path);
        path_destroy(&system->traffic[i].reverse);
    }
    free(system->traffic);
}

static void destroy_machines(struct system *system)
{
    for (size_t i = 0; i < system->attachment_count; i++) {
        struct attachment *attachment = &system->attachments[i];
        if (attachment->strategy)
            attachment->strategy->destroy(attachment);
        if (attachment->vm)
            vm_destroy(attachment->vm);
    }
    free(system->attachments);
    free(system->vm_costs);
}

static void destroy_nics(struct system *system)
{
    for (size_t i = 0; i < system->nic_count; i++) {
        ring_driver_destroy(system->nics[i].host.driver);
        peer_destroy(system->nics[i].peer);
        nic_destroy(system->nics[i].nic);
    }
    free(system->nics);
}

static void destroy_host(struct system *system)
{
    for (int node = 0; node < system->config->host.memory.nodes; node++)
        root_complex_destroy(system->roots[node]);
    free(system->roots);
    for (size_t i = 0; i < system->core_count; i++) {
        tick_destroy(system->cores[i].tick);
        lapic_destroy(system->cores[i].lapic);
        cpu_destroy(system->cores[i].cpu);
    }
    free(system->cores);
    kernel_destroy(&system->host);
    iommu_destroy(system->iommu);
    address_space_destroy(system->host_space);
    memory_destroy(system->memory);
    sim_pool_destroy(system->packets);
}

void system_destroy(struct system *system)
{
    if (!system)
        return;
    if (system->batches)
        system_tracking_destroy(system);
    destroy_traffic(system);
    destroy_machines(system);
    destroy_nics(system);
    destroy_host(system);
    free(system);
}

void system_run(struct system *system)
{
    for (size_t i = 0; i < system->attachment_count; i++)
        if (system->attachments[i].vm)
            vm_start(system->attachments[i].vm);
    for (size_t i = 0; i < system->traffic_count; i++)
        source_start(system->traffic[i].source);
    sim_run(system->sim, system->config->duration);
}
