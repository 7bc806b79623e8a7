#include "sim/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/assert.h"

#define DIGITS_MAX 38         /* significant digits that an unsigned 128-bit mantissa surely holds */
#define EXPONENT_CLAMP 100000 /* past this, a written exponent is as good as infinite */

#define KILO INT64_C(1000)
#define MEGA INT64_C(1000000)
#define GIGA INT64_C(1000000000)
#define TERA INT64_C(1000000000000)
#define KIBI (INT64_C(1) << 10)
#define MEBI (INT64_C(1) << 20)
#define GIBI (INT64_C(1) << 30)
#define TEBI (INT64_C(1) << 40)

typedef unsigned __int128 wide;

struct unit {
    const char *name;
    int64_t scale; /* base units */
};

struct dimension {
    const char *name;
    const char *written;   /* the units for a message */
    struct unit units[10]; /* ascending, ended by a null name */
};

static const struct dimension dimensions[UNIT_DIMENSIONS] = {
    [UNIT_NONE] = {"number", "", {{"", 1}}},
    [UNIT_TIME] = {"time",
                   "ps, ns, us, ms or s",
                   {{"ps", 1}, {"ns", KILO}, {"us", MEGA}, {"ms", GIGA}, {"s", TERA}}},
    [UNIT_FREQUENCY] = {"frequency",
                        "Hz, kHz, MHz or GHz",
                        {{"Hz", 1}, {"kHz", KILO}, {"MHz", MEGA}, {"GHz", GIGA}}},
    [UNIT_SIZE] = {"size",
                   "B, kB, MB, GB, TB, KiB, MiB, GiB or TiB",
                   {{"B", 1},
                    {"kB", KILO},
                    {"KiB", KIBI},
                    {"MB", MEGA},
                    {"MiB", MEBI},
                    {"GB", GIGA},
                    {"GiB", GIBI},
                    {"TB", TERA},
                    {"TiB", TEBI}}},
    [UNIT_BIT_RATE] = {"bit rate",
                       "bps, kbps, Mbps, Gbps or Tbps",
                       {{"bps", 1}, {"kbps", KILO}, {"Mbps", MEGA}, {"Gbps", GIGA}, {"Tbps", TERA}}},
    [UNIT_PACKET_RATE] = {"packet rate",
                          "mpps, pps, kpps or Mpps",
                          {{"mpps", 1}, {"pps", KILO}, {"kpps", MEGA}, {"Mpps", GIGA}}},
    [UNIT_CYCLES] = {"number of cycles",
                     "cycles, kcycles or Mcycles",
                     {{"cycles", 1}, {"kcycles", KILO}, {"Mcycles", MEGA}}},
    [UNIT_CYCLES_PER_BYTE] = {"cost a byte", "cycles/B", {{"cycles/B", KILO}}},
    [UNIT_TRANSFER_RATE] = {"transfer rate", "MT/s or GT/s", {{"MT/s", MEGA}, {"GT/s", GIGA}}},
    [UNIT_RATIO] = {"fraction", "0.25 or 25%", {{"%", 10 * KILO}, {"", MEGA}}},
};

/* What a number's characters say: mantissa * 10^exponent. */
struct decimal {
    wide mantissa;
    int exponent;
    int digits; /* significant ones, leading zeros apart */
    bool negative;
    bool too_long; /* more than DIGITS_MAX: the mantissa is not kept */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Adds one digit; zeros wait in *zeros until another digit follows, so that 1.5000... costs no precision. */
static void add_digit(struct decimal *number, int digit, int *zeros)
{
    if (digit == 0) {
        if (number->mantissa != 0 && *zeros < EXPONENT_CLAMP)
            (*zeros)++;
        return;
    }
    if (number->digits + *zeros + 1 > DIGITS_MAX)
        number->too_long = true;
    for (int i = 0; i < *zeros && !number->too_long; i++)
        number->mantissa *= 10;
    number->digits += *zeros + 1;
    if (number->digits > EXPONENT_CLAMP)
        number->digits = EXPONENT_CLAMP;
    *zeros = 0;
    if (!number->too_long)
        number->mantissa = number->mantissa * 10 + (unsigned)digit;
}

/* Reads an optional exponent; an 'e' without digits belongs to the unit. */
static const char *scan_exponent(const char *text, int *exponent)
{
    int value = 0;
    if (*text != 'e' && *text != 'E')
        return text;
    const char *at = text + 1;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    if (!is_digit(*at))
        return text;
    for (; is_digit(*at); at++)
        if (value < EXPONENT_CLAMP)
            value = value * 10 + (*at - '0');
    *exponent += negative ? -value : value;
    return at;
}

/* Reads the number at the start of `text`; returns what follows it, NULL when there is none. */
static const char *scan_number(const char *text, struct decimal *number)
{
    int zeros = 0, fraction = 0, seen = 0;
    bool point = false;
    *number = (struct decimal){.negative = *text == '-'};
    if (*text == '-' || *text == '+')
        text++;
    for (; is_digit(*text) || (*text == '.' && !point && is_digit(text[1])); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        seen = 1;
        if (point && fraction < EXPONENT_CLAMP)
            fraction++;
        add_digit(number, *text - '0', &zeros);
    }
    if (!seen)
        return NULL;
    number->exponent = zeros - fraction;
    return scan_exponent(text, &number->exponent);
}

static enum unit_result multiply(wide *value, unsigned by)
{
    if (*value > (wide)INT64_MAX)
        return UNIT_OUT_OF_RANGE;
    *value *= by;
    return UNIT_OK;
}

/* Divides the product *a * *b by `by` (2 or 5); false when it does not go. */
static bool divide(wide *a, wide *b, unsigned by)
{
    wide *which = *a % by == 0 ? a : b;
    if (*which % by != 0)
        return false;
    *which /= by;
    return true;
}

/* mantissa * 10^exponent * scale as a 63-bit integer. */
static enum unit_result scale_number(const struct decimal *number, int64_t scale, int64_t *value)
{
    wide a = number->mantissa, b = (wide)scale;
    if (a == 0 && !number->too_long) {
        *value = 0;
        return UNIT_OK;
    }
    if (number->digits + number->exponent > 20)
        return UNIT_OUT_OF_RANGE;
    if (number->too_long)
        return UNIT_NOT_WHOLE;
    for (int i = number->exponent; i < 0; i++)
        if (!divide(&a, &b, 2) || !divide(&a, &b, 5))
            return UNIT_NOT_WHOLE;
    for (int i = 0; i < number->exponent; i++)
        if (multiply(&a, 10) != UNIT_OK)
            return UNIT_OUT_OF_RANGE;
    if (a > (wide)INT64_MAX || b > (wide)INT64_MAX || a * b > (wide)INT64_MAX)
        return UNIT_OUT_OF_RANGE;
    *value = number->negative ? -(int64_t)(a * b) : (int64_t)(a * b);
    return UNIT_OK;
}

static const struct unit *find_unit(const char *name, enum unit_dimension dimension)
{
    for (const struct unit *unit = dimensions[dimension].units; unit->name; unit++)
        if (strcmp(unit->name, name) == 0)
            return unit;
    return NULL;
}

enum unit_result unit_parse(const char *text, enum unit_dimension dimension, int64_t *value)
{
    SIM_ASSERT((unsigned)dimension < UNIT_DIMENSIONS);
    struct decimal number;
    const char *suffix = scan_number(text, &number);
    if (!suffix)
        return UNIT_NOT_A_NUMBER;
    const struct unit *unit = find_unit(suffix, dimension);
    if (unit)
        return scale_number(&number, unit->scale, value);
    if (*suffix != '\0')
        return unit_dimension_of(suffix) == UNIT_DIMENSIONS ? UNIT_UNKNOWN : UNIT_WRONG;
    if (number.mantissa != 0 || number.too_long)
        return UNIT_MISSING;
    *value = 0;
    return UNIT_OK;
}

const char *unit_suffix(const char *text)
{
    struct decimal number;
    const char *suffix = scan_number(text, &number);
    return suffix ? suffix : text;
}

enum unit_dimension unit_dimension_of(const char *unit)
{
    for (int i = 0; i < UNIT_DIMENSIONS; i++)
        if (find_unit(unit, (enum unit_dimension)i))
            return (enum unit_dimension)i;
    return UNIT_DIMENSIONS;
}

size_t unit_names(enum unit_dimension dimension, const char **names, size_t max)
{
    size_t count = 0;
    for (const struct unit *unit = dimensions[dimension].units; unit->name; unit++, count++)
        if (count < max)
            names[count] = unit->name;
    return count;
}

/* Writes magnitude / scale exactly as a decimal number: every scale's fractions end. Returns its digits. */
static int write_decimal(uint64_t magnitude, uint64_t scale, char *buffer, size_t size)
{
    int length = snprintf(buffer, size, "%llu", (unsigned long long)(magnitude / scale));
    int digits = length;
    uint64_t rest = magnitude % scale;
    if (rest != 0)
        buffer[length++] = '.';
    for (; rest != 0 && (size_t)length + 1 < size; digits++) {
        wide tenfold = (wide)rest * 10;
        buffer[length++] = (char)('0' + (int)(tenfold / scale));
        rest = (uint64_t)(tenfold % scale);
    }
    buffer[length] = '\0';
    return rest == 0 ? digits : (int)size;
}

/* Whether `unit` suits `magnitude` of a dimension: see unit_format(). */
static bool suits(uint64_t magnitude, const struct unit *unit, enum unit_dimension dimension)
{
    char digits[64];
    uint64_t scale = (uint64_t)unit->scale;
    bool binary = scale > 1 && (scale & (scale - 1)) == 0;
    if (magnitude < scale || (binary && magnitude % scale != 0))
        return false;
    if (dimension == UNIT_SIZE && !binary && scale > 1 && magnitude < MEGA)
        return false;
    return write_decimal(magnitude, scale, digits, sizeof(digits)) <= 6;
}

const char *unit_format(int64_t value, enum unit_dimension dimension, char *buffer, size_t size)
{
    SIM_ASSERT((unsigned)dimension < UNIT_DIMENSIONS && size >= 40);
    const struct unit *units = dimensions[dimension].units, *best = units;
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (const struct unit *unit = units; unit->name; unit++)
        if (suits(magnitude, unit, dimension))
            best = unit;
    if (magnitude == 0)
        return strcpy(buffer, "0");
    char digits[40];
    write_decimal(magnitude, (uint64_t)best->scale, digits, sizeof(digits));
    snprintf(buffer, size, "%s%s%s", value < 0 ? "-" : "", digits, best->name);
    return buffer;
}

const char *unit_dimension_name(enum unit_dimension dimension)
{
    SIM_ASSERT((unsigned)dimension < UNIT_DIMENSIONS);
    return dimensions[dimension].name;
}

const char *unit_dimension_units(enum unit_dimension dimension)
{
    SIM_ASSERT((unsigned)dimension < UNIT_DIMENSIONS);
    return dimensions[dimension].written;
}
