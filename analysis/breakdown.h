/*
 * Where one run's nanoseconds and cycles went, as tables for people: the packet's journey, cycles a packet by category
 * and core, VM exits as `perf kvm stat` prints them, and the bottleneck.
 */
#ifndef ANALYSIS_BREAKDOWN_H
#define ANALYSIS_BREAKDOWN_H

#include <stdio.h>

#include "analysis/result.h"

/* The stages of each direction with their mean duration and share of the latency. */
void breakdown_journey(const json_t *result, FILE *out);

/* Cycles a delivered packet, by category, of each core that did anything, and of all. */
void breakdown_cycles(const json_t *result, FILE *out);

/* The exits of each VM: VM-EXIT, Samples, Samples%, Time%, Avg time; nothing if there is no VM. */
void breakdown_exits(const json_t *result, FILE *out);

/* One line: what limits the run, and why; if nothing is full, the busiest resource too. */
void breakdown_bottleneck(const json_t *result, FILE *out);

#endif
