/*
 * M/D/1: Poisson arrivals at servers with fixed service times in a row. In such a row all waiting is that of the slowest
 * server, wherever in the row it is; the mean is the Pollaczek-Khinchine formula's. A core that sleeps when idle is woken
 * by the first packet of a busy period, which all of that period wait for (M/G/1 with setup, Welch 1964).
 */
#include <math.h>
#include <string.h>

#include "analysis/closed_form/parts.h"
#include "models/strategy/all.h"

static const char *queueing_reason(const struct form *form)
{
    if (form->reason)
        return form->reason;
    if (form->traffic->direction != TRAFFIC_TRANSMIT || form->strategy != &strategy_native)
        return "only what bare metal sends waits at a single server";
    if (strcmp(form->traffic->arrival.model->table->name, "poisson") != 0 || form->traffic->window != 0)
        return "arrivals are no Poisson process";
    if (form->app.core == form->irq.core)
        return "interrupts take the sending core from its packets";
    return NULL;
}

/* Mean waiting behind others with a fixed service time, arrivals at `rate` [1/ps]. */
static double waiting(double rate, double service)
{
    double load = rate * service;
    return load * service / (2 * (1 - load));
}

/* What the setup of a busy period adds to every packet's waiting, on average. */
static double setup_waiting(double rate, double setup)
{
    return (2 * setup + rate * setup * setup) / (2 * (1 + rate * setup));
}

/* The first packet's latency has the whole setup in it: what is left of the way is what all packets have. */
void form_queueing(struct form *form, struct closed_form_queueing *queueing)
{
    form_run_packet(form, false, false);
    queueing->reason = queueing_reason(form);
    double rate = (double)form->traffic->rate * 1e-15;
    double alone = (double)form->latency;
    memset(form->app.core, 0, sizeof(*form->app.core));
    form_native_send(form);
    sim_time core = form_now(form, form->app.core);
    memset(form->app.core, 0, sizeof(*form->app.core));
    form_timer_interrupt(form, &form->app);
    double setup = (double)(form->config->host.idle_wake + form_now(form, form->app.core));
    sim_time wire = (sim_time)((double)form_line_bytes(form->length) * 8e12 / (double)form->nic->bit_rate);
    queueing->service = core > wire ? core : wire;
    queueing->load = rate * (double)queueing->service;
    if (queueing->load >= 1) {
        queueing->reason = "the server is full";
        return;
    }
    queueing->waiting = waiting(rate, (double)queueing->service);
    if (core > wire)
        queueing->latency = alone - setup + setup_waiting(rate, setup) + queueing->waiting;
    else
        queueing->latency = alone + queueing->waiting;
}
