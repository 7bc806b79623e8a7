#include "models/backend/emulation.h"

#include "models/nic/moderation.h"

const char *const emulation_devices[] = {"e1000", "e1000e", "e1000e-msi", "e1000e-intx", "igb", NULL};

static const struct param rows[] = {
    PARAM_CHOICE_ROW(
        struct emulation_config, device, emulation_devices, "e1000",
        "which NIC is emulated; e1000e and igb have MSI-X, a vector each for receive and transmit"),
    PARAM_INTEGER_ROW(struct emulation_config, tx_ring, 48, 4096, "256", "transmit descriptors"),
    PARAM_INTEGER_ROW(struct emulation_config, rx_ring, 48, 4096, "256", "receive descriptors"),
    PARAM_BOOL_ROW(struct emulation_config, mitigation, "true",
                   "the e1000's mitigation timer: at most 7812.5 interrupts a second"),
    PARAM_VARIANT_ROW(struct emulation_config, moderation, &moderation_family,
                      "how the guest's driver adapts the interrupt interval"),
    PARAM_BOOL_ROW(struct emulation_config, exits, "true",
                   "factor: VM exits cost cycles; false counts them at no price"),
    PARAM_BOOL_ROW(struct emulation_config, copies, "true",
                   "factor: payload is copied between guest and tap"),
    PARAM_BOOL_ROW(struct emulation_config, segmentation, "true",
                   "factor: the device offers no more than TSO cut in software; false: it passes large "
                   "packets on whole"),
    PARAM_BOOL_ROW(struct emulation_config, synchronous, "true",
                   "factor: transmit runs in the vCPU's thread; false: in the device's own"),
    PARAM_BOOL_ROW(struct emulation_config, interrupt_per_packet, "true",
                   "factor: every completion asks for an interrupt; false: one for 64 packets or 100 us"),
    PARAM_INTEGER_ROW(struct emulation_config, tap_queue, 1, 1000000, "1000",
                      "packets the tap device queues"),
};

const struct param_table emulation_table = {
    .name = "emulation",
    .help = "a NIC emulated in user space, with a switch for each factor of its cost",
    .size = sizeof(struct emulation_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};
