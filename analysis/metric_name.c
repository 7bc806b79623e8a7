#include "analysis/metric_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric.h"
#include "models/cpu/account.h"
#include "models/guest/personalities/personalities.h"
#include "models/traffic/packet.h"
#include "sim/assert.h"
#include "sim/diag.h"

enum { EXIT_REASON_MAX = 80, KEYS_MAX = 64 };

/* All names, made when first asked for; "[]" stands for any position. They live as long as the program. */
static struct {
    char **list;
    size_t count;
    char *keys[KEYS_MAX]; /* of the last metric_allowed() */
} known;

static void add(const char *prefix, const char *tail)
{
    if ((known.count & (known.count - 1)) == 0) {
        size_t capacity = known.count ? 2 * known.count : 1;
        known.list = realloc(known.list, capacity * sizeof(*known.list));
        SIM_ASSERT(known.list);
    }
    size_t size = strlen(prefix) + strlen(tail) + 1;
    char *name = malloc(size);
    SIM_ASSERT(name);
    snprintf(name, size, "%s%s", prefix, tail);
    known.list[known.count++] = name;
}

static void add_all(const char *prefix, const char *const *tails)
{
    for (; *tails; tails++)
        add(prefix, *tails);
}

/* ---- the vocabulary, as docs/results.md has it ---- */

static void add_paths(const char *prefix)
{
    static const char *const tails[] = {
        "packets.offered", "packets.delivered", "packets.delivered_frames", "packets.in_flight",
        "packets.dropped", "throughput_pps",    "throughput_gbps",          "latency_ns.mean",
        "latency_ns.ci95", "latency_ns.p50",    "latency_ns.p90",           "latency_ns.p99",
        "latency_ns.p999", "latency_ns.max",    "stages[].mean_ns",         NULL,
    };
    char dropped[METRIC_PATH_SIZE];
    snprintf(dropped, sizeof(dropped), "%spackets.dropped.", prefix);
    add_all(prefix, tails);
    for (int cause = 0; cause < DROP_CAUSES; cause++)
        add(dropped, drop_cause_name(cause));
}

static void add_accesses(const char *prefix, const char *name)
{
    char path[METRIC_PATH_SIZE];
    snprintf(path, sizeof(path), "%saccesses.%s", prefix, name);
    add_all(path, (const char *const[]){".read", ".write", NULL});
}

static void add_counts(const char *prefix)
{
    static const char *const tails[] = {
        "exits",
        "exit_sites",
        "exit_sites.kernel",
        "exit_sites.ioeventfd",
        "exit_sites.user",
        "exit_sites.coalesced",
        "exit_sites.fast",
        "accesses",
        "kicks",
        "kicks.tx",
        "kicks.rx",
        "interrupts.raised",
        "interrupts.handled",
        "eois",
        "eoi_broadcasts",
        NULL,
    };
    char exits[METRIC_PATH_SIZE];
    snprintf(exits, sizeof(exits), "%sexits.", prefix);
    add_all(prefix, tails);
    for (int reason = 0; reason < EXIT_REASON_MAX; reason++)
        if (exit_reason_name(reason))
            add(exits, exit_reason_name(reason));
    for (size_t i = 0; driver_personalities[i]; i++)
        for (int reg = 0; reg < REGISTERS; reg++)
            if (driver_personalities[i]->register_names[reg])
                add_accesses(prefix, driver_personalities[i]->register_names[reg]);
    add_accesses(prefix, "QUEUE_NOTIFY");
    add_accesses(prefix, "ISR");
}

static void add_cpu(const char *prefix)
{
    char categories[METRIC_PATH_SIZE];
    snprintf(categories, sizeof(categories), "%sby_category.", prefix);
    add_all(prefix, (const char *const[]){"utilization", "cycles_per_packet", "by_category", NULL});
    for (int account = 0; account < ACCOUNTS; account++)
        add(categories, account_name(account));
}

static void add_hardware(void)
{
    static const char *const queue[] = {"nic",
                                        "function",
                                        "queue",
                                        "tx_packets",
                                        "rx_packets",
                                        "descriptor_fetches",
                                        "descriptors_fetched",
                                        "write_backs",
                                        "doorbells",
                                        "refills",
                                        "interrupts",
                                        NULL};
    static const char *const tlp[] = {"nic",  "function",    "memory_writes", "memory_reads", "completions",
                                      "msis", "mmio_writes", "mmio_reads",    "bytes_up",     "bytes_down",
                                      NULL};
    static const char *const vcpu[] = {"injections",     "posted",  "kicks", "halts",
                                       "halt_polls_hit", "wakeups", "ipis",  NULL};
    static const char *const times[] = {"vcpu", "guest_ns", "exit_ns", "halted_ns", "steal_ns", NULL};
    static const char *const capture[] = {"frames", "offered_transmit", "offered_receive", "pending", NULL};
    add_all("queues[].", queue);
    add_all("tlps[].", tlp);
    add_all("vms[].vcpus.", vcpu);
    add_all("vms[].vcpu_times[].", times);
    add_all("vms[].virtqueues[].", (const char *const[]){"queue", "kicks", "interrupts", NULL});
    add_all("vms[].exit_table[].", (const char *const[]){"count", "time_ns", NULL});
    add_all("traffic[].capture.", capture);
}

static void add_run(void)
{
    static const char *const tails[] = {
        "replication",
        "seed",
        "duration_ns",
        "window.start_ns",
        "window.end_ns",
        "window.too_short",
        "events",
        "cores[].cycles",
        "per_packet.exits",
        "per_packet.accesses",
        "per_packet.kicks",
        "per_packet.interrupts",
        "invalidations.iotlb",
        "invalidations.device_tlb",
        "invalidations.wait",
        "invalidations.queue_tail_writes",
        "iommu.translations",
        "iommu.iotlb_hits",
        "iommu.iotlb_misses",
        "iommu.walk_reads",
        "bottleneck.utilization",
        "bottleneck.saturated",
        "resources[].utilization",
        NULL,
    };
    add_all("", tails);
}

static void make_names(void)
{
    if (known.count > 0)
        return;
    add_paths("");
    add_counts("");
    add_cpu("cpu.");
    add_run();
    add_cpu("cores[].");
    add_counts("vms[].");
    add_hardware();
    add_paths("directions.transmit.");
    add_paths("directions.receive.");
    add_paths("directions.request_response.");
    add_paths("traffic[].");
}

/* ---- asking ---- */

/* Copies a path with its list positions taken out: "cores[2].cycles" is "cores[].cycles". */
static void plain(const char *path, char *buffer, size_t size)
{
    size_t length = 0;
    for (; *path && length + 1 < size; path++) {
        buffer[length++] = *path;
        if (*path == '[')
            while (isdigit((unsigned char)path[1]))
                path++;
    }
    buffer[length] = '\0';
}

static bool is_position_given(const char *path)
{
    for (const char *bracket = strchr(path, '['); bracket; bracket = strchr(bracket + 1, '['))
        if (!isdigit((unsigned char)bracket[1]))
            return false;
    return true;
}

/* Whether it is a list of stages: what of a name is before its position. */
static bool is_stages(const char *name, size_t length, const char *path)
{
    static const char stages[] = "stages";
    size_t size = sizeof(stages) - 1;
    return length >= size && strlen(path) == length && strncmp(name, path, length) == 0 &&
           strncmp(name + length - size, stages, size) == 0;
}

bool metric_exists(const char *path, bool parts)
{
    char name[METRIC_PATH_SIZE];
    make_names();
    plain(path, name, sizeof(name));
    if (!is_position_given(path))
        return false;
    for (size_t i = 0; i < known.count; i++) {
        const char *last = strrchr(known.list[i], '[');
        if (strcmp(known.list[i], name) == 0)
            return true;
        if (parts && last && is_stages(known.list[i], (size_t)(last - known.list[i]), name))
            return true;
    }
    return false;
}

/* The length of the longest part of `path`, up to a dot, that a name begins with. */
static size_t right_part(const char *path)
{
    size_t right = 0;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        size_t length = (size_t)(dot - path) + 1;
        bool found = false;
        for (size_t i = 0; i < known.count && !found; i++)
            found = strncmp(known.list[i], path, length) == 0;
        if (!found)
            break;
        right = length;
    }
    return right;
}

/* Notes the key that a name has at `from` unless it is there. */
static size_t note_key(const char *name, size_t from, size_t count)
{
    size_t length = strcspn(name + from, ".");
    for (size_t i = 0; i < count; i++)
        if (strlen(known.keys[i]) == length && strncmp(known.keys[i], name + from, length) == 0)
            return count;
    free(known.keys[count]);
    known.keys[count] = strndup(name + from, length);
    SIM_ASSERT(known.keys[count]);
    return count + 1;
}

size_t metric_allowed(const char *path, const char **names, size_t most)
{
    char name[METRIC_PATH_SIZE];
    size_t count = 0, length;
    make_names();
    plain(path, name, sizeof(name) - 1);
    length = strlen(name);
    name[length] = '.'; /* a group without its key lacks one */
    name[length + 1] = '\0';
    size_t from = right_part(name);
    for (size_t i = 0; i < known.count && count < KEYS_MAX && count < most; i++)
        if (strncmp(known.list[i], name, from) == 0)
            count = note_key(known.list[i], from, count);
    for (size_t i = 0; i < count; i++)
        names[i] = known.keys[i];
    return count;
}

/* Copies a name with the positions that `path` has. */
static const char *with_positions(const char *name, const char *path, char *buffer, size_t size)
{
    size_t length = 0;
    for (; *name && length + 1 < size; name++) {
        buffer[length++] = *name;
        if (*name != '[')
            continue;
        path = path ? strchr(path, '[') : NULL;
        path = path ? path + 1 : NULL;
        size_t digits = path ? strspn(path, "0123456789") : 0;
        if (digits == 0)
            buffer[length++] = '0';
        for (size_t i = 0; i < digits && length + 1 < size; i++)
            buffer[length++] = path[i];
    }
    buffer[length] = '\0';
    return buffer;
}

const char *metric_nearest(const char *path, char *buffer, size_t size)
{
    char name[METRIC_PATH_SIZE];
    make_names();
    plain(path, name, sizeof(name));
    const char *nearest = diag_nearest(name, (const char *const *)known.list, known.count);
    return nearest ? with_positions(nearest, path, buffer, size) : NULL;
}
