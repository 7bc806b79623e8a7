#include "models/hypervisor/vm.h"

static const char *const tick_modes[] = {"off", "idle", "always", NULL}; /* enum tick_mode */

static const struct param rows[] = {
    PARAM_BOOL_ROW(struct hypervisor_config, apicv, "true",
                   "APICv: APIC accesses, EOIs and interrupt delivery to a running vCPU without exits"),
    PARAM_BOOL_ROW(struct hypervisor_config, posted_interrupts, "true",
                   "VT-d posts the interrupts of assigned devices; needs apicv"),
    PARAM_QUANTITY_ROW(struct hypervisor_config, halt_poll, UNIT_TIME, 0, SIM_SECOND, "200us",
                       "longest halt polling (halt_poll_ns); 0: off"),
    PARAM_QUANTITY_ROW(struct hypervisor_config, halt_poll_start, UNIT_TIME, 0, SIM_SECOND, "10us",
                       "what halt polling grows to from 0 (halt_poll_ns_grow_start)"),
    PARAM_INTEGER_ROW(struct hypervisor_config, halt_poll_grow, 0, 1000, "2",
                      "factor by which halt polling grows (halt_poll_ns_grow); 0: it never does"),
    PARAM_CHOICE_ROW(struct hypervisor_config, guest_tick, tick_modes, "idle",
                     "timer tick of guests: off, stopped while idle, or always on"),
    PARAM_QUANTITY_ROW(struct hypervisor_config, guest_slice, UNIT_TIME, 0, SIM_SECOND, "3ms",
                       "time slice of threads that share a vCPU; 0: until they block"),
    PARAM_INTEGER_ROW(struct hypervisor_config, guest_hz, 24, 10000, "250", "timer ticks a second of guests"),
};

const struct param_table hypervisor_table = {
    .name = "hypervisor",
    .help = "the hypervisor: interrupt virtualisation, halt polling, guests' timer tick",
    .size = sizeof(struct hypervisor_config),
    .params = rows,
    .count = PARAM_COUNT(rows),
};
