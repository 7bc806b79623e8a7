/*
 * Captures from memory: whatever the bytes are, reading ends with a message or with frames that a replay can rely on.
 * Start it on tests/bad/captures.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/traffic/capture.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_capture(const struct capture *capture)
{
    int64_t skipped = 0, last = 0;
    for (int i = 0; i < CAPTURE_SKIPS; i++)
        skipped += capture->skipped[i];
    require(capture->count > 0 && capture->read == (int64_t)capture->count + skipped);
    for (size_t i = 0; i < capture->count; i++) {
        const struct capture_frame *frame = &capture->frames[i];
        require(frame->time >= last && frame->time <= CAPTURE_SPAN_MAX);
        require(frame->length >= 14 && frame->length <= CAPTURE_LENGTH_MAX && frame->direction <= 1);
        last = frame->time;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const endpoints[] = {NULL, "10.0.0.1", "02:00:00:00:00:01", "[fe80::1]:80"};
    if (size == 0)
        return 0;
    struct capture_options options = {.endpoint = endpoints[data[size - 1] & 3], .fcs = data[size - 1] & 4};
    struct capture capture;
    char message[CAPTURE_MESSAGE_MAX] = "";
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "rb");
    require(file != NULL);
    if (capture_read(file, &options, &capture, message, sizeof(message))) {
        check_capture(&capture);
        capture_free(&capture);
    } else {
        require(message[0] != '\0' && capture.frames == NULL);
    }
    return 0;
}
