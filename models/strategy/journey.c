/*
 * The stages that packets are marked with. Sometimes are those of a wait that may not be: for room on a ring, for a
 * notification while the other side is at work already, for an interrupt while the driver polls.
 */
#include "models/strategy/assembly.h"

#define BIT(stage) (UINT32_C(1) << (stage))

#define SENDER (BIT(STAGE_SOURCE_WAIT) | BIT(STAGE_SEND))
#define BACKEND_SENDS (BIT(STAGE_BACKEND_WAIT) | BIT(STAGE_BACKEND) | BIT(STAGE_HOST_SEND))
#define NIC_SENDS                                                                                            \
    (BIT(STAGE_DOORBELL) | BIT(STAGE_DESCRIPTOR_FETCH) | BIT(STAGE_PAYLOAD_FETCH) | BIT(STAGE_NIC_TX))
#define ON_WIRE (BIT(STAGE_WIRE_WAIT) | BIT(STAGE_WIRE))
#define NIC_RECEIVES (BIT(STAGE_NIC_RX) | BIT(STAGE_RX_FIFO) | BIT(STAGE_DMA_WRITE))
#define BACKEND_RECEIVES                                                                                     \
    (BIT(STAGE_HOST_POLL_WAIT) | BIT(STAGE_HOST_RECEIVE) | BIT(STAGE_TAP_WAIT) | BIT(STAGE_BACKEND_RECEIVE))
#define RECEIVER (BIT(STAGE_POLL_WAIT) | BIT(STAGE_RECEIVE) | BIT(STAGE_SOCKET_WAIT) | BIT(STAGE_APP))

const struct journey journey_direct_send = {
    .always = SENDER | NIC_SENDS | ON_WIRE,
    .sometimes = BIT(STAGE_RING_WAIT),
};

const struct journey journey_backend_send = {
    .always = SENDER | BACKEND_SENDS | NIC_SENDS | ON_WIRE,
    .sometimes = BIT(STAGE_RING_WAIT) | BIT(STAGE_NOTIFY) | BIT(STAGE_HOST_QUEUE),
};

const struct journey journey_direct_receive = {
    .always = ON_WIRE | NIC_RECEIVES | RECEIVER,
    .sometimes = BIT(STAGE_MODERATION) | BIT(STAGE_INTERRUPT),
};

const struct journey journey_backend_receive = {
    .always = ON_WIRE | NIC_RECEIVES | BACKEND_RECEIVES | RECEIVER,
    .sometimes = BIT(STAGE_MODERATION) | BIT(STAGE_INTERRUPT) | BIT(STAGE_INJECT),
};
