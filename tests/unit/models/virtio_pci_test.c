#include <criterion/criterion.h>
#include <string.h>

#include "models/backend/virtio_pci.h"
#include "sim/diag.h"

static const struct virtio_config transitional = {
    .transitional = true, .queues = 1, .interrupts_msix = true, .event_index = true, .indirect = true};

static struct virtio_config modern(void)
{
    struct virtio_config config = transitional;
    config.transitional = false;
    return config;
}

Test(virtio_pci, a_transitional_device_is_1000_with_its_type_in_the_subsystem)
{
    struct virtio_pci pci;
    virtio_pci_init(&pci, &transitional);
    cr_expect_eq(virtio_pci_read16(&pci, 0x00), 0x1af4);
    cr_expect_eq(virtio_pci_read16(&pci, 0x02), 0x1000);
    cr_expect_eq(virtio_pci_read8(&pci, 0x08), 0);
    cr_expect_eq(virtio_pci_read16(&pci, 0x2c), 0x1af4);
    cr_expect_eq(virtio_pci_read16(&pci, 0x2e), 1);
    cr_expect_eq(virtio_pci_read32(&pci, 0x08) >> 8, 0x020000);
    cr_expect_eq(pci.bar_size[0], 64);
    cr_expect_eq(virtio_pci_read32(&pci, 0x10), 1, "an I/O BAR");
}

Test(virtio_pci, a_modern_device_is_1041_and_has_no_legacy_bar)
{
    struct virtio_pci pci;
    struct virtio_config config = modern();
    virtio_pci_init(&pci, &config);
    cr_expect_eq(virtio_pci_read16(&pci, 0x02), 0x1041);
    cr_expect_geq(virtio_pci_read8(&pci, 0x08), 1);
    cr_expect_eq(pci.bar_size[0], 0);
    cr_expect_eq(pci.bar_size[4], 0x4000);
    cr_expect_eq(virtio_pci_read32(&pci, 0x20) & 0xf, 0xc, "64-bit, prefetchable");
}

/* The list, byte by byte, as a guest of QEMU's sees it. */
Test(virtio_pci, the_capability_list)
{
    static const struct {
        unsigned at, id, next, length, type, bar;
        uint32_t offset, size;
    } expected[] = {
        {0x84, 0x09, 0x70, 20, 5, 0, 0, 0},           {0x70, 0x09, 0x60, 20, 2, 4, 0x3000, 0x1000},
        {0x60, 0x09, 0x50, 16, 4, 4, 0x2000, 0x1000}, {0x50, 0x09, 0x40, 16, 3, 4, 0x1000, 0x1000},
        {0x40, 0x09, 0x00, 16, 1, 4, 0x0000, 0x1000},
    };
    struct virtio_pci pci;
    virtio_pci_init(&pci, &transitional);
    cr_expect_eq(virtio_pci_read16(&pci, 0x06) & 0x10, 0x10, "the status register announces it");
    cr_expect_eq(virtio_pci_read8(&pci, 0x34), 0x98);
    static const uint8_t msix[] = {0x11, 0x84, 0x02, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00};
    cr_expect_arr_eq(&pci.config[0x98], msix, sizeof(msix), "3 vectors, table and pending bits in BAR 1");
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const uint8_t *cap = &pci.config[expected[i].at];
        cr_expect(cap[0] == expected[i].id && cap[1] == expected[i].next && cap[2] == expected[i].length);
        cr_expect(cap[3] == expected[i].type && cap[4] == expected[i].bar);
        cr_expect_eq(virtio_pci_read32(&pci, expected[i].at + 8), expected[i].offset);
        cr_expect_eq(virtio_pci_read32(&pci, expected[i].at + 12), expected[i].size);
        cr_expect_eq(virtio_pci_find(&pci, expected[i].type), expected[i].at);
    }
    cr_expect_eq(virtio_pci_read32(&pci, 0x70 + 16), 4, "the notify multiplier");
    cr_expect_eq(virtio_pci_find(&pci, (enum virtio_pci_capability)8), 0);
}

Test(virtio_pci, without_msix_there_is_a_pin_and_no_bar_1)
{
    struct virtio_pci pci;
    struct virtio_config config = transitional;
    config.interrupts_msix = false;
    virtio_pci_init(&pci, &config);
    cr_expect_eq(virtio_pci_read8(&pci, 0x34), 0x84);
    cr_expect_eq(virtio_pci_read8(&pci, 0x3d), 1);
    cr_expect_eq(pci.bar_size[1], 0);
    cr_expect_eq(pci.vectors, 0);
}

Test(virtio_pci, vectors_are_one_a_queue_and_one_for_configuration)
{
    struct virtio_pci pci;
    struct virtio_config config = transitional;
    config.queues = 4;
    virtio_pci_init(&pci, &config);
    cr_expect_eq(pci.vectors, 9);
    cr_expect_eq(virtio_pci_read16(&pci, 0x98 + 2), 8, "the table's size less one");
}

Test(virtio_pci, each_queue_has_a_notify_address_of_its_own)
{
    struct virtio_pci pci;
    virtio_pci_init(&pci, &transitional);
    for (unsigned queue = 0; queue < 8; queue++) {
        struct virtio_pci_notify notify = virtio_pci_notify_of(&pci, &transitional, queue);
        cr_expect(notify.bar == 4 && notify.offset == 0x3000 + 4 * queue && notify.width == 2 &&
                  !notify.port);
    }
    struct virtio_config config = transitional;
    config.notify = VIRTIO_NOTIFY_PORT;
    struct virtio_pci_notify notify = virtio_pci_notify_of(&pci, &config, 1);
    cr_expect(notify.bar == 0 && notify.offset == 16 && notify.width == 2 && notify.port);
}

Test(virtio_pci, features_are_the_configurations)
{
    struct virtio_config config = transitional;
    uint64_t base = virtio_pci_features(&config);
    cr_expect_eq(base >> 28 & 3, 3, "indirect, event index");
    cr_expect_eq(base >> 32 & 1, 1, "VERSION_1");
    cr_expect_eq(base >> 34 & 1, 0);
    cr_expect_eq(base >> 15 & 1, 0);
    config.layout = VIRTIO_PACKED;
    config.mergeable = true;
    config.gso = true;
    config.queues = 2;
    uint64_t added = virtio_pci_features(&config) & ~base;
    cr_expect_eq(added, UINT64_C(1) << 34 | 1 << 15 | 1 << 7 | 1 << 11 | 1 << 17 | 1 << 22);
    config.layout = VIRTIO_SPLIT;
    config.notify = VIRTIO_NOTIFY_PORT;
    cr_expect_eq(virtio_pci_features(&config) >> 32, 0, "the legacy interface has 32 bits");
}

Test(virtio_config, the_table_is_sound)
{
    struct diag *diag = diag_create();
    cr_expect(param_check_table(&virtio_table, diag));
    diag_destroy(diag);
}

Test(virtio_config, combinations_that_cannot_be_are_named)
{
    const char *key = NULL;
    struct virtio_config config = transitional;
    config.queue_size = 256;
    cr_expect_null(virtio_config_problem(&config, &key));
    config.queue_size = 300;
    cr_expect_not_null(virtio_config_problem(&config, &key));
    cr_expect_str_eq(key, "queue_size");
    config.layout = VIRTIO_PACKED;
    cr_expect_null(virtio_config_problem(&config, &key), "a packed ring may have any size");
    config.notify = VIRTIO_NOTIFY_PORT;
    cr_expect_not_null(virtio_config_problem(&config, &key));
    cr_expect_str_eq(key, "layout");
    config.transitional = false;
    cr_expect_not_null(virtio_config_problem(&config, &key));
    cr_expect_str_eq(key, "notify");
}
