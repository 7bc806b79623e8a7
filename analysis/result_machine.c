/* Cores, VMs, queues, and what was counted on them. */
#include <string.h>

#include "analysis/result_private.h"

/* ---- cores ---- */

static int64_t stall_cycles(const struct cpu *cpu, sim_time time)
{
    return (int64_t)((__int128)time * cpu_hz(cpu) / SIM_SECOND);
}

static int64_t account_cycles(const struct system *system, struct cpu *cpu, int account,
                              const struct system_window *window)
{
    const struct ledger *ledger = cpu_ledger(cpu);
    int category = account < ACCOUNT_EXIT ? account % CPU_CATEGORIES : -1;
    if (category == CPU_STALL)
        return stall_cycles(cpu, system_gain(system, &ledger->time[account], window->from, window->to));
    return system_gain(system, &ledger->cycles[account], window->from, window->to);
}

static int64_t delivered_in(const struct system *system, const struct system_window *window)
{
    int64_t sum = 0;
    for (size_t i = 0; i < system->traffic_count; i++) {
        const struct system_traffic *traffic = &system->traffic[i];
        sum += system_gain(system, &traffic->path.total.delivered, window->from, window->to);
        sum += system_gain(system, &traffic->reverse.total.delivered, window->from, window->to);
    }
    return sum;
}

static json_t *core(struct system *system, size_t index, const struct system_window *window, int64_t *sums)
{
    struct cpu *cpu = system->cores[index].cpu;
    const struct ledger *ledger = cpu_ledger(cpu);
    json_t *object = json_object(), *categories = json_object();
    __int128 span = window->end - window->start;
    int64_t idle = system_gain(system, &ledger->idle, window->from, window->to), cycles = 0;
    for (int account = 0; account < ACCOUNTS; account++) {
        int64_t count = account_cycles(system, cpu, account, window);
        if (count > 0)
            json_object_set_new(categories, account_name(account), json_integer(count));
        cycles += count;
        sums[account] += count;
    }
    json_object_set_new(object, "name", json_string(cpu_name(cpu)));
    json_object_set_new(object, "utilization", result_ratio(span - idle, span));
    json_object_set_new(object, "cycles", json_integer(cycles));
    json_object_set_new(object, "cycles_per_packet", result_ratio(cycles, delivered_in(system, window)));
    json_object_set_new(object, "by_category", categories);
    return object;
}

/* The sum over all cores: utilization in cores. */
static void add_all_cores(json_t *object, struct system *system, const struct system_window *window,
                          const int64_t *sums)
{
    json_t *cpu = json_object(), *categories = json_object();
    __int128 span = window->end - window->start, busy = 0;
    int64_t cycles = 0;
    for (size_t i = 0; i < system->core_count; i++) {
        const struct ledger *ledger = cpu_ledger(system->cores[i].cpu);
        busy += span - system_gain(system, &ledger->idle, window->from, window->to);
    }
    for (int account = 0; account < ACCOUNTS; account++) {
        cycles += sums[account];
        if (sums[account] > 0)
            json_object_set_new(categories, account_name(account), json_integer(sums[account]));
    }
    json_object_set_new(cpu, "utilization", result_ratio(busy, span));
    json_object_set_new(cpu, "cycles_per_packet", result_ratio(cycles, delivered_in(system, window)));
    json_object_set_new(cpu, "by_category", categories);
    json_object_set_new(object, "cpu", cpu);
}

void result_add_cores(json_t *object, struct system *system, const struct system_window *window)
{
    int64_t sums[ACCOUNTS] = {0};
    json_t *list = json_array();
    for (size_t i = 0; i < system->core_count; i++)
        json_array_append_new(list, core(system, i, window, sums));
    add_all_cores(object, system, window, sums);
    json_object_set_new(object, "cores", list);
}

/* ---- counts, per VM and of all ---- */

struct counts {
    json_t *exits, *sites, *accesses;
    int64_t kicks[2], raised, handled, eois, broadcasts;
};

static void bump(json_t *object, const char *name, int64_t count)
{
    if (count > 0)
        json_object_set_new(object, name,
                            json_integer(json_integer_value(json_object_get(object, name)) + count));
}

static void count_exits(struct counts *counts, const struct vcpu_counters *vcpu)
{
    static const char *const sites[] = {"kernel", "fast", "ioeventfd", "user", "coalesced"};
    for (int reason = 0; reason < EXIT_REASONS; reason++)
        if (vcpu->exits[reason] > 0)
            bump(counts->exits, exit_reason_name(reason), vcpu->exits[reason]);
    for (int site = 0; site < EXIT_SITES; site++)
        bump(counts->sites, sites[site], vcpu->sites[site]);
}

static void count_accesses(struct counts *counts, const struct attachment *attachment)
{
    for (int reg = 0; attachment->access && reg < REGISTERS; reg++) {
        const char *name = attachment->register_names[reg];
        char key[64];
        if (!name)
            continue;
        snprintf(key, sizeof(key), "%s.write", name);
        bump(counts->accesses, key, attachment->access->writes[reg]);
        snprintf(key, sizeof(key), "%s.read", name);
        bump(counts->accesses, key, attachment->access->reads[reg]);
    }
}

static void count_attachment(struct counts *counts, const struct attachment *attachment)
{
    count_accesses(counts, attachment);
    counts->raised += attachment->interrupts_raised(attachment);
    counts->handled += attachment->interrupts_handled(attachment);
    for (int tx = 0; tx < 2 && attachment->kicks; tx++)
        counts->kicks[tx] += attachment->kicks(attachment, tx);
    for (unsigned i = 0; attachment->vm && i < vm_vcpu_count(attachment->vm); i++) {
        struct vcpu *vcpu = vm_vcpu(attachment->vm, i);
        count_exits(counts, vcpu_counters(vcpu));
        counts->eois += (int64_t)lapic_eois(vcpu_lapic(vcpu));
        counts->broadcasts += (int64_t)lapic_eoi_broadcasts(vcpu_lapic(vcpu));
    }
}

static struct counts counts_make(void)
{
    return (struct counts){.exits = json_object(), .sites = json_object(), .accesses = json_object()};
}

static void counts_into(json_t *object, struct counts *counts)
{
    json_t *kicks = json_object(), *interrupts = json_object();
    json_object_set_new(kicks, "tx", json_integer(counts->kicks[1]));
    json_object_set_new(kicks, "rx", json_integer(counts->kicks[0]));
    json_object_set_new(interrupts, "raised", json_integer(counts->raised));
    json_object_set_new(interrupts, "handled", json_integer(counts->handled));
    json_object_set_new(object, "exits", counts->exits);
    json_object_set_new(object, "exit_sites", counts->sites);
    json_object_set_new(object, "accesses", counts->accesses);
    json_object_set_new(object, "kicks", kicks);
    json_object_set_new(object, "interrupts", interrupts);
    json_object_set_new(object, "eois", json_integer(counts->eois));
    json_object_set_new(object, "eoi_broadcasts", json_integer(counts->broadcasts));
}

/* The table of `perf kvm stat`: an exit reason, its samples, and the time from exit to entry. */
static json_t *exit_table(const struct vm *vm)
{
    json_t *list = json_array();
    for (int reason = 0; reason < EXIT_REASONS; reason++) {
        int64_t count = 0, time = 0;
        for (unsigned i = 0; i < vm_vcpu_count(vm); i++) {
            const struct vcpu_counters *counters = vcpu_counters(vm_vcpu((struct vm *)vm, i));
            count += counters->exits[reason];
            time += counters->exit_time[reason];
        }
        if (count == 0)
            continue;
        json_t *row = json_object();
        json_object_set_new(row, "reason", json_string(exit_reason_name(reason)));
        json_object_set_new(row, "count", json_integer(count));
        json_object_set_new(row, "time_ns", result_ratio(time, 1000));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *vcpu_counts(const struct vm *vm)
{
    struct vcpu_counters sum = {0};
    for (unsigned i = 0; i < vm_vcpu_count(vm); i++) {
        const struct vcpu_counters *one = vcpu_counters(vm_vcpu((struct vm *)vm, i));
        sum.injections += one->injections;
        sum.posted += one->posted;
        sum.kicks += one->kicks;
        sum.ipis += one->ipis;
        sum.halts += one->halts;
        sum.halt_polls_hit += one->halt_polls_hit;
        sum.wakeups += one->wakeups;
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "injections", (json_int_t)sum.injections,
                     "posted", (json_int_t)sum.posted, "kicks", (json_int_t)sum.kicks, "ipis",
                     (json_int_t)sum.ipis, "halts", (json_int_t)sum.halts, "halt_polls_hit",
                     (json_int_t)sum.halt_polls_hit, "wakeups", (json_int_t)sum.wakeups);
}

/* Where each vCPU's time went in the window; the times add up to it. */
static json_t *vcpu_times(const struct system *system, const struct vm *vm,
                          const struct system_window *window)
{
    static const char *const names[VCPU_TIMES] = {"guest_ns", "exit_ns", "halted_ns", "steal_ns"};
    json_t *list = json_array();
    for (unsigned i = 0; i < vm_vcpu_count(vm); i++) {
        const struct vcpu_counters *counters = vcpu_counters(vm_vcpu((struct vm *)vm, i));
        json_t *object = json_pack("{s:i}", "vcpu", (int)i);
        for (int state = 0; state < VCPU_TIMES; state++)
            json_object_set_new(
                object, names[state],
                result_ratio(system_gain(system, &counters->time[state], window->from, window->to), 1000));
        json_array_append_new(list, object);
    }
    return list;
}

/* By virtqueue number, as the driver notifies it: 2q receives, 2q + 1 transmits. */
static json_t *virtqueues(const struct attachment *attachment)
{
    json_t *list = json_array();
    for (unsigned queue = 0; queue < attachment->virtqueues; queue++) {
        struct virtqueue_counts counts = attachment->virtqueue_counts(attachment, queue);
        json_array_append_new(list, json_pack("{s:i, s:I, s:I}", "queue", (int)queue, "kicks",
                                              (json_int_t)counts.kicks, "interrupts",
                                              (json_int_t)counts.interrupts));
    }
    return list;
}

const char *result_vm_name(const struct attachment *attachment)
{
    return attachment->vm ? attachment->kernel->name : "host";
}

void result_add_vms(json_t *object, const struct system *system, const struct system_window *window)
{
    json_t *list = json_array();
    for (size_t i = 0; i < system->attachment_count; i++) {
        const struct attachment *attachment = &system->attachments[i];
        json_t *vm = json_object();
        struct counts counts = counts_make();
        count_attachment(&counts, attachment);
        json_object_set_new(vm, "name", json_string(result_vm_name(attachment)));
        json_object_set_new(vm, "strategy", json_string(attachment->strategy->name));
        counts_into(vm, &counts);
        if (attachment->virtqueues > 0)
            json_object_set_new(vm, "virtqueues", virtqueues(attachment));
        if (attachment->vm) {
            json_object_set_new(vm, "exit_table", exit_table(attachment->vm));
            json_object_set_new(vm, "vcpus", vcpu_counts(attachment->vm));
            json_object_set_new(vm, "vcpu_times", vcpu_times(system, attachment->vm, window));
        }
        json_array_append_new(list, vm);
    }
    json_object_set_new(object, "vms", list);
}

/* Native VMs share their NIC's driver: its counts are those of the first of them. */
static bool is_counted(const struct system *system, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (system->attachments[i].access == system->attachments[index].access)
            return true;
    return false;
}

void result_add_counts(json_t *object, const struct system *system)
{
    struct counts counts = counts_make();
    for (size_t i = 0; i < system->attachment_count; i++)
        if (!is_counted(system, i))
            count_attachment(&counts, &system->attachments[i]);
    counts_into(object, &counts);
    const struct iommu_counters *iommu = iommu_counters(system->iommu);
    json_object_set_new(object, "invalidations",
                        json_pack("{s:I, s:I, s:I, s:I}", "iotlb", (json_int_t)0, "device_tlb", (json_int_t)0,
                                  "wait", (json_int_t)0, "queue_tail_writes", (json_int_t)0));
    json_object_set_new(object, "iommu",
                        json_pack("{s:I, s:I, s:I, s:I}", "translations", (json_int_t)iommu->translations,
                                  "iotlb_hits", (json_int_t)iommu->iotlb_hits, "iotlb_misses",
                                  (json_int_t)iommu->iotlb_misses, "walk_reads",
                                  (json_int_t)iommu->walk_reads));
}

/* ---- NIC queues ---- */

static json_t *queue(const struct nic *nic, unsigned function, unsigned number)
{
    const struct nic_queue_counters *own = nic_counters(nic, function, number);
    return json_pack("{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "function", (int)function, "queue",
                     (int)number, "tx_packets", (json_int_t)own->tx_packets, "rx_packets",
                     (json_int_t)own->rx_packets, "descriptor_fetches", (json_int_t)own->descriptor_fetches,
                     "descriptors_fetched", (json_int_t)own->descriptors_fetched, "write_backs",
                     (json_int_t)own->write_backs, "doorbells", (json_int_t)own->doorbells, "refills",
                     (json_int_t)own->refills, "interrupts",
                     (json_int_t)nic_interrupts(nic, function, number));
}

static json_t *tlps(const struct pcie_counters *own)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "memory_writes",
                     (json_int_t)own->memory_writes, "memory_reads", (json_int_t)own->memory_reads,
                     "completions", (json_int_t)own->completions, "msis", (json_int_t)own->msis,
                     "mmio_writes", (json_int_t)own->mmio_writes, "mmio_reads", (json_int_t)own->mmio_reads,
                     "bytes_up", (json_int_t)own->bytes_up, "bytes_down", (json_int_t)own->bytes_down);
}

static void add_function(json_t *queues, json_t *functions, const struct system_nic *nic, size_t index,
                         unsigned function)
{
    json_t *counts = tlps(dma_counters(nic_dma(nic->nic), function));
    json_object_set_new(counts, "nic", json_integer((json_int_t)index));
    json_object_set_new(counts, "function", json_integer(function));
    json_array_append_new(functions, counts);
    for (unsigned number = 0; number < nic->config->queues; number++) {
        json_t *object = queue(nic->nic, function, number);
        json_object_set_new(object, "nic", json_integer((json_int_t)index));
        json_array_append_new(queues, object);
    }
}

void result_add_queues(json_t *object, const struct system *system)
{
    json_t *queues = json_array(), *functions = json_array();
    for (size_t i = 0; i < system->nic_count; i++)
        for (unsigned function = 0; function <= system->nics[i].functions_used; function++)
            add_function(queues, functions, &system->nics[i], i, function);
    json_object_set_new(object, "queues", queues);
    json_object_set_new(object, "tlps", functions);
}
