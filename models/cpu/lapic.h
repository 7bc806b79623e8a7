/*
 * A local APIC: the interrupts of one cpu, native or virtual. Vectors 32 .. 255; a vector raised while
 * already pending merges (IRR is a bitmap). The highest pending vector is served first; one is in service
 * at a time (the handlers run with interrupts off), so a handler's end, with its EOI, is what lets the
 * next one in.
 *
 * How a pending vector reaches the cpu and what an EOI costs is the binding's: on a core both are cycles;
 * on a vCPU the hypervisor decides (posted, injected at the next entry, kicked; EOI virtualised, trapped
 * or broadcast to the I/O APIC for a level-triggered line).
 *
 * A handler's course, all in one hard-interrupt context of the cpu: the entry cycles, the handler, the
 * EOI, the exit cycles; then the next vector that the cpu may take. All cycles are CPU_IRQ, SHARE_BATCH.
 */
#ifndef MODELS_CPU_LAPIC_H
#define MODELS_CPU_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/cpu.h"

struct lapic;

/* Costs of an interrupt on this cpu [cycles]. */
struct lapic_costs {
    int64_t entry; /* vector dispatch, irq_enter */
    int64_t exit;  /* irq_exit, iret */
    int64_t eoi;   /* the EOI write when it does not trap */
};

/* The binding; NULL members mean the native behaviour. */
struct lapic_ops {
    /* Called instead of waking the handler context when a vector becomes pending; the binding calls
     * lapic_accept() when the cpu may take it. */
    void (*notify)(struct lapic *lapic, void *self);
    /* Performs the EOI of `vector` from ctx, then cpu_return(ctx). */
    void (*eoi)(struct lapic *lapic, struct cpu_context *ctx, unsigned vector, void *self);
    /* Called from ctx when a handler is over (interrupts are on again) and vectors are pending, none of which
     * the cpu may take yet: the interrupt window. Ends by cpu_return(ctx). */
    void (*window)(struct lapic *lapic, struct cpu_context *ctx, void *self);
};

/* `costs` and `ops` (NULL: native) are copied. A handler runs in the cpu's hard-interrupt context and ends
 * by cpu_return(ctx). */
struct lapic *lapic_create(struct cpu *cpu, const struct lapic_costs *costs, const struct lapic_ops *ops,
                           void *self);
void lapic_destroy(struct lapic *lapic);
struct cpu *lapic_cpu(const struct lapic *lapic);

/* Allocates the next free vector for `handler` (from 32 up, at most 200 a cpu); `level` marks a level-
 * triggered line. */
unsigned lapic_allocate(struct lapic *lapic, cpu_fn *handler, void *self, bool level);
bool lapic_is_level(const struct lapic *lapic, unsigned vector);

/* An interrupt message arrives now. */
void lapic_raise(struct lapic *lapic, unsigned vector);

/* Lets the cpu take the vectors that are pending now: at once, or after the handler in service (virtual-
 * interrupt delivery). Does nothing if none is pending. */
void lapic_accept(struct lapic *lapic);

/* As lapic_accept(), for the highest pending vector alone: event injection at a VM entry. */
void lapic_accept_one(struct lapic *lapic);

/* A vector is pending that the cpu may not take yet. */
bool lapic_awaits_accept(const struct lapic *lapic);

bool lapic_pending(const struct lapic *lapic);    /* a vector waits in the IRR */
bool lapic_in_service(const struct lapic *lapic); /* a handler is running: interrupts are off */

uint64_t lapic_raised(const struct lapic *lapic);  /* messages that arrived, merged ones included */
uint64_t lapic_handled(const struct lapic *lapic); /* handlers run */
uint64_t lapic_eois(const struct lapic *lapic);
uint64_t lapic_eoi_broadcasts(const struct lapic *lapic); /* EOIs of level-triggered vectors */

/* Conservation: every interrupt raised was merged with a pending one, is pending, or was taken, and every one taken was
 * handled or is about to be. */
bool lapic_check(const struct lapic *lapic);

#endif
