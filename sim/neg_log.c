#include "sim/neg_log.h"

#include "sim/neg_log_table.h"

/*
 * u = m * 2^-e with m in [1, 2). For each 256th of [1, 2) the table has a ten-bit r = inverse / 1024 close to
 * 1 / m, and ln(1 / r). Then m * r = 1 + z exactly, |z| < 2^-8, and
 *
 *     -ln(u) = e ln 2 - ln(1 / r) - ln(1 + z)
 *
 * In the last interval r is 1/2, so for u just below 1 (e = 1) the first two terms cancel to the bit and what
 * is left is the series of the exact 1 - u: no precision is lost where -ln(u) is small.
 */

/* ln(1 + z) by its series up to z^4, in Horner's form; z and the result in 2^-70, coefficients in 2^-63. The
 * first omitted term is under 2^-34 of -ln(u). Shifting a negative number right rounds it down (both
 * compilers define it so). */
static int64_t log_one_plus_q70(int64_t z)
{
    const int64_t one = INT64_MAX;
    int64_t sum = one / 4;
    sum = one / 3 - (int64_t)(((__int128)z * sum) >> 70);
    sum = one / 2 - (int64_t)(((__int128)z * sum) >> 70);
    int64_t slope = (int64_t)(((__int128)z * sum) >> 70);
    return z - (int64_t)(((__int128)z * slope) >> 63);
}

unsigned __int128 neg_log_q70(uint64_t bits)
{
    uint64_t u = bits | 1;
    int leading_zeros = __builtin_clzll(u);
    uint64_t mantissa = u << leading_zeros; /* m in 2^-63 */
    const struct neg_log_entry *entry = &neg_log_table[mantissa >> 55 & 0xFF];
    __int128 product = (__int128)mantissa * entry->inverse; /* 1 + z in 2^-73 */
    int64_t z = (int64_t)((product - ((__int128)1 << 73)) >> 3);
    __int128 whole = (__int128)(leading_zeros + 1) * NEG_LOG_LN2_Q63 - entry->log;
    return (unsigned __int128)((whole << 7) - log_one_plus_q70(z));
}
