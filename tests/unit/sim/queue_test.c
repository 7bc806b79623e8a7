#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/queue.h"

/* The oracle: an array kept in the queue's order by insertion. */
struct oracle {
    struct entry {
        sim_time when;
        int priority;
        uint64_t sequence;
        struct sim_event *event;
    } entries[4096];
    size_t count;
    uint64_t sequence;
};

static bool entry_before(const struct entry *a, const struct entry *b)
{
    if (a->when != b->when)
        return a->when < b->when;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->sequence < b->sequence;
}

static void oracle_add(struct oracle *oracle, struct sim_event *event)
{
    struct entry added = {event->when, event->priority, ++oracle->sequence, event};
    size_t i = oracle->count++;
    for (; i > 0 && entry_before(&added, &oracle->entries[i - 1]); i--)
        oracle->entries[i] = oracle->entries[i - 1];
    oracle->entries[i] = added;
}

static void oracle_remove(struct oracle *oracle, const struct sim_event *event)
{
    size_t i = 0;
    while (oracle->entries[i].event != event)
        i++;
    oracle->count--;
    memmove(&oracle->entries[i], &oracle->entries[i + 1], (oracle->count - i) * sizeof(struct entry));
}

static uint64_t random_state;

static uint32_t random_under(uint32_t bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 33) % bound);
}

static void fire_nothing(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    (void)event;
}

struct fixture {
    struct sim_queue queue;
    struct oracle oracle;
    struct sim_event events[2048];
    uint32_t event_count;
    uint32_t time_range; /* small: many ties */
};

static void add(struct fixture *f, struct sim_event *event)
{
    event->when = random_under(f->time_range);
    sim_queue_push(&f->queue, event);
    oracle_add(&f->oracle, event);
}

static void move(struct fixture *f, struct sim_event *event)
{
    event->when = random_under(f->time_range);
    sim_queue_move(&f->queue, event);
    oracle_remove(&f->oracle, event);
    oracle_add(&f->oracle, event);
}

static void cancel(struct fixture *f, struct sim_event *event)
{
    sim_queue_cancel(&f->queue, event);
    cr_assert_not(sim_event_pending(event));
    oracle_remove(&f->oracle, event);
}

static void pop(struct fixture *f)
{
    if (f->oracle.count == 0) {
        cr_assert_null(sim_queue_peek(&f->queue));
        return;
    }
    struct sim_event *event = sim_queue_pop(&f->queue);
    cr_assert_eq(event, f->oracle.entries[0].event);
    cr_assert_not(sim_event_pending(event));
    oracle_remove(&f->oracle, event);
}

static void check_head(struct fixture *f)
{
    bool empty = f->oracle.count == 0;
    cr_assert_eq(sim_queue_count(&f->queue), f->oracle.count);
    cr_assert_eq(sim_queue_next(&f->queue), empty ? SIM_TIME_MAX : f->oracle.entries[0].when);
    cr_assert_eq(sim_queue_peek(&f->queue), empty ? NULL : f->oracle.entries[0].event);
}

/* One random operation; which ones are likely drifts, so that the queue fills up and runs empty. */
static void step(struct fixture *f, uint32_t fill)
{
    struct sim_event *event = &f->events[random_under(f->event_count)];
    uint32_t choice = random_under(100);
    if (choice < fill) {
        if (!sim_event_pending(event))
            add(f, event);
    } else if (choice < 70) {
        pop(f);
    } else if (sim_event_pending(event)) {
        if (choice < 85)
            cancel(f, event);
        else
            move(f, event);
    }
    if (random_under(3) == 0) /* not always: peeking ends the hole that a pop leaves */
        check_head(f);
}

static void run_against_oracle(uint32_t event_count, uint32_t time_range, uint64_t seed)
{
    struct fixture *f = calloc(1, sizeof(*f));
    sim_queue_init(&f->queue);
    f->event_count = event_count;
    f->time_range = time_range;
    random_state = seed;
    for (uint32_t i = 0; i < event_count; i++)
        sim_event_init_priority(&f->events[i], fire_nothing, 1, 0, (enum sim_priority)random_under(8));
    for (uint32_t i = 0; i < 40000; i++)
        step(f, i / 10000 % 2 == 0 ? 60 : 25);
    while (f->oracle.count > 0)
        pop(f);
    check_head(f);
    sim_queue_free(&f->queue);
    free(f);
}

Test(queue, agrees_with_sorted_array)
{
    static const uint32_t sizes[] = {1, 2, 5, 6, 17, 100, 2048};
    static const uint32_t ranges[] = {1, 4, 1000, 2000000000};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++)
            run_against_oracle(sizes[s], ranges[r], s * 100 + r + 1);
}

static void push_at(struct sim_queue *queue, struct sim_event *event, sim_time when,
                    enum sim_priority priority)
{
    sim_event_init_priority(event, fire_nothing, 1, 0, priority);
    event->when = when;
    sim_queue_push(queue, event);
}

Test(queue, orders_by_time_then_priority_then_sequence)
{
    struct sim_queue queue;
    sim_queue_init(&queue);
    struct sim_event late, low, high, first, second;
    push_at(&queue, &late, 11, SIM_PRIORITY_FIRST);
    push_at(&queue, &low, 10, SIM_PRIORITY_LAST);
    push_at(&queue, &first, 10, SIM_PRIORITY_DEFAULT);
    push_at(&queue, &second, 10, SIM_PRIORITY_DEFAULT);
    push_at(&queue, &high, 10, SIM_PRIORITY_FIRST);
    struct sim_event *const expected[] = {&high, &first, &second, &low, &late};
    for (int i = 0; i < 5; i++)
        cr_expect_eq(sim_queue_pop(&queue), expected[i], "position %d", i);
    sim_queue_free(&queue);
}

Test(queue, moved_event_goes_behind_its_equals)
{
    struct sim_queue queue;
    sim_queue_init(&queue);
    struct sim_event a, b;
    push_at(&queue, &a, 10, SIM_PRIORITY_DEFAULT);
    push_at(&queue, &b, 10, SIM_PRIORITY_DEFAULT);
    sim_queue_move(&queue, &a);
    cr_expect_eq(sim_queue_pop(&queue), &b);
    cr_expect_eq(sim_queue_pop(&queue), &a);
    sim_queue_free(&queue);
}

Test(queue, move_and_cancel_while_there_is_a_hole)
{
    struct sim_queue queue;
    sim_queue_init(&queue);
    struct sim_event popped, a, b, c;
    push_at(&queue, &popped, 10, SIM_PRIORITY_LAST);
    push_at(&queue, &a, 20, SIM_PRIORITY_DEFAULT);
    push_at(&queue, &b, 30, SIM_PRIORITY_DEFAULT);
    push_at(&queue, &c, 40, SIM_PRIORITY_FIRST);
    cr_assert_eq(sim_queue_pop(&queue), &popped);
    c.when = 10; /* earlier than the popped key by its priority */
    sim_queue_move(&queue, &c);
    sim_queue_cancel(&queue, &a);
    cr_expect_eq(sim_queue_count(&queue), 2);
    cr_expect_eq(sim_queue_pop(&queue), &c);
    cr_expect_eq(sim_queue_pop(&queue), &b);
    cr_expect_eq(sim_queue_next(&queue), SIM_TIME_MAX);
    sim_queue_free(&queue);
}

Test(queue, holds_far_more_than_its_first_capacity)
{
    enum { COUNT = 100000 };
    struct sim_queue queue;
    sim_queue_init(&queue);
    struct sim_event *events = calloc(COUNT, sizeof(*events));
    for (int i = 0; i < COUNT; i++) /* 7919 is prime: every time once */
        push_at(&queue, &events[i], (sim_time)i * 7919 % COUNT, SIM_PRIORITY_DEFAULT);
    for (int i = 0; i < COUNT; i++)
        cr_assert_eq(sim_queue_pop(&queue)->when, i);
    cr_expect_null(sim_queue_peek(&queue));
    sim_queue_free(&queue);
    free(events);
}
