/*
 * Transaction layer packets, and the port at which everything that handles them meets: link ends, root ports,
 * devices, later switches. An adapter to a TLM-2.0 socket is a tlp_port, too: deliver() becomes a transport call,
 * freed() its response.
 *
 * A TLP has the header fields of the PCIe Base Specification (section 2.2) and, instead of a payload, where its bytes
 * are or whose they are. TLPs come from the pool of the root complex that they travel to or from; whoever a TLP is
 * delivered to owns it and gives it back or sends it on.
 *
 * A train is one struct tlp for `count` TLPs of one request that travel back to back: MWrs that cut one write of
 * payload, or the CplDs that answer one MRd. `bytes` and `wire` are the whole train's, the header is the first's. It
 * arrives with its last TLP. Trains exist only where nothing looks between their TLPs: link_takes_trains() says so.
 */
#ifndef MODELS_PCIE_TLP_H
#define MODELS_PCIE_TLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/time.h"

/* Fmt[2:0] and Type[4:0], sections 2.2.1 and table 2-3. */
enum tlp_fmt { TLP_3DW, TLP_4DW, TLP_3DW_DATA, TLP_4DW_DATA };
enum tlp_type { TLP_MEMORY = 0x00, TLP_COMPLETION = 0x0A };

/* Address type, section 2.2.4.2. */
enum tlp_at { TLP_UNTRANSLATED = 0, TLP_TRANSLATION_REQUEST = 1, TLP_TRANSLATED = 2 };

/* Attr[2:0], section 2.2.6.3. Carried; links and root ports keep the strong order, which is always allowed. */
enum tlp_attr { TLP_NO_SNOOP = 1, TLP_RELAXED_ORDERING = 2, TLP_ID_ORDERING = 4 };

/* Completion status, section 2.2.9. */
enum tlp_status { TLP_SUCCESS = 0, TLP_UNSUPPORTED_REQUEST = 1, TLP_COMPLETER_ABORT = 4 };

/* The three kinds that flow control and ordering tell apart. */
enum tlp_class { TLP_POSTED, TLP_NONPOSTED, TLP_COMPLETIONS, TLP_CLASSES };

/* Bytes on the wire: sequence number, framing and LCRC; headers; and the most that a TLP carries itself. */
enum { TLP_FRAMING = 8, TLP_HEADER_3DW = 12, TLP_HEADER_4DW = 16, DLLP_WIRE = 8, TLP_STORE = 64 };

struct tlp {
    struct tlp *next;     /* the queue that it is in, */
    struct tlp *previous; /* if that is doubly linked */
    sim_time when;        /* [ps] when it leaves, arrives or takes effect: whoever holds it */
    sim_time first_when;  /* [ps] when the first TLP of a train arrives */

    uint8_t fmt, type;
    uint8_t attr, at;
    uint8_t first_be, last_be; /* requests */
    uint8_t status;            /* completions: enum tlp_status */
    uint8_t lower_address;     /* completions: low 7 bits of the first byte */
    uint16_t requester;        /* bus, device, function */
    uint16_t completer;
    uint16_t tag;
    uint16_t length;     /* [DW] of the first TLP, 1 .. 1024; a Cpl without data 0 */
    uint16_t byte_count; /* completions: bytes left, these included; 0 = 4096 */
    uint16_t count;      /* TLPs in this train */
    uint64_t address;    /* requests */
    uint32_t bytes;      /* enabled payload bytes of the train, or that an MRd asks for */
    uint32_t wire;       /* [B] that the train takes on a link */
    uint32_t order;      /* private to the link that it waits at */

    /* What stands for the payload. */
    uint8_t *data;    /* control structures: the bytes to write, or where read bytes go; else NULL */
    uint64_t payload; /* else the memory tag of the payload; MMIO: the register's value */

    /* The requester's own. A completion brings its request's context back. `visible` of a write, if not NULL, is
     * called when memory holds it: no hardware says so, but a model that waits for it need not poll. */
    void *context;
    void (*visible)(struct tlp *tlp);

    uint8_t store[TLP_STORE]; /* for `data` that must outlive its owner */
};

/* A FIFO of TLPs through tlp->next. */
struct tlp_fifo {
    struct tlp *head, *tail;
};

/*
 * Where TLPs arrive. The receiver fills deliver, self and ahead; the sender's link fills freed and sender when it is
 * connected.
 */
struct tlp_port {
    /* The TLP arrives at `at` [ps]: now, or later if `ahead`. */
    void (*deliver)(struct tlp_port *port, struct tlp *tlp, sim_time at);
    void *self;
    bool ahead; /* deliver() may be called as soon as `at` is known, in order of arrival */

    /* The receiver's buffer space of one TLP or train is free from `at` on [ps, >= now, non-decreasing for each
     * class]: its credits go back. NULL if the sender counts none. */
    void (*freed)(void *sender, enum tlp_class kind, uint32_t headers, uint32_t data, sim_time at);
    void *sender;
};

static inline enum tlp_class tlp_class(const struct tlp *tlp)
{
    if (tlp->type == TLP_COMPLETION)
        return TLP_COMPLETIONS;
    return tlp->fmt >= TLP_3DW_DATA ? TLP_POSTED : TLP_NONPOSTED;
}

/* DWs that `bytes` starting at `address` touch. */
static inline uint32_t tlp_dwords(uint64_t address, uint32_t bytes)
{
    return ((uint32_t)(address & 3) + bytes + 3) / 4;
}

/* Header bytes of a memory request: 64-bit addresses need 4 DW, others must use 3 (section 2.2.4.1). */
static inline uint32_t tlp_header(uint64_t address)
{
    return address >> 32 ? TLP_HEADER_4DW : TLP_HEADER_3DW;
}

/* Data credits of 16 bytes that one TLP with `dwords` of payload takes (section 2.6.1). */
static inline uint32_t tlp_data_credits(uint32_t dwords)
{
    return (dwords + 3) / 4;
}

/* [B] of the one TLP whose header this is, on a link. */
static inline uint32_t tlp_wire(const struct tlp *tlp)
{
    uint32_t header = tlp->fmt & 1 ? TLP_HEADER_4DW : TLP_HEADER_3DW;
    return TLP_FRAMING + header + (tlp->fmt >= TLP_3DW_DATA ? 4U * tlp->length : 0);
}

/*
 * The fields of a memory request of one TLP: a write of, or a read for, `bytes` at `address`, bytes > 0 and within
 * the limits that split.h keeps; a read of 0 bytes is the zero-length read (1 DW, no byte enabled). All other fields
 * are cleared.
 */
void tlp_make_write(struct tlp *tlp, uint16_t requester, uint64_t address, uint32_t bytes);
void tlp_make_read(struct tlp *tlp, uint16_t requester, uint16_t tag, uint64_t address, uint32_t bytes);

/* A completion of `request` with data from `address` on: `bytes` here, `left` with these and all that follow. */
void tlp_make_completion(struct tlp *tlp, const struct tlp *request, uint64_t address, uint32_t bytes,
                         uint32_t left);

/* A completion without data that says why (status other than success). */
void tlp_make_error(struct tlp *tlp, const struct tlp *request, enum tlp_status status);

/* Gives the credits of a delivered TLP back at `at` [ps]. */
static inline void tlp_release(struct tlp_port *port, const struct tlp *tlp, sim_time at)
{
    bool has_data = tlp->fmt >= TLP_3DW_DATA;
    if (port->freed)
        port->freed(port->sender, tlp_class(tlp), tlp->count, has_data ? tlp_data_credits(tlp->length) : 0,
                    at);
}

static inline void tlp_push(struct tlp_fifo *fifo, struct tlp *tlp)
{
    tlp->next = NULL;
    if (fifo->head)
        fifo->tail->next = tlp;
    else
        fifo->head = tlp;
    fifo->tail = tlp;
}

static inline struct tlp *tlp_pop(struct tlp_fifo *fifo)
{
    struct tlp *tlp = fifo->head;
    if (tlp)
        fifo->head = tlp->next;
    return tlp;
}

#endif
