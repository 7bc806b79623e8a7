/* Descriptor fetch: bursts from the ring into the on-chip window. */
#include <stdlib.h>

#include "models/nic/nic_private.h"
#include "sim/assert.h"

static void fetched(struct dma_request *request)
{
    struct fetcher *fetcher = SIM_CONTAINER_OF(request, struct fetcher, request);
    SIM_ASSERT(request->status == 0);
    uint32_t first = fetcher->fetched;
    uint32_t count = fetcher->requested - first;
    fetcher->fetching = false;
    fetcher->fetched = fetcher->requested;
    fetcher->arrived(fetcher->queue, first, count);
}

void fetcher_init(struct fetcher *fetcher, struct nic_queue *queue, uint64_t base, uint32_t size,
                  int64_t burst, int64_t more,
                  void (*arrived)(struct nic_queue *queue, uint32_t first, uint32_t count))
{
    SIM_ASSERT(size > 1 && burst > 0 && more >= 0);
    uint32_t window = 1;
    while (window < 2 * burst + more)
        window *= 2;
    *fetcher = (struct fetcher){
        .queue = queue,
        .base = base,
        .size = size,
        .burst = (uint32_t)burst,
        .window = window,
        .bytes = nic_allocate((size_t)burst, DESCRIPTOR_SIZE),
        .arrived = arrived,
    };
}

void fetcher_free(struct fetcher *fetcher)
{
    free(fetcher->bytes);
}

uint32_t fetcher_post(struct fetcher *fetcher, uint32_t tail)
{
    SIM_ASSERT(tail < fetcher->size);
    uint32_t count = tail >= fetcher->tail ? tail - fetcher->tail : tail + fetcher->size - fetcher->tail;
    fetcher->tail = tail;
    fetcher->posted += count;
    return count;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* How many descriptors to ask for at once: up to the ring's end, for which there is room. */
static uint32_t fetch_count(const struct fetcher *fetcher)
{
    if (fetcher->fetching || fetcher->fetched - fetcher->taken > fetcher->burst)
        return 0;
    uint32_t count = lesser(fetcher->posted - fetcher->requested, fetcher->burst);
    count = lesser(count, fetcher->window - (fetcher->requested - fetcher->freed));
    return lesser(count, fetcher->size - fetcher->next);
}

void fetcher_advance(struct fetcher *fetcher)
{
    uint32_t count = fetch_count(fetcher);
    if (count == 0)
        return;
    struct nic_queue *queue = fetcher->queue;
    fetcher->fetching = true;
    fetcher->request.done = fetched;
    fetcher->request.bytes = fetcher->bytes;
    fetcher->request.iova = fetcher->base + (uint64_t)fetcher->next * DESCRIPTOR_SIZE;
    fetcher->request.length = count * DESCRIPTOR_SIZE;
    fetcher->requested += count;
    fetcher->next = fetcher->next + count == fetcher->size ? 0 : fetcher->next + count;
    queue->counters.descriptor_fetches++;
    queue->counters.descriptors_fetched += count;
    dma_read(queue->nic->dma, queue->function, &fetcher->request);
}
