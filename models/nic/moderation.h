/*
 * Interrupt moderation: when a NIC's vector may interrupt (the device's part, a setting that hardware applies)
 * and how the driver adapts that setting (the algorithm's part: DIM, e1000 and ixgbe adaptive, or fixed).
 */
#ifndef MODELS_NIC_MODERATION_H
#define MODELS_NIC_MODERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/event.h"
#include "sim/param.h"
#include "sim/sim.h"

/* What the hardware applies. All zero: every event interrupts at once. */
struct moderation_setting {
    sim_time interval; /* [ps] least time between two interrupts of the vector (ITR, EITR) */
    sim_time
        delay; /* [ps] longest time from the first event to the interrupt; 0 with frames > 0: never by time */
    int64_t frames; /* events that interrupt at once; 0 = not counted */
};

/*
 * A setting as the value that a driver writes to REG_THROTTLE, and back: valid 1 bit, frames 15 bits, delay and
 * interval 24 bits each in ns (rounded up, at most 16.7 ms). Decoding asserts the valid bit.
 */
uint64_t moderation_encode(const struct moderation_setting *setting);
struct moderation_setting moderation_decode(uint64_t value);

/* The device's part, one a vector. */
struct moderator {
    struct sim *sim;
    struct moderation_setting setting;
    sim_time last;  /* [ps] of the last interrupt */
    bool fired;     /* there was one */
    bool enabled;   /* the vector is unmasked */
    bool pending;   /* an event waits */
    int64_t events; /* since the last interrupt */
    sim_time first; /* [ps] of the first waiting event */
    struct sim_event timer;
    void (*fire)(struct moderator *moderator); /* sends the interrupt message */
};

void moderator_init(struct moderator *moderator, struct sim *sim, uint16_t component, uint8_t kind,
                    void (*fire)(struct moderator *moderator));
/* `count` (> 0) packets completed now. */
void moderator_event(struct moderator *moderator, int64_t count);
/* Forgets the events that wait: their cause was read and cleared. */
void moderator_clear(struct moderator *moderator);
/* Masks / unmasks the vector; an event that waits may fire on unmasking. fire() leaves it masked when `auto_mask`. */
void moderator_enable(struct moderator *moderator, bool enabled);
void moderator_set(struct moderator *moderator, const struct moderation_setting *setting);

/* The driver's part. */
struct moderation_sample {
    sim_time now;
    int64_t interrupts;           /* so far */
    int64_t rx_packets, rx_bytes; /* so far */
    int64_t tx_packets, tx_bytes;
    int64_t link_mbps;
};

struct moderation_ops {
    size_t state_size;
    void (*start)(void *state, const void *config, struct moderation_setting *setting);
    /* At NAPI completion: true if `setting` changed and is to be written to the device. */
    bool (*update)(void *state, const void *config, const struct moderation_sample *sample,
                   struct moderation_setting *setting);
};

/* none, itr, frames, frames_time, dim, e1000_adaptive, ixgbe_adaptive, ixgbevf_adaptive (moderation/family.c). */
extern const struct param_family moderation_family;

#endif
