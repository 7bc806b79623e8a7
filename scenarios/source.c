#include "scenarios/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/complain.h"
#include "sim/assert.h"

/* Reports `why` about `path` at the place that names it, or at the file itself. */
static bool refuse(const char *path, const struct diag_place *from, const char *why, struct diag *diag)
{
    char cut[CLIP_SIZE];
    struct diag_place whole = {.file = path};
    if (from)
        diag_error(diag, from, "cannot read the file: `%s`; %s", clip(path, cut), why);
    else
        diag_error(diag, &whole, "cannot read the file: %s", why);
    return false;
}

static bool too_large(const char *path, const struct diag_place *from, struct diag *diag)
{
    return refuse(path, from, "it is too large; allowed: 16MiB with all that is included", diag);
}

/* Reads until the end or until more than `limit` bytes came. Returns 0 or an errno. */
static int read_all(int fd, size_t limit, struct source *source)
{
    size_t capacity = 1 << 16;
    source->data = malloc(capacity);
    SIM_ASSERT(source->data);
    while (source->size <= limit) {
        if (source->size == capacity) {
            capacity *= 2;
            source->data = realloc(source->data, capacity);
            SIM_ASSERT(source->data);
        }
        ssize_t got = read(fd, source->data + source->size, capacity - source->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        source->size += (size_t)got;
    }
    return 0;
}

static bool read_open(int fd, const char *path, const struct diag_place *from, size_t limit,
                      struct source *source, struct diag *diag)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return refuse(path, from, strerror(errno), diag);
    if (S_ISDIR(status.st_mode))
        return refuse(path, from, "it is a directory; wanted: a YAML file", diag);
    if (from && !S_ISREG(status.st_mode))
        return refuse(path, from, "it is no regular file; wanted: a YAML file", diag);
    int error = read_all(fd, limit, source);
    if (error)
        return refuse(path, from, strerror(error), diag);
    return source->size <= limit || too_large(path, from, diag);
}

bool source_read(const char *path, const struct diag_place *from, size_t limit, struct source *source,
                 struct diag *diag)
{
    *source = (struct source){0};
    /* A pipe that a file includes must not hang the run, so it is opened without waiting for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (from ? O_NONBLOCK : 0));
    if (fd < 0)
        return refuse(path, from, strerror(errno), diag);
    bool done = read_open(fd, path, from, limit, source, diag);
    close(fd);
    if (!done)
        source_free(source);
    return done;
}

void source_free(struct source *source)
{
    free(source->data);
    *source = (struct source){0};
}

/* The bytes of the UTF-8 character at `at`, of which `left` bytes remain; 0 when it is none. */
static size_t decode(const unsigned char *at, size_t left, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;
    if (length == 0 || length > left)
        return 0;
    *code = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        *code = *code << 6 | (at[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < smallest[length] || *code > 0x10ffff || surrogate ? 0 : length;
}

/* YAML 1.1 section 5.1: the characters that a stream may hold. */
static bool yaml_allows(uint32_t code)
{
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r';
    return code != 0x7f && (code < 0x80 || code > 0x9f || code == 0x85) && code != 0xfffe && code != 0xffff;
}

bool source_check_text(const char *file, const char *data, size_t size, struct diag *diag)
{
    const unsigned char *bytes = (const unsigned char *)data;
    struct diag_place place = {.file = file, .line = 1, .column = 1};
    for (size_t i = 0; i < size; place.column++) {
        uint32_t code = 0;
        size_t length = decode(bytes + i, size - i, &code);
        if (length == 0) {
            diag_error(diag, &place, "not UTF-8 text: byte 0x%02x; wanted: UTF-8", bytes[i]);
            return false;
        }
        if (!yaml_allows(code)) {
            diag_error(diag, &place, "control character: U+%04X; wanted: text", (unsigned)code);
            return false;
        }
        if (code == '\n') {
            place.line++;
            place.column = 0;
        }
        i += length;
    }
    return true;
}
