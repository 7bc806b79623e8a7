#include <stddef.h>

#include "models/pcie/pcie.h"
#include "models/pcie/root.h"
#include "sim/assert.h"

enum { RATIO_ONE = 1000000 };

static const char *const dllp_modes[] = {"share", "explicit", NULL};
static const char *const ack_modes[] = {"each", "coalesced", NULL};

#define LINK_INTEGER(field, lo, hi, def, text)                                                               \
    PARAM_INTEGER_ROW(struct pcie_link_config, field, lo, hi, def, text)
#define LINK_SIZE(field, lo, hi, def, text)                                                                  \
    PARAM_QUANTITY_ROW(struct pcie_link_config, field, UNIT_SIZE, lo, hi, def, text)

static const struct param pcie_link_params[] = {
    LINK_INTEGER(generation, 1, 5, "3", "PCIe generation"),
    LINK_INTEGER(width, 1, 16, "8", "lanes: 1, 2, 4, 8 or 16"),
    LINK_SIZE(mps, 128, 4096, "256B", "maximum payload size: a power of two"),
    LINK_SIZE(mrrs, 128, 4096, "512B", "maximum read request size: a power of two"),
    LINK_SIZE(rcb, 64, 128, "64B", "read completion boundary of the root complex: 64 or 128 bytes"),
    LINK_SIZE(completion_max, 0, 4096, "0",
              "largest payload of a read completion, a power of two; 0: that of mps"),
    LINK_INTEGER(tags, 1, 1024, "256", "read requests that the device has outstanding at most"),
    PARAM_COST_ROW(struct pcie_link_config, propagation, UNIT_TIME, 0, SIM_MS, "60ns",
                   "PHY, data link and transaction layers, a direction (assumed: 30 to 60 ns at either end)"),
    PARAM_CHOICE_ROW(struct pcie_link_config, dllp, dllp_modes, "share",
                     "DLLPs as a share of the rate, or each on the line"),
    PARAM_QUANTITY_ROW(struct pcie_link_config, dllp_share, UNIT_RATIO, 0, RATIO_ONE / 2, "8.15%",
                       "share of the rate that DLLPs take, mode share (literature: pcie-bench, 8 to 10 %)"),
    PARAM_CHOICE_ROW(
        struct pcie_link_config, ack, ack_modes, "each",
        "mode explicit: an Ack for each TLP, or one for all that come within the Ack latency limit"),
    LINK_INTEGER(posted_headers, 0, 2047, "0", "posted header credits of each receiver; 0: infinite"),
    LINK_INTEGER(posted_data, 0, 32767, "0", "posted data credits, of 16 bytes; 0: infinite"),
    LINK_INTEGER(nonposted_headers, 0, 2047, "0", "non-posted header credits; 0: infinite"),
    LINK_INTEGER(nonposted_data, 0, 32767, "0", "non-posted data credits; 0: infinite"),
    LINK_INTEGER(completion_headers, 0, 2047, "0",
                 "completion header credits; 0: infinite, as endpoints must"),
    LINK_INTEGER(completion_data, 0, 32767, "0", "completion data credits; 0: infinite, as endpoints must"),
};

const struct param_table pcie_link_table = {
    .name = "pcie_link",
    .help = "PCI Express link of a device",
    .size = sizeof(struct pcie_link_config),
    .params = pcie_link_params,
    .count = PARAM_COUNT(pcie_link_params),
};

#define ROOT_TIME(field, def, text)                                                                          \
    PARAM_COST_ROW(struct root_complex_config, field, UNIT_TIME, 0, SIM_MS, def, text)

static const struct param root_complex_params[] = {
    ROOT_TIME(ingress_latency, "350ns",
              "between port and memory system, there and back (derived: a 64 B read of 547 ns, pcie-bench, "
              "Haswell)"),
    ROOT_TIME(interrupt_latency, "300ns", "an interrupt message's way from memory system to core (assumed)"),
    ROOT_TIME(mmio_write_latency, "200ns",
              "a store's way from core to root port (assumed: 250 to 400 ns to device)"),
    ROOT_TIME(
        mmio_read_latency, "700ns",
        "a register read's way between core and root port, there and back (assumed: 700 to 1200 ns in all)"),
};

const struct param_table root_complex_table = {
    .name = "root_complex",
    .help = "root complex: latencies between ports, memory and cores",
    .size = sizeof(struct root_complex_config),
    .params = root_complex_params,
    .count = PARAM_COUNT(root_complex_params),
};

static bool is_power_of_two(int64_t value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

static bool holds(int64_t data_credits, int64_t payload)
{
    return data_credits == 0 || data_credits * 16 >= payload;
}

const char *pcie_link_check(const struct pcie_link_config *config, const char **key)
{
    const struct {
        bool fine;
        const char *key, *wrong;
    } rules[] = {
        {is_power_of_two(config->width), "width", "must be 1, 2, 4, 8 or 16"},
        {is_power_of_two(config->mps), "mps", "must be a power of two, 128B to 4096B"},
        {is_power_of_two(config->mrrs), "mrrs", "must be a power of two, 128B to 4096B"},
        {is_power_of_two(config->rcb), "rcb", "must be 64B or 128B"},
        {config->completion_max == 0 || is_power_of_two(config->completion_max), "completion_max",
         "must be a power of two, `rcb` to `mps`, or 0"},
        {config->completion_max == 0 || config->completion_max >= config->rcb, "completion_max",
         "must be at least `rcb`"},
        {config->completion_max <= config->mps, "completion_max", "must be at most `mps`"},
        {holds(config->posted_data, config->mps), "posted_data",
         "must hold a TLP of `mps`, mps / 16 credits; 0: infinite"},
        {holds(config->completion_data, config->mps), "completion_data",
         "must hold a TLP of `mps`, mps / 16 credits; 0: infinite"},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].fine)
            continue;
        if (key)
            *key = rules[i].key;
        return rules[i].wrong;
    }
    return NULL;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void pcie_link_rate(const struct pcie_link_config *config, int64_t *ps_per_byte_num, int64_t *ps_per_byte_den)
{
    static const int64_t megatransfers[] = {2500, 5000, 8000, 16000, 32000};
    SIM_ASSERT(config->generation >= 1 && config->generation <= 5);
    bool old_code = config->generation <= 2; /* 8b/10b, then 128b/130b: section 4.2 */
    int64_t share = config->dllp == PCIE_DLLP_SHARE ? config->dllp_share : 0;
    int64_t num = INT64_C(8000000) * (old_code ? 10 : 130) * RATIO_ONE;
    int64_t den =
        megatransfers[config->generation - 1] * config->width * (old_code ? 8 : 128) * (RATIO_ONE - share);
    int64_t divisor = greatest_common_divisor(num, den);
    *ps_per_byte_num = num / divisor;
    *ps_per_byte_den = den / divisor;
}

/* AckFactor of the tables, in tenths. */
static int64_t ack_factor(int64_t width, int64_t mps)
{
    bool small = mps <= 256;
    if (width <= 4)
        return small ? 14 : 10;
    if (width == 8)
        return small ? 25 : 10;
    return small ? 30 : 20;
}

sim_time pcie_ack_limit(const struct pcie_link_config *config)
{
    static const int64_t internal_delay[] = {19, 70, 115, 115, 115};
    static const sim_time symbol_time[] = {4000, 2000, 1000, 500, 250};
    int64_t factor = ack_factor(config->width, config->mps);
    int64_t symbols =
        (config->mps + 28) * factor / (10 * config->width) + internal_delay[config->generation - 1];
    return symbols * symbol_time[config->generation - 1];
}
