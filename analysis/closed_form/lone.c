/* The parts of the prediction that follow from one packet alone: latency and utilization. */
#include "analysis/closed_form/parts.h"
#include "models/strategy/all.h"

sim_time form_period(const struct form *form)
{
    if (form->traffic->rate == 0)
        return 0;
    struct arrival_period period = traffic_period(form->traffic);
    return (sim_time)(period.num / period.den);
}

/* What the packets that replace receive buffers add: `host` and `guest` work is on different cores, and adds up. */
struct extra {
    int64_t every;
    bool host, guest;
};

static unsigned list_extras(const struct form *form, struct extra extras[CLOSED_FORM_EXTRAS])
{
    unsigned count = 0;
    int64_t host = form_host_refill_every(form), guest = form_guest_refill_every(form);
    if (host > 0)
        extras[count++] = (struct extra){host, true, false};
    if (guest > 0)
        extras[count++] = (struct extra){guest, false, true};
    return count;
}

void form_latency(struct form *form, struct closed_form_latency *latency)
{
    struct extra extras[CLOSED_FORM_EXTRAS];
    unsigned count = list_extras(form, extras);
    form_run_packet(form, false, false);
    sim_time period = form_period(form);
    latency->reason = form->device.walks ? "the IOMMU walks its tables for fragmented memory" : form->reason;
    if (form->traffic->rate == 0 || form->traffic->arrival.model->ops != arrival_family.models[0]->ops)
        latency->crowded = "packets do not come at a constant rate";
    else if (form_end(form) >= period)
        latency->crowded = "packets come before the last one has gone";
    latency->software = form->software;
    latency->moderation = form->moderation;
    latency->hardware = form->latency - form->software - form->moderation;
    latency->least = form->latency;
    latency->mean = (double)form->latency;
    for (unsigned i = 0; i < count; i++) {
        form_run_packet(form, extras[i].host, extras[i].guest);
        latency->extras[i].every = extras[i].every;
        latency->extras[i].more = form->latency - latency->least;
        latency->mean += (double)latency->extras[i].more / (double)extras[i].every;
    }
}

static int64_t executed(const struct form_core *core)
{
    int64_t cycles = 0;
    for (int account = 0; account < ACCOUNTS; account++)
        cycles += core->cycles[account];
    return cycles;
}

/* Adds `weight` times what the packet that has just run made the cores do. */
static void add_work(const struct form *form, struct closed_form_utilization *utilization, double weight)
{
    for (int64_t i = 0; i < utilization->cores; i++) {
        utilization->busy[i] += weight * (double)form->cores[i].total;
        utilization->cycles[i] += weight * (double)executed(&form->cores[i]);
    }
}

/* The busiest core, and their sum. */
static void finish(const struct form *form, struct closed_form_utilization *utilization)
{
    double busiest = 0, arrivals = (double)form->traffic->rate * 1e-3;
    for (int64_t i = 0; i < utilization->cores; i++) {
        utilization->share[i] = arrivals * utilization->busy[i] * 1e-12;
        utilization->total += utilization->share[i];
        if (utilization->busy[i] > busiest)
            busiest = utilization->busy[i];
    }
    utilization->full = 1e12 / busiest;
}

/*
 * On bare metal an interrupt costs the same whether it finds the core asleep or at work. A sender may then be interrupted by
 * the completion of a packet before, as long as that does not keep it from sleep, or the vector masked, beyond a period.
 */
static bool interleaves(const struct form *form, sim_time period)
{
    if (form->strategy != &strategy_native || form->traffic->direction != TRAFFIC_TRANSMIT)
        return false;
    const struct form_core *core = form->app.core;
    for (unsigned i = 0; i < form->span_count; i++) {
        const struct form_span *span = &form->spans[i];
        bool sleeps = span->who == core - form->cores;
        sim_time own = span->to - span->from - (sleeps ? form->config->host.idle_wake : 0);
        if (sleeps && span->to - span->from + core->total - own >= period)
            return false;
        if (!sleeps && span->to - span->from + core->total >= period)
            return false;
    }
    return true;
}

static const char *period_reason(const struct form *form)
{
    if (form->reason || form->device.walks)
        return form->reason ? form->reason : "the IOMMU walks its tables for fragmented memory";
    if (form->traffic->rate == 0 || form->traffic->arrival.model->ops != arrival_family.models[0]->ops)
        return "packets do not come at a constant rate";
    if (form->traffic->window != 0)
        return "the window may hold packets back";
    sim_time period = form_period(form);
    bool apart = form_fits_period(form, period) || interleaves(form, period);
    return apart ? NULL : "packets meet on a core, or at the vector";
}

void form_utilization(struct form *form, struct closed_form_utilization *utilization)
{
    struct extra extras[CLOSED_FORM_EXTRAS];
    unsigned count = list_extras(form, extras);
    double plain = 1;
    utilization->cores = form->config->host.cores;
    for (unsigned i = 0; i < count; i++) {
        form_run_packet(form, extras[i].host, extras[i].guest);
        utilization->reason = period_reason(form);
        add_work(form, utilization, 1.0 / (double)extras[i].every);
        plain -= 1.0 / (double)extras[i].every;
    }
    form_run_packet(form, false, false);
    const char *reason = period_reason(form);
    if (reason)
        utilization->reason = reason;
    add_work(form, utilization, plain);
    finish(form, utilization);
}
