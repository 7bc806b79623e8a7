/* What stands below a summary's table: the VMs of a mixed system, and what a reader would else not see. */
#include <stdlib.h>
#include <string.h>

#include "analysis/estimate.h"
#include "analysis/metric.h"
#include "analysis/quantity.h"
#include "analysis/summary.h"
#include "analysis/table.h"
#include "sim/assert.h"

enum { PATH = 96, VM_METRICS = 5, LEADING = 4 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* ---- VMs ---- */

bool summary_is_mixed(const json_t *result)
{
    size_t index;
    json_t *vm, *vms = json_object_get(result, "vms");
    const char *first = text_of(json_array_get(vms, 0), "strategy");
    json_array_foreach(vms, index, vm)
    {
        if (strcmp(text_of(vm, "strategy"), first) != 0)
            return true;
    }
    return false;
}

static void add_traffic(struct table *table, const struct campaign *campaign, size_t first, const char *name,
                        size_t index)
{
    static const char *const metrics[VM_METRICS] = {"throughput_pps", "throughput_gbps", "latency_ns.mean",
                                                    "latency_ns.p99", "packets.dropped"};
    const json_t *traffic =
        json_array_get(json_object_get(estimate_result(campaign, first), "traffic"), index);
    const char *cells[LEADING + VM_METRICS + 1] = {name, text_of(traffic, "vm"), text_of(traffic, "strategy"),
                                                   text_of(traffic, "name")};
    char texts[VM_METRICS][QUANTITY_SIZE];
    for (size_t i = 0; i < VM_METRICS; i++) {
        double value;
        bool known = result_number(traffic, metrics[i], &value);
        cells[LEADING + i] = known ? metric_text(metrics[i], value, texts[i], sizeof(texts[i])) : "-";
    }
    table_row(table, campaign->run > estimate_group(campaign) ? cells : cells + 1);
}

void summary_vms(const struct campaign *campaign, FILE *out)
{
    static const char *const headings[] = {"point", "VM",      "strategy", "traffic", "throughput",
                                           "bits",  "latency", "p99",      "dropped"};
    bool several = campaign->run > estimate_group(campaign), any = false;
    struct table *table = table_create(several ? "llllrrrrr" : "lllrrrrr", several ? headings : headings + 1);
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        const json_t *result = estimate_result(campaign, i);
        if (!result || !summary_is_mixed(result))
            continue;
        char *name = estimate_name(campaign, i);
        size_t count = json_array_size(json_object_get(result, "traffic"));
        for (size_t traffic = 0; traffic < count; traffic++)
            add_traffic(table, campaign, i, name, traffic);
        any = any || count > 0;
        free(name);
    }
    if (any)
        fprintf(out, "\nVM by VM%s:\n", estimate_group(campaign) > 1 ? ", the first replication" : "");
    if (any)
        table_print(table, out);
    table_destroy(table);
}

/* ---- remarks ---- */

void summary_pending(const json_t *result, const char *where, FILE *out)
{
    size_t index;
    json_t *traffic;
    json_array_foreach(json_object_get(result, "traffic"), index, traffic)
    {
        double pending;
        if (!result_number(traffic, "capture.pending", &pending) || pending == 0)
            continue;
        fprintf(out, "%s%s%s: %.0f %s of the capture %s not sent: the run ended first\n", where,
                *where ? ": " : "", text_of(traffic, "name"), pending, pending == 1 ? "frame" : "frames",
                pending == 1 ? "was" : "were");
    }
}

/* Whether all alternatives of a combination did the same to the last event: what they set had no effect. */
static bool ran_alike(const struct campaign *campaign, size_t first, size_t alternatives)
{
    char seen[32] = "";
    size_t count = 0;
    for (size_t i = 0; i < alternatives; i++) {
        const json_t *result = estimate_result(campaign, first + i * estimate_group(campaign));
        const char *fingerprint = text_of(result, "fingerprint");
        if (!result)
            continue;
        if (count++ > 0 && strcmp(seen, fingerprint) != 0)
            return false;
        snprintf(seen, sizeof(seen), "%s", fingerprint);
    }
    return count > 1;
}

void summary_remarks(const struct campaign *campaign, FILE *out)
{
    size_t alternatives = scenario_experiment(campaign->scenario)->alternative_count;
    size_t step = (alternatives ? alternatives : 1) * estimate_group(campaign);
    bool alike = alternatives > 1 && campaign->run > 1;
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign_has(campaign, i))
            summary_pending(campaign_result(campaign, i),
                            campaign->run > 1 ? scenario_point(campaign->scenario, i)->name : "", out);
    for (size_t i = 0; i < campaign->count && alike; i += step)
        alike = ran_alike(campaign, i, alternatives);
    if (alike)
        fputs("The alternatives ran alike, to the last event: what they set makes no difference here.\n",
              out);
}
