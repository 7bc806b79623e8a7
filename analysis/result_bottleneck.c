/*
 * The bottleneck: of all resources that serve one thing at a time (cores, wires, links, walkers), the one that was busy
 * for the largest share of the run. It limits the run (`saturated`) when it was hardly ever free.
 */
#include <stdio.h>

#include "analysis/result_private.h"

struct resource {
    char name[64];
    const char *kind;
    double share;
};

enum { SATURATED_PERCENT = 98 };

static void consider(struct resource *best, const char *kind, double share, const char *name,
                     const char *suffix)
{
    if (share <= best->share)
        return;
    best->kind = kind;
    best->share = share;
    snprintf(best->name, sizeof(best->name), "%s%s", name, suffix);
}

static void consider_cores(struct resource *best, struct system *system, const struct system_window *window)
{
    double span = (double)(window->end - window->start);
    for (size_t i = 0; i < system->core_count; i++) {
        struct cpu *cpu = system->cores[i].cpu;
        int64_t idle = system_gain(system, &cpu_ledger(cpu)->idle, window->from, window->to);
        consider(best, "core", 1.0 - (double)idle / span, cpu_name(cpu), "");
    }
}

static void consider_link(struct resource *best, const struct system *system, const struct system_nic *nic,
                          const char *name, const struct system_window *window)
{
    int64_t num, den;
    int64_t up = 0, down = 0;
    pcie_link_rate(&nic->config->link, &num, &den);
    for (unsigned function = 0; function <= nic->functions_used; function++) {
        const struct pcie_counters *counters = dma_counters(nic_dma(nic->nic), function);
        up += system_gain(system, &counters->bytes_up, window->from, window->to);
        down += system_gain(system, &counters->bytes_down, window->from, window->to);
    }
    double byte = (double)num / (double)den, span = (double)(window->end - window->start);
    consider(best, "link", (double)up * byte / span, name, ".link.up");
    consider(best, "link", (double)down * byte / span, name, ".link.down");
}

static void consider_nics(struct resource *best, const struct system *system,
                          const struct system_window *window)
{
    for (size_t i = 0; i < system->nic_count; i++) {
        const struct system_nic *nic = &system->nics[i];
        char name[32];
        snprintf(name, sizeof(name), "host0.nic%zu", i);
        double elapsed = (double)system->config->duration;
        consider(best, "wire", (double)wire_busy_time(nic_wire(nic->nic), 0) / elapsed, name, ".wire.tx");
        consider(best, "wire", (double)wire_busy_time(nic_wire(nic->nic), 1) / elapsed, name, ".wire.rx");
        consider_link(best, system, nic, name, window);
    }
}

static void consider_walkers(struct resource *best, const struct system *system)
{
    const struct iommu_config *config = &system->config->host.iommu;
    if (!config->enabled)
        return;
    double busy = (double)iommu_counters(system->iommu)->walk_reads * (double)config->walk_latency;
    double share = busy / (double)config->walkers / (double)system->config->duration;
    consider(best, "walker", share, "host0.iommu.walkers", "");
}

void result_add_bottleneck(json_t *object, struct system *system, const struct system_window *window)
{
    struct resource best = {.kind = "none"};
    consider_cores(&best, system, window);
    consider_nics(&best, system, window);
    consider_walkers(&best, system);
    json_t *bottleneck = json_object();
    json_object_set_new(bottleneck, "resource", json_string(best.name));
    json_object_set_new(bottleneck, "kind", json_string(best.kind));
    json_object_set_new(bottleneck, "utilization", result_real(best.share));
    json_object_set_new(bottleneck, "saturated", json_boolean(best.share * 100 >= SATURATED_PERCENT));
    json_object_set_new(object, "bottleneck", bottleneck);
}
