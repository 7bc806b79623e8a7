/*
 * The hold model on a bare queue, by which the kernel's queue was chosen. Compiled once for each contender:
 * QUEUE_HEADER names the header that defines struct queue, struct item (with a struct sim_event `event`) and
 * queue_init(), queue_push(), queue_pop(). Every contender must pop the same sequence: `check` tells.
 */
#include <stdlib.h>

#include "sim/event.h"
#include "tests/bench/kernel/hold.h"

#include QUEUE_HEADER

static struct hold hold;
static struct queue queue;

/* Not inlined, as sim_schedule() is not. */
static __attribute__((noinline)) void schedule(struct item *item, sim_time when)
{
    item->event.when = when;
    queue_push(&queue, item);
}

int main(int argc, char *argv[])
{
    hold_init(&hold, argc, argv);
    queue_init(&queue);
    struct item *items = calloc(hold.pending, sizeof(*items));
    for (uint32_t i = 0; i < hold.pending; i++) {
        items[i].event.priority = SIM_PRIORITY_DEFAULT;
        schedule(&items[i], hold_delay(&hold));
    }
    uint64_t check = 0;
    hold.start = hold_cpu_seconds();
    for (uint64_t i = 0; i < hold.count; i++) {
        struct item *item = queue_pop(&queue);
        check = (check ^ (uint64_t)item->event.when) * UINT64_C(0x9e3779b97f4a7c15);
        schedule(item, item->event.when + hold_delay(&hold));
    }
    hold_report(&hold, argv[0]);
    fprintf(stderr, "check %016llx\n", (unsigned long long)check);
    free(items);
    return 0;
}
