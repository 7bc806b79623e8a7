#include "sim/unit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct good {
    const char *text;
    enum unit_dimension dimension;
    int64_t value;
};

static const struct good good[] = {
    {"10Gbps", UNIT_BIT_RATE, 10000000000},
    {"64B", UNIT_SIZE, 64},
    {"4KiB", UNIT_SIZE, 4096},
    {"4kB", UNIT_SIZE, 4000},
    {"1us", UNIT_TIME, 1000000},
    {"2.8GHz", UNIT_FREQUENCY, 2800000000},
    {"50kpps", UNIT_PACKET_RATE, 50000000},
    {"1mpps", UNIT_PACKET_RATE, 1},
    {"1Mpps", UNIT_PACKET_RATE, 1000000000},
    {"1200cycles", UNIT_CYCLES, 1200},
    {"1.2kcycles", UNIT_CYCLES, 1200},
    {"0.25cycles/B", UNIT_CYCLES_PER_BYTE, 250},
    {"8GT/s", UNIT_TRANSFER_RATE, 8000000000},
    {"25%", UNIT_RATIO, 250000},
    {"0.25", UNIT_RATIO, 250000},
    {"1", UNIT_RATIO, 1000000},
    {"42", UNIT_NONE, 42},
    {"-42", UNIT_NONE, -42},
    {"+7", UNIT_NONE, 7},
    {"1e3", UNIT_NONE, 1000},
    {"25e-1us", UNIT_TIME, 2500000},
    {".5us", UNIT_TIME, 500000},
    {"0.5KiB", UNIT_SIZE, 512},
    {"0.0009765625KiB", UNIT_SIZE, 1},
    {"1.500000000000000000000000000000000000000000us", UNIT_TIME, 1500000},
    {"000000000000000000000000000000000000000000000000001us", UNIT_TIME, 1000000},
    {"0", UNIT_TIME, 0},
    {"0.000", UNIT_BIT_RATE, 0},
    {"-0", UNIT_SIZE, 0},
    {"0e999999999999", UNIT_TIME, 0},
    {"0ns", UNIT_TIME, 0},
    {"9223372036854775807", UNIT_NONE, INT64_MAX},
    {"-9223372036854775807", UNIT_NONE, -INT64_MAX},
    {"9223372.036854775807s", UNIT_TIME, INT64_MAX},
};

Test(unit, parses_exactly)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t value = -99;
        enum unit_result result = unit_parse(good[i].text, good[i].dimension, &value);
        cr_assert_eq(result, UNIT_OK, "%s: %d", good[i].text, result);
        cr_assert_eq(value, good[i].value, "%s: %lld", good[i].text, (long long)value);
    }
}

struct bad {
    const char *text;
    enum unit_dimension dimension;
    enum unit_result result;
};

static const struct bad bad[] = {
    {"", UNIT_TIME, UNIT_NOT_A_NUMBER},
    {"abc", UNIT_TIME, UNIT_NOT_A_NUMBER},
    {"-", UNIT_TIME, UNIT_NOT_A_NUMBER},
    {".", UNIT_NONE, UNIT_NOT_A_NUMBER},
    {"Gbps", UNIT_BIT_RATE, UNIT_NOT_A_NUMBER},
    {"10", UNIT_BIT_RATE, UNIT_MISSING},
    {"10", UNIT_CYCLES, UNIT_MISSING},
    {"10Gbs", UNIT_BIT_RATE, UNIT_UNKNOWN},
    {"10 Gbps", UNIT_BIT_RATE, UNIT_UNKNOWN},
    {"10Gbps ", UNIT_BIT_RATE, UNIT_UNKNOWN},
    {"10gbps", UNIT_BIT_RATE, UNIT_UNKNOWN},
    {"1.", UNIT_NONE, UNIT_UNKNOWN},
    {"0x10", UNIT_NONE, UNIT_UNKNOWN},
    {"1.2.3", UNIT_NONE, UNIT_UNKNOWN},
    {"1e", UNIT_NONE, UNIT_UNKNOWN},
    {"10GB", UNIT_BIT_RATE, UNIT_WRONG},
    {"10Gbps", UNIT_SIZE, UNIT_WRONG},
    {"10ns", UNIT_CYCLES, UNIT_WRONG},
    {"5us", UNIT_NONE, UNIT_WRONG},
    {"0.5ps", UNIT_TIME, UNIT_NOT_WHOLE},
    {"0.5", UNIT_NONE, UNIT_NOT_WHOLE},
    {"1e-400s", UNIT_TIME, UNIT_NOT_WHOLE},
    {"0.0000001", UNIT_RATIO, UNIT_NOT_WHOLE},
    {"1.0000000000000000000000000000000000000000000000001s", UNIT_TIME, UNIT_NOT_WHOLE},
    {"8388607.9999999999990905052982270717620849609375TiB", UNIT_SIZE, UNIT_NOT_WHOLE}, /* 47 digits */
    {"0.00048828125KiB", UNIT_SIZE, UNIT_NOT_WHOLE},
    {"9223372036854775808", UNIT_NONE, UNIT_OUT_OF_RANGE},
    {"-9223372036854775808", UNIT_NONE, UNIT_OUT_OF_RANGE},
    {"9223372.036854775808s", UNIT_TIME, UNIT_OUT_OF_RANGE},
    {"1e19", UNIT_NONE, UNIT_OUT_OF_RANGE},
    {"1e999999999999999999999s", UNIT_TIME, UNIT_OUT_OF_RANGE},
    {"8388608TiB", UNIT_SIZE, UNIT_OUT_OF_RANGE},
    {"99999999999999999999999999999999999999999999999999", UNIT_NONE, UNIT_OUT_OF_RANGE},
};

Test(unit, says_why_and_leaves_the_value_alone)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t value = -99;
        enum unit_result result = unit_parse(bad[i].text, bad[i].dimension, &value);
        cr_assert_eq(result, bad[i].result, "%s: %d", bad[i].text, result);
        cr_assert_eq(value, -99, "%s", bad[i].text);
    }
}

Test(unit, a_megabyte_of_digits_is_answered)
{
    size_t size = 1 << 20;
    char *text = malloc(size + 1);
    int64_t value;
    memset(text, '7', size);
    text[size] = '\0';
    cr_assert_eq(unit_parse(text, UNIT_NONE, &value), UNIT_OUT_OF_RANGE);
    text[1] = '.';
    cr_assert_eq(unit_parse(text, UNIT_NONE, &value), UNIT_NOT_WHOLE);
    memset(text + 2, '0', size - 2);
    cr_assert_eq(unit_parse(text, UNIT_NONE, &value), UNIT_OK);
    cr_assert_eq(value, 7);
    free(text);
}

Test(unit, formats_in_the_largest_exact_unit)
{
    static const struct good shown[] = {
        {"10Gbps", UNIT_BIT_RATE, 10000000000},
        {"2.8GHz", UNIT_FREQUENCY, 2800000000},
        {"1500B", UNIT_SIZE, 1500},
        {"64KiB", UNIT_SIZE, 65536},
        {"10GB", UNIT_SIZE, 10000000000},
        {"1GiB", UNIT_SIZE, 1073741824},
        {"1us", UNIT_TIME, 1000000},
        {"1.5ms", UNIT_TIME, 1500000000},
        {"999.999ns", UNIT_TIME, 999999},
        {"1234567ps", UNIT_TIME, 1234567},
        {"1mpps", UNIT_PACKET_RATE, 1},
        {"316kpps", UNIT_PACKET_RATE, 316000000},
        {"0.25cycles/B", UNIT_CYCLES_PER_BYTE, 250},
        {"25%", UNIT_RATIO, 250000},
        {"1", UNIT_RATIO, 1000000},
        {"0.0001%", UNIT_RATIO, 1},
        {"0", UNIT_TIME, 0},
        {"-5us", UNIT_TIME, -5000000},
        {"9223372036854775807ps", UNIT_TIME, INT64_MAX},
        {"8GT/s", UNIT_TRANSFER_RATE, 8000000000},
    };
    char buffer[40];
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        cr_assert_str_eq(unit_format(shown[i].value, shown[i].dimension, buffer, sizeof(buffer)),
                         shown[i].text);
}

Test(unit, what_is_formatted_reads_back)
{
    char buffer[40];
    for (int dimension = 0; dimension < UNIT_DIMENSIONS; dimension++) {
        for (uint64_t i = 1; i < 4000; i++) {
            int64_t value = (int64_t)((i * i * i * UINT64_C(0x9e3779b97f4a7c15)) >> (i % 63 + 1)), back;
            unit_format(value, (enum unit_dimension)dimension, buffer, sizeof(buffer));
            cr_assert_eq(unit_parse(buffer, (enum unit_dimension)dimension, &back), UNIT_OK, "%s", buffer);
            cr_assert_eq(back, value, "%s", buffer);
        }
    }
}

Test(unit, names)
{
    const char *names[12];
    cr_assert_str_eq(unit_suffix("10Gbps"), "Gbps");
    cr_assert_str_eq(unit_suffix("1.5e3us"), "us");
    cr_assert_str_eq(unit_suffix("abc"), "abc");
    cr_assert_eq(unit_dimension_of("KiB"), UNIT_SIZE);
    cr_assert_eq(unit_dimension_of(""), UNIT_NONE);
    cr_assert_eq(unit_dimension_of("%"), UNIT_RATIO);
    cr_assert_eq(unit_dimension_of("parsec"), UNIT_DIMENSIONS);
    cr_assert_eq(unit_names(UNIT_TIME, names, 12), 5);
    cr_assert_str_eq(names[4], "s");
    cr_assert_str_eq(unit_dimension_name(UNIT_BIT_RATE), "bit rate");
    cr_assert_str_eq(unit_dimension_units(UNIT_TIME), "ps, ns, us, ms or s");
}

Test(unit, every_unit_is_in_the_message_and_belongs_to_one_dimension)
{
    for (int dimension = 0; dimension < UNIT_DIMENSIONS; dimension++) {
        const char *names[12];
        size_t count = unit_names((enum unit_dimension)dimension, names, 12);
        for (size_t i = 0; i < count; i++) {
            cr_assert_not_null(strstr(unit_dimension_units((enum unit_dimension)dimension), names[i]));
            if (names[i][0])
                cr_assert_eq((int)unit_dimension_of(names[i]), dimension);
        }
    }
}
