/*
 * Tracking: every counter of the system is snapshot at the batches' edges, so that any window's gain is known after the
 * run, whatever warm-up is found.
 */
#include <stdlib.h>

#include "models/cpu/work.h"
#include "models/host/system_private.h"
#include "sim/assert.h"

static void track(struct system *system, const int64_t *counter)
{
    if (system->counter_count == system->counter_capacity) {
        system->counter_capacity = system->counter_capacity ? 2 * system->counter_capacity : 256;
        system->counters = realloc(system->counters, system->counter_capacity * sizeof(*system->counters));
        SIM_ASSERT(system->counters);
    }
    system->counters[system->counter_count++] =
        (struct system_counter){.counter = counter, .index = batches_add_counter(system->batches, counter)};
}

static void track_many(struct system *system, const int64_t *counters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        track(system, &counters[i]);
}

#define TRACK_STRUCT(system, pointer)                                                                        \
    track_many((system), (const int64_t *)(const void *)(pointer), sizeof(*(pointer)) / sizeof(int64_t))

static void track_path(struct system *system, struct path *path)
{
    TRACK_STRUCT(system, &path->total);
    path->batch_histogram = batches_add_histogram(system->batches, &path->latency);
}

static void track_core(struct system *system, struct cpu *core)
{
    TRACK_STRUCT(system, cpu_ledger(core));
    for (const struct cpu_work *work = cpu_work_first(core); work; work = work->next)
        track(system, &work->time);
}

static void track_attachment(struct system *system, struct attachment *attachment)
{
    track_many(system, attachment->access->writes, REGISTERS);
    track_many(system, attachment->access->reads, REGISTERS);
    for (unsigned i = 0; attachment->vm && i < vm_vcpu_count(attachment->vm); i++)
        TRACK_STRUCT(system, vcpu_counters(vm_vcpu(attachment->vm, i)));
}

static void track_nic(struct system *system, const struct system_nic *nic)
{
    track_many(system, nic->wire_busy, 2);
    track_many(system, nic->link_busy, 2);
    for (unsigned function = 0; function <= nic->functions_used; function++)
        TRACK_STRUCT(system, dma_counters(nic_dma(nic->nic), function));
}

static int by_address(const void *left, const void *right)
{
    const struct system_counter *a = left, *b = right;
    return (a->counter > b->counter) - (a->counter < b->counter);
}

static void update_vcpus(struct system *system)
{
    for (size_t i = 0; i < system->attachment_count; i++) {
        struct vm *vm = system->attachments[i].vm;
        for (unsigned j = 0; vm && j < vm_vcpu_count(vm); j++)
            vcpu_update_times(vm_vcpu(vm, j));
    }
}

static void edge(struct sim *sim, struct sim_event *event)
{
    struct system *system = SIM_CONTAINER_OF(event, struct system, edge);
    for (size_t i = 0; i < system->core_count; i++)
        cpu_ledger(system->cores[i].cpu);
    system_update_busy(system);
    update_vcpus(system);
    batches_edge(system->batches, sim_now(sim));
    sim_schedule(sim, event, batches_next_edge(system->batches));
}

void system_tracking_start(struct system *system)
{
    sim_time length = system->config->duration / SYSTEM_BATCHES;
    system->batches = batches_create(length > 0 ? length : 1);
    for (size_t i = 0; i < system->traffic_count; i++) {
        track_path(system, &system->traffic[i].path);
        track_path(system, &system->traffic[i].reverse);
    }
    for (size_t i = 0; i < system->core_count; i++)
        track_core(system, system->cores[i].cpu);
    for (size_t i = 0; i < system->attachment_count; i++)
        track_attachment(system, &system->attachments[i]);
    for (size_t i = 0; i < system->nic_count; i++)
        track_nic(system, &system->nics[i]);
    track(system, &system->walkers_busy);
    qsort(system->counters, system->counter_count, sizeof(*system->counters), by_address);
    sim_event_init_priority(&system->edge, edge, sim_component(system->sim, "host0.statistics"), 0,
                            SIM_PRIORITY_LAST);
    sim_schedule(system->sim, &system->edge, batches_next_edge(system->batches));
}

void system_tracking_destroy(struct system *system)
{
    batches_destroy(system->batches);
    free(system->counters);
}

static const struct system_counter *find(const struct system *system, const int64_t *counter)
{
    struct system_counter key = {.counter = counter};
    const struct system_counter *found =
        bsearch(&key, system->counters, system->counter_count, sizeof(key), by_address);
    SIM_ASSERT(found);
    return found;
}

int64_t system_gain(const struct system *system, const int64_t *counter, size_t from, size_t to)
{
    size_t index = find(system, counter)->index;
    return batches_counter_at(system->batches, index, to) - batches_counter_at(system->batches, index, from);
}
