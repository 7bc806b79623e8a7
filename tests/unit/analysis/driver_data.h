/*
 * The measured counts of real Linux drivers (tests/data/driver-exits/exits.csv), and the same guest simulated
 * (guest.yaml there): what the tests of the driver counts share.
 */
#ifndef TESTS_UNIT_ANALYSIS_DRIVER_DATA_H
#define TESTS_UNIT_ANALYSIS_DRIVER_DATA_H

#include <stdio.h>

#include "tests/unit/analysis/simulate.h"

#define DATA IOVSIM_SOURCE_DIR "/tests/data/driver-exits/"

static inline json_t *simulate(const char *const *sets)
{
    static char text[4096];
    FILE *file = fopen(DATA "guest.yaml", "r");
    cr_assert_not_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    struct run_options run = {0};
    return simulate_text(text, sets, &run);
}

static inline double number(const json_t *result, const char *path)
{
    return simulated(result, path);
}

static inline double per_packet(const json_t *result, const char *path)
{
    return number(result, path) / number(result, "packets.offered");
}

/* The result's path for a metric of the data; NULL: not compared (the guest's timer and LAPIC, the IOMMU, the writes
 * of interval registers). */
static inline const char *path_of(const char *metric, char *buffer, size_t size)
{
    static const struct {
        const char *metric, *path;
    } known[] = {{"irq_raised", "interrupts.raised"},
                 {"irq_handled", "interrupts.handled"},
                 {"ioapic_eoi_broadcast", "eoi_broadcasts"},
                 {"kick_q0", "kicks.rx"},
                 {"kick_q1", "kicks.tx"},
                 {"nic_W_notify", "accesses.QUEUE_NOTIFY.write"},
                 {"virtio_notify_q0", "vms[0].virtqueues[0].interrupts"},
                 {"virtio_notify_q1", "vms[0].virtqueues[1].interrupts"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(metric, known[i].metric) == 0)
            return known[i].path;
    char way, reg[32];
    if (sscanf(metric, "nic_%c_%31s", &way, reg) != 2 || strstr(reg, "ITR"))
        return NULL;
    snprintf(buffer, size, "accesses.%s.%s", reg, way == 'W' ? "write" : "read");
    return buffer;
}

struct row {
    char config[32], workload[32], metric[64];
    int packets;
    double mean, least, most;
};

typedef void row_check(const json_t *result, const struct row *row, const char *path);

/* Calls `check` for every row of a configuration and workload that is compared; returns their number. */
static inline int each_row(const char *config, const char *workload, const json_t *result, row_check *check)
{
    FILE *file = fopen(DATA "exits.csv", "r");
    cr_assert_not_null(file);
    char line[256], buffer[96];
    struct row row;
    int rows = 0;
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%31[^,],%31[^,],%d,%63[^,],%lf,%lf,%lf", row.config, row.workload, &row.packets,
                   row.metric, &row.mean, &row.least, &row.most) != 7)
            continue;
        if (strcmp(row.config, config) != 0 || strcmp(row.workload, workload) != 0)
            continue;
        const char *path = path_of(row.metric, buffer, sizeof(buffer));
        if (!path)
            continue;
        check(result, &row, path);
        rows++;
    }
    fclose(file);
    return rows;
}

static inline void near_mean(const json_t *result, const struct row *row, const char *path)
{
    double found = per_packet(result, path);
    cr_expect(fabs(found - row->mean) <= 0.02, "%s %s %s: %.4f measured, %.4f simulated", row->config,
              row->workload, row->metric, row->mean, found);
}

/* For workloads some of whose packets left in pairs: the maximum is the undisturbed count. */
static inline void near_most(const json_t *result, const struct row *row, const char *path)
{
    double found = per_packet(result, path);
    cr_expect(fabs(found - row->most) <= 0.02, "%s %s %s: at most %.4f measured, %.4f simulated", row->config,
              row->workload, row->metric, row->most, found);
}

#endif
