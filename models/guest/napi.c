/*
 * Softirqs: net_tx_action(), net_rx_action() and napi_poll() of Linux as a chain of segments. A poll reclaims what was sent, takes up to
 * a budget of received packets, and either leaves polling mode or goes to the end of the list.
 */
#include "models/guest/napi.h"

#include "models/guest/transmit.h"
#include "sim/assert.h"

void napi_init(struct napi *napi, const struct napi_ops *ops, void *self, struct kernel_cpu *cpu,
               struct netdev *netdev)
{
    *napi = (struct napi){.ops = ops, .self = self, .cpu = cpu, .netdev = netdev};
}

static void poll_list_push(struct napi *napi)
{
    struct kernel_cpu *cpu = napi->cpu;
    napi->next = NULL;
    if (cpu->poll_head)
        cpu->poll_tail->next = napi;
    else
        cpu->poll_head = napi;
    cpu->poll_tail = napi;
}

void napi_schedule(struct napi *napi)
{
    if (napi->scheduled)
        return;
    napi->scheduled = true;
    napi->started = -1;
    poll_list_push(napi);
    if (!napi->cpu->deferred)
        cpu_wake(&napi->cpu->softirq);
}

void napi_mark_wait(const struct napi *napi, struct packet *packet, sim_time interrupt)
{
    sim_time now = sim_now(napi->cpu->kernel->sim);
    if (packet->last < interrupt)
        packet_mark(packet, STAGE_MODERATION, interrupt);
    if (packet->last < napi->started)
        packet_mark(packet, napi->netdev->emulated ? STAGE_INJECT : STAGE_INTERRUPT, napi->started);
    bool local = napi->netdev->receive->local(napi->netdev->receive->self, packet);
    packet_mark(packet, local ? STAGE_POLL_WAIT : STAGE_HOST_POLL_WAIT, now);
}

static void next_instance(struct cpu_context *ctx, void *self);

static void completed(struct cpu_context *ctx, void *self)
{
    struct napi *napi = self;
    cpu_push(ctx, next_instance, napi->cpu);
    napi->scheduled = false;
    napi->ops->complete(napi->self, ctx);
}

static void poll_ended(struct cpu_context *ctx, void *self)
{
    struct napi *napi = self;
    if (napi->budget_left == 0) {
        poll_list_push(napi);
        next_instance(ctx, napi->cpu);
        return;
    }
    cpu_add(ctx, CPU_SOFTIRQ_POLL, SHARE_BATCH, napi->cpu->kernel->costs->napi_complete);
    cpu_run(ctx, completed, napi);
}

static void poll_next(struct cpu_context *ctx, void *self);

static void handed_on(struct cpu_context *ctx, void *self)
{
    struct napi *napi = self;
    cpu_push(ctx, poll_next, napi);
    napi->ops->rx_taken(napi->self, ctx);
}

static void packet_taken(struct cpu_context *ctx, void *self)
{
    struct napi *napi = self;
    const struct kernel *kernel = napi->cpu->kernel;
    const struct receive_handler *receive = napi->netdev->receive;
    bool local = receive->local(receive->self, napi->current);
    packet_mark(napi->current, local ? STAGE_RECEIVE : STAGE_HOST_RECEIVE, sim_now(kernel->sim));
    struct sleeper *reader = receive->commit(receive->self, napi->current);
    napi->current = NULL;
    cpu_push(ctx, handed_on, napi);
    sleeper_wake(ctx, reader, kernel->costs->wakeup);
}

static void poll_next(struct cpu_context *ctx, void *self)
{
    struct napi *napi = self;
    const struct receive_handler *receive = napi->netdev->receive;
    struct packet *packet = napi->budget_left ? napi->ops->rx_take(napi->self, ctx) : NULL;
    if (!packet) {
        cpu_push(ctx, poll_ended, napi);
        napi->ops->poll_end(napi->self, ctx);
        return;
    }
    napi->budget_left--;
    napi->cpu->polled++;
    napi->packets++;
    napi->bytes += packet->length;
    napi->current = packet;
    receive->prepare(receive->self, ctx, packet);
    cpu_run(ctx, packet_taken, napi);
}

static void reclaimed(struct cpu_context *ctx, void *self)
{
    struct napi *napi = self;
    cpu_push(ctx, poll_next, napi);
    napi->ops->tx_cleaned(ctx, napi->self);
}

static void poll(struct kernel_cpu *cpu, struct cpu_context *ctx, struct napi *napi)
{
    cpu->poll_head = napi->next;
    if (napi->started < 0)
        napi->started = sim_now(cpu->kernel->sim);
    napi->budget_left = NAPI_BUDGET;
    cpu_add(ctx, CPU_SOFTIRQ_POLL, SHARE_BATCH, cpu->kernel->costs->softirq);
    napi->ops->tx_clean(napi->self, ctx);
    cpu_run(ctx, reclaimed, napi);
}

/* A round is over when net_rx_action() has had its budget, or polled all and left NET_TX to do. */
static bool round_is_over(const struct kernel_cpu *cpu)
{
    return cpu->polled >= NETDEV_BUDGET || (cpu->begun && !cpu->poll_head);
}

/* A round is over: whether __do_softirq() leaves the rest to ksoftirqd. */
static bool too_long(struct kernel_cpu *cpu)
{
    if (!round_is_over(cpu))
        return false;
    cpu->polled = 0;
    cpu->restarts++;
    sim_time elapsed = sim_now(cpu->kernel->sim) - cpu->softirq_start;
    return cpu->restarts >= SOFTIRQ_RESTARTS || elapsed >= SOFTIRQ_TIME || cpu_has_ready(cpu->cpu, CPU_TASK);
}

static void deferred(struct cpu_context *ctx, void *self)
{
    cpu_block(ctx, napi_softirq, self);
}

/* NET_TX comes before NET_RX in a round. */
static void act(struct cpu_context *ctx, struct kernel_cpu *cpu)
{
    bool transmit = cpu->tx_head && (!cpu->poll_head || cpu->polled == 0);
    cpu->begun = true;
    if (!transmit) {
        poll(cpu, ctx, cpu->poll_head);
        return;
    }
    cpu_push(ctx, next_instance, cpu);
    transmit_softirq(ctx, cpu);
}

/* Where ksoftirqd lets other threads run: between two rounds (cond_resched()). */
static void next_round(struct cpu_context *ctx, void *self)
{
    struct kernel_cpu *cpu = self;
    cpu->polled = 0;
    cpu->begun = false;
    cpu_hold(ctx, true);
    next_instance(ctx, cpu);
}

/* The next transmit queue, or instance of the poll list, in the softirq or in ksoftirqd. */
static void next_instance(struct cpu_context *ctx, void *self)
{
    struct kernel_cpu *cpu = self;
    bool work = cpu->tx_head || cpu->poll_head;
    bool thread = ctx == &cpu->ksoftirqd;
    if (work && thread && round_is_over(cpu)) {
        cpu_hold(ctx, false);
        cpu_run(ctx, next_round, cpu);
        return;
    }
    if (work && (thread || !too_long(cpu))) {
        act(ctx, cpu);
        return;
    }
    cpu->deferred = work;
    if (work) {
        cpu_push(ctx, deferred, cpu);
        sleeper_wake(ctx, &cpu->ksoftirqd_sleeper, cpu->kernel->costs->wakeup);
    } else {
        cpu_block(ctx, thread ? napi_ksoftirqd : napi_softirq, cpu);
    }
}

void napi_softirq(struct cpu_context *ctx, void *self)
{
    struct kernel_cpu *cpu = self;
    if (cpu->deferred) { /* woken before it gave the list up */
        cpu_block(ctx, napi_softirq, cpu);
        return;
    }
    cpu->polled = cpu->restarts = 0;
    cpu->begun = false;
    cpu->softirq_start = sim_now(cpu->kernel->sim);
    next_instance(ctx, cpu);
}

void napi_ksoftirqd(struct cpu_context *ctx, void *self)
{
    next_round(ctx, self);
}
