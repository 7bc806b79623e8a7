/*
 * The emulated NIC's interrupts: set_interrupt_cause() of QEMU's e1000 with its mitigation timer, e1000e's line, which
 * the interval register holds back and a read of the cause masks, and the self-masking messages of e1000e and igb.
 */
#include "models/backend/emulated_private.h"

/* In units of 256 ns; TADV, which counts in 1.024 us, is 32 with Linux's driver. */
enum { MITIGATION_UNIT_NS = 256, MITIGATION_FLOOR = 500, MITIGATION_TADV = 4 * 32 };
#define LEAST_INTERVAL ((sim_time)MITIGATION_FLOOR * MITIGATION_UNIT_NS * SIM_NS)

static struct emulated_vector *line(struct emulated_nic *nic)
{
    return &nic->vectors[0];
}

static void note_raised(struct emulated_vector *vector)
{
    vector->nic->raised++;
    vector->last = emulated_now(vector->nic);
}

/* Ends by cpu_return(ctx). */
static void raise_vector(struct emulated_vector *vector, struct cpu_context *ctx)
{
    note_raised(vector);
    vcpu_interrupt_from(ctx, vector->vcpu, vector->vector);
}

/* The system call that moves a line or sends a message; `reaches`: a vCPU gets it. */
static void add_signal(struct cpu_context *ctx, const struct emulated_vector *vector, bool reaches)
{
    cpu_add(ctx, CPU_EMULATION, SHARE_BATCH, vector->nic->config.costs->irq_ioctl);
    if (reaches)
        cpu_add(ctx, CPU_INJECT, SHARE_BATCH, vcpu_post_cycles(vector->vcpu));
}

/* ---- the line ---- */

/* The I/O APIC sends an asserted level-triggered line once, and again at the EOI if it is still asserted: true if it is
 * to be sent now. */
static bool line_level(struct emulated_vector *vector, bool asserted)
{
    vector->asserted = asserted;
    if (!asserted || vector->delivered)
        return false;
    vector->delivered = true;
    return true;
}

static void line_eoi(struct vcpu *vcpu, unsigned number, void *self)
{
    struct emulated_vector *vector = self;
    vector->delivered = false;
    if (!line_level(vector, vector->asserted))
        return;
    note_raised(vector);
    vcpu_interrupt(vcpu, number);
}

/* What the line's level is to be. Without an interrupt a packet, the moderator has a say in it. */
static bool line_wanted(struct emulated_nic *nic)
{
    return (nic->cause & nic->mask) != 0 && (nic->config.emulation->interrupt_per_packet || line(nic)->due);
}

static void line_raised(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    if (line_level(line(nic), line_wanted(nic)))
        raise_vector(line(nic), ctx);
    else
        cpu_return(ctx);
}

/*
 * How long the next assertion has to wait after this one. e1000e: as the interval register says. e1000: mitigation,
 * the shortest of the delays set, at least the floor; TADV counts once after a descriptor with IDE, which the driver
 * sets in all of them.
 */
static sim_time assertion_gap(struct emulated_nic *nic)
{
    if (nic->config.auto_mask)
        return nic->throttle;
    if (!nic->config.emulation->mitigation)
        return 0;
    sim_time unit = MITIGATION_UNIT_NS * SIM_NS, delay = nic->throttle;
    if (nic->delayed && (nic->cause & nic->mask & CAUSE_TX) && (delay == 0 || delay > MITIGATION_TADV * unit))
        delay = MITIGATION_TADV * unit;
    nic->delayed = false;
    return delay > LEAST_INTERVAL ? delay : LEAST_INTERVAL;
}

static void evaluate_line(struct emulated_nic *nic, struct cpu_context *ctx)
{
    bool pending = line_wanted(nic);
    struct emulated_vector *vector = line(nic);
    if (pending == vector->asserted) {
        cpu_return(ctx);
        return;
    }
    if (pending && sim_event_pending(&nic->mitigation)) {
        cpu_return(ctx);
        return;
    }
    sim_time gap = pending ? assertion_gap(nic) : 0;
    if (gap > 0)
        sim_schedule(nic->tap.bridge->host->sim, &nic->mitigation, emulated_now(nic) + gap);
    add_signal(ctx, line(nic), pending && !vector->delivered);
    cpu_run(ctx, line_raised, nic);
}

/* A timer of the device's has run out: its thread looks. Asleep, it has the host's timer wake it; at work it looks at
 * its timers when it next comes around. */
static void timer_over(struct emulated_nic *nic)
{
    if (nic->asleep)
        kernel_timer_expire(&nic->timer);
}

static void mitigation_over(struct sim *sim, struct sim_event *event)
{
    struct emulated_nic *nic = SIM_CONTAINER_OF(event, struct emulated_nic, mitigation);
    (void)sim;
    nic->evaluate_wanted = true;
    timer_over(nic);
}

/* ---- messages ---- */

static void message_raised(struct cpu_context *ctx, void *self)
{
    struct emulated_vector *vector = self;
    cpu_push(ctx, emulated_messages, vector->nic);
    raise_vector(vector, ctx);
}

/* Sends every message that is due, one system call each; ends by cpu_return(ctx). */
void emulated_messages(struct cpu_context *ctx, void *self)
{
    struct emulated_nic *nic = self;
    for (unsigned i = 0; i < nic->vector_count; i++) {
        struct emulated_vector *vector = &nic->vectors[i];
        if (!vector->due)
            continue;
        vector->due = false;
        add_signal(ctx, vector, true);
        cpu_run(ctx, message_raised, vector);
        return;
    }
    cpu_return(ctx);
}

/* The moderator lets the vector interrupt: a message masks itself, the line is looked at anew. */
static void vector_fires(struct moderator *moderator)
{
    struct emulated_vector *vector = SIM_CONTAINER_OF(moderator, struct emulated_vector, moderator);
    bool is_line = vector->nic->config.signal == EMULATED_LINE;
    if (!is_line)
        moderator_enable(moderator, false);
    vector->due = true;
    if (vector->nic->evaluating)
        return;
    vector->nic->evaluate_wanted |= is_line;
    timer_over(vector->nic);
}

static void count_causes(struct emulated_nic *nic, uint32_t causes)
{
    nic->evaluating = true;
    for (unsigned i = 0; i < nic->vector_count; i++)
        if (nic->vectors[i].causes & causes)
            moderator_event(&nic->vectors[i].moderator, 1);
    nic->evaluating = false;
}

/* ---- for the rest of the device ---- */

void emulated_cause_set(struct emulated_nic *nic, struct cpu_context *ctx, uint32_t causes)
{
    bool is_line = nic->config.signal == EMULATED_LINE;
    nic->cause |= causes;
    if (!is_line || !nic->config.emulation->interrupt_per_packet)
        count_causes(nic, causes);
    emulated_evaluate(nic, ctx);
}

uint32_t emulated_cause_take(struct emulated_nic *nic)
{
    uint32_t causes = nic->cause;
    nic->cause = 0;
    moderator_clear(&line(nic)->moderator);
    if (nic->config.signal == EMULATED_LINE) {
        line(nic)->due = false;
        nic->mask = nic->config.auto_mask ? 0 : nic->mask;
    }
    return causes;
}

void emulated_evaluate(struct emulated_nic *nic, struct cpu_context *ctx)
{
    if (nic->config.signal == EMULATED_LINE)
        evaluate_line(nic, ctx);
    else
        emulated_messages(ctx, nic);
}

/* A line is held back by the mitigation timer, a message by its vector's. */
void emulated_moderate(struct emulated_nic *nic, struct moderation_setting setting)
{
    if (nic->config.interval_floor && setting.interval < LEAST_INTERVAL)
        setting.interval = LEAST_INTERVAL;
    nic->throttle = setting.interval;
    for (unsigned i = 0; i < nic->vector_count && nic->config.emulation->interrupt_per_packet; i++)
        moderator_set(&nic->vectors[i].moderator, &setting);
}

void emulated_unmask(struct emulated_nic *nic, struct cpu_context *ctx, unsigned index)
{
    nic->evaluating = true;
    moderator_enable(&nic->vectors[index].moderator, true);
    nic->evaluating = false;
    emulated_messages(ctx, nic);
}

void emulated_irq_init(struct emulated_nic *nic, uint16_t component)
{
    struct sim *sim = nic->tap.bridge->host->sim;
    sim_event_init(&nic->mitigation, mitigation_over, component, 0);
    nic->vector_count = nic->config.signal == EMULATED_MSIX ? 2 : 1;
    for (unsigned i = 0; i < nic->vector_count; i++) {
        struct emulated_vector *vector = &nic->vectors[i];
        *vector = (struct emulated_vector){.nic = nic, .causes = CAUSE_TX | CAUSE_RX};
        moderator_init(&vector->moderator, sim, component, (uint8_t)(1 + i), vector_fires);
        moderator_enable(&vector->moderator, true);
        if (!nic->config.emulation->interrupt_per_packet)
            moderator_set(&vector->moderator,
                          &(struct moderation_setting){.frames = 64, .delay = 100 * SIM_US});
    }
    if (nic->vector_count == 2) {
        nic->vectors[0].causes = CAUSE_RX;
        nic->vectors[1].causes = CAUSE_TX;
    }
    emulated_moderate(nic, (struct moderation_setting){0}); /* as after a reset */
}

void emulated_nic_route(struct emulated_nic *nic, unsigned index, struct vcpu *vcpu, unsigned number)
{
    struct emulated_vector *vector = &nic->vectors[index];
    vector->vcpu = vcpu;
    vector->vector = number;
    if (nic->config.signal == EMULATED_LINE)
        vcpu_set_eoi_listener(vcpu, number, line_eoi, vector);
}
