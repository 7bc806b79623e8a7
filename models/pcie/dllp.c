#include "models/pcie/link.h"

void dllp_acknowledge(struct link *link, sim_time now)
{
    struct link_dllps *dllps = &link->dllps;
    if (dllps->acks == 0) {
        dllps->acks = 1;
        dllps->ack_due = now + (dllps->coalesce ? dllps->ack_limit : 0);
    } else if (!dllps->coalesce) {
        dllps->acks++;
    }
    link_arm(link);
}

/* The class whose UpdateFC is due first; TLP_CLASSES if there is none. */
static unsigned first_update(const struct link *link)
{
    unsigned first = TLP_CLASSES;
    sim_time earliest = SIM_TIME_MAX;
    for (unsigned kind = 0; kind < TLP_CLASSES; kind++) {
        const struct credit_return *head = credit_ring_head(&link->dllps.updates[kind]);
        if (head && head->at < earliest) {
            earliest = head->at;
            first = kind;
        }
    }
    return first;
}

sim_time dllp_next(const struct link *link)
{
    unsigned kind = first_update(link);
    sim_time update = kind < TLP_CLASSES ? credit_ring_head(&link->dllps.updates[kind])->at : SIM_TIME_MAX;
    sim_time ack = link->dllps.acks ? link->dllps.ack_due : SIM_TIME_MAX;
    return ack < update ? ack : update;
}

static void send_update(struct link *link, unsigned kind, sim_time now)
{
    struct credit_return item = credit_ring_pop(&link->dllps.updates[kind]);
    sim_time left = link_put(link, now, DLLP_WIRE);
    credit_give(&link->reverse->credits[kind], item.headers, item.data, left + link->propagation);
    link_arm(link->reverse);
}

bool dllp_send(struct link *link, sim_time now)
{
    if (link->line.free_at > now || dllp_next(link) > now)
        return false;
    link->counters.dllps++;
    if (link->dllps.acks && link->dllps.ack_due <= now) {
        link->dllps.acks--;
        link_put(link, now, DLLP_WIRE);
    } else {
        send_update(link, first_update(link), now);
    }
    return true;
}
