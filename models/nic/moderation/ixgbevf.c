/*
 * ixgbevf's adaptive interrupt throttling (Linux 6.12, ixgbevf_main.c, ixgbevf_update_itr() and ixgbevf_set_itr()):
 * each direction is in one of three latency ranges by its bytes a microsecond of the last interval; the slower of the
 * two gives the interval, which approaches it smoothly.
 */
#include "models/nic/moderation/models.h"

enum range { LOWEST_LATENCY, LOW_LATENCY, BULK_LATENCY };

enum {
    START_ITR = 200,   /* IXGBE_20K_ITR */
    ITR_FIELD = 0xff8, /* the bits of VTEITR that hold the interval, [us] times 4 */
    SLOW = 10,         /* [B/us] */
    FAST = 20,         /* [B/us] */
};

/* IXGBE_100K_ITR, IXGBE_20K_ITR, IXGBE_12K_ITR */
static const unsigned range_itr[] = {[LOWEST_LATENCY] = 40, [LOW_LATENCY] = 200, [BULK_LATENCY] = 336};

struct container {
    enum range range;
    struct moderation_work seen; /* at the last update that counted */
};

struct state {
    unsigned itr; /* [us] times 4 */
    struct container tx, rx;
};

static struct moderation_setting setting_of(unsigned itr)
{
    return (struct moderation_setting){.interval = (sim_time)(itr & ITR_FIELD) / 4 * SIM_US};
}

/* ixgbevf_update_itr() */
static void update_container(struct container *container, struct moderation_work now, unsigned itr)
{
    unsigned us = itr >> 2;
    if (now.packets == container->seen.packets || us == 0)
        return;
    int64_t speed = moderation_since(&container->seen, now).bytes / us;
    if (container->range == LOWEST_LATENCY && speed > SLOW)
        container->range = LOW_LATENCY;
    else if (container->range == LOW_LATENCY && speed > FAST)
        container->range = BULK_LATENCY;
    else if (container->range == LOW_LATENCY && speed <= SLOW)
        container->range = LOWEST_LATENCY;
    else if (container->range == BULK_LATENCY && speed <= FAST)
        container->range = LOW_LATENCY;
}

static void start(void *self, const void *config, struct moderation_setting *setting)
{
    struct state *state = self;
    (void)config;
    *state = (struct state){.itr = START_ITR};
    *setting = setting_of(state->itr);
}

/* ixgbevf_set_itr() */
static bool update(void *self, const void *config, const struct moderation_sample *sample,
                   struct moderation_setting *setting)
{
    struct state *state = self;
    (void)config;
    update_container(&state->tx, moderation_tx(sample), state->itr);
    update_container(&state->rx, moderation_rx(sample), state->itr);
    unsigned itr = range_itr[state->rx.range > state->tx.range ? state->rx.range : state->tx.range];
    if (itr == state->itr)
        return false;
    state->itr = 10 * itr * state->itr / (9 * itr + state->itr);
    *setting = setting_of(state->itr);
    return true;
}

static const struct moderation_ops ops = {
    .state_size = sizeof(struct state), .start = start, .update = update};

static const struct param_table table = {
    .name = "ixgbevf_adaptive",
    .help = "ixgbevf's adaptive throttling: 100000, 20000 or 12000 interrupts a second, approached smoothly",
};

const struct param_model moderation_ixgbevf = {.table = &table, .ops = &ops};
