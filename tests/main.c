/*
 * The entry point of every unit-test program. Criterion's own main would lose to libsystemc's in link order,
 * so each program brings this one; it fails when no test ran at all.
 */
#include <criterion/criterion.h>
#include <stdio.h>

int main(int argc, char *argv[])
{
    struct criterion_test_set *tests = criterion_initialize();
    if (!criterion_handle_args(argc, argv, true)) {
        criterion_finalize(tests);
        return 0;
    }
    size_t count = tests->tests;
    int passed = criterion_run_all_tests(tests);
    criterion_finalize(tests);
    if (count == 0) {
        fprintf(stderr, "no test ran\n");
        return 1;
    }
    return passed ? 0 : 1;
}
