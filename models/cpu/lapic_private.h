/* The local APIC's struct: private to models/cpu/lapic.c. */
#ifndef MODELS_CPU_LAPIC_PRIVATE_H
#define MODELS_CPU_LAPIC_PRIVATE_H

#include "models/cpu/lapic.h"

enum { VECTOR_FIRST = 32, VECTORS = 200, WORDS = 4, LAPIC_NAME_SIZE = 128 };

struct vector {
    cpu_fn *handler;
    void *self;
    bool level;
};

struct lapic {
    struct cpu *cpu;
    struct lapic_costs costs;
    struct lapic_ops ops;
    void *ops_self;
    struct cpu_context context;
    bool awake; /* the context has been woken and has not blocked since */
    bool in_service;
    unsigned current;     /* the vector in service */
    uint64_t irr[WORDS];  /* pending, a bit a vector from VECTOR_FIRST on */
    uint64_t open[WORDS]; /* those of them that the cpu may take */
    unsigned allocated;
    struct vector vectors[VECTORS];
    uint64_t raised;
    uint64_t merged; /* of them with one that was pending */
    uint64_t taken;  /* by the cpu */
    uint64_t handled;
    uint64_t eois;
    uint64_t eoi_broadcasts;
    char name[LAPIC_NAME_SIZE];
};

#endif
