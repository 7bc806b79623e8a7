#include "models/traffic/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/traffic/cut.h"
#include "sim/assert.h"

enum { SOURCE_NAME_MAX = 160 };
enum { EVENT_SUBMIT, EVENT_RESUME };

struct source {
    struct sim *sim;
    const struct traffic_config *config;
    struct source_target target;
    struct path *paths[2]; /* by enum packet_direction; NULL: none */
    struct peer_port *port;
    const struct arrival_ops *arrivals;
    void *arrival_state;
    const struct size_ops *sizes;
    void *size_state;
    struct random_stream gap_stream, size_stream, flow_stream;
    struct sim_event event;
    struct arrival next; /* whose time the event is */
    const char *error;
    uint32_t next_flow;
    /* the window */
    int64_t window;           /* packets under way at most; 0: not limited */
    int64_t burst_packets;    /* that a burst becomes at most */
    int64_t in_flight;        /* under way */
    struct packet_queue held; /* wait until the window lets them */
    bool refilling, dropping; /* what ends meanwhile is not to be replaced */
    int64_t lost;             /* under way until `resume` has seen that they were dropped */
    struct sim_event resume;
    int64_t frames_offered[2]; /* of a replay */
    int64_t frames_unwanted;
};

static bool is_closed(const struct source *source)
{
    return source->config->rate == 0 && !source->arrivals->replay;
}

static bool is_transaction(const struct source *source)
{
    return source->config->direction == TRAFFIC_REQUEST_RESPONSE;
}

/* ---- packets ---- */

static uint32_t draw_flow(struct source *source)
{
    uint32_t flows = (uint32_t)source->config->flows;
    if (flows == 1)
        return 0;
    if (source->config->flow_order == TRAFFIC_FLOW_RANDOM)
        return (uint32_t)random_below(&source->flow_stream, flows);
    uint32_t flow = source->next_flow;
    source->next_flow = flow + 1 == flows ? 0 : flow + 1;
    return flow;
}

/* An item to be handed over: what its packets have in common. */
struct item {
    uint32_t length;  /* [B] without FCS, all packets together */
    uint32_t gso_max; /* [B] of its packets; 0: frames */
    uint32_t flow;
    uint8_t direction;
    bool more; /* another item follows at once */
};

static struct packet *make_packet(struct source *source, const struct item *item, uint32_t length)
{
    struct packet *packet = path_packet(source->paths[item->direction], length);
    packet->flow = item->flow;
    packet->segments = cut_segments(length);
    packet->gso_size = packet->segments > 1 ? CUT_MSS : 0;
    packet->endpoint = source->target.endpoint;
    packet->station = source->target.station;
    packet->direction = item->direction;
    packet->kind = is_transaction(source) ? PACKET_REQUEST : PACKET_DATA;
    return packet;
}

static void dispatch(struct source *source, struct packet *packet)
{
    if (packet->direction == PACKET_RECEIVE)
        peer_send(source->port, packet);
    else
        app_submit(source->target.app, packet);
}

/* Sends the packet off, or holds it until the window lets it. */
static void hand_over(struct source *source, struct packet *packet)
{
    if (source->window == 0 || source->in_flight < source->window) {
        source->in_flight += source->window > 0;
        dispatch(source, packet);
    } else if (source->held.count < source->config->backlog) {
        packet_queue_push(&source->held, packet);
    } else {
        source->dropping = true;
        path_drop(packet->path, packet, DROP_SOURCE_OVERRUN);
        source->dropping = false;
    }
}

static void submit_item(struct source *source, const struct item *item)
{
    struct cut cut = cut_start(item->length, item->gso_max);
    if (item->length <= FRAME_MTU_MAX) {
        struct packet *packet = make_packet(source, item, item->length);
        packet->more = item->more;
        hand_over(source, packet);
        return;
    }
    for (bool last = false; !last;) {
        last = cut_last(&cut);
        struct packet *packet = make_packet(source, item, cut_next(&cut));
        packet->more = item->more || !last;
        hand_over(source, packet);
    }
}

/* Only what the netdev sends can stay whole: towards the NIC there are frames on the wire. */
static uint32_t gso_max_of(const struct source *source, uint8_t direction)
{
    return direction == PACKET_TRANSMIT && !is_transaction(source) ? source->target.gso_max : 0;
}

static uint32_t draw_length(struct source *source)
{
    const struct traffic_config *config = source->config;
    if (config->segment > 0) {
        uint32_t length = FRAME_HEADERS + (uint32_t)config->segment;
        return length < FRAME_MIN ? FRAME_MIN : length;
    }
    uint32_t length =
        source->sizes->draw(source->size_state, config->size.config, &source->size_stream) - FRAME_FCS;
    SIM_ASSERT(length >= FRAME_MIN && (length <= FRAME_MTU_MAX || !is_transaction(source)));
    return length;
}

static void submit_burst(struct source *source)
{
    uint8_t direction = source->config->direction == TRAFFIC_RECEIVE ? PACKET_RECEIVE : PACKET_TRANSMIT;
    struct item item = {.direction = direction, .gso_max = gso_max_of(source, direction)};
    for (int64_t left = source->config->burst; left > 0; left--) {
        item.more = left > 1;
        item.flow = draw_flow(source);
        item.length = draw_length(source);
        submit_item(source, &item);
    }
}

/* ---- open loop ---- */

static void offer_frame(struct source *source, const struct arrival *arrival)
{
    struct item item = {
        .length = arrival->length,
        .gso_max = arrival->gso_size ? gso_max_of(source, arrival->direction) : 0,
        .flow = arrival->flow % (uint32_t)source->config->flows,
        .direction = arrival->direction,
    };
    struct path *path = source->paths[item.direction];
    if (!path) {
        source->frames_unwanted++;
        return;
    }
    source->frames_offered[item.direction]++;
    if (item.length > FRAME_MTU_MAX && arrival->oversize_drop)
        path_drop(path, make_packet(source, &item, item.length), DROP_OVERSIZE);
    else
        submit_item(source, &item);
}

static void schedule_next(struct source *source)
{
    source->next = (struct arrival){0};
    source->arrivals->next(source->arrival_state, source->config->arrival.config, &source->gap_stream,
                           &source->next);
    if (!source->next.end)
        sim_schedule(source->sim, &source->event, sim_now(source->sim) + source->next.gap);
}

static void arrive(struct sim *sim, struct sim_event *event)
{
    struct source *source = SIM_CONTAINER_OF(event, struct source, event);
    (void)sim;
    if (source->next.length > 0)
        offer_frame(source, &source->next);
    else
        submit_burst(source);
    schedule_next(source);
}

/* When the application's next packet is to be sent, as far as only the clock decides. */
static sim_time next_time(const void *self)
{
    const struct source *source = self;
    if (!sim_event_pending(&source->event) || is_closed(source))
        return SIM_TIME_MAX;
    if (source->window > 0 && source->in_flight >= source->window)
        return SIM_TIME_MAX;
    if (source->next.length == 0 || source->next.direction == PACKET_TRANSMIT)
        return source->event.when;
    sim_time gap =
        source->arrivals->ahead(source->arrival_state, source->config->arrival.config, PACKET_TRANSMIT);
    return gap < SIM_TIME_MAX ? source->event.when + gap : SIM_TIME_MAX;
}

/* ---- closed loop ---- */

static bool has_room(const struct source *source)
{
    return source->in_flight == 0 || source->in_flight + source->burst_packets <= source->window;
}

static void refill(struct source *source)
{
    source->refilling = true;
    while (has_room(source))
        submit_burst(source);
    source->refilling = false;
}

static void begin(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    refill(SIM_CONTAINER_OF(event, struct source, event));
}

static void release(struct source *source)
{
    source->in_flight++;
    dispatch(source, packet_queue_pop(&source->held));
}

/* The window has a place free. */
static void replace(struct source *source)
{
    source->in_flight--;
    if (source->refilling)
        return;
    if (source->held.head)
        release(source);
    else if (is_closed(source))
        refill(source);
}

static void resume(struct sim *sim, struct sim_event *event)
{
    struct source *source = SIM_CONTAINER_OF(event, struct source, resume);
    (void)sim;
    for (; source->lost > 0; source->lost--)
        replace(source);
}

/*
 * A packet of the window has ended. Delivered, it ends in its application's own thread or on the wire, and the next may
 * follow at once. A drop can come from within any context's continuation, on the very processor whose timer the next
 * one expires: what follows is an event of its own, at the same time.
 */
static void ended(struct path *path, struct packet *packet, bool delivered, void *self)
{
    struct source *source = self;
    (void)path, (void)packet;
    if (source->dropping)
        return;
    if (delivered || source->refilling) {
        replace(source);
        return;
    }
    source->lost++;
    if (!sim_event_pending(&source->resume))
        sim_schedule(source->sim, &source->resume, sim_now(source->sim));
}

/* ---- set-up ---- */

/* Packets that an item can become at most. */
static int64_t item_packets(const struct source *source)
{
    const struct traffic_config *config = source->config;
    uint8_t direction = config->direction == TRAFFIC_RECEIVE ? PACKET_RECEIVE : PACKET_TRANSMIT;
    int64_t length = config->segment > 0 ? FRAME_HEADERS + config->segment
                                         : source->sizes->most(config->size.config) - FRAME_FCS;
    return length <= FRAME_MTU_MAX ? 1
                                   : cut_count(cut_start((uint32_t)length, gso_max_of(source, direction)));
}

/* The window counts items; what limits the source is packets, and never more than the backlog takes. */
static void set_window(struct source *source)
{
    const struct traffic_config *config = source->config;
    int64_t items = config->window;
    if (is_transaction(source) && items == 0)
        items = 1;
    if (source->arrivals->replay || items == 0)
        return;
    int64_t packets = item_packets(source);
    source->burst_packets = config->burst * packets;
    source->window = items * packets < config->backlog ? items * packets : config->backlog;
    source->paths[config->direction == TRAFFIC_RECEIVE]->ended = ended;
    source->paths[config->direction == TRAFFIC_RECEIVE]->ended_self = source;
}

static void open_port(struct source *source)
{
    const struct traffic_config *config = source->config;
    struct path *path = source->paths[is_transaction(source) ? PACKET_TRANSMIT : PACKET_RECEIVE];
    if (!path)
        return;
    struct peer_service service = {
        .response = (uint32_t)config->response - FRAME_FCS,
        .delay = config->peer_delay,
        .backlog = (uint32_t)config->backlog,
    };
    source->port = peer_open(source->target.peer, path, &service);
}

static void *make_state(size_t size)
{
    void *state = calloc(1, size ? size : 1);
    SIM_ASSERT(state);
    return state;
}

static void start_models(struct source *source)
{
    const struct traffic_config *config = source->config;
    struct arrival_period period = {0, 1};
    source->arrivals = config->arrival.model->ops;
    source->sizes = config->size.model->ops;
    source->arrival_state = make_state(source->arrivals->state_size);
    source->size_state = make_state(source->sizes->state_size);
    if (config->rate > 0)
        period = traffic_period(config);
    if (!is_closed(source))
        source->error = source->arrivals->start(source->arrival_state, config->arrival.config, &period);
    if (source->sizes->start)
        source->sizes->start(source->size_state, config->size.config);
}

static void make_streams(struct source *source, const char *path)
{
    const struct sim_config *run = sim_get_config(source->sim);
    source->gap_stream = random_stream_make(run->seed, run->replication, path, "gap");
    source->size_stream = random_stream_make(run->seed, run->replication, path, "size");
    source->flow_stream = random_stream_make(run->seed, run->replication, path, "flow");
}

struct source *source_create(struct sim *sim, const struct traffic_config *config, struct path *path,
                             const struct source_target *target)
{
    struct source *source = make_state(sizeof(*source));
    enum packet_direction direction = config->direction == TRAFFIC_RECEIVE ? PACKET_RECEIVE : PACKET_TRANSMIT;
    char name[SOURCE_NAME_MAX];
    source->sim = sim;
    source->config = config;
    source->target = *target;
    source->paths[direction] = path;
    start_models(source);
    if (source->arrivals->replay)
        source->paths[!direction] = target->reverse;
    SIM_ASSERT(!is_closed(source) || config->window > 0 || is_transaction(source));
    make_streams(source, path->name);
    open_port(source);
    set_window(source);
    if (target->app && (config->direction != TRAFFIC_RECEIVE || source->arrivals->replay)) {
        target->app->next_time = next_time;
        target->app->source = source;
    }
    snprintf(name, sizeof(name), "%s.source", path->name);
    uint16_t component = sim_component(sim, name);
    sim_event_init(&source->event, is_closed(source) ? begin : arrive, component, EVENT_SUBMIT);
    sim_event_init(&source->resume, resume, component, EVENT_RESUME);
    return source;
}

void source_destroy(struct source *source)
{
    sim_cancel(source->sim, &source->event);
    sim_cancel(source->sim, &source->resume);
    if (!is_closed(source) && source->arrivals->stop)
        source->arrivals->stop(source->arrival_state);
    if (source->sizes->stop)
        source->sizes->stop(source->size_state);
    free(source->arrival_state);
    free(source->size_state);
    free(source);
}

const char *source_error(const struct source *source)
{
    return source->error;
}

void source_start(struct source *source)
{
    if (source->error)
        return;
    if (is_closed(source))
        sim_schedule(source->sim, &source->event, sim_now(source->sim));
    else
        schedule_next(source);
}

/* ---- reports ---- */

int64_t source_in_flight(const struct source *source)
{
    return source->in_flight;
}

void source_census(const struct source *source, struct census *census)
{
    census_queue(census, &source->held);
}

bool source_frames(const struct source *source, struct source_frames *frames)
{
    *frames = (struct source_frames){0};
    if (!source->arrivals->replay)
        return false;
    const struct capture *capture = source->arrivals->capture(source->arrival_state);
    frames->capture = capture;
    frames->frames = capture->read;
    for (int i = 0; i < CAPTURE_SKIPS; i++)
        frames->skipped[i] = capture->skipped[i];
    frames->skipped[CAPTURE_NO_PATH] = source->frames_unwanted;
    frames->offered[PACKET_TRANSMIT] = source->frames_offered[PACKET_TRANSMIT];
    frames->offered[PACKET_RECEIVE] = source->frames_offered[PACKET_RECEIVE];
    frames->pending = (int64_t)capture->count - frames->offered[PACKET_TRANSMIT] -
                      frames->offered[PACKET_RECEIVE] - source->frames_unwanted;
    return true;
}

int64_t source_skipped(const struct source *source)
{
    struct source_frames frames;
    int64_t skipped = 0;
    source_frames(source, &frames);
    for (int i = 0; i < CAPTURE_SKIPS; i++)
        skipped += frames.skipped[i];
    return skipped;
}
