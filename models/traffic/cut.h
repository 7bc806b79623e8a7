/*
 * Cutting: how an item that is larger than the MTU becomes packets. With segmentation offload they are as large as the
 * netdev takes, each a whole number of segments; without, each is a frame of the MTU. Every piece repeats the
 * headers. Internal to models/traffic/.
 */
#ifndef MODELS_TRAFFIC_CUT_H
#define MODELS_TRAFFIC_CUT_H

#include "models/traffic/packet.h"

enum { CUT_MSS = FRAME_MTU_MAX - FRAME_HEADERS }; /* [B] payload of a full segment: 1460 */

/* A cut in progress: how much is left of an item. */
struct cut {
    uint32_t payload; /* [B] behind the headers, not handed out yet */
    uint32_t most;    /* [B] payload of one piece at most */
};

/* An item of `length` [B, without FCS] for a netdev that takes gso packets up to `gso_max` [B]; 0: none. */
static inline struct cut cut_start(uint32_t length, uint32_t gso_max)
{
    uint32_t most = gso_max > FRAME_MTU_MAX ? (gso_max - FRAME_HEADERS) / CUT_MSS * CUT_MSS : CUT_MSS;
    return (struct cut){.payload = length > FRAME_HEADERS ? length - FRAME_HEADERS : 0, .most = most};
}

static inline bool cut_last(const struct cut *cut)
{
    return cut->payload <= cut->most;
}

/* The length of the next piece [B, without FCS, >= FRAME_MIN]. After the last one nothing is left. */
static inline uint32_t cut_next(struct cut *cut)
{
    uint32_t payload = cut_last(cut) ? cut->payload : cut->most;
    cut->payload -= payload;
    return FRAME_HEADERS + payload < FRAME_MIN ? FRAME_MIN : FRAME_HEADERS + payload;
}

/* Pieces in all. */
static inline uint32_t cut_count(struct cut cut)
{
    return cut.payload <= cut.most ? 1 : (cut.payload + cut.most - 1) / cut.most;
}

/* Frames that a piece of `length` becomes on the wire. */
static inline uint16_t cut_segments(uint32_t length)
{
    return length <= FRAME_MTU_MAX ? 1 : (uint16_t)((length - FRAME_HEADERS + CUT_MSS - 1) / CUT_MSS);
}

#endif
