#include "models/nic/nic.h"

#define GBPS INT64_C(1000000000)

const char *const nic_driver_names[] = {"e1000",   "e1000e", "e1000e-msi", "igb", "ixgbe",
                                        "ixgbevf", "ena",    "mlx5",       NULL};

/* Defaults are those of an 82599: data sheet for rings and buffers, latencies assumed. */
static const struct param rows[] = {
    PARAM_TEXT_ROW(struct nic_config, name, "nic0", false, "name in reports"),
    PARAM_QUANTITY_ROW(struct nic_config, bit_rate, UNIT_BIT_RATE, GBPS / 100, 800 * GBPS, "10Gbps",
                       "speed of the port"),
    PARAM_INTEGER_ROW(struct nic_config, queues, 1, 64, "1", "queue pairs of each function"),
    PARAM_INTEGER_ROW(struct nic_config, vfs, 0, 255, "63", "virtual functions"),
    PARAM_INTEGER_ROW(struct nic_config, tx_ring, 8, 32768, "512", "transmit descriptors of a ring"),
    PARAM_INTEGER_ROW(struct nic_config, rx_ring, 8, 32768, "512", "receive descriptors of a ring"),
    PARAM_QUANTITY_ROW(struct nic_config, descriptor_size, UNIT_SIZE, 16, 16, "16B",
                       "a descriptor; all drivers lay them out in 16 bytes"),
    PARAM_INTEGER_ROW(
        struct nic_config, tx_prefetch, 1, 256, "32",
        "transmit descriptors read at once; more are read when no more than these are left on the NIC"),
    PARAM_INTEGER_ROW(struct nic_config, rx_prefetch, 1, 256, "32", "likewise for receive descriptors"),
    PARAM_INTEGER_ROW(struct nic_config, reads_in_flight, 1, 256, "24",
                      "payload reads outstanding, a queue (assumed)"),
    PARAM_QUANTITY_ROW(struct nic_config, tx_fifo, UNIT_SIZE, 2048, INT64_C(1) << 30, "160KiB",
                       "transmit buffer; when it is full, payload reads wait until an eighth is free"),
    PARAM_QUANTITY_ROW(struct nic_config, rx_fifo, UNIT_SIZE, 2048, INT64_C(1) << 30, "512KiB",
                       "receive buffer"),
    PARAM_BOOL_ROW(
        struct nic_config, rx_drop, "true",
        "a frame for a ring without descriptors is dropped at once (DROP_EN), else it waits in the buffer"),
    PARAM_QUANTITY_ROW(struct nic_config, cable, UNIT_TIME, 0, SIM_MS, "10ns",
                       "propagation on the wire: 2 m"),
    PARAM_INTEGER_ROW(struct nic_config, bus, 0, 254, "0",
                      "PCI bus number, of its own for each card of a host; 0: the first that is free"),
    PARAM_COST_ROW(struct nic_config, tx_latency, UNIT_TIME, 0, SIM_MS, "200ns",
                   "transmit pipeline, from the payload's arrival to the first bit (assumed)"),
    PARAM_COST_ROW(struct nic_config, rx_latency, UNIT_TIME, 0, SIM_MS, "300ns",
                   "receive pipeline, from the last bit to the write into memory (assumed)"),
    PARAM_QUANTITY_ROW(struct nic_config, tso_max, UNIT_SIZE, 0, 262144, "64KiB",
                       "largest packet that the NIC cuts into segments; 0: none"),
    PARAM_CHOICE_ROW(struct nic_config, driver, nic_driver_names, "ixgbe",
                     "the driver of the physical function"),
    PARAM_CHOICE_ROW(struct nic_config, vf_driver, nic_driver_names, "ixgbevf",
                     "the driver of the virtual functions"),
    PARAM_GROUP_ROW(struct nic_config, link, &pcie_link_table, "the PCIe link below the root port"),
    PARAM_VARIANT_ROW(struct nic_config, moderation, &moderation_family, "interrupt moderation"),
};

const struct param_table nic_table = {
    .name = "nic",
    .help = "a network interface card: port, rings, buffers, functions, link",
    .size = sizeof(struct nic_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
    .profiles = true,
    .profile_folder = "nics",
};
