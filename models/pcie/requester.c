#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/pcie/dma_private.h"
#include "models/pcie/split.h"
#include "sim/assert.h"

enum { KIND_UP = 1, KIND_DOWN = 2, KIND_PORT = 3 };
enum { PAGE_BOUNDARY = 4096, NAME_MAX_LENGTH = 128 };

void dma_send(struct dma *dma, unsigned function, struct tlp *tlp)
{
    dma->functions[function].counters.bytes_up += tlp->wire;
    link_send(&dma->up, tlp);
}

/* ---- reads ---- */

static bool is_complete(const struct dma_request *request)
{
    return request->outstanding == 0 && request->issued == request->length;
}

/* The next MRd of the request at the head of the queue. */
static void issue_one(struct dma *dma)
{
    struct dma_request *request = dma->head;
    struct dma_function *function = &dma->functions[request->function];
    uint64_t address = request->iova + request->issued;
    uint32_t left = request->length - request->issued;
    uint32_t piece = left ? split_request(address, left, dma->mrrs) : 0;
    uint16_t index = dma->free_tag;
    struct dma_tag *tag = &dma->tags[index];
    dma->free_tag = tag->next_free;
    *tag = (struct dma_tag){.request = request, .left = piece, .first = request->issued == 0};

    struct tlp *tlp = sim_pool_take(dma->root->tlps);
    tlp_make_read(tlp, function->requester_id, index, address, piece);
    tlp->data = request->bytes ? request->bytes + request->issued : NULL;
    function->counters.memory_reads++;
    request->issued += piece;
    request->outstanding++;
    if (request->issued == request->length)
        dma->head = request->next;
    dma_send(dma, request->function, tlp);
}

static void issue(struct dma *dma)
{
    while (dma->head && dma->free_tag != NO_TAG)
        issue_one(dma);
}

void dma_read(struct dma *dma, unsigned function, struct dma_request *request)
{
    SIM_ASSERT(function < dma->function_count && request->done != NULL);
    request->function = (uint16_t)function;
    request->outstanding = 0;
    request->issued = 0;
    request->status = TLP_SUCCESS;
    request->next = NULL;
    if (dma->head)
        dma->tail->next = request;
    else
        dma->head = request;
    dma->tail = request;
    issue(dma);
}

static void complete_read(struct dma *dma, const struct tlp *tlp)
{
    struct dma_tag *tag = &dma->tags[tlp->tag];
    struct dma_request *request = tag->request;
    struct pcie_counters *counters = &dma->functions[request->function].counters;
    counters->completions += tlp->count;
    counters->bytes_down += tlp->wire;
    SIM_ASSERT(tlp->bytes <= tag->left);
    tag->left -= tlp->bytes;
    if (tlp->status != TLP_SUCCESS) {
        request->status = tlp->status;
        tag->left = 0;
    } else if (tag->first && !request->bytes) {
        request->tag = tlp->payload;
    }
    if (tag->left > 0)
        return;
    tag->next_free = dma->free_tag;
    dma->free_tag = tlp->tag;
    request->outstanding--;
    issue(dma);
    if (is_complete(request))
        request->done(request);
}

/* ---- writes ---- */

static void write_visible(struct tlp *tlp)
{
    struct dma_request *request = tlp->context;
    request->outstanding--;
    if (is_complete(request))
        request->done(request);
}

/* Where the TLP finds the bytes of the request from `offset` on. */
static void attach_data(struct tlp *tlp, const struct dma_request *request, uint32_t offset)
{
    if (!request->bytes) {
        tlp->payload = request->tag;
    } else if (request->done) {
        tlp->data = request->bytes + offset;
    } else {
        memcpy(tlp->store, request->bytes + offset, tlp->bytes);
        tlp->data = tlp->store;
    }
}

/* One MWr, or the train of those up to the next 4 KiB boundary, for the request's next bytes. */
static void write_some(struct dma *dma, struct dma_request *request, bool train)
{
    struct dma_function *function = &dma->functions[request->function];
    uint32_t offset = request->issued;
    uint64_t address = request->iova + offset;
    uint32_t left = request->length - offset;
    uint32_t piece = split_request(address, left, dma->mps);
    struct tlp *tlp = sim_pool_take(dma->root->tlps);
    tlp_make_write(tlp, function->requester_id, address, piece);
    if (train) {
        tlp->bytes = split_request(address, left, PAGE_BOUNDARY);
        struct split_sum sum = split_writes(address, tlp->bytes, dma->mps);
        tlp->count = (uint16_t)sum.count;
        tlp->wire = sum.wire;
    }
    attach_data(tlp, request, offset);
    function->counters.memory_writes += tlp->count;
    request->issued += tlp->bytes;
    if (request->done) {
        tlp->context = request;
        tlp->visible = write_visible;
        request->outstanding++;
    }
    dma_send(dma, request->function, tlp);
}

void dma_write(struct dma *dma, unsigned function, struct dma_request *request)
{
    SIM_ASSERT(function < dma->function_count && request->length > 0);
    SIM_ASSERT(request->done != NULL || request->bytes == NULL || request->length <= TLP_STORE);
    bool train = request->bytes == NULL && dma->port.up.ahead && link_takes_trains(&dma->up, TLP_POSTED);
    request->function = (uint16_t)function;
    request->outstanding = 0;
    request->issued = 0;
    request->status = TLP_SUCCESS;
    while (request->issued < request->length)
        write_some(dma, request, train);
}

void dma_msi(struct dma *dma, unsigned function, uint64_t address, uint32_t data)
{
    SIM_ASSERT(function < dma->function_count && is_interrupt_message(address));
    struct tlp *tlp = sim_pool_take(dma->root->tlps);
    tlp_make_write(tlp, dma->functions[function].requester_id, address, sizeof data);
    tlp->payload = data;
    dma->functions[function].counters.msis++;
    dma_send(dma, function, tlp);
}

/* ---- the device's end ---- */

static void arrive(struct tlp_port *down, struct tlp *tlp, sim_time at)
{
    struct dma *dma = down->self;
    tlp_release(down, tlp, at);
    if (tlp_class(tlp) == TLP_COMPLETIONS)
        complete_read(dma, tlp);
    else
        mmio_arrive(dma, tlp);
    sim_pool_give(dma->root->tlps, tlp);
}

static void init_tags(struct dma *dma, int64_t count)
{
    dma->tags = calloc((size_t)count, sizeof(struct dma_tag));
    SIM_ASSERT(dma->tags != NULL);
    for (int64_t i = 0; i < count; i++)
        dma->tags[i].next_free = (uint16_t)(i + 1 < count ? i + 1 : NO_TAG);
}

struct dma *dma_create(struct sim *sim, struct root_complex *root, const char *name,
                       const struct pcie_link_config *config, const struct register_target *target)
{
    SIM_ASSERT(pcie_link_check(config, NULL) == NULL);
    struct dma *dma = calloc(1, sizeof *dma);
    SIM_ASSERT(dma != NULL);
    char component_name[NAME_MAX_LENGTH];
    snprintf(component_name, sizeof component_name, "%s.link", name);
    uint16_t component = sim_component(sim, component_name);
    dma->sim = sim;
    dma->root = root;
    dma->mps = (uint32_t)config->mps;
    dma->mrrs = (uint32_t)config->mrrs;
    if (target)
        dma->target = *target;
    init_tags(dma, config->tags);
    dma->down.deliver = arrive;
    dma->down.self = dma;
    root_port_init(&dma->port, root, component, KIND_PORT, config);
    link_init(&dma->up, sim, component, KIND_UP, config, &dma->port.up, &dma->port.down);
    link_init(&dma->port.down, sim, component, KIND_DOWN, config, &dma->down, &dma->up);
    return dma;
}

void dma_destroy(struct dma *dma)
{
    if (!dma)
        return;
    link_destroy(&dma->up);
    link_destroy(&dma->port.down);
    root_port_destroy(&dma->port);
    free(dma->tags);
    free(dma);
}

unsigned dma_function(struct dma *dma, uint16_t requester_id)
{
    SIM_ASSERT(dma->function_count < MMIO_FUNCTIONS_MAX);
    dma->functions[dma->function_count] = (struct dma_function){.requester_id = requester_id};
    return dma->function_count++;
}

const struct pcie_counters *dma_counters(const struct dma *dma, unsigned function)
{
    SIM_ASSERT(function < dma->function_count);
    return &dma->functions[function].counters;
}

sim_time dma_link_busy_time(const struct dma *dma, bool up)
{
    return link_busy_time(up ? &dma->up : &dma->port.down);
}
