/*
 * The closed-form model, inside: one packet's way through an idle system, written down as the steps of protocol and
 * software that it takes, each with its cost from the configuration. Nothing is simulated: there are no queues and no
 * events, every step is taken once, in its order, and its time is added. Private to analysis/closed_form.
 *
 * A core's part of the way is a number of episodes: it is woken, runs cycles, and sleeps again. Cycles become time as a
 * core does it, cumulative since the episode's start and rounded up, so that sums agree to the picosecond. Lines (PCIe,
 * Ethernet) are the simulator's own struct sim_line.
 *
 * The form holds as long as every step finds its core, its vector and its timer free. form_occupy() notes who has a
 * resource when; what meets itself, or itself one period later, is outside the regime.
 */
#ifndef ANALYSIS_CLOSED_FORM_FORM_H
#define ANALYSIS_CLOSED_FORM_FORM_H

#include "models/cpu/account.h"
#include "models/guest/ring_driver.h"
#include "models/host/config.h"
#include "models/host/placement.h"
#include "models/hypervisor/vm.h"
#include "models/strategy/strategy.h"

enum { FORM_CORES = 64, FORM_SPANS = 24 };

/* Who can be busy: a core by its number, and these. */
enum { FORM_VECTOR = FORM_CORES, FORM_INTERVAL, FORM_MITIGATION };

struct form_core {
    bool busy;
    sim_time woken;   /* [ps] start of the episode, leaving the idle state included */
    sim_time started; /* [ps] its first cycle */
    sim_time anchor;  /* [ps] where cycles are counted from */
    sim_time counted; /* [ps] executed up to here and already part of the packet's software time */
    int64_t done;     /* cycles since the anchor */
    sim_time total;   /* [ps] of all episodes */
    int64_t cycles[ACCOUNTS];
    sim_time stalled; /* [ps] */
};

/* A cpu: a core as the host's kernel has it, or the vCPU on it. */
struct form_cpu {
    struct form_core *core;
    const struct costs *costs; /* of its kernel */
    int accounts;              /* ACCOUNT_HOST or ACCOUNT_GUEST */
    bool guest;
};

/* The NIC's function that the packet goes through, and how its driver reaches it. */
struct form_device {
    const struct driver_personality *personality;
    bool translated;  /* its DMA goes through the IOMMU, */
    bool walks;       /* which finds less than all in its cache */
    uint64_t address; /* of its buffers and rings: above 4 GiB headers are longer */
    sim_time memory;  /* [ps] a read of its memory */
};

/* Something is busy from `from` to `to` [ps]. */
struct form_span {
    int who;
    sim_time from, to;
};

struct form {
    const struct config *config;
    const struct costs *costs; /* of the host */
    const struct vm_config *vm;
    const struct nic_config *nic;
    const struct traffic_config *traffic;
    const struct hypervisor_config *hypervisor;
    const struct strategy *strategy;
    struct costs vm_costs;             /* of the VM's exits and its kernel */
    struct moderation_setting setting; /* of the NIC's vector */
    struct form_device device;
    struct form_core cores[FORM_CORES];
    struct form_cpu app, irq, backend; /* where the application, the PF's interrupts and the backend run */
    uint32_t length;                   /* [B] of the frame that travels, without FCS */

    /* Work that not every packet brings about. */
    bool host_refill, guest_refill;

    /* The link, the wire, and what orders them. */
    struct sim_line up, down, wire_tx, wire_rx;
    sim_time posted, core_send;

    /* The vector. */
    bool fired;
    sim_time last_fire; /* [ps] */

    /* The result. */
    sim_time software, moderation, latency; /* [ps] */
    unsigned interrupts;                    /* of the NIC's vector */
    struct form_span spans[FORM_SPANS];
    unsigned span_count;
    const char *reason; /* NULL: in the regime */
};

/* What the NIC does with a frame to be sent. */
struct form_sent {
    sim_time left;    /* [ps] last bit on the wire */
    sim_time message; /* [ps] the completion's interrupt reaches the core */
};

/* What it does with a frame received. */
struct form_received {
    sim_time visible; /* [ps] in memory */
    sim_time message; /* [ps] the interrupt reaches the core */
};

/* ---- setting up (regime.c) ---- */

/* Prepares the form of a configuration; false, with form->reason, if there is none. */
bool form_init(struct form *form, const struct config *config);

/* Runs the packet's way through, once. The two flags choose which of the occasional work it brings about. */
void form_run_packet(struct form *form, bool host_refill, bool guest_refill);

/* How many packets bring the occasional work about once; 0: it does not exist. */
int64_t form_host_refill_every(const struct form *form);
int64_t form_guest_refill_every(const struct form *form);

/* Receive buffers that the NIC's driver puts back at once. */
int64_t form_refill_chunk(const struct form *form);

/* Notes that `who` is busy; outside the regime if it was, still. */
void form_occupy(struct form *form, int who, sim_time from, sim_time to, const char *reason);

/* Whether packets `period` [ps] apart never meet on anything. */
bool form_fits_period(const struct form *form, sim_time period);

/* When the last of it all is over [ps]. */
sim_time form_end(const struct form *form);

/* ---- a core's time (core.c) ---- */

void form_wake(struct form *form, struct form_core *core, sim_time at);
void form_sleep(struct form *form, struct form_core *core);
static inline sim_time form_now(const struct form *form, const struct form_core *core)
{
    return core->anchor + sim_cycles_to_time(core->done, form->config->host.frequency);
}
void form_run(const struct form_cpu *cpu, enum cpu_category category, int64_t cycles);
void form_run_host(const struct form_cpu *cpu, enum cpu_category category,
                   int64_t cycles); /* the vCPU's thread */
void form_run_exit(const struct form_cpu *cpu, enum exit_reason reason, int64_t cycles);
void form_stall(struct form *form, const struct form_cpu *cpu, sim_time until);
/* The packet leaves this core: what was executed since it came is its software time. */
void form_hand_over(struct form *form, struct form_core *core);

/* ---- link, NIC and wire (hardware.c) ---- */

void form_hardware_init(struct form *form);
sim_time form_store(struct form *form, sim_time at);                      /* MMIO write: at the device */
sim_time form_load(struct form *form, sim_time at);                       /* MMIO read: back at the core */
sim_time form_dma_read(struct form *form, sim_time at, uint32_t length);  /* the last byte is at the device */
sim_time form_dma_write(struct form *form, sim_time at, uint32_t length); /* visible in memory */
struct form_sent form_nic_transmit(struct form *form,
                                   sim_time stored); /* `stored`: the doorbell's store retired */
/* A frame whose first bit is on the wire at `at`. */
struct form_received form_nic_receive(struct form *form, sim_time at, uint32_t length);
/* An interrupt message sent at `at`: at the core. */
sim_time form_message(struct form *form, sim_time at);
/* Bytes of line time that a frame takes, all overheads included. */
int64_t form_line_bytes(uint32_t length);
/* The far end's answer to a request whose last bit left at `left`: when its first bit leaves. */
sim_time form_peer_answer(const struct form *form, sim_time left);

/* ---- a kernel's pieces (kernel.c) ---- */

/* A paced sender's sleep: what ends it, and what begins it. A guest writes its timer's register in both. */
void form_timer_interrupt(struct form *form, const struct form_cpu *cpu);
void form_timer_arm(const struct form *form, const struct form_cpu *cpu);
void form_send(struct form *form, const struct form_cpu *cpu);        /* up to the driver */
void form_read_socket(struct form *form, const struct form_cpu *cpu); /* the receiving system call */
void form_irq_entry(const struct form_cpu *cpu);
void form_irq_exit(const struct form *form, const struct form_cpu *cpu, bool level);
/* The ring driver on a NIC that it reaches by MMIO: its interrupt, and the poll that follows. */
void form_ring_interrupt(struct form *form, const struct form_cpu *cpu);
void form_ring_poll_sent(struct form *form, const struct form_cpu *cpu);
/* The receiving poll; `forwarded`: to the host's bridge, else to a socket. Returns when the packet was handed on. */
sim_time form_ring_poll_received(struct form *form, const struct form_cpu *cpu, bool refill, bool forwarded);
/* Sends from a backend's context through tap and bridge; returns when the doorbell's store has retired. */
sim_time form_tap_send(struct form *form, const struct form_cpu *cpu);
/* The PF's completion interrupt on the host, and its poll. */
void form_host_completion(struct form *form, sim_time message);
/* The PF's receive interrupt and poll: when the packet is on the tap. */
sim_time form_host_receive(struct form *form, sim_time message);

/* ---- a vCPU's life (guest.c) ---- */

void form_exit(const struct form *form, const struct form_cpu *cpu, enum exit_reason reason,
               enum exit_site site);
void form_entry(const struct form *form, const struct form_cpu *cpu, enum exit_reason reason);
void form_guest_halt(struct form *form, const struct form_cpu *cpu);
/* The sleeping vCPU is interrupted at `at` by its timer, by software, or by the NIC: up to the guest's first cycle. */
void form_guest_wake_timer(struct form *form, const struct form_cpu *cpu, sim_time at);
void form_guest_wake_software(struct form *form, const struct form_cpu *cpu, sim_time at);
void form_guest_wake_device(struct form *form, const struct form_cpu *cpu, sim_time at);
/* What interrupting the sleeping vCPU costs its sender [cycles]. */
int64_t form_interrupt_cycles(const struct form *form);

/* ---- the strategies ---- */

void form_native(struct form *form); /* and a VF in a guest */
/* What the sender's cpu does for each packet when it never sleeps. */
void form_native_send(struct form *form);
void form_virtio(struct form *form);
/* The guest's part of sending when it never sleeps: up to the kick decision; a kick; a completion's interrupt. */
void form_virtio_send(struct form *form);
void form_virtio_kick(struct form *form);
void form_virtio_completion(struct form *form);

void form_emulation(struct form *form);
/* Sending when the vCPU never sleeps: one packet and its tail write, `raise`: which interrupts; the interrupt. */
void form_emulation_send(struct form *form, bool raise);
void form_emulation_interrupt(struct form *form);
/* What the mitigation timer waits for at least [ps]. */
sim_time form_mitigation_delay(const struct form *form);

#endif
