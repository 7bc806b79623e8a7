#include "models/guest/kernel.h"
#include "models/traffic/path.h"

static bool always_local(void *self, const struct packet *packet)
{
    (void)self, (void)packet;
    return true;
}

static void deliver_prepare(void *self, struct cpu_context *ctx, struct packet *packet)
{
    (void)self;
    const struct socket *socket = packet->path->receiver;
    const struct costs *costs = socket->kernel->costs;
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, costs->stack_receive);
    cpu_add(ctx, CPU_SCHED, SHARE_PACKET, socket->queue.count == 0 ? costs->wakeup : 0);
}

static void deliver_commit(void *self, struct cpu_context *ctx, struct packet *packet)
{
    (void)self, (void)ctx;
    struct socket *socket = packet->path->receiver;
    if (socket->queue.count >= socket->limit) {
        path_drop(packet->path, packet, DROP_SOCKET_FULL);
        return;
    }
    packet_queue_push(&socket->queue, packet);
    cpu_wake(socket->reader);
}

const struct receive_handler kernel_local_delivery = {
    .local = always_local,
    .prepare = deliver_prepare,
    .commit = deliver_commit,
};

void socket_init(struct socket *socket, struct kernel *kernel, uint32_t limit, struct cpu_context *reader)
{
    *socket = (struct socket){.kernel = kernel, .limit = limit, .reader = reader};
}
