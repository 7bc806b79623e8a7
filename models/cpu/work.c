#include "models/cpu/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/cpu/cpu_private.h"

static struct cpu_work *append(struct core *core, const char *name, const char *owner)
{
    struct cpu_work *work = calloc(1, sizeof(*work));
    SIM_ASSERT(work != NULL);
    snprintf(work->name, sizeof(work->name), "%s", name ? name : "");
    snprintf(work->owner, sizeof(work->owner), "%s", owner);
    if (core->works_last)
        core->works_last->next = work;
    else
        core->works = work;
    core->works_last = work;
    return work;
}

static struct cpu_work *find_or_append(struct core *core, const char *name, const char *owner)
{
    for (const struct cpu_work *work = core->works; work; work = work->next)
        if (strcmp(work->name, name ? name : "") == 0 && strcmp(work->owner, owner) == 0)
            return (struct cpu_work *)work;
    return append(core, name, owner);
}

void core_set_work(struct cpu_context *ctx, const char *owner)
{
    if (!ctx->cpu->is_virtual)
        ctx->work = find_or_append(ctx->cpu->core, ctx->name, owner);
}

void core_free_work(struct core *core)
{
    while (core->works) {
        struct cpu_work *work = core->works;
        core->works = (struct cpu_work *)work->next;
        free(work);
    }
}

/* Brings what is shown up to now; `under_way` [ps] of work has been done since the core was settled, or less than
 * nothing if it was settled up to a boundary that is still to come. */
void core_show_work(struct core *core, sim_time under_way)
{
    for (struct cpu_work *work = core->works; work; work = (struct cpu_work *)work->next)
        work->time = work->settled;
    struct cpu_context *current = core->cpu.current;
    struct cpu_work *work = under_way > 0 && current ? current->work : core->last_work;
    if (work)
        work->time += under_way;
}

const struct cpu_work *cpu_work_first(const struct cpu *core)
{
    SIM_ASSERT(!core->is_virtual);
    return core->core->works;
}

void cpu_work_set_owner(struct cpu_context *ctx, const char *owner)
{
    core_set_work(ctx, owner);
}
