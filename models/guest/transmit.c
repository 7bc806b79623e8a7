#include "models/guest/transmit.h"

#include <stdlib.h>

#include "models/traffic/path.h"
#include "sim/assert.h"

void transmit_create(struct netdev *netdev)
{
    netdev->transmit = calloc(netdev->queues, sizeof(*netdev->transmit));
    SIM_ASSERT(netdev->transmit);
    for (unsigned i = 0; i < netdev->queues; i++)
        netdev->transmit[i] = (struct transmit_queue){
            .netdev = netdev, .index = i, .limit = TRANSMIT_QUEUE, .cpu = &netdev->kernel->cpus[0]};
}

void transmit_destroy(struct netdev *netdev)
{
    free(netdev->transmit);
    netdev->transmit = NULL;
}

void transmit_bind(struct netdev *netdev, unsigned queue, struct kernel_cpu *cpu)
{
    netdev->transmit[queue].cpu = cpu;
}

static sim_time queue_now(const struct transmit_queue *queue)
{
    return sim_now(queue->netdev->kernel->sim);
}

/* ---- what is next ---- */

static bool has_room(const struct transmit_queue *queue, const struct packet *packet)
{
    return queue->netdev->ops->can_send(queue->netdev, queue->index, packet);
}

static struct packet *first(const struct transmit_queue *queue)
{
    return queue->cutting ? queue->cutting : queue->waiting.head;
}

static bool can_serve(const struct transmit_queue *queue)
{
    const struct packet *packet = first(queue);
    return packet && has_room(queue, packet);
}

static void mark_sent(struct transmit_queue *queue, struct packet *packet)
{
    packet_mark(packet, packet->forwarded ? STAGE_HOST_SEND : STAGE_SEND, queue_now(queue));
}

static void mark_waited(struct transmit_queue *queue, struct packet *packet)
{
    packet_mark(packet, packet->forwarded ? STAGE_HOST_QUEUE : STAGE_RING_WAIT, queue_now(queue));
}

struct packet *transmit_next_frame(struct packet *packet)
{
    if (packet->segments > 1) {
        uint32_t full = packet->gso_size + FRAME_HEADERS;
        packet->length -= packet->gso_size;
        packet->segments--;
        struct packet *frame = path_fragment(packet, full);
        frame->sender = NULL;
        return frame;
    }
    packet->gso_size = 0;
    return packet;
}

/* ---- serving: whoever does has set queue->running ---- */

/* The NET_TX softirq of `cpu` is to serve the queue. */
static void schedule(struct transmit_queue *queue, struct kernel_cpu *cpu)
{
    if (queue->scheduled)
        return;
    queue->scheduled = true;
    queue->next = NULL;
    if (cpu->tx_head)
        cpu->tx_tail->next = queue;
    else
        cpu->tx_head = queue;
    cpu->tx_tail = queue;
    if (!cpu->deferred)
        cpu_wake(&cpu->softirq);
}

static struct kernel_cpu *cpu_of(const struct transmit_queue *queue, const struct cpu_context *ctx)
{
    const struct kernel *kernel = queue->netdev->kernel;
    for (unsigned i = 0; i < kernel->cpu_count; i++)
        if (kernel->cpus[i].cpu == ctx->cpu)
            return &kernel->cpus[i];
    return queue->cpu;
}

static void begin(struct transmit_queue *queue)
{
    queue->running = true;
    queue->quota = TRANSMIT_QUOTA;
}

static void end(struct transmit_queue *queue, struct cpu_context *ctx)
{
    queue->running = false;
    if (can_serve(queue)) /* the quota is used up */
        schedule(queue, cpu_of(queue, ctx));
    cpu_return(ctx);
}

static void serve(struct cpu_context *ctx, void *self);

static void on_ring(struct cpu_context *ctx, void *self)
{
    struct transmit_queue *queue = self;
    struct netdev *netdev = queue->netdev;
    struct packet *frame = queue->frame;
    mark_sent(queue, frame);
    if (queue->cutting)
        mark_sent(queue, queue->cutting);
    else if (!queue->direct)
        queue->quota--;
    queue->frame = NULL;
    queue->direct = queue->hint = false;
    cpu_push(ctx, serve, queue);
    netdev->ops->commit(netdev, queue->index, ctx, frame, queue->more);
}

/* To the driver with the packet, or the first frame of it that is left. */
static void hand_over(struct transmit_queue *queue, struct cpu_context *ctx, struct packet *packet)
{
    struct netdev *netdev = queue->netdev;
    if (!queue->cutting && packet->gso_size && packet->length > netdev->gso_max) {
        queue->cutting = packet;
        cpu_add(ctx, CPU_STACK, SHARE_PACKET, (int64_t)packet->segments * netdev->kernel->costs->gso_segment);
    }
    queue->frame = queue->cutting ? transmit_next_frame(packet) : packet;
    if (queue->frame == packet)
        queue->cutting = NULL;
    bool another = netdev->bulk && queue->waiting.head && queue->quota > 1;
    queue->more = queue->cutting || queue->hint || another;
    netdev->ops->prepare(netdev, queue->index, ctx, queue->frame, queue->more);
    cpu_run(ctx, on_ring, queue);
}

/* The next of those that wait; if there is none, or no room, or its share is used up, the serving ends. */
static void serve(struct cpu_context *ctx, void *self)
{
    struct transmit_queue *queue = self;
    if (queue->quota == 0 || !can_serve(queue)) {
        end(queue, ctx);
        return;
    }
    struct packet *packet = queue->cutting ? queue->cutting : packet_queue_pop(&queue->waiting);
    mark_waited(queue, packet);
    hand_over(queue, ctx, packet);
}

/* ---- sending ---- */

static bool bypasses(const struct transmit_queue *queue, const struct packet *packet)
{
    return !queue->running && !first(queue) && has_room(queue, packet);
}

static void send_directly(struct transmit_sender *sender, struct cpu_context *ctx)
{
    struct transmit_queue *queue = sender->queue;
    struct packet *packet = sender->packet;
    sender->packet = NULL;
    begin(queue);
    queue->direct = true;
    queue->hint = sender->more;
    hand_over(queue, ctx, packet);
}

void transmit_lose(struct transmit_queue *queue, struct packet *packet)
{
    const struct kernel *kernel = queue->netdev->kernel;
    struct send_charge charge = send_charge_move(packet);
    send_charge_free(&charge, queue);
    path_drop(packet->path, packet, kernel->guest ? DROP_GUEST_TX_FULL : DROP_HOST_TX_FULL);
}

/* The packet has come through the stack. */
static void reached(struct cpu_context *ctx, void *self)
{
    struct transmit_sender *sender = self;
    struct transmit_queue *queue = sender->queue;
    struct packet *packet = sender->packet;
    if (bypasses(queue, packet)) {
        send_directly(sender, ctx);
        return;
    }
    sender->packet = NULL;
    mark_sent(queue, packet);
    if (queue->waiting.count < queue->limit)
        packet_queue_push(&queue->waiting, packet);
    else
        transmit_lose(queue, packet);
    if (queue->running) {
        cpu_return(ctx);
        return;
    }
    begin(queue);
    serve(ctx, queue);
}

/* Where nobody else sends, nobody can come first: stack and driver are one segment. */
void transmit_send(struct transmit_sender *sender, struct netdev *netdev, unsigned index,
                   struct cpu_context *ctx, struct packet *packet, bool more)
{
    struct transmit_queue *queue = &netdev->transmit[index];
    queue->senders += sender->queue != queue;
    sender->queue = queue;
    sender->packet = packet;
    sender->more = more;
    if (queue->senders == 1 && bypasses(queue, packet))
        send_directly(sender, ctx);
    else
        cpu_run(ctx, reached, sender);
}

/* ---- going on ---- */

void transmit_reclaimed(struct netdev *netdev, unsigned index)
{
    struct transmit_queue *queue = &netdev->transmit[index];
    netdev_wake(netdev);
    if (!queue->running && can_serve(queue))
        schedule(queue, queue->cpu);
}

void transmit_softirq(struct cpu_context *ctx, struct kernel_cpu *cpu)
{
    struct transmit_queue *queue = cpu->tx_head;
    cpu->tx_head = queue->next;
    queue->scheduled = false;
    if (queue->running) { /* by a thread that this softirq has interrupted, or on another cpu */
        cpu_return(ctx);
        return;
    }
    begin(queue);
    cpu_add(ctx, CPU_SOFTIRQ_POLL, SHARE_BATCH, cpu->kernel->costs->softirq);
    cpu_run(ctx, serve, queue);
}

/* ---- census ---- */

void transmit_sender_census(const struct transmit_sender *sender, struct census *census)
{
    census_packet(census, sender->packet);
}

void transmit_census(const struct netdev *netdev, struct census *census)
{
    for (unsigned i = 0; i < netdev->queues; i++) {
        const struct transmit_queue *queue = &netdev->transmit[i];
        census_queue(census, &queue->waiting);
        census_packet(census, queue->cutting);
        census_packet(census, queue->frame);
    }
}
