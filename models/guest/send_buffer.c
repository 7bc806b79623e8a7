/* sk_wmem_alloc: sock_alloc_send_pskb(), sock_wfree() and sock_writeable() of net/core/sock.c. */
#include "models/guest/transmit.h"
#include "sim/assert.h"

/* [B] of Linux on x86-64: struct sk_buff, what __ip_append_data() and the link layer reserve, struct skb_shared_info. */
enum { SKB = 256, RESERVED = 31, SHARED_INFO = 320, CACHE_LINE = 64, SMALLEST = 512, ETHERNET_HEADER = 14 };

/* A frame's bytes lie in one piece of a power of two; a larger packet's in pages behind one that holds its headers. */
int64_t send_buffer_size(uint32_t length)
{
    if (length > FRAME_MTU_MAX)
        return SKB + 2 * SMALLEST + ((int64_t)length + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    int64_t bytes = (int64_t)length - ETHERNET_HEADER + RESERVED;
    int64_t needed = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE + SHARED_INFO;
    int64_t piece = SMALLEST;
    while (piece < needed)
        piece *= 2;
    return SKB + piece;
}

void send_buffer_take(struct send_buffer *buffer, struct packet *packet)
{
    SIM_ASSERT(!packet->sender);
    packet->sender = buffer;
    packet->charge = send_buffer_size(packet->length);
    buffer->used += packet->charge;
}

struct send_charge send_charge_move(struct packet *packet)
{
    struct send_charge charge = {.buffer = packet->sender, .size = packet->charge};
    packet->sender = NULL;
    return charge;
}

/* sock_writeable() */
static bool is_writeable(const struct send_buffer *buffer)
{
    return 2 * buffer->used < buffer->limit;
}

void send_charge_free(struct send_charge *charge, struct transmit_queue *queue)
{
    struct send_buffer *buffer = charge->buffer;
    if (!buffer)
        return;
    buffer->used -= charge->size;
    SIM_ASSERT(buffer->used >= 0);
    *charge = (struct send_charge){0};
    if (!buffer->waiting || buffer->freed || !is_writeable(buffer))
        return;
    buffer->freed = true;
    buffer->next = queue->freed;
    queue->freed = buffer;
}

void transmit_wake(struct cpu_context *ctx, void *self)
{
    struct transmit_queue *queue = self;
    struct send_buffer *buffer = queue->freed;
    if (!buffer) {
        cpu_return(ctx);
        return;
    }
    queue->freed = buffer->next;
    buffer->freed = false;
    cpu_push(ctx, transmit_wake, queue);
    sleeper_wake(ctx, &buffer->owner, queue->netdev->kernel->costs->wakeup);
}
