#include "analysis/axis.h"

#include <math.h>
#include <string.h>

#include "sim/report_number.h"

/* A dimension's plain unit, and how many base units (sim/unit.h) make one. */
static const struct {
    const char *unit;
    int64_t base;
} plain[UNIT_DIMENSIONS] = {
    [UNIT_NONE] = {"", 1},
    [UNIT_TIME] = {"s", INT64_C(1000000000000)},
    [UNIT_FREQUENCY] = {"Hz", 1},
    [UNIT_SIZE] = {"B", 1},
    [UNIT_BIT_RATE] = {"bit/s", 1},
    [UNIT_PACKET_RATE] = {"packets/s", 1000},
    [UNIT_CYCLES] = {"cycles", 1},
    [UNIT_CYCLES_PER_BYTE] = {"cycles/B", 1000},
    [UNIT_TRANSFER_RATE] = {"transfers/s", 1},
    [UNIT_RATIO] = {"", 1000000},
};

const struct scenario_axis *axis_find(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        const struct scenario_axis *axis = &experiment->axes[i];
        if (strcmp(axis->name, name) == 0 || strcmp(axis->path, name) == 0)
            return axis;
    }
    return NULL;
}

const struct scenario_value *axis_value_at(const struct experiment *experiment,
                                           const struct scenario_axis *axis,
                                           const struct scenario_point *point)
{
    return point->values[axis - experiment->axes];
}

/* A bare 0 belongs to every dimension. */
static bool fits(const struct scenario_value *value, enum unit_dimension dimension)
{
    return value->numeric && (value->dimension == dimension || value->number == 0);
}

static enum unit_dimension dimension_of(const struct scenario_axis *axis)
{
    for (size_t i = 0; i < axis->count; i++)
        if (axis->values[i].numeric && axis->values[i].number != 0)
            return axis->values[i].dimension;
    return axis->values[0].dimension;
}

bool axis_is_numeric(const struct scenario_axis *axis)
{
    for (size_t i = 0; i < axis->count; i++)
        if (!fits(&axis->values[i], dimension_of(axis)))
            return false;
    return true;
}

double axis_number(const struct scenario_value *value)
{
    return value->numeric ? report_ratio_value(value->number, plain[value->dimension].base) : NAN;
}

const char *axis_unit(const struct scenario_axis *axis)
{
    return axis_is_numeric(axis) ? plain[dimension_of(axis)].unit : "";
}
