#include <string.h>

#include "models/pcie/root_private.h"
#include "models/pcie/split.h"
#include "sim/assert.h"

static sim_time later(sim_time a, sim_time b)
{
    return a > b ? a : b;
}

static sim_time way_in(const struct root_port *port)
{
    return port->root->config.ingress_latency / 2;
}

static sim_time way_back(const struct root_port *port)
{
    return port->root->config.ingress_latency - way_in(port);
}

/* Keeps a TLP until it takes effect. Later arrivals mostly take effect later: the search starts at the end. */
static void keep(struct root_port *port, struct tlp *tlp, sim_time when)
{
    tlp->when = when;
    struct tlp *before = port->last;
    while (before && before->when > when)
        before = before->previous;
    struct tlp *after = before ? before->next : port->first;
    tlp->previous = before;
    tlp->next = after;
    *(before ? &before->next : &port->first) = tlp;
    *(after ? &after->previous : &port->last) = tlp;
    if (!before)
        sim_reschedule(port->root->sim, &port->event, when);
}

static struct tlp *take_first(struct root_port *port)
{
    struct tlp *tlp = port->first;
    port->first = tlp->next;
    if (port->first)
        port->first->previous = NULL;
    else
        port->last = NULL;
    return tlp;
}

/* Puts the HPA for the IOVA into tlp->address, or an error into tlp->status; returns when it is known. */
static sim_time translate(struct root_port *port, struct tlp *tlp, bool write, sim_time at)
{
    struct root_complex *root = port->root;
    uint64_t hpa = tlp->address;
    sim_time known = at;
    bool mapped =
        !root->iommu || iommu_translate(root->iommu, tlp->requester, tlp->address, write, at, &hpa, &known);
    if (mapped && memory_contains(root->memory, hpa, tlp->bytes))
        tlp->address = hpa;
    else
        tlp->status = TLP_UNSUPPORTED_REQUEST;
    return known;
}

/* Each TLP of a train is translated; all lie in one page, so that those behind the first find its translation. */
static sim_time translate_write(struct root_port *port, struct tlp *tlp, sim_time at)
{
    if (tlp->count == 1)
        return translate(port, tlp, true, at + way_in(port));
    struct root_complex *root = port->root;
    uint64_t iova = tlp->address;
    sim_time known = translate(port, tlp, true, tlp->first_when + way_in(port));
    if (!root->iommu || tlp->status != TLP_SUCCESS)
        return later(known, at + way_in(port));
    uint64_t hpa;
    iommu_translate(root->iommu, tlp->requester, iova, true, at + way_in(port), &hpa, &known);
    iommu_count_repeats(root->iommu, tlp->requester, tlp->count - 2U);
    return known;
}

static void accept_posted(struct root_port *port, struct tlp *tlp, sim_time at)
{
    bool message = is_interrupt_message(tlp->address);
    sim_time known = message ? at + way_in(port) : translate_write(port, tlp, at);
    port->posted = later(port->posted, known);
    tlp_release(&port->up, tlp, port->posted);
    keep(port, tlp, port->posted + (message ? port->root->config.interrupt_latency : 0));
}

static void accept_read(struct root_port *port, struct tlp *tlp, sim_time at)
{
    sim_time in = at + way_in(port);
    tlp_release(&port->up, tlp, in);
    sim_time ready = translate(port, tlp, false, in) + way_back(port);
    if (tlp->status == TLP_SUCCESS)
        ready += memory_latency(port->root->memory, port->root->node, tlp->address);
    keep(port, tlp, later(ready, port->posted));
}

static void accept_completion(struct root_port *port, struct tlp *tlp, sim_time at)
{
    tlp_release(&port->up, tlp, at);
    keep(port, tlp, later(at + mmio_way_back(&port->root->config), port->posted));
}

static void accept(struct tlp_port *up, struct tlp *tlp, sim_time at)
{
    struct root_port *port = up->self;
    switch (tlp_class(tlp)) {
    case TLP_POSTED:
        accept_posted(port, tlp, at);
        break;
    case TLP_NONPOSTED:
        accept_read(port, tlp, at);
        break;
    default:
        accept_completion(port, tlp, at);
        break;
    }
}

static void write_memory(struct root_port *port, struct tlp *tlp)
{
    if (tlp->status == TLP_SUCCESS) {
        if (tlp->data)
            memcpy(memory_bytes(port->root->memory, tlp->address), tlp->data, tlp->bytes);
        else
            memory_tag(port->root->memory, tlp->address, tlp->bytes, tlp->payload);
    }
    if (tlp->visible)
        tlp->visible(tlp);
}

static void read_memory(struct root_port *port, struct tlp *tlp)
{
    if (tlp->data)
        memcpy(tlp->data, memory_bytes(port->root->memory, tlp->address), tlp->bytes);
    else
        tlp->payload = memory_tag_at(port->root->memory, tlp->address);
}

/* One completion, or one train of all, for the bytes of `request` from `offset` on; returns how many it has. */
static uint32_t complete(struct root_port *port, const struct tlp *request, uint32_t offset)
{
    uint64_t address = request->address + offset;
    uint32_t left = request->bytes - offset;
    uint32_t piece = split_completion(address, left, port->completion_limit, port->rcb);
    struct tlp *tlp = sim_pool_take(port->root->tlps);
    tlp_make_completion(tlp, request, address, piece, left);
    if (piece < left && link_takes_trains(&port->down, TLP_COMPLETIONS)) {
        struct split_sum sum = split_completions(address, left, port->completion_limit, port->rcb);
        tlp->count = (uint16_t)sum.count;
        tlp->wire = sum.wire;
        tlp->bytes = piece = left;
    }
    tlp->payload = request->payload;
    link_send(&port->down, tlp);
    return piece;
}

static void answer(struct root_port *port, struct tlp *request)
{
    if (request->status != TLP_SUCCESS) {
        struct tlp *tlp = sim_pool_take(port->root->tlps);
        tlp_make_error(tlp, request, request->status);
        link_send(&port->down, tlp);
        return;
    }
    read_memory(port, request);
    uint32_t offset = 0;
    do
        offset += complete(port, request, offset);
    while (offset < request->bytes);
}

static void take_effect(struct root_port *port, struct tlp *tlp)
{
    switch (tlp_class(tlp)) {
    case TLP_POSTED:
        if (is_interrupt_message(tlp->address))
            msi_deliver(port->root, tlp->address);
        else
            write_memory(port, tlp);
        break;
    case TLP_NONPOSTED:
        answer(port, tlp);
        break;
    default:
        mmio_complete(port->root, tlp);
        break;
    }
    sim_pool_give(port->root->tlps, tlp);
}

static void port_fire(struct sim *sim, struct sim_event *event)
{
    struct root_port *port = SIM_CONTAINER_OF(event, struct root_port, event);
    sim_time now = sim_now(sim);
    while (port->first && port->first->when <= now)
        take_effect(port, take_first(port));
    if (port->first && !sim_event_pending(&port->event))
        sim_schedule(sim, &port->event, port->first->when);
}

void root_port_init(struct root_port *port, struct root_complex *root, uint16_t component, uint8_t kind,
                    const struct pcie_link_config *config)
{
    *port = (struct root_port){.root = root};
    port->up.deliver = accept;
    port->up.self = port;
    port->up.ahead = true;
    if (root->iommu && iommu_enabled(root->iommu))
        iommu_add_port(root->iommu, &port->up.ahead);
    if (config->dllp == PCIE_DLLP_EXPLICIT)
        port->up.ahead = false;
    port->completion_limit = (uint32_t)(config->completion_max ? config->completion_max : config->mps);
    port->rcb = (uint32_t)config->rcb;
    sim_event_init(&port->event, port_fire, component, kind);
}

void root_port_destroy(struct root_port *port)
{
    sim_cancel(port->root->sim, &port->event);
}
