/* How often the NIC interrupts: once a packet when packets do not meet, else as moderation has it. */
#include <math.h>
#include <string.h>

#include "analysis/closed_form/parts.h"

/* Packets `period` [ps] apart that share interrupts: packets an interrupt, or 0 if the interval alone decides. */
static int64_t shared_by(const struct moderation_setting *setting, sim_time period)
{
    if (setting->delay == 0)
        return setting->frames;
    int64_t within = setting->delay / period + 1; /* the first one, and those that come while it waits */
    return setting->frames > 0 && setting->frames < within ? setting->frames : within;
}

static const char *steady_reason(const struct form *form, sim_time period)
{
    if (form->reason)
        return form->reason;
    if (period == 0 || strcmp(form->traffic->arrival.model->table->name, "constant") != 0)
        return "packets do not come at a constant rate";
    if (form->traffic->window != 0)
        return "the window may hold packets back";
    return form->device.walks ? "the IOMMU walks its tables for fragmented memory" : NULL;
}

/* The busiest core's share if each packet cost as much as one alone. */
static bool is_light(const struct form *form, sim_time period)
{
    for (int i = 0; i < FORM_CORES; i++)
        if ((double)form->cores[i].total > 0.8 * (double)period)
            return false;
    return true;
}

/* Several packets an interrupt: those that a poll finds must be dealt with before the next one. */
static void share(const struct form *form, struct closed_form_interrupts *interrupts, sim_time period)
{
    const struct moderation_setting *setting = &form->setting;
    double rate = (double)form->traffic->rate * 1e-3;
    if (form->traffic->direction == TRAFFIC_REQUEST_RESPONSE)
        interrupts->reason = "packets of both directions share interrupts";
    else if (!is_light(form, period))
        interrupts->reason = "packets meet on a core, or at the vector";
    else if (setting->interval > period && (setting->frames > 1 || setting->delay > 0))
        interrupts->reason = "several settings moderate";
    else if (setting->interval > period)
        interrupts->rate = 1e12 / (double)setting->interval;
    else if (setting->frames > 1 || setting->delay > 0)
        interrupts->rate = rate / (double)shared_by(setting, period);
    else
        interrupts->reason = "packets meet on a core, or at the vector";
}

/* Calls that follow each other at once, each answered well within the interval: its interrupt is what each waits for. */
static bool interval_paces_calls(const struct form *form)
{
    return form->traffic->direction == TRAFFIC_REQUEST_RESPONSE && form->traffic->rate == 0 &&
           !form->reason && form->latency - form->moderation < form->setting.interval;
}

void form_interrupts(struct form *form, struct closed_form_interrupts *interrupts)
{
    const struct moderation_setting *setting = &form->setting;
    sim_time period = form_period(form);
    interrupts->most = setting->interval > 0 ? 1e12 / (double)setting->interval : INFINITY;
    form_run_packet(form, false, false);
    if (interval_paces_calls(form)) {
        interrupts->rate = interrupts->most;
        return;
    }
    bool waits = form->reason && setting->frames > 1 && setting->delay == 0;
    if (waits)
        form->reason = NULL; /* a packet alone waits for ever, many do not */
    interrupts->reason = steady_reason(form, period);
    if (interrupts->reason)
        return;
    bool collects = setting->frames > 1 && (waits || setting->delay >= period);
    if (!collects && form_fits_period(form, period))
        interrupts->rate = (double)form->traffic->rate * 1e-3 * form->interrupts;
    else
        share(form, interrupts, period);
}
