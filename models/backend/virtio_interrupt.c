#include "models/backend/virtio_interrupt.h"

enum { ISR_QUEUE = 1 };

/* ---- messages ---- */

static int64_t message_cycles(const struct virtio_interrupt *interrupt)
{
    return vcpu_post_cycles(SIM_CONTAINER_OF(interrupt, const struct virtio_message, base)->vcpu);
}

static void message_raise(struct virtio_interrupt *interrupt, struct cpu_context *ctx)
{
    struct virtio_message *message = SIM_CONTAINER_OF(interrupt, struct virtio_message, base);
    vcpu_interrupt_from(ctx, message->vcpu, message->vector);
}

void virtio_message_init(struct virtio_message *message, struct vcpu *vcpu, unsigned vector)
{
    *message = (struct virtio_message){
        .base = {.cycles = message_cycles, .raise = message_raise},
        .vcpu = vcpu,
        .vector = vector,
    };
}

/* ---- the line ---- */

/* The line goes up: true if the interrupt controller sends the vector, which it does not while it waits for the last
 * one's EOI. */
static bool line_up(struct virtio_line *line)
{
    line->isr |= ISR_QUEUE;
    if (line->delivered)
        return false;
    line->delivered = true;
    line->lines++;
    return true;
}

static void line_raise(struct virtio_line *line, struct cpu_context *ctx)
{
    if (line_up(line))
        vcpu_interrupt_from(ctx, line->vcpu, line->vector);
    else
        cpu_return(ctx);
}

static void line_eoi(struct vcpu *vcpu, unsigned vector, void *self)
{
    struct virtio_line *line = self;
    (void)vcpu, (void)vector;
    line->delivered = false;
    if (line->isr && line_up(line))
        vcpu_interrupt(line->vcpu, line->vector);
}

static int64_t line_cycles(const struct virtio_line *line)
{
    return line->costs->irq_ioctl + (line->delivered ? 0 : vcpu_post_cycles(line->vcpu));
}

static void asserted(struct cpu_context *ctx, void *self)
{
    struct virtio_line *line = self;
    cpu_push(ctx, worker_done, &line->loop);
    line_raise(line, ctx);
}

/* The main loop has been signalled by the kernel's backend. */
static void assert_line(struct cpu_context *ctx, void *self)
{
    struct virtio_line *line = self;
    cpu_add(ctx, CPU_EMULATION, SHARE_BATCH, line->costs->qemu_dispatch);
    cpu_add(ctx, CPU_INJECT, SHARE_BATCH, line_cycles(line));
    cpu_run(ctx, asserted, line);
}

void virtio_line_init(struct virtio_line *line, struct vcpu *vcpu, unsigned vector, const struct costs *costs,
                      struct cpu *loop_core)
{
    *line = (struct virtio_line){
        .vcpu = vcpu, .vector = vector, .costs = costs, .from_kernel = loop_core != NULL};
    vcpu_set_eoi_listener(vcpu, vector, line_eoi, line);
    if (!loop_core)
        return;
    worker_init(&line->loop, loop_core, "qemu");
    worker_work_init(&line->assert_work, &line->loop, assert_line, line);
}

uint8_t virtio_line_read_isr(struct virtio_line *line)
{
    uint8_t isr = line->isr;
    line->isr = 0;
    return isr;
}

static int64_t source_cycles(const struct virtio_interrupt *interrupt)
{
    const struct virtio_line *line = SIM_CONTAINER_OF(interrupt, const struct virtio_line_source, base)->line;
    return line->from_kernel ? 0 : line_cycles(line);
}

static void source_raise(struct virtio_interrupt *interrupt, struct cpu_context *ctx)
{
    struct virtio_line *line = SIM_CONTAINER_OF(interrupt, struct virtio_line_source, base)->line;
    if (line->from_kernel)
        worker_signal(&line->assert_work, ctx, line->costs->wakeup);
    else
        line_raise(line, ctx);
}

void virtio_line_source_init(struct virtio_line_source *source, struct virtio_line *line)
{
    *source = (struct virtio_line_source){
        .base = {.cycles = source_cycles, .raise = source_raise},
        .line = line,
    };
}
