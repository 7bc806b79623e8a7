/*
 * Dimensions and units of the quantities that users write: `10Gbps 64B 4KiB 1us 2.8GHz 50kpps 1200cycles`.
 *
 * A quantity is a decimal number (optional fraction and exponent) directly followed by a unit. SI prefixes
 * (k M G T, m u n p) are powers of ten, IEC prefixes (Ki Mi Gi Ti) powers of two. A quantity is stored as an
 * integer in its dimension's base unit; a value that is no whole number of base units is an error, not
 * rounded, and so is one of more than 38 significant digits. A bare 0 needs no unit. Parsing is exact integer
 * arithmetic: no floating point is involved.
 */
#ifndef SIM_UNIT_H
#define SIM_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unit_dimension {
    UNIT_NONE,            /* a plain number: no unit is written */
    UNIT_TIME,            /* base ps:                ps ns us ms s */
    UNIT_FREQUENCY,       /* base Hz:                Hz kHz MHz GHz */
    UNIT_SIZE,            /* base byte:              B kB MB GB TB KiB MiB GiB TiB */
    UNIT_BIT_RATE,        /* base bit/s:             bps kbps Mbps Gbps Tbps */
    UNIT_PACKET_RATE,     /* base 1/1000 packet/s:   mpps pps kpps Mpps */
    UNIT_CYCLES,          /* base cycle:             cycles kcycles Mcycles */
    UNIT_CYCLES_PER_BYTE, /* base 1/1000 cycle/byte: cycles/B */
    UNIT_TRANSFER_RATE,   /* base transfer/s:        MT/s GT/s */
    UNIT_RATIO,           /* base 1/1000000:         a fraction 0.25 or a percentage 25% */
    UNIT_DIMENSIONS
};

enum unit_result {
    UNIT_OK,
    UNIT_NOT_A_NUMBER, /* no number at the start */
    UNIT_MISSING,      /* a number other than 0 without a unit */
    UNIT_UNKNOWN,      /* the unit does not exist */
    UNIT_WRONG,        /* the unit exists, but is of another dimension */
    UNIT_NOT_WHOLE,    /* not a whole number of base units */
    UNIT_OUT_OF_RANGE  /* does not fit 63 bits */
};

/* Parses all of `text` as a quantity of `dimension` into *value. Writes *value only when UNIT_OK. */
enum unit_result unit_parse(const char *text, enum unit_dimension dimension, int64_t *value);

/*
 * Formats `value` in the largest unit in which it is at least 1 and written exactly in at most 6 digits, else
 * in the smallest unit; sizes are whole numbers of KiB, MiB, GiB or TiB, or else bytes up to 6 digits before
 * kB, MB, ... are tried (1518B, 64KiB, 10GB). unit_parse() reads it back to the same value (INT64_MIN apart).
 * `buffer` of at least 40 bytes. Returns `buffer`.
 */
const char *unit_format(int64_t value, enum unit_dimension dimension, char *buffer, size_t size);

/* The part of `text` behind its number: "Gbps" of "10Gbps"; `text` itself when there is no number. */
const char *unit_suffix(const char *text);

/* The dimension to which `unit` ("Gbps") belongs, UNIT_DIMENSIONS if to none. "" is UNIT_NONE, "%" UNIT_RATIO. */
enum unit_dimension unit_dimension_of(const char *unit);

/* The names of a dimension's units, smallest first, into names[0..max); returns how many there are (<= 12). */
size_t unit_names(enum unit_dimension dimension, const char **names, size_t max);

/* The dimension's name for a message: "time", "bit rate", ... */
const char *unit_dimension_name(enum unit_dimension dimension);

/* The units of a dimension for a message: "ps, ns, us, ms or s"; "" for UNIT_NONE. */
const char *unit_dimension_units(enum unit_dimension dimension);

#endif
