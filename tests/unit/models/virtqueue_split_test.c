#include "tests/unit/models/virtqueue_fixture.h"

static const struct virtqueue_config plain = {.size = 256, .parts = 4};
static const struct virtqueue_config events = {.size = 256, .parts = 4, .event_index = true};
static const struct virtqueue_config indirect = {.size = 256, .parts = 4, .indirect = true};

/* Fields of the rings by the offsets of virtio 1.2, section 2.7, for 256 entries. */
enum {
    AVAIL_FLAGS = 0,
    AVAIL_IDX = 2,
    AVAIL_RING = 4,
    USED_EVENT = 4 + 2 * 256,
    USED_FLAGS = 0,
    USED_IDX = 2,
    USED_RING = 4,
    AVAIL_EVENT = 4 + 8 * 256
};

static uint64_t avail(const struct ring_fixture *f, unsigned offset, unsigned size)
{
    return ring_peek(f, f->queue.driver_area + offset, size);
}

static uint64_t used(const struct ring_fixture *f, unsigned offset, unsigned size)
{
    return ring_peek(f, f->queue.device_area + offset, size);
}

Test(virtqueue_split, areas_are_laid_out_and_aligned)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    cr_expect_eq(f.queue.descriptors % 4096, 0);
    cr_expect_eq(f.queue.driver_area, f.queue.descriptors + 16 * 256);
    cr_expect_eq(f.queue.device_area % 4, 0);
    cr_expect_geq(f.queue.device_area, f.queue.driver_area + 6 + 2 * 256);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_legacy_used_ring_starts_on_the_next_page)
{
    struct ring_fixture f;
    struct virtqueue_config config = plain;
    config.legacy = true;
    ring_create(&f, config);
    cr_expect_eq(f.queue.device_area, f.queue.descriptors + 8192);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_part_is_a_descriptor_an_available_entry_and_an_index)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    struct virtqueue_part part = {.address = 0x123456789abc, .length = 0x5ea, .write = true};
    cr_expect_eq(virtqueue_add(&f.queue, &part, 1), 0);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors, 8), 0x123456789abc);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors + 8, 4), 0x5ea);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors + 12, 2), VIRTQUEUE_DESC_WRITE);
    cr_expect_eq(avail(&f, AVAIL_IDX, 2), 1);
    cr_expect_eq(avail(&f, AVAIL_RING, 2), 0);
    cr_expect_eq(ring_add_one(&f, 0x2000), 1);
    cr_expect_eq(avail(&f, AVAIL_IDX, 2), 2);
    cr_expect_eq(avail(&f, AVAIL_RING + 2, 2), 1);
    cr_expect_eq(virtqueue_free(&f.queue), 254);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_chain_is_linked_by_next)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    const struct virtqueue_part parts[] = {{0x1000, 66, false}, {0x2000, 1000, false}, {0x3000, 8, true}};
    uint16_t id = virtqueue_add(&f.queue, parts, 3);
    const unsigned flags[] = {VIRTQUEUE_DESC_NEXT, VIRTQUEUE_DESC_NEXT, VIRTQUEUE_DESC_WRITE};
    for (unsigned i = 0; i < 3; i++) {
        cr_expect_eq(ring_peek(&f, f.queue.descriptors + 16 * i, 8), parts[i].address);
        cr_expect_eq(ring_peek(&f, f.queue.descriptors + 16 * i + 12, 2), flags[i]);
        if (i < 2)
            cr_expect_eq(ring_peek(&f, f.queue.descriptors + 16 * i + 14, 2), i + 1);
    }
    cr_expect_eq(virtqueue_free(&f.queue), 253);
    struct virtqueue_chain chain;
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect_eq(chain.id, id);
    cr_expect_eq(chain.slots, 3);
    cr_expect_eq(chain.count, 3);
    cr_expect_eq(chain.parts[1].length, 1000);
    cr_expect(!chain.parts[1].write && chain.parts[2].write);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, an_indirect_chain_takes_one_slot_and_a_table)
{
    struct ring_fixture f;
    ring_create(&f, indirect);
    const struct virtqueue_part parts[] = {{0x1000, 66, false}, {0x2000, 1000, false}};
    virtqueue_add(&f.queue, parts, 2);
    uint64_t table = ring_peek(&f, f.queue.descriptors, 8);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors + 8, 4), 32);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors + 12, 2), VIRTQUEUE_DESC_INDIRECT);
    cr_expect_eq(ring_peek(&f, table, 8), 0x1000);
    cr_expect_eq(ring_peek(&f, table + 12, 2), VIRTQUEUE_DESC_NEXT);
    cr_expect_eq(ring_peek(&f, table + 14, 2), 1);
    cr_expect_eq(ring_peek(&f, table + 16, 8), 0x2000);
    cr_expect_eq(ring_peek(&f, table + 28, 2), 0);
    cr_expect_eq(virtqueue_free(&f.queue), 255);
    struct virtqueue_chain chain;
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect_eq(chain.slots, 1);
    cr_expect_eq(chain.count, 2);
    cr_expect_eq(chain.parts[1].address, 0x2000);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, used_chains_are_invisible_until_published)
{
    struct ring_fixture f;
    struct virtqueue_chain chain;
    uint16_t id;
    uint32_t length;
    ring_create(&f, plain);
    ring_add_one(&f, 0x1000);
    ring_add_one(&f, 0x2000);
    for (unsigned i = 0; i < 2; i++) {
        cr_assert(virtqueue_take(&f.queue, &chain));
        virtqueue_use(&f.queue, chain.id, chain.slots, 100 + i);
    }
    cr_expect(!virtqueue_has_used(&f.queue));
    cr_expect_eq(used(&f, USED_IDX, 2), 0);
    virtqueue_publish(&f.queue);
    cr_expect_eq(used(&f, USED_IDX, 2), 2);
    cr_expect_eq(used(&f, USED_RING + 8, 4), 1);
    cr_expect_eq(used(&f, USED_RING + 12, 4), 101);
    cr_expect_eq(virtqueue_used(&f.queue), 2);
    cr_assert(virtqueue_get(&f.queue, &id, &length));
    cr_expect(id == 0 && length == 100);
    cr_expect_eq(virtqueue_free(&f.queue), 255);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, descriptors_freed_last_are_used_first)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    for (unsigned i = 0; i < 3; i++)
        ring_add_one(&f, 0x1000);
    ring_serve_one(&f);
    ring_serve_one(&f);
    cr_expect_eq(ring_reclaim(&f), 2);
    cr_expect_eq(ring_add_one(&f, 0x1000), 1);
    cr_expect_eq(ring_add_one(&f, 0x1000), 0);
    cr_expect_eq(ring_add_one(&f, 0x1000), 3);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, indices_wrap_at_65536_while_entries_wrap_at_the_size)
{
    struct ring_fixture f;
    ring_create(&f, events);
    for (unsigned i = 0; i < 65540; i++) {
        ring_add_one(&f, 0x1000 + i);
        cr_assert(ring_serve_one(&f));
        cr_assert_eq(ring_reclaim(&f), 1);
    }
    cr_expect_eq(avail(&f, AVAIL_IDX, 2), 4);
    cr_expect_eq(used(&f, USED_IDX, 2), 4);
    cr_expect_eq(virtqueue_free(&f.queue), 256);
    ring_destroy_fixture(&f);
}

/* The rule, counted out: is `event` among the entries that were passed? */
static bool passed(uint16_t event, uint16_t new_index, uint16_t old_index)
{
    for (uint16_t entry = old_index; entry != new_index; entry++)
        if (entry == event)
            return true;
    return false;
}

Test(virtqueue_split, the_event_rule_is_being_passed_modulo_65536)
{
    uint32_t random = 7;
    for (unsigned round = 0; round < 200000; round++) {
        uint16_t old_index =
            (uint16_t)(round % 3 ? 65536 - ring_random(&random, 300) : ring_random(&random, 65536));
        uint16_t new_index = (uint16_t)(old_index + ring_random(&random, 300));
        uint16_t event = (uint16_t)(old_index + ring_random(&random, 700) - 200);
        cr_assert_eq(virtqueue_need_event(event, new_index, old_index), passed(event, new_index, old_index),
                     "event %u, %u to %u", event, old_index, new_index);
    }
}

/* A random walk of driver and device: kicks and interrupts come exactly when the rule says so. */
Test(virtqueue_split, notifications_follow_the_other_sides_event_index)
{
    struct ring_fixture f;
    uint32_t random = 3;
    ring_create(&f, events);
    for (unsigned round = 0; round < 20000; round++) {
        uint16_t event = (uint16_t)(avail(&f, AVAIL_IDX, 2) + ring_random(&random, 20) - 10);
        uint16_t old_index = (uint16_t)avail(&f, AVAIL_IDX, 2);
        ring_poke16(&f, f.queue.device_area + AVAIL_EVENT, event);
        unsigned added = 1 + ring_random(&random, 8);
        for (unsigned i = 0; i < added; i++)
            ring_add_one(&f, 0x1000);
        cr_assert_eq(virtqueue_kick_prepare(&f.queue),
                     passed(event, (uint16_t)(old_index + added), old_index));
        event = (uint16_t)(used(&f, USED_IDX, 2) + ring_random(&random, 20) - 10);
        old_index = (uint16_t)used(&f, USED_IDX, 2);
        ring_poke16(&f, f.queue.driver_area + USED_EVENT, event);
        while (ring_serve_one(&f))
            ;
        cr_assert_eq(virtqueue_wants_interrupt(&f.queue),
                     passed(event, (uint16_t)(old_index + added), old_index));
        ring_reclaim(&f);
    }
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, without_event_index_flags_decide)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_kick_prepare(&f.queue));
    virtqueue_disable_kicks(&f.queue);
    cr_expect_eq(used(&f, USED_FLAGS, 2), VIRTQUEUE_SUPPRESS);
    ring_add_one(&f, 0x1000);
    cr_expect(!virtqueue_kick_prepare(&f.queue));
    virtqueue_disable_interrupts(&f.queue);
    cr_expect_eq(avail(&f, AVAIL_FLAGS, 2), VIRTQUEUE_SUPPRESS);
    ring_serve_one(&f);
    cr_expect(!virtqueue_wants_interrupt(&f.queue));
    virtqueue_enable_interrupts(&f.queue);
    cr_expect_eq(avail(&f, AVAIL_FLAGS, 2), 0);
    ring_serve_one(&f);
    cr_expect(virtqueue_wants_interrupt(&f.queue));
    cr_expect(!virtqueue_enable_kicks(&f.queue));
    cr_expect_eq(used(&f, USED_FLAGS, 2), 0);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, enabling_kicks_reports_what_slipped_in)
{
    struct ring_fixture f;
    ring_create(&f, events);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_enable_kicks(&f.queue), "a chain is there that nobody will kick for");
    ring_serve_one(&f);
    cr_expect(!virtqueue_enable_kicks(&f.queue));
    cr_expect_eq(used(&f, AVAIL_EVENT, 2), 1);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_kick_prepare(&f.queue));
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, chains_given_back_do_not_count_as_slipped_in)
{
    struct ring_fixture f;
    struct virtqueue_chain chain;
    ring_create(&f, events);
    ring_add_one(&f, 0x1000);
    virtqueue_kick_prepare(&f.queue);
    cr_assert(virtqueue_take(&f.queue, &chain));
    virtqueue_untake(&f.queue, 1, chain.slots);
    cr_expect(!virtqueue_enable_kicks(&f.queue), "too few buffers, and no more have come");
    ring_add_one(&f, 0x2000);
    cr_expect(virtqueue_kick_prepare(&f.queue), "the next one is kicked for");
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect_eq(chain.parts[0].address, 0x1000);
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_device_that_keeps_its_event_index_at_its_place_is_kicked_only_when_it_has_caught_up)
{
    struct ring_fixture f;
    struct virtqueue_config config = events;
    struct virtqueue_chain chain;
    config.event_on_take = true;
    ring_create(&f, config);
    for (unsigned i = 0; i < 3; i++)
        ring_add_one(&f, 0x1000);
    virtqueue_kick_prepare(&f.queue);
    virtqueue_take(&f.queue, &chain);
    cr_expect_eq(used(&f, AVAIL_EVENT, 2), 1);
    ring_add_one(&f, 0x1000);
    cr_expect(!virtqueue_kick_prepare(&f.queue));
    for (unsigned i = 0; i < 3; i++)
        virtqueue_take(&f.queue, &chain);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_kick_prepare(&f.queue));
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_device_that_has_turned_kicks_off_leaves_its_event_index_behind)
{
    struct ring_fixture f;
    struct virtqueue_config config = events;
    struct virtqueue_chain chain;
    config.event_on_take = true;
    ring_create(&f, config);
    virtqueue_disable_kicks(&f.queue);
    for (unsigned i = 0; i < 3; i++)
        ring_add_one(&f, 0x1000);
    virtqueue_kick_prepare(&f.queue);
    for (unsigned i = 0; i < 3; i++)
        virtqueue_take(&f.queue, &chain);
    cr_expect_eq(used(&f, AVAIL_EVENT, 2), 0);
    ring_add_one(&f, 0x1000);
    cr_expect(!virtqueue_kick_prepare(&f.queue), "it looks for itself");
    virtqueue_take(&f.queue, &chain);
    cr_expect(!virtqueue_enable_kicks(&f.queue));
    cr_expect_eq(used(&f, AVAIL_EVENT, 2), 4);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_kick_prepare(&f.queue));
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_delayed_interrupt_waits_for_three_quarters)
{
    struct ring_fixture f;
    ring_create(&f, events);
    for (unsigned i = 0; i < 8; i++)
        ring_add_one(&f, 0x1000);
    virtqueue_disable_interrupts(&f.queue);
    cr_expect(virtqueue_enable_interrupts_delayed(&f.queue));
    cr_expect_eq(avail(&f, USED_EVENT, 2), 6);
    for (unsigned i = 1; i <= 8; i++) {
        ring_serve_one(&f);
        cr_expect_eq(virtqueue_wants_interrupt(&f.queue), i == 7, "after %u", i);
    }
    cr_expect(!virtqueue_enable_interrupts_delayed(&f.queue), "more than that has been used already");
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, a_disabled_interrupt_is_an_event_index_out_of_the_way)
{
    struct ring_fixture f;
    ring_create(&f, events);
    ring_add_one(&f, 0x1000);
    ring_serve_one(&f);
    ring_reclaim(&f);
    virtqueue_enable_interrupts(&f.queue);
    virtqueue_disable_interrupts(&f.queue);
    cr_expect_eq(avail(&f, USED_EVENT, 2), 0);
    for (unsigned i = 0; i < 100; i++) {
        ring_add_one(&f, 0x1000);
        ring_serve_one(&f);
        ring_reclaim(&f);
        cr_assert_eq(avail(&f, USED_EVENT, 2), 0, "reclaiming does not move it");
        cr_assert_eq(virtqueue_wants_interrupt(&f.queue), i == 0, "the one before they were disabled");
    }
    ring_destroy_fixture(&f);
}

Test(virtqueue_split, after_an_interrupt_the_event_index_needs_no_moving)
{
    struct ring_fixture f;
    ring_create(&f, events);
    ring_add_one(&f, 0x1000);
    virtqueue_enable_interrupts(&f.queue);
    cr_expect(!virtqueue_interrupted(&f.queue), "nothing has been used");
    ring_serve_one(&f);
    cr_expect(virtqueue_interrupted(&f.queue));
    ring_poke16(&f, f.queue.driver_area + USED_EVENT, 77);
    virtqueue_disable_interrupts(&f.queue);
    cr_expect_eq(avail(&f, USED_EVENT, 2), 77);
    ring_reclaim(&f);
    cr_expect_eq(avail(&f, USED_EVENT, 2), 77);
    virtqueue_enable_interrupts(&f.queue);
    cr_expect_eq(avail(&f, USED_EVENT, 2), 1);
    ring_destroy_fixture(&f);
}

static void count(void *self)
{
    ++*(unsigned *)self;
}

Test(virtqueue_split, a_watcher_sees_every_chain)
{
    struct ring_fixture f;
    unsigned seen = 0;
    ring_create(&f, plain);
    ring_add_one(&f, 0x1000);
    f.queue.watch = count;
    f.queue.watcher = &seen;
    ring_add_one(&f, 0x1000);
    ring_add_one(&f, 0x1000);
    cr_expect_eq(seen, 2);
    ring_destroy_fixture(&f);
}
