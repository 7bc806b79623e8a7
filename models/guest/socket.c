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
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, socket->kernel->costs->stack_receive);
}

static struct sleeper *deliver_commit(void *self, struct packet *packet)
{
    (void)self;
    struct socket *socket = packet->path->receiver;
    if (socket->queue.count >= socket->limit) {
        path_drop(packet->path, packet, DROP_SOCKET_FULL);
        return NULL;
    }
    packet_queue_push(&socket->queue, packet);
    return &socket->reader;
}

const struct receive_handler kernel_local_delivery = {
    .local = always_local,
    .prepare = deliver_prepare,
    .commit = deliver_commit,
};

void socket_init(struct socket *socket, struct kernel_cpu *cpu, uint32_t limit, struct cpu_context *reader)
{
    *socket = (struct socket){.kernel = cpu->kernel, .limit = limit};
    sleeper_init(&socket->reader, reader, cpu);
}
