/*
 * A small configuration with every kind of parameter, for the tests and the fuzz target of the scenario
 * language.
 */
#ifndef TESTS_UNIT_SCENARIOS_SAMPLE_TABLE_H
#define TESTS_UNIT_SCENARIOS_SAMPLE_TABLE_H

#include "sim/param.h"

struct sample_none {
    int64_t unused;
};
struct sample_itr {
    int64_t interval;
    int64_t frames;
};
struct sample_poisson {
    int64_t burst;
};
struct sample_nic {
    const char *name;
    int64_t rate;
    int64_t queues;
    struct param_variant moderation;
};
struct sample_host {
    int64_t cores;
    int64_t frequency;
};
struct sample_costs {
    int64_t exit;
    int64_t copy;
};
struct sample_traffic {
    int64_t rate;
    int64_t size;
    int64_t load;
    struct param_list sizes;
    struct param_variant arrival;
    const char *capture;
};
struct sample_config {
    int64_t seed;
    int64_t duration;
    int64_t lanes;
    bool trace;
    int strategy;
    struct sample_host host;
    struct sample_costs costs;
    struct param_list nics;
    struct sample_traffic traffic;
};

static const struct param_table sample_none_table = {
    .name = "none", .help = "no moderation", .size = sizeof(struct sample_none)};
static const struct param sample_itr_rows[] = {
    PARAM_QUANTITY_ROW(struct sample_itr, interval, UNIT_TIME, 1000000, 1000000000, "50us", "least distance"),
    PARAM_INTEGER_ROW(struct sample_itr, frames, 0, 256, "0", "frames that force an interrupt"),
};
static const struct param_table sample_itr_table = {.name = "itr",
                                                    .help = "interrupt throttling",
                                                    .size = sizeof(struct sample_itr),
                                                    .params = sample_itr_rows,
                                                    .count = PARAM_COUNT(sample_itr_rows)};
static const struct param_model sample_none_model = {&sample_none_table, NULL};
static const struct param_model sample_itr_model = {&sample_itr_table, NULL};
static const struct param_model *const sample_moderations[] = {&sample_none_model, &sample_itr_model, NULL};
static const struct param_family sample_moderation = {"moderation", "interrupt moderation",
                                                      sample_moderations};

static const struct param_table sample_constant_table = {
    .name = "constant", .help = "equal gaps", .size = sizeof(struct sample_none)};
static const struct param sample_poisson_rows[] = {
    PARAM_INTEGER_ROW(struct sample_poisson, burst, 1, 64, "1", "packets an arrival"),
};
static const struct param_table sample_poisson_table = {.name = "poisson",
                                                        .help = "exponential gaps",
                                                        .size = sizeof(struct sample_poisson),
                                                        .params = sample_poisson_rows,
                                                        .count = PARAM_COUNT(sample_poisson_rows)};
static const struct param_model sample_constant_model = {&sample_constant_table, NULL};
static const struct param_model sample_poisson_model = {&sample_poisson_table, NULL};
static const struct param_model *const sample_arrivals[] = {&sample_constant_model, &sample_poisson_model,
                                                            NULL};
static const struct param_family sample_arrival = {"arrival", "arrival processes", sample_arrivals};

static const struct param sample_nic_rows[] = {
    PARAM_TEXT_ROW(struct sample_nic, name, "nic", false, "its name"),
    PARAM_QUANTITY_ROW(struct sample_nic, rate, UNIT_BIT_RATE, 1000000, 400000000000, NULL, "line rate"),
    PARAM_INTEGER_ROW(struct sample_nic, queues, 1, 128, "1", "queue pairs"),
    PARAM_VARIANT_ROW(struct sample_nic, moderation, &sample_moderation, "interrupt moderation"),
};
static const struct param_table sample_nic_table = {.name = "nic",
                                                    .help = "a network card",
                                                    .size = sizeof(struct sample_nic),
                                                    .params = sample_nic_rows,
                                                    .count = PARAM_COUNT(sample_nic_rows),
                                                    .profiles = true,
                                                    .profile_folder = "nics"};

static const struct param sample_host_rows[] = {
    PARAM_INTEGER_ROW(struct sample_host, cores, 1, 64, "4", "cores"),
    PARAM_QUANTITY_ROW(struct sample_host, frequency, UNIT_FREQUENCY, 1000000, 10000000000, "2.8GHz",
                       "core clock"),
};
static const struct param_table sample_host_table = {.name = "host",
                                                     .help = "the machine",
                                                     .size = sizeof(struct sample_host),
                                                     .params = sample_host_rows,
                                                     .count = PARAM_COUNT(sample_host_rows),
                                                     .profiles = true,
                                                     .profile_folder = "hosts"};

static const struct param sample_costs_rows[] = {
    PARAM_COST_ROW(struct sample_costs, exit, UNIT_CYCLES, 0, 1000000, "1200cycles", "a VM exit"),
    PARAM_COST_ROW(struct sample_costs, copy, UNIT_CYCLES_PER_BYTE, 0, 100000, "0.25cycles/B", "copying"),
};
static const struct param_table sample_costs_table = {.name = "costs",
                                                      .help = "unit costs",
                                                      .size = sizeof(struct sample_costs),
                                                      .params = sample_costs_rows,
                                                      .count = PARAM_COUNT(sample_costs_rows),
                                                      .profiles = true,
                                                      .profile_folder = "costs"};

static const struct param sample_traffic_rows[] = {
    PARAM_QUANTITY_ROW(struct sample_traffic, rate, UNIT_PACKET_RATE, 1, 1000000000000, "10kpps", "rate"),
    PARAM_QUANTITY_ROW(struct sample_traffic, size, UNIT_SIZE, 60, 65535, "1500B", "packet size"),
    PARAM_QUANTITY_ROW(struct sample_traffic, load, UNIT_RATIO, 0, 1000000, "0.5", "share of the line"),
    PARAM_QUANTITIES_ROW(struct sample_traffic, sizes, UNIT_SIZE, 0, 4, "64B, 1518B", "sizes to draw from"),
    PARAM_VARIANT_ROW(struct sample_traffic, arrival, &sample_arrival, "arrival process"),
    PARAM_PATH_ROW(struct sample_traffic, capture, false, "a capture to replay"),
};
static const struct param_table sample_traffic_table = {.name = "traffic",
                                                        .help = "what is sent",
                                                        .size = sizeof(struct sample_traffic),
                                                        .params = sample_traffic_rows,
                                                        .count = PARAM_COUNT(sample_traffic_rows)};

static const char *const sample_strategies[] = {"native", "emulation", "virtio", "passthrough", NULL};
static const struct param sample_rows[] = {
    PARAM_INTEGER_ROW(struct sample_config, seed, 0, INT64_MAX, "1", "of the random streams"),
    PARAM_QUANTITY_ROW(struct sample_config, duration, UNIT_TIME, 1, INT64_MAX, "10ms", "simulated time"),
    PARAM_INTEGER_ROW(struct sample_config, lanes, 4, 4, "4", "PCIe lanes"),
    PARAM_BOOL_ROW(struct sample_config, trace, "false", "whether to trace"),
    PARAM_CHOICE_ROW(struct sample_config, strategy, sample_strategies, "native", "data path"),
    PARAM_GROUP_ROW(struct sample_config, host, &sample_host_table, "the machine"),
    PARAM_GROUP_ROW(struct sample_config, costs, &sample_costs_table, "unit costs"),
    PARAM_LIST_ROW(struct sample_config, nics, &sample_nic_table, 1, 4, "network cards"),
    PARAM_GROUP_ROW(struct sample_config, traffic, &sample_traffic_table, "what is sent"),
};
static const struct param_table sample_table = {.name = "sample",
                                                .help = "a test's configuration",
                                                .size = sizeof(struct sample_config),
                                                .params = sample_rows,
                                                .count = PARAM_COUNT(sample_rows)};

#endif
