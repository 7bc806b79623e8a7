/*
 * Events: a callback that is to happen at one simulated time.
 *
 * An event is intrusive: it lives in the model's own struct (recover it with SIM_CONTAINER_OF), is
 * initialised once and scheduled any number of times, one time at a time. Scheduling allocates nothing.
 *
 * Order is total: events fire by (time, priority, sequence). Sequence counts calls of sim_schedule(), so two
 * events of one time and priority fire in the order in which they were scheduled. Priorities exist for what
 * the hardware defines at one instant and for nothing else; most events use SIM_PRIORITY_DEFAULT.
 */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/time.h"

struct sim;
struct sim_event;

typedef void sim_event_fn(struct sim *sim, struct sim_event *event);

enum sim_priority {
    SIM_PRIORITY_FIRST = 0,
    SIM_PRIORITY_DEFAULT = 4,
    SIM_PRIORITY_LAST = 7,
};

/* Fields are the kernel's; models touch an event only through the functions below. */
struct sim_event {
    sim_event_fn *fire;
    sim_time when;      /* [ps] while pending */
    uint32_t position;  /* the queue's handle; 0 = not pending */
    uint16_t component; /* who, for the fingerprint and the trace */
    uint8_t kind;       /* what, likewise: the component's own small number */
    uint8_t priority;   /* enum sim_priority */
};

#define SIM_CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* Prepares an event; `component` is from sim_component(), `kind` tells its events apart. Not pending. */
void sim_event_init(struct sim_event *event, sim_event_fn *fire, uint16_t component, uint8_t kind);

/* As sim_event_init(), with another priority than the default. */
void sim_event_init_priority(struct sim_event *event, sim_event_fn *fire, uint16_t component, uint8_t kind,
                             enum sim_priority priority);

/* Schedules a non-pending event at `when` [ps, >= now]. */
void sim_schedule(struct sim *sim, struct sim_event *event, sim_time when);

/* Takes a pending event back; does nothing if it is not pending. */
void sim_cancel(struct sim *sim, struct sim_event *event);

/* Moves an event to `when` whether it is pending or not; it gets a new sequence number. */
void sim_reschedule(struct sim *sim, struct sim_event *event, sim_time when);

static inline bool sim_event_pending(const struct sim_event *event)
{
    return event->position != 0;
}

#endif
