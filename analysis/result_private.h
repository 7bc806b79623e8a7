/* The parts that a result is put together from. */
#ifndef ANALYSIS_RESULT_PRIVATE_H
#define ANALYSIS_RESULT_PRIVATE_H

#include "analysis/result.h"
#include "models/strategy/strategy.h"

/* A set of paths reported together. */
struct path_group {
    const struct path *paths[2 * 4000];
    size_t count;
};

/* packets, throughput, latency and stages of a group of paths, into `object` (result_paths.c). */
void result_add_paths(json_t *object, const struct system *system, const struct path_group *group,
                      const struct system_window *window);

/* cores, vms, queues, exits, accesses, ... (result_machine.c). */
void result_add_cores(json_t *object, struct system *system, const struct system_window *window);
void result_add_vms(json_t *object, const struct system *system, const struct system_window *window);
void result_add_counts(json_t *object, const struct system *system);
void result_add_queues(json_t *object, const struct system *system);

/* Counts a delivered packet, of what is in `result` already (result_per_packet.c). */
void result_add_per_packet(json_t *result);

/* What limits the run, and how busy each resource was (result_bottleneck.c). */
void result_add_bottleneck(json_t *object, struct system *system, const struct system_window *window);

/* What a VM is called in results; natively, "host". */
const char *result_vm_name(const struct attachment *attachment);

#endif
