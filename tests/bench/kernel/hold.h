/*
 * What the contenders of the hold model share: N events are pending; each that fires schedules one more at an
 * exponential delay of 1 us in the mean. All draw the same delays, so that they do the same work.
 */
#ifndef TESTS_BENCH_KERNEL_HOLD_H
#define TESTS_BENCH_KERNEL_HOLD_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HOLD_TABLE_SIZE = 4096, HOLD_MEAN_PS = 1000000 };

struct hold {
    uint32_t pending; /* N */
    uint64_t count;   /* events to fire */
    uint64_t random;
    double start;                     /* [s] of CPU time */
    uint32_t delays[HOLD_TABLE_SIZE]; /* [ps] equally likely */
};

static inline double hold_cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Reads `N COUNT` from the command line; ends the program when they are not there. */
static inline void hold_init(struct hold *hold, int argc, char *argv[])
{
    hold->pending = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    hold->count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (hold->pending == 0 || hold->count == 0) {
        fprintf(stderr, "usage: %s PENDING EVENTS\n", argv[0]);
        exit(2);
    }
    hold->random = 1;
    for (int i = 0; i < HOLD_TABLE_SIZE; i++)
        hold->delays[i] = 1 + (uint32_t)(-log((i + 0.5) / HOLD_TABLE_SIZE) * HOLD_MEAN_PS);
}

static inline uint32_t hold_delay(struct hold *hold)
{
    hold->random = hold->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return hold->delays[hold->random >> 52];
}

/* One line: who, N, how many events, events per second of CPU time. */
static inline void hold_report(const struct hold *hold, const char *who)
{
    double seconds = hold_cpu_seconds() - hold->start;
    printf("%s pending %u events %llu events/s %.0f\n", who, hold->pending, (unsigned long long)hold->count,
           (double)hold->count / seconds);
}

#endif
