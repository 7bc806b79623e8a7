#include "models/host/config.h"

#include "models/strategy/strategy.h"

static const char *const tick_modes[] = {"off", "idle", "always", NULL};

static const struct param host_rows[] = {
    PARAM_INTEGER_ROW(struct host_config, cores, 1, 1024, "4",
                      "physical cores, spread evenly over the NUMA nodes"),
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
    PARAM_CHOICE_ROW(struct vm_config, strategy, vm_strategy_names, "scenario",
                     "how its network interface is provided"),
    PARAM_INTEGER_ROW(struct vm_config, vcpus, 1, KERNEL_CPUS_MAX, "1", "virtual processors"),
    PARAM_QUANTITY_ROW(struct vm_config, memory, UNIT_SIZE, 1 << 20, (int64_t)1 << 42, "1GiB",
                       "guest memory"),
    PARAM_INTEGER_ROW(struct vm_config, nic, 0, 63, "0", "which NIC it uses, from 0"),
    PARAM_INTEGER_ROW(struct vm_config, core, -1, 1023, "-1",
                      "core of its first vCPU, the others follow; -1: chosen"),
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
                       "simulated time that statistics leave out"),
    PARAM_BOOL_ROW(
        struct config, find_warmup, "true",
        "when `warmup` is 0, find its end afterwards by MSER-5 (not for a replay); false: leave nothing out"),
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
