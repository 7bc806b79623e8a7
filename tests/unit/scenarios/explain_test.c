#include "tests/unit/scenarios/sample.h"

/* The dump of a text; a point's when `point` >= 0. To be freed. */
static char *explain(const char *text, const char *const *sets, int point)
{
    struct diag *diag = diag_create();
    struct scenario *scenario = sample_load(text, sets, diag);
    char *dump = NULL;
    size_t size;
    cr_assert_not_null(scenario);
    FILE *stream = open_memstream(&dump, &size);
    cr_assert(scenario_explain(scenario, point < 0 ? NULL : scenario_point(scenario, (size_t)point),
                               &sample_table, stream, diag));
    fclose(stream);
    cr_assert_eq(diag_error_count(diag), 0);
    scenario_destroy(scenario);
    diag_destroy(diag);
    return dump;
}

/* Asserts that the dump has a line that starts with `start` and ends with the comment `origin`. */
static void expect_line(const char *dump, const char *start, const char *origin)
{
    const char *line = dump;
    for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        size_t length = strcspn(line, "\n"), tail = strlen(origin);
        if (strncmp(line, start, strlen(start)) == 0 && length > tail &&
            strncmp(line + length - tail, origin, tail) == 0)
            return;
    }
    cr_assert_fail("no line `%s ... %s` in\n%s", start, origin, dump);
}

static const char text[] = "schema_version: 1\n"
                           "name: demo\n"
                           "description: |\n  one \"two\"\n  three\n"
                           "host: {cores: 2}\n"
                           "costs:\n"
                           "  exit: {value: 900cycles, source: \"table 3, x\", evidence: measured}\n"
                           "nics:\n"
                           "  - {profile: fast, name: \"eth: 0\"}\n"
                           "  - {rate: 1Gbps, moderation: {model: itr}}\n"
                           "traffic: {sizes: [64B, 0], arrival: poisson, capture: x.pcap}\n"
                           "sweep:\n"
                           "  - {path: traffic.rate, values: [1kpps, 2kpps]}\n"
                           "compare: [native, {name: b, set: {\"nics[0].queues\": 2}}]\n"
                           "expect: [{metric: a, min: 1, because: \"b\\tc\"}]\n";

static const char *const sets[] = {"host.frequency=1GHz", NULL};

Test(explain, every_value_has_its_origin)
{
    char *dump = explain(text, sets, -1);
    expect_line(dump, "name: demo ", "# a.yaml:2");
    expect_line(dump, "description: \"one \\\"two\\\"\\nthree\\n\"", "# a.yaml:3");
    expect_line(dump, "seed: 1 ", "# default");
    expect_line(dump, "  cores: 2 ", "# a.yaml:6");
    expect_line(dump, "  frequency: 1GHz ", "# --set");
    expect_line(dump, "  exit: {value: 900cycles, source: \"table 3, x\", evidence: measured}", "# a.yaml:8");
    expect_line(dump, "  copy: 0.25cycles/B ", "# default");
    expect_line(dump, "  # profile fast", "fast");
    expect_line(dump, "  - name: \"eth: 0\"", "# a.yaml:10");
    expect_line(dump, "    rate: 100Gbps", "nics/fast.yaml:3");
    expect_line(dump, "      model: itr", "# a.yaml:11");
    expect_line(dump, "      interval: 50us", "# default");
    expect_line(dump, "  sizes: [64B, 0]", "# a.yaml:12");
    expect_line(dump, "    model: poisson", "# a.yaml:12");
    expect_line(dump, "  capture: x.pcap", "# a.yaml:12");
    expect_line(dump, "  - path: traffic.rate", "# a.yaml:14");
    expect_line(dump, "      \"nics[0].queues\": 2", "# a.yaml:15");
    free(dump);
}

/* Cuts the comments, which name another file after a second round. */
static void cut_comments(char *dump)
{
    char *to = dump;
    for (const char *at = dump; *at;) {
        const char *end = at + strcspn(at, "\n"), *comment = strstr(at, "# ");
        if (comment && comment < end) {
            const char *last = comment;
            while (last > at && last[-1] == ' ')
                last--;
            memmove(to, at, (size_t)(last - at));
            to += last - at;
        } else {
            memmove(to, at, (size_t)(end - at));
            to += end - at;
        }
        if (to > dump && to[-1] != '\n')
            *to++ = '\n';
        at = *end ? end + 1 : end;
    }
    *to = '\0';
}

Test(explain, the_dump_loads_again_and_is_the_same)
{
    for (int point = -1; point < 4; point++) {
        char *first = explain(text, sets, point), *second = explain(first, NULL, -1);
        cut_comments(first);
        cut_comments(second);
        cr_assert_str_eq(first, second);
        cr_assert_gt(strlen(first), 300);
        free(first);
        free(second);
    }
}

Test(explain, the_dump_binds)
{
    char *dump = explain(text, sets, 3), *messages = sample_check(dump, NULL);
    cr_assert_str_eq(messages, "");
    free(messages);
    expect_line(dump, "  rate: 2kpps", "# a.yaml:14");
    expect_line(dump, "    queues: 2", "# a.yaml:15");
    cr_assert_null(strstr(dump, "sweep:"));
    free(dump);
}

Test(explain, all_that_yaml_could_misread_is_quoted)
{
    static const char *const names[] = {"-",  "- a", "a: b", "#x",       "a #b", "[x",   "{",   "&a", "*a",
                                        "!a", "%a",  "@a",   "`a",       "'a",   "\"a",  "~",   "<<", ",",
                                        "?",  "? a", "a\nb", "a\tb",     " a",   "a ",   "\\n", "=",  "---",
                                        ".",  "|",   ">",    "\xc3\xa9", "a:",   "null", ""};
    for (size_t i = 0; i < PARAM_COUNT(names); i++) {
        struct diag *diag = diag_create();
        struct scenario *scenario = sample_load(SAMPLE_HEAD "name: x\n", NULL, diag);
        char set[64], *dump = NULL;
        size_t size;
        snprintf(set, sizeof(set), "name='%s%s'", names[i][0] == '\'' ? "'" : "", names[i]);
        scenario_destroy(scenario);
        if (strchr(names[i], '\n') || strchr(names[i], '\t'))
            snprintf(set, sizeof(set), "name=\"%s\"", names[i][1] == '\n' ? "a\\nb" : "a\\tb");
        const char *const one[] = {set, NULL};
        scenario = sample_load(SAMPLE_HEAD, one, diag);
        cr_assert_not_null(scenario, "%s", set);
        FILE *stream = open_memstream(&dump, &size);
        cr_assert(scenario_explain(scenario, NULL, &sample_table, stream, diag));
        fclose(stream);
        scenario_destroy(scenario);
        scenario = sample_load(dump, NULL, diag);
        cr_assert_not_null(scenario, "%s", dump);
        cr_assert_str_eq(scenario_experiment(scenario)->name, names[i]);
        scenario_destroy(scenario);
        free(dump);
        diag_destroy(diag);
    }
}
