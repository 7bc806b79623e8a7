/*
 * Who works on a core: the time that each of its contexts had it, by name, so that a full core can be told by the
 * thread that fills it. Polling (CPU_POLL) is not work and is left out. A vCPU's thread counts with all that its guest
 * does. All of a core's entries together are its busy time without polling, to the picosecond.
 */
#ifndef MODELS_CPU_WORK_H
#define MODELS_CPU_WORK_H

#include "models/cpu/cpu.h"

struct cpu_work {
    int64_t time;    /* [ps] up to the last cpu_ledger() of its core */
    int64_t settled; /* [ps] private: in segments that have ended or were split */
    const struct cpu_work *next;
    char name[64];  /* the context's: "vhost" */
    char owner[64]; /* whose it is: "vm0"; "" if it is the host's own */
};

/* The first of a core's entries, in the order in which its contexts were made; contexts of equal name and owner share
 * one. NULL if it has none. They live as long as the core. */
const struct cpu_work *cpu_work_first(const struct cpu *core);

/* Says whose a context of a core is ("vm0", copied), before it first runs; a guest's context is its vCPU's anyway. */
void cpu_work_set_owner(struct cpu_context *ctx, const char *owner);

#endif
