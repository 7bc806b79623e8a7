#include <stdlib.h>

#include "models/cpu/cpu_private.h"

typedef __int128 wide; /* picoseconds times a clock's `den` */

static bool is_stall(int account)
{
    return account == ACCOUNT_HOST + CPU_STALL || account == ACCOUNT_GUEST + CPU_STALL;
}

/* How much longer `time` is than `cycles` take [ps * den]. */
static wide excess(const struct core_clock *clock, sim_time time, int64_t cycles)
{
    return (wide)time * clock->den - (wide)cycles * clock->num;
}

/* A charge runs from one rounded boundary to another. */
static bool accounts_keep_time(const struct core *core)
{
    wide most = (wide)core->counts.charges * core->clock.den;
    for (int i = 0; i < ACCOUNTS; i++) {
        wide found = excess(&core->clock, core->ledger.time[i], core->ledger.cycles[i]);
        if (!is_stall(i) && (found > most || found < -most))
            return false;
    }
    return true;
}

/* From an anchor to the last boundary the time of the cycles in between was rounded up, once. */
static bool busy_keeps_time(const struct core *core)
{
    sim_time busy = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        busy += is_stall(i) ? 0 : core->ledger.time[i];
    wide found = excess(&core->clock, busy, core->counts.executed);
    return found >= 0 && found < (wide)(core->counts.anchors + 1) * core->clock.den;
}

static int64_t charged(const struct core *core)
{
    int64_t cycles = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        cycles += core->ledger.cycles[i];
    return cycles;
}

/* Cycles of segments and switches that the scheduler's contexts have yet to execute. */
static int64_t left_on(const struct cpu *cpu)
{
    int64_t left = cpu->current ? cpu->current->left : 0;
    for (int level = 0; level < CPU_LEVELS; level++)
        for (const struct cpu_context *ctx = cpu->queue[level].head; ctx; ctx = ctx->queue_next)
            left += ctx->left;
    return left;
}

static int64_t left_in_all(const struct core *core)
{
    int64_t left = core->counts.parked + left_on(&core->cpu);
    for (const struct vcpu *vcpu = core->vcpus; vcpu; vcpu = vcpu->next)
        left += left_on(&vcpu->cpu);
    return left;
}

const char *cpu_check(struct cpu *cpu, sim_time elapsed)
{
    const struct core *core = core_of(cpu);
    const struct core_counts *counts = &core->counts;
    if (!ledger_check(cpu_ledger(cpu), elapsed))
        return "time: accounts and idle time do not add up to the time passed, or shares to cycles";
    if (charged(core) != counts->executed)
        return "cycles: those charged are not those executed";
    if (counts->asked - counts->withdrawn != counts->executed + left_in_all(core))
        return "cycles: those executed and left are not those asked for";
    if (!busy_keeps_time(core))
        return "time: the time busy is not that of the cycles executed";
    if (!accounts_keep_time(core))
        return "time: an account's is not that of its cycles";
    return NULL;
}
