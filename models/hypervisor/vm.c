#include <stdio.h>
#include <stdlib.h>

#include "models/hypervisor/vm_private.h"

/* Guest RAM is in two pieces: 32-bit devices and the interrupt range lie between them. */
#define RAM_LOW_END (UINT64_C(3) << 30)
#define RAM_HIGH_START (UINT64_C(4) << 30)
#define SUPERPAGE (UINT64_C(2) << 20)

static uint64_t whole_pages(uint64_t size)
{
    return (size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

static void remember_block(struct vm *vm, uint64_t hpa, uint64_t size)
{
    if (vm->block_count == vm->block_capacity) {
        vm->block_capacity = vm->block_capacity ? 2 * vm->block_capacity : 16;
        vm->blocks = realloc(vm->blocks, vm->block_capacity * sizeof(struct vm_block));
        SIM_ASSERT(vm->blocks != NULL);
    }
    vm->blocks[vm->block_count++] = (struct vm_block){hpa, size};
}

/* Backs GPA [gpa, gpa + size) with one contiguous piece of host memory. */
static bool back_whole(struct vm *vm, uint64_t gpa, uint64_t size)
{
    uint64_t align = size >= SUPERPAGE ? SUPERPAGE : PAGE_SIZE;
    uint64_t hpa = memory_allocate(vm->memory, vm->node, size, align);
    if (hpa == 0)
        return false;
    remember_block(vm, hpa, size);
    address_space_map(vm->space, gpa, hpa, size);
    return true;
}

/* As back_whole(), in pieces of `piece` [B] or, where the host has none, in the next smaller size. */
static bool back_pieces(struct vm *vm, uint64_t gpa, uint64_t size, uint64_t piece)
{
    for (uint64_t done = 0; done < size;) {
        uint64_t now = size - done < piece ? size - done : piece;
        if (!back_whole(vm, gpa + done, now) &&
            (piece == PAGE_SIZE || !back_pieces(vm, gpa + done, now, PAGE_SIZE)))
            return false;
        done += now;
    }
    return true;
}

static bool back_range(struct vm *vm, uint64_t gpa, uint64_t size)
{
    return size == 0 || back_whole(vm, gpa, size) || back_pieces(vm, gpa, size, SUPERPAGE);
}

static bool back_memory(struct vm *vm)
{
    uint64_t low = vm->memory_size < RAM_LOW_END ? vm->memory_size : RAM_LOW_END;
    return back_range(vm, 0, low) && back_range(vm, RAM_HIGH_START, vm->memory_size - low);
}

static void release_memory(struct vm *vm)
{
    for (size_t i = 0; i < vm->block_count; i++)
        memory_free(vm->memory, vm->blocks[i].hpa, vm->blocks[i].size);
    free(vm->blocks);
    address_space_destroy(vm->space);
}

struct vm *vm_create(struct sim *sim, const char *name, const struct hypervisor_config *config,
                     const struct costs *costs, struct memory *memory, int node, uint64_t memory_size)
{
    SIM_ASSERT(memory_size > 0 && memory_size <= UINT64_C(1) << 46);
    SIM_ASSERT(config->halt_poll >= 0 && config->halt_poll_start >= 0 && config->halt_poll_grow >= 0);
    SIM_ASSERT(config->guest_tick == TICK_OFF || config->guest_hz > 0);
    struct vm *vm = calloc(1, sizeof(*vm));
    SIM_ASSERT(vm != NULL);
    vm->sim = sim;
    vm->config = *config;
    vm->costs = costs;
    vm->memory = memory;
    vm->node = node;
    vm->memory_size = whole_pages(memory_size);
    vm->space = address_space_create(memory, false);
    if (!back_memory(vm)) {
        release_memory(vm);
        free(vm);
        return NULL;
    }
    kernel_init(&vm->kernel, sim, name, costs, vm->space, memory, true);
    return vm;
}

void vm_destroy(struct vm *vm)
{
    if (!vm)
        return;
    for (unsigned i = 0; i < vm->vcpu_count; i++)
        vcpu_destroy(vm->vcpus[i]);
    kernel_destroy(&vm->kernel);
    release_memory(vm);
    free(vm);
}

struct kernel *vm_kernel(struct vm *vm)
{
    return &vm->kernel;
}

struct address_space *vm_space(struct vm *vm)
{
    return vm->space;
}

uint64_t vm_memory_size(const struct vm *vm)
{
    return vm->memory_size;
}

bool vm_posts_interrupts(const struct vm *vm)
{
    return vm->config.apicv && vm->config.posted_interrupts;
}

unsigned vm_add_vcpu(struct vm *vm, struct cpu *core, struct lapic *core_lapic)
{
    SIM_ASSERT(vm->vcpu_count < KERNEL_CPUS_MAX && lapic_cpu(core_lapic) == core);
    vcpu_create(vm, core, core_lapic);
    return vm->vcpu_count - 1;
}

void vm_start(struct vm *vm)
{
    for (unsigned i = 0; i < vm->vcpu_count; i++) {
        cpu_set_fair(vm->vcpus[i]->cpu, vm->config.guest_slice > 0 ? vm->vcpu_count : 0);
        cpu_wake(&vm->vcpus[i]->thread);
    }
}

struct vcpu *vm_vcpu(struct vm *vm, unsigned index)
{
    SIM_ASSERT(index < vm->vcpu_count);
    return vm->vcpus[index];
}

unsigned vm_vcpu_count(const struct vm *vm)
{
    return vm->vcpu_count;
}
