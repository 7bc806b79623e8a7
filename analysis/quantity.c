#include "analysis/quantity.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct prefix {
    double factor;
    const char *text;
};

/* Largest first. */
static const struct prefix prefixes[] = {
    {1e12, "T"}, {1e9, "G"},  {1e6, "M"},  {1e3, "k"},   {1, ""},
    {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}, {1e-12, "p"},
};

/* How many digits stand before the point, at least 1: 999.96 will be written with four. */
static int leading_digits(double magnitude)
{
    int digits = 1;
    for (double limit = 9.9995; magnitude >= limit && digits < 18; limit *= 10)
        digits++;
    return digits;
}

/* Decimals for four significant digits; of a fraction, the zeros that follow the point come on top. */
static int decimals_of(double magnitude)
{
    int decimals = 4 - leading_digits(magnitude);
    for (double limit = 0.99995; magnitude < limit && decimals < 12; limit /= 10)
        decimals++;
    return decimals < 0 ? 0 : decimals;
}

static void drop_zeros(char *text)
{
    char *end = text + strlen(text);
    if (!strchr(text, '.'))
        return;
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
}

static const struct prefix *prefix_for(double magnitude)
{
    size_t last = sizeof(prefixes) / sizeof(prefixes[0]) - 1;
    size_t i = 0;
    while (i < last && magnitude < prefixes[i].factor * 0.99995)
        i++;
    return &prefixes[i];
}

const char *quantity_plain(double value, char *buffer, size_t size)
{
    if (!isfinite(value)) {
        snprintf(buffer, size, "-");
        return buffer;
    }
    if (value == 0) {
        snprintf(buffer, size, "0");
        return buffer;
    }
    snprintf(buffer, size, "%.*f", decimals_of(fabs(value)), value);
    drop_zeros(buffer);
    return buffer;
}

const char *quantity_text(double value, const char *unit, char *buffer, size_t size)
{
    char number[QUANTITY_SIZE];
    if (!isfinite(value) || *unit == '\0')
        return quantity_plain(value, buffer, size);
    const struct prefix *prefix = value == 0 ? &prefixes[4] : prefix_for(fabs(value));
    double scaled = value / prefix->factor;
    int decimals = value == 0 ? 0 : decimals_of(fabs(scaled));
    snprintf(number, sizeof(number), "%.*f", decimals, scaled);
    snprintf(buffer, size, "%s %s%s", number, prefix->text, unit);
    return buffer;
}

const char *quantity_tick(double value, char *buffer, size_t size)
{
    double magnitude = fabs(value);
    if (value == 0 || !isfinite(value) || (magnitude >= 1 && magnitude < 10000))
        return quantity_plain(value, buffer, size);
    const struct prefix *prefix = prefix_for(magnitude);
    char number[QUANTITY_SIZE];
    quantity_plain(value / prefix->factor, number, sizeof(number));
    snprintf(buffer, size, "%s%s", number, prefix->text);
    return buffer;
}
