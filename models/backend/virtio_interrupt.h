/*
 * How a virtio device interrupts its guest: by MSI-X, a message a virtqueue, or by one level-triggered line
 * (INTx) with a status register (ISR) whose read lowers it.
 *
 * A message goes from the backend's core by irqfd to the vCPU. The line is raised by a system call; a backend
 * in the kernel cannot make it, so it signals an eventfd to QEMU's main loop, which does (virtio-pci without
 * MSI-X has no irqfd). The end of interrupt is broadcast; if the line is up again by then, the vCPU is
 * interrupted anew.
 */
#ifndef MODELS_BACKEND_VIRTIO_INTERRUPT_H
#define MODELS_BACKEND_VIRTIO_INTERRUPT_H

#include "models/backend/virtio_pair.h"
#include "models/backend/worker.h"
#include "models/hypervisor/vm.h"

struct virtio_message {
    struct virtio_interrupt base;
    struct vcpu *vcpu;
    unsigned vector;
};

/* Edge-triggered `vector` of `vcpu`. */
void virtio_message_init(struct virtio_message *message, struct vcpu *vcpu, unsigned vector);

struct virtio_line {
    struct vcpu *vcpu;
    unsigned vector;
    const struct costs *costs;
    uint8_t isr;        /* bit 0: a queue was used */
    bool delivered;     /* the vector has been sent and has not seen its EOI */
    bool from_kernel;   /* the backend is in the kernel: by way of the main loop */
    struct worker loop; /* QEMU's main loop, if so */
    struct worker_work assert_work;
    int64_t lines; /* interrupts sent to the vCPU */
};

/* Level-triggered `vector` of `vcpu`. A backend in the kernel (`loop_core` not NULL) raises it through QEMU's
 * main loop on that core. */
void virtio_line_init(struct virtio_line *line, struct vcpu *vcpu, unsigned vector, const struct costs *costs,
                      struct cpu *loop_core);

/* The guest reads the ISR: its value, which it clears, and with it the line. */
uint8_t virtio_line_read_isr(struct virtio_line *line);

/* One virtqueue's share of the line. */
struct virtio_line_source {
    struct virtio_interrupt base;
    struct virtio_line *line;
};
void virtio_line_source_init(struct virtio_line_source *source, struct virtio_line *line);

#endif
