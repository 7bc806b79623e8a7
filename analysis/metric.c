#include "analysis/metric.h"

#include <stdio.h>
#include <string.h>

#include "analysis/quantity.h"

static const struct metric metrics[] = {
    {"throughput_pps", "throughput_pps", "throughput", METRIC_PPS},
    {"throughput_gbps", "throughput_gbps", "throughput", METRIC_GBPS},
    {"latency_ns.mean", "latency_ns_mean", "mean latency", METRIC_NS},
    {"latency_ns.ci95", "latency_ns_ci95", "95 % interval of the mean, +-", METRIC_NS},
    {"latency_ns.p50", "latency_ns_p50", "median latency", METRIC_NS},
    {"latency_ns.p90", "latency_ns_p90", "p90 latency", METRIC_NS},
    {"latency_ns.p99", "latency_ns_p99", "p99 latency", METRIC_NS},
    {"latency_ns.p999", "latency_ns_p999", "p99.9 latency", METRIC_NS},
    {"latency_ns.max", "latency_ns_max", "largest latency", METRIC_NS},
    {"cpu.utilization", "cpu_utilization", "CPU in use", METRIC_CORES},
    {"cpu.cycles_per_packet", "cpu_cycles_per_packet", "cycles a packet", METRIC_CYCLES},
    {"per_packet.exits", "per_packet_exits", "exits a packet", METRIC_PER_PACKET},
    {"per_packet.accesses", "per_packet_accesses", "register accesses a packet", METRIC_PER_PACKET},
    {"per_packet.kicks", "per_packet_kicks", "kicks a packet", METRIC_PER_PACKET},
    {"per_packet.interrupts", "per_packet_interrupts", "interrupts a packet", METRIC_PER_PACKET},
    {"packets.offered", "packets_offered", "packets offered", METRIC_NUMBER},
    {"packets.delivered", "packets_delivered", "packets delivered", METRIC_NUMBER},
    {"packets.in_flight", "packets_in_flight", "packets in flight", METRIC_NUMBER},
    {"packets.dropped", "packets_dropped", "packets dropped", METRIC_NUMBER},
    {"exits", "exits", "VM exits", METRIC_NUMBER},
    {"accesses", "accesses", "register accesses", METRIC_NUMBER},
    {"kicks.tx", "kicks_tx", "transmit kicks", METRIC_NUMBER},
    {"kicks.rx", "kicks_rx", "receive kicks", METRIC_NUMBER},
    {"interrupts.raised", "interrupts_raised", "interrupts raised", METRIC_NUMBER},
    {"interrupts.handled", "interrupts_handled", "interrupts handled", METRIC_NUMBER},
    {"eois", "eois", "ends of interrupt", METRIC_NUMBER},
    {"bottleneck.utilization", "bottleneck_utilization", "bottleneck's utilization", METRIC_SHARE},
    {"events", "events", "events", METRIC_NUMBER},
};

const struct metric *metric_list(size_t *count)
{
    *count = sizeof(metrics) / sizeof(metrics[0]);
    return metrics;
}

const struct metric *metric_find(const char *path)
{
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
        if (strcmp(metrics[i].path, path) == 0)
            return &metrics[i];
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

bool metric_interval(const char *path, char *buffer, size_t size)
{
    static const char mean[] = ".mean";
    size_t length = strlen(path);
    if (!ends_with(path, mean) || length >= size)
        return false;
    snprintf(buffer, size, "%.*s.ci95", (int)(length - (sizeof(mean) - 1)), path);
    return true;
}

enum metric_unit metric_unit_of(const char *path)
{
    const struct metric *metric = metric_find(path);
    if (metric)
        return metric->unit;
    if (strchr(path, '/') || strstr(path, "per_packet."))
        return METRIC_PER_PACKET;
    if (strstr(path, "_ns.") || ends_with(path, "_ns") || ends_with(path, "stages"))
        return METRIC_NS;
    if (ends_with(path, "_pps"))
        return METRIC_PPS;
    if (ends_with(path, "_gbps"))
        return METRIC_GBPS;
    if (ends_with(path, "cycles_per_packet"))
        return METRIC_CYCLES;
    return ends_with(path, "utilization") ? METRIC_SHARE : METRIC_NUMBER;
}

const char *metric_text(const char *path, double value, char *buffer, size_t size)
{
    switch (metric_unit_of(path)) {
    case METRIC_NS:
        return quantity_text(value * 1e-9, "s", buffer, size);
    case METRIC_PPS:
        return quantity_text(value, "pps", buffer, size);
    case METRIC_GBPS:
        return quantity_text(value * 1e9, "b/s", buffer, size);
    case METRIC_SHARE:
        snprintf(buffer, size, "%.1f %%", value * 100);
        return buffer;
    default:
        return quantity_plain(value, buffer, size);
    }
}

const char *metric_title(const char *path)
{
    const struct metric *metric = metric_find(path);
    return metric ? metric->title : path;
}

const char *metric_plain_unit(const char *path, double *base)
{
    static const struct {
        const char *unit;
        double base;
    } units[] = {
        [METRIC_NUMBER] = {"", 1},       [METRIC_NS] = {"s", 1e-9},     [METRIC_PPS] = {"packets/s", 1},
        [METRIC_GBPS] = {"bit/s", 1e9},  [METRIC_CORES] = {"cores", 1}, [METRIC_SHARE] = {"share", 1},
        [METRIC_CYCLES] = {"cycles", 1}, [METRIC_PER_PACKET] = {"", 1},
    };
    enum metric_unit unit = metric_unit_of(path);
    *base = units[unit].base;
    return units[unit].unit;
}
