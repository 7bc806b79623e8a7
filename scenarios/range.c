/*
 * Ranges of a sweep. Everything is integer arithmetic, so that the points of a scenario are the same on
 * every machine: logarithms are computed in fixed point by repeated squaring.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/directives.h"

#define LOG_BITS 56            /* fraction bits of a base-2 logarithm */
#define WHOLE INT64_C(1000000) /* 1 as a UNIT_RATIO */

typedef unsigned __int128 wide;

/* log2(x) with LOG_BITS fraction bits, rounded down; x > 0. */
static int64_t log2_fixed(uint64_t x)
{
    int exponent = 63 - __builtin_clzll(x);
    uint64_t mantissa = x << (63 - exponent); /* 1.63 fixed point, in [1, 2) */
    int64_t log = exponent;
    for (int bit = 0; bit < LOG_BITS; bit++) {
        wide square = (wide)mantissa * mantissa >> 63;
        bool two = square >> 64 != 0;
        log = log << 1 | two;
        mantissa = (uint64_t)(two ? square >> 1 : square);
    }
    return log;
}

static uint64_t square_root(wide x)
{
    uint64_t root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t larger = root | UINT64_C(1) << bit;
        if ((wide)larger * larger <= x)
            root = larger;
    }
    return root;
}

/* 2^log rounded to the nearest whole number; log has LOG_BITS fraction bits and is below 63. */
static int64_t exp2_fixed(int64_t log)
{
    uint64_t factor = square_root((wide)1 << 127); /* 2^(1/2) in 1.63 fixed point, then 2^(1/4), ... */
    uint64_t mantissa = UINT64_C(1) << 63;
    for (int bit = LOG_BITS - 1; bit >= 0; bit--) {
        if (log >> bit & 1)
            mantissa = (uint64_t)((wide)mantissa * factor >> 63);
        factor = square_root((wide)factor << 63);
    }
    wide value = ((wide)mantissa << (log >> LOG_BITS) >> 62) + 1;
    return (int64_t)(value >> 1);
}

/* Rounds to 3 significant digits. */
static int64_t three_digits(int64_t value)
{
    int64_t unit = 1;
    while (value / unit >= 1000)
        unit *= 10;
    return (value + unit / 2) / unit * unit;
}

static int64_t log_point(int64_t from, int64_t to, int64_t i, int64_t last, bool whole)
{
    if (i == 0 || i == last)
        return i == 0 ? from : to;
    int64_t a = log2_fixed((uint64_t)from), b = log2_fixed((uint64_t)to);
    int64_t value = exp2_fixed(a + (int64_t)((__int128)(b - a) * i / last));
    return whole ? (value + WHOLE / 2) / WHOLE * WHOLE : three_digits(value);
}

static int64_t linear_point(int64_t from, int64_t to, int64_t i, int64_t last)
{
    __int128 distance = (__int128)to - from;
    return from + (int64_t)((distance * i * 2 + last) / (2 * last));
}

/* Writes a number of a range as a user would: plain numbers and percentages as decimals. */
static const char *range_text(struct arena *arena, int64_t number, enum unit_dimension dimension,
                              bool percent)
{
    char buffer[48];
    if (dimension != UNIT_RATIO)
        return arena_string(arena, unit_format(number, dimension, buffer, sizeof(buffer)));
    int64_t scale = percent ? WHOLE / 100 : WHOLE;
    int digits = percent ? 4 : 6;
    int length = snprintf(buffer, sizeof(buffer), "%lld.%0*lld", (long long)(number / scale), digits,
                          (long long)(number % scale));
    while (buffer[length - 1] == '0')
        length--;
    if (buffer[length - 1] == '.')
        length--;
    return arena_format(arena, "%.*s%s", length, buffer, percent ? "%" : "");
}

static bool refuse(struct reading *reading, const struct node *node, const char *what, const char *value,
                   const char *wanted)
{
    char cut[CLIP_SIZE];
    diag_error(reading->diag, &node->place, "%s: `%s` in `sweep`; wanted: %s", what, clip(value, cut),
               wanted);
    return false;
}

/* The ends of a range. */
struct range {
    struct scenario_value from, to, step;
    bool percent;
};

static bool read_end(struct reading *reading, const struct node *node, const char *key,
                     struct scenario_value *value)
{
    const struct node *text = node_get(node, key);
    if (!text)
        return directive_missing(reading, node, key, "sweep",
                                 "a quantity, for a range from, to, step or points");
    *value = sweep_value(text->text, text->place);
    if (!value->numeric || value->number < 0)
        return refuse(reading, text, "not a quantity", text->text, "a number with its unit, 0 or more");
    return true;
}

static bool read_ends(struct reading *reading, const struct axis_rows *rows, const struct node *node,
                      struct range *range)
{
    if (!read_end(reading, node, "from", &range->from) || !read_end(reading, node, "to", &range->to))
        return false;
    range->percent = rows->to[strlen(rows->to) - 1] == '%';
    if (!sweep_comparable(&range->from, &range->to))
        return refuse(reading, node_get(node, "to"), "wrong unit", rows->to,
                      "one of the dimension of `from`");
    if (range->from.number >= range->to.number)
        return refuse(reading, node_get(node, "to"), "empty range", rows->to, "more than `from`");
    if (!rows->step)
        return true;
    if (!read_end(reading, node, "step", &range->step))
        return false;
    if (!sweep_comparable(&range->step, &range->to))
        return refuse(reading, node_get(node, "step"), "wrong unit", rows->step,
                      "one of the dimension of `from`");
    return range->step.number > 0 ||
           refuse(reading, node_get(node, "step"), "no step", rows->step, "more than 0");
}

/* How many points the range has; 0, reported, when it is wrong. */
static int64_t count_points(struct reading *reading, const struct axis_rows *rows, const struct node *node,
                            const struct range *range)
{
    bool logarithmic = rows->scale == 1;
    if (rows->step && (rows->points || logarithmic))
        refuse(reading, node_get(node, "step"), "too much", rows->step, "either `step` or `points`, `scale`");
    else if (rows->step && (range->to.number - range->from.number) / range->step.number >= 10000)
        refuse(reading, node_get(node, "step"), "too many points", rows->step, "at most 10000 points");
    else if (rows->step)
        return (range->to.number - range->from.number) / range->step.number + 1;
    else if (rows->points < 2)
        directive_missing(reading, node, "points", "sweep", "at least 2, or a `step`");
    else if (logarithmic && range->from.number == 0)
        refuse(reading, node_get(node, "from"), "out of range", rows->from, "more than 0 for a log scale");
    else
        return rows->points;
    return 0;
}

bool range_read(struct reading *reading, const struct axis_rows *rows, const struct node *node,
                struct scenario_axis *axis)
{
    struct range range = {0};
    if (!read_ends(reading, rows, node, &range))
        return false;
    int64_t count = count_points(reading, rows, node, &range);
    int64_t from = range.from.number, to = range.to.number;
    enum unit_dimension dimension = range.to.dimension;
    bool whole = dimension == UNIT_RATIO && !range.percent && from % WHOLE == 0 && to % WHOLE == 0;
    axis->values = arena_alloc(reading->arena, (size_t)count * sizeof(*axis->values));
    for (int64_t i = 0; i < count; i++) {
        int64_t number = rows->step         ? from + i * range.step.number
                         : rows->scale == 1 ? log_point(from, to, i, count - 1, whole)
                                            : linear_point(from, to, i, count - 1);
        if (axis->count && axis->values[axis->count - 1].number == number)
            continue; /* rounding made it the same as the one before */
        const char *text = range_text(reading->arena, number, dimension, range.percent);
        axis->values[axis->count++] = sweep_value(text, node->place);
    }
    return count > 0;
}
