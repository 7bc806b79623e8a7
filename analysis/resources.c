#include "analysis/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/cpu/work.h"
#include "models/strategy/strategy.h"
#include "sim/assert.h"

/* Ranks on the way of a transmitted packet; received ones go the other way round. */
enum { RANK_APPLICATION, RANK_BACKEND, RANK_HOST, RANK_WALKER, RANK_LINK, RANK_WIRE };

const char *resource_kind_name(enum resource_kind kind)
{
    static const char *const names[RESOURCE_KINDS] = {"core", "wire", "link", "walker"};
    return names[kind];
}

/* What is being put together. */
struct survey {
    const struct system *system;
    const struct system_window *window;
    struct resource_list list;
    double span; /* [ps] */
};

static int64_t gain(const struct survey *survey, const int64_t *counter)
{
    return system_gain(survey->system, counter, survey->window->from, survey->window->to);
}

static struct resource *add(struct survey *survey, enum resource_kind kind, int64_t busy, int rank)
{
    struct resource *resource = &survey->list.items[survey->list.count++];
    *resource = (struct resource){.kind = kind,
                                  .share = survey->span > 0 ? (double)busy / survey->span : 0,
                                  .transmit_rank = rank,
                                  .receive_rank = -rank};
    return resource;
}

/* ---- cores ---- */

static bool is_applications(const struct cpu_work *work)
{
    size_t length = strlen(work->owner);
    bool vcpu = length > 0 && strncmp(work->name, work->owner, length) == 0;
    return vcpu || strcmp(work->name, "app") == 0;
}

static bool owner_is_vm(const struct system *system, const char *owner)
{
    for (size_t i = 0; i < system->attachment_count; i++)
        if (system->attachments[i].vm && strcmp(system->attachments[i].kernel->name, owner) == 0)
            return true;
    return false;
}

static const struct cpu_work *busiest_work(const struct survey *survey, const struct cpu *cpu)
{
    const struct cpu_work *most = NULL;
    for (const struct cpu_work *work = cpu_work_first(cpu); work; work = work->next)
        if (gain(survey, &work->time) > (most ? gain(survey, &most->time) : 0))
            most = work;
    return most;
}

/* Who worked there most, and with that, where on the packets' way it is. */
static void describe_thread(const struct survey *survey, struct resource *resource,
                            const struct cpu_work *work)
{
    bool named = strncmp(work->name, work->owner, strlen(work->owner)) == 0;
    if (named)
        snprintf(resource->thread, sizeof(resource->thread), "%s", work->name);
    else
        snprintf(resource->thread, sizeof(resource->thread), "%s.%s", work->owner, work->name);
    if (owner_is_vm(survey->system, work->owner))
        snprintf(resource->vm, sizeof(resource->vm), "%s", work->owner);
    resource->thread_share = survey->span > 0 ? (double)gain(survey, &work->time) / survey->span : 0;
    resource->transmit_rank = is_applications(work) ? RANK_APPLICATION
                              : work->owner[0]      ? RANK_BACKEND
                                                    : RANK_HOST;
    resource->receive_rank = -resource->transmit_rank;
}

static void add_core(struct survey *survey, struct cpu *cpu)
{
    const struct ledger *ledger = cpu_ledger(cpu);
    int64_t free_time = gain(survey, &ledger->idle) + gain(survey, &ledger->time[ACCOUNT_HOST + CPU_POLL]) +
                        gain(survey, &ledger->time[ACCOUNT_GUEST + CPU_POLL]);
    int64_t span = survey->window->end - survey->window->start;
    struct resource *resource = add(survey, RESOURCE_CORE, span - free_time, RANK_HOST);
    const struct cpu_work *work = busiest_work(survey, cpu);
    snprintf(resource->name, sizeof(resource->name), "%s", cpu_name(cpu));
    if (work)
        describe_thread(survey, resource, work);
}

/* ---- the rest ---- */

static void add_nic(struct survey *survey, size_t index)
{
    static const char *const wires[] = {"tx", "rx"}, *const links[] = {"up", "down"};
    const struct system_nic *nic = &survey->system->nics[index];
    for (int side = 0; side < 2; side++) {
        struct resource *wire = add(survey, RESOURCE_WIRE, gain(survey, &nic->wire_busy[side]), RANK_WIRE);
        snprintf(wire->name, sizeof(wire->name), "host0.nic%zu.wire.%s", index, wires[side]);
    }
    for (int side = 0; side < 2; side++) {
        struct resource *link = add(survey, RESOURCE_LINK, gain(survey, &nic->link_busy[side]), RANK_LINK);
        snprintf(link->name, sizeof(link->name), "host0.nic%zu.link.%s", index, links[side]);
    }
}

static void add_walkers(struct survey *survey)
{
    const struct iommu_config *config = &survey->system->config->host.iommu;
    if (!config->enabled)
        return;
    struct resource *walkers =
        add(survey, RESOURCE_WALKER, gain(survey, &survey->system->walkers_busy), RANK_WALKER);
    walkers->share /= (double)config->walkers;
    snprintf(walkers->name, sizeof(walkers->name), "host0.iommu.walkers");
}

struct resource_list resources_of(struct system *system, const struct system_window *window)
{
    struct survey survey = {.system = system, .window = window};
    survey.span = (double)(window->end - window->start);
    survey.list.items = calloc(system->core_count + 4 * system->nic_count + 1, sizeof(struct resource));
    SIM_ASSERT(survey.list.items);
    for (size_t i = 0; i < system->core_count; i++)
        add_core(&survey, system->cores[i].cpu);
    for (size_t i = 0; i < system->nic_count; i++)
        add_nic(&survey, i);
    add_walkers(&survey);
    return survey.list;
}

void resources_free(struct resource_list *list)
{
    free(list->items);
    *list = (struct resource_list){0};
}
