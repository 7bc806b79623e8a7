#include "sim/report_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

typedef unsigned __int128 uint128;

enum { DIGITS = 9, PLAIN_LOWEST = -6, PLAIN_HIGHEST = 20 };

/* A number of nine significant digits: digits / 10^8 * 10^exponent, digits in [10^8, 10^9), or 0. */
struct decimal {
    uint64_t digits;
    int exponent;
    bool negative;
};

static const uint64_t digits_end = 1000000000; /* 10^DIGITS */

/* Ten digits to nine, ties up. */
static void round_tenth(struct decimal *decimal, unsigned tenth)
{
    if (tenth >= 5)
        decimal->digits++;
    if (decimal->digits == digits_end) {
        decimal->digits /= 10;
        decimal->exponent++;
    }
}

/* r += addend modulo d, and whether d was taken off; both are below d <= 2^127, so the sum fits. */
static unsigned add_modulo(uint128 *r, uint128 addend, uint128 d)
{
    *r += addend;
    if (*r < d)
        return 0;
    *r -= d;
    return 1;
}

/* One step of long division: returns the integer part of 10 r / d and leaves the rest in r. The product would
 * overflow, hence 10 r = 2 (2 (2 r) + r). */
static unsigned next_digit(uint128 *r, uint128 d)
{
    uint128 once = *r;
    unsigned digit = add_modulo(r, *r, d);
    digit = 2 * digit + add_modulo(r, *r, d);
    digit += add_modulo(r, once, d);
    return 2 * digit + add_modulo(r, *r, d);
}

/* The decimal of an integer of ten digits or more. What lies behind it cannot change a rounding that goes by
 * the tenth digit alone. */
static struct decimal round_whole(uint128 whole)
{
    struct decimal decimal = {.exponent = DIGITS - 1};
    unsigned tenth = 0;
    while (whole >= digits_end) {
        tenth = (unsigned)(whole % 10);
        whole /= 10;
        decimal.exponent++;
    }
    decimal.digits = (uint64_t)whole;
    round_tenth(&decimal, tenth);
    return decimal;
}

/* The decimal of n / d, for d in 1 .. 2^127. */
static struct decimal divide(uint128 n, uint128 d)
{
    if (n == 0)
        return (struct decimal){0};
    if (n / d >= digits_end)
        return round_whole(n / d);
    uint128 rest = n % d;
    struct decimal decimal = {.digits = (uint64_t)(n / d), .exponent = DIGITS - 1};
    while (decimal.digits < digits_end / 10) {
        decimal.digits = 10 * decimal.digits + next_digit(&rest, d);
        decimal.exponent--;
    }
    round_tenth(&decimal, next_digit(&rest, d));
    return decimal;
}

/* From the text of "%.8e", which the C library rounds from the exact binary value. */
static struct decimal decimal_of_double(double value)
{
    char text[REPORT_NUMBER_SIZE];
    snprintf(text, sizeof text, "%.*e", DIGITS - 1, fabs(value));
    struct decimal decimal = {.negative = value < 0};
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9')
            decimal.digits = 10 * decimal.digits + (uint64_t)(*at - '0');
    }
    decimal.exponent = atoi(at + 1);
    return decimal;
}

/* The significant digits without trailing zeros, as text; returns how many. */
static int significant_digits(struct decimal decimal, char digits[DIGITS])
{
    int count = DIGITS;
    while (count > 1 && decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        count--;
    }
    for (int i = count - 1; i >= 0; i--) {
        digits[i] = (char)('0' + decimal.digits % 10);
        decimal.digits /= 10;
    }
    return count;
}

/* `count` digits with a point behind the first `before` of them, zeros filled in on either side. */
static char *write_plain(char *at, const char *digits, int count, int before)
{
    if (before <= 0) {
        *at++ = '0';
        *at++ = '.';
    }
    for (int i = before < 0 ? before : 0; i < count || i < before; i++) {
        if (i == before && i > 0)
            *at++ = '.';
        *at++ = i >= 0 && i < count ? digits[i] : '0';
    }
    *at = '\0';
    return at;
}

static const char *write_decimal(struct decimal decimal, char *buffer)
{
    char digits[DIGITS];
    char *at = buffer;
    int count = significant_digits(decimal, digits);
    if (decimal.negative)
        *at++ = '-';
    if (decimal.digits == 0)
        strcpy(buffer, "0");
    else if (decimal.exponent >= PLAIN_LOWEST && decimal.exponent <= PLAIN_HIGHEST)
        write_plain(at, digits, count, decimal.exponent + 1);
    else
        sprintf(write_plain(at, digits, count, 1), "e%d", decimal.exponent);
    return buffer;
}

const char *report_ratio(__int128 numerator, __int128 denominator, char *buffer, size_t size)
{
    SIM_ASSERT(size >= REPORT_NUMBER_SIZE);
    if (denominator == 0)
        return strcpy(buffer, "null");
    uint128 n = numerator < 0 ? -(uint128)numerator : (uint128)numerator;
    uint128 d = denominator < 0 ? -(uint128)denominator : (uint128)denominator;
    struct decimal decimal = divide(n, d);
    decimal.negative = (numerator < 0) != (denominator < 0);
    return write_decimal(decimal, buffer);
}

double report_ratio_value(__int128 numerator, __int128 denominator)
{
    char buffer[REPORT_NUMBER_SIZE];
    if (denominator == 0)
        return NAN;
    return strtod(report_ratio(numerator, denominator, buffer, sizeof buffer), NULL);
}

const char *report_double(double value, char *buffer, size_t size)
{
    SIM_ASSERT(size >= REPORT_NUMBER_SIZE);
    if (!isfinite(value))
        return strcpy(buffer, "null");
    return write_decimal(decimal_of_double(value), buffer);
}

double report_round9(double value)
{
    char buffer[REPORT_NUMBER_SIZE];
    if (!isfinite(value))
        return NAN;
    return strtod(report_double(value, buffer, sizeof buffer), NULL);
}
