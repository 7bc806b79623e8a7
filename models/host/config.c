#include "models/host/config.h"

#include <stdio.h>

#include "models/strategy/strategy.h"

static const char *const tick_modes[] = {"off", "idle", "always", NULL};

static const struct param host_rows[] = {
    PARAM_INTEGER_ROW(struct host_config, cores, 1, 1024, "4", "physical cores, spread evenly over the NUMA nodes"),
    PARAM_QUANTITY_ROW(struct host_config, frequency, UNIT_FREQUENCY, 100000000, 10000000000, "2.8GHz",
                       "clock of every core"),
    PARAM_COST_ROW(struct host_config, idle_wake, UNIT_TIME, 0, SIM_MS, "1us",
                   "from an interrupt to an idle core's first cycle (leaving C1)"),
    PARAM_QUANTITY_ROW(struct host_config, time_slice, UNIT_TIME, 0, SIM_SECOND, "3ms",
                       "time slice of threads that share a core; 0: until they block"),
    PARAM_CHOICE_ROW(struct host_config, tick, tick_modes, "idle", "timer tick of the host's cores"),
    PARAM_INTEGER_ROW(struct host_config, hz, 24, 10000, "250", "timer ticks a second of the host's kernel"),
    PARAM_INTEGER_ROW(struct host_config, tap_queue, 1, 1000000, "1000", "packets a tap device queues"),
    PARAM_GROUP_ROW(struct host_config, memory, &memory_table, "memory and NUMA nodes"),
    PARAM_GROUP_ROW(struct host_config, root, &root_complex_table, "root complexes, one a node"),
    PARAM_GROUP_ROW(struct host_config, iommu, &iommu_table, "the IOMMU"),
    PARAM_GROUP_ROW(struct host_config, hypervisor, &hypervisor_table, "the hypervisor"),
};

static const struct param_table host_table = {
    .name = "host",
    .help = "the physical machine",
    .size = sizeof(struct host_config),
    .params = host_rows,
    .count = PARAM_COUNT(host_rows),
    .profiles = true,
    .profile_folder = "hosts",
};

static const struct param vm_rows[] = {
    PARAM_TEXT_ROW(struct vm_config, name, NULL, false, "name for reports; vm0, vm1, ... by default"),
    PARAM_CHOICE_ROW(struct vm_config, strategy, vm_strategy_names, "scenario", "how its network interface is provided"),
    PARAM_INTEGER_ROW(struct vm_config, vcpus, 1, KERNEL_CPUS_MAX, "1", "virtual processors"),
    PARAM_QUANTITY_ROW(struct vm_config, memory, UNIT_SIZE, 1 << 20, (int64_t)1 << 42, "1GiB", "guest memory"),
    PARAM_INTEGER_ROW(struct vm_config, nic, 0, 63, "0", "which NIC it uses, from 0"),
    PARAM_INTEGER_ROW(struct vm_config, core, -1, 1023, "-1", "core of its first vCPU, the others follow; -1: chosen"),
    PARAM_INTEGER_ROW(struct vm_config, backend_core, -1, 1023, "-1",
                      "core of the vhost worker or device thread; -1: chosen; may be a vCPU's"),
    PARAM_INTEGER_ROW(struct vm_config, irq_core, -1, 1023, "-1",
                      "core that takes the physical NIC's interrupts for this VM; -1: chosen"),
    PARAM_GROUP_ROW(struct vm_config, virtio, &virtio_table, "its virtio-net device, strategy virtio"),
    PARAM_GROUP_ROW(struct vm_config, emulation, &emulation_table, "its emulated NIC, strategy emulation"),
};

static const struct param_table vm_table = {
    .name = "vm",
    .help = "a virtual machine; natively, the applications run on its cores without it",
    .size = sizeof(struct vm_config),
    .params = vm_rows,
    .count = PARAM_COUNT(vm_rows),
};

static const struct param root_rows[] = {
    PARAM_CHOICE_ROW(struct config, strategy, strategy_names, "native", "how VMs reach the NIC"),
    PARAM_QUANTITY_ROW(struct config, duration, UNIT_TIME, 1, 1000 * SIM_SECOND, "100ms", "simulated time"),
    PARAM_QUANTITY_ROW(struct config, warmup, UNIT_TIME, 0, 1000 * SIM_SECOND, "0",
                       "simulated time before statistics count; 0: found afterwards (MSER-5)"),
    PARAM_INTEGER_ROW(struct config, seed, 0, INT64_MAX, "1", "key of every random stream"),
    PARAM_GROUP_ROW(struct config, host, &host_table, "the physical machine"),
    PARAM_GROUP_ROW(struct config, costs, &costs_table, "unit costs of software"),
    PARAM_LIST_ROW(struct config, nics, &nic_table, 1, 64, "network interface cards"),
    PARAM_LIST_ROW(struct config, vms, &vm_table, 1, 1000, "virtual machines"),
    PARAM_LIST_ROW(struct config, traffic, &traffic_table, 1, 4000, "traffic paths"),
};

const struct param_table config_table = {
    .name = "scenario",
    .help = "a scenario: a host, its NICs and VMs, and their traffic",
    .size = sizeof(struct config),
    .params = root_rows,
    .count = PARAM_COUNT(root_rows),
};

static void check_vm(const struct config *config, size_t index, config_report *report, void *self)
{
    const struct vm_config *vm = (const struct vm_config *)config->vms.items + index;
    char path[64], message[160];
    const struct {
        const char *key;
        int64_t value;
    } cores[] = {{"core", vm->core}, {"backend_core", vm->backend_core}, {"irq_core", vm->irq_core}};
    for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++) {
        if (cores[i].value < config->host.cores)
            continue;
        snprintf(path, sizeof(path), "vms[%zu].%s", index, cores[i].key);
        snprintf(message, sizeof(message), "there is no core %lld: the host has %lld, numbered from 0",
                 (long long)cores[i].value, (long long)config->host.cores);
        report(self, path, message);
    }
    if (vm->nic >= (int64_t)config->nics.count) {
        snprintf(path, sizeof(path), "vms[%zu].nic", index);
        snprintf(message, sizeof(message), "there is no NIC %lld: the scenario has %zu, numbered from 0",
                 (long long)vm->nic, config->nics.count);
        report(self, path, message);
    }
}

static void check_traffic(const struct config *config, size_t index, config_report *report, void *self)
{
    const struct traffic_config *traffic = (const struct traffic_config *)config->traffic.items + index;
    char path[64], message[160];
    if (traffic->vm >= (int64_t)config->vms.count) {
        snprintf(path, sizeof(path), "traffic[%zu].vm", index);
        snprintf(message, sizeof(message), "there is no VM %lld: the scenario has %zu, numbered from 0",
                 (long long)traffic->vm, config->vms.count);
        report(self, path, message);
        return;
    }
    const struct vm_config *vm = (const struct vm_config *)config->vms.items + traffic->vm;
    if (traffic->vcpu >= vm->vcpus) {
        snprintf(path, sizeof(path), "traffic[%zu].vcpu", index);
        snprintf(message, sizeof(message), "there is no vCPU %lld: the VM has %lld, numbered from 0",
                 (long long)traffic->vcpu, (long long)vm->vcpus);
        report(self, path, message);
    }
}

void config_check(const struct config *config, config_report *report, void *self)
{
    for (size_t i = 0; i < config->vms.count; i++)
        check_vm(config, i, report, self);
    for (size_t i = 0; i < config->traffic.count; i++)
        check_traffic(config, i, report, self);
    if (config->warmup >= config->duration)
        report(self, "warmup", "must be shorter than the duration");
}
