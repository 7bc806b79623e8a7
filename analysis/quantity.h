/*
 * How numbers are written for people: in engineering style with four significant digits and the unit ("1.423 Mpps",
 * "12.35 us"). For programs there are JSON and CSV, which keep nine digits. ASCII only, in the C locale, and equal
 * for equal numbers.
 */
#ifndef ANALYSIS_QUANTITY_H
#define ANALYSIS_QUANTITY_H

#include <stddef.h>

/* Room for any of these texts. */
enum { QUANTITY_SIZE = 48 };

/* `value` with an SI prefix before `unit`; without a prefix when `unit` is "". "-" for NAN. Returns `buffer`. */
const char *quantity_text(double value, const char *unit, char *buffer, size_t size);

/* `value` without a prefix: whole from 1000 on, else four significant digits, without trailing zeros. */
const char *quantity_plain(double value, char *buffer, size_t size);

/* A tick mark's text: plain from 1 up to 9999, else with a prefix alone ("100k", "2.5u"). */
const char *quantity_tick(double value, char *buffer, size_t size);

#endif
