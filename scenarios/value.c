/*
 * The messages about one value: a number with its unit, a choice, true or false.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/complain.h"

#define FORMAT_SIZE 40
#define TEXT_SIZE 200

static enum unit_dimension dimension_of(const struct param *row)
{
    return row->kind == PARAM_INTEGER ? UNIT_NONE : row->dimension;
}

static bool is_count(const struct param *row)
{
    return row->kind == PARAM_LIST || row->kind == PARAM_QUANTITIES;
}

const char *bind_range(const struct param *row, char *buffer, size_t size)
{
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    enum unit_dimension dimension = is_count(row) ? UNIT_NONE : dimension_of(row);
    unit_format(row->min, dimension, low, sizeof(low));
    unit_format(row->max, dimension, high, sizeof(high));
    if (row->min == row->max)
        snprintf(buffer, size, "%s", low);
    else if (row->max == INT64_MAX)
        snprintf(buffer, size, "at least %s", low);
    else
        snprintf(buffer, size, "%s to %s", low, high);
    return buffer;
}

static const char *wanted_number(enum unit_dimension dimension, char *buffer, size_t size)
{
    if (dimension == UNIT_NONE)
        snprintf(buffer, size, "a whole number");
    else if (dimension == UNIT_RATIO)
        snprintf(buffer, size, "a fraction as 0.25 or 25%%");
    else
        snprintf(buffer, size, "a %s in %s", unit_dimension_name(dimension), unit_dimension_units(dimension));
    return buffer;
}

const char *bind_wanted(const struct param *row, char *buffer, size_t size)
{
    char number[TEXT_SIZE];
    static const char *const wanted[] = {
        [PARAM_BOOL] = "true or false",
        [PARAM_CHOICE] = "one of its choices",
        [PARAM_TEXT] = "text",
        [PARAM_PATH] = "a file name",
        [PARAM_GROUP] = "a group of keys",
        [PARAM_LIST] = "a list of groups of keys",
        [PARAM_VARIANT] = "a model's name or a group of keys",
        [PARAM_ANY] = "a value",
    };
    bool number_row = row->kind == PARAM_INTEGER || row->kind == PARAM_QUANTITY;
    if (number_row && row->min == row->max)
        return bind_range(row, buffer, size);
    if (number_row)
        return wanted_number(dimension_of(row), buffer, size);
    if (row->kind == PARAM_QUANTITIES)
        snprintf(buffer, size, "a list, each %s", wanted_number(row->dimension, number, sizeof(number)));
    else
        snprintf(buffer, size, "%s", wanted[row->kind]);
    return buffer;
}

/* The nearest unit to a wrong one among those of the dimension, NULL when none is near. */
static const char *nearest_unit(const char *unit, enum unit_dimension dimension)
{
    const char *names[12];
    size_t count = unit_names(dimension, names, sizeof(names) / sizeof(names[0]));
    return diag_nearest(unit, names, count);
}

static void unknown_unit(struct diag *diag, const struct diag_place *place, const char *path,
                         const char *text, enum unit_dimension dimension)
{
    char value[CLIP_SIZE], wanted[TEXT_SIZE];
    const char *suffix = unit_suffix(text);
    const char *unit = suffix + strspn(suffix, " ");
    const char *nearest = nearest_unit(unit, dimension);
    wanted_number(dimension, wanted, sizeof(wanted));
    if (unit != suffix && nearest)
        diag_error(diag, place, "blank before the unit: `%s` for `%s`; wanted: %s; did you mean `%.*s%s`?",
                   clip(text, value), path, wanted, (int)(suffix - text), text, nearest);
    else if (nearest)
        diag_error(diag, place, "unknown unit: `%s` for `%s`; wanted: %s; did you mean `%.*s%s`?",
                   clip(text, value), path, wanted, (int)(suffix - text), text, nearest);
    else
        diag_error(diag, place, "unknown unit: `%s` for `%s`; wanted: %s", clip(text, value), path, wanted);
}

static void wrong_unit(struct diag *diag, const struct diag_place *place, const char *path, const char *text,
                       enum unit_dimension dimension)
{
    char value[CLIP_SIZE], wanted[TEXT_SIZE];
    enum unit_dimension actual = unit_dimension_of(unit_suffix(text));
    const char *nearest = nearest_unit(unit_suffix(text), dimension);
    diag_error(diag, place, "wrong unit: `%s` for `%s` is a %s; wanted: %s%s%.*s%s%s", clip(text, value),
               path, unit_dimension_name(actual), wanted_number(dimension, wanted, sizeof(wanted)),
               nearest ? "; did you mean `" : "", nearest ? (int)(unit_suffix(text) - text) : 0, text,
               nearest ? nearest : "", nearest ? "`?" : "");
}

static void bad_quantity(struct diag *diag, const struct diag_place *place, const struct param *row,
                         const char *path, const char *text)
{
    char value[CLIP_SIZE], wanted[TEXT_SIZE], range[TEXT_SIZE];
    enum unit_dimension dimension = dimension_of(row);
    int64_t unused;
    wanted_number(dimension, wanted, sizeof(wanted));
    switch (unit_parse(text, dimension, &unused)) {
    case UNIT_MISSING:
        diag_error(diag, place, "unit missing: `%s` for `%s`; wanted: %s", clip(text, value), path, wanted);
        return;
    case UNIT_UNKNOWN:
        unknown_unit(diag, place, path, text, dimension);
        return;
    case UNIT_WRONG:
        wrong_unit(diag, place, path, text, dimension);
        return;
    case UNIT_OUT_OF_RANGE:
        diag_error(diag, place, "out of range: `%s` for `%s`; allowed: %s", clip(text, value), path,
                   bind_range(row, range, sizeof(range)));
        return;
    case UNIT_NOT_WHOLE:
        diag_error(diag, place, "too fine: `%s` for `%s`; wanted: a whole %s%s", clip(text, value), path,
                   dimension == UNIT_NONE ? "number" : "multiple of ",
                   dimension == UNIT_NONE ? "" : unit_format(1, dimension, range, sizeof(range)));
        return;
    default:
        diag_error(diag, place, "not a number: `%s` for `%s`; wanted: %s", clip(text, value), path, wanted);
    }
}

void bind_complain(struct diag *diag, const struct diag_place *place, const struct param *row,
                   const char *path, const char *text, enum param_result result)
{
    static const char *const truths[] = {"true", "false", NULL};
    char value[CLIP_SIZE], range[TEXT_SIZE];
    struct names names = {0};
    if (result == PARAM_BAD_QUANTITY) {
        bad_quantity(diag, place, row, path, text);
    } else if (result == PARAM_BAD_RANGE) {
        diag_error(diag, place, "out of range: `%s` for `%s`; allowed: %s", clip(text, value), path,
                   bind_range(row, range, sizeof(range)));
    } else {
        names_add_all(&names, result == PARAM_BAD_BOOL ? truths : row->choices);
        complain_unknown(diag, place, "value", text, path, &names);
    }
}
