#include "models/guest/ring_driver.h"

#include <stdlib.h>
#include <string.h>

#include "models/guest/ring_private.h"
#include "sim/assert.h"

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    SIM_ASSERT(memory);
    return memory;
}

void ring_init(struct ring *ring, struct kernel *kernel, uint32_t size, uint32_t large, int node)
{
    *ring = (struct ring){.size = size};
    ring->buffers = buffer_pool_create(kernel->space, kernel->memory, node, RING_BUFFER);
    if (large > RING_BUFFER)
        ring->large = buffer_pool_create(kernel->space, kernel->memory, node, large);
    ring->base = buffer_pool_area(ring->buffers, (uint64_t)size * 16);
    ring->slots = allocate(size, sizeof(*ring->slots));
    uint32_t pages = (size * 16 + PAGE_SIZE - 1) / PAGE_SIZE;
    ring->pages = allocate(pages, sizeof(*ring->pages));
    for (uint32_t page = 0; page < pages; page++)
        ring->pages[page] = address_space_translate(kernel->space, ring->base + (uint64_t)page * PAGE_SIZE);
}

void ring_destroy(struct ring *ring)
{
    free(ring->slots);
    free(ring->pages);
    buffer_pool_destroy(ring->buffers);
    buffer_pool_destroy(ring->large);
}

/* ---- register sequences ---- */

static void next_step(struct cpu_context *ctx, void *self);

static void access_register(struct cpu_context *ctx, void *self)
{
    struct ring_sequence *sequence = self;
    struct ring_queue *queue = sequence->queue;
    struct device_access *access = queue->driver->config.access;
    const struct driver_step *step = &sequence->steps[sequence->next++];
    cpu_push(ctx, next_step, sequence);
    if (step->write)
        device_write(access, ctx, step->reg, queue->index, queue->split ? RING_MASK_RX : RING_MASK_ALL);
    else
        device_read(access, ctx, step->reg, queue->index, &sequence->value);
}

static void next_step(struct cpu_context *ctx, void *self)
{
    struct ring_sequence *sequence = self;
    if (sequence->next == sequence->count) {
        sequence->then(ctx, sequence->queue);
    } else if (sequence->steps[sequence->next].write) {
        device_add_write(sequence->queue->driver->config.access, ctx);
        cpu_run(ctx, access_register, sequence);
    } else {
        access_register(ctx, sequence);
    }
}

/* ---- interrupt ---- */

static void schedule_poll(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    napi_schedule(&queue->napi);
    cpu_return(ctx);
}

void ring_driver_interrupt(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    const struct driver_personality *personality = queue->driver->config.personality;
    queue->on_interrupt = (struct ring_sequence){
        .queue = queue,
        .steps = personality->interrupt,
        .count = personality->interrupt_steps,
        .then = schedule_poll,
    };
    queue->interrupts++;
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, queue->driver->netdev.kernel->costs->irq_handler);
    cpu_run(ctx, next_step, &queue->on_interrupt);
}

static void tx_unmask(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    device_write(queue->driver->config.access, ctx, REG_MASK_SET, queue->index, RING_MASK_TX);
}

static void tx_reclaimed(struct cpu_context *ctx, void *self)
{
    cpu_push(ctx, tx_unmask, self);
    ring_tx_cleaned(ctx, self);
}

static void schedule_tx_poll(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    napi_schedule(&queue->tx_napi);
    cpu_return(ctx);
}

void ring_driver_tx_interrupt(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    queue->interrupts++;
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, queue->driver->netdev.kernel->costs->irq_handler);
    if (queue->driver->config.personality->tx_napi) {
        cpu_run(ctx, schedule_tx_poll, queue);
        return;
    }
    ring_tx_clean(queue, ctx);
    device_add_write(queue->driver->config.access, ctx);
    cpu_run(ctx, tx_reclaimed, queue);
}

/* ---- leaving polling mode ---- */

/* Runs the adaptive algorithm; true if the interval register is to be written. */
static bool adapt(struct ring_queue *queue)
{
    const struct param_variant *moderation = queue->driver->config.moderation;
    if (!queue->driver->config.personality->throttle || !moderation || !moderation->model)
        return false;
    const struct moderation_ops *ops = moderation->model->ops;
    struct moderation_sample sample = {
        .now = sim_now(queue->driver->netdev.kernel->sim),
        .interrupts = queue->interrupts,
        .rx_packets = queue->napi.packets,
        .rx_bytes = queue->napi.bytes,
        .tx_packets = queue->tx_packets,
        .tx_bytes = queue->tx_bytes,
        .link_mbps = queue->driver->config.link_mbps,
    };
    return ops->update && ops->update(queue->moderation_state, moderation->config, &sample, &queue->setting);
}

static void throttle_store(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    cpu_push(ctx, next_step, &queue->on_enable);
    device_write(queue->driver->config.access, ctx, REG_THROTTLE, queue->index,
                 moderation_encode(&queue->setting));
}

static void enabled(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static void complete(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    const struct driver_personality *personality = queue->driver->config.personality;
    queue->on_enable = (struct ring_sequence){
        .queue = queue,
        .steps = personality->enable,
        .count = personality->enable_steps,
        .then = enabled,
    };
    if (!adapt(queue)) {
        next_step(ctx, &queue->on_enable);
        return;
    }
    device_add_write(queue->driver->config.access, ctx);
    cpu_run(ctx, throttle_store, queue);
}

/* A device with a vector of its own for transmit reclaims in that vector's handler. */
static unsigned clean_nothing(void *self, struct cpu_context *ctx)
{
    (void)self, (void)ctx;
    return 0;
}

static void cleaned_nothing(struct cpu_context *ctx, void *self)
{
    (void)self;
    cpu_return(ctx);
}

static const struct napi_ops shared_vector_ops = {
    .tx_clean = ring_tx_clean,
    .tx_cleaned = ring_tx_cleaned,
    .rx_take = ring_rx_take,
    .rx_taken = ring_rx_taken,
    .poll_end = ring_rx_poll_end,
    .complete = complete,
};

static const struct napi_ops split_vector_ops = {
    .tx_clean = clean_nothing,
    .tx_cleaned = cleaned_nothing,
    .rx_take = ring_rx_take,
    .rx_taken = ring_rx_taken,
    .poll_end = ring_rx_poll_end,
    .complete = complete,
};

/* ---- a NAPI instance for transmit alone ---- */

static struct packet *take_nothing(void *self, struct cpu_context *ctx)
{
    (void)self, (void)ctx;
    return NULL;
}

static void poll_end_nothing(void *self, struct cpu_context *ctx)
{
    (void)self;
    cpu_return(ctx);
}

static void tx_enabled(struct cpu_context *ctx, void *self)
{
    struct ring_queue *queue = self;
    device_write(queue->driver->config.access, ctx, REG_MASK_SET, queue->index, RING_MASK_TX);
}

static void tx_complete(void *self, struct cpu_context *ctx)
{
    struct ring_queue *queue = self;
    device_add_write(queue->driver->config.access, ctx);
    cpu_run(ctx, tx_enabled, queue);
}

static const struct napi_ops tx_vector_ops = {
    .tx_clean = ring_tx_clean,
    .tx_cleaned = ring_tx_cleaned,
    .rx_take = take_nothing,
    .rx_taken = poll_end_nothing,
    .poll_end = poll_end_nothing,
    .complete = tx_complete,
};

/* ---- set-up ---- */

static void queue_init(struct ring_queue *queue, struct ring_driver *driver, unsigned index)
{
    const struct ring_driver_config *config = &driver->config;
    int node = cpu_node(config->kernel->cpus[0].cpu);
    queue->driver = driver;
    queue->index = index;
    ring_init(&queue->tx, config->kernel, config->tx_size, config->gso_max, node);
    ring_init(&queue->rx, config->kernel, config->rx_size, 0, node);
    if (config->moderation && config->moderation->model) {
        const struct moderation_ops *ops = config->moderation->model->ops;
        queue->moderation_state = allocate(1, ops->state_size + 1);
        ops->start(queue->moderation_state, config->moderation->config, &queue->setting);
    }
}

struct ring_driver *ring_driver_create(const struct ring_driver_config *config, const char *name)
{
    struct ring_driver *driver = allocate(1, sizeof(*driver));
    driver->config = *config;
    driver->netdev = (struct netdev){
        .ops = &ring_netdev_ops,
        .name = name,
        .kernel = config->kernel,
        .queues = config->queues,
        .gso_max = config->gso_max,
        .emulated = config->device->emulated,
        .bulk = config->personality->byte_queue_limits,
    };
    transmit_create(&driver->netdev);
    driver->queues = allocate(config->queues, sizeof(*driver->queues));
    for (unsigned i = 0; i < config->queues; i++)
        queue_init(&driver->queues[i], driver, i);
    return driver;
}

void ring_driver_destroy(struct ring_driver *driver)
{
    if (!driver)
        return;
    for (unsigned i = 0; i < driver->config.queues; i++) {
        ring_destroy(&driver->queues[i].tx);
        ring_destroy(&driver->queues[i].rx);
        free(driver->queues[i].moderation_state);
    }
    free(driver->queues);
    transmit_destroy(&driver->netdev);
    free(driver);
}

struct netdev *ring_driver_netdev(struct ring_driver *driver)
{
    return &driver->netdev;
}

struct ring_queue *ring_driver_queue(struct ring_driver *driver, unsigned queue)
{
    return &driver->queues[queue];
}

int64_t ring_queue_interrupts(const struct ring_queue *queue)
{
    return queue->interrupts;
}

void ring_queue_start(struct ring_queue *queue, struct kernel_cpu *cpu, uint64_t msi_address,
                      uint32_t msi_data)
{
    const struct ring_driver_config *config = &queue->driver->config;
    const struct driver_personality *personality = config->personality;
    queue->split = personality->split_vectors && config->device->split_vectors;
    napi_init(&queue->napi, queue->split ? &split_vector_ops : &shared_vector_ops, queue, cpu,
              &queue->driver->netdev);
    napi_init(&queue->tx_napi, &tx_vector_ops, queue, cpu, &queue->driver->netdev);
    transmit_bind(&queue->driver->netdev, queue->index, cpu);
    ring_rx_fill(queue);
    struct nic_ring ring = {
        .tx_base = queue->tx.base,
        .rx_base = queue->rx.base,
        .tx_size = queue->tx.size,
        .rx_size = queue->rx.size,
        .msi_address = msi_address,
        .msi_data = msi_data,
        .auto_mask = personality->auto_mask,
    };
    config->device->setup(config->device->self, queue->index, &ring);
    if (queue->moderation_state)
        config->device->moderate(config->device->self, queue->index, &queue->setting);
    config->device->first_tail(config->device->self, queue->index, queue->rx.next_to_use);
}
