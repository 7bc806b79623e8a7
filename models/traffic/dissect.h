/*
 * Who sent a captured frame: the little of Ethernet, ARP, IP, TCP and UDP headers that a replay has to know. Bytes that
 * were not captured are not read; a header that is cut or wrong only means that its addresses are unknown.
 * Internal to capture.c.
 */
#ifndef MODELS_TRAFFIC_DISSECT_H
#define MODELS_TRAFFIC_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISSECT_MAC = 6, DISSECT_IPV4 = 4, DISSECT_IPV6 = 16, DISSECT_HEADER = 14 };

/* One side of a frame. */
struct dissect_side {
    uint8_t mac[DISSECT_MAC];
    uint8_t ip[DISSECT_IPV6];
    uint16_t port; /* 0: unknown */
};

struct dissected {
    struct dissect_side source, destination;
    unsigned ip; /* bytes of an IP address: 4, 16; 0: there is none */
};

/* Takes apart `length` (>= DISSECT_HEADER) captured bytes. */
void dissect(const uint8_t *bytes, size_t length, struct dissected *frame);

/* A hash of addresses and ports. */
uint16_t dissect_flow(const struct dissected *frame);

/* An address that a side may have. */
struct endpoint {
    uint8_t address[DISSECT_IPV6];
    unsigned length; /* of the address: 4, 6 or 16 */
    uint16_t port;   /* 0: any */
};

/* Reads "02:00:00:00:00:01", "10.0.0.1", "10.0.0.1:80", "fe80::1" or "[fe80::1]:80". */
bool endpoint_parse(const char *text, struct endpoint *endpoint);

/* The sender of a capture's first frame. */
struct endpoint endpoint_of_first(const struct dissected *frame);

/* Whether the frame goes from one IP address to the same one, and ports tell its sides apart. */
bool dissect_is_loopback(const struct dissected *frame);

/* Whether the endpoint is this side of the frame. */
bool endpoint_matches(const struct endpoint *endpoint, const struct dissected *frame,
                      const struct dissect_side *side);

#endif
