#!/usr/bin/env python3
"""Writes neg_log_table.c to standard output: the table of sim/neg_log_table.h.

Interval i of [1, 2) is [1 + i/256, 1 + (i+1)/256). Its inverse is 1024 / m rounded to nearest for the m in its
middle; the last is 512, so that the logarithm of numbers just below a power of two is exact at its end. All
arithmetic is on integers and on decimals of 60 digits.
"""
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
INTERVALS = 256


def inverse_of(interval):
    if interval == INTERVALS - 1:
        return 512
    middle = Fraction(2 * INTERVALS + 2 * interval + 1, 2 * INTERVALS)
    return round(1024 / middle)


def log_q63(inverse):
    return int((Decimal(1024) / Decimal(inverse)).ln() * 2**63 + Decimal("0.5"))


def check(interval, inverse):
    """|z| < 2^-8 at both ends: what neg_log.c relies on."""
    for end in (interval, interval + 1):
        product = Fraction(INTERVALS + end, INTERVALS) * Fraction(inverse, 1024)
        assert abs(product - 1) < Fraction(1, 256), interval


def main():
    print("/* Written by neg_log_table.py; do not edit. */")
    print('#include "sim/neg_log_table.h"\n')
    print(f"const struct neg_log_entry neg_log_table[{INTERVALS}] = {{")
    for interval in range(INTERVALS):
        inverse = inverse_of(interval)
        check(interval, inverse)
        print(f"    {{INT64_C(0x{log_q63(inverse):016X}), {inverse}}},")
    print("};")


main()
