/* The device's part of interrupt moderation: when a vector's waiting events become an interrupt. */
#include "models/nic/moderation.h"

#include "sim/assert.h"

enum {
    ENCODE_TIME_BITS = 24,
    ENCODE_FRAMES_BITS = 15,
};
#define ENCODE_VALID (UINT64_C(1) << 63)

static sim_time later(sim_time a, sim_time b)
{
    return a > b ? a : b;
}

/* When the waiting events are to interrupt [ps]; SIM_TIME_MAX: by no lapse of time. */
static sim_time due_time(const struct moderator *moderator, sim_time now)
{
    const struct moderation_setting *setting = &moderator->setting;
    sim_time due = moderator->first;
    if (setting->frames > 0 && moderator->events >= setting->frames)
        due = now;
    else if (setting->delay > 0)
        due = moderator->first + setting->delay;
    else if (setting->frames > 0)
        return SIM_TIME_MAX;
    if (moderator->fired)
        due = later(due, moderator->last + setting->interval);
    return due;
}

static void interrupt(struct moderator *moderator, sim_time now)
{
    sim_cancel(moderator->sim, &moderator->timer);
    moderator->pending = false;
    moderator->events = 0;
    moderator->fired = true;
    moderator->last = now;
    moderator->fire(moderator);
}

/* Interrupts now, or sees to it that the timer does when it is due. */
static void decide(struct moderator *moderator)
{
    sim_time now = sim_now(moderator->sim);
    sim_time due = moderator->pending && moderator->enabled ? due_time(moderator, now) : SIM_TIME_MAX;
    if (due <= now)
        interrupt(moderator, now);
    else if (due == SIM_TIME_MAX)
        sim_cancel(moderator->sim, &moderator->timer);
    else if (!sim_event_pending(&moderator->timer) || moderator->timer.when != due)
        sim_reschedule(moderator->sim, &moderator->timer, due);
}

static void lapse(struct sim *sim, struct sim_event *event)
{
    interrupt(SIM_CONTAINER_OF(event, struct moderator, timer), sim_now(sim));
}

void moderator_init(struct moderator *moderator, struct sim *sim, uint16_t component, uint8_t kind,
                    void (*fire)(struct moderator *moderator))
{
    *moderator = (struct moderator){.sim = sim, .fire = fire};
    sim_event_init(&moderator->timer, lapse, component, kind);
}

void moderator_event(struct moderator *moderator, int64_t count)
{
    SIM_ASSERT(count > 0);
    if (!moderator->pending) {
        moderator->pending = true;
        moderator->first = sim_now(moderator->sim);
    }
    moderator->events += count;
    decide(moderator);
}

void moderator_clear(struct moderator *moderator)
{
    moderator->pending = false;
    moderator->events = 0;
    sim_cancel(moderator->sim, &moderator->timer);
}

void moderator_enable(struct moderator *moderator, bool enabled)
{
    moderator->enabled = enabled;
    decide(moderator);
}

void moderator_set(struct moderator *moderator, const struct moderation_setting *setting)
{
    moderator->setting = *setting;
    decide(moderator);
}

static uint64_t encode_time(sim_time time)
{
    sim_time ns = (time + SIM_NS - 1) / SIM_NS;
    sim_time most = (1 << ENCODE_TIME_BITS) - 1;
    return (uint64_t)(ns < most ? ns : most);
}

uint64_t moderation_encode(const struct moderation_setting *setting)
{
    int64_t most = (1 << ENCODE_FRAMES_BITS) - 1;
    uint64_t frames = (uint64_t)(setting->frames < most ? setting->frames : most);
    return ENCODE_VALID | frames << (2 * ENCODE_TIME_BITS) | encode_time(setting->delay) << ENCODE_TIME_BITS |
           encode_time(setting->interval);
}

struct moderation_setting moderation_decode(uint64_t value)
{
    SIM_ASSERT(value & ENCODE_VALID);
    uint64_t time_mask = (UINT64_C(1) << ENCODE_TIME_BITS) - 1;
    return (struct moderation_setting){
        .interval = (sim_time)(value & time_mask) * SIM_NS,
        .delay = (sim_time)(value >> ENCODE_TIME_BITS & time_mask) * SIM_NS,
        .frames = (int64_t)((value & ~ENCODE_VALID) >> (2 * ENCODE_TIME_BITS)),
    };
}
