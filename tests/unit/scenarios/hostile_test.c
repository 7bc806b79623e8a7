/*
 * Files made to hurt: each of the largest size that is read at all must be answered within a second of CPU
 * time (a limit of the process, not of the clock on the wall).
 */
#include <signal.h>
#include <sys/resource.h>

#include "scenarios/source.h"
#include "tests/unit/scenarios/sample.h"

#if defined(__SANITIZE_ADDRESS__)
#define CPU_SECONDS 10
/* Enough to reach every limit but that of the size, which has a case of its own. */
#define TEXT_SIZE (SOURCE_SIZE_MAX / 8)
#else
#define CPU_SECONDS 1
#define TEXT_SIZE SOURCE_SIZE_MAX
#endif
/* A processor that is shared may take several times as long; a reader that is quadratic takes minutes. */
#define BUSY_SECONDS 4

/* A text of `size` bytes: `head`, then `unit` over and over, cut where the size is reached. */
static char *repeated(const char *head, const char *unit, size_t size)
{
    char *text = malloc(size + 1);
    size_t length = strlen(head), step = strlen(unit);
    memcpy(text, head, length);
    for (size_t i = length; i < size; i++)
        text[i] = unit[(i - length) % step];
    text[size] = '\0';
    return text;
}

/* Loads and binds a hostile text; the kernel ends the process when it takes too long. */
static void survive(const char *head, const char *unit)
{
    struct rusage used;
    struct diag *diag = diag_create();
    char *text = repeated(head, unit, TEXT_SIZE);
    getrusage(RUSAGE_SELF, &used);
    rlim_t spent =
        (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec + 2; /* the fractions, rounded up */
    rlim_t seconds = spent + CPU_SECONDS + BUSY_SECONDS;
    struct rlimit limit = {seconds, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_CPU, &limit), 0);
    struct scenario *scenario = scenario_load_text("a.yaml", text, TEXT_SIZE, NULL, diag);
    if (scenario)
        scenario_binding_destroy(scenario_bind(scenario, NULL, &sample_table, diag));
    cr_assert_gt(diag_error_count(diag), 0);
    scenario_destroy(scenario);
    diag_destroy(diag);
    free(text);
}

struct hostile {
    const char *head, *unit;
};

static const struct hostile texts[] = {
    {"", "["},
    {"", "{"},
    {"", "[\n"},
    {"", "- "},
    {"", "? "},
    {"", "{a: "},
    {"a: [", "[],"},
    {"a: [", "x, "},
    {"", "-\n"},
    {"", "a: 1\n"},
    {"", "?\n"},
    {"a: ", "a"},
    {"a: \"", "\\n"},
    {"a: ", "!"},
    {"a:", " "},
    {"a: 1\n", "#\n"},
    {"a: |\n", "  \n"},
    {"a: >\n", "  x\n\n"},
    {"", "%TAG !a! x\n"},
    {"", "--- \n"},
    {"", "&a "},
    {"schema_version: 1\nname: ", "\xc3\xa9"},
    {"schema_version: 1\nnics:\n", "- {}\n"},
    {"schema_version: 1\nnics:\n", "- {zzz: 1}\n"},
    {"schema_version: 1\nseed: 1", "0"},
    {"schema_version: 1\nseed: 0.", "0"},
    {"schema_version: 1\nnics: [{rate: 1Gbps}]\nsweep:\n  - path: ", "a."},
    {"schema_version: 1\nsweep:\n", "  - {path: a, values: [1]}\n"},
    {"schema_version: 1\ncompare: [", "a,"},
    {"schema_version: 1\ninclude: [", "a.yaml,"},
};

Test(hostile, sixteen_megabytes_are_answered_in_time)
{
    for (size_t i = 0; i < PARAM_COUNT(texts); i++)
        survive(texts[i].head, texts[i].unit);
}

Test(hostile, one_byte_more_is_refused)
{
    struct diag *diag = diag_create();
    char *text = repeated("a: ", "[", SOURCE_SIZE_MAX + 1);
    cr_assert_null(scenario_load_text("a.yaml", text, SOURCE_SIZE_MAX + 1, NULL, diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages, "a.yaml: error: too large; allowed: 16MiB with all that is included\n");
    free(messages);
    free(text);
    diag_destroy(diag);
}

Test(hostile, an_endless_file_is_refused)
{
    struct diag *diag = diag_create();
    cr_assert_null(scenario_load("/dev/zero", NULL, diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(
        messages, "/dev/zero: error: cannot read the file: it is too large; allowed: 16MiB with all that is "
                  "included\n");
    free(messages);
    diag_destroy(diag);
}

Test(hostile, many_points_bind_without_reading_files_again)
{
    struct diag *diag = diag_create();
    struct scenario *scenario =
        sample_load("schema_version: 1\n"
                    "nics: [{profile: fast}]\n"
                    "sweep:\n"
                    "  - {path: traffic.rate, from: 1kpps, to: 100kpps, points: 100}\n"
                    "  - {path: seed, from: 1, to: 50, step: 1}\n"
                    "compare: [native, virtio]\n",
                    NULL, diag);
    cr_assert_eq(scenario_point_count(scenario), 10000);
    for (size_t i = 0; i < 10000; i++) {
        struct scenario_binding *binding =
            scenario_bind(scenario, scenario_point(scenario, i), &sample_table, diag);
        cr_assert_eq(((const struct sample_config *)scenario_config(binding))->seed,
                     (int64_t)(i / 2 % 50 + 1));
        scenario_binding_destroy(binding);
    }
    scenario_destroy(scenario);
    diag_destroy(diag);
}
