#include "models/memory/memory.h"

#include <stdlib.h>

#include "models/memory/area.h"
#include "models/memory/frames.h"
#include "sim/assert.h"

enum { NODES_MAX = 8 };

struct memory {
    struct memory_config config;
    uint64_t size; /* [B] of all nodes */
    struct frames frames;
    struct area_pool nodes[NODES_MAX];
};

static const struct param memory_params[] = {
    PARAM_INTEGER_ROW(struct memory_config, nodes, 1, NODES_MAX, "1", "NUMA nodes"),
    PARAM_QUANTITY_ROW(struct memory_config, node_size, UNIT_SIZE, INT64_C(1) << 26, INT64_C(1) << 44,
                       "64GiB", "memory of a node"),
    PARAM_QUANTITY_ROW(struct memory_config, fragmentation, UNIT_RATIO, 0, 1000000, "0",
                       "share of the 2 MiB blocks of physical memory that cannot be had whole"),
    PARAM_COST_ROW(struct memory_config, llc_latency, UNIT_TIME, 0, SIM_MS, "60ns",
                   "a device's read served from the local last-level cache (assumed: 40 to 80 ns)"),
    PARAM_COST_ROW(
        struct memory_config, dram_latency, UNIT_TIME, 0, SIM_MS, "53ns",
        "more when the line is not in the cache (measured: pcie-bench, Broadwell, 610 against 557 ns)"),
    PARAM_COST_ROW(
        struct memory_config, remote_latency, UNIT_TIME, 0, SIM_MS, "81ns",
        "more when the memory is another node's (measured: pcie-bench, Broadwell, 638 against 557 ns)"),
};

const struct param_table memory_table = {
    .name = "memory",
    .help = "physical memory: nodes, fragmentation, latencies",
    .size = sizeof(struct memory_config),
    .params = memory_params,
    .count = PARAM_COUNT(memory_params),
};

struct memory *memory_create(struct sim *sim, const struct memory_config *config)
{
    SIM_ASSERT(config->nodes >= 1 && config->nodes <= NODES_MAX);
    SIM_ASSERT(config->node_size > 0 && config->node_size % PAGE_SIZE == 0);
    struct memory *memory = calloc(1, sizeof *memory);
    SIM_ASSERT(memory != NULL);
    memory->config = *config;
    memory->size = (uint64_t)config->nodes * (uint64_t)config->node_size;
    frames_init(&memory->frames);
    uint64_t seed = sim_get_config(sim)->seed;
    for (int i = 0; i < config->nodes; i++) {
        uint64_t start = MEMORY_BASE + (uint64_t)i * (uint64_t)config->node_size;
        area_pool_init(&memory->nodes[i], start, start + (uint64_t)config->node_size, seed,
                       (uint32_t)config->fragmentation);
    }
    return memory;
}

void memory_destroy(struct memory *memory)
{
    if (!memory)
        return;
    for (int i = 0; i < memory->config.nodes; i++)
        area_pool_destroy(&memory->nodes[i]);
    frames_destroy(&memory->frames);
    free(memory);
}

uint64_t memory_allocate(struct memory *memory, int node, uint64_t size, uint64_t align)
{
    SIM_ASSERT(node >= 0 && node < memory->config.nodes);
    uint64_t hpa = area_pool_take(&memory->nodes[node], size, align);
    return hpa == AREA_NONE ? 0 : hpa;
}

void memory_free(struct memory *memory, uint64_t hpa, uint64_t size)
{
    for (uint64_t page = hpa / PAGE_SIZE; page * PAGE_SIZE < hpa + size; page++)
        frames_clear(&memory->frames, page);
    area_pool_give(&memory->nodes[memory_node(memory, hpa)], hpa, size);
}

bool memory_contains(const struct memory *memory, uint64_t hpa, uint64_t size)
{
    uint64_t offset = hpa - MEMORY_BASE;
    return offset < memory->size && size <= memory->size - offset;
}

uint8_t *memory_bytes(struct memory *memory, uint64_t hpa)
{
    SIM_ASSERT(memory_contains(memory, hpa, 1));
    return frame_bytes(frames_touch(&memory->frames, hpa / PAGE_SIZE)) + hpa % PAGE_SIZE;
}

void memory_tag(struct memory *memory, uint64_t hpa, uint32_t length, uint64_t tag)
{
    SIM_ASSERT(length > 0 && memory_contains(memory, hpa, length));
    uint64_t line = hpa / LINE_SIZE;
    uint64_t last = (hpa + length - 1) / LINE_SIZE;
    while (line <= last) {
        uint64_t *tags = frame_tags(frames_touch(&memory->frames, line / LINES_PER_PAGE));
        do
            tags[line % LINES_PER_PAGE] = tag;
        while (line++ < last && line % LINES_PER_PAGE != 0);
    }
}

uint64_t memory_tag_at(struct memory *memory, uint64_t hpa)
{
    SIM_ASSERT(memory_contains(memory, hpa, 1));
    const struct frame *frame = frames_find(&memory->frames, hpa / PAGE_SIZE);
    return frame && frame->tags ? frame->tags[hpa % PAGE_SIZE / LINE_SIZE] : 0;
}

int memory_node(const struct memory *memory, uint64_t hpa)
{
    SIM_ASSERT(memory_contains(memory, hpa, 1));
    if (memory->config.nodes == 1)
        return 0;
    return (int)((hpa - MEMORY_BASE) / (uint64_t)memory->config.node_size);
}

sim_time memory_latency(const struct memory *memory, int node, uint64_t hpa)
{
    sim_time latency = memory->config.llc_latency;
    if (!frames_find(&memory->frames, hpa / PAGE_SIZE))
        latency += memory->config.dram_latency;
    if (memory_node(memory, hpa) != node)
        latency += memory->config.remote_latency;
    return latency;
}
