/*
 * Accounts: where a core's time goes. Every picosecond of a core belongs to exactly one account; every
 * executed cycle likewise. The ledger is conserved: the sum over all accounts plus the measured idle time
 * is the time that has passed, to the picosecond, and is checked at the end of every run (ledger_check()).
 *
 * An account is a category of work, told apart by whether the host or a guest did it, or the VM exits of
 * one VMX basic exit reason. Each amount of work is also marked by whom it serves: one packet, a batch of
 * them, or nobody in particular (background). Shares are kept apart; only reports amortise.
 */
#ifndef MODELS_CPU_ACCOUNT_H
#define MODELS_CPU_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

/* What kind of work it is. */
enum cpu_category {
    CPU_APP,          /* the application itself */
    CPU_SYSCALL,      /* system call entry and exit, sockets */
    CPU_STACK,        /* protocol layers */
    CPU_DRIVER,       /* rings and descriptors of a network driver or virtqueue */
    CPU_COPY,         /* moving payload bytes */
    CPU_IRQ,          /* interrupt entry, handler, EOI */
    CPU_SOFTIRQ_POLL, /* NAPI's own overhead */
    CPU_MAP,          /* DMA map and unmap */
    CPU_CACHE,        /* cache maintenance, barriers */
    CPU_MMIO,         /* issuing register accesses */
    CPU_STALL,        /* waiting for a register read; time without cycles of work */
    CPU_SCHED,        /* wake-up and context switch */
    CPU_TICK,         /* timer tick */
    CPU_POLL,         /* halt polling, busy polling: spinning for work */
    CPU_BRIDGE,       /* the host's tap device and bridge */
    CPU_VHOST,        /* the vhost worker's own work */
    CPU_EMULATION,    /* a device model in user space */
    CPU_INJECT,       /* routing and injecting a virtual interrupt */
    CPU_CATEGORIES
};

enum {
    ACCOUNT_HOST = 0,                  /* + category */
    ACCOUNT_GUEST = CPU_CATEGORIES,    /* + category */
    ACCOUNT_EXIT = 2 * CPU_CATEGORIES, /* + VMX basic exit reason, 0 .. 79 */
    ACCOUNTS = ACCOUNT_EXIT + 80,
};

/* Whom a piece of work serves. */
enum cpu_share { SHARE_PACKET, SHARE_BATCH, SHARE_BACKGROUND, SHARES };

struct ledger {
    sim_time time[ACCOUNTS];  /* [ps] */
    int64_t cycles[ACCOUNTS]; /* executed; 0 for STALL */
    int64_t shared[SHARES];   /* the same cycles, by share */
    sim_time idle;            /* [ps] measured between busy periods, never a remainder */
};

/* The account's name for reports: "guest.stack", "host.bridge", "exit.EPT_MISCONFIG". Static storage. */
const char *account_name(int account);

/* The category's name alone: "stack". Static storage. */
const char *cpu_category_name(enum cpu_category category);

/* VMX basic exit reason's name as perf kvm stat prints it, "EPT_MISCONFIG" for 49; NULL if unnamed. An
 * unnamed reason's account is "exit.unnamed". */
const char *exit_reason_name(int reason);

/* All accounts + idle == elapsed [ps], the shares add up to the executed cycles, and nothing is negative.
 * */
bool ledger_check(const struct ledger *ledger, sim_time elapsed);

#endif
