#include "models/cpu/account.h"

#include <stddef.h>

#include "sim/assert.h"

#define CATEGORIES(X)                                                                                        \
    X(CPU_APP, "app")                                                                                        \
    X(CPU_SYSCALL, "syscall")                                                                                \
    X(CPU_STACK, "stack")                                                                                    \
    X(CPU_DRIVER, "driver")                                                                                  \
    X(CPU_COPY, "copy")                                                                                      \
    X(CPU_IRQ, "irq")                                                                                        \
    X(CPU_SOFTIRQ_POLL, "softirq_poll")                                                                      \
    X(CPU_MAP, "map")                                                                                        \
    X(CPU_CACHE, "cache")                                                                                    \
    X(CPU_MMIO, "mmio")                                                                                      \
    X(CPU_STALL, "stall")                                                                                    \
    X(CPU_SCHED, "sched")                                                                                    \
    X(CPU_TICK, "tick")                                                                                      \
    X(CPU_POLL, "poll")                                                                                      \
    X(CPU_BRIDGE, "bridge")                                                                                  \
    X(CPU_VHOST, "vhost")                                                                                    \
    X(CPU_EMULATION, "emulation")                                                                            \
    X(CPU_INJECT, "inject")

/* Intel SDM volume 3, appendix C; the names are those of Linux's VMX_EXIT_REASONS, which perf prints. */
#define EXIT_REASONS(X)                                                                                      \
    X(0, "EXCEPTION_NMI")                                                                                    \
    X(1, "EXTERNAL_INTERRUPT")                                                                               \
    X(2, "TRIPLE_FAULT")                                                                                     \
    X(3, "INIT_SIGNAL")                                                                                      \
    X(4, "SIPI_SIGNAL")                                                                                      \
    X(7, "PENDING_INTERRUPT")                                                                                \
    X(8, "NMI_WINDOW")                                                                                       \
    X(9, "TASK_SWITCH")                                                                                      \
    X(10, "CPUID")                                                                                           \
    X(12, "HLT")                                                                                             \
    X(13, "INVD")                                                                                            \
    X(14, "INVLPG")                                                                                          \
    X(15, "RDPMC")                                                                                           \
    X(16, "RDTSC")                                                                                           \
    X(18, "VMCALL")                                                                                          \
    X(19, "VMCLEAR")                                                                                         \
    X(20, "VMLAUNCH")                                                                                        \
    X(21, "VMPTRLD")                                                                                         \
    X(22, "VMPTRST")                                                                                         \
    X(23, "VMREAD")                                                                                          \
    X(24, "VMRESUME")                                                                                        \
    X(25, "VMWRITE")                                                                                         \
    X(26, "VMOFF")                                                                                           \
    X(27, "VMON")                                                                                            \
    X(28, "CR_ACCESS")                                                                                       \
    X(29, "DR_ACCESS")                                                                                       \
    X(30, "IO_INSTRUCTION")                                                                                  \
    X(31, "MSR_READ")                                                                                        \
    X(32, "MSR_WRITE")                                                                                       \
    X(33, "INVALID_STATE")                                                                                   \
    X(34, "MSR_LOAD_FAIL")                                                                                   \
    X(36, "MWAIT_INSTRUCTION")                                                                               \
    X(37, "MONITOR_TRAP_FLAG")                                                                               \
    X(39, "MONITOR_INSTRUCTION")                                                                             \
    X(40, "PAUSE_INSTRUCTION")                                                                               \
    X(41, "MCE_DURING_VMENTRY")                                                                              \
    X(43, "TPR_BELOW_THRESHOLD")                                                                             \
    X(44, "APIC_ACCESS")                                                                                     \
    X(45, "EOI_INDUCED")                                                                                     \
    X(46, "GDTR_IDTR")                                                                                       \
    X(47, "LDTR_TR")                                                                                         \
    X(48, "EPT_VIOLATION")                                                                                   \
    X(49, "EPT_MISCONFIG")                                                                                   \
    X(50, "INVEPT")                                                                                          \
    X(51, "RDTSCP")                                                                                          \
    X(52, "PREEMPTION_TIMER")                                                                                \
    X(53, "INVVPID")                                                                                         \
    X(54, "WBINVD")                                                                                          \
    X(55, "XSETBV")                                                                                          \
    X(56, "APIC_WRITE")                                                                                      \
    X(57, "RDRAND")                                                                                          \
    X(58, "INVPCID")                                                                                         \
    X(59, "VMFUNC")                                                                                          \
    X(60, "ENCLS")                                                                                           \
    X(61, "RDSEED")                                                                                          \
    X(62, "PML_FULL")                                                                                        \
    X(63, "XSAVES")                                                                                          \
    X(64, "XRSTORS")                                                                                         \
    X(67, "UMWAIT")                                                                                          \
    X(68, "TPAUSE")                                                                                          \
    X(74, "BUS_LOCK")                                                                                        \
    X(75, "NOTIFY")

#define CATEGORY_NAME(category, name) [category] = name,
#define HOST_NAME(category, name) [ACCOUNT_HOST + category] = "host." name,
#define GUEST_NAME(category, name) [ACCOUNT_GUEST + category] = "guest." name,
#define REASON_NAME(reason, name) [reason] = name,
#define EXIT_NAME(reason, name) [ACCOUNT_EXIT + reason] = "exit." name,

static const char *const category_names[CPU_CATEGORIES] = {CATEGORIES(CATEGORY_NAME)};
static const char *const reason_names[ACCOUNTS - ACCOUNT_EXIT] = {EXIT_REASONS(REASON_NAME)};
static const char *const account_names[ACCOUNTS] = {CATEGORIES(HOST_NAME) CATEGORIES(GUEST_NAME)
                                                        EXIT_REASONS(EXIT_NAME)};

const char *account_name(int account)
{
    SIM_ASSERT(account >= 0 && account < ACCOUNTS);
    return account_names[account] ? account_names[account] : "exit.unnamed";
}

const char *cpu_category_name(enum cpu_category category)
{
    SIM_ASSERT((int)category >= 0 && category < CPU_CATEGORIES);
    return category_names[category];
}

const char *exit_reason_name(int reason)
{
    if (reason < 0 || reason >= ACCOUNTS - ACCOUNT_EXIT)
        return NULL;
    return reason_names[reason];
}

bool ledger_check(const struct ledger *ledger, sim_time elapsed)
{
    sim_time time = ledger->idle;
    int64_t cycles = 0;
    int64_t shared = 0;
    bool negative = ledger->idle < 0;
    for (int i = 0; i < ACCOUNTS; i++) {
        negative |= ledger->time[i] < 0 || ledger->cycles[i] < 0;
        time += ledger->time[i];
        cycles += ledger->cycles[i];
    }
    for (int i = 0; i < SHARES; i++) {
        negative |= ledger->shared[i] < 0;
        shared += ledger->shared[i];
    }
    return !negative && time == elapsed && cycles == shared;
}
