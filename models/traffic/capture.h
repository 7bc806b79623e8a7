/*
 * A capture: the frames of a pcap or pcapng file as a replay needs them: when, how long, which way. It is read whole
 * before a run, by libpcap, into an array of 16 bytes a frame. Files are not trusted: whatever is in one, reading ends
 * with frames or with a message.
 *
 *   time       relative to the first frame, in ns; micro- and nanosecond stamps are told apart by libpcap. A frame
 *              stamped before its predecessor is moved to the predecessor's time and counted (`reordered`).
 *   length     that of the frame on the wire (the file's original length), not what the snap length left of it. With
 *              `fcs`, it includes the frame check sequence, which is then taken off.
 *   direction  whether the endpoint (the guest) sent it. Without an endpoint, the guest is the sender of the first
 *              frame. A loopback capture has one address on both sides: there, without a port in the endpoint, the
 *              guest is who calls, and the first frame of a conversation is a call to its destination port.
 *
 * Only Ethernet captures have frames to replay; other link types are refused.
 */
#ifndef MODELS_TRAFFIC_CAPTURE_H
#define MODELS_TRAFFIC_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Files beyond these are refused. */
enum { CAPTURE_FRAMES_MAX = 1 << 24, CAPTURE_LENGTH_MAX = 262144 };
#define CAPTURE_FILE_MAX (INT64_C(1) << 30)              /* [B] */
#define CAPTURE_SPAN_MAX (INT64_C(8640000) * 1000000000) /* [ns] from the first to the last frame: 100 days */

/* Why a captured frame is not replayed. */
enum capture_skip {
    CAPTURE_SHORT,        /* on the wire, it was shorter than an Ethernet header */
    CAPTURE_LONG,         /* longer than any frame or offloaded buffer: CAPTURE_LENGTH_MAX */
    CAPTURE_SNAPPED,      /* less than an Ethernet header was captured: its sender is unknown */
    CAPTURE_INCONSISTENT, /* more bytes captured than the frame is long */
    CAPTURE_NO_PATH,      /* of a direction that the traffic entry does not have */
    CAPTURE_SKIPS
};

struct capture_frame {
    int64_t time;      /* [ns] since the first frame, never less than its predecessor's */
    uint32_t length;   /* [B] without FCS */
    uint16_t flow;     /* a hash of addresses and ports */
    uint8_t direction; /* enum packet_direction, as the endpoint sees it */
};

struct capture {
    struct capture_frame *frames; /* owned */
    size_t count;
    int64_t read; /* frames in the file: count + skipped */
    int64_t skipped[CAPTURE_SKIPS];
    int64_t reordered;   /* frames stamped before their predecessors */
    int64_t truncated;   /* frames of which the snap length cut something off */
    int64_t snap_length; /* [B] as the file states it */
    int64_t oversize;    /* frames larger than FRAME_MTU_MAX */
    bool fcs;            /* as the option was */
};

struct capture_options {
    const char
        *endpoint; /* an address of the guest: MAC, IPv4, IPv4:port, IPv6 or [IPv6]:port; NULL: see above */
    bool fcs;      /* lengths in the file include the FCS */
};

enum { CAPTURE_MESSAGE_MAX = 512 };

/*
 * Reads the capture in `file`, which is closed in any case. Returns true, or false with what is wrong with it in
 * `message`. Free it with capture_free().
 */
bool capture_read(FILE *file, const struct capture_options *options, struct capture *capture, char *message,
                  size_t size);

/* The same for the file at `path`, which must be a regular file of at most CAPTURE_FILE_MAX bytes. */
bool capture_load(const char *path, const struct capture_options *options, struct capture *capture,
                  char *message, size_t size);
void capture_free(struct capture *capture);

/* Whether the file at `path` can be replayed: NULL, or what is wrong, written to `message`. */
const char *capture_check(const char *path, char *message, size_t size);

/* Whether `text` is an endpoint. */
bool capture_endpoint_valid(const char *text);

const char *capture_skip_name(enum capture_skip skip); /* "snapped" */
const char *capture_skip_help(enum capture_skip skip); /* one line */

#endif
