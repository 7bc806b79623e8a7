/*
 * The trace of the VF transmit path: for each packet, when it was at which hop. Shared by the programs that are
 * compared; README.md says what the hops are.
 */
#ifndef TESTS_BENCH_VF_TRACE_H
#define TESTS_BENCH_VF_TRACE_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum trace_hop {
    HOP_CALL,         /* the application begins its send call */
    HOP_VISIBLE,      /* the descriptor is in memory, the doorbell's store has retired */
    HOP_DOORBELL,     /* the tail write arrives at the NIC */
    HOP_FETCHED,      /* the descriptor arrives at the NIC */
    HOP_READ,         /* the payload arrives at the NIC */
    HOP_FIRST_BIT,    /* on the wire */
    HOP_LAST_BIT,     /* on the wire */
    HOP_WRITTEN_BACK, /* the descriptor's write-back is visible in memory */
    TRACE_HOPS
};

struct trace_packet {
    int64_t hop[TRACE_HOPS]; /* [ps]; 0: not yet */
};

struct trace {
    struct trace_packet *packets; /* by id, from 1 */
    uint64_t count;
};

/* [ps] that all packets spent in the stages that end at each hop from HOP_VISIBLE to HOP_LAST_BIT. */
struct trace_stages {
    int64_t time[TRACE_HOPS];
};

static inline void trace_print_stages(const struct trace_stages *stages)
{
    printf("stages");
    for (int hop = HOP_VISIBLE; hop <= HOP_LAST_BIT; hop++)
        printf(" %" PRId64, stages->time[hop]);
    putchar('\n');
}

static inline void trace_init(struct trace *trace, uint64_t count)
{
    trace->packets = (struct trace_packet *)calloc(count ? count : 1, sizeof(struct trace_packet));
    trace->count = count;
    if (trace->packets == NULL)
        abort();
}

static inline void trace_destroy(struct trace *trace)
{
    free(trace->packets);
}

/* One line a packet: its id, then the time of each hop in picoseconds. */
static inline void trace_print(const struct trace *trace)
{
    puts("# packet call visible doorbell fetched read first_bit last_bit written_back [ps]");
    for (uint64_t i = 0; i < trace->count; i++) {
        printf("%" PRIu64, i + 1);
        for (int hop = 0; hop < TRACE_HOPS; hop++)
            printf(" %" PRId64, trace->packets[i].hop[hop]);
        putchar('\n');
    }
}

#endif
