/*
 * The e1000 drivers' dynamic interrupt throttling (Linux 6.12, e1000_main.c, e1000_update_itr() and
 * e1000_set_itr()): each direction is in one of three latency ranges, by the packets and bytes since the last time;
 * the slower of the two sets the rate, and the rate rises by at most a quarter of the new one at a time.
 */
#include "models/nic/moderation/models.h"

enum range { LOWEST_LATENCY, LOW_LATENCY, BULK_LATENCY };
enum mode { MODE_DYNAMIC, MODE_CONSERVATIVE };

enum { START_RATE = 20000, FIXED_RATE = 4000, GIGABIT_MBPS = 1000 };

static const int64_t range_rates[] = {[LOWEST_LATENCY] = 70000, [LOW_LATENCY] = 20000, [BULK_LATENCY] = 4000};

struct config {
    int mode; /* enum mode */
};

struct state {
    int64_t rate; /* [1/s] */
    enum range tx, rx;
    struct moderation_work tx_seen, rx_seen;
};

static const char *const mode_names[] = {"dynamic", "conservative", NULL};

static const struct param rows[] = {
    PARAM_CHOICE_ROW(struct config, mode, mode_names, "conservative",
                     "InterruptThrottleRate 1 (dynamic) or 3, without the 70000/s of lowest latency"),
};

/* ITR counts in units of 256 ns. */
static struct moderation_setting setting_of(int64_t rate)
{
    int64_t units = 1000000000 / (rate * 256);
    return (struct moderation_setting){.interval = units * 256 * SIM_NS};
}

static enum range from_low(int64_t packets, int64_t bytes)
{
    if (bytes > 10000) {
        if (bytes / packets > 8000 || packets < 10 || bytes / packets > 1200)
            return BULK_LATENCY;
        return packets > 35 ? LOWEST_LATENCY : LOW_LATENCY;
    }
    if (bytes / packets > 2000)
        return BULK_LATENCY;
    return packets <= 2 && bytes < 512 ? LOWEST_LATENCY : LOW_LATENCY;
}

static enum range from_lowest(int64_t packets, int64_t bytes)
{
    if (bytes / packets > 8000)
        return BULK_LATENCY;
    return packets < 5 && bytes > 512 ? LOW_LATENCY : LOWEST_LATENCY;
}

static enum range from_bulk(int64_t packets, int64_t bytes)
{
    if (bytes > 25000)
        return packets > 35 ? LOW_LATENCY : BULK_LATENCY;
    return bytes < 6000 ? LOW_LATENCY : BULK_LATENCY;
}

/* e1000_update_itr() */
static enum range next_range(enum range range, struct moderation_work work, const struct config *config)
{
    if (work.packets > 0) {
        if (range == LOWEST_LATENCY)
            range = from_lowest(work.packets, work.bytes);
        else if (range == LOW_LATENCY)
            range = from_low(work.packets, work.bytes);
        else
            range = from_bulk(work.packets, work.bytes);
    }
    return config->mode == MODE_CONSERVATIVE && range == LOWEST_LATENCY ? LOW_LATENCY : range;
}

static void start(void *self, const void *config, struct moderation_setting *setting)
{
    struct state *state = self;
    (void)config;
    *state = (struct state){.rate = START_RATE, .tx = LOWEST_LATENCY, .rx = LOWEST_LATENCY};
    *setting = setting_of(state->rate);
}

static int64_t wanted_rate(struct state *state, const struct config *config,
                           const struct moderation_sample *sample)
{
    struct moderation_work tx = moderation_since(&state->tx_seen, moderation_tx(sample));
    struct moderation_work rx = moderation_since(&state->rx_seen, moderation_rx(sample));
    if (sample->link_mbps != GIGABIT_MBPS)
        return FIXED_RATE;
    state->tx = next_range(state->tx, tx, config);
    state->rx = next_range(state->rx, rx, config);
    return range_rates[state->tx > state->rx ? state->tx : state->rx];
}

/* e1000_set_itr() */
static bool update(void *self, const void *config, const struct moderation_sample *sample,
                   struct moderation_setting *setting)
{
    struct state *state = self;
    int64_t rate = wanted_rate(state, config, sample);
    if (rate == state->rate)
        return false;
    int64_t eased = state->rate + (rate >> 2);
    state->rate = rate > state->rate && eased < rate ? eased : rate;
    *setting = setting_of(state->rate);
    return true;
}

static const struct moderation_ops ops = {
    .state_size = sizeof(struct state), .start = start, .update = update};

static const struct param_table table = {
    .name = "e1000_adaptive",
    .help = "the e1000 drivers' dynamic throttling: 70000, 20000 or 4000 interrupts a second",
    .size = sizeof(struct config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

const struct param_model moderation_e1000 = {.table = &table, .ops = &ops};
