/*
 * A guest as a list of overrides, and a measured workload run on it: what the tests of driver and device variants share.
 */
#ifndef TESTS_UNIT_ANALYSIS_DRIVER_SETS_H
#define TESTS_UNIT_ANALYSIS_DRIVER_SETS_H

#include "tests/unit/analysis/driver_data.h"

enum { SETS_MAX = 16 };

/* Overrides, collected. */
struct sets {
    const char *list[SETS_MAX];
    size_t count;
};

static inline void set(struct sets *sets, const char *text)
{
    cr_assert_lt(sets->count, SETS_MAX - 1);
    sets->list[sets->count++] = text;
}

/* 200 packets, one every so often. */
enum period { EVERY_10_MS, EVERY_MS, EVERY_100_US };

static inline void set_period(struct sets *sets, enum period period)
{
    static const char *const text[][2] = {{"traffic[0].rate=100pps", "duration=2005ms"},
                                          {"traffic[0].rate=1kpps", "duration=200500us"},
                                          {"traffic[0].rate=10kpps", "duration=20050us"}};
    set(sets, text[period][0]);
    set(sets, text[period][1]);
}

static inline const char *describe(const struct sets *sets)
{
    static char text[512];
    size_t length = 0;
    for (size_t i = 0; i < sets->count; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s ", sets->list[i]);
    return text;
}

/* Runs a workload of exits.csv on the guest, and checks each of its rows. */
static inline void against(const char *config, const char *workload, const struct sets *guest,
                           row_check *check)
{
    struct sets sets = *guest;
    bool receives = strncmp(workload, "rx", 2) == 0, calls = strncmp(workload, "rr", 2) == 0;
    if (calls)
        set(&sets, "traffic[0].direction=request_response");
    else
        set(&sets, receives ? "traffic[0].direction=receive" : "traffic[0].direction=transmit");
    if (strstr(workload, "_1ms"))
        set_period(&sets, EVERY_MS);
    set(&sets, strstr(workload, "_1500") ? "traffic[0].size=1518B" : "traffic[0].size=64B");
    json_t *result = simulate(sets.list);
    cr_expect_gt(each_row(config, workload, result, check), 0, "%s %s", config, workload);
    json_decref(result);
}

#endif
