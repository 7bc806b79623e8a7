/*
 * One direction of a PCIe link: a transmitter that gates TLPs by the receiver's credits, a serial line, and what is
 * in flight on it. Private to models/pcie and to fabric components.
 *
 * Order (section 2.4.1): what can go leaves in the order in which it was sent. A TLP that waits for credits is passed
 * by later ones of another class where the table allows or demands it: posted TLPs and completions pass non-posted
 * ones, posted TLPs pass completions; nothing passes a posted TLP.
 *
 * Time. A TLP that finds its credits leaves as soon as the line is free, and arrives when its last byte has left plus
 * the propagation; this is computed when it is sent, so that a link has one pending event at most, for what is first:
 * an arrival, or credits for a TLP that waits. A receiver that can be told `ahead` costs no event at all.
 *
 * DLLPs. In mode `share` they take a fixed share off the rate, and credits are back one propagation after they are
 * free. In mode `explicit` they are sent on the other direction's line, before TLPs: an Ack for each TLP or for all
 * that came within the Ack latency limit, and an UpdateFC for each TLP whose buffer is free. The line is then given
 * away one packet at a time, which takes an event each. There are no errors, so nothing is ever replayed.
 */
#ifndef MODELS_PCIE_LINK_H
#define MODELS_PCIE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "models/pcie/credit.h"
#include "models/pcie/pcie.h"
#include "models/pcie/tlp.h"
#include "sim/event.h"
#include "sim/sim.h"

struct link_counters {
    int64_t tlps;    /* sent, each of a train */
    int64_t bytes;   /* of TLPs, all overheads included */
    int64_t dllps;   /* sent on this line, mode explicit */
    int64_t blocked; /* sends after which more TLPs waited for credits than before, mode share */
};

/* DLLPs that this direction's line is to carry for the other direction. Mode explicit. */
struct link_dllps {
    bool coalesce;
    sim_time ack_limit; /* [ps] how long an Ack may be held back */
    uint32_t acks;      /* to be sent */
    sim_time ack_due;   /* [ps] when the first of them is to be sent; meaningless if there is none */
    struct credit_ring updates[TLP_CLASSES];
};

struct link {
    struct sim *sim;
    struct sim_event event;
    sim_time armed; /* [ps] when the event is; SIM_TIME_MAX if it is not pending */
    struct sim_line line;
    sim_time propagation;
    bool explicit_dllps;
    bool uncounted; /* mode share without credits of any class: nothing ever waits */
    struct tlp_port *to;
    struct link *reverse; /* the other direction; mode explicit */
    struct link_dllps dllps;
    struct credit_class credits[TLP_CLASSES];
    struct tlp_fifo waiting[TLP_CLASSES]; /* for credits or, mode explicit, for the line */
    uint32_t waiting_count;
    uint32_t next_order;
    struct tlp_fifo future; /* sent by link_send_at() at tlp->when, which is still to come */
    struct tlp_fifo flight; /* arrive at tlp->when */
    struct link_counters counters;
    sim_time busy; /* [ps] of the line, for all that was put on it so far, also for later */
};

/* A link to `to`, whose freed() it takes. `reverse` may be initialised later; NULL only in mode share. */
void link_init(struct link *link, struct sim *sim, uint16_t component, uint8_t event_kind,
               const struct pcie_link_config *config, struct tlp_port *to, struct link *reverse);
void link_destroy(struct link *link);

/* Sends a TLP now. */
void link_send(struct link *link, struct tlp *tlp);

/* Sends a TLP at `when` [ps, >= now, non-decreasing between calls]; it is in line with those that are sent until
 * then, and before those that are sent at the same time. */
void link_send_at(struct link *link, struct tlp *tlp, sim_time when);

/* True if TLPs of this class may be sent as trains, as far as the link is concerned. */
bool link_takes_trains(const struct link *link, enum tlp_class kind);

/* How long the line was sending until now [ps]: TLPs and, mode explicit, DLLPs; in mode share DLLPs are in the TLPs'
 * time. A pause before what was put on it for later counts as if it were later still: short by as much. */
sim_time link_busy_time(const struct link *link);

/* ---- between link.c and dllp.c ---- */

/* Puts `bytes` on the line from `now` [ps] on; returns when the last of them has left. */
sim_time link_put(struct link *link, sim_time now, int64_t bytes);

/* Schedules the link's event for what comes next. */
void link_arm(struct link *link);

/* The other direction received a TLP: it is to be acknowledged on this line. */
void dllp_acknowledge(struct link *link, sim_time now);

/* Sends the DLLP that is due first, if one is due at `now` [ps] and the line is free. */
bool dllp_send(struct link *link, sim_time now);

/* When the next DLLP is due [ps]; SIM_TIME_MAX if there is none. */
sim_time dllp_next(const struct link *link);

#endif
