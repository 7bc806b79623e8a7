/* Captures: what is read of them, which way frames go, and what wrong files are answered with. */
#include "models/traffic/capture.h"

#include <sys/stat.h>

#include "models/traffic/dissect.h"
#include "tests/unit/models/traffic_fixture.h"

static const struct capture_options plain;

Test(capture, reads_lengths_from_the_wire_not_from_the_snap_length)
{
    struct image image;
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    image_begin(&image, STAMPS_MICRO, 42);
    image_udp(&image, 5, 0, 1, 2, 1514);
    image_udp(&image, 5, 10, 2, 1, 42);
    image_udp(&image, 5, 20, 1, 2, 4519);
    cr_assert(image_read(&image, &plain, &capture, message, sizeof(message)), "%s", message);
    cr_assert_eq(capture.read, 3);
    cr_assert_eq(capture.count, 3);
    cr_assert_eq(capture.frames[0].length, 1514);
    cr_assert_eq(capture.frames[1].length, 42);
    cr_assert_eq(capture.frames[2].length, 4519);
    cr_assert_eq(capture.snap_length, 42);
    cr_assert_eq(capture.truncated, 2);
    cr_assert_eq(capture.oversize, 1);
    capture_free(&capture);
}

Test(capture, takes_the_check_sequence_off)
{
    struct image image;
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct capture_options options = {.fcs = true};
    image_begin(&image, STAMPS_MICRO, 65535);
    image_udp(&image, 5, 0, 1, 2, 1518);
    cr_assert(image_read(&image, &options, &capture, message, sizeof(message)), "%s", message);
    cr_assert_eq(capture.frames[0].length, 1514);
    cr_assert_eq(capture.oversize, 0);
    capture_free(&capture);
}

Test(capture, tells_microseconds_from_nanoseconds)
{
    const uint32_t magics[] = {STAMPS_MICRO, STAMPS_NANO};
    const int64_t units[] = {1000, 1};
    for (int i = 0; i < 2; i++) {
        struct image image;
        struct capture capture;
        char message[CAPTURE_MESSAGE_MAX] = "";
        image_begin(&image, magics[i], 65535);
        image_udp(&image, 5, 999999, 1, 2, 60);
        image_udp(&image, 7, 1, 1, 2, 60);
        cr_assert(image_read(&image, &plain, &capture, message, sizeof(message)), "%s", message);
        cr_assert_eq(capture.frames[0].time, 0);
        cr_assert_eq(capture.frames[1].time, INT64_C(2000000000) - 999998 * units[i]);
        capture_free(&capture);
    }
}

Test(capture, moves_frames_that_are_out_of_order_to_their_predecessors)
{
    struct image image;
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    const uint32_t stamps[] = {100, 300, 200, 50, 300, 400}; /* us */
    const int64_t times[] = {0, 200, 200, 200, 200, 300};
    image_begin(&image, STAMPS_MICRO, 65535);
    for (int i = 0; i < 6; i++)
        image_udp(&image, 0, stamps[i], 1, 2, 60);
    cr_assert(image_read(&image, &plain, &capture, message, sizeof(message)), "%s", message);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(capture.frames[i].time, times[i] * 1000, "frame %d", i);
    cr_assert_eq(capture.reordered, 2);
    capture_free(&capture);
}

/* Reads hosts 1 -> 2, 2 -> 1 and returns their directions as "tr". */
static const char *directions(const char *endpoint)
{
    static char text[3];
    struct image image;
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct capture_options options = {.endpoint = endpoint};
    image_begin(&image, STAMPS_MICRO, 65535);
    image_udp(&image, 0, 0, 1, 2, 60);
    image_udp(&image, 0, 1, 2, 1, 60);
    cr_assert(image_read(&image, &options, &capture, message, sizeof(message)), "%s", message);
    for (int i = 0; i < 2; i++)
        text[i] = capture.frames[i].direction == PACKET_TRANSMIT ? 't' : 'r';
    cr_assert_neq(capture.frames[0].flow, capture.frames[1].flow);
    capture_free(&capture);
    return text;
}

Test(capture, the_endpoint_transmits_and_the_first_sender_is_it_by_default)
{
    cr_assert_str_eq(directions(NULL), "tr");
    cr_assert_str_eq(directions("10.0.0.1"), "tr");
    cr_assert_str_eq(directions("10.0.0.2"), "rt");
    cr_assert_str_eq(directions("02:00:00:00:00:01"), "tr");
    cr_assert_str_eq(directions("02:00:00:00:00:02"), "rt");
    cr_assert_str_eq(directions("10.0.0.1:1000"), "tr");
    cr_assert_str_eq(directions("10.0.0.2:1000"), "rt");
}

Test(capture, an_endpoint_that_does_not_occur_is_a_mistake)
{
    struct image image;
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct capture_options options = {.endpoint = "10.0.0.9"};
    image_begin(&image, STAMPS_MICRO, 65535);
    image_udp(&image, 0, 0, 1, 2, 60);
    cr_assert_not(image_read(&image, &options, &capture, message, sizeof(message)));
    cr_assert_str_eq(message, "no frame is from or to the endpoint 10.0.0.9");
}

/* From one address to the same one: who calls a port first is the guest. */
Test(capture, a_loopback_capture_has_its_sides_by_port)
{
    struct image image;
    struct capture capture;
    uint8_t call[HEADERS], answer[HEADERS];
    char message[CAPTURE_MESSAGE_MAX] = "";
    image_begin(&image, STAMPS_MICRO, 65535);
    for (uint16_t client = 3000; client < 3006; client++) {
        uint16_t server = 80 + client % 2;
        headers_of(call, 1, 1, client, server);
        headers_of(answer, 1, 1, server, client);
        image_frame(&image, 0, client, call, HEADERS, 60);
        image_frame(&image, 0, client, answer, HEADERS, 60);
    }
    cr_assert(image_read(&image, &plain, &capture, message, sizeof(message)), "%s", message);
    for (size_t i = 0; i < capture.count; i++)
        cr_assert_eq(capture.frames[i].direction, i % 2 == 0 ? PACKET_TRANSMIT : PACKET_RECEIVE, "frame %zu",
                     i);
    capture_free(&capture);
}

/* ARP is judged by its protocol addresses, other frames without an IP address by the endpoint's MAC. */
Test(capture, frames_without_ip_go_the_way_of_the_endpoints_mac)
{
    const uint8_t arp[] = {255, 255, 255, 255, 255, 255, 2, 0,  0, 0, 0, 2, 8, 6, 0, 1, 8, 0,  6, 4, 0,
                           1,   2,   0,   0,   0,   0,   2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
    const uint8_t lldp[] = {1, 0x80, 0xc2, 0, 0, 14, 2, 0, 0, 0, 0, 2, 0x88, 0xcc, 0};
    const uint8_t other[] = {1, 0x80, 0xc2, 0, 0, 14, 2, 0, 0, 0, 0, 7, 0x88, 0xcc, 0};
    struct image image;
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct capture_options options = {.endpoint = "10.0.0.2"};
    image_begin(&image, STAMPS_MICRO, 65535);
    image_frame(&image, 0, 0, arp, sizeof(arp), 60);
    image_frame(&image, 0, 1, lldp, sizeof(lldp), 60);
    image_frame(&image, 0, 2, other, sizeof(other), 60);
    cr_assert(image_read(&image, &options, &capture, message, sizeof(message)), "%s", message);
    cr_assert_eq(capture.frames[0].direction, PACKET_TRANSMIT);
    cr_assert_eq(capture.frames[1].direction, PACKET_TRANSMIT);
    cr_assert_eq(capture.frames[2].direction, PACKET_RECEIVE);
    capture_free(&capture);
}

Test(capture, finds_addresses_behind_vlan_tags_and_in_ipv6)
{
    uint8_t bytes[HEADERS], tagged[HEADERS + 8], ipv6[62] = {0};
    struct dissected frame;
    headers_of(bytes, 1, 2, 1000, 2000);
    memcpy(tagged, bytes, 12);
    memcpy(tagged + 12, (const uint8_t[]){0x88, 0xa8, 0, 5, 0x81, 0, 0, 6}, 8);
    memcpy(tagged + 20, bytes + 12, HEADERS - 12);
    dissect(tagged, sizeof(tagged), &frame);
    cr_assert_eq(frame.ip, 4);
    cr_assert_eq(frame.source.ip[3], 1);
    cr_assert_eq(frame.destination.port, 2000);
    ipv6[12] = 0x86, ipv6[13] = 0xdd, ipv6[14] = 0x60, ipv6[20] = 6;
    ipv6[22 + 15] = 1, ipv6[38 + 15] = 2;
    ipv6[54] = 0x1f, ipv6[55] = 0x90;
    dissect(ipv6, sizeof(ipv6), &frame);
    cr_assert_eq(frame.ip, 16);
    cr_assert_eq(frame.destination.ip[15], 2);
    cr_assert_eq(frame.source.port, 8080);
}

/* Whatever is cut off, the rest is read and nothing behind it: the sanitizers look on. */
Test(capture, dissects_frames_cut_anywhere)
{
    uint8_t whole[HEADERS];
    headers_of(whole, 1, 2, 1000, 2000);
    for (size_t length = DISSECT_HEADER; length <= HEADERS; length++) {
        struct dissected frame;
        uint8_t *part = malloc(length);
        memcpy(part, whole, length);
        dissect(part, length, &frame);
        cr_assert_eq(frame.ip, length >= 34 ? 4u : 0u, "%zu", length);
        cr_assert_eq(frame.source.port, length >= 38 ? 1000 : 0, "%zu", length);
        free(part);
    }
}

Test(capture, knows_an_endpoint_when_it_sees_one)
{
    const char *const good[] = {"02:00:00:00:00:0a", "10.0.0.1",       "10.0.0.1:80", "fe80::1",
                                "[fe80::1]:443",     "::ffff:1.2.3.4", "::"};
    const char *const bad[] = {"",
                               "10.0.0",
                               "10.0.0.1:",
                               "10.0.0.1:0",
                               "10.0.0.1:65536",
                               "10.0.0.1:8x",
                               "[fe80::1]",
                               "[fe80::1]:",
                               "[fe80::1",
                               "[10.0.0.1]:80",
                               "fe80:::1",
                               "host",
                               "0g:00:00:00:00:00",
                               "02-00-00-00-00-01",
                               "02:00:00:00:00",
                               "10.0.0.1:123456789012345678901234567890",
                               "fe80::1%eth0"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cr_assert(capture_endpoint_valid(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_not(capture_endpoint_valid(bad[i]), "%s", bad[i]);
}

/* tests/bad/captures: every file, and what it is answered with. */
static const struct {
    const char *file, *message;
} wrong[] = {
    {"empty_file.pcap", "truncated dump file; tried to read 4 file header bytes, only got 0"},
    {"header_cut.pcap", "truncated dump file; tried to read 24 file header bytes, only got 6"},
    {"magic.pcap", "unknown file format"},
    {"text.pcap", "unknown file format"},
    {"version.pcap", "unsupported pcap savefile version 9.4"},
    {"link_raw.pcap", "link type RAW: only Ethernet (EN10MB) can be replayed"},
    {"link_unknown.pcap", "link type 9999: only Ethernet (EN10MB) can be replayed"},
    {"no_frame.pcap", "holds no frame"},
    {"frame_header_cut.pcap", "frame 2: truncated dump file; tried to read 16 header bytes, only got 5"},
    {"frame_cut.pcap", "frame 2: truncated dump file; tried to read 60 captured bytes, only got 20"},
    {"captured_absurd.pcap",
     "frame 1: invalid packet capture length 4294967295, bigger than snaplen of 65535"},
    {"length_absurd.pcap",
     "not one of its frames can be replayed: 1 of 1 are longer than 256 KiB, which no frame and "
     "no offloaded buffer is"},
    {"length_zero.pcap", "not one of its frames can be replayed: 1 of 1 are shorter than an Ethernet header"},
    {"length_below_captured.pcap",
     "not one of its frames can be replayed: 1 of 1 are shorter than what was captured of them"},
    {"snap_too_short.pcap",
     "not one of its frames can be replayed: 1 of 1 are captured too short to tell their sender"},
    {"span.pcap", "frame 2 is stamped more than 100 days after the first"},
    {"ng_header_cut.pcapng", "truncated pcapng dump file; tried to read 16 bytes, only got 2"},
    {"ng_byte_order.pcapng", "unknown file format"},
    {"ng_version.pcapng", "unsupported pcapng savefile version 7.0"},
    {"ng_no_interface.pcapng", "the capture file has a packet block before any Interface Description Blocks"},
    {"ng_interface_unknown.pcapng",
     "frame 1: a packet arrived on interface 7, but there's no Interface Description "
     "Block for that interface"},
    {"ng_block_short.pcapng", "frame 1: block in pcapng dump file has a length of 8 < 12"},
    {"ng_block_long.pcapng", "frame 1: pcapng block size 2147483632 > maximum 16777216"},
    {"ng_block_trailer.pcapng", "frame 1: block total length in header and trailer don't match"},
    {"ng_block_cut.pcapng", "frame 1: truncated pcapng dump file; tried to read 84 bytes, only got 32"},
    {"ng_captured_absurd.pcapng",
     "frame 1: invalid packet capture length 2147483647, bigger than snaplen of 65535"},
    {"ng_two_links.pcapng",
     "frame 1: an interface has a type 101 different from the type of the first interface"},
    {"ng_link_raw.pcapng", "link type RAW: only Ethernet (EN10MB) can be replayed"},
    {"ng_time_resolution.pcapng",
     "Interface Description Block if_tsresol option resolution 2^-127 is too high"},
    {"ng_no_frame.pcapng", "holds no frame"},
    {"no_such_file.pcap", "No such file or directory"},
    {".", "not a regular file"},
};

Test(capture, answers_every_wrong_file_with_its_message)
{
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char path[512], message[CAPTURE_MESSAGE_MAX] = "";
        snprintf(path, sizeof(path), IOVSIM_SOURCE_DIR "/tests/bad/captures/%s", wrong[i].file);
        cr_assert_eq(capture_check(path, message, sizeof(message)), message, "%s was accepted",
                     wrong[i].file);
        cr_assert_str_eq(message, wrong[i].message, "%s: %s", wrong[i].file, message);
    }
}

Test(capture, a_file_without_end_is_not_even_opened)
{
    char message[CAPTURE_MESSAGE_MAX] = "";
    cr_assert_eq(capture_check("/dev/zero", message, sizeof(message)), message);
    cr_assert_str_eq(message, "not a regular file");
}

Test(capture, a_sparse_file_of_more_than_1_gib_is_refused)
{
    char path[32], message[CAPTURE_MESSAGE_MAX] = "";
    struct image image;
    image_begin(&image, STAMPS_MICRO, 65535);
    image_save(&image, path);
    cr_assert_eq(truncate(path, CAPTURE_FILE_MAX + 1), 0);
    cr_assert_eq(capture_check(path, message, sizeof(message)), message);
    cr_assert_str_eq(message, "larger than 1 GiB");
    unlink(path);
}

/* libpcap cuts such a frame to the snap length; its length on the wire is known, so it is replayed. */
Test(capture, more_captured_than_the_snap_length_says_is_no_mistake)
{
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct capture capture;
    const char *path = IOVSIM_SOURCE_DIR "/tests/bad/captures/captured_beyond_snap.pcap";
    cr_assert(capture_load(path, &plain, &capture, message, sizeof(message)), "%s", message);
    cr_assert_eq(capture.count, 1);
    cr_assert_eq(capture.truncated, 1);
    capture_free(&capture);
}

/* The first 32 bytes of a good file and then any prefix of the rest: a message or frames, never anything else. */
Test(capture, every_prefix_of_a_capture_is_answered)
{
    struct image image;
    image_begin(&image, STAMPS_MICRO, 65535);
    for (uint32_t i = 0; i < 3; i++)
        image_udp(&image, 0, i, 1, 2, 60);
    size_t whole = image.size, accepted = 0;
    for (size_t size = 1; size <= whole; size++) {
        struct capture capture;
        char message[CAPTURE_MESSAGE_MAX] = "";
        image.size = size;
        if (image_read(&image, &plain, &capture, message, sizeof(message))) {
            accepted++;
            capture_free(&capture);
        } else {
            cr_assert_neq(message[0], '\0');
        }
    }
    cr_assert_eq(accepted, 3); /* cut exactly behind a frame */
}

Test(capture, the_projects_own_transfer_is_read_whole)
{
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct capture capture;
    const char *path = IOVSIM_SOURCE_DIR "/scenarios/library/captures/transfer.pcap";
    cr_assert(capture_load(path, &plain, &capture, message, sizeof(message)), "%s", message);
    int64_t transmit = 0, full = 0, small = 0;
    for (size_t i = 0; i < capture.count; i++) {
        transmit += capture.frames[i].direction == PACKET_TRANSMIT;
        full += capture.frames[i].length == FRAME_MTU_MAX;
        small += capture.frames[i].length < 200;
    }
    cr_assert_eq((int64_t)capture.count, capture.read);
    cr_assert_eq(capture.snap_length, 96);
    cr_assert_eq(capture.oversize, 0);
    cr_assert(full > 100 && small > 100 && transmit > 100 && transmit < capture.read - 100);
    capture_free(&capture);
}

Test(capture, the_tls_capture_is_read_whole_with_both_directions)
{
    const char *path = IOVSIM_SOURCE_DIR "/../shared/data/pcap/tls_ciphers.pcap";
    char message[CAPTURE_MESSAGE_MAX] = "";
    struct stat status;
    struct capture capture;
    if (stat(path, &status) != 0)
        cr_skip_test("%s is not there", path);
    cr_assert(capture_load(path, &plain, &capture, message, sizeof(message)), "%s", message);
    int64_t transmit = 0;
    for (size_t i = 0; i < capture.count; i++)
        transmit += capture.frames[i].direction == PACKET_TRANSMIT;
    cr_assert_eq(capture.read, 1095);
    cr_assert_eq(capture.count, 1095);
    cr_assert_eq(capture.oversize, 3);
    cr_assert_eq(capture.reordered, 0);
    cr_assert_eq(transmit, 584);
    capture_free(&capture);
}
