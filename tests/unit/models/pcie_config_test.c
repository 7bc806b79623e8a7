#include <criterion/criterion.h>

#include "models/iommu/iommu.h"
#include "models/memory/memory.h"
#include "models/pcie/pcie.h"
#include "models/pcie/root.h"
#include "sim/diag.h"

static const struct pcie_link_config link_defaults = {
    .generation = 3,
    .width = 8,
    .mps = 256,
    .mrrs = 512,
    .rcb = 64,
    .dllp_share = 81500,
};

static double gigabits(const struct pcie_link_config *config)
{
    int64_t num, den;
    pcie_link_rate(config, &num, &den);
    return 8e3 * (double)den / (double)num;
}

Test(pcie_config, rates_are_those_of_the_generations)
{
    static const double lane[] = {2.0, 4.0, 7.876923, 15.753846, 31.507692}; /* [Gb/s] */
    for (int64_t generation = 1; generation <= 5; generation++) {
        for (int64_t width = 1; width <= 16; width *= 2) {
            struct pcie_link_config config = {.generation = generation, .width = width};
            double expected = lane[generation - 1] * (double)width;
            cr_expect(gigabits(&config) > expected * 0.9999999 && gigabits(&config) < expected * 1.0000001);
        }
    }
    struct pcie_link_config config = link_defaults;
    cr_expect(gigabits(&config) > 57.875 && gigabits(&config) < 57.885, "57.88 after DLLPs");
    config.dllp = PCIE_DLLP_EXPLICIT;
    cr_expect(gigabits(&config) > 63.01 && gigabits(&config) < 63.02, "63.02 raw");
}

/* Base specification, tables 3-5 (symbol times of 2.5 GT/s). */
Test(pcie_config, ack_limits_are_those_of_the_table)
{
    static const struct {
        int64_t width, mps, symbols;
    } rows[] = {
        {1, 128, 237}, {1, 256, 416}, {1, 512, 559}, {4, 128, 73},  {4, 256, 118}, {4, 512, 154},
        {8, 128, 67},  {8, 256, 107}, {8, 512, 86},  {16, 128, 48}, {16, 256, 72}, {16, 512, 86},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pcie_link_config config = {.generation = 1, .width = rows[i].width, .mps = rows[i].mps};
        cr_expect_eq(pcie_ack_limit(&config), rows[i].symbols * 4000, "row %zu", i);
    }
}

Test(pcie_config, configurations_that_do_not_fit_are_refused)
{
    cr_expect_null(pcie_link_check(&link_defaults, NULL));
    struct pcie_link_config config = link_defaults;
    config.width = 3;
    cr_expect_not_null(pcie_link_check(&config, NULL));
    config = link_defaults;
    config.mps = 384;
    cr_expect_not_null(pcie_link_check(&config, NULL));
    config = link_defaults;
    config.posted_data = 15; /* less than one TLP of 256 bytes: it could never be sent */
    cr_expect_not_null(pcie_link_check(&config, NULL));
    config.posted_data = 16;
    cr_expect_null(pcie_link_check(&config, NULL));
    config.completion_max = 512;
    cr_expect_not_null(pcie_link_check(&config, NULL));
}

Test(pcie_config, tables_are_well_formed)
{
    struct diag *diag = diag_create();
    cr_expect(param_check_table(&pcie_link_table, diag));
    cr_expect(param_check_table(&root_complex_table, diag));
    cr_expect(param_check_table(&memory_table, diag));
    cr_expect(param_check_table(&iommu_table, diag));
    diag_print(diag, stderr);
    diag_destroy(diag);
}
