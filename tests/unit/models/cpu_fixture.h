/*
 * What the tests of models/cpu share: a simulation, actions at given times, and a log of who did what when.
 */
#ifndef TESTS_UNIT_MODELS_CPU_FIXTURE_H
#define TESTS_UNIT_MODELS_CPU_FIXTURE_H

#include <criterion/criterion.h>

#include "models/cpu/cpu.h"
#include "sim/assert.h"

enum { ACTIONS_MAX = 256, LOG_MAX = 256 };

struct action {
    struct sim_event event;
    void (*fn)(void *self);
    void *self;
};

struct entry {
    int who;
    sim_time when;
};

static struct sim *sim;
static uint16_t tester;
static struct action actions[ACTIONS_MAX];
static unsigned action_count;
static struct entry log_entries[LOG_MAX];
static unsigned log_count;

static inline void fixture_setup(void)
{
    sim = sim_create(&(struct sim_config){.seed = 1});
    tester = sim_component(sim, "tester");
    action_count = 0;
    log_count = 0;
}

static inline void fixture_teardown(void)
{
    sim_destroy(sim);
}

static inline void action_fire(struct sim *at, struct sim_event *event)
{
    struct action *action = SIM_CONTAINER_OF(event, struct action, event);
    (void)at;
    action->fn(action->self);
}

/* Calls fn(self) at `when` [ps]. */
static inline void at(sim_time when, void (*fn)(void *self), void *self)
{
    SIM_ASSERT(action_count < ACTIONS_MAX);
    struct action *action = &actions[action_count++];
    action->fn = fn;
    action->self = self;
    sim_event_init(&action->event, action_fire, tester, 0);
    sim_schedule(sim, &action->event, when);
}

static inline void wake_action(void *self)
{
    cpu_wake(self);
}

static inline void resume_action(void *self)
{
    cpu_resume(self);
}

static inline void note(int who)
{
    SIM_ASSERT(log_count < LOG_MAX);
    log_entries[log_count++] = (struct entry){who, sim_now(sim)};
}

#define EXPECT_LOG(index, id, time)                                                                          \
    do {                                                                                                     \
        cr_assert_gt(log_count, (unsigned)(index));                                                          \
        cr_expect_eq(log_entries[index].who, id, "entry %d: who %d", (int)(index), log_entries[index].who);  \
        cr_expect_eq(log_entries[index].when, time, "entry %d: at %lld, expected %lld", (int)(index),        \
                     (long long)log_entries[index].when, (long long)(time));                                 \
    } while (0)

/* A context that runs one segment of `cycles` whenever it is woken, and notes its start (id) and its end
 * (id + 100). */
struct job {
    struct cpu_context ctx;
    int id;
    int64_t cycles;
    enum cpu_category category;
};

static inline void job_start(struct cpu_context *ctx, void *self);

static inline void job_end(struct cpu_context *ctx, void *self)
{
    struct job *job = self;
    note(job->id + 100);
    cpu_block(ctx, job_start, job);
}

static inline void job_start(struct cpu_context *ctx, void *self)
{
    struct job *job = self;
    note(job->id);
    cpu_add(ctx, job->category, SHARE_PACKET, job->cycles);
    cpu_run(ctx, job_end, job);
}

static inline void job_init(struct job *job, struct cpu *cpu, int id, enum cpu_level level, int64_t cycles)
{
    *job = (struct job){.id = id, .cycles = cycles, .category = CPU_APP};
    cpu_context_init(&job->ctx, cpu, "job", level, job_start, job);
}

static inline struct cpu *core_at(int64_t hz)
{
    return cpu_core_create(sim, "core0", &(struct cpu_core_config){.hz = hz});
}

static inline void expect_conserved(struct cpu *core)
{
    cr_expect(!cpu_check(core, sim_now(sim)), "ledger at %lld ps", (long long)sim_now(sim));
}

static inline void check_action(void *self)
{
    expect_conserved(self);
}

#endif
