#include "models/backend/virtio_pair.h"

#include <string.h>

#include "sim/assert.h"

static sim_time pair_now(const struct virtio_pair *pair)
{
    return sim_now(pair->tap->bridge->host->sim);
}

static uint64_t translate(const struct virtio_pair *pair, uint64_t address)
{
    uint64_t hpa = address_space_translate(pair->space, address);
    SIM_ASSERT(hpa != UINT64_MAX);
    return hpa;
}

/* ---- transmit ---- */

static uint32_t chain_length(const struct virtqueue_chain *chain)
{
    uint32_t length = 0;
    for (unsigned i = 0; i < chain->count; i++)
        length += chain->parts[i].length;
    return length;
}

bool virtio_pair_fetch(struct virtio_pair *pair, struct virtio_sent *sent)
{
    struct virtqueue_chain chain;
    struct virtio_net_header header;
    if (!virtqueue_take(pair->tx, &chain))
        return false;
    uint64_t hpa = translate(pair, chain.parts[0].address);
    memcpy(&header, memory_bytes(pair->memory, hpa), VIRTIO_HEADER_LEGACY);
    struct packet *packet = sim_pool_at(pair->packets, memory_tag_at(pair->memory, hpa));
    SIM_ASSERT(packet && packet->length + virtio_header_size(pair->config) == chain_length(&chain));
    SIM_ASSERT(header.gso_size == packet->gso_size);
    *sent = (struct virtio_sent){.packet = packet, .id = chain.id, .slots = chain.slots};
    if (pair->sent)
        pair->sent(pair->sent_self, pair->index, packet);
    return true;
}

void virtio_pair_mark_fetched(const struct virtio_pair *pair, struct packet *packet, sim_time activated)
{
    if (packet->last < activated)
        packet_mark(packet, STAGE_NOTIFY, activated);
    packet_mark(packet, STAGE_BACKEND_WAIT, pair_now(pair));
}

/* ---- receive ---- */

enum { PLACE_CHAINS_MAX = 64 };

/* The chains taken for one packet. */
struct placement {
    struct {
        uint16_t id, slots;
        uint64_t hpa;    /* of the header */
        uint32_t length; /* [B] to be written */
    } chains[PLACE_CHAINS_MAX];
    unsigned count, slots;
};

/* Writes `length` bytes of payload, as tags, over the chain's parts. */
static void scatter(struct virtio_pair *pair, const struct virtqueue_chain *chain, uint32_t length,
                    uint64_t tag)
{
    for (unsigned i = 0; i < chain->count && length > 0; i++) {
        uint32_t part = chain->parts[i].length < length ? chain->parts[i].length : length;
        SIM_ASSERT(chain->parts[i].write);
        memory_tag(pair->memory, translate(pair, chain->parts[i].address), part, tag);
        length -= part;
    }
    SIM_ASSERT(length == 0);
}

/* Takes one more chain for at most `wanted` bytes; returns how many it holds, 0 if there is none. */
static uint32_t take_chain(struct virtio_pair *pair, struct placement *placed, uint32_t wanted, uint64_t tag)
{
    struct virtqueue_chain chain;
    if (!virtqueue_take(pair->rx, &chain))
        return 0;
    uint32_t capacity = chain_length(&chain);
    uint32_t length = capacity < wanted ? capacity : wanted;
    scatter(pair, &chain, length, tag);
    placed->chains[placed->count].id = chain.id;
    placed->chains[placed->count].slots = chain.slots;
    placed->chains[placed->count].hpa = translate(pair, chain.parts[0].address);
    placed->chains[placed->count].length = length;
    placed->count++;
    placed->slots += chain.slots;
    return length;
}

static void give_back(struct virtio_pair *pair, const struct placement *placed)
{
    if (placed->count > 0)
        virtqueue_untake(pair->rx, placed->count, placed->slots);
}

static void write_header(struct virtio_pair *pair, uint64_t hpa, const struct packet *packet, uint16_t chains)
{
    struct virtio_net_header header = {.buffers = chains};
    if (packet->gso_size) {
        header.gso_type = 1;
        header.header_length = FRAME_HEADERS;
        header.gso_size = (uint16_t)packet->gso_size;
    }
    memcpy(memory_bytes(pair->memory, hpa), &header, virtio_header_size(pair->config));
}

static void use_all(struct virtio_pair *pair, const struct placement *placed)
{
    for (unsigned i = 0; i < placed->count; i++)
        virtqueue_use(pair->rx, placed->chains[i].id, placed->chains[i].slots, placed->chains[i].length);
}

static enum virtio_placed place(struct virtio_pair *pair, const struct packet *packet,
                                struct placement *placed)
{
    uint64_t tag = sim_pool_handle(pair->packets, packet);
    uint32_t left = packet->length + virtio_header_size(pair->config);
    unsigned limit = pair->config->mergeable ? PLACE_CHAINS_MAX : 1;
    while (left > 0) {
        if (placed->count == limit)
            return VIRTIO_TOO_LARGE;
        uint32_t taken = take_chain(pair, placed, left, tag);
        if (taken == 0)
            return VIRTIO_NO_BUFFER;
        left -= taken;
    }
    write_header(pair, placed->chains[0].hpa, packet, (uint16_t)placed->count);
    return VIRTIO_PLACED;
}

enum virtio_placed virtio_pair_place(struct virtio_pair *pair, const struct packet *packet, unsigned *chains)
{
    struct placement placed;
    placed.count = 0;
    placed.slots = 0;
    SIM_ASSERT(packet->gso_size == 0 || pair->config->gso);
    enum virtio_placed result = place(pair, packet, &placed);
    if (result == VIRTIO_PLACED) {
        use_all(pair, &placed);
        *chains += placed.count;
    } else {
        give_back(pair, &placed);
    }
    return result;
}
