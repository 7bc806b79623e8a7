/*
 * Unit costs: every constant that is neither protocol nor topology. One table serves the host's kernel and the
 * guests' (they run the same code); what only a host does is marked. A cost profile in the library gives each
 * constant's value, source and evidence class; nothing here is a count.
 */
#ifndef MODELS_HOST_COSTS_H
#define MODELS_HOST_COSTS_H

#include <stdint.h>

#include "sim/param.h"

struct costs {
    /* Any kernel [cycles unless said]. */
    int64_t syscall;        /* enter and leave a system call */
    int64_t socket_send;    /* socket layer, buffer allocation */
    int64_t stack_send;     /* UDP/IP, routing, queueing discipline, once a packet (a gso packet is one) */
    int64_t socket_receive; /* socket layer of a receive call */
    int64_t stack_receive;  /* driver-independent receive path to the socket, a packet */
    int64_t app;            /* the application itself, a packet */
    int64_t copy_per_byte;  /* [1/1000 cycle] moving payload between user and kernel, or between buffers */
    int64_t gso_segment;    /* software segmentation, a segment */
    int64_t irq_entry;      /* vector dispatch to handler */
    int64_t irq_exit;
    int64_t irq_handler;   /* the driver's handler: schedules NAPI */
    int64_t eoi;           /* EOI write that does not trap */
    int64_t softirq;       /* entering the softirq and NAPI's poll, a poll */
    int64_t napi_complete; /* leaving polling mode */
    int64_t wakeup;        /* waking a thread (the waker's part) */
    int64_t context_switch;
    int64_t tick;           /* timer tick handler */
    int64_t mmio_write;     /* issuing a posted register write, the core's part */
    int64_t driver_send;    /* NIC driver: build a descriptor, a packet */
    int64_t driver_clean;   /* NIC driver: reclaim a sent packet */
    int64_t driver_receive; /* NIC driver: take a received packet off the ring */
    int64_t driver_refill;  /* NIC driver: a fresh receive buffer */
    int64_t virtio_send;    /* virtio driver: expose a chain */
    int64_t virtio_clean;   /* virtio driver: reclaim a used chain */
    int64_t virtio_receive; /* virtio driver: take a used buffer */
    int64_t virtio_refill;  /* virtio driver: expose a receive buffer */
    int64_t barrier;        /* full memory barrier (store-load) */
    /* Hypervisor [cycles]. */
    int64_t exit;           /* VM exit and entry, hardware and the hypervisor's common path */
    int64_t exit_kernel;    /* more: decoding and in-kernel dispatch */
    int64_t exit_fast;      /* more: a register write handled on the fast path */
    int64_t exit_ioeventfd; /* more: fast MMIO or port match, eventfd signalled */
    int64_t exit_user;      /* more: return to user space, dispatch there and back */
    int64_t inject;         /* placing a virtual interrupt at an entry */
    int64_t irqfd;          /* routing an eventfd's signal to a vCPU */
    int64_t irq_ioctl;      /* raising a line from user space by system call */
    int64_t ipi;            /* sending an interprocessor interrupt */
    int64_t ipi_latency;    /* [ps] until it arrives */
    int64_t pi_update;      /* posting into a descriptor from software */
    int64_t halt_block;     /* leaving the halt-polling loop to sleep */
    /* Backends and host path [cycles]. */
    int64_t vhost_work;         /* one activation of the worker */
    int64_t vhost_packet;       /* fetch a chain, build a buffer, publish used, a packet */
    int64_t vhost_batch;        /* handing a batch to the tap */
    int64_t vhost_poll;         /* one look at the ring while busy polling */
    int64_t tap_send;           /* tap: from backend into the host's stack, a packet */
    int64_t tap_receive;        /* tap: from the host's stack into the backend, a packet */
    int64_t bridge;             /* forwarding decision, a packet */
    int64_t emulate_register;   /* device model: one register access */
    int64_t emulate_descriptor; /* device model: one descriptor and its packet */
    int64_t qemu_dispatch;      /* main loop: one iteration for a ready descriptor */
    int64_t qemu_virtio_packet; /* user-space virtio backend, a packet */
};

extern const struct param_table costs_table;

/* Cycles to copy `bytes`, rounded up. */
static inline int64_t costs_copy(const struct costs *costs, int64_t bytes)
{
    return (bytes * costs->copy_per_byte + 999) / 1000;
}

#endif
