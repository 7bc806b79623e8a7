/*
 * The table behind sim/neg_log.h. neg_log_table.c is written by neg_log_table.py, which states its rule;
 * a unit test recomputes every entry.
 */
#ifndef SIM_NEG_LOG_TABLE_H
#define SIM_NEG_LOG_TABLE_H

#include <stdint.h>

/* ln 2 in units of 2^-63, rounded to nearest. */
#define NEG_LOG_LN2_Q63 INT64_C(0x58B90BFBE8E7BCD6)

struct neg_log_entry {
    int64_t log;      /* ln(1024 / inverse) in units of 2^-63, rounded to nearest */
    uint64_t inverse; /* 1024 / m, rounded, for m in the middle of the interval; 512 in the last */
};

/* Entry i serves m in [1 + i / 256, 1 + (i + 1) / 256). */
extern const struct neg_log_entry neg_log_table[256];

#endif
