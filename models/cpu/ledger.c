/* A core's charges. Time is charged from boundary to boundary, so that nothing is lost or counted twice. */
#include "models/cpu/cpu_private.h"

/* How far charging has got; kept apart from the core while a segment's parts are walked. */
struct charge_cursor {
    int64_t done;     /* [cycles] since the anchor */
    sim_time settled; /* [ps] */
};

/* Charges `cycles` executed next, and the time up to the boundary at their end. */
static inline struct charge_cursor charge(struct core *core, struct charge_cursor cursor,
                                          const struct cpu_part *part, int64_t cycles)
{
    struct charge_cursor after = {.done = cursor.done + cycles};
    after.settled = core->anchor + core_clock_time(&core->clock, after.done);
    core->ledger.time[part->account] += after.settled - cursor.settled;
    core->ledger.cycles[part->account] += cycles;
    core->ledger.shared[part->share] += cycles;
    core->counts.charges++;
    return after;
}

static struct cpu_part switch_part(const struct cpu_context *ctx)
{
    uint16_t account = ctx->cpu->accounts + CPU_SCHED;
    return (struct cpu_part){.cycles = ctx->switch_left, .account = account, .share = SHARE_BACKGROUND};
}

static int64_t charge_switch(struct core *core, struct cpu_context *ctx, int64_t cycles)
{
    struct cpu_part part = switch_part(ctx);
    int64_t paid = cycles < part.cycles ? cycles : part.cycles;
    struct charge_cursor cursor =
        charge(core, (struct charge_cursor){core->done, core->settled}, &part, paid);
    core->done = cursor.done;
    core->settled = cursor.settled;
    core->last_account = part.account;
    core->last_share = part.share;
    ctx->switch_left -= paid;
    return cycles - paid;
}

static void charge_parts(struct core *core, struct cpu_context *ctx, int64_t cycles)
{
    struct charge_cursor cursor = {core->done, core->settled};
    const struct cpu_part *last = NULL;
    unsigned i = ctx->part_done;
    for (; i < ctx->part_count; i++) {
        struct cpu_part *part = &ctx->parts[i];
        int64_t run = cycles < part->cycles ? cycles : part->cycles;
        if (run > 0) {
            cursor = charge(core, cursor, part, run);
            last = part;
        }
        cycles -= run;
        if (run < part->cycles) {
            part->cycles -= run;
            break;
        }
        ctx->part_end[i] = cursor.settled;
    }
    SIM_ASSERT(cycles == 0);
    if (last) {
        core->last_account = last->account;
        core->last_share = last->share;
    }
    ctx->part_done = (uint8_t)i;
    core->done = cursor.done;
    core->settled = cursor.settled;
}

static void add_to_slice(struct cpu_context *ctx, sim_time elapsed)
{
    ctx->slice_used += elapsed;
    ctx->had += elapsed;
}

/* A guest's thread whose access is being carried out in root mode goes on running by its kernel's clock. */
static void add_to_slices(struct core *core, struct cpu_context *leaf, sim_time elapsed)
{
    struct cpu_context *trapped = leaf->vcpu ? leaf->vcpu->current : NULL;
    add_to_slice(leaf, elapsed);
    if (trapped && trapped->state == CPU_TRAPPED)
        add_to_slice(trapped, elapsed);
    if (core->cpu.current && core->cpu.current != leaf)
        add_to_slice(core->cpu.current, elapsed);
}

static sim_time polled(const struct ledger *ledger)
{
    return ledger->time[ACCOUNT_HOST + CPU_POLL] + ledger->time[ACCOUNT_GUEST + CPU_POLL];
}

/* `elapsed` [ps] of the core, less what of it was polling, was work of the context that has the core. */
static void add_work(struct core *core, const struct cpu_context *leaf, sim_time elapsed)
{
    const struct cpu_context *owner = core->cpu.current ? core->cpu.current : leaf;
    core->last_work = owner ? owner->work : NULL;
    if (core->last_work)
        core->last_work->settled += elapsed;
}

/* Charges what the running leaf has executed up to the boundary `target`. */
void core_settle(struct core *core, int64_t target)
{
    struct cpu_context *ctx = core->running;
    int64_t cycles = target - core->done;
    sim_time before = core->settled, polled_before = polled(&core->ledger);
    SIM_ASSERT(cycles >= 0 && cycles <= ctx->left);
    ctx->left -= cycles;
    core->counts.executed += cycles;
    if (ctx->switch_left > 0 && cycles > 0)
        cycles = charge_switch(core, ctx, cycles);
    if (ctx->switch_left == 0)
        charge_parts(core, ctx, cycles);
    add_to_slices(core, ctx, core->settled - before);
    add_work(core, ctx, core->settled - before - (polled(&core->ledger) - polled_before));
}

/* Ends a stall: cycles are counted anew from now. */
void core_charge_stall(struct core *core, sim_time now)
{
    sim_time elapsed = now - core->settled;
    core->ledger.time[core->stall_account] += elapsed;
    core->settled = now;
    core->anchor = now;
    core->done = 0;
    core->counts.anchors++;
    if (core->cpu.current)
        add_to_slice(core->cpu.current, elapsed);
    add_work(core, core->cpu.current, elapsed);
}

/* Ends an idle period: cycles are counted from now. */
void core_charge_idle(struct core *core, sim_time now)
{
    core->ledger.idle += now - core->settled;
    core->settled = now;
    core->anchor = now;
    core->done = 0;
    core->counts.anchors++;
}

/* Where a view of the running segment has got to. */
struct view_cursor {
    int64_t left; /* [cycles] complete by now, not yet shown */
    int64_t done; /* [cycles] since the anchor */
    sim_time at;  /* [ps] */
    sim_time now; /* [ps] */
};

/* Shows a piece of a segment up to now; false when now lies inside it. */
static bool show_piece(struct core *core, struct view_cursor *cursor, struct cpu_part piece)
{
    bool whole = piece.cycles <= cursor->left;
    int64_t cycles = whole ? piece.cycles : cursor->left;
    sim_time end = whole ? core->anchor + core_clock_time(&core->clock, cursor->done + cycles) : cursor->now;
    core->view.time[piece.account] += end - cursor->at;
    core->view.cycles[piece.account] += cycles;
    core->view.shared[piece.share] += cycles;
    cursor->left -= cycles;
    cursor->done += cycles;
    cursor->at = end;
    return whole;
}

static void show_running(struct core *core, sim_time now)
{
    const struct cpu_context *ctx = core->running;
    int64_t complete = core_clock_complete(&core->clock, now - core->anchor) - core->done;
    struct view_cursor cursor = {.left = complete < ctx->left ? complete : ctx->left,
                                 .done = core->done,
                                 .at = core->settled,
                                 .now = now};
    if (ctx->switch_left > 0 && !show_piece(core, &cursor, switch_part(ctx)))
        return;
    for (unsigned i = ctx->part_done; i < ctx->part_count; i++)
        if (ctx->parts[i].cycles > 0 && !show_piece(core, &cursor, ctx->parts[i]))
            return;
}

/* After core_detach() the ledger reaches up to a boundary less than a cycle ahead: that cycle is not over.
 * */
static void take_back_straddling(struct core *core, sim_time now)
{
    core->view.time[core->last_account] -= core->settled - now;
    core->view.cycles[core->last_account]--;
    core->view.shared[core->last_share]--;
}

const struct ledger *cpu_ledger(struct cpu *cpu)
{
    struct core *core = core_of(cpu);
    sim_time now = sim_now(cpu->sim);
    core->view = core->ledger;
    if (core->mode == CORE_IDLE || core->mode == CORE_WAKING)
        core->view.idle += now - core->settled;
    else if (core->mode == CORE_STALLED)
        core->view.time[core->stall_account] += now - core->settled;
    else if (core->running)
        show_running(core, now);
    else if (core->settled > now)
        take_back_straddling(core, now);
    sim_time idle = core->view.idle - core->ledger.idle, poll = polled(&core->view) - polled(&core->ledger);
    core_show_work(core, now - core->settled - idle - poll);
    return &core->view;
}
