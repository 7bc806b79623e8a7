#include "models/pcie/link.h"

#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"
#include "sim/hint.h"

static sim_time earlier(sim_time a, sim_time b)
{
    return a < b ? a : b;
}

static sim_time later(sim_time a, sim_time b)
{
    return a > b ? a : b;
}

static uint32_t data_credits(const struct tlp *tlp)
{
    return tlp->fmt >= TLP_3DW_DATA ? tlp_data_credits(tlp->length) : 0;
}

SIM_INLINE sim_time put(struct link *link, sim_time now, int64_t bytes)
{
    sim_time start = later(now, link->line.free_at);
    sim_time end = sim_line_send(&link->line, now, bytes);
    link->busy += end - start;
    return end;
}

sim_time link_put(struct link *link, sim_time now, int64_t bytes)
{
    return put(link, now, bytes);
}

/* Sends the first TLP of a train; returns what is left of it [B]. */
SIM_ASIDE uint32_t transmit_first(struct link *link, struct tlp *tlp, sim_time start)
{
    uint32_t first = tlp_wire(tlp);
    tlp->first_when = link_put(link, start, first) + link->propagation;
    return tlp->wire - first;
}

/* Puts a TLP that may go on the line, from `start` on [ps]. */
SIM_INLINE void transmit_now(struct link *link, struct tlp *tlp, sim_time start)
{
    uint32_t bytes = SIM_UNLIKELY(tlp->count > 1) ? transmit_first(link, tlp, start) : tlp->wire;
    tlp->when = put(link, start, bytes) + link->propagation;
    link->counters.tlps += tlp->count;
    link->counters.bytes += tlp->wire;
    if (link->to->ahead)
        link->to->deliver(link->to, tlp, tlp->when);
    else
        tlp_push(&link->flight, tlp);
}

SIM_ASIDE void transmit(struct link *link, struct tlp *tlp, sim_time start)
{
    transmit_now(link, tlp, start);
}

static void enqueue(struct link *link, struct tlp *tlp)
{
    tlp->order = link->next_order++;
    tlp_push(&link->waiting[tlp_class(tlp)], tlp);
    link->waiting_count++;
}

static bool sent_before(const struct tlp *a, const struct tlp *b)
{
    return (int32_t)(a->order - b->order) < 0;
}

/* The class, not yet in the set `tried`, whose first waiting TLP was sent first; TLP_CLASSES if none waits. */
static unsigned oldest_class(const struct link *link, unsigned tried)
{
    unsigned oldest = TLP_CLASSES;
    for (unsigned kind = 0; kind < TLP_CLASSES; kind++) {
        const struct tlp *head = link->waiting[kind].head;
        if (!head || (tried >> kind & 1))
            continue;
        if (oldest == TLP_CLASSES || sent_before(head, link->waiting[oldest].head))
            oldest = kind;
    }
    return oldest;
}

/* Takes out the oldest waiting TLP that has its credits at `now` and does not pass a posted one. */
static struct tlp *pick(struct link *link, sim_time now)
{
    const struct tlp *posted = link->waiting[TLP_POSTED].head;
    unsigned tried = 0;
    unsigned kind;
    while ((kind = oldest_class(link, tried)) != TLP_CLASSES) {
        struct tlp *tlp = link->waiting[kind].head;
        bool passes_posted = kind != TLP_POSTED && posted && sent_before(posted, tlp);
        if (!passes_posted && credit_take(&link->credits[kind], tlp->count, data_credits(tlp), now)) {
            link->waiting_count--;
            return tlp_pop(&link->waiting[kind]);
        }
        tried |= 1U << kind;
    }
    return NULL;
}

/* When the first UpdateFC arrives for a class in which TLPs wait [ps]; those up to `now` are used up. */
static sim_time next_credits(struct link *link, sim_time now)
{
    sim_time next = SIM_TIME_MAX;
    for (unsigned kind = 0; kind < TLP_CLASSES && link->waiting_count; kind++) {
        if (!link->waiting[kind].head)
            continue;
        credit_settle(&link->credits[kind], now);
        next = earlier(next, credit_next(&link->credits[kind]));
    }
    return next;
}

/* Mode share: commits all waiting TLPs that may go at `now`. */
static void commit(struct link *link, sim_time now)
{
    struct tlp *tlp;
    while ((tlp = pick(link, now)))
        transmit(link, tlp, now);
}

/* Without credits only sends are to be done. */
SIM_ASIDE void send_due(struct link *link, sim_time now)
{
    while (link->future.head && link->future.head->when <= now) {
        struct tlp *tlp = tlp_pop(&link->future);
        transmit(link, tlp, tlp->when);
    }
}

/* Mode share: does what is to be done up to `now`, each thing at its own time. */
static void catch_up(struct link *link, sim_time now)
{
    sim_time done = 0;
    for (;;) {
        sim_time send = link->future.head ? link->future.head->when : SIM_TIME_MAX;
        sim_time next = earlier(send, next_credits(link, done));
        if (next > now)
            return;
        if (send == next)
            enqueue(link, tlp_pop(&link->future));
        commit(link, next);
        done = next;
    }
}

/* Mode explicit: sends whose time has come are in line. */
static void admit(struct link *link, sim_time now)
{
    while (link->future.head && link->future.head->when <= now)
        enqueue(link, tlp_pop(&link->future));
}

/* Mode explicit: gives the line away, if it is free. */
static void give_line(struct link *link, sim_time now)
{
    while (link->line.free_at <= now) {
        if (dllp_send(link, now))
            continue;
        struct tlp *tlp = link->waiting_count ? pick(link, now) : NULL;
        if (!tlp)
            return;
        transmit(link, tlp, now);
    }
}

/* When the first TLP to come arrives if nothing is sent before it [ps]: it is looked at again then. */
static sim_time future_arrival(const struct link *link)
{
    const struct tlp *tlp = link->future.head;
    if (link->to->ahead)
        return tlp->when;
    struct sim_line line = link->line;
    return sim_line_send(&line, tlp->when, tlp->wire) + link->propagation;
}

/* Mode share: when credits come or a TLP that is still to be sent arrives, if that is before `other` [ps]. */
static sim_time next_shared(struct link *link, sim_time now, sim_time other)
{
    sim_time next = other;
    if (link->waiting_count)
        next = earlier(next, next_credits(link, now));
    if (link->future.head && link->future.head->when < next)
        next = earlier(next, future_arrival(link));
    return next;
}

/* Mode explicit: when the line is to be given away. */
static sim_time next_explicit(struct link *link, sim_time now)
{
    sim_time next = dllp_next(link);
    if (link->future.head)
        next = earlier(next, link->future.head->when);
    if (link->waiting_count)
        next = earlier(next, link->line.free_at > now ? link->line.free_at : next_credits(link, now));
    return later(next, link->line.free_at);
}

SIM_INLINE void arm_at(struct link *link, sim_time next)
{
    if (next == link->armed)
        return;
    link->armed = next;
    if (SIM_UNLIKELY(next == SIM_TIME_MAX))
        sim_cancel(link->sim, &link->event);
    else
        sim_reschedule(link->sim, &link->event, next);
}

SIM_INLINE sim_time first_arrival(const struct link *link)
{
    return link->flight.head ? link->flight.head->when : SIM_TIME_MAX;
}

void link_arm(struct link *link)
{
    sim_time now = sim_now(link->sim), next = first_arrival(link);
    if (link->explicit_dllps)
        arm_at(link, earlier(next, next_explicit(link, now)));
    else
        arm_at(link, next_shared(link, now, next));
}

/* Without credits only what is to be sent can come before the first arrival. */
SIM_INLINE void arm_uncounted(struct link *link)
{
    sim_time next = first_arrival(link);
    if (link->future.head && link->future.head->when < next)
        next = earlier(next, future_arrival(link));
    arm_at(link, next);
}

static void fire_uncounted(struct sim *sim, struct sim_event *event)
{
    struct link *link = SIM_CONTAINER_OF(event, struct link, event);
    sim_time now = sim_now(sim);
    link->armed = SIM_TIME_MAX;
    if (link->future.head)
        send_due(link, now);
    while (link->flight.head && link->flight.head->when <= now)
        link->to->deliver(link->to, tlp_pop(&link->flight), now);
    arm_uncounted(link);
}

static void link_fire(struct sim *sim, struct sim_event *event)
{
    struct link *link = SIM_CONTAINER_OF(event, struct link, event);
    sim_time now = sim_now(sim);
    link->armed = SIM_TIME_MAX;
    if (link->explicit_dllps) {
        admit(link, now);
        give_line(link, now);
    } else if (link->future.head || link->waiting_count) {
        catch_up(link, now);
    }
    while (link->flight.head && link->flight.head->when <= now) {
        struct tlp *tlp = tlp_pop(&link->flight);
        if (link->explicit_dllps)
            dllp_acknowledge(link->reverse, now);
        link->to->deliver(link->to, tlp, now);
    }
    link_arm(link);
}

/* Mode share: a TLP is sent behind all that were sent before it. */
static void send_shared(struct link *link, struct tlp *tlp, sim_time now)
{
    if (link->future.head || link->waiting_count)
        catch_up(link, now);
    if (link->waiting_count == 0 &&
        credit_take(&link->credits[tlp_class(tlp)], tlp->count, data_credits(tlp), now)) {
        transmit(link, tlp, now);
        return;
    }
    uint32_t before = link->waiting_count;
    enqueue(link, tlp);
    commit(link, now);
    link->counters.blocked += link->waiting_count > before;
}

/* Nothing but the TLP itself can change what comes next, unless some were to be sent later. */
SIM_INLINE void send_uncounted(struct link *link, struct tlp *tlp, sim_time now)
{
    bool alone = !link->future.head;
    if (!alone)
        send_due(link, now);
    transmit_now(link, tlp, now);
    if (!alone || link->flight.head == tlp)
        arm_uncounted(link);
}

SIM_ASIDE void send_counted(struct link *link, struct tlp *tlp, sim_time now)
{
    if (link->explicit_dllps) {
        admit(link, now);
        enqueue(link, tlp);
        give_line(link, now);
    } else {
        send_shared(link, tlp, now);
    }
    link_arm(link);
}

void link_send(struct link *link, struct tlp *tlp)
{
    sim_time now = sim_now(link->sim);
    if (SIM_LIKELY(link->uncounted))
        send_uncounted(link, tlp, now);
    else
        send_counted(link, tlp, now);
}

void link_send_at(struct link *link, struct tlp *tlp, sim_time when)
{
    SIM_ASSERT(!link->future.head || link->future.tail->when <= when);
    tlp->when = when;
    tlp_push(&link->future, tlp);
    if (link->uncounted)
        arm_uncounted(link);
    else
        link_arm(link);
}

/* TLPs that were to leave by now may not have been put on the line yet: they are, on a copy of it. What is on the line
 * for later has not been sent. */
sim_time link_busy_time(const struct link *link)
{
    sim_time now = sim_now(link->sim), busy = link->busy;
    struct sim_line line = link->line;
    for (const struct tlp *tlp = link->future.head; tlp && tlp->when <= now; tlp = tlp->next) {
        sim_time start = later(tlp->when, line.free_at);
        busy += sim_line_send(&line, tlp->when, tlp->wire) - start;
    }
    sim_time ahead = later(line.free_at - now, 0);
    return later(busy - ahead, 0);
}

bool link_takes_trains(const struct link *link, enum tlp_class kind)
{
    return !link->explicit_dllps && credit_infinite(&link->credits[kind]);
}

/* The receiver has room again: tlp_port.freed. */
static void link_freed(void *sender, enum tlp_class kind, uint32_t headers, uint32_t data, sim_time at)
{
    struct link *link = sender;
    struct credit_class *credits = &link->credits[kind];
    if (!credit_returns(credits, data))
        return;
    if (!link->explicit_dllps) {
        credit_give(credits, headers, data, at + link->propagation);
        if (link->waiting_count)
            link_arm(link);
    } else {
        credit_ring_push(&link->reverse->dllps.updates[kind], (struct credit_return){at, headers, data});
        link_arm(link->reverse);
    }
}

void link_init(struct link *link, struct sim *sim, uint16_t component, uint8_t event_kind,
               const struct pcie_link_config *config, struct tlp_port *to, struct link *reverse)
{
    memset(link, 0, sizeof *link);
    link->sim = sim;
    link->armed = SIM_TIME_MAX;
    link->propagation = config->propagation;
    link->explicit_dllps = config->dllp == PCIE_DLLP_EXPLICIT;
    link->to = to;
    link->reverse = reverse;
    SIM_ASSERT(reverse != NULL || !link->explicit_dllps);
    link->dllps.coalesce = config->ack == PCIE_ACK_COALESCED;
    link->dllps.ack_limit = pcie_ack_limit(config);
    int64_t num, den;
    pcie_link_rate(config, &num, &den);
    link->line = sim_line_make(num, den);
    credit_init(&link->credits[TLP_POSTED], config->posted_headers, config->posted_data);
    credit_init(&link->credits[TLP_NONPOSTED], config->nonposted_headers, config->nonposted_data);
    credit_init(&link->credits[TLP_COMPLETIONS], config->completion_headers, config->completion_data);
    for (unsigned kind = 0; kind < TLP_CLASSES; kind++)
        credit_ring_init(&link->dllps.updates[kind], link->credits[kind].coming.capacity);
    link->uncounted = !link->explicit_dllps;
    for (unsigned kind = 0; kind < TLP_CLASSES; kind++)
        link->uncounted &= credit_infinite(&link->credits[kind]);
    sim_event_init(&link->event, link->uncounted ? fire_uncounted : link_fire, component, event_kind);
    to->freed = link->uncounted ? NULL : link_freed;
    to->sender = link;
}

void link_destroy(struct link *link)
{
    sim_cancel(link->sim, &link->event);
    for (unsigned kind = 0; kind < TLP_CLASSES; kind++) {
        credit_destroy(&link->credits[kind]);
        free(link->dllps.updates[kind].items);
    }
}
