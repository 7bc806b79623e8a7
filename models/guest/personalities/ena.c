/*
 * Amazon's ENA and ConnectX-like parts as their Linux drivers touch them: a doorbell a transmit burst, one receive
 * doorbell a refill batch, one unmask (or completion-queue arm) write when polling ends, nothing in the handler.
 */
#include "models/guest/personalities/personalities.h"

/* ena: refills when an eighth of the ring is used up; the unmask register holds the moderation interval as well. */
const struct driver_personality driver_ena = {
    .name = "ena",
    .help = "ENA, MSI-X a queue pair",
    .register_names = {[REG_TX_TAIL] = "SQ_TX_DB",
                       [REG_RX_TAIL] = "SQ_RX_DB",
                       [REG_MASK_SET] = "INTR_UNMASK",
                       [REG_THROTTLE] = "INTR_DELAY"},
    .enable = {{.reg = REG_MASK_SET, .write = true}},
    .enable_steps = 1,
    .refill_chunk = 128,
    .auto_mask = true,
    .byte_queue_limits = true,
};

/* mlx5-like: completion queues are armed by one doorbell; receive work queues are refilled in chunks of 64. */
const struct driver_personality driver_mlx5 = {
    .name = "mlx5",
    .help = "25G and 100G parts with completion queues, MSI-X a channel",
    .register_names = {[REG_TX_TAIL] = "SQ_DB",
                       [REG_RX_TAIL] = "RQ_DB",
                       [REG_MASK_SET] = "CQ_ARM",
                       [REG_THROTTLE] = "CQ_MODERATION"},
    .enable = {{.reg = REG_MASK_SET, .write = true}},
    .enable_steps = 1,
    .refill_chunk = 64,
    .auto_mask = true,
    .byte_queue_limits = true,
    .throttle = true,
};
