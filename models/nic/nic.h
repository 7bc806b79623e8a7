/*
 * A network interface card: functions (a PF and VFs) with queue pairs of descriptor rings in host memory, a DMA
 * engine below a PCIe link, moderated interrupt vectors, a receive FIFO and a port on a wire.
 *
 * Transmit: a tail write makes descriptors visible; the queue fetches them in bursts into its on-chip cache
 * (prefetch), reads each payload, sends it down the pipeline to the wire, writes the descriptor back (DD) and
 * reports the event to the vector. Receive: a frame waits in the FIFO for a fetched descriptor, is written to its
 * buffer, the descriptor is written back, the vector told. Everything that reads or writes memory is DMA with real
 * addresses; descriptors are real bytes.
 *
 * A function's running registers are those of models/guest/device_access.h at device_register_offset(reg, index).
 */
#ifndef MODELS_NIC_NIC_H
#define MODELS_NIC_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "models/nic/moderation.h"
#include "models/nic/wire.h"
#include "models/pcie/pcie.h"
#include "models/pcie/root.h"
#include "models/traffic/census.h"
#include "models/traffic/path.h"
#include "sim/param.h"

struct nic_config {
    const char *name;
    int64_t bit_rate;         /* [bit/s] of the port */
    int64_t queues;           /* queue pairs a function */
    int64_t vfs;              /* virtual functions */
    int64_t tx_ring, rx_ring; /* descriptors, as the driver sets them up */
    int64_t descriptor_size;  /* [B] */
    int64_t tx_prefetch;      /* descriptors a fetch */
    int64_t rx_prefetch;
    int64_t reads_in_flight; /* payload reads at once, a queue */
    int64_t tx_fifo;         /* [B] of line time, overheads included: payload reads pause when it is full */
    int64_t rx_fifo;         /* [B] */
    bool rx_drop; /* a frame for a ring without descriptors is dropped (DROP_EN), else it waits in the FIFO */
    int64_t cable;      /* [ps] propagation on the wire */
    int64_t bus;        /* PCI bus number of function 0; two cards of a host need different ones */
    int64_t tx_latency; /* [ps] pipeline from payload read to first bit */
    int64_t rx_latency; /* [ps] pipeline from last bit to the first DMA write */
    int64_t tso_max;    /* [B] largest packet with segmentation offload; 0 = none */
    int driver;         /* index into nic_driver_names: which driver runs function 0 */
    int vf_driver;      /* likewise, the virtual functions */
    struct pcie_link_config link;
    struct param_variant moderation;
};

extern const struct param_table nic_table;

/* Names for driver_personality_find(); ends with NULL. */
extern const char *const nic_driver_names[];

/* Counters of one queue pair, for reports. */
struct nic_queue_counters {
    int64_t tx_packets, rx_packets, descriptor_fetches, descriptors_fetched, write_backs, doorbells, refills;
};

struct nic;
struct nic *nic_create(struct sim *sim, const char *name, const struct nic_config *config,
                       struct root_complex *root, struct sim_pool *packets);
void nic_destroy(struct nic *nic);
const struct nic_config *nic_config(const struct nic *nic);
struct dma *nic_dma(struct nic *nic);   /* for MMIO bindings: function index = NIC function */
struct wire *nic_wire(struct nic *nic); /* created with the NIC; attach the far end to side 1 */
uint16_t nic_requester_id(const struct nic *nic, unsigned function);

/* Set-up, as drivers do before traffic: no simulated time. Function 0 is the PF, 1 .. vfs the VFs. A vector serves
 * one queue pair's both directions. `cause`: REG_CAUSE-style devices raise causes that a read clears. */
struct nic_ring {
    uint64_t tx_base, rx_base; /* IOVA */
    uint32_t tx_size, rx_size; /* descriptors */
    uint64_t msi_address;
    uint32_t msi_data;
    bool auto_mask;     /* the vector masks itself when it fires (EIAM) until REG_MASK_SET */
    bool split_vectors; /* transmit has a vector of its own: number `queues` + queue in register accesses */
    uint64_t tx_msi_address; /* its message */
    uint32_t tx_msi_data;
};
void nic_setup_queue(struct nic *nic, unsigned function, unsigned queue, const struct nic_ring *ring);
/* Receive buffers posted before traffic: the first value of REG_RX_TAIL, without an MMIO write. */
void nic_first_rx_tail(struct nic *nic, unsigned function, unsigned queue, uint32_t tail);
void nic_set_moderation(struct nic *nic, unsigned function, unsigned queue,
                        const struct moderation_setting *setting);

const struct nic_queue_counters *nic_counters(const struct nic *nic, unsigned function, unsigned queue);
int64_t nic_interrupts(const struct nic *nic, unsigned function,
                       unsigned queue); /* messages sent, of both vectors if split */
/* When the (receive) vector's last interrupt message was sent [ps]; 0 before the first. */
sim_time nic_last_interrupt(const struct nic *nic, unsigned function, unsigned queue);
/* Frames that wait in the receive FIFO or are being written to memory [B]. */
int64_t nic_rx_fifo_used(const struct nic *nic);

/* The ring index of the first descriptor whose packet has not left for the wire. */
uint32_t nic_tx_head(const struct nic *nic, unsigned function, unsigned queue);

/* Frames in the receive FIFO or on their way to memory, and on the wire. */
void nic_census(const struct nic *nic, struct census *census);

/* Every transmit descriptor that was done with has been written back, and every receive descriptor taken carries a
 * frame or was written back. */
bool nic_check(const struct nic *nic);

/* Descriptors: 16 bytes, little-endian, in one form for all personalities. */
enum { TX_EOP = 1, TX_RS = 8, TX_TSO = 0x20, DESC_DD = 1, DESC_EOP = 2 };
struct tx_descriptor {
    uint64_t address;
    uint32_t length; /* [B] */
    uint16_t mss;    /* segment payload with TX_TSO */
    uint8_t command; /* TX_* */
    uint8_t status;  /* DESC_DD after write-back */
};
struct rx_descriptor { /* as written back; as read, only the address counts */
    uint64_t address;
    uint32_t length;
    uint16_t reserved;
    uint8_t status; /* DESC_DD | DESC_EOP */
    uint8_t errors;
};
_Static_assert(sizeof(struct tx_descriptor) == 16 && sizeof(struct rx_descriptor) == 16,
               "descriptors are 16 bytes");

#endif
