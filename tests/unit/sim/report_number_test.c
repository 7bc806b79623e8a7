#include "sim/report_number.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"

static const __int128 huge = (__int128)(((unsigned __int128)1 << 127) - 1); /* 1.70141183e38 */

static void expect_ratio(__int128 numerator, __int128 denominator, const char *expected)
{
    char buffer[REPORT_NUMBER_SIZE];
    const char *text = report_ratio(numerator, denominator, buffer, sizeof buffer);
    cr_assert_eq(text, buffer);
    cr_assert_str_eq(text, expected);
}

Test(report_number, plain_decimals)
{
    expect_ratio(0, 7, "0");
    expect_ratio(0, -7, "0");
    expect_ratio(1, 1, "1");
    expect_ratio(10, 1, "10");
    expect_ratio(1, 3, "0.333333333");
    expect_ratio(2, 3, "0.666666667");
    expect_ratio(200, 3, "66.6666667");
    expect_ratio(25, 2, "12.5");
    expect_ratio(-25, 2, "-12.5");
    expect_ratio(25, -2, "-12.5");
    expect_ratio(-25, -2, "12.5");
    expect_ratio(1, 16, "0.0625");
    expect_ratio(123456789, 1000, "123456.789");
    expect_ratio(100000001, 1, "100000001");
}

Test(report_number, rounds_at_the_ninth_digit)
{
    expect_ratio(12345678949, 1, "12345678900");
    expect_ratio(12345678950, 1, "12345679000");
    expect_ratio(1234567894, 10, "123456789");
    expect_ratio(1234567895, 10, "123456790"); /* a tie goes away from zero */
    expect_ratio(-1234567895, 10, "-123456790");
    expect_ratio(9999999994, 10, "999999999");
    expect_ratio(9999999995, 10, "1000000000");
    expect_ratio(99999999995, 1, "100000000000");
    expect_ratio(9999999995, 10000000000, "1");
    expect_ratio(9999999994, 10000000000, "0.999999999");
    expect_ratio(1000000005, 100000000000, "0.0100000001");
}

Test(report_number, exponent_only_beyond)
{
    expect_ratio(1, 1000000, "0.000001");
    expect_ratio(123456789123, 100000000000000000, "0.00000123456789");
    expect_ratio(1, 10000000, "1e-7");
    expect_ratio(15, 10000000000, "1.5e-9");
    expect_ratio((__int128)100000000000 * 1000000000, 1, "100000000000000000000");
    expect_ratio((__int128)123456789123 * 1000000000, 1, "123456789000000000000");
    expect_ratio((__int128)1000000000000 * 1000000000, 1, "1e21");
    expect_ratio(-(__int128)1234567891234 * 1000000000, 1, "-1.23456789e21");
    expect_ratio((__int128)99999999999999 * 10000000, 1, "1e21"); /* carried over the limit */
    expect_ratio(99999999996, (__int128)1000000000000000000, "1e-7");
    expect_ratio(9999999996, (__int128)10000000000000000, "0.000001");
}

Test(report_number, widest_integers)
{
    expect_ratio(huge, 1, "1.70141183e38");
    expect_ratio(-huge - 1, 1, "-1.70141183e38");
    expect_ratio(1, huge, "5.87747175e-39");
    expect_ratio(1, -huge - 1, "-5.87747175e-39");
    expect_ratio(huge, huge, "1");
    expect_ratio(-huge - 1, -huge - 1, "1");
    expect_ratio(huge - 1, huge, "1");
    expect_ratio(huge / 3, huge, "0.333333333");
    expect_ratio(huge / 3 * 2, -huge - 1, "-0.666666667");
}

Test(report_number, no_value)
{
    char buffer[REPORT_NUMBER_SIZE];
    expect_ratio(1, 0, "null");
    expect_ratio(0, 0, "null");
    cr_assert_str_eq(report_double(NAN, buffer, sizeof buffer), "null");
    cr_assert_str_eq(report_double(-INFINITY, buffer, sizeof buffer), "null");
    cr_assert(isnan(report_ratio_value(1, 0)));
    cr_assert(isnan(report_round9(NAN)) && isnan(report_round9(INFINITY)));
}

/* Whole numerators over 10^k are decimals already: the C library, which rounds exact decimals, must agree up
 * to how it writes them. */
Test(report_number, agrees_with_the_library_on_random_ratios)
{
    struct random_stream stream = random_stream_make(1, 0, "report", "ratio");
    for (int i = 0; i < 200000; i++) {
        int64_t numerator = (int64_t)(random_u64(&stream) >> random_below(&stream, 63)) / 2;
        int64_t denominator = 1 + (int64_t)(random_u64(&stream) >> random_below(&stream, 63)) / 2;
        char text[64];
        long double exact = (long double)numerator / (long double)denominator;
        double got = report_ratio_value(numerator, denominator);
        snprintf(text, sizeof text, "%.8Le", exact);
        double expected = strtod(text, NULL);
        /* The library sees the quotient rounded to 64 bits, which can hide on which side of a tie it is. */
        cr_assert(got == expected || fabsl(exact - (got + (long double)expected) / 2) < exact * 0x1p-50L,
                  "%ld / %ld: %.17g instead of %.17g", (long)numerator, (long)denominator, got, expected);
    }
}

/* Every digit against long division of small numbers, ties included. */
Test(report_number, small_ratios_are_nearest)
{
    for (int64_t d = 1; d <= 300; d++) {
        for (int64_t n = 1; n <= 300; n++) {
            char buffer[REPORT_NUMBER_SIZE];
            int64_t scale = 1;
            while (n * scale / d < 100000000)
                scale *= 10;
            int64_t digits = (2 * n * scale + d) / (2 * d); /* nearest, ties up */
            double expected = (double)digits / (double)scale;
            cr_assert_eq(strtod(report_ratio(n, d, buffer, sizeof buffer), NULL), expected, "%ld / %ld",
                         (long)n, (long)d);
        }
    }
}

static void expect_double(double value, const char *expected)
{
    char buffer[REPORT_NUMBER_SIZE];
    cr_assert_str_eq(report_double(value, buffer, sizeof buffer), expected);
}

Test(report_number, doubles)
{
    expect_double(0, "0");
    expect_double(-0.0, "0");
    expect_double(0.1, "0.1");
    expect_double(1.0 / 3, "0.333333333");
    expect_double(-2.0 / 3, "-0.666666667");
    expect_double(1e20, "100000000000000000000");
    expect_double(1e21, "1e21");
    expect_double(1e-6, "0.000001");
    expect_double(1e-7, "1e-7");
    expect_double(999999999.6, "1000000000");
    expect_double(-1.7976931348623157e308, "-1.79769313e308");
    expect_double(5e-324, "4.94065646e-324");
}

Test(report_number, round9_hides_the_last_bits)
{
    double value = 123.456789012345;
    cr_assert_eq(report_round9(value), 123.456789);
    cr_assert_eq(report_round9(nextafter(value, 1000)), 123.456789);
    cr_assert_eq(report_round9(nextafter(value, 0)), 123.456789);
    cr_assert_eq(report_round9(report_round9(1.0 / 7)), report_round9(1.0 / 7));
    cr_assert_eq(report_round9(-1.0 / 7), -0.142857143);
    cr_assert(!signbit(report_round9(-0.0)));
}

Test(report_number, value_is_what_is_written)
{
    char buffer[REPORT_NUMBER_SIZE];
    cr_assert_eq(report_ratio_value(2, 3), 0.666666667);
    cr_assert_eq(report_ratio_value(12345678949, 1), 12345678900.0);
    cr_assert_str_eq(report_double(report_ratio_value(2, 3), buffer, sizeof buffer), "0.666666667");
}

Test(report_number, small_buffer_is_our_mistake, .signal = SIGABRT)
{
    char buffer[8];
    report_ratio(1, 3, buffer, sizeof buffer);
}
