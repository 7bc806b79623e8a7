#include <stdio.h>
#include <stdlib.h>

#include "models/cpu/lapic_private.h"
#include "sim/assert.h"

static void take_next(struct cpu_context *ctx, void *self);

/* Index of the highest bit set, or -1. */
static int highest(const uint64_t *bits)
{
    for (int word = WORDS - 1; word >= 0; word--)
        if (bits[word])
            return word * 64 + 63 - __builtin_clzll(bits[word]);
    return -1;
}

static bool test_bit(const uint64_t *bits, unsigned index)
{
    return bits[index / 64] >> index % 64 & 1;
}

static void set_bit(uint64_t *bits, unsigned index)
{
    bits[index / 64] |= UINT64_C(1) << index % 64;
}

static void clear_bit(uint64_t *bits, unsigned index)
{
    bits[index / 64] &= ~(UINT64_C(1) << index % 64);
}

static unsigned index_of(const struct lapic *lapic, unsigned vector)
{
    SIM_ASSERT(vector >= VECTOR_FIRST && vector - VECTOR_FIRST < lapic->allocated);
    return vector - VECTOR_FIRST;
}

struct lapic *lapic_create(struct cpu *cpu, const struct lapic_costs *costs, const struct lapic_ops *ops,
                           void *self)
{
    struct lapic *lapic = calloc(1, sizeof(*lapic));
    SIM_ASSERT(lapic != NULL);
    lapic->cpu = cpu;
    lapic->costs = *costs;
    if (ops)
        lapic->ops = *ops;
    lapic->ops_self = self;
    snprintf(lapic->name, sizeof(lapic->name), "%s.irq", cpu_name(cpu));
    cpu_context_init(&lapic->context, cpu, lapic->name, CPU_HARDIRQ, take_next, lapic);
    return lapic;
}

void lapic_destroy(struct lapic *lapic)
{
    free(lapic);
}

struct cpu *lapic_cpu(const struct lapic *lapic)
{
    return lapic->cpu;
}

unsigned lapic_allocate(struct lapic *lapic, cpu_fn *handler, void *self, bool level)
{
    SIM_ASSERT(lapic->allocated < VECTORS);
    lapic->vectors[lapic->allocated] = (struct vector){handler, self, level};
    return VECTOR_FIRST + lapic->allocated++;
}

bool lapic_is_level(const struct lapic *lapic, unsigned vector)
{
    return lapic->vectors[index_of(lapic, vector)].level;
}

/* ---- a vector's way to its handler ---- */

static void wake_for_open(struct lapic *lapic)
{
    if (lapic->awake || highest(lapic->open) < 0)
        return;
    lapic->awake = true;
    cpu_wake(&lapic->context);
}

void lapic_raise(struct lapic *lapic, unsigned vector)
{
    unsigned index = index_of(lapic, vector);
    lapic->raised++;
    if (test_bit(lapic->irr, index)) {
        lapic->merged++;
        return;
    }
    set_bit(lapic->irr, index);
    if (lapic->ops.notify)
        lapic->ops.notify(lapic, lapic->ops_self);
    else
        lapic_accept(lapic);
}

void lapic_accept(struct lapic *lapic)
{
    for (unsigned word = 0; word < WORDS; word++)
        lapic->open[word] = lapic->irr[word];
    wake_for_open(lapic);
}

void lapic_accept_one(struct lapic *lapic)
{
    int index = highest(lapic->irr);
    if (index < 0)
        return;
    set_bit(lapic->open, (unsigned)index);
    wake_for_open(lapic);
}

bool lapic_pending(const struct lapic *lapic)
{
    return highest(lapic->irr) >= 0;
}

bool lapic_awaits_accept(const struct lapic *lapic)
{
    for (unsigned word = 0; word < WORDS; word++)
        if (lapic->irr[word] & ~lapic->open[word])
            return true;
    return false;
}

bool lapic_in_service(const struct lapic *lapic)
{
    return lapic->in_service;
}

/* ---- the handler's course ---- */

static void finish(struct cpu_context *ctx, void *self)
{
    struct lapic *lapic = self;
    lapic->in_service = false;
    if (highest(lapic->open) < 0 && lapic_pending(lapic) && lapic->ops.window) {
        cpu_push(ctx, take_next, lapic);
        lapic->ops.window(lapic, ctx, lapic->ops_self);
        return;
    }
    take_next(ctx, lapic);
}

static void leave(struct cpu_context *ctx, void *self)
{
    struct lapic *lapic = self;
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, lapic->costs.exit);
    cpu_run(ctx, finish, lapic);
}

static void end_by_binding(struct cpu_context *ctx, void *self)
{
    struct lapic *lapic = self;
    cpu_push(ctx, leave, lapic);
    lapic->ops.eoi(lapic, ctx, lapic->current, lapic->ops_self);
}

static void end_of_interrupt(struct cpu_context *ctx, void *self)
{
    struct lapic *lapic = self;
    lapic->eois++;
    if (lapic_is_level(lapic, lapic->current))
        lapic->eoi_broadcasts++;
    if (lapic->ops.eoi) {
        cpu_run(ctx, end_by_binding, lapic); /* what the handler still had to run comes first */
        return;
    }
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, lapic->costs.eoi);
    leave(ctx, lapic);
}

static void call_handler(struct cpu_context *ctx, void *self)
{
    struct lapic *lapic = self;
    const struct vector *vector = &lapic->vectors[index_of(lapic, lapic->current)];
    lapic->handled++;
    cpu_push(ctx, end_of_interrupt, lapic);
    vector->handler(ctx, vector->self);
}

static void take_next(struct cpu_context *ctx, void *self)
{
    struct lapic *lapic = self;
    int index = highest(lapic->open);
    if (index < 0) {
        lapic->awake = false;
        cpu_block(ctx, take_next, lapic);
        return;
    }
    clear_bit(lapic->open, (unsigned)index);
    clear_bit(lapic->irr, (unsigned)index);
    lapic->current = VECTOR_FIRST + (unsigned)index;
    lapic->in_service = true;
    lapic->taken++;
    cpu_add(ctx, CPU_IRQ, SHARE_BATCH, lapic->costs.entry);
    cpu_run(ctx, call_handler, lapic);
}

/* ---- counts ---- */

uint64_t lapic_raised(const struct lapic *lapic)
{
    return lapic->raised;
}

uint64_t lapic_handled(const struct lapic *lapic)
{
    return lapic->handled;
}

uint64_t lapic_eois(const struct lapic *lapic)
{
    return lapic->eois;
}

uint64_t lapic_eoi_broadcasts(const struct lapic *lapic)
{
    return lapic->eoi_broadcasts;
}

bool lapic_check(const struct lapic *lapic)
{
    uint64_t pending = 0;
    for (int word = 0; word < WORDS; word++)
        pending += (uint64_t)__builtin_popcountll(lapic->irr[word]);
    return lapic->raised == lapic->merged + pending + lapic->taken &&
           lapic->taken - lapic->handled <= (lapic->in_service ? 1 : 0);
}
