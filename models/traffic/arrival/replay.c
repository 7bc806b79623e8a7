/* The replay of a capture: its frames at its times, divided by `speedup`; the first one comes at the start. */
#include <stdio.h>

#include "models/traffic/arrival/arrivals.h"

#define RATIO_ONE 1000000 /* UNIT_RATIO's base */
#define TIME_END (SIM_TIME_MAX / 4)

struct state {
    struct capture capture;
    size_t next;
    size_t ahead;  /* where ahead() has looked up to */
    sim_time last; /* [ps] of the frame before */
    char message[CAPTURE_MESSAGE_MAX];
};

static const char *const oversizes[] = {"segment", "gso", "drop", NULL};
static const char *const fcs[] = {"absent", "present", NULL};

static const struct param rows[] = {
    PARAM_PATH_ROW(struct replay_config, file, true, "the capture: pcap or pcapng, Ethernet"),
    PARAM_QUANTITY_ROW(struct replay_config, speedup, UNIT_RATIO, 1000, INT64_C(1000000) * RATIO_ONE, "1",
                       "divides the gaps between frames"),
    PARAM_TEXT_ROW(struct replay_config, endpoint, NULL, false,
                   "which side is the guest: MAC, IPv4, IPv4:port, IPv6 or [IPv6]:port; by default the first "
                   "frame's sender"),
    PARAM_CHOICE_ROW(struct replay_config, oversize, oversizes, "segment",
                     "frames larger than the MTU: cut into frames, sent as one gso packet, or dropped"),
    PARAM_CHOICE_ROW(struct replay_config, fcs, fcs, "absent", "whether captured lengths include the FCS"),
};

static const struct param_table table = {
    .name = "replay",
    .help = "frames and times of a capture",
    .size = sizeof(struct replay_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

static struct capture_options options_of(const struct replay_config *config)
{
    return (struct capture_options){.endpoint = config->endpoint, .fcs = config->fcs == REPLAY_FCS_PRESENT};
}

static void check(const void *config, const struct traffic_config *traffic, traffic_report *report,
                  void *self)
{
    const struct replay_config *replay = config;
    struct capture_options options = options_of(replay);
    struct capture capture;
    char reason[CAPTURE_MESSAGE_MAX], message[2 * CAPTURE_MESSAGE_MAX];
    (void)traffic;
    if (replay->endpoint && !capture_endpoint_valid(replay->endpoint)) {
        snprintf(message, sizeof(message),
                 "not an address: `%.200s`; wanted: MAC, IPv4, IPv4:port, IPv6 or [IPv6]:port",
                 replay->endpoint);
        report(self, "arrival.endpoint", message);
        return;
    }
    if (capture_load(replay->file, &options, &capture, reason, sizeof(reason))) {
        capture_free(&capture);
        return;
    }
    snprintf(message, sizeof(message), "cannot replay `%.400s`: %s", replay->file, reason);
    report(self, "arrival.file", message);
}

static const char *start(void *self, const void *config, const struct arrival_period *period)
{
    struct state *state = self;
    struct capture_options options = options_of(config);
    const struct replay_config *replay = config;
    (void)period;
    *state = (struct state){0};
    return capture_load(replay->file, &options, &state->capture, state->message, sizeof(state->message))
               ? NULL
               : state->message;
}

static void stop(void *self)
{
    struct state *state = self;
    capture_free(&state->capture);
}

/* [ps] from the replay's start. */
static __int128 frame_time(const struct capture_frame *frame, const struct replay_config *replay)
{
    return (__int128)frame->time * SIM_NS * RATIO_ONE / replay->speedup;
}

static void next(void *self, const void *config, struct random_stream *stream, struct arrival *arrival)
{
    struct state *state = self;
    const struct replay_config *replay = config;
    (void)stream;
    arrival->end = state->next == state->capture.count;
    if (arrival->end)
        return;
    const struct capture_frame *frame = &state->capture.frames[state->next];
    __int128 time = frame_time(frame, replay);
    arrival->end = time > TIME_END;
    if (arrival->end)
        return;
    state->next++;
    arrival->gap = (sim_time)time - state->last;
    arrival->length = frame->length < FRAME_MIN ? FRAME_MIN : frame->length;
    arrival->direction = frame->direction;
    arrival->flow = frame->flow;
    arrival->oversize_drop = replay->oversize == REPLAY_DROP;
    arrival->gso_size = replay->oversize == REPLAY_GSO ? FRAME_MTU_MAX - FRAME_HEADERS : 0;
    state->last = (sim_time)time;
}

static sim_time ahead(void *self, const void *config, uint8_t direction)
{
    struct state *state = self;
    if (state->ahead < state->next)
        state->ahead = state->next;
    while (state->ahead < state->capture.count && state->capture.frames[state->ahead].direction != direction)
        state->ahead++;
    if (state->ahead == state->capture.count)
        return SIM_TIME_MAX;
    __int128 time = frame_time(&state->capture.frames[state->ahead], config);
    return time > TIME_END ? SIM_TIME_MAX : (sim_time)time - state->last;
}

static const struct capture *captured(const void *self)
{
    const struct state *state = self;
    return &state->capture;
}

static const struct arrival_ops ops = {
    .state_size = sizeof(struct state),
    .replay = true,
    .check = check,
    .start = start,
    .stop = stop,
    .next = next,
    .ahead = ahead,
    .capture = captured,
};

const struct param_model arrival_replay = {.table = &table, .ops = &ops};
