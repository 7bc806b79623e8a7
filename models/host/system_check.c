/* Conservation at the end of a run: what was counted on the way against what is there. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "models/host/system_private.h"
#include "models/traffic/census.h"
#include "sim/assert.h"
#include "sim/pool.h"

static const char *broken(struct system *system, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *broken(struct system *system, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(system->broken, sizeof(system->broken), format, arguments);
    va_end(arguments);
    return system->broken;
}

static const char *check_path(struct system *system, const struct path *path)
{
    if (path->broken && path->broken_stage < STAGES)
        return broken(system, "time: %s: packet %" PRIu64 " was %s: %s", path->name, path->broken_id,
                      path->broken, stage_name(path->broken_stage));
    if (path->broken)
        return broken(system, "time: %s: packet %" PRIu64 " was %s", path->name, path->broken_id,
                      path->broken);
    if (!path_check(path))
        return broken(system, "packets: %s: counts do not add up, or stages to latencies", path->name);
    return NULL;
}

static const char *check_paths(struct system *system)
{
    const char *law = NULL;
    for (size_t i = 0; i < system->traffic_count && !law; i++) {
        law = check_path(system, &system->traffic[i].path);
        if (!law)
            law = check_path(system, &system->traffic[i].reverse);
    }
    return law;
}

/* What the paths have counted as offered and not ended, fragments included. */
static int64_t in_flight(const struct system *system)
{
    int64_t sum = 0;
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct path *path = &system->traffic[i].path, *reverse = &system->traffic[i].reverse;
        sum += path_in_flight(path) + path->fragments + path_in_flight(reverse) + reverse->fragments;
    }
    return sum;
}

static struct census_result count_packets(const struct system *system)
{
    struct census *census = census_start(system->packets);
    for (size_t i = 0; i < system->traffic_count; i++) {
        source_census(system->traffic[i].source, census);
        app_census(&system->traffic[i].app, census);
    }
    for (size_t i = 0; i < system->attachment_count; i++) {
        const struct attachment *attachment = &system->attachments[i];
        if (attachment->strategy->census)
            attachment->strategy->census(attachment, census);
    }
    for (size_t i = 0; i < system->nic_count; i++) {
        ring_driver_census(system->nics[i].host.driver, census);
        nic_census(system->nics[i].nic, census);
        peer_census(system->nics[i].peer, census);
    }
    return census_end(census);
}

static const char *check_packets(struct system *system)
{
    int64_t counted = in_flight(system);
    if (counted != (int64_t)sim_pool_live(system->packets))
        return broken(system, "packets: %" PRId64 " in flight, %" PRIu32 " alive", counted,
                      sim_pool_live(system->packets));
    struct census_result found = count_packets(system);
    if (found.gone > 0)
        return broken(system, "packets: %" PRId64 " are held that have ended", found.gone);
    if (found.lost)
        return broken(system, "packets: %s: packet %" PRIu64 " is in flight and nobody holds it",
                      found.lost->path->name, found.lost->id);
    SIM_ASSERT(found.held == counted && found.alive == counted);
    return NULL;
}

static const char *check_cores(struct system *system)
{
    for (size_t i = 0; i < system->core_count; i++) {
        const char *law = cpu_check(system->cores[i].cpu, sim_now(system->sim));
        if (law)
            return broken(system, "%s (%s)", law, cpu_name(system->cores[i].cpu));
        if (!lapic_check(system->cores[i].lapic))
            return broken(system, "interrupts: those raised are not those taken and pending (%s)",
                          cpu_name(system->cores[i].cpu));
    }
    return NULL;
}

static const char *check_vcpus(struct system *system)
{
    for (size_t i = 0; i < system->attachment_count; i++) {
        struct vm *vm = system->attachments[i].vm;
        for (unsigned j = 0; vm && j < vm_vcpu_count(vm); j++)
            if (!lapic_check(vcpu_lapic(vm_vcpu(vm, j))))
                return broken(
                    system, "interrupts: those raised are not those taken and pending (vm%zu.vcpu%u)", i, j);
    }
    return NULL;
}

static const char *check_nics(struct system *system)
{
    for (size_t i = 0; i < system->nic_count; i++)
        if (!nic_check(system->nics[i].nic))
            return broken(system, "completions: descriptors done with are not those written back (nic%zu)",
                          i);
    return NULL;
}

const char *system_check(struct system *system)
{
    const char *(*const checks[])(struct system *) = {check_paths, check_packets, check_cores, check_vcpus,
                                                      check_nics};
    const char *law = NULL;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !law; i++)
        law = checks[i](system);
    return law;
}
