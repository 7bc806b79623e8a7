/*
 * The moderation algorithms that exist: private to models/nic/moderation; users walk moderation_family. A new one is
 * a source in this folder and a line here and in family.c.
 */
#ifndef MODELS_NIC_MODERATION_MODELS_H
#define MODELS_NIC_MODERATION_MODELS_H

#include "models/nic/moderation.h"

extern const struct param_model moderation_none;
extern const struct param_model moderation_itr;
extern const struct param_model moderation_frames;
extern const struct param_model moderation_frames_time;
extern const struct param_model moderation_dim;
extern const struct param_model moderation_e1000;
extern const struct param_model moderation_ixgbe;
extern const struct param_model moderation_ixgbevf;

/* Packets and bytes of one direction, so far or since some moment. */
struct moderation_work {
    int64_t packets, bytes;
};

static inline struct moderation_work moderation_rx(const struct moderation_sample *sample)
{
    return (struct moderation_work){sample->rx_packets, sample->rx_bytes};
}

static inline struct moderation_work moderation_tx(const struct moderation_sample *sample)
{
    return (struct moderation_work){sample->tx_packets, sample->tx_bytes};
}

/* What `now` has more than *seen; *seen becomes `now`. */
static inline struct moderation_work moderation_since(struct moderation_work *seen,
                                                      struct moderation_work now)
{
    struct moderation_work gained = {now.packets - seen->packets, now.bytes - seen->bytes};
    *seen = now;
    return gained;
}

/* No adaptation: an update() for the models whose setting is the user's. */
static inline bool moderation_fixed(void *state, const void *config, const struct moderation_sample *sample,
                                    struct moderation_setting *setting)
{
    (void)state, (void)config, (void)sample, (void)setting;
    return false;
}

#endif
