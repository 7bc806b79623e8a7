/*
 * The way through link, NIC and wire, as models/pcie and models/nic have it, for a packet that finds them idle: TLP sizes
 * from split.h, line times from sim_line_send() with the link's own rate, fixed latencies from the configuration.
 */
#include "analysis/closed_form/form.h"
#include "models/pcie/split.h"
#include "models/pcie/tlp.h"

/* A register's write (and its completion's 4 bytes), its read, and an interrupt message: addresses below 4 GiB. */
enum {
    DESCRIPTOR = 16,
    REGISTER_WRITE = TLP_FRAMING + TLP_HEADER_3DW + 4,
    REGISTER_READ = TLP_FRAMING + TLP_HEADER_3DW,
    MESSAGE = REGISTER_WRITE,
};

static sim_time later(sim_time a, sim_time b)
{
    return a > b ? a : b;
}

void form_hardware_init(struct form *form)
{
    int64_t num, den;
    pcie_link_rate(&form->nic->link, &num, &den);
    form->up = form->down = sim_line_make(num, den);
    form->wire_tx = form->wire_rx = sim_line_make(8 * SIM_SECOND, form->nic->bit_rate);
    form->posted = form->core_send = 0;
    form->fired = false;
}

static sim_time send_up(struct form *form, sim_time at, uint32_t bytes)
{
    return sim_line_send(&form->up, at, bytes) + form->nic->link.propagation;
}

static sim_time send_down(struct form *form, sim_time at, uint32_t bytes)
{
    return sim_line_send(&form->down, at, bytes) + form->nic->link.propagation;
}

static const struct root_complex_config *root(const struct form *form)
{
    return &form->config->host.root;
}

static sim_time way_in(const struct form *form)
{
    return root(form)->ingress_latency / 2;
}

static sim_time translation(const struct form *form)
{
    return form->device.translated ? form->config->host.iommu.hit_latency : 0;
}

/* ---- registers ---- */

/* Accesses of all cores leave the root port in order. */
static sim_time access_leaves(struct form *form, sim_time at)
{
    form->core_send = later(form->core_send, at);
    return form->core_send;
}

sim_time form_store(struct form *form, sim_time at)
{
    return send_down(form, access_leaves(form, at + root(form)->mmio_write_latency), REGISTER_WRITE);
}

sim_time form_load(struct form *form, sim_time at)
{
    sim_time whole = root(form)->mmio_read_latency, write = root(form)->mmio_write_latency;
    sim_time in = write > whole ? whole : write;
    sim_time arrived = send_down(form, access_leaves(form, at + in), REGISTER_READ);
    sim_time answered = send_up(form, arrived, REGISTER_WRITE);
    return later(answered + whole - in, form->posted);
}

/* ---- DMA ---- */

sim_time form_dma_read(struct form *form, sim_time at, uint32_t length)
{
    const struct pcie_link_config *link = &form->nic->link;
    uint32_t limit = (uint32_t)(link->completion_max ? link->completion_max : link->mps);
    sim_time complete = at;
    for (uint32_t done = 0; done < length;) {
        uint64_t address = form->device.address + done;
        uint32_t piece = split_request(address, length - done, (uint32_t)link->mrrs);
        sim_time arrived = send_up(form, at, TLP_FRAMING + tlp_header(address));
        sim_time ready = arrived + root(form)->ingress_latency + translation(form) + form->device.memory;
        struct split_sum completions = split_completions(address, piece, limit, (uint32_t)link->rcb);
        complete = send_down(form, later(ready, form->posted), completions.wire);
        done += piece;
    }
    return complete;
}

sim_time form_dma_write(struct form *form, sim_time at, uint32_t length)
{
    struct split_sum writes = split_writes(form->device.address, length, (uint32_t)form->nic->link.mps);
    sim_time arrived = send_up(form, at, writes.wire);
    form->posted = later(form->posted, arrived + way_in(form) + translation(form));
    return form->posted;
}

/* ---- the vector ---- */

sim_time form_message(struct form *form, sim_time at)
{
    sim_time arrived = send_up(form, at, MESSAGE);
    form->posted = later(form->posted, arrived + way_in(form));
    return form->posted + root(form)->interrupt_latency;
}

/* When an event at `at` makes the vector interrupt. */
static sim_time fire_time(struct form *form, sim_time at)
{
    const struct moderation_setting *setting = &form->setting;
    sim_time fire = at;
    if (setting->frames > 1 && setting->delay == 0)
        form->reason = "interrupts wait for further frames, which may never come";
    else if (setting->frames != 1)
        fire += setting->delay;
    if (form->fired)
        fire = later(fire, form->last_fire + setting->interval);
    return fire;
}

/* Sends the message; until the driver unmasks it the vector is busy (form_ring_poll_*()). */
static sim_time interrupt(struct form *form, sim_time at)
{
    sim_time fire = fire_time(form, at);
    form->fired = true;
    form->last_fire = fire;
    form->interrupts++;
    return form_message(form, fire);
}

/* ---- frames ---- */

int64_t form_line_bytes(uint32_t length)
{
    return (length < FRAME_MIN ? FRAME_MIN : length) + FRAME_OVERHEAD;
}

struct form_sent form_nic_transmit(struct form *form, sim_time stored)
{
    struct form_sent sent;
    sim_time rung = form_store(form, stored);
    sim_time fetched = form_dma_read(form, rung, DESCRIPTOR);
    sim_time read = form_dma_read(form, fetched, form->length);
    sent.left = sim_line_send(&form->wire_tx, read + form->nic->tx_latency,
                              form_line_bytes(form->length) - FRAME_GAP);
    form_dma_write(form, read, DESCRIPTOR);
    sent.message = interrupt(form, read);
    return sent;
}

struct form_received form_nic_receive(struct form *form, sim_time at, uint32_t length)
{
    struct form_received received;
    sim_time last_bit = sim_line_send(&form->wire_rx, at, form_line_bytes(length) - FRAME_GAP);
    sim_time taken = last_bit + form->nic->cable + form->nic->rx_latency;
    form_dma_write(form, taken, length);
    received.visible = form_dma_write(form, taken, DESCRIPTOR);
    received.message = interrupt(form, taken);
    if (form->last_fire > received.visible)
        form->moderation += form->last_fire - received.visible;
    return received;
}

sim_time form_peer_answer(const struct form *form, sim_time left)
{
    return left + form->nic->cable + form->traffic->peer_delay;
}
