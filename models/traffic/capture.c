#include "models/traffic/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/traffic/dissect.h"
#include "models/traffic/packet.h"
#include "sim/assert.h"

#define NS_SECOND 1000000000

/* A file being read. */
struct reader {
    struct capture *capture;
    struct endpoint endpoint;
    bool have_endpoint;
    bool endpoint_seen; /* some frame is from or to it */
    bool mac_known;     /* that of the endpoint, for frames without an address of its kind */
    uint8_t mac[DISSECT_MAC];
    uint8_t called[UINT16_MAX / 8 + 1]; /* ports that were called, a bit each, in a loopback capture */
    size_t capacity;
    __int128 first; /* [ns] the first frame's stamp */
    int64_t last;   /* [ns] the latest frame's time */
    char *message;
    size_t size;
};

static const struct {
    const char *name, *help;
} skips[CAPTURE_SKIPS] = {
    [CAPTURE_SHORT] = {"short", "shorter than an Ethernet header"},
    [CAPTURE_LONG] = {"long", "longer than 256 KiB, which no frame and no offloaded buffer is"},
    [CAPTURE_SNAPPED] = {"snapped", "captured too short to tell their sender"},
    [CAPTURE_INCONSISTENT] = {"inconsistent", "shorter than what was captured of them"},
    [CAPTURE_NO_PATH] = {"no_path", "of a direction that the traffic entry does not have"},
};

const char *capture_skip_name(enum capture_skip skip)
{
    SIM_ASSERT((unsigned)skip < CAPTURE_SKIPS);
    return skips[skip].name;
}

const char *capture_skip_help(enum capture_skip skip)
{
    SIM_ASSERT((unsigned)skip < CAPTURE_SKIPS);
    return skips[skip].help;
}

bool capture_endpoint_valid(const char *text)
{
    struct endpoint endpoint;
    return endpoint_parse(text, &endpoint);
}

/* A frame's addresses tell which MAC the endpoint has; later frames without such addresses are judged by it. */
static void learn(struct reader *reader, const struct dissected *frame)
{
    bool source = endpoint_matches(&reader->endpoint, frame, &frame->source);
    if (!source && !endpoint_matches(&reader->endpoint, frame, &frame->destination))
        return;
    reader->endpoint_seen = true;
    if (reader->mac_known)
        return;
    memcpy(reader->mac, source ? frame->source.mac : frame->destination.mac, DISSECT_MAC);
    reader->mac_known = true;
}

static bool was_called(const struct reader *reader, uint16_t port)
{
    return reader->called[port / 8] >> port % 8 & 1;
}

/* Of a frame from an address to itself: whether the caller sent it. */
static bool caller_sent(struct reader *reader, const struct dissected *frame)
{
    uint16_t from = frame->source.port, to = frame->destination.port;
    if (!was_called(reader, from) && !was_called(reader, to))
        reader->called[to / 8] |= (uint8_t)(1 << to % 8);
    return was_called(reader, to);
}

static enum packet_direction direction_of(struct reader *reader, const struct dissected *frame)
{
    bool sent;
    if (dissect_is_loopback(frame) && reader->endpoint.port == 0)
        sent = caller_sent(reader, frame);
    else if (frame->ip || reader->endpoint.length == DISSECT_MAC)
        sent = endpoint_matches(&reader->endpoint, frame, &frame->source);
    else
        sent = reader->mac_known && memcmp(reader->mac, frame->source.mac, DISSECT_MAC) == 0;
    return sent ? PACKET_TRANSMIT : PACKET_RECEIVE;
}

/* What keeps a frame from being replayed; CAPTURE_SKIPS: nothing. */
static enum capture_skip reason_to_skip(const struct pcap_pkthdr *header, uint32_t fcs)
{
    if (header->len < DISSECT_HEADER + fcs)
        return CAPTURE_SHORT;
    if (header->len > CAPTURE_LENGTH_MAX)
        return CAPTURE_LONG;
    if (header->caplen > header->len)
        return CAPTURE_INCONSISTENT;
    return header->caplen < DISSECT_HEADER ? CAPTURE_SNAPPED : CAPTURE_SKIPS;
}

/* The frame's time: false if it is further from the first one's than can be. */
static bool take_time(struct reader *reader, const struct pcap_pkthdr *header)
{
    __int128 stamp = (__int128)header->ts.tv_sec * NS_SECOND + header->ts.tv_usec;
    if (reader->capture->read == 1)
        reader->first = stamp;
    __int128 time = stamp - reader->first;
    if (time > CAPTURE_SPAN_MAX) {
        snprintf(reader->message, reader->size, "frame %lld is stamped more than 100 days after the first",
                 (long long)reader->capture->read);
        return false;
    }
    if (time < reader->last)
        reader->capture->reordered++;
    else
        reader->last = (int64_t)time;
    return true;
}

static struct capture_frame *add_frame(struct reader *reader)
{
    struct capture *capture = reader->capture;
    if (capture->count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 1024;
        capture->frames = realloc(capture->frames, reader->capacity * sizeof(*capture->frames));
        SIM_ASSERT(capture->frames);
    }
    return &capture->frames[capture->count++];
}

static void take_frame(struct reader *reader, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
    struct capture *capture = reader->capture;
    uint32_t fcs = capture->fcs ? FRAME_FCS : 0;
    enum capture_skip skip = reason_to_skip(header, fcs);
    if (skip != CAPTURE_SKIPS) {
        capture->skipped[skip]++;
        return;
    }
    struct dissected frame;
    dissect(bytes, header->caplen, &frame);
    if (!reader->have_endpoint)
        reader->endpoint = endpoint_of_first(&frame);
    reader->have_endpoint = true;
    learn(reader, &frame);
    uint32_t length = header->len - fcs;
    capture->truncated += header->caplen < header->len;
    capture->oversize += length > FRAME_MTU_MAX;
    *add_frame(reader) = (struct capture_frame){
        .time = reader->last,
        .length = length,
        .flow = dissect_flow(&frame),
        .direction = (uint8_t)direction_of(reader, &frame),
    };
}

static bool read_frames(struct reader *reader, pcap_t *pcap)
{
    struct capture *capture = reader->capture;
    for (;;) {
        struct pcap_pkthdr *header;
        const uint8_t *bytes;
        int result = pcap_next_ex(pcap, &header, &bytes);
        if (result == PCAP_ERROR_BREAK)
            return true;
        if (result != 1) {
            snprintf(reader->message, reader->size, "frame %lld: %s", (long long)capture->read + 1,
                     pcap_geterr(pcap));
            return false;
        }
        if (capture->read == CAPTURE_FRAMES_MAX) {
            snprintf(reader->message, reader->size, "more than %d frames", CAPTURE_FRAMES_MAX);
            return false;
        }
        capture->read++;
        if (!take_time(reader, header))
            return false;
        take_frame(reader, header, bytes);
    }
}

/* Only Ethernet has what a replay needs. */
static bool check_link(struct reader *reader, pcap_t *pcap)
{
    int link = pcap_datalink(pcap);
    if (link == DLT_EN10MB)
        return true;
    const char *name = pcap_datalink_val_to_name(link);
    char number[32];
    snprintf(number, sizeof(number), "%d", link);
    snprintf(reader->message, reader->size, "link type %s: only Ethernet (EN10MB) can be replayed",
             name ? name : number);
    return false;
}

/* There are frames, but each has a reason to be skipped: names the most frequent one. */
static void complain_skipped(const struct reader *reader)
{
    const struct capture *capture = reader->capture;
    enum capture_skip most = 0;
    for (enum capture_skip skip = 1; skip < CAPTURE_SKIPS; skip++)
        if (capture->skipped[skip] > capture->skipped[most])
            most = skip;
    snprintf(reader->message, reader->size, "not one of its frames can be replayed: %lld of %lld are %s",
             (long long)capture->skipped[most], (long long)capture->read, capture_skip_help(most));
}

static bool check_frames(struct reader *reader, const char *endpoint)
{
    const struct capture *capture = reader->capture;
    if (capture->read == 0)
        snprintf(reader->message, reader->size, "holds no frame");
    else if (capture->count == 0)
        complain_skipped(reader);
    else if (endpoint && !reader->endpoint_seen)
        snprintf(reader->message, reader->size, "no frame is from or to the endpoint %s", endpoint);
    else
        return true;
    return false;
}

bool capture_read(FILE *file, const struct capture_options *options, struct capture *capture, char *message,
                  size_t size)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    struct reader reader = {.capture = capture, .message = message, .size = size};
    *capture = (struct capture){.fcs = options->fcs};
    reader.have_endpoint = options->endpoint != NULL;
    if (options->endpoint && !endpoint_parse(options->endpoint, &reader.endpoint)) {
        snprintf(message, size, "not an endpoint: %s", options->endpoint);
        fclose(file);
        return false;
    }
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
    if (!pcap) {
        snprintf(message, size, "%s", error);
        fclose(file);
        return false;
    }
    capture->snap_length = pcap_snapshot(pcap);
    bool fine =
        check_link(&reader, pcap) && read_frames(&reader, pcap) && check_frames(&reader, options->endpoint);
    pcap_close(pcap); /* closes the file */
    if (!fine)
        capture_free(capture);
    return fine;
}

static FILE *open_file(const char *path, char *message, size_t size)
{
    struct stat status;
    if (stat(path, &status) != 0)
        snprintf(message, size, "%s", strerror(errno));
    else if (!S_ISREG(status.st_mode))
        snprintf(message, size, "not a regular file");
    else if (status.st_size > CAPTURE_FILE_MAX)
        snprintf(message, size, "larger than 1 GiB");
    else {
        FILE *file = fopen(path, "rb");
        if (!file)
            snprintf(message, size, "%s", strerror(errno));
        return file;
    }
    return NULL;
}

bool capture_load(const char *path, const struct capture_options *options, struct capture *capture,
                  char *message, size_t size)
{
    *capture = (struct capture){0};
    FILE *file = open_file(path, message, size);
    return file && capture_read(file, options, capture, message, size);
}

void capture_free(struct capture *capture)
{
    free(capture->frames);
    capture->frames = NULL;
    capture->count = 0;
}

const char *capture_check(const char *path, char *message, size_t size)
{
    struct capture_options options = {0};
    struct capture capture;
    if (!capture_load(path, &options, &capture, message, size))
        return message;
    capture_free(&capture);
    return NULL;
}
