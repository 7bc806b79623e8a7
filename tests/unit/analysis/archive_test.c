/* Archives: what is put in comes out again, from memory and from the file, also when many are asked for in turn. */
#include "analysis/archive.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Results of `size` bytes, so that `count` of them exceed ARCHIVE_MEMORY_MAX or not. */
static struct archive *fill(size_t count, size_t size)
{
    struct archive *archive = archive_create(count);
    char *text = malloc(size + 64);
    archive_note(archive, "a.m");
    for (size_t i = 0; i < count; i++) {
        int length = snprintf(text, 64, "{\"a\": {\"m\": %zu}, \"b\": \"", i);
        memset(text + length, 'x', size);
        memcpy(text + (size_t)length + size, "\"}", 2);
        cr_assert(archive_put(archive, i, text, (size_t)length + size + 2));
    }
    free(text);
    return archive;
}

static void expect_result(struct archive *archive, size_t index)
{
    const json_t *result = archive_get(archive, index);
    cr_assert_not_null(result);
    const json_t *m = json_object_get(json_object_get(result, "a"), "m");
    cr_expect_eq(json_integer_value(m), (json_int_t)index);
}

Test(archive, keeps_small_results)
{
    struct archive *archive = fill(3 * ARCHIVE_OPEN, 10);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < 3 * ARCHIVE_OPEN; i++)
            expect_result(archive, i);
    archive_destroy(archive);
}

Test(archive, keeps_results_that_are_more_than_memory_takes)
{
    size_t count = 40, size = ARCHIVE_MEMORY_MAX / 16;
    struct archive *archive = fill(count, size);
    for (size_t i = count; i-- > 0;)
        expect_result(archive, i);
    archive_destroy(archive);
}

Test(archive, what_was_got_stays_until_others_push_it_out)
{
    struct archive *archive = fill(ARCHIVE_OPEN + 1, 10);
    const json_t *first = archive_get(archive, 0);
    for (size_t i = 1; i < ARCHIVE_OPEN; i++)
        expect_result(archive, i);
    cr_expect_eq(archive_get(archive, 0), first);
    archive_destroy(archive);
}

Test(archive, numbers_of_noted_and_of_other_paths)
{
    double number;
    struct archive *archive = fill(3, 10);
    cr_expect(archive_number(archive, 2, "a.m", &number));
    cr_expect_eq(number, 2);
    cr_expect_not(archive_number(archive, 2, "a.other", &number));
    cr_assert(archive_put(archive, 1, "{\"n\": 1.5}", 10));
    cr_expect_not(archive_number(archive, 1, "a.m", &number), "the number of the result before is gone");
    cr_expect(archive_number(archive, 1, "n", &number));
    cr_expect_eq(number, 1.5);
    archive_destroy(archive);
}

Test(archive, forgets_and_refuses)
{
    double number;
    struct archive *archive = fill(2, 10);
    expect_result(archive, 1);
    cr_expect(archive_put(archive, 1, NULL, 0));
    cr_expect_not(archive_has(archive, 1));
    cr_expect_null(archive_get(archive, 1));
    cr_expect_not(archive_number(archive, 1, "a.m", &number));
    cr_expect_not(archive_put(archive, 0, "{\"a\": ", 6));
    cr_expect_not(archive_has(archive, 0));
    archive_destroy(archive);
}
