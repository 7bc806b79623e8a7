#include "sim/param.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/diag.h"

struct config {
    int64_t queues;
    int64_t rate;
    int kind;
    bool on;
    const char *name;
};

static const char *const kinds[] = {"split", "packed", NULL};
static const struct param rows[] = {
    PARAM_INTEGER_ROW(struct config, queues, 1, 8, "2", "queue pairs"),
    PARAM_QUANTITY_ROW(struct config, rate, UNIT_BIT_RATE, 1, 1000, NULL, "line rate"),
    PARAM_CHOICE_ROW(struct config, kind, kinds, "split", "ring layout"),
    PARAM_BOOL_ROW(struct config, on, "true", "whether"),
    PARAM_TEXT_ROW(struct config, name, NULL, false, "its name"),
};
static const struct param_table table = {.name = "thing",
                                         .help = "a thing",
                                         .size = sizeof(struct config),
                                         .params = rows,
                                         .count = PARAM_COUNT(rows)};
static const struct param_model model = {&table, NULL};
static const struct param_model *const models[] = {&model, NULL};
static const struct param_family family = {"things", "all things", models};

Test(param, finds_rows_and_models)
{
    cr_assert_eq(param_find(&table, "rate"), &rows[1]);
    cr_assert_null(param_find(&table, "rates"));
    cr_assert_eq(param_find_model(&family, "thing"), &model);
    cr_assert_null(param_find_model(&family, "other"));
}

Test(param, stores_scalars)
{
    struct config config = {0};
    static const char name[] = "eth0";
    cr_assert_eq(param_store(&rows[0], "8", &config), PARAM_OK);
    cr_assert_eq(param_store(&rows[1], "1kbps", &config), PARAM_OK);
    cr_assert_eq(param_store(&rows[2], "packed", &config), PARAM_OK);
    cr_assert_eq(param_store(&rows[3], "true", &config), PARAM_OK);
    cr_assert_eq(param_store(&rows[4], name, &config), PARAM_OK);
    cr_assert_eq(config.queues, 8);
    cr_assert_eq(config.rate, 1000);
    cr_assert_eq(config.kind, 1);
    cr_assert(config.on);
    cr_assert_eq(config.name, name);
}

Test(param, refuses_and_stores_nothing)
{
    struct config config = {.queues = 77, .rate = 77, .kind = 77, .on = true};
    cr_assert_eq(param_store(&rows[0], "9", &config), PARAM_BAD_RANGE);
    cr_assert_eq(param_store(&rows[0], "0", &config), PARAM_BAD_RANGE);
    cr_assert_eq(param_store(&rows[0], "2us", &config), PARAM_BAD_QUANTITY);
    cr_assert_eq(param_store(&rows[1], "10", &config), PARAM_BAD_QUANTITY);
    cr_assert_eq(param_store(&rows[2], "Split", &config), PARAM_BAD_CHOICE);
    cr_assert_eq(param_store(&rows[3], "no", &config), PARAM_BAD_BOOL);
    cr_assert_eq(config.queues, 77);
    cr_assert_eq(config.rate, 77);
    cr_assert_eq(config.kind, 77);
    cr_assert(config.on);
}

Test(param, a_sound_table_passes_its_check)
{
    struct diag *diag = diag_create();
    cr_assert(param_check_table(&table, diag));
    cr_assert_eq(diag_error_count(diag), 0);
    diag_destroy(diag);
}

/* Asserts that a table of one row has this mistake. */
static void expect_mistake(struct param row, const char *mistake)
{
    struct param_table one = {
        .name = "t", .help = "h", .size = sizeof(struct config), .params = &row, .count = 1};
    struct diag *diag = diag_create();
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cr_assert_not(param_check_table(&one, diag), "%s", mistake);
    diag_print(diag, stream);
    fclose(stream);
    cr_assert_not_null(strstr(text, mistake), "%s", text);
    free(text);
    diag_destroy(diag);
}

Test(param, the_check_finds_each_mistake)
{
    struct param row = rows[0];
    row.key = "Queues";
    expect_mistake(row, "badly spelled or reserved");
    row.key = "include";
    expect_mistake(row, "badly spelled or reserved");
    row = rows[0];
    row.help = "";
    expect_mistake(row, "no help");
    row = rows[0];
    row.offset = sizeof(struct config) - 4;
    expect_mistake(row, "outside the struct");
    row = rows[0];
    row.fallback = "9";
    expect_mistake(row, "does not read or is out of range");
    row = rows[0];
    row.min = 10;
    expect_mistake(row, "an empty range");
    row = rows[3];
    row.fallback = NULL;
    expect_mistake(row, "neither a default");
    row = rows[2];
    row.choices = NULL;
    expect_mistake(row, "no choices");
    row = rows[0];
    row.kind = PARAM_LIST;
    expect_mistake(row, "no table");
    row.kind = PARAM_VARIANT;
    expect_mistake(row, "no family");
}

Test(param, the_check_finds_a_key_that_is_there_twice)
{
    struct param twice[] = {rows[0], rows[0]};
    struct param_table both = table;
    struct diag *diag = diag_create();
    both.params = twice;
    both.count = 2;
    cr_assert_not(param_check_table(&both, diag));
    cr_assert_eq(diag_error_count(diag), 1);
    diag_destroy(diag);
}

static struct param loop_row;
static const struct param_table loop = {
    .name = "loop", .help = "contains itself", .size = 8, .params = &loop_row, .count = 1};

Test(param, the_check_ends_for_a_table_that_contains_itself)
{
    struct diag *diag = diag_create();
    loop_row = (struct param){.key = "again", .kind = PARAM_GROUP, .help = "h", .table = &loop};
    cr_assert_not(param_check_table(&loop, diag));
    diag_destroy(diag);
}
