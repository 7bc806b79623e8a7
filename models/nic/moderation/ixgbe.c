/*
 * ixgbe's adaptive interrupt throttling (Linux 6.12, ixgbe_main.c, ixgbe_update_itr() and ixgbe_set_itr()): each
 * direction proposes a delay of 10 to 126 us in steps of 2, by how many packets of what size the last interval held;
 * the shorter of the two is programmed.
 */
#include "models/nic/moderation/models.h"

enum {
    MIN_STEP = 2,      /* [us] */
    MIN_DELAY = 10,    /* [us] */
    MAX_DELAY = 126,   /* [us] */
    LATENCY = 0x80,    /* flag: driven by latency, not bulk */
    START_ITR = 200,   /* IXGBE_20K_ITR */
    ITR_FIELD = 0xff8, /* the bits of EITR that hold the interval, [us] times 4 */
};

struct config {
    int64_t hz; /* [1/s] jiffies */
};

struct container {
    unsigned itr;        /* [us] and LATENCY */
    int64_t next_update; /* [jiffies] */
    struct moderation_work seen;
};

struct state {
    unsigned itr; /* as programmed: [us] times 4 */
    struct container tx, rx;
};

static const struct param rows[] = {
    PARAM_INTEGER_ROW(struct config, hz, 24, 10000, "250", "timer ticks a second of the driver's kernel"),
};

/* EITR counts in units of 2 us, from bit 3 on. */
static struct moderation_setting setting_of(unsigned itr)
{
    return (struct moderation_setting){.interval = (sim_time)(itr & ITR_FIELD) / 4 * SIM_US};
}

static unsigned round_up(unsigned size, unsigned unit)
{
    return (size + unit - 1) / unit * MIN_STEP;
}

/* The delay [us] for packets of this average size, at the speed's rate of interrupts. */
static unsigned delay_by_size(unsigned size, bool latency, int64_t link_mbps)
{
    if (size <= 60)
        size = 5120;
    else if (size <= 316)
        size = size * 40 + 2720;
    else if (size <= 1084)
        size = size * 15 + 11452;
    else if (size < 1968)
        size = size * 5 + 22420;
    else
        size = 32256;
    if (latency)
        size >>= 1;
    if (link_mbps != 2500 && link_mbps != 1000 && link_mbps != 10)
        return round_up(size, MIN_STEP * 256);
    return round_up(size > 8064 ? 8064 : size, MIN_STEP * 64);
}

static unsigned longer(unsigned itr)
{
    unsigned delay = (itr >> 2) + MIN_STEP;
    return delay > MAX_DELAY ? MAX_DELAY : delay;
}

static unsigned halved(unsigned itr)
{
    unsigned delay = itr >> 3;
    return delay < MIN_DELAY ? MIN_DELAY : delay;
}

/* What a container proposes [us, LATENCY] after `work`, with `itr` programmed. */
static unsigned proposal(const struct container *container, struct moderation_work work, unsigned itr,
                         int64_t link_mbps)
{
    if (work.packets == 0)
        return longer(itr) + (container->itr & LATENCY);
    unsigned size = (unsigned)(work.bytes / work.packets);
    if (work.packets < 4 && work.bytes < 9000)
        return LATENCY + delay_by_size(size, true, link_mbps);
    if (work.packets < 48)
        return longer(itr);
    if (work.packets < 96)
        return itr >> 2;
    if (work.packets < 256)
        return halved(itr);
    return delay_by_size(size, false, link_mbps);
}

/* ixgbe_update_itr() */
static void update_container(struct container *container, struct moderation_work now, unsigned itr,
                             int64_t jiffies, int64_t link_mbps)
{
    struct moderation_work work = moderation_since(&container->seen, now);
    if (jiffies > container->next_update)
        container->itr = MIN_DELAY | LATENCY;
    else
        container->itr = proposal(container, work, itr, link_mbps);
    container->next_update = jiffies + 1;
}

static void start(void *self, const void *config, struct moderation_setting *setting)
{
    struct state *state = self;
    struct container container = {.itr = MAX_DELAY | LATENCY, .next_update = -1};
    (void)config;
    *state = (struct state){.itr = START_ITR, .tx = container, .rx = container};
    *setting = setting_of(state->itr);
}

/* ixgbe_set_itr() */
static bool update(void *self, const void *given, const struct moderation_sample *sample,
                   struct moderation_setting *setting)
{
    struct state *state = self;
    const struct config *config = given;
    int64_t jiffies = (int64_t)((__int128)sample->now * config->hz / SIM_SECOND);
    update_container(&state->tx, moderation_tx(sample), state->itr, jiffies, sample->link_mbps);
    update_container(&state->rx, moderation_rx(sample), state->itr, jiffies, sample->link_mbps);
    unsigned least = state->rx.itr < state->tx.itr ? state->rx.itr : state->tx.itr;
    unsigned itr = (least & ~(unsigned)LATENCY) << 2;
    if (itr == state->itr)
        return false;
    state->itr = itr;
    *setting = setting_of(itr);
    return true;
}

static const struct moderation_ops ops = {
    .state_size = sizeof(struct state), .start = start, .update = update};

static const struct param_table table = {
    .name = "ixgbe_adaptive",
    .help = "ixgbe's adaptive throttling: 10 to 126 us by the packets of the last interval",
    .size = sizeof(struct config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const struct param_model moderation_ixgbe = {.table = &table, .ops = &ops};
