#include "models/guest/virtio_net_private.h"

/* A virtqueue's chains and the packets that their buffers hold. */
struct chains {
    struct census *census;
    struct memory *memory;
    const struct virtio_slot *slots;
};

static void see(void *self, uint16_t id)
{
    const struct chains *chains = self;
    census_handle(chains->census, memory_tag_at(chains->memory, chains->slots[id].hpa));
}

void virtio_net_census(struct virtio_net *net, struct census *census)
{
    transmit_census(&net->netdev, census);
    for (unsigned i = 0; i < net->netdev.queues; i++) {
        struct virtio_net_pair *pair = &net->pairs[i];
        struct memory *memory = net->netdev.kernel->memory;
        virtqueue_each_available(&pair->tx, see, &(struct chains){census, memory, pair->tx_slots});
        virtqueue_each_used(&pair->rx, see, &(struct chains){census, memory, pair->rx_slots});
        census_packet(census, pair->rx_napi.current);
    }
}
