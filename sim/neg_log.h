/*
 * The natural logarithm that exponential variates are made of, in integers: the same bits on every machine,
 * compiler and C library.
 */
#ifndef SIM_NEG_LOG_H
#define SIM_NEG_LOG_H

#include <stdint.h>

/*
 * -ln(u) in units of 2^-70, for u = (bits | 1) / 2^64: 63 uniform bits spread evenly inside (0, 1), never 0
 * or 1. The result is in (0, 44.37 * 2^70]; its relative error is under 2^-32 everywhere, near u = 1 too.
 */
unsigned __int128 neg_log_q70(uint64_t bits);

#endif
