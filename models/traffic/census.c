#include "models/traffic/census.h"

#include <stdlib.h>

struct census {
    const struct sim_pool *packets;
    int64_t gone;
    bool seen[]; /* by index in the pool */
};

struct census *census_start(const struct sim_pool *packets)
{
    struct census *census = calloc(1, sizeof(*census) + sim_pool_capacity(packets) * sizeof(bool));
    SIM_ASSERT(census);
    census->packets = packets;
    return census;
}

void census_packet(struct census *census, const struct packet *packet)
{
    if (!packet)
        return;
    if (sim_pool_is_live(packet))
        census->seen[sim_pool_index(packet)] = true;
    else
        census->gone++;
}

void census_queue(struct census *census, const struct packet_queue *queue)
{
    for (const struct packet *packet = queue->head; packet; packet = packet->next)
        census_packet(census, packet);
}

void census_handle(struct census *census, uint64_t handle)
{
    census_packet(census, sim_pool_at(census->packets, handle));
}

struct census_result census_end(struct census *census)
{
    struct census_result result = {.gone = census->gone};
    for (uint32_t i = 0; i < sim_pool_capacity(census->packets); i++) {
        const struct packet *packet = sim_pool_object(census->packets, i);
        result.alive += packet != NULL;
        result.held += packet && census->seen[i];
        if (packet && !census->seen[i] && !result.lost)
            result.lost = packet;
    }
    free(census);
    return result;
}
