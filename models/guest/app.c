#include "models/guest/app.h"

static void next_task(struct cpu_context *ctx, void *self);

static sim_time app_now(const struct app *app)
{
    return sim_now(app->kernel->sim);
}

/* ---- receiving ---- */

static void received(struct cpu_context *ctx, void *self)
{
    struct app *app = self;
    struct packet *packet = app->current;
    app->current = NULL;
    packet_mark(packet, STAGE_APP, app_now(app));
    path_deliver(packet->path, packet, app_now(app));
    next_task(ctx, app);
}

static void receive_packet(struct app *app, struct cpu_context *ctx, struct packet *packet)
{
    const struct costs *costs = app->kernel->costs;
    packet_mark(packet, STAGE_SOCKET_WAIT, app_now(app));
    app->current = packet;
    cpu_add(ctx, CPU_SYSCALL, SHARE_PACKET, costs->syscall + costs->socket_receive);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, costs_copy(costs, packet->length));
    cpu_add(ctx, CPU_APP, SHARE_PACKET, costs->app);
    cpu_run(ctx, received, app);
}

/* ---- sending ---- */

static void send_packet(struct app *app, struct cpu_context *ctx, struct packet *packet)
{
    packet_queue_pop(&app->backlog);
    packet_mark(packet, STAGE_SOURCE_WAIT, app_now(app));
    send_buffer_take(&app->buffer, packet);
    bool goes_on = packet->more && app->backlog.head;
    kernel_add_send(app->kernel, ctx, packet, !app->in_burst);
    app->in_burst = goes_on;
    cpu_push(ctx, next_task, app);
    transmit_send(&app->sender, app->netdev, app->queue, ctx, packet,
                  goes_on && send_buffer_has_room(&app->buffer));
}

static void buffer_waited(struct cpu_context *ctx, void *self)
{
    struct app *app = self;
    app->buffer.waiting = false;
    if (app->backlog.head)
        packet_mark(app->backlog.head, STAGE_RING_WAIT, app_now(app));
    next_task(ctx, app);
}

static void wait_for_buffer(struct app *app, struct cpu_context *ctx, struct packet *packet)
{
    packet_mark(packet, STAGE_SOURCE_WAIT, app_now(app));
    app->buffer.waiting = true;
    cpu_block(ctx, buffer_waited, app);
}

/* ---- sleeping ---- */

static bool has_work(const struct app *app)
{
    return app->socket.queue.head || app->backlog.head;
}

/* Whoever wakes it before its time has come leaves it to cancel the timer. */
static void awake(struct cpu_context *ctx, void *self)
{
    struct app *app = self;
    app->asleep = false;
    cpu_push(ctx, next_task, app);
    kernel_timer_cancel(&app->timer, ctx);
}

/* The timer is armed; what has come in meanwhile is not slept over. */
static void ready_to_sleep(struct cpu_context *ctx, void *self)
{
    struct app *app = self;
    if (has_work(app))
        awake(ctx, app);
    else
        cpu_block(ctx, awake, app);
}

/* The sleep of a paced sender ends with its next packet's time, others end by what happens. */
static void fall_asleep(struct app *app, struct cpu_context *ctx)
{
    sim_time until = app->next_time ? app->next_time(app->source) : SIM_TIME_MAX;
    app->asleep = true;
    cpu_push(ctx, ready_to_sleep, app);
    if (until < SIM_TIME_MAX)
        kernel_timer_arm(&app->timer, ctx, until);
    else
        cpu_return(ctx);
}

/* What the thread does next: a received packet first, then one to send, else it sleeps. */
static void next_task(struct cpu_context *ctx, void *self)
{
    struct app *app = self;
    struct packet *packet = packet_queue_pop(&app->socket.queue);
    app->asleep = false;
    if (packet)
        receive_packet(app, ctx, packet);
    else if (!app->backlog.head)
        fall_asleep(app, ctx);
    else if (send_buffer_has_room(&app->buffer))
        send_packet(app, ctx, app->backlog.head);
    else
        wait_for_buffer(app, ctx, app->backlog.head);
}

void app_init(struct app *app, struct kernel_cpu *cpu, struct netdev *netdev, unsigned queue,
              uint32_t backlog_limit, uint32_t socket_limit)
{
    *app = (struct app){
        .buffer = {.limit = SEND_BUFFER_DATAGRAM},
        .kernel = cpu->kernel,
        .netdev = netdev,
        .queue = queue,
        .backlog_limit = backlog_limit,
        .asleep = true,
    };
    cpu_context_init(&app->thread, cpu->cpu, "app", CPU_TASK, next_task, app);
    sleeper_init(&app->buffer.owner, &app->thread, cpu);
    kernel_timer_init(&app->timer, cpu, &app->thread);
    socket_init(&app->socket, cpu, socket_limit, &app->thread);
}

void app_set_send_buffer(struct app *app, int64_t limit)
{
    app->buffer.limit = limit;
}

void app_submit(struct app *app, struct packet *packet)
{
    if (!app->submitting)
        app->refusing = app->backlog.count >= app->backlog_limit;
    app->submitting = packet->more;
    if (app->refusing) {
        path_drop(packet->path, packet, DROP_SOURCE_OVERRUN);
        return;
    }
    packet_queue_push(&app->backlog, packet);
    if (!app->asleep)
        return;
    app->asleep = false; /* one interrupt ends the sleep, whatever comes before the thread has the cpu */
    kernel_timer_expire(&app->timer);
}

void app_census(const struct app *app, struct census *census)
{
    census_queue(census, &app->backlog);
    census_queue(census, &app->socket.queue);
    census_packet(census, app->current);
    transmit_sender_census(&app->sender, census);
}
