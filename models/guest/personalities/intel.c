/*
 * The Intel drivers' register accesses, from Linux 6.12 (drivers/net/ethernet/intel) and counted on real guests
 * (tests/data/driver-exits).
 */
#include "models/guest/personalities/personalities.h"

#define READ(r)                                                                                              \
    {                                                                                                        \
        .reg = (r), .write = false                                                                           \
    }
#define WRITE(r)                                                                                             \
    {                                                                                                        \
        .reg = (r), .write = true                                                                            \
    }

/* e1000_intr(): ICR, IMC, flush; e1000_irq_enable(): IMS, flush; RDT every 16 buffers and at the end of a poll. */
const struct driver_personality driver_e1000 = {
    .name = "e1000",
    .help = "82540EM, level-triggered line",
    .register_names = {[REG_TX_TAIL] = "TDT",
                       [REG_RX_TAIL] = "RDT",
                       [REG_CAUSE] = "ICR",
                       [REG_MASK_SET] = "IMS",
                       [REG_MASK_CLEAR] = "IMC",
                       [REG_STATUS] = "STATUS",
                       [REG_THROTTLE] = "ITR"},
    .interrupt = {READ(REG_CAUSE), WRITE(REG_MASK_CLEAR), READ(REG_STATUS)},
    .interrupt_steps = 3,
    .enable = {WRITE(REG_MASK_SET), READ(REG_STATUS)},
    .enable_steps = 2,
    .refill_chunk = 16,
    .refill_remainder = true,
    .intx = true,
    .throttle = true,
    .byte_queue_limits = true,
};

/* MSI-X: EIAC clears and masks; each vector is enabled again by one IMS write; transmit is reclaimed in its handler. */
const struct driver_personality driver_e1000e = {
    .name = "e1000e",
    .help = "82574, MSI-X with a vector each for receive and transmit",
    .register_names = {[REG_TX_TAIL] = "TDT",
                       [REG_RX_TAIL] = "RDT",
                       [REG_CAUSE] = "ICR",
                       [REG_MASK_SET] = "IMS",
                       [REG_MASK_CLEAR] = "IMC",
                       [REG_STATUS] = "STATUS",
                       [REG_THROTTLE] = "EITR"},
    .enable = {WRITE(REG_MASK_SET)},
    .enable_steps = 1,
    .refill_chunk = 16,
    .auto_mask = true,
    .split_vectors = true,
    .throttle = true,
    .byte_queue_limits = true,
};

/* MSI: e1000_intr_msi() reads ICR, which masks through IAM; e1000_irq_enable(): IMS, flush. */
const struct driver_personality driver_e1000e_msi = {
    .name = "e1000e-msi",
    .help = "82574, a single MSI",
    .register_names = {[REG_TX_TAIL] = "TDT",
                       [REG_RX_TAIL] = "RDT",
                       [REG_CAUSE] = "ICR",
                       [REG_MASK_SET] = "IMS",
                       [REG_MASK_CLEAR] = "IMC",
                       [REG_STATUS] = "STATUS",
                       [REG_THROTTLE] = "ITR"},
    .interrupt = {READ(REG_CAUSE)},
    .interrupt_steps = 1,
    .enable = {WRITE(REG_MASK_SET), READ(REG_STATUS)},
    .enable_steps = 2,
    .refill_chunk = 16,
    .auto_mask = true,
    .throttle = true,
    .byte_queue_limits = true,
};

/* INTx: e1000_intr() reads ICR, which clears and, through IAM, masks; e1000_irq_enable(): IMS, flush. */
const struct driver_personality driver_e1000e_intx = {
    .name = "e1000e-intx",
    .help = "82574, level-triggered line",
    .register_names = {[REG_TX_TAIL] = "TDT",
                       [REG_RX_TAIL] = "RDT",
                       [REG_CAUSE] = "ICR",
                       [REG_MASK_SET] = "IMS",
                       [REG_MASK_CLEAR] = "IMC",
                       [REG_STATUS] = "STATUS",
                       [REG_THROTTLE] = "ITR"},
    .interrupt = {READ(REG_CAUSE)},
    .interrupt_steps = 1,
    .enable = {WRITE(REG_MASK_SET), READ(REG_STATUS)},
    .enable_steps = 2,
    .refill_chunk = 16,
    .intx = true,
    .auto_mask = true,
    .throttle = true,
    .byte_queue_limits = true,
};

/*
 * igb: messages that mask themselves (EIAM), enabled by one EIMS write; RDT every 16 and at a poll's end. With one
 * queue, receive and transmit have a vector and a NAPI instance each (igb_set_flag_queue_pairs()); a device that has
 * a message a queue pair serves both with it.
 */
const struct driver_personality driver_igb = {
    .name = "igb",
    .help = "82576, MSI-X with a vector each for receive and transmit",
    .register_names =
        {[REG_TX_TAIL] = "TDT", [REG_RX_TAIL] = "RDT", [REG_MASK_SET] = "EIMS", [REG_THROTTLE] = "EITR"},
    .enable = {WRITE(REG_MASK_SET)},
    .enable_steps = 1,
    .refill_chunk = 16,
    .refill_remainder = true,
    .auto_mask = true,
    .split_vectors = true,
    .tx_napi = true,
    .throttle = true,
    .byte_queue_limits = true,
};

/* ixgbe's PF driver and ixgbevf: no access in the handler (EIAM masks), one EIMS write, RDT every 16 buffers. */
const struct driver_personality driver_ixgbe = {
    .name = "ixgbe",
    .help = "82599 physical function, MSI-X a queue pair",
    .register_names =
        {[REG_TX_TAIL] = "TDT", [REG_RX_TAIL] = "RDT", [REG_MASK_SET] = "EIMS", [REG_THROTTLE] = "EITR"},
    .enable = {WRITE(REG_MASK_SET)},
    .enable_steps = 1,
    .refill_chunk = 16,
    .auto_mask = true,
    .throttle = true,
    .byte_queue_limits = true,
};

const struct driver_personality driver_ixgbevf = {
    .name = "ixgbevf",
    .help = "82599 virtual function, MSI-X a queue pair",
    .register_names = {[REG_TX_TAIL] = "VFTDT",
                       [REG_RX_TAIL] = "VFRDT",
                       [REG_MASK_SET] = "VTEIMS",
                       [REG_THROTTLE] = "VTEITR"},
    .enable = {WRITE(REG_MASK_SET)},
    .enable_steps = 1,
    .refill_chunk = 16,
    .auto_mask = true,
    .throttle = true,
};
