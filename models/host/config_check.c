/*
 * What single rows of a configuration cannot see: references to what does not exist, names and bus numbers that are
 * given twice, resources that are fewer than those who want them. What passes here can be built and run.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/host/placement.h"
#include "models/strategy/all.h"
#include "sim/assert.h"

enum { PATH_SIZE = 128, MESSAGE_SIZE = 256, NAME_LENGTH_MAX = 40, COMPONENTS_MAX = 60000 };

/* Interrupt vectors that a core's lapic has, and those that its kernel and each vCPU on it take. */
enum { CORE_VECTORS = 200, KERNEL_VECTORS = 1, VCPU_VECTORS = 3 };

#define MIB (INT64_C(1) << 20)

struct check {
    const struct config *config;
    config_report *report;
    void *self;
};

static void complain(const struct check *check, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(const struct check *check, const char *path, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    check->report(check->self, path, message);
}

static const struct vm_config *vm_at(const struct config *config, size_t index)
{
    return (const struct vm_config *)config->vms.items + index;
}

static const struct nic_config *nic_at(const struct config *config, size_t index)
{
    return (const struct nic_config *)config->nics.items + index;
}

static const struct traffic_config *traffic_at(const struct config *config, size_t index)
{
    return (const struct traffic_config *)config->traffic.items + index;
}

/* ---- NICs ---- */

int64_t config_bus(const struct config *config, size_t index)
{
    bool taken[256] = {false};
    size_t before = 0;
    if (nic_at(config, index)->bus != 0)
        return nic_at(config, index)->bus;
    for (size_t i = 0; i < config->nics.count; i++) {
        taken[nic_at(config, i)->bus] = true;
        before += i < index && nic_at(config, i)->bus == 0;
    }
    for (int64_t bus = 1; bus < 256; bus++)
        if (!taken[bus] && before-- == 0)
            return bus;
    SIM_ASSERT(!"more NICs than bus numbers");
    return 0;
}

static void check_nic(const struct check *check, size_t index)
{
    const struct nic_config *nic = nic_at(check->config, index);
    char path[PATH_SIZE];
    const char *key = NULL, *wrong = pcie_link_check(&nic->link, &key);
    if (wrong) {
        snprintf(path, sizeof(path), "nics[%zu].link.%s", index, key);
        complain(check, path, "%s", wrong);
    }
    snprintf(path, sizeof(path), "nics[%zu].bus", index);
    for (size_t i = 0; i < index && nic->bus != 0; i++)
        if (nic_at(check->config, i)->bus == nic->bus)
            complain(check, path, "bus %" PRId64 " is that of nics[%zu] already", nic->bus, i);
}

/* ---- VMs ---- */

static void check_core(const struct check *check, size_t index, const char *key, int64_t core)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "vms[%zu].%s", index, key);
    if (core >= check->config->host.cores)
        complain(check, path, "there is no core %" PRId64 ": the host has %" PRId64 ", numbered from 0", core,
                 check->config->host.cores);
}

static void check_virtio(const struct check *check, size_t index)
{
    const char *key = NULL;
    const char *wrong = virtio_config_problem(&vm_at(check->config, index)->virtio, &key);
    char path[PATH_SIZE];
    if (!wrong)
        return;
    snprintf(path, sizeof(path), "vms[%zu].virtio.%s", index, key);
    complain(check, path, "%s", wrong);
}

/* VF number `count` of its NIC is this VM's. */
static void check_passthrough(const struct check *check, size_t index)
{
    const struct config *config = check->config;
    int64_t own = vm_at(config, index)->nic, count = 0;
    char path[PATH_SIZE];
    for (size_t i = 0; i <= index; i++)
        count += vm_at(config, i)->nic == own && placement_strategy(config, i) == &strategy_passthrough;
    snprintf(path, sizeof(path), "vms[%zu].nic", index);
    if (count > nic_at(config, (size_t)own)->vfs)
        complain(check, path,
                 "NIC %" PRId64 " has no virtual function left for it: nics[%" PRId64 "].vfs is %" PRId64,
                 own, own, nic_at(config, (size_t)own)->vfs);
    if (!config->host.iommu.enabled && count == 1)
        complain(check, "host.iommu.enabled",
                 "passthrough needs the IOMMU: devices see the guest's addresses");
}

static void check_vm(const struct check *check, size_t index)
{
    const struct config *config = check->config;
    const struct vm_config *vm = vm_at(config, index);
    char path[PATH_SIZE];
    check_core(check, index, "core", vm->core);
    check_core(check, index, "backend_core", vm->backend_core);
    check_core(check, index, "irq_core", vm->irq_core);
    if (vm->nic >= (int64_t)config->nics.count) {
        snprintf(path, sizeof(path), "vms[%zu].nic", index);
        complain(check, path, "there is no NIC %" PRId64 ": the scenario has %zu, numbered from 0", vm->nic,
                 config->nics.count);
        return;
    }
    if (placement_strategy(config, index) == &strategy_virtio)
        check_virtio(check, index);
    if (placement_strategy(config, index) == &strategy_passthrough)
        check_passthrough(check, index);
}

/* ---- traffic ---- */

struct traffic_place {
    const struct check *check;
    size_t index;
};

static void traffic_wrong(void *self, const char *key, const char *message)
{
    const struct traffic_place *place = self;
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "traffic[%zu].%s", place->index, key);
    complain(place->check, path, "%s", message);
}

static void check_traffic(const struct check *check, size_t index)
{
    const struct config *config = check->config;
    const struct traffic_config *traffic = traffic_at(config, index);
    struct traffic_place place = {.check = check, .index = index};
    char path[PATH_SIZE];
    traffic_check(traffic, traffic_wrong, &place);
    if (traffic->vm >= (int64_t)config->vms.count) {
        snprintf(path, sizeof(path), "traffic[%zu].vm", index);
        complain(check, path, "there is no VM %" PRId64 ": the scenario has %zu, numbered from 0",
                 traffic->vm, config->vms.count);
        return;
    }
    int64_t vcpus = vm_at(config, (size_t)traffic->vm)->vcpus;
    snprintf(path, sizeof(path), "traffic[%zu].vcpu", index);
    if (traffic->vcpu >= vcpus)
        complain(check, path, "there is no vCPU %" PRId64 ": the VM has %" PRId64 ", numbered from 0",
                 traffic->vcpu, vcpus);
}

/* ---- names ---- */

struct name {
    char text[NAME_LENGTH_MAX + 1];
    size_t index;
};

static int by_text(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

static void check_name(const struct check *check, const char *path, const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(name);
    if (length == 0 || length > NAME_LENGTH_MAX)
        complain(check, path, "a name has 1 to %d characters", NAME_LENGTH_MAX);
    else if (strspn(name, allowed) != length)
        complain(check, path, "a name has letters, digits, '-' and '_' only");
    else if (strcmp(name, "host0") == 0 || strncmp(name, "peer", 4) == 0)
        complain(check, path, "`%s` is the name of a part of every system", name);
}

/* Names within a list differ, those that are given by default included. */
static void check_names(const struct check *check, const char *list, const char *standard, size_t count,
                        const char *(*name_of)(const struct config *config, size_t index))
{
    struct name *names = calloc(count, sizeof(*names));
    char path[PATH_SIZE];
    SIM_ASSERT(names || count == 0);
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(check->config, i);
        snprintf(path, sizeof(path), "%s[%zu].name", list, i);
        if (name)
            check_name(check, path, name);
        names[i].index = i;
        if (name)
            snprintf(names[i].text, sizeof(names[i].text), "%s", name);
        else
            snprintf(names[i].text, sizeof(names[i].text), "%s%zu", standard, i);
    }
    qsort(names, count, sizeof(*names), by_text);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1].text, names[i].text) != 0)
            continue;
        snprintf(path, sizeof(path), "%s[%zu].name", list, names[i].index);
        complain(check, path, "`%s` is the name of %s[%zu] already", names[i].text, list, names[i - 1].index);
    }
    free(names);
}

static const char *vm_name(const struct config *config, size_t index)
{
    return vm_at(config, index)->name;
}

static const char *traffic_name(const struct config *config, size_t index)
{
    return traffic_at(config, index)->name;
}

/* ---- memory ---- */

/* Whether packets larger than a frame are sent to the driver of VM `index`. */
static bool has_large(const struct config *config, size_t index)
{
    for (size_t i = 0; i < config->traffic.count; i++) {
        const struct traffic_config *traffic = traffic_at(config, i);
        const struct arrival_ops *arrival = traffic->arrival.model->ops;
        const struct size_ops *size = traffic->size.model->ops;
        if (traffic->vm != (int64_t)index)
            continue;
        if (traffic->segment > 0 || arrival->replay || size->most(traffic->size.config) > TRAFFIC_SIZE_MTU)
            return true;
    }
    return false;
}

/* What a ring driver's queue pair takes at most [B]: rings, and buffers for all descriptors. */
static int64_t ring_memory(int64_t tx_size, int64_t rx_size, int64_t gso_max, bool large)
{
    int64_t buffer = large && gso_max > RING_BUFFER ? gso_max + PAGE_SIZE : RING_BUFFER;
    return (tx_size + rx_size) * 16 + 4 * PAGE_SIZE + rx_size * RING_BUFFER + tx_size * buffer;
}

/* The same for a pair of virtqueues: rings, indirect tables, and a buffer an entry. */
static int64_t virtqueue_memory(const struct virtio_config *virtio, bool large)
{
    enum { RING_ENTRY = 32, TABLE = 32 * 16, LARGE = 18 * PAGE_SIZE };
    int64_t tx = large && virtio->gso ? LARGE : PAGE_SIZE,
            rx = virtio->gso && !virtio->mergeable ? LARGE : PAGE_SIZE;
    return virtio->queue_size * (2 * (RING_ENTRY + TABLE) + tx + rx) + 8 * PAGE_SIZE;
}

static int64_t driver_memory(const struct config *config, size_t index)
{
    const struct vm_config *vm = vm_at(config, index);
    const struct nic_config *nic = nic_at(config, (size_t)vm->nic);
    const struct strategy *strategy = placement_strategy(config, index);
    bool large = has_large(config, index);
    if (strategy == &strategy_passthrough)
        return nic->queues * ring_memory(nic->tx_ring, nic->rx_ring, nic->tso_max, large);
    if (strategy == &strategy_emulation)
        return ring_memory(vm->emulation.tx_ring, vm->emulation.rx_ring, 65536, large);
    return vm->virtio.queues * virtqueue_memory(&vm->virtio, large);
}

/* What the host's own drivers and the IOMMU's tables take on node 0 at most [B]. */
static int64_t host_memory(const struct config *config)
{
    int64_t sum = 4 * MIB;
    bool large = false;
    for (size_t i = 0; i < config->vms.count; i++) {
        large |= has_large(config, i);
        sum += placement_strategy(config, i) == &strategy_passthrough
                   ? vm_at(config, i)->memory / 256 + 64 * 1024
                   : 0;
    }
    for (size_t i = 0; i < config->nics.count; i++) {
        const struct nic_config *nic = nic_at(config, i);
        sum += nic->queues * ring_memory(nic->tx_ring, nic->rx_ring, nic->tso_max, large);
    }
    return sum;
}

static void check_vm_memory(const struct check *check, size_t index, int64_t *left)
{
    const struct config *config = check->config;
    const struct vm_config *vm = vm_at(config, index);
    int64_t own = driver_memory(config, index) + MIB;
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "vms[%zu].memory", index);
    if (own > vm->memory)
        complain(check, path,
                 "too little for its network driver's rings and buffers: they take up to %" PRId64 "MiB",
                 (own + MIB - 1) / MIB);
    if ((*left -= vm->memory) < 0)
        complain(check, path,
                 "%" PRId64 "MiB is more than the %" PRId64
                 "MiB that the VMs and drivers before it leave of its node; "
                 "host.memory.node_size is %" PRId64 "MiB",
                 (vm->memory + MIB - 1) / MIB, (*left + vm->memory) / MIB,
                 config->host.memory.node_size / MIB);
}

static void check_memory(const struct check *check)
{
    const struct config *config = check->config;
    int64_t left[8], nodes = config->host.memory.nodes, own = host_memory(config);
    for (int64_t node = 0; node < nodes; node++)
        left[node] = config->host.memory.node_size;
    left[0] -= own;
    if (left[0] < 0)
        complain(check, "host.memory.node_size",
                 "%" PRId64
                 "MiB is too little for the host's drivers: their rings and buffers take up to %" PRId64
                 "MiB",
                 config->host.memory.node_size / MIB, (own + MIB - 1) / MIB);
    for (size_t i = 0; i < config->vms.count && left[0] >= 0; i++) {
        if (!placement_strategy(config, i)->needs_vm)
            continue;
        int64_t core = placement_core(config, placement_of(config, i, false).vcpu);
        check_vm_memory(check, i, &left[core * nodes / config->host.cores]);
    }
}

/* ---- how much of everything ---- */

static void count_vm_vectors(const struct config *config, size_t index, unsigned *vectors)
{
    const struct vm_config *vm = vm_at(config, index);
    const struct hypervisor_config *hypervisor = &config->host.hypervisor;
    const struct strategy *strategy = placement_strategy(config, index);
    if (!strategy->needs_vm)
        return;
    unsigned first = placement_of(config, index, false).vcpu;
    for (unsigned i = 0; i < vm->vcpus; i++)
        vectors[placement_core(config, first + i)] += VCPU_VECTORS;
    if (strategy != &strategy_passthrough || (hypervisor->apicv && hypervisor->posted_interrupts))
        return;
    for (unsigned i = 0; i < nic_at(config, (size_t)vm->nic)->queues; i++)
        vectors[placement_core(config, first + i % (unsigned)vm->vcpus)]++;
}

static void check_vectors(const struct check *check)
{
    const struct config *config = check->config;
    unsigned *vectors = calloc((size_t)config->host.cores, sizeof(*vectors));
    SIM_ASSERT(vectors);
    for (size_t i = 0; i < config->nics.count; i++)
        for (unsigned queue = 0; queue < nic_at(config, i)->queues; queue++)
            vectors[placement_queue_core(config, i, queue)]++;
    for (size_t i = 0; i < config->vms.count; i++)
        count_vm_vectors(config, i, vectors);
    for (int64_t core = 0; core < config->host.cores; core++)
        if (vectors[core] + KERNEL_VECTORS > CORE_VECTORS)
            complain(check, "host.cores",
                     "core %" PRId64
                     " would take %u interrupt vectors, for its NIC queues and %d a vCPU: it has %d",
                     core, vectors[core] + KERNEL_VECTORS, VCPU_VECTORS, CORE_VECTORS);
    free(vectors);
}

/* Components are numbered by 16 bits. */
static void check_components(const struct check *check)
{
    const struct config *config = check->config;
    int64_t sum = 2 * config->host.cores + 4 * (int64_t)config->traffic.count;
    for (size_t i = 0; i < config->nics.count; i++)
        sum += 8 + nic_at(config, i)->queues;
    for (size_t i = 0; i < config->vms.count; i++) {
        bool passthrough = placement_strategy(config, i) == &strategy_passthrough;
        sum += 4 + 3 * vm_at(config, i)->vcpus;
        sum += passthrough ? nic_at(config, (size_t)vm_at(config, i)->nic)->queues
                           : 2 * vm_at(config, i)->virtio.queues;
    }
    if (sum > COMPONENTS_MAX)
        complain(check, "vms", "the system is too large: vCPUs, queues and traffic make more than %d parts",
                 COMPONENTS_MAX);
}

static void check_each(const struct check *check)
{
    char duration[48];
    for (size_t i = 0; i < check->config->nics.count; i++)
        check_nic(check, i);
    for (size_t i = 0; i < check->config->vms.count; i++)
        check_vm(check, i);
    for (size_t i = 0; i < check->config->traffic.count; i++)
        check_traffic(check, i);
    check_names(check, "vms", "vm", check->config->vms.count, vm_name);
    check_names(check, "traffic", "traffic", check->config->traffic.count, traffic_name);
    if (check->config->warmup >= check->config->duration)
        complain(check, "warmup", "must be shorter than the `duration` of %s",
                 unit_format(check->config->duration, UNIT_TIME, duration, sizeof(duration)));
}

struct report_count {
    config_report *report;
    void *self;
    size_t count;
};

static void count_report(void *self, const char *path, const char *message)
{
    struct report_count *count = self;
    count->count++;
    count->report(count->self, path, message);
}

void config_check(const struct config *config, config_report *report, void *self)
{
    struct report_count count = {.report = report, .self = self};
    struct check check = {.config = config, .report = count_report, .self = &count};
    check_each(&check);
    if (count.count > 0)
        return; /* the sums need references that exist */
    check_memory(&check);
    check_vectors(&check);
    check_components(&check);
}
