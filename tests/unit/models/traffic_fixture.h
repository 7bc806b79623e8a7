/* What the tests of models/traffic share: configurations from the tables' defaults, and small captures made in memory. */
#ifndef TESTS_UNIT_MODELS_TRAFFIC_FIXTURE_H
#define TESTS_UNIT_MODELS_TRAFFIC_FIXTURE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/traffic/source.h"

/* Fills the scalar rows of `config` with their defaults. */
static inline void fill_defaults(const struct param_table *table, void *config)
{
    memset(config, 0, table->size);
    for (size_t i = 0; i < table->count; i++) {
        const struct param *row = &table->params[i];
        if (row->fallback)
            cr_assert_eq(param_store(row, row->fallback, config), PARAM_OK, "%s.%s", table->name, row->key);
    }
}

/* A family's model by name, its defaults in static storage of one struct a call: free it with the test's process. */
static inline struct param_variant variant_of(const struct param_family *family, const char *name)
{
    struct param_variant variant = {.model = param_find_model(family, name)};
    cr_assert(variant.model, "%s", name);
    variant.config = calloc(1, variant.model->table->size + 1);
    fill_defaults(variant.model->table, variant.config);
    return variant;
}

static inline struct traffic_config traffic_defaults(void)
{
    struct traffic_config config;
    fill_defaults(&traffic_table, &config);
    config.arrival = variant_of(&arrival_family, "constant");
    config.size = variant_of(&size_family, "fixed");
    return config;
}

static inline void free_variants(struct traffic_config *config)
{
    free(config->arrival.config);
    free(config->size.config);
}

/* What traffic_check() reports: "key: message; key: message". */
struct reports {
    char text[1024];
};

static inline void collect_report(void *self, const char *key, const char *message)
{
    struct reports *reports = self;
    size_t used = strlen(reports->text);
    snprintf(reports->text + used, sizeof(reports->text) - used, "%s%s: %s", used ? "; " : "", key, message);
}

static inline struct reports check_config(const struct traffic_config *config)
{
    struct reports reports = {{0}};
    traffic_check(config, collect_report, &reports);
    return reports;
}

/* ---- captures ---- */

enum { IMAGE_MAX = 65536 };

/* A capture file in memory. */
struct image {
    uint8_t bytes[IMAGE_MAX];
    size_t size;
};

static inline void image_put(struct image *image, const void *bytes, size_t count)
{
    cr_assert_leq(image->size + count, (size_t)IMAGE_MAX);
    memcpy(image->bytes + image->size, bytes, count);
    image->size += count;
}

static inline void image_put32(struct image *image, uint32_t value)
{
    image_put(image, &value,
              sizeof(value)); /* files of this host's byte order are one of the two that are read */
}

enum { STAMPS_MICRO = 0xa1b2c3d4u, STAMPS_NANO = 0xa1b23c4du };

static inline void image_begin(struct image *image, uint32_t magic, uint32_t snap)
{
    const uint16_t version[2] = {2, 4};
    image->size = 0;
    image_put32(image, magic);
    image_put(image, version, sizeof(version));
    image_put32(image, 0);
    image_put32(image, 0);
    image_put32(image, snap);
    image_put32(image, 1);
}

/* A frame of `length` bytes on the wire of which `captured` follow. */
static inline void image_frame(struct image *image, uint32_t second, uint32_t fraction, const uint8_t *bytes,
                               uint32_t captured, uint32_t length)
{
    image_put32(image, second);
    image_put32(image, fraction);
    image_put32(image, captured);
    image_put32(image, length);
    image_put(image, bytes, captured);
}

enum { HEADERS = 42 };

/* The headers of a UDP datagram from host `from` to `to` of 10.0.0.0/24, whose MACs end alike. */
static inline void headers_of(uint8_t bytes[HEADERS], uint8_t from, uint8_t to, uint16_t from_port,
                              uint16_t to_port)
{
    const uint8_t headers[HEADERS] = {
        2,
        0,
        0,
        0,
        0,
        to,
        2,
        0,
        0,
        0,
        0,
        from,
        8,
        0, /* Ethernet */
        0x45,
        0,
        0,
        46,
        0,
        0,
        0,
        0,
        64,
        17,
        0,
        0,
        10,
        0,
        0,
        from,
        10,
        0,
        0,
        to, /* IPv4 */
        from_port >> 8,
        (uint8_t)from_port,
        to_port >> 8,
        (uint8_t)to_port,
        0,
        26,
        0,
        0, /* UDP */
    };
    memcpy(bytes, headers, HEADERS);
}

static inline void image_udp(struct image *image, uint32_t second, uint32_t fraction, uint8_t from,
                             uint8_t to, uint32_t length)
{
    uint8_t bytes[HEADERS];
    headers_of(bytes, from, to, 1000, 2000);
    image_frame(image, second, fraction, bytes, HEADERS, length);
}

static inline bool image_read(struct image *image, const struct capture_options *options,
                              struct capture *capture, char *message, size_t size)
{
    FILE *file = fmemopen(image->bytes, image->size, "rb");
    cr_assert(file);
    return capture_read(file, options, capture, message, size);
}

/* Writes the image to a new file and its name to `path`. */
static inline void image_save(const struct image *image, char path[32])
{
    strcpy(path, "/tmp/iovsim-capture-XXXXXX");
    int descriptor = mkstemp(path);
    cr_assert_geq(descriptor, 0);
    cr_assert_eq(write(descriptor, image->bytes, image->size), (ssize_t)image->size);
    close(descriptor);
}

#endif
