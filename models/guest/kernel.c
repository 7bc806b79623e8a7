#include "models/guest/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "models/guest/napi.h"
#include "models/guest/timer.h"
#include "sim/assert.h"

void kernel_init(struct kernel *kernel, struct sim *sim, const char *name, const struct costs *costs,
                 struct address_space *space, struct memory *memory, bool guest)
{
    *kernel = (struct kernel){
        .sim = sim,
        .name = strdup(name),
        .costs = costs,
        .space = space,
        .memory = memory,
        .guest = guest,
    };
    kernel->cpus = calloc(guest ? KERNEL_CPUS_MAX : KERNEL_HOST_CPUS_MAX, sizeof(*kernel->cpus));
    SIM_ASSERT(kernel->name && kernel->cpus);
}

void kernel_destroy(struct kernel *kernel)
{
    free((char *)kernel->name);
    free(kernel->cpus);
    kernel->name = NULL;
    kernel->cpus = NULL;
}

unsigned kernel_add_cpu(struct kernel *kernel, struct cpu *cpu, struct lapic *lapic)
{
    SIM_ASSERT(kernel->cpu_count <
               (kernel->guest ? (unsigned)KERNEL_CPUS_MAX : (unsigned)KERNEL_HOST_CPUS_MAX));
    struct kernel_cpu *own = &kernel->cpus[kernel->cpu_count];
    *own = (struct kernel_cpu){.kernel = kernel, .cpu = cpu, .lapic = lapic};
    own->timer_vector = lapic_allocate(lapic, kernel_timer_interrupt, own, false);
    if (kernel->guest)
        own->wake_vector = lapic_allocate(lapic, wake_list_interrupt, own, false);
    cpu_context_init(&own->softirq, cpu, "softirq", CPU_SOFTIRQ, napi_softirq, own);
    cpu_context_init(&own->ksoftirqd, cpu, "ksoftirqd", CPU_TASK, napi_ksoftirqd, own);
    sleeper_init(&own->ksoftirqd_sleeper, &own->ksoftirqd, own);
    return kernel->cpu_count++;
}

void kernel_add_send(struct kernel *kernel, struct cpu_context *ctx, const struct packet *packet, bool first)
{
    const struct costs *costs = kernel->costs;
    cpu_add(ctx, CPU_APP, SHARE_PACKET, costs->app);
    cpu_add(ctx, CPU_SYSCALL, SHARE_PACKET, (first ? costs->syscall : 0) + costs->socket_send);
    cpu_add(ctx, CPU_COPY, SHARE_PACKET, costs_copy(costs, packet->length));
    cpu_add(ctx, CPU_STACK, SHARE_PACKET, costs->stack_send);
}

void netdev_wait(struct netdev *netdev, struct send_waiter *waiter)
{
    if (waiter->waiting)
        return;
    waiter->waiting = true;
    waiter->next = NULL;
    struct send_waiter **end = &netdev->waiters;
    while (*end)
        end = &(*end)->next;
    *end = waiter;
}

void netdev_wake(struct netdev *netdev)
{
    struct send_waiter *waiter = netdev->waiters;
    netdev->waiters = NULL;
    while (waiter) {
        struct send_waiter *next = waiter->next;
        waiter->waiting = false;
        waiter->wake(waiter);
        waiter = next;
    }
}
