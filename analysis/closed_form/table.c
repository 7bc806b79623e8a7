#include "analysis/closed_form_table.h"

#include <math.h>
#include <string.h>

#include "analysis/result.h"
#include "analysis/table.h"

enum { CELL = 96 };

static void unknown(struct table *table, const char *quantity, const char *reason)
{
    const char *cells[] = {quantity, NULL, NULL, NULL, reason};
    table_row(table, cells);
}

/* A number of both; a measured NAN is left out. */
static void compare(struct table *table, const char *quantity, double predicted, double measured)
{
    char values[3][CELL] = {"", "", ""};
    snprintf(values[0], CELL, "%.3f", predicted);
    if (!isnan(measured))
        snprintf(values[1], CELL, "%.3f", measured);
    if (!isnan(measured) && predicted != 0)
        snprintf(values[2], CELL, "%+.3f %%", 100 * (measured / predicted - 1));
    const char *cells[] = {quantity, values[0], values[1], values[2], NULL};
    table_row(table, cells);
}

static double metric(const json_t *result, const char *path)
{
    double value;
    return result_number(result, path, &value) ? value : NAN;
}

static void add_latency(struct table *table, const struct closed_form_latency *latency, const json_t *result)
{
    if (latency->reason) {
        unknown(table, "latency, alone [ns]", latency->reason);
        return;
    }
    compare(table, "latency, alone [ns]", latency->mean / 1000,
            latency->crowded ? (double)NAN : metric(result, "latency_ns.mean"));
    compare(table, "  software", (double)latency->software / 1000, NAN);
    compare(table, "  hardware", (double)latency->hardware / 1000, NAN);
    compare(table, "  moderation", (double)latency->moderation / 1000, NAN);
    for (int i = 0; i < CLOSED_FORM_EXTRAS; i++) {
        char quantity[CELL];
        if (latency->extras[i].every == 0)
            continue;
        snprintf(quantity, sizeof(quantity), "  more, every %lldth", (long long)latency->extras[i].every);
        compare(table, quantity, (double)latency->extras[i].more / 1000, NAN);
    }
}

static void add_utilization(struct table *table, const struct closed_form_utilization *utilization,
                            const json_t *result)
{
    if (utilization->reason) {
        unknown(table, "utilization", utilization->reason);
        return;
    }
    for (int64_t i = 0; i < utilization->cores; i++) {
        char quantity[CELL], path[CELL];
        if (utilization->busy[i] == 0)
            continue;
        snprintf(quantity, sizeof(quantity), "utilization, core %lld [%%]", (long long)i);
        snprintf(path, sizeof(path), "cores[%lld].utilization", (long long)i);
        compare(table, quantity, 100 * utilization->share[i], 100 * metric(result, path));
    }
}

/* The throughput of a run that was not saturated says nothing about saturation. */
static void add_saturation(struct table *table, const struct closed_form_saturation *saturation,
                           const json_t *result)
{
    if (saturation->reason) {
        unknown(table, "saturation [packets/s]", saturation->reason);
        return;
    }
    bool saturated = json_is_true(result_at(result, "bottleneck.saturated"));
    const char *resource = json_string_value(result_at(result, "bottleneck.resource"));
    compare(table, "saturation [packets/s]", saturation->pps,
            saturated ? metric(result, "throughput_pps") : (double)NAN);
    const char *cells[] = {"  bottleneck", saturation->resource, saturated ? resource : NULL, NULL,
                           saturated ? NULL : "the run is not saturated"};
    table_row(table, cells);
}

static void add_queueing(struct table *table, const struct closed_form_queueing *queueing,
                         const json_t *result)
{
    if (queueing->reason) {
        unknown(table, "M/D/1", queueing->reason);
        return;
    }
    compare(table, "M/D/1 load", queueing->load, NAN);
    compare(table, "M/D/1 waiting [ns]", queueing->waiting / 1000, NAN);
    compare(table, "M/D/1 latency [ns]", queueing->latency / 1000, metric(result, "latency_ns.mean"));
}

/* Of the function that interrupted most: the PF, or the VF that is given away. */
static double measured_interrupts(const json_t *result)
{
    const json_t *queues = result_at(result, "queues"), *queue;
    double most = 0;
    size_t index;
    json_array_foreach(queues, index, queue)
    {
        double count = json_number_value(json_object_get(queue, "interrupts"));
        most = count > most ? count : most;
    }
    return most * 1e9 / metric(result, "duration_ns");
}

void closed_form_table(const struct closed_form_prediction *prediction, const json_t *result, FILE *out)
{
    static const char *const headings[] = {"quantity", "predicted", "measured", "difference",
                                           "no closed form"};
    if (prediction->reason) {
        fprintf(out, "no closed form: %s\n", prediction->reason);
        return;
    }
    struct table *table = table_create("lrrrl", headings);
    const struct closed_form_interrupts *interrupts = &prediction->interrupts;
    add_latency(table, &prediction->latency, result);
    add_utilization(table, &prediction->utilization, result);
    add_saturation(table, &prediction->saturation, result);
    add_queueing(table, &prediction->queueing, result);
    if (interrupts->reason)
        unknown(table, "interrupts of the NIC [1/s]", interrupts->reason);
    else
        compare(table, "interrupts of the NIC [1/s]", interrupts->rate, measured_interrupts(result));
    table_print(table, out);
    table_destroy(table);
}
