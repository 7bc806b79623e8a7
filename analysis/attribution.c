#include "analysis/attribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/estimate.h"
#include "analysis/metric.h"
#include "analysis/quantity.h"
#include "analysis/table.h"
#include "models/registry.h"
#include "sim/assert.h"

enum { VARIANTS = ATTRIBUTION_FACTORS + 1, ALL = ATTRIBUTION_FACTORS };

static const struct {
    const char *key, *title;
} factors[ATTRIBUTION_FACTORS] = {
    {"exits", "exits, at no price"},
    {"copies", "copies"},
    {"segmentation", "segmentation in software"},
    {"synchronous", "transmit in the vCPU's thread"},
    {"interrupt_per_packet", "an interrupt a packet"},
};

/* One variant: a scenario of its own with its campaign. */
struct variant {
    struct scenario *scenario;
    struct campaign campaign;
};

bool attribution_applies(const struct campaign *base, size_t point)
{
    size_t index;
    json_t *vm;
    json_array_foreach(json_object_get(campaign_result(base, point), "vms"), index, vm)
    {
        const char *strategy = json_string_value(json_object_get(vm, "strategy"));
        if (strategy && strcmp(strategy, "emulation") == 0)
            return true;
    }
    return false;
}

/* ---- running ---- */

static size_t vm_count(const struct scenario *scenario)
{
    struct diag *unheard = diag_create();
    struct scenario_binding *binding =
        scenario_bind(scenario, scenario_point(scenario, 0), registry_root(), unheard);
    size_t count = binding ? ((const struct config *)scenario_config(binding))->vms.count : 0;
    scenario_binding_destroy(binding);
    diag_destroy(unheard);
    return count;
}

/* The command line's sets with the factor (or all) switched off in every VM on top. */
struct switches {
    const char **sets;
    size_t count, given;
};

static void switch_off(struct switches *switches, size_t vm, size_t factor)
{
    char text[96];
    snprintf(text, sizeof(text), "vms[%zu].emulation.%s=false", vm, factors[factor].key);
    char *copied = strdup(text);
    SIM_ASSERT(copied);
    switches->sets[switches->count++] = copied;
}

static struct switches make_switches(const struct attribution_request *request, size_t variant)
{
    size_t vms = vm_count(request->base->scenario), given = request->options->set_count;
    struct switches switches = {.count = given, .given = given};
    switches.sets = calloc(given + vms * ATTRIBUTION_FACTORS + 1, sizeof(*switches.sets));
    SIM_ASSERT(switches.sets);
    for (size_t i = 0; i < given; i++)
        switches.sets[i] = request->options->sets[i];
    for (size_t vm = 0; vm < vms; vm++)
        for (size_t factor = 0; factor < ATTRIBUTION_FACTORS; factor++)
            if (variant == ALL || variant == factor)
                switch_off(&switches, vm, factor);
    return switches;
}

static void free_switches(struct switches *switches)
{
    for (size_t i = switches->given; i < switches->count; i++)
        free((char *)switches->sets[i]);
    free(switches->sets);
}

static bool run_variant(struct variant *variant, const struct attribution_request *request, size_t index,
                        const bool *selected, struct diag *diag)
{
    struct switches switches = make_switches(request, index);
    struct scenario_options options = *request->options;
    struct campaign_options run = request->run;
    options.sets = switches.sets;
    options.set_count = switches.count;
    run.selected = selected;
    variant->scenario = scenario_load(request->path, &options, diag);
    free_switches(&switches);
    return variant->scenario && campaign_run(&variant->campaign, variant->scenario, &run, diag);
}

/* ---- the table ---- */

struct figures {
    double cycles, gbps; /* NAN: none */
};

static struct figures figures_of(const struct campaign *campaign, size_t point)
{
    struct figures figures = {.cycles = NAN, .gbps = NAN};
    const json_t *result = campaign_result(campaign, point);
    if (!result)
        return figures;
    if (!result_number(result, "cpu.cycles_per_packet", &figures.cycles))
        figures.cycles = NAN;
    if (!result_number(result, "throughput_gbps", &figures.gbps))
        figures.gbps = NAN;
    return figures;
}

static void row(struct table *table, const char *title, struct figures base, struct figures own)
{
    char cycles[QUANTITY_SIZE], saved[QUANTITY_SIZE], gbps[QUANTITY_SIZE], times[QUANTITY_SIZE] = "-";
    if (base.gbps > 0 && isfinite(own.gbps))
        snprintf(times, sizeof(times), "%.3fx", own.gbps / base.gbps);
    table_row(table, (const char *[]){title, quantity_plain(own.cycles, cycles, sizeof(cycles)),
                                      quantity_plain(base.cycles - own.cycles, saved, sizeof(saved)),
                                      metric_text("throughput_gbps", own.gbps, gbps, sizeof(gbps)), times});
}

static void print_point(const struct campaign *base, const struct variant *variants, size_t point, FILE *out)
{
    static const char *const headings[] = {"switched off", "cycles/pkt", "saved", "throughput", "gain"};
    struct figures whole = figures_of(base, point), bare = figures_of(&variants[ALL].campaign, point);
    double sum = 0;
    char left[QUANTITY_SIZE];
    fprintf(out, "What emulation costs, by factor: %s\n", scenario_point(base->scenario, point)->name);
    struct table *table = table_create("lrrrr", headings);
    row(table, "nothing", whole, whole);
    for (size_t i = 0; i < ATTRIBUTION_FACTORS; i++) {
        struct figures own = figures_of(&variants[i].campaign, point);
        row(table, factors[i].title, whole, own);
        sum += whole.cycles - own.cycles;
    }
    row(table, "all of them", whole, bare);
    quantity_plain(whole.cycles - bare.cycles - sum, left, sizeof(left));
    table_row(table, (const char *[]){"interaction: all less the sum of each", "", left, "", ""});
    table_print(table, out);
    table_destroy(table);
}

static void print_all(const struct campaign *base, const struct variant *variants, const bool *selected,
                      FILE *out)
{
    for (size_t i = 0; i < base->count; i++) {
        if (!selected[i])
            continue;
        fputc('\n', out);
        print_point(base, variants, i, out);
    }
}

bool attribution_print(const struct attribution_request *request, FILE *out, struct diag *diag, size_t *dead)
{
    const struct campaign *base = request->base;
    struct variant variants[VARIANTS] = {0};
    bool *selected = calloc(base->count, sizeof(*selected)), fine = true;
    SIM_ASSERT(selected);
    for (size_t i = 0; i < base->count; i += estimate_group(base))
        selected[i] = attribution_applies(base, i);
    for (size_t i = 0; i < VARIANTS && fine; i++) {
        fine = run_variant(&variants[i], request, i, selected, diag);
        *dead += variants[i].campaign.dead;
    }
    if (fine)
        print_all(base, variants, selected, out);
    for (size_t i = 0; i < VARIANTS; i++) {
        campaign_destroy(&variants[i].campaign);
        scenario_destroy(variants[i].scenario);
    }
    free(selected);
    return fine;
}
