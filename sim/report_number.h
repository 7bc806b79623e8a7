/*
 * How numbers leave the simulator: rounded to nine significant decimal digits, so that results are equal to
 * the byte whatever compiler, C library or processor made them.
 *
 * A statistic that is a ratio of integer sums (a mean, a rate, a share) is divided here, in integers from end
 * to end, ties away from zero. The few that are doubles (half widths of intervals) are rounded from their
 * exact binary value.
 *
 * The text is valid JSON, without trailing zeros: plain decimals from 0.000001 up to 21 digits before the
 * point ("0", "0.333333333", "-12.5", "12345678900"), beyond that with an exponent ("1.5e-9", "1e21"). What
 * has no value (a denominator of 0, NAN, an infinity) is "null". The numeric locale is that of C.
 */
#ifndef SIM_REPORT_NUMBER_H
#define SIM_REPORT_NUMBER_H

#include <stddef.h>

/* Room for any of these texts, with its terminating zero. */
enum { REPORT_NUMBER_SIZE = 32 };

/* Writes numerator / denominator to `buffer`, of `size` >= REPORT_NUMBER_SIZE, and returns `buffer`. Any
 * values and signs. */
const char *report_ratio(__int128 numerator, __int128 denominator, char *buffer, size_t size);

/* The double nearest to what report_ratio() writes; NAN for "null". */
double report_ratio_value(__int128 numerator, __int128 denominator);

/* Likewise for a double, and the double nearest to what is written (NAN for "null"). */
const char *report_double(double value, char *buffer, size_t size);
double report_round9(double value);

#endif
