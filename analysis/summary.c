#include "analysis/summary.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/estimate.h"
#include "analysis/metric.h"
#include "analysis/quantity.h"
#include "analysis/table.h"
#include "sim/assert.h"

enum { COLUMNS_MAX = 64 + 32, CELL = 64 };

struct cells {
    char text[COLUMNS_MAX][CELL];
    const char *pointers[COLUMNS_MAX];
    size_t count;
};

static void add_cell(struct cells *cells, const char *text)
{
    SIM_ASSERT(cells->count < COLUMNS_MAX);
    snprintf(cells->text[cells->count], CELL, "%s", text);
    cells->pointers[cells->count] = cells->text[cells->count];
    cells->count++;
}

static void add_metric(struct cells *cells, const struct campaign *campaign, size_t first, const char *metric)
{
    struct estimate estimate;
    char text[QUANTITY_SIZE];
    if (estimate_metric(campaign, first, metric, &estimate))
        add_cell(cells, metric_text(metric, estimate.value, text, sizeof(text)));
    else
        add_cell(cells, "-");
}

static const char *bottleneck_text(const json_t *result, const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(result, "bottleneck"), key));
    return text ? text : "";
}

/* "host0.core1 (vm0.vcpu0)", "host0.nic0.wire.tx", "window of traffic0", "none (offered load is carried)". */
static void add_bottleneck(struct cells *cells, const struct campaign *campaign, size_t first)
{
    const json_t *result = estimate_result(campaign, first);
    const char *name = bottleneck_text(result, "resource"), *thread = bottleneck_text(result, "thread");
    const char *kind = bottleneck_text(result, "kind");
    char text[CELL];
    if (!*name)
        snprintf(text, sizeof(text), "-");
    else if (strcmp(kind, "none") == 0)
        snprintf(text, sizeof(text), "none (%.50s)", bottleneck_text(result, "why"));
    else if (strcmp(kind, "window") == 0 || strcmp(kind, "queue") == 0)
        snprintf(text, sizeof(text), "%s %s%.40s", kind, *kind == 'w' ? "of " : "", name);
    else if (*thread)
        snprintf(text, sizeof(text), "%.28s (%.28s)", name, thread);
    else
        snprintf(text, sizeof(text), "%.60s", name);
    add_cell(cells, text);
}

/* ---- a row a point ---- */

static const struct {
    const char *metric, *heading;
} columns[] = {
    {"throughput_pps", "throughput"}, {"throughput_gbps", "bits"},
    {"latency_ns.mean", "latency"},   {"latency_ns.p99", "p99"},
    {"cpu.utilization", "CPU cores"}, {"cpu.cycles_per_packet", "cycles/pkt"},
    {"packets.dropped", "dropped"},
};

enum { POINT_METRICS = sizeof(columns) / sizeof(columns[0]) };

static void point_headings(struct cells *cells, const struct experiment *experiment, char *align)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        add_cell(cells, experiment->axes[i].name);
        *align++ = 'r';
    }
    if (experiment->alternative_count > 0 || experiment->axis_count == 0) {
        add_cell(cells, experiment->alternative_count > 0 ? "compare" : "strategy");
        *align++ = 'l';
    }
    for (size_t i = 0; i < POINT_METRICS; i++) {
        add_cell(cells, columns[i].heading);
        *align++ = 'r';
    }
    add_cell(cells, "bottleneck");
    *align++ = 'l';
    *align = '\0';
}

/* The scenario's strategy, unless its VMs have others. */
static const char *strategy_of(const json_t *result)
{
    if (!result)
        return "";
    if (summary_is_mixed(result))
        return "mixed";
    const char *own = json_string_value(result_at(result, "vms[0].strategy"));
    return own ? own : json_string_value(json_object_get(result, "strategy"));
}

static void point_row(struct cells *cells, const struct campaign *campaign, size_t first)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    const json_t *result = estimate_result(campaign, first);
    for (size_t i = 0; i < experiment->axis_count; i++)
        add_cell(cells, point->values[i]->text);
    if (point->alternative)
        add_cell(cells, point->alternative->name);
    else if (experiment->axis_count == 0)
        add_cell(cells, strategy_of(result));
    for (size_t i = 0; i < POINT_METRICS; i++)
        add_metric(cells, campaign, first, columns[i].metric);
    add_bottleneck(cells, campaign, first);
}

static bool was_run(const struct campaign *campaign, size_t first)
{
    return estimate_result(campaign, first) || campaign->failures[first];
}

void summary_points(const struct campaign *campaign, FILE *out)
{
    char align[COLUMNS_MAX + 1];
    struct cells *cells = calloc(1, sizeof(*cells));
    SIM_ASSERT(cells);
    point_headings(cells, scenario_experiment(campaign->scenario), align);
    struct table *table = table_create(align, cells->pointers);
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        if (!was_run(campaign, i))
            continue;
        cells->count = 0;
        point_row(cells, campaign, i);
        table_row(table, cells->pointers);
    }
    table_print(table, out);
    table_destroy(table);
    free(cells);
}

/* ---- alternatives side by side ---- */

static const struct {
    const char *metric, *heading;
} rows[] = {
    {"throughput_pps", "throughput"},
    {"throughput_gbps", ""},
    {"cpu.utilization", "CPU in use [cores]"},
    {"cpu.cycles_per_packet", "cycles a packet"},
    {"latency_ns.mean", "latency, mean"},
    {"latency_ns.p50", "         p50"},
    {"latency_ns.p99", "         p99"},
    {"latency_ns.p999", "         p99.9"},
    {"per_packet.exits", "exits a packet"},
    {"per_packet.kicks", "kicks a packet"},
    {"per_packet.interrupts", "interrupts a packet"},
    {"packets.dropped", "packets dropped"},
};

enum { COMPARISON_ROWS = sizeof(rows) / sizeof(rows[0]) };

/* The alternatives of a combination of swept values that were run. */
struct side_by_side {
    size_t first[COLUMNS_MAX];
    size_t count;
};

static struct side_by_side choose_columns(const struct campaign *campaign, size_t first, size_t alternatives)
{
    struct side_by_side chosen = {.count = 0};
    for (size_t i = 0; i < alternatives; i++)
        if (was_run(campaign, first + i * estimate_group(campaign)))
            chosen.first[chosen.count++] = first + i * estimate_group(campaign);
    return chosen;
}

static void comparison_headings(struct cells *cells, const struct campaign *campaign,
                                const struct side_by_side *chosen, char *align)
{
    add_cell(cells, "");
    strcpy(align, "l");
    for (size_t i = 0; i < chosen->count; i++) {
        const struct scenario_point *point = scenario_point(campaign->scenario, chosen->first[i]);
        add_cell(cells, point->alternative ? point->alternative->name : "as written");
        strcat(align, "r");
    }
}

static void comparison_table(const struct campaign *campaign, const struct side_by_side *chosen, FILE *out)
{
    char align[COLUMNS_MAX + 1];
    struct cells *cells = calloc(1, sizeof(*cells));
    SIM_ASSERT(cells);
    comparison_headings(cells, campaign, chosen, align);
    struct table *table = table_create(align, cells->pointers);
    for (size_t row = 0; row <= COMPARISON_ROWS; row++) {
        bool last = row == COMPARISON_ROWS;
        cells->count = 0;
        add_cell(cells, last ? "bottleneck" : rows[row].heading);
        for (size_t i = 0; i < chosen->count; i++)
            if (last)
                add_bottleneck(cells, campaign, chosen->first[i]);
            else
                add_metric(cells, campaign, chosen->first[i], rows[row].metric);
        table_row(table, cells->pointers);
    }
    table_print(table, out);
    table_destroy(table);
    free(cells);
}

static void print_values(const struct campaign *campaign, size_t first, FILE *out)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    const struct scenario_point *point = scenario_point(campaign->scenario, first);
    for (size_t i = 0; i < experiment->axis_count; i++)
        fprintf(out, "%s%s = %s", i ? ", " : "", experiment->axes[i].name, point->values[i]->text);
    if (experiment->axis_count > 0)
        fprintf(out, ":\n");
}

void summary_comparison(const struct campaign *campaign, FILE *out)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    size_t alternatives = experiment->alternative_count ? experiment->alternative_count : 1;
    bool first = true;
    for (size_t i = 0; i < campaign->count; i += alternatives * estimate_group(campaign)) {
        struct side_by_side chosen = choose_columns(campaign, i, alternatives);
        if (chosen.count == 0)
            continue;
        if (!first)
            fputc('\n', out);
        first = false;
        print_values(campaign, i, out);
        comparison_table(campaign, &chosen, out);
    }
}

void summary_failures(const struct campaign *campaign, FILE *out)
{
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign->failures[i])
            fprintf(out, "failed: %s: %s\n", scenario_point(campaign->scenario, i)->name,
                    campaign->failures[i]);
}
