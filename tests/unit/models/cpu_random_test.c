/*
 * Random contexts at random levels do random things, are woken, preempted and split at random times, on a
 * core and on a vCPU of that core. At any time the ledger is conserved; in the end every cycle that was
 * asked for has been executed, in its account, and every continuation has been called.
 */
#include <criterion/criterion.h>

#include "sim/random.h"
#include "tests/unit/models/cpu_vm_fixture.h"

TestSuite(cpu_random, .init = fixture_setup, .fini = fixture_teardown);

enum { ACTORS = 12 };

struct actor {
    struct cpu_context ctx;
    struct sim_event resume;
    unsigned parts; /* of the segment under way */
    bool owed;      /* a continuation */
    uint64_t continued;
};

static struct {
    struct random_stream random;
    struct sim_event event;
    struct cpu *core;
    struct vm vm;
    bool has_vm;
    bool stopping;
    int splits;
    int stalls;
    int64_t planned[ACCOUNTS]; /* [cycles] */
    sim_time stalled;          /* [ps] asked for */
    struct actor actors[ACTORS];
} world;

static uint64_t dice(uint64_t sides)
{
    return random_below(&world.random, sides);
}

static void actor_step(struct cpu_context *ctx, void *self);

static void check_parts(const struct actor *actor)
{
    for (unsigned i = 0; i < actor->parts; i++)
        cr_assert_leq(i == 0 ? 0 : cpu_part_end(&actor->ctx, i - 1), cpu_part_end(&actor->ctx, i));
    if (actor->parts)
        cr_assert_leq(cpu_part_end(&actor->ctx, actor->parts - 1), sim_now(sim));
}

static void add_parts(struct actor *actor)
{
    int base = cpu_is_virtual(actor->ctx.cpu) ? ACCOUNT_GUEST : ACCOUNT_HOST;
    actor->parts = (unsigned)dice(5);
    for (unsigned i = 0; i < actor->parts; i++) {
        int64_t cycles = dice(4) ? (int64_t)dice(3000) : 0;
        enum cpu_category category = (enum cpu_category)dice(CPU_MMIO);
        world.planned[base + (int)category] += cycles;
        cpu_add(&actor->ctx, category, (enum cpu_share)dice(SHARES), cycles);
    }
}

static void stall(struct actor *actor)
{
    sim_time length = (sim_time)dice(1500000);
    world.stalls++;
    world.stalled += length;
    sim_schedule(sim, &actor->resume, sim_now(sim) + length);
    cpu_stall(&actor->ctx, actor_step, actor);
}

static void resume(struct sim *at, struct sim_event *event)
{
    struct actor *actor = SIM_CONTAINER_OF(event, struct actor, resume);
    (void)at;
    cpu_resume(&actor->ctx);
}

static void actor_step(struct cpu_context *ctx, void *self)
{
    struct actor *actor = self;
    uint64_t choice = world.stopping ? 0 : dice(12);
    check_parts(actor);
    actor->continued++;
    actor->parts = 0;
    actor->owed = choice > 2;
    if (choice <= 2) {
        cpu_block(ctx, actor_step, actor);
    } else if (choice == 3) {
        cpu_yield(ctx, actor_step, actor);
    } else if (choice == 4) {
        stall(actor);
    } else if (choice == 5) {
        add_parts(actor);
        cpu_run_at(ctx, (enum cpu_level)dice(CPU_LEVELS), actor_step, actor);
    } else if (choice == 6 && cpu_is_virtual(ctx->cpu)) {
        vm_trap(&world.vm, ctx, actor_step, actor);
    } else {
        add_parts(actor);
        cpu_run(ctx, actor_step, actor);
    }
}

static void split(struct actor *actor)
{
    struct cpu_part rest[CPU_PARTS_MAX];
    if (actor->ctx.state != CPU_RUNNING && actor->ctx.state != CPU_READY)
        return;
    world.splits++;
    unsigned count = cpu_split(&actor->ctx, rest);
    for (unsigned i = 0; i < count; i++)
        world.planned[rest[i].account] -= rest[i].cycles;
    add_parts(actor);
    actor->owed = true;
    cpu_run_at(&actor->ctx, (enum cpu_level)dice(CPU_LEVELS), actor_step, actor);
}

static void disturb(struct sim *at, struct sim_event *event)
{
    struct actor *actor = &world.actors[dice(ACTORS)];
    uint64_t choice = dice(16);
    if (choice == 0)
        split(actor);
    else if (choice == 1 && world.has_vm)
        vm_timer(&world.vm);
    else if (choice < 12)
        cpu_wake(&actor->ctx);
    cr_assert(!cpu_check(world.core, sim_now(sim)));
    if (!world.stopping)
        sim_schedule(at, event, sim_now(at) + (sim_time)dice(2000000));
}

static void run_world(int64_t hz, uint64_t seed, bool with_vm)
{
    struct cpu_core_config config = {.hz = hz, .idle_wake = 1500, .switch_cycles = 700, .slice = 3 * SIM_US};
    world.random = random_stream_make(seed, 0, "test", "chaos");
    world.core = cpu_core_create(sim, "core0", &config);
    world.has_vm = with_vm;
    if (with_vm) {
        vm_init(&world.vm, world.core);
        cpu_set_scheduler(world.vm.vcpu, 300, 2 * SIM_US);
    }
    for (unsigned i = 0; i < ACTORS; i++) {
        struct actor *actor = &world.actors[i];
        struct cpu *cpu = with_vm && i % 2 ? world.vm.vcpu : world.core;
        sim_event_init(&actor->resume, resume, tester, 1);
        cpu_context_init(&actor->ctx, cpu, "actor", (enum cpu_level)(i / 2 % CPU_LEVELS), actor_step, actor);
    }
    sim_event_init(&world.event, disturb, tester, 2);
    sim_schedule(sim, &world.event, 0);
    sim_run(sim, 30 * SIM_MS);
    world.stopping = true;
    world.vm.stopping = true;
    sim_run(sim, 40 * SIM_MS);
}

static void check_world(void)
{
    const struct ledger *ledger = cpu_ledger(world.core);
    cr_expect(ledger_check(ledger, sim_now(sim)));
    for (int reason = 0; world.has_vm && reason < 80; reason++) {
        int64_t cost = reason == EXIT_INTERRUPT   ? COST_INTERRUPT
                       : reason == EXIT_HLT       ? COST_HLT
                       : reason == EXIT_MISCONFIG ? COST_MISCONFIG
                                                  : COST_TIMER;
        world.planned[ACCOUNT_EXIT + reason] = world.vm.exits[reason] * cost;
    }
    for (int i = 0; i < ACCOUNTS; i++)
        if (i != ACCOUNT_HOST + CPU_SCHED && i != ACCOUNT_GUEST + CPU_SCHED)
            cr_expect_eq(ledger->cycles[i], world.planned[i], "%s: %lld cycles, planned %lld",
                         account_name(i), (long long)ledger->cycles[i], (long long)world.planned[i]);
    cr_expect_eq(ledger->time[ACCOUNT_HOST + CPU_STALL] + ledger->time[ACCOUNT_GUEST + CPU_STALL],
                 world.stalled);
    for (unsigned i = 0; i < ACTORS; i++) {
        cr_expect_eq(world.actors[i].ctx.state, CPU_BLOCKED);
        cr_expect_not(world.actors[i].owed);
        cr_expect_gt(world.actors[i].continued, 100);
    }
    cr_expect(cpu_is_idle(world.core));
    cr_expect_gt(world.splits, 100);
    cr_expect_gt(world.stalls, 100);
}

Test(cpu_random, a_core_loses_nothing)
{
    run_world(2100000000, 11, false);
    check_world();
}

Test(cpu_random, a_core_of_an_awkward_frequency_loses_nothing)
{
    run_world(2999999999, 12, false);
    check_world();
}

Test(cpu_random, a_vcpu_loses_nothing)
{
    run_world(2800000000, 13, true);
    check_world();
    cr_expect_gt(world.vm.exits[EXIT_INTERRUPT], 100);
    cr_expect_gt(world.vm.exits[EXIT_HLT], 20);
    cr_expect_gt(world.vm.exits[EXIT_MISCONFIG], 100);
    cr_expect_gt(world.vm.exits[EXIT_TIMER], 20);
}
