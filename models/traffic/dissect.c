#include "models/traffic/dissect.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_SERVICE_VLAN = 0x88a8,
    VLAN_TAGS_MAX = 2,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

/* What has been captured and not been looked at. */
struct bytes {
    const uint8_t *at;
    size_t left;
};

static void skip(struct bytes *bytes, size_t count)
{
    size_t step = count < bytes->left ? count : bytes->left;
    bytes->at += step;
    bytes->left -= step;
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void take_ports(struct bytes bytes, unsigned protocol, struct dissected *frame)
{
    if ((protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) || bytes.left < 4)
        return;
    frame->source.port = get16(bytes.at);
    frame->destination.port = get16(bytes.at + 2);
}

static void take_addresses(const uint8_t *source, const uint8_t *destination, unsigned length,
                           struct dissected *frame)
{
    frame->ip = length;
    memcpy(frame->source.ip, source, length);
    memcpy(frame->destination.ip, destination, length);
}

/* RFC 791, section 3.1. Only a datagram's first fragment has ports. */
static void take_ipv4(struct bytes bytes, struct dissected *frame)
{
    if (bytes.left < 20 || bytes.at[0] >> 4 != 4)
        return;
    take_addresses(bytes.at + 12, bytes.at + 16, DISSECT_IPV4, frame);
    unsigned protocol = bytes.at[9];
    bool first = (get16(bytes.at + 6) & 0x1fff) == 0;
    skip(&bytes, (size_t)(bytes.at[0] & 15) * 4);
    if (first)
        take_ports(bytes, protocol, frame);
}

/* RFC 8200, section 3. */
static void take_ipv6(struct bytes bytes, struct dissected *frame)
{
    if (bytes.left < 40 || bytes.at[0] >> 4 != 6)
        return;
    take_addresses(bytes.at + 8, bytes.at + 24, DISSECT_IPV6, frame);
    unsigned protocol = bytes.at[6];
    skip(&bytes, 40);
    take_ports(bytes, protocol, frame);
}

/* RFC 826, for Ethernet and IPv4: sender and target protocol address. */
static void take_arp(struct bytes bytes, struct dissected *frame)
{
    if (bytes.left >= 28 && get16(bytes.at + 2) == ETHERTYPE_IPV4 && bytes.at[4] == 6 && bytes.at[5] == 4)
        take_addresses(bytes.at + 14, bytes.at + 24, DISSECT_IPV4, frame);
}

void dissect(const uint8_t *captured, size_t length, struct dissected *frame)
{
    struct bytes bytes = {captured, length};
    *frame = (struct dissected){0};
    memcpy(frame->destination.mac, bytes.at, DISSECT_MAC);
    memcpy(frame->source.mac, bytes.at + DISSECT_MAC, DISSECT_MAC);
    uint16_t type = get16(bytes.at + 12);
    skip(&bytes, DISSECT_HEADER);
    for (int tags = 0; tags < VLAN_TAGS_MAX && bytes.left >= 4; tags++) {
        if (type != ETHERTYPE_VLAN && type != ETHERTYPE_SERVICE_VLAN)
            break;
        type = get16(bytes.at + 2);
        skip(&bytes, 4);
    }
    if (type == ETHERTYPE_IPV4)
        take_ipv4(bytes, frame);
    else if (type == ETHERTYPE_IPV6)
        take_ipv6(bytes, frame);
    else if (type == ETHERTYPE_ARP)
        take_arp(bytes, frame);
}

static uint32_t hash_bytes(uint32_t hash, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 16777619u; /* FNV-1a */
    return hash;
}

static uint32_t hash_side(uint32_t hash, const struct dissected *frame, const struct dissect_side *side)
{
    const uint8_t port[2] = {(uint8_t)(side->port >> 8), (uint8_t)side->port};
    hash = frame->ip ? hash_bytes(hash, side->ip, frame->ip) : hash_bytes(hash, side->mac, DISSECT_MAC);
    return hash_bytes(hash, port, sizeof(port));
}

uint16_t dissect_flow(const struct dissected *frame)
{
    uint32_t hash = hash_side(2166136261u, frame, &frame->source);
    hash = hash_side(hash, frame, &frame->destination);
    return (uint16_t)(hash >> 16 ^ hash);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_mac(const char *text, struct endpoint *endpoint)
{
    if (strlen(text) != 3 * DISSECT_MAC - 1)
        return false;
    for (int i = 0; i < DISSECT_MAC; i++) {
        int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);
        bool joined = i == DISSECT_MAC - 1 || text[3 * i + 2] == ':';
        if (high < 0 || low < 0 || !joined)
            return false;
        endpoint->address[i] = (uint8_t)(high << 4 | low);
    }
    endpoint->length = DISSECT_MAC;
    return true;
}

static bool parse_port(const char *text, struct endpoint *endpoint)
{
    long port = 0;
    if (*text == '\0' || strlen(text) > 5)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        port = 10 * port + (*text - '0');
    }
    endpoint->port = (uint16_t)port;
    return port > 0 && port <= UINT16_MAX;
}

static bool parse_ip(int family, const char *text, size_t length, struct endpoint *endpoint)
{
    char address[INET6_ADDRSTRLEN];
    if (length >= sizeof(address))
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    endpoint->length = family == AF_INET ? DISSECT_IPV4 : DISSECT_IPV6;
    return inet_pton(family, address, endpoint->address) == 1;
}

bool endpoint_parse(const char *text, struct endpoint *endpoint)
{
    *endpoint = (struct endpoint){0};
    if (parse_mac(text, endpoint))
        return true;
    size_t length = strlen(text);
    const char *close = strchr(text, ']');
    const char *colon = strchr(text, ':');
    if (text[0] == '[')
        return close && close[1] == ':' && parse_port(close + 2, endpoint) &&
               parse_ip(AF_INET6, text + 1, (size_t)(close - text - 1), endpoint);
    if (!colon)
        return parse_ip(AF_INET, text, length, endpoint);
    if (!strchr(colon + 1, ':'))
        return parse_port(colon + 1, endpoint) && parse_ip(AF_INET, text, (size_t)(colon - text), endpoint);
    return parse_ip(AF_INET6, text, length, endpoint);
}

struct endpoint endpoint_of_first(const struct dissected *frame)
{
    struct endpoint endpoint = {.length = frame->ip ? frame->ip : DISSECT_MAC};
    memcpy(endpoint.address, frame->ip ? frame->source.ip : frame->source.mac, endpoint.length);
    return endpoint;
}

bool dissect_is_loopback(const struct dissected *frame)
{
    return frame->ip && memcmp(frame->source.ip, frame->destination.ip, frame->ip) == 0 &&
           frame->source.port > 0;
}

bool endpoint_matches(const struct endpoint *endpoint, const struct dissected *frame,
                      const struct dissect_side *side)
{
    if (endpoint->length == DISSECT_MAC)
        return memcmp(endpoint->address, side->mac, DISSECT_MAC) == 0;
    if (endpoint->length != frame->ip || memcmp(endpoint->address, side->ip, frame->ip) != 0)
        return false;
    return endpoint->port == 0 || side->port == 0 || side->port == endpoint->port;
}
