/*
 * Saturation: the least of what cores, wire, link and walkers allow.
 *
 * A core that never sleeps does less for a packet than one that is woken for each: no timer, no halt, interrupts shared
 * as moderation has it. Without moderation each packet has its interrupt, if it is over before the next packet's event can
 * come; when that can come earlier, packets and interrupts fall into rhythms that no formula here knows.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/closed_form/parts.h"
#include "models/pcie/split.h"
#include "models/pcie/tlp.h"
#include "models/strategy/all.h"

enum { DESCRIPTOR = 16, REGISTER = TLP_FRAMING + TLP_HEADER_3DW + 4 };

/* What a packet and an interrupt cost the core that has both [ps], and how they come together. */
struct burden {
    double thread;    /* a packet, in the application's thread or the backend's */
    double poll;      /* a packet, in the softirq */
    double interrupt; /* an interrupt with its poll, packets left out */
    double loop;      /* from the end of an interrupt to the next that waits already */
};

/* ---- measuring pieces of the way ---- */

static void begin(struct form *form, struct form_core *core)
{
    memset(core, 0, sizeof(*core));
    form->span_count = 0;
    form->reason = NULL;
    form_hardware_init(form);
}

static double cycles_time(const struct form *form, int64_t cycles)
{
    return (double)cycles * 1e12 / (double)form->config->host.frequency;
}

static double elapsed(const struct form *form, const struct form_core *core)
{
    return (double)form_now(form, core);
}

/* ---- the resource that allows least ---- */

static void limit(struct closed_form_saturation *saturation, double pps, const char *kind,
                  const char *resource)
{
    if (pps >= saturation->pps)
        return;
    saturation->pps = pps;
    saturation->kind = kind;
    snprintf(saturation->resource, sizeof(saturation->resource), "%s", resource);
}

static void limit_core(const struct form *form, struct closed_form_saturation *saturation, double pps,
                       const struct form_core *core)
{
    char name[CLOSED_FORM_NAME];
    snprintf(name, sizeof(name), "host0.core%td", core - form->cores);
    limit(saturation, pps, "core", name);
}

/* ---- wire and link ---- */

static bool transmits(const struct form *form)
{
    return form->traffic->direction == TRAFFIC_TRANSMIT;
}

static void limit_wire(const struct form *form, struct closed_form_saturation *saturation)
{
    double pps = (double)form->nic->bit_rate / (8.0 * (double)form_line_bytes(form->length));
    limit(saturation, pps, "wire", transmits(form) ? "host0.nic0.wire.tx" : "host0.nic0.wire.rx");
}

/* Bytes a packet on both directions of the link, `interrupts` a packet. */
struct link_load {
    double up, down;
};

static struct link_load link_load(const struct form *form, double interrupts)
{
    const struct pcie_link_config *link = &form->nic->link;
    uint32_t limit = (uint32_t)(link->completion_max ? link->completion_max : link->mps);
    int64_t burst = transmits(form) ? form->nic->tx_prefetch : form->nic->rx_prefetch;
    uint64_t address = form->device.address;
    uint32_t fetched = (uint32_t)burst * DESCRIPTOR;
    struct link_load load = {
        .up = REGISTER * interrupts + split_writes(address, DESCRIPTOR, (uint32_t)link->mps).wire +
              (double)split_reads(address, fetched, (uint32_t)link->mrrs).wire / (double)burst,
        .down = REGISTER * interrupts +
                (double)split_completions(address, fetched, limit, (uint32_t)link->rcb).wire / (double)burst,
    };
    if (transmits(form)) {
        load.up += split_reads(address, form->length, (uint32_t)link->mrrs).wire;
        load.down += REGISTER + split_completions(address, form->length, limit, (uint32_t)link->rcb).wire;
    } else {
        load.up += split_writes(address, form->length, (uint32_t)link->mps).wire;
        load.down += REGISTER / (double)form_refill_chunk(form);
    }
    return load;
}

static void limit_link(const struct form *form, struct closed_form_saturation *saturation, double interrupts)
{
    int64_t num, den;
    pcie_link_rate(&form->nic->link, &num, &den);
    double bytes = 1e12 * (double)den / (double)num; /* a second */
    struct link_load load = link_load(form, interrupts);
    limit(saturation, bytes / load.up, "link", "host0.nic0.link.up");
    limit(saturation, bytes / load.down, "link", "host0.nic0.link.down");
}

/* ---- walkers ---- */

/*
 * With room for one translation, payload and descriptor of a received packet turn each other out, and both walk four
 * levels, as fetches of descriptors do; with more room it depends on which buffers follow each other.
 */
static const char *limit_walkers(const struct form *form, struct closed_form_saturation *saturation)
{
    const struct iommu_config *iommu = &form->config->host.iommu;
    if (!form->device.walks)
        return NULL;
    if (transmits(form) || iommu->iotlb_entries != 1 || form->config->host.memory.fragmentation != 1000000)
        return "how often the IOMMU walks its tables depends on the order of buffers";
    if (iommu->walkers > 2)
        return "fetches of descriptors wait behind the walks of payload, and walkers for them";
    double misses = 2 + 1 / (double)form->nic->rx_prefetch;
    double walks = misses * 4 * (double)iommu->walk_latency / (double)iommu->walkers;
    limit(saturation, 1e12 / walks, "walker", "host0.iommu.walkers");
    return NULL;
}

/* ---- interrupts ---- */

/*
 * Interrupts a packet when packets come through every `spacing` [ps]; `busy`: with the core full. A frame count or an
 * interval decides, else the loop.
 */
static double moderated(const struct moderation_setting *setting, double loop, double spacing)
{
    double interrupts = spacing < loop ? spacing / loop : 1;
    if (setting->frames > 1 &&
        (setting->delay == 0 || (double)setting->frames * spacing < (double)setting->delay))
        interrupts = fmin(interrupts, 1.0 / (double)setting->frames);
    if (setting->interval > 0)
        interrupts = fmin(interrupts, spacing / (double)setting->interval);
    return interrupts;
}

static const char *moderation_reason(const struct form *form, const struct burden *burden, double spacing,
                                     double interrupts)
{
    const struct moderation_setting *setting = &form->setting;
    if (form->device.personality->interrupt_steps > 0 || form->device.personality->enable_steps > 1)
        return "register reads hold the core";
    if (setting->frames > 1 && setting->delay > 0 &&
        (double)setting->frames * spacing >= (double)setting->delay)
        return "the moderation's delay lets any number of packets share an interrupt";
    /* Polls that last may find more packets, or fewer: then that must not matter much. */
    double packets = 1 / interrupts, work = burden->thread + burden->poll;
    double handled = burden->loop + burden->interrupt + packets * burden->poll;
    if (packets * burden->thread <= handled && interrupts * burden->interrupt > 0.02 * work)
        return "how many packets a poll finds depends on their rhythm";
    return NULL;
}

/* Throughput of a core that has thread, polls and interrupts; *interrupts a packet. */
static double core_full(const struct form *form, const struct burden *burden, double *interrupts)
{
    double work = burden->thread + burden->poll;
    const struct moderation_setting *setting = &form->setting;
    *interrupts = setting->frames > 1 ? 1.0 / (double)setting->frames : 1;
    double free = 1 / (work + *interrupts * burden->interrupt);
    if (setting->interval == 0)
        return 1e12 * free;
    double often = 1 / (double)setting->interval;
    if (often > *interrupts * free)
        return 1e12 * free;
    double pps = (1 - burden->interrupt * often) / work;
    *interrupts = often / pps;
    return 1e12 * pps;
}

/* On a full link messages and register writes wait behind payload: what is under way there adds to the loop [ps]. */
static double queued(const struct form *form, const struct closed_form_saturation *saturation)
{
    double packets = (double)form->nic->reads_in_flight;
    return strcmp(saturation->kind, "link") == 0 ? packets * 1e12 / saturation->pps : 0;
}

/* ---- native and passthrough ---- */

static void ring_transmit_burden(struct form *form, struct burden *burden)
{
    const struct form_cpu *cpu = &form->app;
    begin(form, cpu->core);
    form_native_send(form);
    burden->thread = elapsed(form, cpu->core);
    burden->poll = cycles_time(form, cpu->costs->driver_clean);
    begin(form, cpu->core);
    form_ring_interrupt(form, cpu);
    form_ring_poll_sent(form, cpu);
    burden->interrupt = elapsed(form, cpu->core) - burden->poll;
}

/* Receiving: sockets are never empty, so that nobody is woken; the doorbell is shared by a chunk of buffers. */
static void ring_receive_burden(struct form *form, struct burden *burden)
{
    const struct form_cpu *cpu = &form->app;
    const struct costs *costs = cpu->costs;
    const struct driver_personality *personality = form->device.personality;
    int64_t poll = costs->driver_receive + costs->driver_refill + costs->stack_receive;
    begin(form, cpu->core);
    form_read_socket(form, cpu);
    burden->thread = elapsed(form, cpu->core);
    begin(form, cpu->core);
    form_ring_interrupt(form, cpu);
    form_ring_poll_received(form, cpu, false, false);
    burden->interrupt = elapsed(form, cpu->core) - cycles_time(form, poll + costs->wakeup);
    burden->poll = cycles_time(form, poll);
    if (!personality->refill_remainder)
        burden->poll += cycles_time(form, costs->mmio_write) / (double)form_refill_chunk(form);
}

static const char *limit_ring(struct form *form, struct closed_form_saturation *saturation,
                              double *interrupts)
{
    struct burden burden;
    if (form->app.guest && !(form->hypervisor->apicv && form->hypervisor->posted_interrupts))
        return "interrupts make the guest exit";
    if (!form->app.guest && form->app.core != form->irq.core)
        return "the application and its interrupts have a core each";
    if (transmits(form))
        ring_transmit_burden(form, &burden);
    else
        ring_receive_burden(form, &burden);
    begin(form, form->app.core);
    burden.loop = (double)form_message(form, form_store(form, 0));
    double pps = core_full(form, &burden, interrupts);
    limit_core(form, saturation, pps, form->app.core);
    double spacing = 1e12 / saturation->pps;
    if (pps > saturation->pps * 1.000001) /* something else than the core decides how far packets are apart */
        *interrupts = moderated(
            &form->setting, burden.loop + burden.interrupt + burden.poll + queued(form, saturation), spacing);
    return moderation_reason(form, &burden, spacing, *interrupts);
}

/* ---- emulation ---- */

/*
 * After the mitigation timer has run out, the line is raised by whoever comes first: the device's thread, which the timer
 * wakes, or the vCPU's with the next packet, which then pays for it.
 */
static double mitigated(const struct form *form, double packet, double interrupt)
{
    const struct costs *costs = form->costs;
    int64_t timer = costs->irq_entry + costs->wakeup + costs->eoi + costs->irq_exit;
    double thread = (double)form->config->host.idle_wake + cycles_time(form, timer + costs->qemu_dispatch);
    double first = thread < packet ? thread - thread * thread / (2 * packet) : packet / 2;
    double by_vcpu = thread < packet ? thread / packet : 1;
    double raise = by_vcpu * cycles_time(form, form->costs->irq_ioctl + form->vm_costs.pi_update);
    double period = (double)form_mitigation_delay(form) + first;
    return 1e12 * (1 - (interrupt + raise) / period) / packet;
}

static const char *limit_emulation(struct form *form, struct closed_form_saturation *saturation)
{
    const struct emulation_config *emulation = &form->vm->emulation;
    const struct form_cpu *cpu = &form->app;
    if (!transmits(form))
        return "how many packets share the emulated NIC's interrupts depends on their rhythm";
    if (!emulation->synchronous)
        return "the vCPU and the device's thread take turns";
    begin(form, cpu->core);
    form_emulation_send(form, !emulation->mitigation);
    double send = elapsed(form, cpu->core);
    begin(form, cpu->core);
    form_emulation_interrupt(form);
    double interrupt = elapsed(form, cpu->core), clean = cycles_time(form, cpu->costs->driver_clean);
    if (!form->hypervisor->apicv)
        return "interrupts make the guest exit";
    double pps = 1e12 / (send + interrupt);
    if (emulation->mitigation)
        pps = mitigated(form, send + clean, interrupt - clean);
    limit_core(form, saturation, pps, cpu->core);
    return NULL;
}

/* ---- virtio ---- */

/* The worker's part of a packet when its batches are always full, and interrupts are asked for 3/4 of a queue apart. */
static double worker_full(const struct form *form)
{
    const struct virtio_config *virtio = &form->vm->virtio;
    const struct costs *costs = form->costs;
    double batch = (double)virtio->vhost_batch;
    double between = ceil(0.75 * (double)virtio->queue_size / batch) * batch;
    double packet = (double)(costs->vhost_packet + costs_copy(costs, form->length) + costs->tap_send +
                             costs->bridge + costs->driver_send);
    packet += (double)(costs->vhost_batch + costs->mmio_write) / batch;
    packet += (double)costs->vhost_work / (double)virtio->vhost_weight;
    packet += (double)(costs->irqfd + form_interrupt_cycles(form)) / between;
    return packet * 1e12 / (double)form->config->host.frequency;
}

/* From a kick to its packet's interrupt at the guest, the worker having slept. */
static double worker_alone(const struct form *form)
{
    const struct costs *costs = form->costs;
    int64_t cycles = costs->vhost_work + costs->vhost_packet + costs_copy(costs, form->length) +
                     costs->vhost_batch + costs->tap_send + costs->bridge + costs->driver_send +
                     costs->mmio_write + costs->irqfd + form->vm_costs.pi_update + form->vm_costs.ipi;
    return (double)(form->config->host.idle_wake + form->vm_costs.ipi_latency) + cycles_time(form, cycles);
}

/*
 * Who is slower decides. A worker that is never done needs no kicks, and the guest waits for it. A worker that is done and
 * asleep before the guest has built the next packet is kicked for each, and interrupts for each. In between they meet.
 */
static const char *limit_virtio(struct form *form, struct closed_form_saturation *saturation)
{
    const struct virtio_config *virtio = &form->vm->virtio;
    if (!transmits(form))
        return "how many packets share virtio's interrupts depends on their rhythm";
    if (!virtio->tx_interrupts || !virtio->event_index || !form->hypervisor->apicv)
        return "virtio's notifications are not by event index, or make the guest exit";
    begin(form, form->app.core);
    form_virtio_send(form);
    double send = elapsed(form, form->app.core);
    double guest = send + cycles_time(form, form->app.costs->virtio_clean), worker = worker_full(form);
    if (worker > 1.1 * guest && form->traffic->window == 0) {
        limit_core(form, saturation, 1e12 / worker, form->backend.core);
        return NULL;
    }
    if (worker > 1.1 * guest && form->traffic->window > virtio->queue_size + virtio->vhost_batch) {
        limit_core(form, saturation, 1e12 / worker, form->backend.core);
        return NULL;
    }
    if (worker_alone(form) > send)
        return "the vhost worker is neither clearly slower than the guest nor clearly faster";
    form_virtio_kick(form);
    form_virtio_completion(form);
    limit_core(form, saturation, 1e12 / elapsed(form, form->app.core), form->app.core);
    return NULL;
}

/* ---- together ---- */

static bool is(const struct form *form, const struct strategy *strategy)
{
    return form->strategy == strategy;
}

/* What the cores allow at least: all that a packet alone makes them do. */
static double cores_at_least(struct form *form)
{
    struct closed_form_utilization utilization = {0};
    form_utilization(form, &utilization);
    return utilization.full;
}

static const char *limit_cores(struct form *form, struct closed_form_saturation *saturation,
                               double *interrupts)
{
    if (is(form, &strategy_virtio))
        return limit_virtio(form, saturation);
    if (is(form, &strategy_emulation))
        return limit_emulation(form, saturation);
    return limit_ring(form, saturation, interrupts);
}

/* Little's law: a window must hold what is under way, what waits for an interrupt included. */
static const char *window_reason(struct form *form, double pps)
{
    int64_t window = form->traffic->window;
    form_run_packet(form, false, false);
    double way = (double)(form->latency - form->moderation) * 1e-12;
    double waiting = pps * (double)form->setting.interval * 1e-12 + (double)form->setting.frames;
    if (!transmits(form) && window > form->traffic->socket_buffer)
        return "the socket does not hold the window";
    if (window > 0 && (double)window < 1.2 * pps * way + 2 * waiting + 8)
        return "the window is too small to fill what is on the way";
    return NULL;
}

static const char *link_reason(const struct form *form)
{
    if (is(form, &strategy_virtio) || is(form, &strategy_emulation))
        return "how many doorbells a backend rings depends on its batches";
    return transmits(form) ? NULL : "interrupts and reads of descriptors wait behind payload on the link";
}

void form_saturation(struct form *form, struct closed_form_saturation *saturation)
{
    double interrupts = 1;
    saturation->pps = INFINITY;
    if (form->traffic->direction == TRAFFIC_REQUEST_RESPONSE) {
        saturation->reason = "a request waits for its answer: nothing is full";
        return;
    }
    double least = cores_at_least(form);
    form_run_packet(form, false, false);
    limit_wire(form, saturation);
    limit_link(form, saturation, interrupts);
    saturation->reason = limit_walkers(form, saturation);
    double others = saturation->pps;
    const char *reason = limit_cores(form, saturation, &interrupts);
    if (strcmp(saturation->kind, "link") == 0 && !reason) { /* by as many interrupts as there are */
        saturation->pps = INFINITY;
        limit_wire(form, saturation);
        limit_link(form, saturation, interrupts);
    }
    if (!saturation->reason && reason && others > least)
        saturation->reason = reason;
    if (!saturation->reason && strcmp(saturation->kind, "link") == 0)
        saturation->reason = link_reason(form);
    if (!saturation->reason)
        saturation->reason = window_reason(form, saturation->pps);
    saturation->interrupts = interrupts * saturation->pps;
}
