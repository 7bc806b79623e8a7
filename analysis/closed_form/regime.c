/* Which configurations have a form, and what meets what. */
#include <string.h>

#include "analysis/closed_form/form.h"
#include "models/nic/moderation.h"
#include "models/strategy/all.h"
#include "models/strategy/assembly.h"
#include "sim/assert.h"

/* ---- the regime ---- */

static const char *traffic_reason(const struct traffic_config *traffic)
{
    const struct size_ops *size = traffic->size.model->ops;
    const struct arrival_ops *arrival = traffic->arrival.model->ops;
    if (arrival->replay)
        return "a capture is replayed";
    if (traffic->burst != 1 || traffic->segment != 0)
        return "packets are handed over several at once";
    if (size->mean(traffic->size.config) != 1000 * size->most(traffic->size.config))
        return "frames differ in size";
    if (size->most(traffic->size.config) > FRAME_MTU_MAX + FRAME_FCS)
        return "frames are larger than the MTU";
    return NULL;
}

static bool is_adaptive(const struct param_variant *moderation)
{
    static const char *const fixed[] = {"none", "itr", "frames", "frames_time"};
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (strcmp(moderation->model->table->name, fixed[i]) == 0)
            return false;
    return true;
}

static const char *nic_reason(const struct nic_config *nic)
{
    const struct pcie_link_config *link = &nic->link;
    if (nic->queues != 1)
        return "the NIC has several queues";
    if (is_adaptive(&nic->moderation))
        return "the driver adapts the interrupt moderation";
    if (link->dllp != PCIE_DLLP_SHARE)
        return "DLLPs are on the link one by one";
    if (link->posted_headers | link->posted_data | link->nonposted_headers | link->nonposted_data |
        link->completion_headers | link->completion_data)
        return "the link's credits are limited";
    return NULL;
}

static const char *virtio_reason(const struct virtio_config *virtio)
{
    if (virtio->backend != VIRTIO_VHOST)
        return "the backend is in user space";
    if (virtio->queues != 1 || !virtio->interrupts_msix)
        return "virtio has several queue pairs, or no MSI-X";
    if (virtio->busy_poll != 0 || virtio->zero_copy)
        return "vhost polls, or sends without copying";
    if (!virtio->mergeable && virtio->gso)
        return "receive buffers are chains";
    return NULL;
}

static const char *emulation_reason(const struct emulation_config *emulation)
{
    if (strcmp(emulation_devices[emulation->device], "e1000") != 0)
        return "the emulated NIC sends messages";
    if (!emulation->interrupt_per_packet)
        return "the emulated NIC collects completions";
    if (is_adaptive(&emulation->moderation))
        return "the guest's driver adapts the interrupt moderation";
    return NULL;
}

static bool is(const struct form *form, const struct strategy *strategy)
{
    return form->strategy == strategy;
}

static const char *strategy_reason(const struct form *form)
{
    const struct host_config *host = &form->config->host;
    if (is(form, &strategy_virtio))
        return virtio_reason(&form->vm->virtio);
    if (is(form, &strategy_emulation))
        return emulation_reason(&form->vm->emulation);
    if (is(form, &strategy_passthrough) && !host->iommu.enabled)
        return "a VF without an IOMMU";
    return NULL;
}

static const char *host_reason(const struct form *form)
{
    const struct config *config = form->config;
    bool guest = form->strategy->needs_vm;
    if (config->nics.count != 1 || config->vms.count != 1 || config->traffic.count != 1)
        return "there is more than one NIC, VM or traffic path";
    if (form->vm->vcpus != 1)
        return "there is more than one vCPU";
    if (config->host.cores > FORM_CORES)
        return "there are more cores than the form has room for";
    if (config->host.tick != TICK_OFF || (guest && config->host.hypervisor.guest_tick != TICK_OFF))
        return "timer ticks are on";
    if (guest && config->host.hypervisor.halt_poll != 0)
        return "halt polling is on";
    return NULL;
}

/* ---- who runs where ---- */

static struct form_core *core_at(struct form *form, unsigned number)
{
    return &form->cores[placement_core(form->config, number)];
}

static void place(struct form *form)
{
    struct placement placement = placement_of(form->config, 0, !form->strategy->needs_vm);
    bool guest = form->strategy->needs_vm;
    form->irq = (struct form_cpu){core_at(form, placement.irq), form->costs, ACCOUNT_HOST, false};
    form->backend = (struct form_cpu){core_at(form, placement.backend), form->costs, ACCOUNT_HOST, false};
    form->app = (struct form_cpu){core_at(form, placement.vcpu), guest ? &form->vm_costs : form->costs,
                                  guest ? ACCOUNT_GUEST : ACCOUNT_HOST, guest};
}

static const char *placement_reason(const struct form *form)
{
    bool backend = is(form, &strategy_emulation) || is(form, &strategy_virtio);
    if (backend && (form->app.core == form->irq.core || form->app.core == form->backend.core ||
                    form->backend.core == form->irq.core))
        return "the vCPU, its backend and the host's interrupts share a core";
    return NULL;
}

/* The device as the kernel that drives it knows it: a VF at the guest's addresses, the PF at the host's. */
static void choose_device(struct form *form)
{
    const struct host_config *host = &form->config->host;
    bool vf = is(form, &strategy_passthrough);
    int64_t vcpu_core = form->app.core - form->cores;
    int64_t node = vf ? vcpu_core * host->memory.nodes / host->cores : 0;
    form->device = (struct form_device){
        .personality = function_personality(form->nic, vf ? 1 : 0),
        .translated = vf,
        .walks = vf && host->memory.fragmentation != 0,
        .address = vf ? UINT64_C(1) << 20 : MEMORY_BASE,
        .memory = host->memory.llc_latency + (node != 0 ? host->memory.remote_latency : 0),
    };
}

static void choose_costs(struct form *form)
{
    form->vm_costs = form->config->costs;
    if (is(form, &strategy_emulation) && !form->vm->emulation.exits) {
        struct costs *costs = &form->vm_costs;
        costs->exit = costs->exit_kernel = costs->exit_fast = costs->exit_ioeventfd = costs->exit_user = 0;
    }
}

static void choose_moderation(struct form *form)
{
    const struct param_variant *moderation = &form->nic->moderation;
    const struct moderation_ops *ops = moderation->model->ops;
    form->setting = (struct moderation_setting){0};
    if (!is_adaptive(moderation))
        ops->start(NULL, moderation->config, &form->setting);
}

bool form_init(struct form *form, const struct config *config)
{
    *form = (struct form){.config = config, .costs = &config->costs, .hypervisor = &config->host.hypervisor};
    form->vm = config->vms.items;
    form->nic = config->nics.items;
    form->traffic = config->traffic.items;
    form->strategy = strategies[form->vm->strategy > 0 ? form->vm->strategy - 1 : config->strategy];
    const struct size_ops *size = form->traffic->size.model->ops;
    form->reason = host_reason(form);
    if (form->reason)
        return false;
    choose_costs(form);
    place(form);
    choose_device(form);
    choose_moderation(form);
    form->length = (uint32_t)(size->most(form->traffic->size.config) - FRAME_FCS);
    const char *reasons[] = {traffic_reason(form->traffic), nic_reason(form->nic), strategy_reason(form),
                             placement_reason(form)};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]) && !form->reason; i++)
        form->reason = reasons[i];
    return !form->reason;
}

/* ---- what meets what ---- */

static bool meet(const struct form_span *a, const struct form_span *b, sim_time shift)
{
    if (a->who != b->who)
        return false;
    sim_time from = b->from + shift, to = b->to + shift;
    if (a->who == FORM_INTERVAL) /* may end just when the next begins */
        return from < a->to && a->from < to;
    return from <= a->to && a->from <= to;
}

void form_occupy(struct form *form, int who, sim_time from, sim_time to, const char *reason)
{
    struct form_span span = {who, from, to};
    SIM_ASSERT(form->span_count < FORM_SPANS);
    for (unsigned i = 0; i < form->span_count; i++)
        if (meet(&form->spans[i], &span, 0))
            form->reason = reason;
    form->spans[form->span_count++] = span;
}

bool form_fits_period(const struct form *form, sim_time period)
{
    sim_time end = form_end(form);
    for (unsigned i = 0; i < form->span_count; i++)
        for (unsigned j = 0; j < form->span_count; j++)
            for (sim_time shift = period; shift <= end; shift += period)
                if (meet(&form->spans[i], &form->spans[j], shift))
                    return false;
    return true;
}

sim_time form_end(const struct form *form)
{
    sim_time end = form->latency;
    for (unsigned i = 0; i < form->span_count; i++)
        if (form->spans[i].to > end)
            end = form->spans[i].to;
    return end;
}

/* ---- running it ---- */

void form_run_packet(struct form *form, bool host_refill, bool guest_refill)
{
    static const struct {
        const struct strategy *strategy;
        void (*run)(struct form *form);
    } journeys[] = {{&strategy_native, form_native},
                    {&strategy_emulation, form_emulation},
                    {&strategy_virtio, form_virtio},
                    {&strategy_passthrough, form_native}};
    const struct size_ops *size = form->traffic->size.model->ops;
    memset(form->cores, 0, sizeof(form->cores));
    form->length = (uint32_t)(size->most(form->traffic->size.config) - FRAME_FCS);
    form->host_refill = host_refill;
    form->guest_refill = guest_refill;
    form->software = form->moderation = form->latency = 0;
    form->interrupts = 0;
    form->span_count = 0;
    form->reason = NULL;
    form_hardware_init(form);
    for (size_t i = 0; i < sizeof(journeys) / sizeof(journeys[0]); i++)
        if (is(form, journeys[i].strategy))
            journeys[i].run(form);
}

int64_t form_refill_chunk(const struct form *form)
{
    int64_t chunk = form->device.personality->refill_chunk, quarter = form->nic->rx_ring / 4;
    return chunk < quarter ? chunk : quarter;
}

/* The ring driver puts buffers back in chunks, unless it does so at the end of every poll. */
static int64_t ring_refill_every(const struct form *form)
{
    bool receives = form->traffic->direction != TRAFFIC_TRANSMIT;
    return receives && !form->device.personality->refill_remainder ? form_refill_chunk(form) : 0;
}

int64_t form_host_refill_every(const struct form *form)
{
    return is(form, &strategy_passthrough) ? 0 : ring_refill_every(form);
}

/* virtio-net replaces its buffers when more than half a poll's worth are gone; a VF's driver in chunks. */
int64_t form_guest_refill_every(const struct form *form)
{
    if (is(form, &strategy_passthrough))
        return ring_refill_every(form);
    if (!is(form, &strategy_virtio) || form->traffic->direction == TRAFFIC_TRANSMIT)
        return 0;
    int64_t size = form->vm->virtio.queue_size;
    return (size < NAPI_BUDGET ? size : NAPI_BUDGET) / 2 + 1;
}
