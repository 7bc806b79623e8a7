#include "sim/diag.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What diag_print() writes, to be freed. */
static char *printed(const struct diag *diag)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    diag_print(diag, stream);
    fclose(stream);
    return text;
}

static void expect_printed(const struct diag *diag, const char *expected)
{
    char *text = printed(diag);
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(diag, forms_of_a_place)
{
    struct diag *diag = diag_create();
    struct diag_place whole = {.file = "a.yaml"}, line = {.file = "a.yaml", .line = 3};
    struct diag_place exact = {.file = "a.yaml", .line = 3, .column = 7}, command = {0};
    diag_error(diag, &exact, "wrong: `%d`", 5);
    diag_error(diag, &line, "b");
    diag_error(diag, &whole, "c");
    diag_error(diag, &command, "d");
    diag_warning(diag, NULL, "e");
    expect_printed(diag, "a.yaml:3:7: error: wrong: `5`\n"
                         "a.yaml:3: error: b\n"
                         "a.yaml: error: c\n"
                         "command line: error: d\n"
                         "warning: e\n");
    diag_destroy(diag);
}

Test(diag, warnings_are_no_errors)
{
    struct diag *diag = diag_create();
    diag_warning(diag, NULL, "w");
    cr_assert_eq(diag_error_count(diag), 0);
    diag_error(diag, NULL, "e");
    cr_assert_eq(diag_error_count(diag), 1);
    diag_destroy(diag);
}

Test(diag, keeps_a_hundred_errors_and_counts_the_rest)
{
    struct diag *diag = diag_create();
    for (int i = 0; i < 99; i++)
        diag_error(diag, NULL, "%d", i);
    cr_assert_not(diag_full(diag));
    diag_error(diag, NULL, "99");
    cr_assert(diag_full(diag));
    char *at_limit = printed(diag);
    cr_assert_null(strstr(at_limit, "more"));
    free(at_limit);
    diag_error(diag, NULL, "100");
    diag_error(diag, NULL, "101");
    cr_assert_eq(diag_error_count(diag), 102);
    char *text = printed(diag);
    cr_assert_not_null(strstr(text, "error: 99\nerror: 2 more errors are not shown\n"));
    cr_assert_null(strstr(text, "error: 100\n"));
    free(text);
    diag_destroy(diag);
}

Test(diag, control_characters_are_escaped_and_other_text_is_not)
{
    struct diag *diag = diag_create();
    struct diag_place place = {.file = "x\x1b[31m", .line = 1, .column = 1};
    diag_error(diag, &place, "%s", "a\nb\x7f\xc2\x9b\xc3\xa9");
    expect_printed(diag, "x\\x1b[31m:1:1: error: a\\x0ab\\x7f\\xc2\\x9b\xc3\xa9\n");
    diag_destroy(diag);
}

Test(diag, a_message_is_cut_at_its_limit)
{
    struct diag *diag = diag_create();
    char *long_text = calloc(1, 10001);
    memset(long_text, 'a', 10000);
    diag_error(diag, NULL, "%s", long_text);
    char *text = printed(diag);
    cr_assert_eq(strlen(text), strlen("error: ") + 1999 + 1);
    free(text);
    free(long_text);
    diag_destroy(diag);
}

static const char *const names[] = {"rate", "size", "queues", "interval", "native", "virtio"};

static const char *nearest(const char *word)
{
    return diag_nearest(word, names, sizeof(names) / sizeof(names[0]));
}

Test(diag, nearest_name)
{
    cr_assert_str_eq(nearest("rat"), "rate");           /* one missing */
    cr_assert_str_eq(nearest("raet"), "rate");          /* a transposition counts one */
    cr_assert_str_eq(nearest("intervall"), "interval"); /* one too many */
    cr_assert_str_eq(nearest("NATIVE"), "native");      /* capitals */
    cr_assert_str_eq(nearest("quues"), "queues");
    cr_assert_str_eq(nearest("qeues"), "queues");
    cr_assert_str_eq(nearest("qxxues"), "queues"); /* two of six: at the limit */
}

Test(diag, nothing_is_near)
{
    cr_assert_null(nearest("bandwidth"));
    cr_assert_null(nearest("rxxe")); /* two of four: beyond a third */
    cr_assert_null(nearest("qxxxes"));
    cr_assert_null(nearest(""));
    cr_assert_null(diag_nearest("rate", NULL, 0));
}

Test(diag, one_letter_is_not_near_another)
{
    static const char *const letters[] = {"x", "xy"};
    cr_assert_null(diag_nearest("y", letters, 1));
    cr_assert_str_eq(diag_nearest("y", letters, 2), "xy");
}

Test(diag, of_equally_near_names_the_own_first_letter_wins)
{
    static const char *const units[] = {"mpps", "pps", "kpps", "Mpps"};
    cr_assert_str_eq(diag_nearest("kps", units, 4), "kpps");
    cr_assert_str_eq(diag_nearest("xps", units, 4), "pps");
}

Test(diag, a_very_long_word_is_answered)
{
    char word[5000];
    memset(word, 'r', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    cr_assert_null(nearest(word));
}
