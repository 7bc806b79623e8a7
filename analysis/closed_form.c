#include "analysis/closed_form.h"

#include <math.h>
#include <string.h>

#include "analysis/closed_form/parts.h"

bool closed_form_predict(const struct config *config, struct closed_form_prediction *prediction)
{
    struct form form;
    *prediction = (struct closed_form_prediction){0};
    if (!form_init(&form, config)) {
        prediction->reason = form.reason;
        return false;
    }
    form_latency(&form, &prediction->latency);
    form_utilization(&form, &prediction->utilization);
    form_saturation(&form, &prediction->saturation);
    form_queueing(&form, &prediction->queueing);
    form_interrupts(&form, &prediction->interrupts);
    return true;
}

/* ---- overlays ---- */

/* What an overlay is drawn from. */
struct source {
    const struct closed_form_prediction *prediction; /* NULL: there is none */
    const struct nic_config *nic;
    const struct traffic_config *traffic;
    uint32_t size; /* [B] of a frame on the wire, FCS included; 0: frames differ */
};

static double unless(const char *reason, double value)
{
    return reason ? NAN : value;
}

static double latency(const struct source *source)
{
    return unless(source->prediction->latency.reason, source->prediction->latency.mean / 1000);
}

static double utilization(const struct source *source)
{
    return unless(source->prediction->utilization.reason, source->prediction->utilization.total);
}

static double saturation_pps(const struct source *source)
{
    return unless(source->prediction->saturation.reason, source->prediction->saturation.pps);
}

static double gbps(const struct source *source, double pps)
{
    return pps * 8e-9 * (double)source->size;
}

static double saturation_gbps(const struct source *source)
{
    return gbps(source, saturation_pps(source));
}

/* What goes through: what is offered, up to saturation. */
static double throughput_pps(const struct source *source)
{
    double offered = (double)source->traffic->rate / 1000, most = saturation_pps(source);
    return offered > 0 && offered < most ? offered : most;
}

static double throughput_gbps(const struct source *source)
{
    return gbps(source, throughput_pps(source));
}

static double waiting(const struct source *source)
{
    return unless(source->prediction->queueing.reason, source->prediction->queueing.waiting / 1000);
}

static double queueing_latency(const struct source *source)
{
    return unless(source->prediction->queueing.reason, source->prediction->queueing.latency / 1000);
}

static double interrupt_rate(const struct source *source)
{
    return unless(source->prediction->interrupts.reason, source->prediction->interrupts.rate);
}

static double wire_pps(const struct source *source)
{
    if (source->size == 0)
        return NAN;
    return (double)source->nic->bit_rate / (8.0 * (double)form_line_bytes(source->size - FRAME_FCS));
}

static double wire_gbps(const struct source *source)
{
    return gbps(source, wire_pps(source));
}

static double pcie(const struct source *source, enum closed_form_dma kind)
{
    return source->size ? closed_form_pcie(&source->nic->link, kind, source->size - FRAME_FCS, true) * 1e-9
                        : NAN;
}

static double pcie_write(const struct source *source)
{
    return pcie(source, CLOSED_FORM_WRITE);
}

static double pcie_read(const struct source *source)
{
    return pcie(source, CLOSED_FORM_READ);
}

static double pcie_both(const struct source *source)
{
    return pcie(source, CLOSED_FORM_BOTH);
}

struct overlay {
    const char *name;
    double (*value)(const struct source *source); /* NAN: there is no form */
    bool predicted;                               /* it needs the prediction */
    const char *help;
};

const char *const closed_form_names[] = {
    "latency_ns",      "utilization",     "saturation_pps",      "saturation_gbps", "throughput_pps",
    "throughput_gbps", "waiting_ns",      "queueing_latency_ns", "interrupt_rate",  "wire_pps",
    "wire_gbps",       "pcie_write_gbps", "pcie_read_gbps",      "pcie_both_gbps",  NULL,
};

static const struct overlay overlays[] = {
    {"latency_ns", latency, true, "mean latency of a packet alone in the system"},
    {"utilization", utilization, true, "CPU in use, all cores together, while packets do not meet"},
    {"saturation_pps", saturation_pps, true, "packets/s that go through when more is offered"},
    {"saturation_gbps", saturation_gbps, true, "the same in Gb/s of frames"},
    {"throughput_pps", throughput_pps, true, "packets/s: what is offered, up to saturation"},
    {"throughput_gbps", throughput_gbps, true, "the same in Gb/s of frames"},
    {"waiting_ns", waiting, true, "mean waiting time of Poisson arrivals at the wire or the sending core"},
    {"queueing_latency_ns", queueing_latency, true, "mean latency with that waiting time"},
    {"interrupt_rate", interrupt_rate, true, "interrupts/s of the NIC"},
    {"wire_pps", wire_pps, false, "packets/s of equal frames that the wire carries"},
    {"wire_gbps", wire_gbps, false, "the same in Gb/s of frames"},
    {"pcie_write_gbps", pcie_write, false,
     "payload that the PCIe link of NIC 0 carries in DMA writes of a frame"},
    {"pcie_read_gbps", pcie_read, false, "the same in DMA reads"},
    {"pcie_both_gbps", pcie_both, false, "the same in both at once, each way"},
};

const char *closed_form_help(const char *name)
{
    for (size_t i = 0; i < sizeof(overlays) / sizeof(overlays[0]); i++)
        if (strcmp(overlays[i].name, name) == 0)
            return overlays[i].help;
    return NULL;
}

static uint32_t frame_size(const struct traffic_config *traffic)
{
    const struct size_ops *ops = traffic->size.model->ops;
    bool equal = ops->mean(traffic->size.config) == 1000 * ops->most(traffic->size.config);
    int64_t most = ops->most(traffic->size.config);
    return equal && most <= FRAME_MTU_MAX + FRAME_FCS ? (uint32_t)most : 0;
}

bool closed_form_value(const char *name, const struct config *config, double *value)
{
    struct closed_form_prediction prediction;
    struct source source = {.nic = config->nics.items, .traffic = config->traffic.items};
    source.size = frame_size(source.traffic);
    for (size_t i = 0; i < sizeof(overlays) / sizeof(overlays[0]); i++) {
        if (strcmp(overlays[i].name, name) != 0)
            continue;
        if (overlays[i].predicted && !closed_form_predict(config, &prediction))
            return false;
        source.prediction = &prediction;
        *value = overlays[i].value(&source);
        return !isnan(*value);
    }
    return false;
}
