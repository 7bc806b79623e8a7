#include "analysis/breakdown.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/metric.h"
#include "analysis/quantity.h"
#include "analysis/table.h"
#include "models/traffic/packet.h"
#include "sim/assert.h"

enum { CELL = QUANTITY_SIZE };

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double real_at(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static const char *percent(double share, char *buffer)
{
    snprintf(buffer, CELL, "%.2f%%", share * 100);
    return buffer;
}

/* ---- the journey ---- */

static const char *help_of(const char *name)
{
    for (int stage = 0; stage < STAGES; stage++)
        if (strcmp(stage_name(stage), name) == 0)
            return stage_help(stage);
    return "";
}

static void journey(const char *direction, const json_t *paths, FILE *out)
{
    static const char *const headings[] = {"stage", "mean", "share", "what it is"};
    const json_t *stages = json_object_get(paths, "stages");
    double latency = 0;
    if (!result_number(paths, "latency_ns.mean", &latency) || latency <= 0) {
        fprintf(out, "Journey, %s: no packet arrived in the window.\n", direction);
        return;
    }
    char cells[3][CELL];
    fprintf(out, "Journey, %s: %s on the mean\n", direction,
            metric_text("latency_ns.mean", latency, cells[0], CELL));
    struct table *table = table_create("lrrl", headings);
    size_t index;
    json_t *stage;
    json_array_foreach((json_t *)stages, index, stage)
    {
        double mean = real_at(stage, "mean_ns");
        const char *name = text_at(stage, "stage");
        table_row(table, (const char *[]){name, metric_text("latency_ns.mean", mean, cells[1], CELL),
                                          percent(mean / latency, cells[2]), help_of(name)});
    }
    table_print(table, out);
    table_destroy(table);
}

void breakdown_journey(const json_t *result, FILE *out)
{
    const char *direction;
    json_t *paths;
    bool first = true;
    json_object_foreach(json_object_get(result, "directions"), direction, paths)
    {
        if (!first)
            fputc('\n', out);
        first = false;
        journey(direction, paths, out);
    }
}

/* ---- cycles ---- */

enum { CORES_MAX = 6 };

/* The cores that get a column: the busiest in their order, at most CORES_MAX. */
struct core_columns {
    const json_t *cores[CORES_MAX];
    size_t count;
    size_t left_out; /* cores with cycles that have no column */
};

static struct core_columns choose_cores(const json_t *result)
{
    struct core_columns chosen = {.count = 0};
    size_t index;
    json_t *core;
    json_array_foreach(json_object_get(result, "cores"), index, core)
    {
        if (real_at(core, "cycles") <= 0)
            continue;
        if (chosen.count < CORES_MAX)
            chosen.cores[chosen.count++] = core;
        else
            chosen.left_out++;
    }
    return chosen;
}

/* Cycles of a core or of all, a packet; "" for none. */
static const char *per_packet(double cycles, double packets, char *buffer)
{
    if (cycles <= 0 || packets <= 0)
        return "";
    return quantity_plain(cycles / packets, buffer, CELL);
}

static void cycle_headings(const struct core_columns *chosen, const char **headings, char *align)
{
    headings[0] = "category";
    strcpy(align, "l");
    for (size_t i = 0; i < chosen->count; i++) {
        headings[1 + i] = text_at(chosen->cores[i], "name");
        strcat(align, "r");
    }
    headings[1 + chosen->count] = "all";
    headings[2 + chosen->count] = "share";
    strcat(align, "rr");
}

static void cycle_row(struct table *table, const struct core_columns *chosen, const char *category,
                      double all, double total, double packets)
{
    char text[CORES_MAX + 2][CELL];
    const char *cells[CORES_MAX + 3] = {category};
    for (size_t i = 0; i < chosen->count; i++) {
        double cycles = real_at(json_object_get(chosen->cores[i], "by_category"), category);
        cells[1 + i] = per_packet(cycles, packets, text[i]);
    }
    cells[1 + chosen->count] = per_packet(all, packets, text[CORES_MAX]);
    cells[2 + chosen->count] = percent(all / total, text[CORES_MAX + 1]);
    table_row(table, cells);
}

static void sum_row(struct table *table, const struct core_columns *chosen, double total, double packets)
{
    char text[CORES_MAX + 1][CELL];
    const char *cells[CORES_MAX + 3] = {"sum"};
    for (size_t i = 0; i < chosen->count; i++)
        cells[1 + i] = per_packet(real_at(chosen->cores[i], "cycles"), packets, text[i]);
    cells[1 + chosen->count] = per_packet(total, packets, text[CORES_MAX]);
    cells[2 + chosen->count] = "100.00%";
    table_row(table, cells);
}

void breakdown_cycles(const json_t *result, FILE *out)
{
    struct core_columns chosen = choose_cores(result);
    const char *headings[CORES_MAX + 3], *category;
    char align[CORES_MAX + 4];
    json_t *categories = json_object_get(json_object_get(result, "cpu"), "by_category"), *cycles;
    double total = 0, each = 0;
    json_object_foreach(categories, category, cycles) total += json_number_value(cycles);
    if (!result_number(result, "cpu.cycles_per_packet", &each) || each <= 0) {
        fputs("Cycles: no packet arrived in the window.\n", out);
        return;
    }
    double packets = total / each;
    cycle_headings(&chosen, headings, align);
    fputs("Cycles a packet, by category and core\n", out);
    struct table *table = table_create(align, headings);
    json_object_foreach(categories, category, cycles)
        cycle_row(table, &chosen, category, json_number_value(cycles), total, packets);
    sum_row(table, &chosen, total, packets);
    table_print(table, out);
    table_destroy(table);
    if (chosen.left_out > 0)
        fprintf(out, "(%zu more cores are in `all` only)\n", chosen.left_out);
}

/* ---- exits ---- */

static int by_samples(const void *a, const void *b)
{
    double one = real_at(*(json_t *const *)a, "count"), other = real_at(*(json_t *const *)b, "count");
    if (one != other)
        return one < other ? 1 : -1;
    return strcmp(text_at(*(json_t *const *)a, "reason"), text_at(*(json_t *const *)b, "reason"));
}

static void exit_row(struct table *table, const json_t *row, double samples, double time)
{
    char text[4][CELL];
    double count = real_at(row, "count"), own = real_at(row, "time_ns");
    snprintf(text[0], CELL, "%.0f", count);
    snprintf(text[3], CELL, "%.2fus", own / count / 1000);
    table_row(table, (const char *[]){text_at(row, "reason"), text[0], percent(count / samples, text[1]),
                                      percent(time > 0 ? own / time : 0, text[2]), text[3]});
}

static void exits_of(const json_t *vm, FILE *out)
{
    static const char *const headings[] = {"VM-EXIT", "Samples", "Samples%", "Time%", "Avg time"};
    const json_t *list = json_object_get(vm, "exit_table");
    size_t count = json_array_size(list);
    double samples = 0, time = 0;
    const json_t **rows = calloc(count + 1, sizeof(*rows));
    SIM_ASSERT(rows);
    for (size_t i = 0; i < count; i++) {
        rows[i] = json_array_get(list, i);
        samples += real_at(rows[i], "count");
        time += real_at(rows[i], "time_ns");
    }
    qsort(rows, count, sizeof(*rows), by_samples);
    fprintf(out, "Analyze events for %s\n", text_at(vm, "name"));
    struct table *table = table_create("rrrrr", headings);
    for (size_t i = 0; i < count; i++)
        exit_row(table, rows[i], samples, time);
    table_print(table, out);
    fprintf(out, "Total Samples:%.0f, Total events handled time:%.2fus.\n", samples, time / 1000);
    table_destroy(table);
    free(rows);
}

void breakdown_exits(const json_t *result, FILE *out)
{
    size_t index;
    json_t *vm;
    bool first = true;
    json_array_foreach(json_object_get(result, "vms"), index, vm)
    {
        if (!json_object_get(vm, "exit_table"))
            continue;
        if (!first)
            fputc('\n', out);
        first = false;
        exits_of(vm, out);
    }
}

void breakdown_bottleneck(const json_t *result, FILE *out)
{
    const json_t *bottleneck = json_object_get(result, "bottleneck");
    bool full = json_is_true(json_object_get(bottleneck, "saturated"));
    bool none = strcmp(text_at(bottleneck, "kind"), "none") == 0;
    fprintf(out, "Bottleneck: %s", text_at(bottleneck, "resource"));
    if (none)
        fprintf(out, " (%s)", text_at(bottleneck, "why"));
    else
        fprintf(out, " (%s): %s", text_at(bottleneck, "kind"), text_at(bottleneck, "why"));
    if (!full)
        fprintf(out, "; busiest is %s, %.1f %%", text_at(bottleneck, "busiest"),
                real_at(bottleneck, "utilization") * 100);
    fputc('\n', out);
}
