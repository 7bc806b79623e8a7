#include <stdio.h>

#include "models/traffic/cut.h"
#include "models/traffic/source.h"

#define PS_MILLI (INT64_C(1000) * SIM_SECOND) /* the period of 1/1000 packet a second [ps] */

static const char *const directions[] = {"transmit", "receive", "request_response", NULL};
static const char *const flow_orders[] = {"round_robin", "random", NULL};

static const struct param rows[] = {
    PARAM_TEXT_ROW(struct traffic_config, name, NULL, false,
                   "name for reports; traffic0, traffic1, ... by default"),
    PARAM_INTEGER_ROW(struct traffic_config, vm, 0, 999, "0", "which VM it is for, from 0"),
    PARAM_CHOICE_ROW(struct traffic_config, direction, directions, "transmit", "who sends"),
    PARAM_QUANTITY_ROW(struct traffic_config, rate, UNIT_PACKET_RATE, 0, INT64_C(1000000000000), "0",
                       "packets (with `segment`: hand-overs) a second; 0: as fast as `window` lets it"),
    PARAM_VARIANT_ROW(struct traffic_config, arrival, &arrival_family, "when packets come"),
    PARAM_VARIANT_ROW(struct traffic_config, size, &size_family,
                      "how large frames are on the wire, FCS included"),
    PARAM_INTEGER_ROW(struct traffic_config, burst, 1, TRAFFIC_BURST_MAX, "1",
                      "packets handed over at one instant"),
    PARAM_INTEGER_ROW(struct traffic_config, window, 0, 65536, "0",
                      "packets in flight at most; 0: no limit (request_response: 1)"),
    PARAM_INTEGER_ROW(struct traffic_config, flows, 1, 65536, "1",
                      "distinct flows, for receive-side scaling"),
    PARAM_CHOICE_ROW(struct traffic_config, flow_order, flow_orders, "round_robin",
                     "how packets take their flows"),
    PARAM_QUANTITY_ROW(struct traffic_config, segment, UNIT_SIZE, 0, TRAFFIC_SEGMENT_MAX, "0",
                       "payload handed to the stack at once, as a bulk stream does; 0: one frame of `size`"),
    PARAM_QUANTITY_ROW(struct traffic_config, response, UNIT_SIZE, TRAFFIC_SIZE_MIN, TRAFFIC_SIZE_MTU, "64B",
                       "response frame of request_response, FCS included"),
    PARAM_QUANTITY_ROW(struct traffic_config, peer_delay, UNIT_TIME, 0, SIM_SECOND, "0",
                       "what the far end takes to answer a request"),
    PARAM_INTEGER_ROW(struct traffic_config, backlog, 1, 1000000, "1000",
                      "packets that may wait for their sender before more are lost"),
    PARAM_INTEGER_ROW(struct traffic_config, socket_buffer, 1, 1000000, "256",
                      "packets that the receiving socket holds"),
    PARAM_QUANTITY_ROW(
        struct traffic_config, send_buffer, UNIT_SIZE, 0, INT64_C(1) << 30, "0",
        "memory that sent packets may take up in the sender's kernel before it blocks; 0: 208KiB; for "
        "items larger than a frame and replays 4MiB"),
    PARAM_INTEGER_ROW(struct traffic_config, vcpu, 0, 63, "0",
                      "which of the VM's vCPUs runs the application"),
};

const struct param_table traffic_table = {
    .name = "traffic",
    .help = "a stream of packets between an application and the far end of the wire",
    .size = sizeof(struct traffic_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};

struct arrival_period traffic_period(const struct traffic_config *config)
{
    return (struct arrival_period){.num = config->burst * PS_MILLI, .den = config->rate};
}

/* What is larger than a frame is a stream's, and so may be what a capture holds. */
int64_t traffic_send_buffer(const struct traffic_config *config)
{
    const struct arrival_ops *arrival = config->arrival.model->ops;
    const struct size_ops *size = config->size.model->ops;
    if (config->send_buffer > 0)
        return config->send_buffer;
    if (config->segment > 0 || arrival->replay || size->most(config->size.config) > TRAFFIC_SIZE_MTU)
        return SEND_BUFFER_STREAM;
    return SEND_BUFFER_DATAGRAM;
}

/* What a replay's file decides, a traffic entry does not. */
static void check_replay(const struct traffic_config *config, traffic_report *report, void *self)
{
    static const char message[] = "does not apply to a replay: the capture decides (see `arrival.speedup`)";
    if (config->direction == TRAFFIC_REQUEST_RESPONSE)
        report(self, "direction", "a replay sends and receives frames, it makes no requests");
    if (config->rate != 0)
        report(self, "rate", message);
    if (config->burst != 1)
        report(self, "burst", message);
    if (config->window != 0)
        report(self, "window", message);
    if (config->segment != 0)
        report(self, "segment", message);
}

static void check_rate(const struct traffic_config *config, traffic_report *report, void *self)
{
    bool transaction = config->direction == TRAFFIC_REQUEST_RESPONSE;
    int64_t window = transaction && config->window == 0 ? 1 : config->window;
    char message[128];
    if (config->rate == 0 && window == 0)
        report(self, "rate", "there is neither a `rate` nor a `window` of packets to keep in flight");
    if (config->rate == 0 && window > 0 && config->burst > window) {
        snprintf(message, sizeof(message), "a burst of %lld does not fit into the window of %lld",
                 (long long)config->burst, (long long)window);
        report(self, "burst", message);
    }
    if (config->rate > 0 && config->rate < config->burst) {
        snprintf(message, sizeof(message), "too low for bursts of %lld: at least one in 1000 s (%lldmpps)",
                 (long long)config->burst, (long long)config->burst);
        report(self, "rate", message);
    }
    if (window > config->backlog) {
        snprintf(message, sizeof(message), "a window of %lld needs a `backlog` of as many, it is %lld",
                 (long long)window, (long long)config->backlog);
        report(self, "window", message);
    }
}

static void check_transaction(const struct traffic_config *config, traffic_report *report, void *self)
{
    const struct size_ops *size = config->size.model->ops;
    if (config->direction != TRAFFIC_REQUEST_RESPONSE)
        return;
    if (config->segment != 0)
        report(self, "segment", "does not apply to request_response: a request is one frame");
    else if (size->most(config->size.config) > TRAFFIC_SIZE_MTU)
        report(self, "size", "requests are single frames, of 1518B at most");
}

void traffic_check(const struct traffic_config *config, traffic_report *report, void *self)
{
    const struct arrival_ops *arrival = config->arrival.model->ops;
    const struct size_ops *size = config->size.model->ops;
    if (arrival->check)
        arrival->check(config->arrival.config, config, report, self);
    if (size->check)
        size->check(config->size.config, report, self);
    if (arrival->replay) {
        check_replay(config, report, self);
        return;
    }
    check_rate(config, report, self);
    check_transaction(config, report, self);
}
