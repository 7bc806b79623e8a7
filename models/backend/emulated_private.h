/* What the emulated NIC's sources share. */
#ifndef MODELS_BACKEND_EMULATED_PRIVATE_H
#define MODELS_BACKEND_EMULATED_PRIVATE_H

#include "models/backend/emulated_nic.h"

static inline sim_time emulated_now(const struct emulated_nic *nic)
{
    return sim_now(nic->tap.bridge->host->sim);
}

/* A descriptor of a ring in guest memory. */
void *emulated_descriptor(struct emulated_nic *nic, const struct emulated_ring *ring, uint32_t index);

/* Interrupts (emulated_irq.c). Both may raise or lower a line, which takes ctx a system call; they end by
 * cpu_return(ctx). */
void emulated_cause_set(struct emulated_nic *nic, struct cpu_context *ctx, uint32_t causes);
uint32_t
emulated_cause_take(struct emulated_nic *nic); /* reads and clears; to be followed by emulated_evaluate() */
void emulated_evaluate(struct emulated_nic *nic, struct cpu_context *ctx);
cpu_fn emulated_messages; /* (ctx, nic): sends the messages that are due */
void emulated_irq_init(struct emulated_nic *nic, uint16_t component);
/* The interval registers are written. */
void emulated_moderate(struct emulated_nic *nic, struct moderation_setting setting);
void emulated_unmask(struct emulated_nic *nic, struct cpu_context *ctx, unsigned vector);

/* Transmit, from ctx, all that the tail shows; ends by cpu_return(ctx). */
void emulated_transmit(struct emulated_nic *nic, struct cpu_context *ctx);

/* The device's thread. */
cpu_fn emulated_thread;
/* Wakes it from ctx, another thread in user space, if it sleeps; / if there is something to receive. Both end by
 * cpu_return(ctx). */
void emulated_notify(struct emulated_nic *nic, struct cpu_context *ctx);
void emulated_rx_tail_moved(struct emulated_nic *nic, struct cpu_context *ctx);

#endif
