/* A core's time: episodes of cycles, converted as the core converts them. */
#include "analysis/closed_form/form.h"

#include "sim/assert.h"

static int number_of(const struct form *form, const struct form_core *core)
{
    return (int)(core - form->cores);
}

void form_wake(struct form *form, struct form_core *core, sim_time at)
{
    if (core->busy) {
        form->reason = "a core that the packet comes to is still at work on it";
        form_sleep(form, core);
    }
    core->busy = true;
    core->woken = at;
    core->started = core->anchor = core->counted = at + form->config->host.idle_wake;
    core->done = 0;
}

void form_sleep(struct form *form, struct form_core *core)
{
    sim_time now = form_now(form, core);
    core->busy = false;
    core->total += now - core->started;
    form_occupy(form, number_of(form, core), core->woken, now,
                "a core that the packet comes to is still at work on it");
}

static void charge(struct form_core *core, int account, int64_t cycles)
{
    core->done += cycles;
    core->cycles[account] += cycles;
}

void form_run(const struct form_cpu *cpu, enum cpu_category category, int64_t cycles)
{
    charge(cpu->core, cpu->accounts + (int)category, cycles);
}

void form_run_host(const struct form_cpu *cpu, enum cpu_category category, int64_t cycles)
{
    charge(cpu->core, ACCOUNT_HOST + (int)category, cycles);
}

void form_run_exit(const struct form_cpu *cpu, enum exit_reason reason, int64_t cycles)
{
    charge(cpu->core, ACCOUNT_EXIT + (int)reason, cycles);
}

void form_stall(struct form *form, const struct form_cpu *cpu, sim_time until)
{
    struct form_core *core = cpu->core;
    sim_time now = form_now(form, core);
    core->stalled += until - now;
    core->counted += until - now;
    core->anchor = until;
    core->done = 0;
}

void form_hand_over(struct form *form, struct form_core *core)
{
    sim_time now = form_now(form, core);
    form->software += now - core->counted;
    core->counted = now;
}
