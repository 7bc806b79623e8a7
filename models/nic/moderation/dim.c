/*
 * Dynamic interrupt moderation of Linux 6.12 (lib/dim/net_dim.c, dim.c): every 64 interrupts the rates of bytes,
 * packets and interrupts are compared with those before the last step; a step to the next profile goes on in its
 * direction while things get better, turns round when they do not, and parks when it has passed the top or is tired.
 */
#include "models/nic/moderation/models.h"

enum { PROFILES = 5, START_PROFILE = 1, EVENTS = 64, TIRED = 2 * PROFILES, SIGNIFICANT_PERCENT = 10 };

enum period_mode { MODE_EQE, MODE_CQE };
enum direction { DIRECTION_RX, DIRECTION_TX };
enum tune_state { PARKING_ON_TOP, PARKING_TIRED, GOING_RIGHT, GOING_LEFT };
enum comparison { WORSE, SAME, BETTER };
enum step_result { STEPPED, TOO_TIRED, ON_EDGE };

struct config {
    int mode;      /* enum period_mode */
    int direction; /* enum direction */
};

struct rates { /* a millisecond */
    int64_t bytes, packets, events;
};

struct state {
    bool measuring;
    enum tune_state tune;
    int profile;
    int steps_right, steps_left, tired;
    sim_time start;
    int64_t start_events;
    struct moderation_work start_work;
    struct rates previous;
};

struct profile {
    int64_t us, packets;
};

static const struct profile profiles[2][2][PROFILES] = {
    [DIRECTION_RX] = {[MODE_EQE] = {{1, 256}, {8, 256}, {64, 256}, {128, 256}, {256, 256}},
                      [MODE_CQE] = {{2, 256}, {8, 128}, {16, 64}, {32, 64}, {64, 64}}},
    [DIRECTION_TX] = {[MODE_EQE] = {{1, 128}, {8, 128}, {32, 128}, {64, 128}, {128, 128}},
                      [MODE_CQE] = {{5, 128}, {8, 64}, {16, 32}, {32, 32}, {64, 32}}},
};

static const char *const mode_names[] = {"eqe", "cqe", NULL};
static const char *const direction_names[] = {"rx", "tx", NULL};

static const struct param rows[] = {
    PARAM_CHOICE_ROW(struct config, mode, mode_names, "eqe",
                     "the table of profiles: time counted from the event (eqe) or the completion (cqe)"),
    PARAM_CHOICE_ROW(struct config, direction, direction_names, "rx",
                     "the direction whose rates are measured and whose profiles are used"),
};

static void apply_profile(const struct state *state, const struct config *config,
                          struct moderation_setting *setting)
{
    const struct profile *profile = &profiles[config->direction][config->mode][state->profile];
    *setting = (struct moderation_setting){.delay = profile->us * SIM_US, .frames = profile->packets};
}

static bool significant(int64_t value, int64_t reference)
{
    int64_t difference = value > reference ? value - reference : reference - value;
    return reference != 0 && 100 * difference / reference > SIGNIFICANT_PERCENT;
}

/* net_dim_stats_compare() */
static enum comparison compare(const struct rates *now, const struct rates *before)
{
    if (before->bytes == 0)
        return now->bytes ? BETTER : SAME;
    if (significant(now->bytes, before->bytes))
        return now->bytes > before->bytes ? BETTER : WORSE;
    if (before->packets == 0)
        return now->packets ? BETTER : SAME;
    if (significant(now->packets, before->packets))
        return now->packets > before->packets ? BETTER : WORSE;
    if (before->events == 0 || !significant(now->events, before->events))
        return SAME;
    return now->events < before->events ? BETTER : WORSE;
}

static bool on_top(const struct state *state)
{
    if (state->tune == GOING_RIGHT)
        return state->steps_left > 1 && state->steps_right == 1;
    return state->steps_right > 1 && state->steps_left == 1;
}

static void turn(struct state *state)
{
    if (state->tune == GOING_RIGHT) {
        state->tune = GOING_LEFT;
        state->steps_left = 0;
    } else {
        state->tune = GOING_RIGHT;
        state->steps_right = 0;
    }
}

static void park(struct state *state, enum tune_state where)
{
    state->steps_right = 0;
    state->steps_left = 0;
    if (where == PARKING_ON_TOP)
        state->tired = 0;
    state->tune = where;
}

static enum step_result step(struct state *state)
{
    if (state->tired == TIRED)
        return TOO_TIRED;
    if (state->tune == GOING_RIGHT) {
        if (state->profile == PROFILES - 1)
            return ON_EDGE;
        state->profile++;
        state->steps_right++;
    } else {
        if (state->profile == 0)
            return ON_EDGE;
        state->profile--;
        state->steps_left++;
    }
    state->tired++;
    return STEPPED;
}

static void exit_parking(struct state *state)
{
    state->tune = state->profile > 0 ? GOING_LEFT : GOING_RIGHT;
    step(state);
}

static void go_on(struct state *state, enum comparison result)
{
    if (result != BETTER)
        turn(state);
    if (on_top(state)) {
        park(state, PARKING_ON_TOP);
        return;
    }
    enum step_result stepped = step(state);
    if (stepped == ON_EDGE)
        park(state, PARKING_ON_TOP);
    else if (stepped == TOO_TIRED)
        park(state, PARKING_TIRED);
}

/* net_dim_decision(): whether the profile changed. */
static bool decide(struct state *state, const struct rates *now)
{
    enum tune_state tune = state->tune;
    int profile = state->profile;
    enum comparison result = compare(now, &state->previous);
    if (tune == PARKING_ON_TOP && result != SAME)
        exit_parking(state);
    else if (tune == PARKING_TIRED && --state->tired == 0)
        exit_parking(state);
    else if (tune == GOING_RIGHT || tune == GOING_LEFT)
        go_on(state, result);
    if (tune != PARKING_ON_TOP || state->tune != PARKING_ON_TOP)
        state->previous = *now;
    return state->profile != profile;
}

static int64_t per_millisecond(int64_t count, int64_t us)
{
    return (count * 1000 + us - 1) / us;
}

/* dim_calc_stats(): false when no time has passed. */
static bool measure(const struct state *state, const struct moderation_sample *sample,
                    struct moderation_work work, struct rates *rates)
{
    int64_t us = (sample->now - state->start) / SIM_US;
    if (us == 0)
        return false;
    struct moderation_work seen = state->start_work;
    struct moderation_work gained = moderation_since(&seen, work);
    *rates = (struct rates){
        .bytes = per_millisecond(gained.bytes, us),
        .packets = per_millisecond(gained.packets, us),
        .events = per_millisecond(EVENTS, us),
    };
    return true;
}

static void start(void *self, const void *config, struct moderation_setting *setting)
{
    struct state *state = self;
    *state = (struct state){.profile = START_PROFILE, .tune = PARKING_ON_TOP};
    apply_profile(state, config, setting);
}

/* net_dim(). Its worker, which programs the profile and starts the next measurement, is the write that follows. */
static bool update(void *self, const void *given, const struct moderation_sample *sample,
                   struct moderation_setting *setting)
{
    struct state *state = self;
    const struct config *config = given;
    struct moderation_work work =
        config->direction == DIRECTION_RX ? moderation_rx(sample) : moderation_tx(sample);
    if (state->measuring) {
        struct rates rates;
        if ((uint16_t)(sample->interrupts - state->start_events) < EVENTS ||
            !measure(state, sample, work, &rates))
            return false;
        if (decide(state, &rates)) {
            state->measuring = false;
            apply_profile(state, config, setting);
            return true;
        }
    }
    state->measuring = true;
    state->start = sample->now;
    state->start_events = sample->interrupts;
    state->start_work = work;
    return false;
}

static const struct moderation_ops ops = {
    .state_size = sizeof(struct state), .start = start, .update = update};

static const struct param_table table = {
    .name = "dim",
    .help = "dynamic interrupt moderation of Linux (net_dim)",
    .size = sizeof(struct config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const struct param_model moderation_dim = {.table = &table, .ops = &ops};
