#include "tests/unit/models/virtqueue_fixture.h"

static const struct virtqueue_config plain = {.size = 8, .parts = 4, .packed = true};
static const struct virtqueue_config events = {.size = 8, .parts = 4, .packed = true, .event_index = true};

enum { AVAIL = VIRTQUEUE_DESC_AVAIL, USED = VIRTQUEUE_DESC_USED, WRAP = 1 << 15 };

static unsigned slot_flags(const struct ring_fixture *f, unsigned slot)
{
    return (unsigned)ring_peek(f, f->queue.descriptors + 16 * slot + 14, 2);
}

static unsigned slot_id(const struct ring_fixture *f, unsigned slot)
{
    return (unsigned)ring_peek(f, f->queue.descriptors + 16 * slot + 12, 2);
}

/* An event suppression structure: where, and flags. */
static unsigned event_where(const struct ring_fixture *f, uint64_t area)
{
    return (unsigned)ring_peek(f, area, 2);
}

static unsigned event_flags(const struct ring_fixture *f, uint64_t area)
{
    return (unsigned)ring_peek(f, area + 2, 2);
}

/* One chain of one part all the way round. */
static void go_round(struct ring_fixture *f)
{
    ring_add_one(f, 0x1000);
    cr_assert(ring_serve_one(f));
    cr_assert_eq(ring_reclaim(f), 1);
}

Test(virtqueue_packed, a_part_is_one_descriptor_with_id_and_flags)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    struct virtqueue_part part = {.address = 0x123456789abc, .length = 0x5ea, .write = true};
    uint16_t id = virtqueue_add(&f.queue, &part, 1);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors, 8), 0x123456789abc);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors + 8, 4), 0x5ea);
    cr_expect_eq(slot_id(&f, 0), id);
    cr_expect_eq(slot_flags(&f, 0), AVAIL | VIRTQUEUE_DESC_WRITE);
    cr_expect_eq(slot_flags(&f, 1), 0);
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, flags_turn_round_with_the_wrap_counters)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    for (unsigned i = 0; i < 8; i++) {
        ring_add_one(&f, 0x1000);
        cr_expect_eq(slot_flags(&f, i), AVAIL, "available in round one");
        ring_serve_one(&f);
        cr_expect_eq(slot_flags(&f, i), AVAIL | USED, "used in round one");
        ring_reclaim(&f);
    }
    ring_add_one(&f, 0x1000);
    cr_expect_eq(slot_flags(&f, 0), USED, "available in round two");
    cr_expect(!virtqueue_has_used(&f.queue));
    ring_serve_one(&f);
    cr_expect_eq(slot_flags(&f, 0), 0, "used in round two");
    cr_expect_eq(ring_reclaim(&f), 1);
    cr_expect(!virtqueue_has_available(&f.queue));
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, a_chain_across_the_end_changes_flags_in_the_middle)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    for (unsigned i = 0; i < 6; i++)
        go_round(&f);
    const struct virtqueue_part parts[] = {{0x1000, 1, false}, {0x2000, 2, false}, {0x3000, 3, true}};
    uint16_t id = virtqueue_add(&f.queue, parts, 3);
    cr_expect_eq(slot_flags(&f, 6), AVAIL | VIRTQUEUE_DESC_NEXT);
    cr_expect_eq(slot_flags(&f, 7), AVAIL | VIRTQUEUE_DESC_NEXT);
    cr_expect_eq(slot_flags(&f, 0), USED | VIRTQUEUE_DESC_WRITE);
    struct virtqueue_chain chain;
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect(chain.id == id && chain.slots == 3 && chain.count == 3);
    virtqueue_use(&f.queue, chain.id, chain.slots, 3);
    virtqueue_publish(&f.queue);
    cr_expect_eq(slot_flags(&f, 6), AVAIL | USED, "one used descriptor for the whole chain");
    cr_expect_eq(ring_reclaim(&f), 1);
    cr_expect_eq(virtqueue_free(&f.queue), 8);
    go_round(&f);
    cr_expect_eq(slot_flags(&f, 1), 0, "the next one is behind the chain");
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, an_indirect_chain_takes_one_slot)
{
    struct ring_fixture f;
    struct virtqueue_config config = plain;
    config.indirect = true;
    ring_create(&f, config);
    const struct virtqueue_part parts[] = {{0x1000, 66, false}, {0x2000, 1000, false}};
    virtqueue_add(&f.queue, parts, 2);
    cr_expect_eq(ring_peek(&f, f.queue.descriptors + 8, 4), 32);
    cr_expect_eq(slot_flags(&f, 0), AVAIL | VIRTQUEUE_DESC_INDIRECT);
    cr_expect_eq(virtqueue_free(&f.queue), 7);
    struct virtqueue_chain chain;
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect(chain.slots == 1 && chain.count == 2 && chain.parts[1].length == 1000);
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, a_batch_becomes_visible_with_its_first)
{
    struct ring_fixture f;
    struct virtqueue_chain chain;
    ring_create(&f, plain);
    for (unsigned i = 0; i < 3; i++)
        ring_add_one(&f, 0x1000);
    for (unsigned i = 0; i < 3; i++) {
        virtqueue_take(&f.queue, &chain);
        virtqueue_use(&f.queue, chain.id, chain.slots, 10);
    }
    cr_expect_eq(virtqueue_used(&f.queue), 0);
    cr_expect_eq(slot_flags(&f, 0), AVAIL);
    virtqueue_publish(&f.queue);
    cr_expect_eq(virtqueue_used(&f.queue), 3);
    cr_expect_eq(ring_reclaim(&f), 3);
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, chains_are_known_by_id_whatever_order_they_are_used_in)
{
    struct ring_fixture f;
    struct virtqueue_chain chains[3];
    uint16_t id;
    uint32_t length;
    ring_create(&f, plain);
    for (unsigned i = 0; i < 3; i++)
        ring_add_one(&f, 0x1000);
    for (unsigned i = 0; i < 3; i++)
        virtqueue_take(&f.queue, &chains[i]);
    for (unsigned i = 3; i-- > 0;)
        virtqueue_use(&f.queue, chains[i].id, chains[i].slots, i);
    virtqueue_publish(&f.queue);
    for (unsigned i = 3; i-- > 0;) {
        cr_assert(virtqueue_get(&f.queue, &id, &length));
        cr_expect(id == chains[i].id && length == i);
    }
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, flags_decide_without_event_index)
{
    struct ring_fixture f;
    ring_create(&f, plain);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_kick_prepare(&f.queue));
    virtqueue_disable_kicks(&f.queue);
    cr_expect_eq(event_flags(&f, f.queue.device_area), VIRTQUEUE_EVENT_DISABLE);
    ring_add_one(&f, 0x1000);
    cr_expect(!virtqueue_kick_prepare(&f.queue));
    cr_expect(virtqueue_enable_kicks(&f.queue), "two are there");
    cr_expect_eq(event_flags(&f, f.queue.device_area), VIRTQUEUE_EVENT_ENABLE);
    virtqueue_disable_interrupts(&f.queue);
    ring_serve_one(&f);
    cr_expect(!virtqueue_wants_interrupt(&f.queue));
    virtqueue_enable_interrupts(&f.queue);
    cr_expect_eq(event_flags(&f, f.queue.driver_area), VIRTQUEUE_EVENT_ENABLE);
    ring_serve_one(&f);
    cr_expect(virtqueue_wants_interrupt(&f.queue));
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, an_event_is_a_slot_and_a_wrap_counter)
{
    struct ring_fixture f;
    ring_create(&f, events);
    cr_expect(!virtqueue_enable_kicks(&f.queue));
    cr_expect_eq(event_where(&f, f.queue.device_area), 0 | WRAP);
    cr_expect_eq(event_flags(&f, f.queue.device_area), VIRTQUEUE_EVENT_DESC);
    for (unsigned i = 0; i < 9; i++)
        go_round(&f);
    virtqueue_enable_kicks(&f.queue);
    cr_expect_eq(event_where(&f, f.queue.device_area), 1, "slot 1, round two");
    virtqueue_disable_interrupts(&f.queue);
    virtqueue_enable_interrupts(&f.queue);
    cr_expect_eq(event_where(&f, f.queue.driver_area), 1);
    cr_expect_eq(event_flags(&f, f.queue.driver_area), VIRTQUEUE_EVENT_DESC);
    ring_destroy_fixture(&f);
}

/* The walk counts slots from the start for ever; the ring knows them modulo its size, with a wrap bit. */
static uint16_t as_event(uint64_t position, unsigned size)
{
    return (uint16_t)(position % size | (position / size % 2 == 0 ? WRAP : 0));
}

Test(virtqueue_packed, notifications_follow_the_other_sides_event)
{
    struct ring_fixture f;
    enum { SIZE = 100 }; /* no power of two */
    struct virtqueue_config config = {.size = SIZE, .parts = 1, .packed = true, .event_index = true};
    uint32_t random = 5;
    uint64_t position = 0;
    ring_create(&f, config);
    virtqueue_disable_kicks(&f.queue);
    virtqueue_disable_interrupts(&f.queue);
    virtqueue_enable_kicks(&f.queue);
    virtqueue_enable_interrupts(&f.queue);
    for (unsigned round = 0; round < 30000; round++) {
        unsigned added = 1 + ring_random(&random, 30);
        /* An event lies less than a round behind or ahead of where the writer stands. */
        uint64_t event = position + ring_random(&random, 60);
        bool passed = event < position + added;
        ring_poke16(&f, f.queue.device_area, as_event(event, SIZE));
        for (unsigned i = 0; i < added; i++)
            ring_add_one(&f, 0x1000);
        cr_assert_eq(virtqueue_kick_prepare(&f.queue), passed, "event %lu, from %lu, %u added",
                     (unsigned long)event, (unsigned long)position, added);
        event = position + ring_random(&random, 60);
        passed = event < position + added;
        ring_poke16(&f, f.queue.driver_area, as_event(event, SIZE));
        while (ring_serve_one(&f))
            ;
        cr_assert_eq(virtqueue_wants_interrupt(&f.queue), passed, "event %lu, from %lu, %u used",
                     (unsigned long)event, (unsigned long)position, added);
        cr_assert_eq(ring_reclaim(&f), added);
        position += added;
    }
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, a_passed_event_is_not_met_again_a_round_later)
{
    struct ring_fixture f;
    ring_create(&f, events);
    virtqueue_enable_kicks(&f.queue);
    ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_kick_prepare(&f.queue));
    ring_serve_one(&f);
    ring_reclaim(&f);
    for (unsigned i = 1; i < 8; i++) {
        go_round(&f);
        cr_expect(!virtqueue_kick_prepare(&f.queue), "slot %u", i);
    }
    go_round(&f);
    cr_expect(!virtqueue_kick_prepare(&f.queue), "slot 0 again, but in the next round");
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, a_delayed_interrupt_waits_for_three_quarters)
{
    struct ring_fixture f;
    ring_create(&f, events);
    virtqueue_disable_interrupts(&f.queue);
    for (unsigned i = 0; i < 5; i++)
        go_round(&f);
    virtqueue_wants_interrupt(&f.queue);
    for (unsigned i = 0; i < 8; i++)
        ring_add_one(&f, 0x1000);
    cr_expect(virtqueue_enable_interrupts_delayed(&f.queue));
    cr_expect_eq(event_where(&f, f.queue.driver_area), (5 + 6) % 8, "6 on, in round two");
    for (unsigned i = 1; i <= 8; i++) {
        ring_serve_one(&f);
        cr_expect_eq(virtqueue_wants_interrupt(&f.queue), i == 7, "after %u", i);
    }
    cr_expect(!virtqueue_enable_interrupts_delayed(&f.queue));
    ring_destroy_fixture(&f);
}

Test(virtqueue_packed, chains_given_back_are_taken_again_across_the_end)
{
    struct ring_fixture f;
    struct virtqueue_chain chain;
    ring_create(&f, events);
    for (unsigned i = 0; i < 7; i++)
        go_round(&f);
    ring_add_one(&f, 0x1000);
    ring_add_one(&f, 0x2000);
    virtqueue_take(&f.queue, &chain);
    virtqueue_take(&f.queue, &chain);
    virtqueue_untake(&f.queue, 2, 2);
    cr_expect(!virtqueue_enable_kicks(&f.queue), "no more have come");
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect_eq(chain.parts[0].address, 0x1000);
    cr_assert(virtqueue_take(&f.queue, &chain));
    cr_expect_eq(chain.parts[0].address, 0x2000);
    cr_expect(!virtqueue_has_available(&f.queue));
    ring_destroy_fixture(&f);
}
