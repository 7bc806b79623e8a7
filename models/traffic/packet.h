/*
 * A packet: a fixed descriptor without payload bytes. Its length is that of the Ethernet frame without the
 * frame check sequence, as drivers see it; the wire adds FCS, preamble and gap. A packet larger than the MTU
 * (gso_size > 0) is one buffer that some layer below cuts into `segments` frames.
 *
 * Journey: a packet's life is a chain of contiguous stages. packet_mark(p, stage, t) says "what happened from
 * the last mark until t was `stage`"; marks may lie in the future when a FIFO's departure is computed on
 * entry, but never go back. The durations therefore add up to the latency; path_deliver() checks this against
 * independently kept start and end times in every build, and holds the stages that were marked against those that the
 * journey has to have: a mark left out would give its time to the next stage.
 */
#ifndef MODELS_TRAFFIC_PACKET_H
#define MODELS_TRAFFIC_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

/* The stages, in the order of a transmit and then a receive journey. There is none called "other". */
enum stage {
    STAGE_SOURCE_WAIT, /* the sender waits for its core */
    STAGE_SEND,        /* system call, stack, copy, driver in the sender's kernel */
    STAGE_RING_WAIT,   /* queued before a full ring, or the sender blocked on its send buffer */
    STAGE_NOTIFY, /* doorbell or kick: from the ring entry's visibility until the device or backend acts */
    STAGE_BACKEND_WAIT,     /* in the virtqueue or emulated ring until the backend takes it */
    STAGE_BACKEND,          /* vhost worker or device emulation, transmit side */
    STAGE_HOST_SEND,        /* tap, bridge and host driver, transmit side */
    STAGE_HOST_QUEUE,       /* queued before the host driver's full ring */
    STAGE_DOORBELL,         /* MMIO write on its way to the NIC */
    STAGE_DESCRIPTOR_FETCH, /* the NIC reads the descriptor (or waits for its turn to) */
    STAGE_PAYLOAD_FETCH,    /* the NIC reads the payload */
    STAGE_NIC_TX,           /* the NIC's transmit pipeline */
    STAGE_WIRE_WAIT,        /* behind other frames on the wire */
    STAGE_WIRE,             /* first to last bit */
    STAGE_PEER,             /* the far end, for request-response */
    STAGE_NIC_RX,           /* the NIC's receive pipeline */
    STAGE_RX_FIFO,          /* on the NIC, waiting for a descriptor or the link */
    STAGE_DMA_WRITE,        /* payload and descriptor write-back on their way to memory */
    STAGE_MODERATION,       /* in memory, the interrupt held back */
    STAGE_INTERRUPT,        /* interrupt message, delivery, handler */
    STAGE_HOST_POLL_WAIT,   /* in the host's ring until NAPI takes it */
    STAGE_HOST_RECEIVE,     /* host driver and bridge, receive side */
    STAGE_TAP_WAIT,         /* in the tap's queue */
    STAGE_BACKEND_RECEIVE,  /* the same, receive side */
    STAGE_INJECT,           /* used buffer published until the guest's handler runs */
    STAGE_POLL_WAIT,        /* in the receiver's ring until NAPI takes it */
    STAGE_RECEIVE,          /* driver and stack in the receiver's kernel */
    STAGE_SOCKET_WAIT,      /* in the socket until the application runs */
    STAGE_APP,              /* system call and copy to the application */
    STAGES
};
_Static_assert(STAGES <= 32, "struct packet has a bit a stage");

/* Why a packet was dropped: the fixed list. */
enum drop_cause {
    DROP_SOURCE_OVERRUN,   /* the sender fell behind its own schedule by more than its backlog */
    DROP_RX_NO_DESCRIPTOR, /* NIC: no receive descriptor in time */
    DROP_RX_FIFO_FULL,     /* NIC: receive FIFO full */
    DROP_GUEST_TX_FULL,    /* guest: the driver's ring and the queue before it were full */
    DROP_HOST_TX_FULL,     /* host: the PF driver's ring and the queue before it were full */
    DROP_TAP_FULL, /* host: the tap's queue was full, as the backend or the guest's buffers did not keep up */
    DROP_SOCKET_FULL, /* receiver: socket buffer full */
    DROP_OVERSIZE,    /* a captured frame larger than the MTU, policy `drop` */
    DROP_CAUSES
};

enum packet_direction { PACKET_TRANSMIT, PACKET_RECEIVE };
enum packet_kind { PACKET_DATA, PACKET_REQUEST, PACKET_RESPONSE };

struct path;        /* models/traffic/path.h: the traffic path that it belongs to */
struct send_buffer; /* models/guest/transmit.h */

struct packet {
    struct packet *next; /* the queue that it is in */
    struct path *path;
    uint64_t id; /* from 1, per path */
    uint32_t flow;
    uint32_t length;            /* [B] frame without FCS; all segments together if gso_size > 0 */
    uint32_t stages;            /* a bit a stage: those marked in the leg under way */
    uint32_t gso_size;          /* [B] payload of a segment; 0 = no segmentation */
    uint16_t segments;          /* frames that it becomes on the wire, >= 1 */
    uint16_t endpoint;          /* the NIC function's port that sends or receives it */
    uint16_t station;           /* behind the PF: which port of the host's bridge it belongs to */
    uint8_t direction;          /* enum packet_direction, of the current leg */
    uint8_t kind;               /* enum packet_kind */
    bool more;                  /* the sender has another one right behind it (xmit_more) */
    bool fragment;              /* a frame cut off another packet: path_fragment() */
    bool forwarded;             /* the kernel that sends it does so for a guest */
    bool counted, turned;       /* private to path.c */
    struct send_buffer *sender; /* whose memory it takes up in the sending kernel; NULL: nobody's */
    int64_t charge;             /* [B] how much */
    sim_time start;             /* [ps] */
    sim_time last;              /* [ps] of the last mark */
    sim_time stage[STAGES];     /* [ps] spent in each */
};

const char *stage_name(enum stage stage);           /* "descriptor_fetch" */
const char *stage_help(enum stage stage);           /* one line */
const char *drop_cause_name(enum drop_cause cause); /* "rx_no_descriptor" */

/* From the last mark to `until` [ps, >= last] was `stage`. */
static inline void packet_mark(struct packet *packet, enum stage stage, sim_time until)
{
    packet->stage[stage] += until - packet->last;
    packet->stages |= UINT32_C(1) << stage;
    packet->last = until;
}

/* A FIFO of packets through packet->next. */
struct packet_queue {
    struct packet *head, *tail;
    uint32_t count;
};

static inline void packet_queue_push(struct packet_queue *queue, struct packet *packet)
{
    packet->next = 0;
    if (queue->head)
        queue->tail->next = packet;
    else
        queue->head = packet;
    queue->tail = packet;
    queue->count++;
}

static inline struct packet *packet_queue_pop(struct packet_queue *queue)
{
    struct packet *packet = queue->head;
    if (packet) {
        queue->head = packet->next;
        queue->count--;
    }
    return packet;
}

/* Wire overhead of one frame beside its length: FCS 4, preamble and start delimiter 8, inter-frame gap 12. */
enum { FRAME_FCS = 4, FRAME_PREAMBLE = 8, FRAME_GAP = 12, FRAME_OVERHEAD = 24, FRAME_MIN = 60 };

/* Ethernet + IPv4 + TCP headers that each segment of a gso packet repeats [B]. */
enum { FRAME_HEADERS = 54, FRAME_MTU_MAX = 1514 };

#endif
