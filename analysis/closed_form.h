/*
 * Closed forms: what a run will find, predicted from its configuration alone. Counts come from the protocols, unit costs
 * from the configuration, nothing from a run. Each part says by `reason` whether it is exact for this configuration, or
 * why there is no form of it; a part without one has nothing but its reason.
 *
 * The regime that all parts share: one NIC with one queue, one VM with one vCPU, one traffic path of equal frames, fixed
 * moderation, no timer ticks, no halt polling, DLLPs as a share of the link, credits without limit.
 */
#ifndef ANALYSIS_CLOSED_FORM_H
#define ANALYSIS_CLOSED_FORM_H

#include <stdbool.h>

#include "models/host/config.h"

enum { CLOSED_FORM_CORES = 64, CLOSED_FORM_EXTRAS = 2, CLOSED_FORM_NAME = 64 };

/*
 * The latency of a packet alone in the system, to the picosecond. Every `every`th packet (from some one on) also brings
 * about work that others are spared, replacing receive buffers, and takes `more` longer.
 */
struct closed_form_latency {
    const char *reason;
    const char *crowded; /* why packets of this configuration are not alone; NULL: they are */
    sim_time software;   /* [ps] cycles that cores execute for it */
    sim_time hardware;   /* [ps] links, memory, NIC, wire, cores waking up or waiting for registers */
    sim_time moderation; /* [ps] in memory, the interrupt held back */
    sim_time least;      /* [ps] the sum of the three */
    struct {
        sim_time more; /* [ps] */
        int64_t every;
    } extras[CLOSED_FORM_EXTRAS];
    double mean; /* [ps] over many packets */
};

/*
 * Utilization at a constant rate at which packets do not meet: U = rate x c / f for each core, with c what one packet
 * makes it do, all that follows from it included; register reads that stall it count with their time.
 */
struct closed_form_utilization {
    const char *reason;
    int64_t cores;
    double busy[CLOSED_FORM_CORES];   /* [ps] a packet */
    double cycles[CLOSED_FORM_CORES]; /* a packet, stalls left out */
    double share[CLOSED_FORM_CORES];  /* 0 .. 1 */
    double total;                     /* [cores] */
    double full;                      /* [1/s] the rate at which the first core would be full */
};

/*
 * Throughput when more is offered than goes through: the least of what cores, wire, link and walkers allow, and the name
 * of that one as a run's `bottleneck` has it.
 */
struct closed_form_saturation {
    const char *reason;
    double pps;                      /* [1/s] */
    const char *kind;                /* core wire link walker */
    char resource[CLOSED_FORM_NAME]; /* "host0.core1" */
    double interrupts;               /* [1/s] of the vector that the saturated side has */
};

/* Poisson arrivals at one server with a fixed service time: the wire, or the sending core. */
struct closed_form_queueing {
    const char *reason;
    double load;      /* of the server, 0 .. 1 */
    sim_time service; /* [ps] */
    double waiting;   /* [ps] mean */
    double latency;   /* [ps] mean */
};

/* Interrupts a second of the NIC's vector: at a rate at which packets do not meet, or under load with a least interval. */
struct closed_form_interrupts {
    const char *reason;
    double most; /* [1/s] 1 / interval; INFINITY without one */
    double rate; /* [1/s] */
};

struct closed_form_prediction {
    const char *reason; /* why there is no part at all */
    struct closed_form_latency latency;
    struct closed_form_utilization utilization;
    struct closed_form_saturation saturation;
    struct closed_form_queueing queueing;
    struct closed_form_interrupts interrupts;
};

/* Predicts. False, with prediction->reason, if no part has a form; else each part has a reason of its own or NULL. */
bool closed_form_predict(const struct config *config, struct closed_form_prediction *prediction);

/*
 * One number of a prediction by name, for a plot's overlay: latency_ns (mean, of packets alone whatever the rate),
 * utilization (sum over the cores), saturation_pps, saturation_gbps, throughput_pps, throughput_gbps (what is offered, up
 * to saturation), waiting_ns, queueing_latency_ns, interrupt_rate, wire_pps, wire_gbps, pcie_write_gbps, pcie_read_gbps,
 * pcie_both_gbps (of the first NIC's link, requests of a frame's size). False if there is no such name, or no form of it
 * for the configuration.
 */
bool closed_form_value(const char *name, const struct config *config, double *value);

/* The names, NULL-terminated. */
extern const char *const closed_form_names[];

/* What a name stands for, with its unit; NULL if there is no such name. */
const char *closed_form_help(const char *name);

/*
 * PCIe throughput of requests of `size` [B] back to back, as validation arithmetic has it: payload a second [bit/s] of DMA
 * writes, of reads, and of as much of both at once, limited by the fuller direction; `wide`: 64-bit addresses. DLLPs take
 * the configured share of both directions.
 */
enum closed_form_dma { CLOSED_FORM_WRITE, CLOSED_FORM_READ, CLOSED_FORM_BOTH };
double closed_form_pcie(const struct pcie_link_config *link, enum closed_form_dma kind, uint32_t size,
                        bool wide);

#endif
