#include "analysis/table.h"

#include <math.h>

#include "analysis/quantity.h"
#include "tests/unit/analysis/campaign_fixture.h"

static void expect_table(const struct table *table, const char *wanted)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out, table_print(table, out));
    cr_expect_str_eq(text, wanted);
    free(text);
}

Test(table, aligns_left_and_right)
{
    struct table *table = table_create("lr", (const char *[]){"name", "value"});
    table_row(table, (const char *[]){"a", "1"});
    table_row(table, (const char *[]){"longer", "1234567"});
    expect_table(table, "name      value\n------  -------\na             1\nlonger  1234567\n");
    table_destroy(table);
}

Test(table, leaves_no_blanks_at_the_end)
{
    struct table *table = table_create("lrl", NULL);
    table_row(table, (const char *[]){"a", NULL, ""});
    table_row(table, (const char *[]){"b", "2", "x"});
    table_row(table, (const char *[]){NULL, "3", NULL});
    expect_table(table, "a\nb  2  x\n   3\n");
    table_destroy(table);
}

Test(table, counts_characters_not_bytes)
{
    struct table *table = table_create("ll", NULL);
    table_row(table, (const char *[]){"\xc2\xb5s", "x"});
    table_row(table, (const char *[]){"ms", "y"});
    expect_table(table, "\xc2\xb5s  x\nms  y\n");
    table_destroy(table);
}

Test(table, paragraph_breaks_at_the_width)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out, table_paragraph(out, "* ", "one two  three\nfour", 9));
    cr_expect_str_eq(text, "* one two\n  three\n  four\n");
    free(text);
}

Test(table, paragraph_keeps_a_word_longer_than_the_width)
{
    char *text = NULL;
    FIXTURE_TEXT(text, out, table_paragraph(out, "", "a incomprehensibility b", 5));
    cr_expect_str_eq(text, "a\nincomprehensibility\nb\n");
    free(text);
}

static void expect_quantity(double value, const char *unit, const char *wanted)
{
    char text[QUANTITY_SIZE];
    cr_expect_str_eq(quantity_text(value, unit, text, sizeof(text)), wanted, "%s, not %s", text, wanted);
}

Test(quantity, has_four_digits_and_a_prefix)
{
    expect_quantity(1423456, "pps", "1.423 Mpps");
    expect_quantity(12.345e-6, "s", "12.35 us");
    expect_quantity(-0.5, "s", "-500.0 ms");
    expect_quantity(0, "s", "0 s");
    expect_quantity(1, "s", "1.000 s");
    expect_quantity(NAN, "s", "-");
}

/* A value that rounds to 1000 of a unit is written with the next prefix. */
Test(quantity, changes_prefix_where_rounding_does)
{
    expect_quantity(999.94, "b/s", "999.9 b/s");
    expect_quantity(999.96, "b/s", "1.000 kb/s");
    expect_quantity(99.995e3, "b/s", "100.0 kb/s");
}

static void expect_plain(double value, const char *wanted)
{
    char text[QUANTITY_SIZE];
    cr_expect_str_eq(quantity_plain(value, text, sizeof(text)), wanted, "%s, not %s", text, wanted);
}

Test(quantity, plain_numbers)
{
    expect_plain(0, "0");
    expect_plain(123456.4, "123456");
    expect_plain(1000, "1000");
    expect_plain(12.5, "12.5");
    expect_plain(0.03125, "0.03125");
    expect_plain(0.000123456, "0.0001235");
    expect_plain(-8.3881, "-8.388");
    expect_plain(INFINITY, "-");
}

static void expect_tick(double value, const char *wanted)
{
    char text[QUANTITY_SIZE];
    cr_expect_str_eq(quantity_tick(value, text, sizeof(text)), wanted, "%s, not %s", text, wanted);
}

Test(quantity, ticks)
{
    expect_tick(0, "0");
    expect_tick(1518, "1518");
    expect_tick(10000, "10k");
    expect_tick(2.5e-6, "2.5u");
    expect_tick(1e6, "1M");
}
